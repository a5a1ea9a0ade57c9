"""Datasets in the formats that others use: what is read, and the sentences about decisions."""

import gzip
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from formats import squares, write_csv
from hypothesis import given
from hypothesis import strategies as st

from core import Reading
from core.data import dataset
from core.errors import DataError

IMAGES, LABELS = squares()
TEST_IMAGES, TEST_LABELS = squares(12, seed=1)


def fault(path, reading=None):
    """The error about a dataset, checked to be one line."""
    with pytest.raises(DataError) as caught:
        dataset.load(path, reading)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def notes(data):
    return "\n".join(data.notes)


def same(data):
    """Whether a dataset is the one of this file."""
    parts = (data.train_images, data.train_labels, data.test_images, data.test_labels)
    expected = (IMAGES, LABELS, TEST_IMAGES, TEST_LABELS)
    return all(np.array_equal(*pair) for pair in zip(parts, expected, strict=True))


@pytest.fixture
def idx_names(tmp_path, idx_bytes):
    """Writes the dataset of this file as IDX files of given names."""

    def write(names, directory=tmp_path, zipped=False, arrays=None):
        directory.mkdir(parents=True, exist_ok=True)
        arrays = arrays or (IMAGES, LABELS, TEST_IMAGES, TEST_LABELS)
        for name, array in zip(names, arrays, strict=True):
            content = idx_bytes(array)
            path = directory / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(gzip.compress(content) if zipped else content)
        return directory

    return write


