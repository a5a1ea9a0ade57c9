"""A directory of four IDX files: which can be used, and the errors about the others."""

import gzip
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import dataset
from core.errors import DataError

FILES = {
    "train-images-idx3-ubyte": "train_images",
    "train-labels-idx1-ubyte": "train_labels",
    "t10k-images-idx3-ubyte": "test_images",
    "t10k-labels-idx1-ubyte": "test_labels",
}


def fault(directory):
    """The error about a directory, checked to be one line with the path."""
    with pytest.raises(DataError) as caught:
        dataset.load(directory)
    message = str(caught.value)
    assert str(directory) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("classes", [2, 64, 256])
@pytest.mark.parametrize("shape", [(1, 1), (3, 9)])
def test_other_sizes_and_classes_can_be_used(
    tmp_path, write_directory, make_dataset, shape, classes, zipped
):
    written = make_dataset(train=513, test=70, classes=classes, shape=shape)
    read = dataset.load(write_directory(tmp_path, written, zipped))
    for name in FILES.values():
        assert np.array_equal(getattr(read, name), getattr(written, name))
    assert read.class_names == tuple(str(label) for label in range(classes))


def test_labels_txt_names_the_classes(tmp_path, write_directory, tiny):
    directory = write_directory(tmp_path, tiny, names=["Äpfel", " Birnen ", "[b]Nüsse", "nie", ""])
    assert dataset.load(directory).class_names == ("Äpfel", "Birnen", "[b]Nüsse", "nie")


def test_a_missing_directory_is_named(tmp_path):
    assert "does not exist" in fault(tmp_path / "nowhere")


def test_a_file_in_place_of_the_directory_is_named(tmp_path):
    path = tmp_path / "file"
    path.touch()
    assert "is empty" in fault(path)
    path.write_bytes(b"hello")
    assert "is not a dataset; expected four IDX files" in fault(path)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named_with_both_its_names(tiny_directory, name):
    (tiny_directory / name).unlink()
    assert fault(tiny_directory) == f"{tiny_directory / name} is missing, and so is {name}.gz"


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_named_with_its_fault(tiny_directory, name):
    path = tiny_directory / name
    path.write_bytes(path.read_bytes()[:-5])
    assert fault(tiny_directory).startswith(f"{path} is truncated")


@pytest.mark.parametrize("part", ["train", "test"])
def test_there_is_one_label_for_each_image(tmp_path, write_directory, tiny, part):
    labels = getattr(tiny, f"{part}_labels")
    wrong = replace(tiny, **{f"{part}_labels": labels[:-1]})
    message = fault(write_directory(tmp_path, wrong))
    assert f"has {len(labels) - 1} labels for {len(labels)} images" in message


def test_training_and_test_images_have_one_size(tmp_path, write_directory, tiny):
    message = fault(write_directory(tmp_path, replace(tiny, test_images=tiny.test_images[:, 1:])))
    assert "the training images are 6×5 pixels and the test images 5×5" in message


@pytest.mark.parametrize("part", ["train", "test"])
def test_every_label_has_a_name(tmp_path, write_directory, tiny, part):
    labels = getattr(tiny, f"{part}_labels").copy()
    labels[-1] = 3
    wrong = replace(tiny, **{f"{part}_labels": labels})
    directory = write_directory(tmp_path, wrong, names=["a", "b", "c"])
    path = directory / "labels.txt"
    assert fault(directory).startswith(f"{path} names 3 classes, but the largest label is 3")


