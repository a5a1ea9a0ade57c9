"""Folders of pictures, written by Pillow: what becomes of them, and how they are remembered."""

import os
import sys

import numpy as np
import pytest
from formats import squares, write_csv, write_pictures
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core import Reading
from core.data import dataset, picture_cache
from core.data.picture_folder import read, scan
from core.directories import cache_directory
from core.errors import DataError

NAMES = ("boot", "dress", "🥾 حذاء")
IMAGES, LABELS = squares(60, side=28)


@pytest.fixture(autouse=True)
def no_cache(monkeypatch, tmp_path):
    """Remembers pictures in a place of each test's own."""
    monkeypatch.setenv("FASHION_TUI_RUNS", str(tmp_path / "runs"))


@pytest.fixture
def folder(tmp_path):
    return write_pictures(tmp_path / "clothes", IMAGES, LABELS, NAMES)


def test_a_folder_for_each_class_is_split(folder):
    data = dataset.load(folder)
    assert data.class_names == NAMES
    assert (len(data.train_images), len(data.test_images)) == (48, 12)
    read = {image.tobytes(): label for image, label in zip(IMAGES, LABELS, strict=True)}
    for image, label in zip(data.train_images, data.train_labels, strict=True):
        assert read[image.tobytes()] == label
    assert data.notes[0] == (
        "Images were converted to grayscale and resized to 28×28 pixels; those that are not square "
        "were padded with black."
    )
    assert (data.kind, data.name) == ("pictures", "clothes")


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "val")])
def test_training_and_test_images_can_have_folders(tmp_path, train, test):
    write_pictures(tmp_path / train, IMAGES, LABELS, NAMES)
    write_pictures(tmp_path / test, IMAGES[:9], LABELS[:9], NAMES[:1] * 3)
    data = dataset.load(tmp_path)
    assert (len(data.train_images), len(data.test_images)) == (60, 9)
    assert set(data.test_labels) == {0}
    assert "Test images that are also training images: 9." in data.notes


def test_folders_of_numbers_are_in_their_order(tmp_path):
    images, labels = squares(24, classes=12)
    write_pictures(tmp_path, images, labels, [str(n) for n in range(12)])
    assert dataset.load(tmp_path).class_names == tuple(map(str, range(12)))


@pytest.mark.parametrize(
    ("ending", "convert"),
    [
        ("png", None),
        ("bmp", None),
        ("gif", None),
        ("tif", None),
        ("png", lambda picture: picture.convert("RGB")),
        ("png", lambda picture: picture.convert("LA")),
        ("png", lambda picture: Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)),
        ("webp", lambda picture: picture.convert("RGB").resize((28, 28))),
        ("jpg", None),
    ],
)
def test_all_kinds_of_pictures_become_gray(tmp_path, ending, convert):
    smooth = np.add.outer(np.arange(28), np.arange(28)).astype(np.uint8) * 4
    images = np.stack([smooth, 255 - smooth] * 4)
    write_pictures(tmp_path, images, np.arange(8) % 2, ("a", "b"), ending, convert)
    data = dataset.load(tmp_path)
    assert np.abs(data.train_images[0].astype(int) - smooth).max() <= (
        6 if ending in ("jpg", "webp") else 0
    )


def test_pictures_keep_their_proportions_on_black(tmp_path):
    images = np.full((6, 40, 80), 200, np.uint8)
    write_pictures(tmp_path, images, np.arange(6) % 2, ("a", "b"))
    image = dataset.load(tmp_path, Reading(size=16)).train_images[0]
    assert image.shape == (16, 16)
    assert (image[:4] == 0).all()
    assert (image[4:12] == 200).all()
    assert (image[12:] == 0).all()


def test_what_is_transparent_is_black(tmp_path):
    pixels = np.full((6, 28, 28, 4), 255, np.uint8)
    pixels[:, :14, :, 3] = 0
    write_pictures(tmp_path, pixels, np.arange(6) % 2, ("a", "b"))
    image = dataset.load(tmp_path).train_images[0]
    assert (image[:14].max(), image[14:].min()) == (0, 255)