MNIST = (
    *("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    *("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
)
EMNIST = (
    *("{}train-images-idx3-ubyte", "{}train-labels-idx1-ubyte"),
    *("{}test-images-idx3-ubyte", "{}test-labels-idx1-ubyte"),
)


@pytest.mark.parametrize(
    "names",
    [
        MNIST,
        tuple(name.replace("-idx", ".idx") for name in MNIST),
        tuple(f"{name}/{name}" for name in MNIST),
        tuple(f"{name.replace('-idx', '.idx')}/{name}" for name in MNIST),
        tuple(name.format("") for name in EMNIST),
    ],
    ids=["hyphens", "dots", "folders", "folders of dots", "test"],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_idx_files_are_found_under_all_their_names(idx_names, names, zipped):
    data = dataset.load(idx_names(names, zipped=zipped))
    assert same(data)
    assert data.notes == ()


def test_compressed_idx_files_may_end_in_gz(idx_names):
    data = dataset.load(idx_names([f"{name}.gz" for name in MNIST], zipped=True))
    assert same(data)
    assert data.notes == ()


def test_torchvision_keeps_idx_files_in_raw(tmp_path, idx_names):
    raw = idx_names(MNIST, tmp_path / "FashionMNIST" / "raw")
    for path in (raw, raw.parent, tmp_path):
        data = dataset.load(path)
        assert same(data)
        assert data.name == "FashionMNIST"
    idx_names(MNIST, tmp_path / "KMNIST" / "raw")
    assert "choose one with --subset: FashionMNIST, KMNIST" in fault(tmp_path)
    assert dataset.load(tmp_path, Reading("kmnist")).name == "KMNIST"


def test_one_of_several_sets_is_chosen_by_name_and_stood_up(tmp_path, idx_names):
    for subset in ("letters", "digits"):
        idx_names([name.format(f"emnist-{subset}-") for name in EMNIST], tmp_path / "gzip")
    message = fault(tmp_path)
    assert dataset.load(tmp_path, Reading("letters")).name == "emnist-letters"
    assert message == f"{tmp_path} has several sets; choose one with --subset: digits, letters"
    assert "has no set bylaw; --subset can be digits, letters" in fault(tmp_path, Reading("bylaw"))
    data = dataset.load(tmp_path, Reading("letters"))
    assert np.array_equal(data.train_images, IMAGES.swapaxes(1, 2))
    assert "The images were transposed" in notes(data)
    data = dataset.load(tmp_path, Reading("emnist-letters", transpose=False))
    assert np.array_equal(data.train_images, IMAGES)


def test_images_can_be_transposed_by_hand(idx_names):
    data = dataset.load(idx_names(MNIST), Reading(transpose=True))
    assert np.array_equal(data.test_images, TEST_IMAGES.swapaxes(1, 2))


def test_labels_from_1_become_classes_from_0_and_keep_their_names(idx_names):
    arrays = (IMAGES, LABELS + 1, TEST_IMAGES, TEST_LABELS + 1)
    data = dataset.load(idx_names(MNIST, arrays=arrays))
    assert same(data)
    assert data.class_names == ("1", "2", "3")
    assert data.notes == ("Labels 1 to 3 became classes 0 to 2.",)


def test_of_the_labels_of_qmnist_the_first_column_is_taken(tmp_path, idx_names, idx_bytes):
    directory = idx_names([f"qmnist-{name}" for name in MNIST[:1]], arrays=(IMAGES,))
    table = np.random.default_rng(0).integers(2, 9000, (60, 8)).astype(">i4")
    table[:, 0] = LABELS
    content = bytes((0, 0, 0xC)) + idx_bytes(table)[3:]
    (directory / "qmnist-train-labels-idx2-int.gz").write_bytes(gzip.compress(content))
    data = dataset.load(directory)
    assert "The labels have 8 columns, as in QMNIST; the first one is the class." in data.notes
    assert len(data.notes) == len(set(data.notes))
    assert sorted(np.concatenate((data.train_labels, data.test_labels))) == sorted(LABELS)


@pytest.mark.parametrize("header", [True, False])
def test_a_csv_file_of_kaggle_has_its_test_images_beside_it(tmp_path, header):
    path = write_csv(tmp_path / "fashion-mnist_train.csv", IMAGES, LABELS, header)
    write_csv(tmp_path / "fashion-mnist_test.csv", TEST_IMAGES, TEST_LABELS, header)
    for place in (path, tmp_path):
        data = dataset.load(place)
        assert same(data)
        assert data.notes == ("The test images come from fashion-mnist_test.csv.",)


def test_a_test_file_without_labels_is_left_out(tmp_path):
    path = write_csv(tmp_path / "train.csv", IMAGES, LABELS)
    text = write_csv(tmp_path / "all.csv", TEST_IMAGES, TEST_LABELS).read_text()
    (tmp_path / "all.csv").unlink()
    lines = [line.partition(",")[2] for line in text.splitlines()]
    (tmp_path / "test.csv").write_text("\n".join(lines))
    data = dataset.load(path)
    assert data.notes[0] == "test.csv was skipped, because it has no labels."
    assert (len(data.train_images), len(data.test_images)) == (48, 12)
    assert "has no labels: its header names only pixels" in fault(tmp_path / "test.csv")


def test_one_csv_file_is_split_the_same_way_each_time(tmp_path):
    path = write_csv(tmp_path / "letters.csv", IMAGES, LABELS, names=["y", "b", "🥾"], header=False)
    first, again = dataset.load(path), dataset.load(path)
    assert np.array_equal(first.test_images, again.test_images)
    assert first.class_names == ("b", "y", "🥾")
    assert np.bincount(first.test_labels).tolist() == [4, 4, 4]
    assert first.notes == (
        "The files have no test set: 12 of the 60 images became one, in a stratified split with "
        "seed 0.",
    )


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("label", ["label", ""])
def test_the_columns_of_a_csv_file_may_be_called_by_numbers(tmp_path, first, label):
    path = write_csv(tmp_path / "a.csv", IMAGES, LABELS)
    expected = dataset.load(path)
    lines = path.read_text().splitlines()
    lines[0] = ",".join((label or "label", *map(str, range(first, 36 + first))))
    if not label:  # as pandas writes it, with its index
        lines = [f",{lines[0]}", *(f"{n},{line}" for n, line in enumerate(lines[1:]))]
    path.write_text("\n".join(lines))
    assert np.array_equal(dataset.load(path).train_images, expected.train_images)


def test_a_csv_file_may_be_gzipped_quoted_and_written_with_an_index(tmp_path):
    text = write_csv(tmp_path / "a.csv", IMAGES, LABELS).read_text()
    lines = text.splitlines()
    quoted = [
        f'"{n}",' + ",".join(f'"{c}"' for c in line.split(",")) for n, line in enumerate(lines)
    ]
    quoted[0] = quoted[0].replace('"0"', '""', 1)
    path = tmp_path / "b.csv.gz"
    path.write_bytes(gzip.compress("\r\n".join(quoted).encode("utf-8-sig")))
    read, plain = dataset.load(path), dataset.load(tmp_path / "a.csv")
    assert np.array_equal(read.train_images, plain.train_images)
    assert read.notes[0] == "The first column, which numbers the lines, was skipped."


def test_a_csv_file_without_a_header_may_start_with_a_byte_order_mark(tmp_path):
    path = write_csv(tmp_path / "train.csv", IMAGES, LABELS, header=False)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert dataset.load(path).class_names == ("0", "1", "2")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_a_csv_file_in_utf_16_is_read_as_excel_writes_it(tmp_path, encoding, ending):
    plain = write_csv(tmp_path / "plain.csv", IMAGES, LABELS, names=["Ä", "o", "u"])
    content = plain.read_text("utf-8").encode(encoding)
    path = tmp_path / f"wide.{ending}"
    path.write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
    wide, expected = dataset.load(path), dataset.load(plain)
    assert np.array_equal(wide.train_images, expected.train_images)
    assert np.array_equal(wide.train_labels, expected.train_labels)
    assert wide.class_names == expected.class_names == ("o", "u", "Ä")
    assert wide.notes == (f"wide.{ending} was read as {encoding[:6].upper()}.", *expected.notes)


def test_an_unusable_csv_file_in_utf_16_is_told_why(called, tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("label\tpixel1\tpixel2\n1\t2\t3\n", "utf-16")
    done = called("data", str(path))
    assert done.returncode == 2
    assert done.stderr.endswith("has tabs between its values: save it as CSV with commas\n")
    assert done.stderr.count("\n") == 1


def test_a_test_file_with_images_of_another_size_is_left_out_for_that(tmp_path):
    path = write_csv(tmp_path / "train.csv", IMAGES, LABELS)
    write_csv(tmp_path / "test.csv", TEST_IMAGES[:, :5, :5], TEST_LABELS)
    reason = "test.csv was skipped, because it has 25 pixels per image, not 36."
    assert reason in dataset.load(path).notes


def test_emnist_names_its_classes_in_a_mapping_beside_the_set(tmp_path, idx_names):
    names = [name.format("emnist-letters-") for name in EMNIST]
    idx_names(names, arrays=(IMAGES, LABELS + 1, TEST_IMAGES, TEST_LABELS + 1))
    mapping = tmp_path / "emnist-letters-mapping.txt"
    mapping.write_text("1 65 97\n2 66 98\n3 67 99 \n")
    data = dataset.load(tmp_path)
    assert data.class_names == ("A", "B", "C")
    assert "The class names come from emnist-letters-mapping.txt." in data.notes
    # One that does not fit is left out, and names of one's own come first.
    for wrong in ("1 65\n2 66\n", "0 48\n1 49\n2 50\n3 51\n", "1 65\n2 x\n3 67\n", "1\n2\n3\n", ""):
        mapping.write_text(wrong)
        data = dataset.load(tmp_path)
        assert data.class_names == ("1", "2", "3")
        assert f"{mapping.name} was skipped, because it does not fit the labels." in data.notes
    (tmp_path / "labels.txt").write_text("x\ny\nz\n")
    assert dataset.load(tmp_path).class_names == ("x", "y", "z")


def test_the_sides_in_the_header_of_one_of_two_csv_files_are_enough(tmp_path):
    path = write_csv(tmp_path / "train.csv", IMAGES, LABELS)
    path.write_text(path.read_text().replace("pixel36", "6x6", 1))
    write_csv(tmp_path / "test.csv", TEST_IMAGES, TEST_LABELS)
    assert same(dataset.load(path))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [*lines[:4], lines[4] + ",7", *lines[5:]], "line 5: 38 values, not 37"),
        (lambda lines: [*lines[:4], lines[4][:-1] + "x", *lines[5:]], "line 5: “"),
        (
            lambda lines: [*lines[:2], lines[2].rpartition(",")[0] + ",", *lines[3:]],
            "an empty cell",
        ),
        (lambda lines: [*lines[:2], lines[2].rpartition(",")[0] + ",nan"], "pixels that are NaN"),
        (lambda lines: [*lines[:2], lines[2].rpartition(",")[0] + ",256"], "pixels from 0 to 256"),
        (lambda lines: [*lines[:2], lines[2].rpartition(",")[0] + ",1_0"], "“1_0” is not a number"),
        (lambda lines: [*lines[:2], lines[2].rpartition(",")[0] + ",1\r,"], "values, not 37"),
        (
            lambda lines: [lines[0], lines[1][:2] + "\r" + lines[1][2:]],
            "not all values of lines 2 to",
        ),
        (lambda lines: lines[:1], "has a header, but no images"),
        (lambda lines: [], "is empty"),
        (lambda lines: [line[:1] for line in lines], "has one column"),
        (lambda lines: [line.rpartition(",")[0] for line in lines], "which is not a square number"),
        (lambda lines: ["<!DOCTYPE html><html><body>a, b"], "is a web page"),
    ],
)
def test_a_csv_file_that_cannot_be_used_is_told_why(tmp_path, change, message):
    path = write_csv(tmp_path / "a.csv", IMAGES, LABELS)
    path.write_bytes("\n".join(change(path.read_text().splitlines())).encode())
    assert message in fault(path)
    assert str(path) in fault(path)


