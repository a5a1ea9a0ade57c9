"""Pictures in files: how they become images, and `fashion-tui classify`."""

import json
import sys

import numpy as np
import pytest
from run_files import train_run

from core.config.config import Config
from core.data.picture_file import has_light_background, read_picture
from core.errors import DataError
from core.runs.description import fingerprint
from tui.__main__ import main

PIL = pytest.importorskip("PIL")
from PIL import Image  # noqa: E402

CONFIG = Config(hidden=(4,), batch_size=20, validation=20, epochs=3)
GRAY = np.array([[0, 0, 0, 0], [0, 200, 100, 0], [0, 50, 250, 0], [0, 0, 0, 0]], np.uint8)


@pytest.fixture
def saved(tmp_path):
    def save(pixels, name="picture.png", **options):
        path = tmp_path / name
        Image.fromarray(pixels).save(path, **options)
        return path

    return save


def test_a_gray_picture_of_the_right_size_is_taken_as_it_is(saved):
    picture = read_picture(saved(GRAY), (4, 4))
    assert np.array_equal(picture.pixels, GRAY)
    assert (picture.size, picture.inverted) == ((4, 4), False)


def test_a_light_background_is_found_at_the_border_and_the_option_overrules_it(saved):
    path = saved(255 - GRAY)
    found = read_picture(path, (4, 4))
    assert found.inverted
    assert np.array_equal(found.pixels, GRAY)
    assert np.array_equal(read_picture(path, (4, 4), invert=False).pixels, 255 - GRAY)
    assert np.array_equal(read_picture(saved(GRAY), (4, 4), invert=True).pixels, 255 - GRAY)


@pytest.mark.parametrize("dark", [False, True])
def test_it_becomes_like_the_images_of_a_dataset_with_a_light_background(saved, dark):
    images = np.stack([255 - GRAY] * 2)
    assert has_light_background(images)
    assert not has_light_background(255 - images)
    found = read_picture(saved(GRAY if dark else 255 - GRAY), (6, 4), light=True)
    assert found.inverted is dark
    assert np.array_equal(found.pixels, np.pad(255 - GRAY, ((1, 1), (0, 0)), constant_values=255))


def test_colors_become_gray_by_luminance_and_16_bits_become_8(saved):
    color = np.zeros((4, 4, 3), np.uint8)
    color[1, 1] = 0, 255, 0
    color[2, 2] = 0, 0, 255
    pixels = read_picture(saved(color), (4, 4)).pixels
    assert abs(pixels[1, 1] - 0.587 * 255) < 1
    assert abs(pixels[2, 2] - 0.114 * 255) < 1
    wide = read_picture(saved(GRAY.astype(np.uint16) * 257), (4, 4)).pixels
    assert np.array_equal(wide, GRAY)


@pytest.mark.parametrize(
    ("gray", "invert", "expected"),
    [(30, None, 225), (30, True, 225), (30, False, 30), (200, None, 200), (200, True, 55)],
)
def test_transparent_parts_are_black_and_what_is_on_them_is_bright(saved, gray, invert, expected):
    colors = np.full((4, 4, 4), 255, np.uint8)
    colors[..., 3] = 0
    colors[1:3, 1:3] = gray, gray, gray, 255
    pixels = read_picture(saved(colors), (4, 4), invert).pixels
    assert pixels[1:3, 1:3].tolist() == [[expected] * 2] * 2
    assert pixels[0].tolist() == [0] * 4


def test_a_picture_that_is_not_square_keeps_its_proportions_in_the_middle(saved):
    pixels = read_picture(saved(np.full((40, 20), 200, np.uint8)), (8, 8), invert=False).pixels
    assert np.array_equal(pixels, np.pad(np.full((8, 4), 200), ((0, 0), (2, 2))))