def test_a_photo_that_lies_on_its_side_is_turned(tmp_path):
    image = np.zeros((28, 28), np.uint8)
    image[:, :14] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to the right
    for number in range(6):
        (tmp_path / "ab"[number % 2]).mkdir(exist_ok=True)
        path = tmp_path / "ab"[number % 2] / f"{number}.png"
        Image.fromarray(image).save(path, exif=exif)
    assert dataset.load(tmp_path).train_images[0][:14].min() == 255


def test_a_csv_file_beside_the_folders_is_not_read(folder):
    (folder / "labels.csv").write_text("id,label\n0000,boot\n")
    assert dataset.load(folder).kind == "pictures"


def test_a_folder_of_other_pictures_beside_a_csv_file_is_not_read(tmp_path):
    write_csv(tmp_path / "train.csv", IMAGES, LABELS)
    write_pictures(tmp_path, IMAGES, LABELS, ("samples",) * 3)
    assert dataset.load(tmp_path).kind == "CSV"


def test_what_is_no_picture_is_left_out_and_counted(folder):
    (folder / "boot" / "0000.png").write_bytes(b"no picture")
    (folder / "boot" / "notes.txt").touch()
    (folder / "boot" / ".hidden.png").touch()
    (folder / "boot" / "Thumbs.db").touch()
    (folder / "__MACOSX").mkdir()
    data = dataset.load(folder)
    assert len(data.train_images) + len(data.test_images) == 59
    assert "Files that are not pictures and were skipped: 1." in data.notes
    broken = os.path.join("boot", "0000.png")
    assert f"Pictures that cannot be read and were skipped: 1, such as {broken}." in data.notes


def test_folders_that_are_not_read_are_said(folder):
    (folder / "boot" / "more").mkdir()
    (folder / "empty").mkdir()
    data = dataset.load(folder)
    assert len(data.class_names) == len(NAMES)
    note = next(note for note in data.notes if note.startswith("Folders that were skipped: 2"))
    assert "such as boot/more; pictures must be directly in the folder of their class." in note


@pytest.mark.skipif(os.name == "nt", reason="no such names on Windows")
def test_no_name_can_control_the_terminal(folder):
    (folder / "boot" / "\x1b[31m.png").touch()
    folder = folder.rename(folder.with_name("\x1b]0;title\x07"))
    data = dataset.load(folder)
    assert "".join((*data.notes, data.name)).isprintable()