def npz(path, **arrays):
    np.savez_compressed(path, **arrays)
    return path


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("X_train", "Y_train", "X_test", "Y_test"),
    ],
)
def test_npz_files_have_the_names_of_keras_or_medmnist(tmp_path, names):
    arrays = (IMAGES, LABELS, TEST_IMAGES, TEST_LABELS)
    path = npz(tmp_path / "a.npz", **dict(zip(names, arrays, strict=True)))
    for place in (path, tmp_path):
        assert same(dataset.load(place))


def test_kuzushiji_49_has_a_file_for_each_array(tmp_path):
    names = ("train-imgs", "train-labels", "test-imgs", "test-labels")
    arrays = (IMAGES, LABELS, TEST_IMAGES, TEST_LABELS)
    for name, array in zip(names, arrays, strict=True):
        np.savez_compressed(tmp_path / f"k49-{name}.npz", array)
    data = dataset.load(tmp_path)
    assert same(data)
    assert data.name == "k49"
    assert same(dataset.load(tmp_path / "k49-train-imgs.npz"))


def test_validation_images_of_medmnist_join_the_training_images(tmp_path):
    path = npz(
        tmp_path / "a.npz",
        train_images=IMAGES,
        train_labels=LABELS[:, None],
        val_images=TEST_IMAGES,
        val_labels=TEST_LABELS[:, None],
        test_images=TEST_IMAGES,
        test_labels=TEST_LABELS[:, None],
    )
    data = dataset.load(path)
    assert len(data.train_images) == 72
    assert "The labels are a table with one column, whose values are the classes." in data.notes
    assert len(data.notes) == len(set(data.notes))
    assert "The 12 validation images of the files were added to the training images" in notes(data)
    assert "Test images that are also training images: 12." in data.notes