@pytest.mark.parametrize(
    ("encoding", "called"),
    [
        ("latin-1", "Latin-1"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
def test_labels_txt_may_be_in_another_encoding_which_is_said(tiny_directory, encoding, called):
    (tiny_directory / "labels.txt").write_bytes("Äpfel\nBirnen\nNüsse\n".encode(encoding))
    data = dataset.load(tiny_directory)
    assert data.class_names == ("Äpfel", "Birnen", "Nüsse")
    assert data.notes == (f"labels.txt was read as {called}.",)


def test_joined_emoji_and_letters_in_names_stand_beside_each_other(tiny_directory):
    names = "👩\u200d👩\u200d👧\nمی\u200cخواهم\n❤\ufe0f\n"
    (tiny_directory / "labels.txt").write_text(names, encoding="utf-8")
    assert dataset.load(tiny_directory).class_names == ("👩👩👧", "میخواهم", "❤")


def test_labels_txt_may_begin_with_the_byte_order_mark_of_windows(tiny_directory):
    (tiny_directory / "labels.txt").write_text("a\nb\nc\n", encoding="utf-8-sig")
    assert dataset.load(tiny_directory).class_names == ("a", "b", "c")


def test_a_link_that_cannot_be_followed_is_a_data_error(tiny_directory):
    (tiny_directory / "t10k-labels-idx1-ubyte").unlink()
    (tiny_directory / "t10k-labels-idx1-ubyte").symlink_to("x" * 300)
    assert "t10k-labels-idx1-ubyte" in fault(tiny_directory)


def test_labels_txt_may_not_be_a_directory(tiny_directory):
    (tiny_directory / "labels.txt").mkdir()
    assert f"{tiny_directory / 'labels.txt'} cannot be read" in fault(tiny_directory)


def test_257_classes_are_too_many(tmp_path, write_directory, make_dataset):
    data = make_dataset(train=520, test=70, classes=256)
    names = [f"class {number}" for number in range(257)]
    assert "names 257 classes; there must be 2 to 256" in fault(
        write_directory(tmp_path, data, names=names)
    )


def test_images_without_pixels_are_refused(tmp_path, write_directory, tiny):
    message = fault(write_directory(tmp_path, replace(tiny, train_images=tiny.train_images[:, :0])))
    assert "has no pixels" in message


@given(name=st.sampled_from(list(FILES)), zipped=st.booleans(), content=st.binary(max_size=200))
def test_any_bytes_in_place_of_a_file_are_a_data_error(
    tmp_path_factory, write_directory, tiny, name, zipped, content
):
    # A directory of its own for each name, as hypothesis gives no new one to each example.
    directory = write_directory(tmp_path_factory.getbasetemp() / f"any-{name}", tiny, zipped=True)
    (directory / name).unlink(missing_ok=True)
    (directory / f"{name}{'.gz' if zipped else ''}").write_bytes(content)
    with pytest.raises(DataError):
        dataset.load(directory)


@given(
    name=st.sampled_from(list(FILES)),
    zipped=st.booleans(),
    at=st.floats(0, 1, exclude_max=True),
    byte=st.integers(0, 255),
)
def test_one_wrong_byte_is_a_data_error_or_harmless(
    tmp_path_factory, write_directory, idx_bytes, tiny, name, zipped, at, byte
):
    directory = write_directory(tmp_path_factory.getbasetemp() / f"byte-{name}", tiny, zipped=True)
    content = bytearray(idx_bytes(getattr(tiny, FILES[name])))
    if zipped:
        content = bytearray(gzip.compress(content))
    content[int(at * len(content))] = byte
    (directory / name).unlink(missing_ok=True)
    (directory / f"{name}{'.gz' if zipped else ''}").write_bytes(content)
    try:
        read = dataset.load(directory)
    except DataError:
        return
    assert read.train_images.shape == tiny.train_images.shape
    assert max(read.train_labels.max(), read.test_labels.max()) < len(read.class_names)


def test_an_empty_line_in_labels_txt_is_refused(tmp_path, write_directory, tiny):
    directory = write_directory(tmp_path, tiny, names=["a", "", "b", "c"])
    with pytest.raises(DataError, match=r"labels.txt has no name in line 2"):
        dataset.load(directory)


def test_a_class_name_cannot_control_the_terminal(tmp_path, write_directory, tiny):
    directory = write_directory(tmp_path, tiny, names=["\x1b[31mred", "b\tc", "d"])
    assert dataset.load(directory).class_names == ("\ufffd[31mred", "b\ufffdc", "d")


def test_labels_txt_may_not_be_a_device(tiny_directory):
    (tiny_directory / "labels.txt").symlink_to("/dev/zero")
    with pytest.raises(DataError, match="cannot be read: it is a device or a pipe"):
        dataset.load(tiny_directory)


def test_a_huge_labels_txt_is_refused(tiny_directory):
    (tiny_directory / "labels.txt").write_bytes(b"x" * 70_000)
    with pytest.raises(DataError, match="is larger than 65,536 bytes"):
        dataset.load(tiny_directory)


def test_a_long_class_name_is_cut(tmp_path, write_directory, tiny):
    names = ("a" * 40, "b" * 41, "c")
    data = dataset.load(write_directory(tmp_path / "data", tiny, names=names))
    assert data.class_names == ("a" * 40, "b" * 39 + "…", "c")