def test_damaged_pictures_print_nothing(tmp_path, command):
    """Pillow logs an error about some."""
    for name in ("a", "b"):
        folder = tmp_path / "pictures" / name
        folder.mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (28, 28)).save(folder / f"{number}.tif")
    content = bytearray((folder / "0.tif").read_bytes())
    place = content.index((277).to_bytes(2, "little"))  # the samples of each pixel
    content[place + 8 : place + 10] = b"\xff\xff"
    (folder / "0.tif").write_bytes(content)
    done = command("data", str(tmp_path / "pictures"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "cannot be read and were skipped: 1," in done.stdout


def test_a_picture_of_too_many_pixels_is_left_out(folder, monkeypatch):
    monkeypatch.setattr("core.data.pillow._MAX_PIXELS", 28 * 28)
    Image.new("L", (100_000, 1000)).save(folder / "boot" / "0000.png")
    assert "cannot be read and were skipped: 1, such" in "\n".join(dataset.load(folder).notes)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_called_png_is_not_waited_for(folder):
    os.mkfifo(folder / "boot" / "pipe.png")
    assert len(read(folder, scan(folder), Reading()).parts["train"].images) == 60


def test_no_picture_at_all_is_a_data_error(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").touch()
    with pytest.raises(DataError, match="has 2 pictures, but none that can be read"):
        dataset.load(tmp_path)


def test_one_folder_is_one_class_too_few(tmp_path):
    write_pictures(tmp_path, IMAGES, LABELS, ("a", "a", "a"))
    with pytest.raises(
        DataError, match="has 1 folder with pictures; there must be one for each class"
    ):
        dataset.load(tmp_path)


def test_more_pictures_than_memory_holds_are_refused_before_any_is_read(folder, monkeypatch):
    monkeypatch.setattr("core.data.picture_folder.MAX_BYTES", 60 * 28 * 28 - 1)
    with pytest.raises(DataError, match=r"60 pictures of 28×28 pixels take .*smaller --size"):
        dataset.load(folder)


def test_without_pillow_one_sentence_says_how_to_install_it(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DataError, match=r"need Pillow: pip install 'fashion-tui\[images\]'$"):
        dataset.load(folder)


def test_pictures_are_remembered_as_long_as_none_has_changed(folder, monkeypatch):
    first = dataset.load(folder)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "PIL", None)  # so that none can be read again
        again = dataset.load(folder)
        assert np.array_equal(first.train_images, again.train_images)
        assert again.notes == first.notes
    changed = folder / "boot" / "0000.png"
    Image.new("L", (28, 28), 77).save(changed)
    assert (dataset.load(folder).train_images == 77).all(axis=(1, 2)).sum() <= 1
    every = np.concatenate(
        [getattr(dataset.load(folder), f"{p}_images") for p in ("train", "test")]
    )
    assert (every == 77).all(axis=(1, 2)).sum() == 1
    changed.rename(folder / "dress" / "0000.png")
    every = dataset.load(folder)
    assert np.bincount(np.concatenate((every.train_labels, every.test_labels))).tolist() == [
        *(19, 21, 20)
    ]
    assert dataset.load(folder, Reading(size=8)).train_images.shape[1:] == (8, 8)


def test_what_is_remembered_has_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(picture_cache, "_MOST", 2)
    cache_directory().mkdir(parents=True)
    abandoned = cache_directory() / "a.1.part"
    abandoned.touch()
    os.utime(abandoned, (0, 0))
    for name in "abc":
        dataset.load(write_pictures(tmp_path / name, IMAGES[:9], LABELS[:9], NAMES))
    assert len(list(cache_directory().iterdir())) == 2


def test_without_a_place_to_remember_them_pictures_are_read_all_the_same(folder, monkeypatch):
    monkeypatch.setenv("FASHION_TUI_RUNS", str(folder / "boot" / "0000.png"))
    assert len(dataset.load(folder).train_images) == 48


@given(content=st.binary(max_size=300), at=st.floats(0, 1, exclude_max=True))
def test_a_damaged_cache_is_read_anew(tmp_path_factory, content, at):
    base = tmp_path_factory.getbasetemp() / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FASHION_TUI_RUNS", str(base / "runs"))
        folder = write_pictures(base / "pictures", IMAGES[:9], LABELS[:9], NAMES)
        expected = dataset.load(folder)
        [path] = cache_directory().glob("*.npz")
        whole = bytearray(path.read_bytes())
        place = int(at * len(whole))
        whole[place : place + len(content)] = content
        path.write_bytes(whole)
        assert np.array_equal(dataset.load(folder).train_images, expected.train_images)


@given(at=st.floats(0, 1, exclude_max=True), change=st.binary(max_size=6), cut=st.booleans())
def test_a_damaged_picture_is_read_or_left_out(tmp_path_factory, at, change, cut):
    folder = tmp_path_factory.getbasetemp() / "damaged pictures"
    write_pictures(folder, IMAGES[:9], LABELS[:9], NAMES)
    path = folder / "boot" / "0000.png"
    content = bytearray(path.read_bytes())
    place = int(at * len(content))
    content[place : None if cut else place + len(change)] = change
    path.write_bytes(content)
    found = read(folder, scan(folder), Reading())
    assert len(found.parts["train"].images) in (8, 9)


def test_reading_pictures_reports_how_far_it_is(tmp_path):
    images, labels = squares(402)
    folder = write_pictures(tmp_path / "pictures", images, labels, NAMES)
    shares = []
    dataset.load(folder, Reading(), shares.append)
    assert shares == [0, pytest.approx(0.4975, abs=1e-3), pytest.approx(0.995, abs=1e-3)]