def test_validation_images_are_the_test_images_if_there_are_no_others(tmp_path):
    arrays = {"x_train": IMAGES, "y_train": LABELS, "x_val": TEST_IMAGES, "y_val": TEST_LABELS}
    data = dataset.load(npz(tmp_path / "a.npz", **arrays))
    assert same(data)
    assert data.notes == (
        "The files have validation images, but no test images: the 12 validation images became the "
        "test set.",
    )


COLORS = np.random.default_rng(2).integers(0, 256, (60, 6, 6, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("images", "expected", "note"),
    [
        (IMAGES.reshape(60, 36), IMAGES, ""),
        (IMAGES[..., None], IMAGES, ""),
        (IMAGES[:, None], IMAGES, ""),
        (IMAGES * 0.0, IMAGES * 0, "All pixels are 0: the images do not differ."),
        (IMAGES.astype(np.int64), IMAGES, ""),
        (np.asfortranarray(IMAGES), IMAGES, ""),
        (IMAGES / 255, IMAGES, "Pixels from 0 to 1 were multiplied by 255, which"),
        (
            (IMAGES / 255).astype(np.float32),
            IMAGES,
            "Pixels from 0 to 1 were multiplied by 255, which",
        ),
        (IMAGES * 257.0 / 65535, IMAGES, "multiplied by 255, which makes white 255."),
        (IMAGES.astype(np.uint16) * 257, IMAGES, "were multiplied by 0.00389105,"),
        (IMAGES > 127, (IMAGES > 127) * 255, "Pixels from 0 to 1 were multiplied by 255, which"),
        (IMAGES // 16, IMAGES // 16 * 17, "Pixels from 0 to 15 were multiplied by 17,"),
        (
            COLORS,
            np.rint(COLORS @ [0.299, 0.587, 0.114]),
            "Colors were converted to grayscale by luminance, 0.299 R + 0.587 G + 0.114 B.",
        ),
        (
            np.moveaxis(COLORS, 3, 1),
            np.rint(COLORS @ [0.299, 0.587, 0.114]),
            "Colors were converted to grayscale",
        ),
        (
            np.concatenate((COLORS, np.zeros((60, 6, 6, 1), np.uint8)), axis=3),
            np.zeros((60, 6, 6)),
            "Transparent pixels became black.",
        ),
    ],
)
def test_other_types_ranges_shapes_and_colors_become_gray_bytes(tmp_path, images, expected, note):
    arrays = {"x_train": images, "y_train": LABELS, "x_test": images[:9], "y_test": LABELS[:9]}
    data = dataset.load(npz(tmp_path / "a.npz", **arrays))
    difference = data.train_images.astype(float) - expected
    assert np.abs(difference).max() <= (images.ndim == 4 and 3 in images.shape)  # rounded halves
    assert np.array_equal(data.test_images, data.train_images[:9])
    assert note in notes(data)
    assert len(data.notes) == 1 + bool(note) + ("Transparent" in note)


ONE_HOT = np.eye(3)[LABELS]
MULTI_LABEL = np.random.default_rng(3).integers(0, 2, (60, 14))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"x_train": np.where(IMAGES == 3, np.nan, IMAGES)},
            "x_train has pixels that are NaN",
        ),
        ({"x_train": np.where(IMAGES == 3, np.inf, IMAGES)}, "has pixels that are infinite"),
        ({"x_train": IMAGES / 127.5 - 1}, "has pixels from -1 to 1; scale them to 0 to 255"),
        ({"x_test": IMAGES / 255, "y_test": LABELS}, "x_test has pixels up to 1, but others go"),
        ({"x_train": IMAGES * 2.0}, "has pixels from 0 to 510; scale them"),
        ({"x_train": IMAGES.astype(complex)}, "values of the type complex128; pixels are numbers"),
        ({"x_train": IMAGES.astype(object)}, "holds pickled objects, which can run code"),
        ({"x_train": IMAGES[:, :, :, None, None]}, "has the shape (60, 6, 6, 1, 1); images are"),
        ({"x_train": IMAGES[:0], "y_train": LABELS[:0]}, "is empty: its shape is (0, 6, 6)"),
        ({"y_train": ONE_HOT}, "one-hot, of the shape (60, 3); store their argmax(axis=1)"),
        ({"y_train": MULTI_LABEL}, "the labels are multi-label, several classes for an image"),
        ({"y_train": LABELS[1:]}, "has 59 labels for 60 images"),
        ({"y_train": LABELS + 0.5}, "not all labels are whole numbers"),
        ({"y_train": np.arange(60) * 9, "x_train": IMAGES}, ""),
        ({"y_train": np.zeros(60, "M8[s]")}, "are neither numbers nor words"),
        ({"y_train": np.stack([LABELS] * 3, axis=1)}, "the labels have 3 columns; each image"),
    ],
)
def test_arrays_that_cannot_be_used_are_named_for_what_they_are(tmp_path, arrays, message):
    path = npz(tmp_path / "a.npz", **{"x_train": IMAGES, "y_train": LABELS, **arrays})
    if message:
        assert message in fault(path)
        assert str(path) in fault(path)
    else:
        assert len(dataset.load(path).class_names) == 60


