"""Pictures of a run: what a reader finds in the SVG and in the text is what the run has."""

import base64
import dataclasses
import re
import struct
import sys
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
from test_kept_runs import CONFIG, KeptWalk

from core.errors import ExportError
from core.export.source import Source
from core.metrics import confusion_matrix
from core.runs.run import Run
from tui.export import curves, matrix, mistakes, png

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ("<b>&amp;\"'\x1b[31m", "\u202eT-shirt", "x" * 40)


@pytest.fixture
def source(tiny, tmp_path):
    """A run of 40 steps with a change after 20."""
    walk = KeptWalk(CONFIG.replace(learning_rate=0.002), tiny, tmp_path)
    walk.run(20)
    walk.change({"learning_rate": 0.003})
    walk.run(20)
    walk.interrupt(True)
    walk.keeper.close()
    with Run(walk.keeper.path) as run:
        source = Source(run)
        source.dataset = tiny
        yield source


def decoded(image):
    """The pixels of a gray PNG, read from the format's description."""
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    place, pixels = 8, b""
    while place < len(image):
        (length,) = struct.unpack(">I", image[place : place + 4])
        name, data = image[place + 4 : place + 8], image[place + 8 : place + 8 + length]
        (check,) = struct.unpack(">I", image[place + 8 + length : place + 12 + length])
        assert check == zlib.crc32(name + data)
        if name == b"IHDR":
            width, height, *kind = struct.unpack(">IIBBBBB", data)
            assert kind == [8, 0, 0, 0, 0]
        pixels += data if name == b"IDAT" else b""
        place += 12 + length
    rows = np.frombuffer(zlib.decompress(pixels), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:]


def test_a_gray_png_has_the_pixels_of_the_image():
    image = np.random.default_rng(0).integers(0, 256, (7, 5)).astype(np.uint8)
    assert np.array_equal(decoded(png.from_gray(image)), image)


def test_the_curves_show_every_evaluation_at_its_place(source):
    picture = ElementTree.fromstring(curves.as_svg(source.run))
    loss, accuracy = picture.findall(f"{SVG}g")
    evaluations = source.run.evaluations()
    for chart, values in ((loss, evaluations["loss"]), (accuracy, evaluations["accuracy"])):
        points = [c for c in chart.iter(f"{SVG}circle") if c.get("r") == "3.5"]
        x = np.array([float(point.get("cx")) for point in points])
        y = np.array([float(point.get("cy")) for point in points])
        assert len(points) == len(values) == 6
        # Straight lines through all of them: the axes are linear, the steps grow rightwards and
        # the values upwards.
        assert np.corrcoef(x, evaluations["step"])[0, 1] == pytest.approx(1, abs=1e-6)
        assert np.corrcoef(y, values)[0, 1] == pytest.approx(-1, abs=1e-6)
    words = [text.text for text in loss.iter(f"{SVG}text")]
    assert "learning rate 0.002→0.003" in words
    assert "validation set" in words
    batches, average = (line.get("points").split() for line in loss.iter(f"{SVG}polyline"))
    assert len(batches) == len(average) == 40


def test_the_curves_as_text_have_lines_and_points(source):
    text = curves.as_text(source.run)
    assert "learning rate 0.002→0.003" in text
    loss, accuracy = text.partition("\nAccuracy\n")[::2]
    assert "starts at" in loss  # the axis is not spent on the initial drop, as on the screen
    early, late = 3, 3  # evaluations; those that are early may be outside
    assert late <= loss.count("●") - 1 <= early + late  # one in the legend
    assert late <= accuracy.count("●") <= early + late
    assert re.search("[\u2801-\u28ff]{5}", text)
    assert max(map(len, text.splitlines())) <= 110


def test_the_matrix_has_true_classes_in_rows(source, tiny):
    """Even where it is not symmetric."""
    evaluation = source.evaluation
    labels = np.array([0] * 20 + [2] * 10, np.uint8)
    predicted = np.array([1] * 19 + [0] + [2] * 10)
    probabilities = np.eye(3, dtype=np.float32)[predicted]
    evaluation = dataclasses.replace(evaluation, labels=labels, probabilities=probabilities)
    picture = ElementTree.fromstring(matrix.as_svg(evaluation, ("a", "b", "c"), "x"))
    (group,) = picture.findall(f"{SVG}g")
    at = {t.text: (float(t.get("x")), float(t.get("y"))) for t in group.iter(f"{SVG}text")}
    assert at["19"][1] == at["1"][1] < at["10"][1]  # the row of class a is above that of c
    assert at["1"][0] < at["19"][0] < at["10"][0]
    assert at["true ↓  predicted →"]
    lines = matrix.as_text(evaluation, ("a", "b", "c")).splitlines()
    assert [re.findall(r"\d+|·", line) for line in lines[-4:-1]] == [
        ["1", "19", "·"],
        ["·", "0", "·"],
        ["·", "·", "10"],
    ]
    assert any("rows: true class, columns: predicted" in line for line in lines)


def test_the_mistakes_are_those_of_the_network(source, tiny):
    evaluation = source.evaluation
    counts = confusion_matrix(evaluation)
    wrong = counts.sum() - counts.trace()
    assert wrong > 3
    picture = ElementTree.fromstring(mistakes.as_svg(evaluation, tiny, "x"))
    images = [image.get("href").partition("base64,")[2] for image in picture.iter(f"{SVG}image")]
    assert len(images) == min(wrong, 24)
    predicted = evaluation.probabilities.argmax(axis=1)
    mistaken = {tiny.train_images[evaluation.indices[n]].tobytes(): n
                for n in np.flatnonzero(predicted != evaluation.labels)}  # fmt: skip
    captions = [text.text for text in picture.iter(f"{SVG}text")][1:]
    for place, data in enumerate(images):
        row = mistaken[decoded(base64.b64decode(data)).tobytes()]
        assert captions[2 * place].endswith(f" {predicted[row]}")
        assert captions[2 * place + 1].endswith(f" {evaluation.labels[row]}")
    assert f"{wrong} mistakes in 30 images" in mistakes.as_text(evaluation, tiny)


def test_hostile_names_stay_text(source, tiny):
    named = dataclasses.replace(tiny, class_names=HOSTILE)
    for picture in (
        matrix.as_svg(source.evaluation, HOSTILE, HOSTILE[0]),
        mistakes.as_svg(source.evaluation, named, HOSTILE[0]),
    ):
        tree = ElementTree.fromstring(picture)
        assert tree.find(f"{SVG}b") is None
        assert "\x1b" not in picture
        assert any("<b>&amp;" in (text.text or "") for text in tree.iter(f"{SVG}text"))


def test_png_of_a_picture(source):
    pytest.importorskip("resvg_py")
    image = png.from_svg(curves.as_svg(source.run))
    assert struct.unpack(">II", image[16:24]) == (1800, 1200)


def test_without_the_package_it_says_how_to_install_it(source, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(ExportError, match=r"pip install 'fashion-tui\[png\]'"):
        png.from_svg(curves.as_svg(source.run))