def test_a_photo_is_turned_as_its_camera_says(saved):
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    path = saved(GRAY, "photo.png", exif=exif)
    assert np.array_equal(read_picture(path, (4, 4)).pixels, GRAY[::-1, ::-1])
    exif[0x0112] = 6  # on its side
    assert read_picture(saved(GRAY[:2], "side.png", exif=exif), (4, 4)).size == (2, 4)


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "missing", "directory"])
def test_a_file_that_is_no_picture_is_a_data_error_that_names_it(saved, tmp_path, damage):
    path = saved(np.random.default_rng(1).integers(0, 256, (60, 60)).astype(np.uint8))
    if damage == "missing":
        path.unlink()
    elif damage == "directory":
        path = tmp_path
    else:
        whole = path.read_bytes()
        path.write_bytes({"cut": whole[:500], "text": b"<html>", "empty": b""}[damage])
    with pytest.raises(DataError, match=path.name):
        read_picture(path, (28, 28))


def test_without_pillow_it_says_what_to_install(saved, monkeypatch):
    path = saved(GRAY)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DataError, match=r"pip install 'fashion-tui\[images\]'"):
        read_picture(path, (4, 4))


# The command


@pytest.fixture
def run(tmp_path, tiny_directory):
    path, trainer = train_run(tmp_path / "runs", tiny_directory, CONFIG, 12)
    return path, trainer.network


def test_the_probabilities_are_those_of_the_run_and_its_file_is_unchanged(
    run, saved, tiny, tiny_directory, capsys
):
    path, network = run
    image = tiny.images("test")[7]
    before = path.read_bytes()
    file = saved(image)
    code = main(["classify", str(file), "--run", str(path), "--no-invert", "--json", "-"])
    output, errors = capsys.readouterr()
    found = json.loads(output)
    assert code == 0
    assert found["file"] == str(file)
    assert (found["run"], found["step"], found["inverted"]) == (path.stem, 12, False)
    assert (found["data"], found["fingerprint"]) == (tiny_directory.name, fingerprint(tiny))
    assert (found["width"], found["height"]) == image.shape[::-1]
    expected = network.probabilities(image[None])[0]
    assert list(found["probabilities"]) == list(tiny.class_names)
    assert list(found["probabilities"].values()) == expected.tolist()
    assert found["predicted"] == tiny.class_names[expected.argmax()]
    assert "not inverted" in errors
    assert path.read_bytes() == before


def test_the_latest_run_is_taken_and_the_table_has_the_most_probable_class_first(
    run, saved, tiny, capsys
):
    path, network = run
    image = tiny.images("test")[3]
    files = [str(saved(image, f"{n}.png")) for n in (1, 2)]
    assert main(["classify", *files, "--runs", str(path.parent), "--no-invert"]) == 0
    output = capsys.readouterr().out
    assert output.startswith(f"Classified by {path.stem} at step 12, trained on ")
    assert f"SHA-256 {fingerprint(tiny)[:12]}" in output
    assert output.count("5×6 pixels, converted to grayscale and resized to 5×6, not inverted") == 2
    probabilities = network.probabilities(image[None])[0]
    places = [output.index(f"\n{tiny.class_names[k]} ") for k in np.argsort(-probabilities)]
    assert places == sorted(places)


def test_a_bad_file_gives_exit_code_2_and_the_others_are_classified(run, saved, tmp_path, capsys):
    path, _ = run
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"nothing")
    code = main(["classify", str(bad), str(saved(GRAY)), "--run", str(path)])
    output, errors = capsys.readouterr()
    assert code == 2
    assert "bad.png cannot be read as a picture" in errors
    assert len(errors.splitlines()) == 1
    assert "picture.png: 4×4 pixels" in output


def test_no_run_is_named_if_no_file_can_be_read(run, tmp_path, capsys):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"nothing")
    assert main(["classify", str(bad), "--run", str(run[0])]) == 2
    assert capsys.readouterr().out == ""


def test_a_run_that_is_not_there_gives_exit_code_2(tmp_path, saved, capsys):
    assert main(["classify", str(saved(GRAY)), "--runs", str(tmp_path), "--run", "nobody"]) == 2
    assert "there is no run nobody" in capsys.readouterr().err


def test_an_empty_path_is_refused(capsys):
    assert main(["classify", "a.png", ""]) == 2
    assert "enter the path of a picture\n" in capsys.readouterr().err


def test_a_picture_of_too_many_pixels_is_called_that(tmp_path):
    path = tmp_path / "huge.png"
    Image.new("1", (30_000, 30_000)).save(path)
    with pytest.raises(DataError, match="has more than 50,000,000 pixels"):
        read_picture(path, (28, 28))