@pytest.mark.parametrize("kind", ["U", "S"])
def test_labels_of_an_npz_file_can_be_words(tmp_path, kind):
    words = np.array(["tea", "cup", "pot"], kind)
    data = dataset.load(npz(tmp_path / "a.npz", images=IMAGES, labels=words[LABELS]))
    assert data.class_names == ("cup", "pot", "tea")


def test_labels_of_other_values_become_classes_with_these_names(tmp_path):
    values = np.array([-5, 300, 7])
    data = dataset.load(npz(tmp_path / "a.npz", images=IMAGES, labels=values[LABELS]))
    assert data.class_names == ("-5", "7", "300")
    assert "have 3 different values, which became the classes 0 to 2." in notes(data)


def test_a_class_without_images_and_classes_of_different_size_are_said(tmp_path):
    labels = np.array([0] * 45 + [3] * 10 + [1] * 5)
    data = dataset.load(npz(tmp_path / "a.npz", images=IMAGES, labels=labels))
    assert "Classes without training images: 2." in data.notes
    assert "The largest class has 36 training images and the smallest 4: balanced" in notes(data)


def test_257_classes_are_too_many_in_any_format(tmp_path):
    images, _ = squares(257, 257)
    path = npz(tmp_path / "a.npz", images=images, labels=np.arange(257))
    assert "the labels have 257 classes; there must be 2 to 256" in fault(path)


