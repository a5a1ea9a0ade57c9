"""Images made worse, and the accuracy on them."""

import re

import numpy as np
import pytest
from traces import CONFIG, trained

from core.experiments.what_if import ask
from core.what_if.corruptions import CORRUPTIONS, blur, contrast, noise, occlude, rotate, shift
from core.what_if.robustness import Robustness, robustness


def draw():
    return np.random.default_rng(0)


def image(*rows):
    return np.array([rows], np.uint8)


def test_noise_has_the_deviation_that_it_says():
    gray = np.full((40, 28, 28), 128, np.uint8)
    worse = noise(gray, 0.1, draw())
    assert np.std(worse.astype(float)) == pytest.approx(25.5, rel=0.02)
    assert np.mean(worse) == pytest.approx(128, abs=0.5)


def test_blur_spreads_a_point_like_a_gaussian_and_keeps_its_brightness():
    point = np.zeros((1, 29, 29), np.uint8)
    point[0, 14, 14] = 255
    [worse] = blur(point, 1.5 / 29, draw()).astype(float)
    y, x = np.mgrid[-14:15, -14:15]
    expected = np.exp(-(x**2 + y**2) / (2 * 1.5**2))
    np.testing.assert_allclose(worse, 255 * expected / expected.sum(), atol=0.51)


def test_shift_moves_by_a_share_of_the_width_in_one_of_four_directions():
    point = np.zeros((60, 8, 8), np.uint8)
    point[:, 4, 3] = 200
    places = {tuple(np.argwhere(worse)[0]) for worse in shift(point, 2 / 8, draw())}
    assert places == {(6, 3), (2, 3), (4, 5), (4, 1)}
    [half, *_] = shift(point, 0.5 / 8, draw())
    assert sorted(half[half > 0].tolist()) == [100, 100]  # between two pixels


def test_a_turn_by_90_degrees_is_that_of_numpy_and_whatever_leaves_is_gone():
    images = draw().integers(0, 256, (20, 7, 7)).astype(np.uint8)
    for old, new in zip(images, rotate(images, 90, draw()), strict=True):
        assert any(np.array_equal(new, np.rot90(old, turns)) for turns in (1, 3))
    white = np.full((1, 20, 20), 255, np.uint8)
    assert 0.8 < rotate(white, 45, draw()).mean() / 255 < 0.9


def test_contrast_moves_all_pixels_towards_the_mean_of_their_image():
    assert contrast(image([0, 200], [100, 100]), 0.5, draw()).tolist() == [[[50, 150], [100, 100]]]


def test_occlusion_is_a_black_square_at_another_place_of_each_image():
    worse = occlude(np.full((50, 10, 10), 9, np.uint8), 0.3, draw())
    assert {int((each == 0).sum()) for each in worse} == {9}
    for each in worse[:5]:
        rows, columns = np.nonzero(each == 0)
        assert np.ptp(rows) == np.ptp(columns) == 2
    assert len({each.tobytes() for each in worse}) > 20


@pytest.mark.parametrize("shape", [(28, 28), (8, 8), (1, 1), (3, 9)], ids=str)
@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda corruption: corruption.name)
def test_every_corruption_is_worse_with_severity_and_takes_any_size(corruption, shape):
    images = draw().integers(0, 256, (30, *shape)).astype(np.uint8)
    images[:, : shape[0] // 4] = 0
    before, changes = images.copy(), []
    for level in corruption.levels:
        worse = corruption.function(images, level, draw())
        assert (worse.shape, worse.dtype) == (images.shape, np.uint8)
        changes.append(np.abs(worse.astype(float) - images).mean())
    assert np.array_equal(images, before)
    assert len(corruption.levels) == 5
    ends = [int(number) for number in re.findall(r"\d+", corruption.meaning)]
    unit = 1 if corruption.name == "rotation" else 100
    assert ends == [round(unit * corruption.levels[at]) for at in (0, -1)]
    if min(shape) >= 8 and corruption.name not in ("shift", "rotation"):  # of noise these saturate
        assert changes == sorted(changes)


def test_accuracy_is_measured_on_the_corrupted_images(make_dataset):
    trainer = trained(CONFIG.replace(validation=700), make_dataset(train=2400))
    found = ask(trainer, robustness)
    assert found.images == 700
    assert found.accuracy.shape == (len(CORRUPTIONS), 6)
    part = trainer.evaluation_set
    clean = trainer.evaluate(part).accuracy
    assert set(found.accuracy[:, 0]) == {clean}
    images, labels = part.images[part.indices], part.labels[part.indices]
    for row, corruption in enumerate(CORRUPTIONS):
        hits = 0
        for start in (0, 500):
            rows = slice(start, start + 500)
            rng = np.random.default_rng((0, start))
            worse = corruption.function(images[rows], corruption.levels[2], rng)
            hits += (trainer.network.predict(worse) == labels[rows]).sum()
        assert found.accuracy[row, 3] == hits / 700


def test_the_sentence_names_the_worst_and_the_best():
    accuracy = np.full((6, 6), 0.9)
    accuracy[3, 1:], accuracy[1, 1:] = 0.5, 0.88
    accuracy[[0, 2, 4, 5], 1:] = 0.7
    text = Robustness(1, 10, accuracy).summary
    assert text == (
        "Rotation lowers accuracy most (40 points, mean over severities); blur least (2)."
    )
    accuracy[5, 5] = np.nan
    assert Robustness(1, 10, accuracy).summary == ""