def test_a_single_class_is_too_few(tmp_path):
    path = npz(tmp_path / "a.npz", images=IMAGES, labels=np.zeros(len(IMAGES), int))
    assert "the labels have 1 class; there must be 2 to 256" in fault(path)


def test_an_npz_file_needs_arrays_with_known_names(tmp_path):
    path = npz(tmp_path / "a.npz", a=IMAGES, b=LABELS)
    assert "has no training images: it should have arrays such as x_train or train_imag" in fault(
        path
    )
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "is a ZIP archive, but has no arrays" in fault(tmp_path / "b.zip")


def test_an_array_that_promises_more_than_memory_holds_is_refused(tmp_path):
    header = io.BytesIO()
    shape = {"descr": "|u1", "fortran_order": False, "shape": (10**9, 28, 28)}
    np.lib.format.write_array_header_1_0(header, shape)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x_train.npy", header.getvalue())
        archive.writestr("y_train.npy", header.getvalue())
    assert "takes 784.0 GB; at most 2 GB can be read" in fault(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "header", [b"{'descr': (", b"1/0", b"(" * 900, b"{'descr': '|u1', 'shape': 3}"]
)
def test_a_damaged_header_of_an_array_is_a_data_error(tmp_path, header):
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x_train.npy", content)
        archive.writestr("y_train.npy", content)
    assert "is damaged: it has no header of an array" in fault(tmp_path / "a.npz")


def test_a_directory_with_nothing_to_read_says_what_it_should_have(tmp_path):
    (tmp_path / "readme.txt").touch()
    assert "has no images; it should have four IDX files named like MNIST's, a .csv" in fault(
        tmp_path
    )


def test_one_image_is_too_few(tmp_path):
    path = npz(tmp_path / "a.npz", images=IMAGES[:2], labels=LABELS[:2])
    assert fault(path) == f"{path} has too few images to train on: at least 3 are needed"
    assert len(dataset.load(npz(path, images=IMAGES[:3], labels=LABELS[:3])).train_images) == 2


@given(
    ending=st.sampled_from([".csv", ".csv.gz", ".npz"]),
    at=st.floats(0, 1, exclude_max=True),
    change=st.binary(max_size=6),
    cut=st.booleans(),
)
def test_a_damaged_file_is_a_data_error_or_harmless(tmp_path_factory, ending, at, change, cut):
    path = tmp_path_factory.getbasetemp() / f"damaged{ending}"
    if ending == ".npz":
        npz(path, images=IMAGES, labels=LABELS)
    else:
        content = write_csv(path, IMAGES, LABELS).read_bytes()
        path.write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
    content = bytearray(path.read_bytes())
    place = int(at * len(content))
    content[place : None if cut else place + len(change)] = change
    path.write_bytes(content)
    try:
        data = dataset.load(path)
    except DataError:
        return
    assert data.train_images.dtype == np.uint8
    assert max(data.train_labels.max(), data.test_labels.max()) < len(data.class_names)


def test_what_a_person_says_about_the_files_is_checked():
    for values in ({"size": 0}, {"size": True}, {"size": "28"}, {"subset": 3}):
        with pytest.raises(DataError):
            Reading(**values)
    with pytest.raises(DataError, match=r"^transpose: "):
        Reading(transpose="no")
    assert replace(Reading(), subset="letters").as_dict() == {"subset": "letters"}
    changed = Reading("letters", 32, False)
    assert Reading.from_dict(changed.as_dict()) == changed
