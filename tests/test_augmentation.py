"""Augmentation: flipped, shifted and erased images, compared with a simple loop."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.config import Config
from core.data import augmentation
from core.data.batches import BatchLoader
from core.training.trainer import Trainer

shapes = {
    "m": st.integers(0, 8),
    "height": st.integers(1, 9),
    "width": st.integers(1, 9),
    "seed": st.integers(0, 10_000),
}
CHANGES = {
    "flip": lambda images, rng: augmentation.random_flip(images, 0.5, rng),
    "shift": lambda images, rng: augmentation.random_shift(images, 2, rng),
    "erase": lambda images, rng: augmentation.random_erase(images, 0.5, rng),
}
SETTINGS = {"flip": 0.5, "shift": 2, "erase": 0.5}
CONFIG = Config(hidden=(8,), batch_size=32, epochs=2, validation=30)
each = pytest.mark.parametrize("name", CHANGES)


def draw(m, height, width, seed):
    """Images without a black pixel, and a generator."""
    rng = np.random.default_rng(seed)
    return rng.integers(1, 256, (m, height, width), dtype=np.uint8), rng


def shifted(image, down, right):
    """The image moved pixel by pixel, black where nothing came from."""
    height, width = image.shape
    moved = np.zeros_like(image)
    for y in range(max(down, 0), min(height, height + down)):
        for x in range(max(right, 0), min(width, width + right)):
            moved[y, x] = image[y - down, x - right]
    return moved


@given(**shapes, share=st.floats(0, 1))
def test_a_flipped_image_is_mirrored_left_to_right_and_the_others_stay(share, **shape):
    images, rng = draw(**shape)
    before = images.copy()
    augmentation.random_flip(images, share, rng)
    for old, new in zip(before, images, strict=True):
        assert np.array_equal(new, old) or np.array_equal(new, old[:, ::-1])


@given(**shapes)
def test_flipping_all_twice_changes_nothing(**shape):
    images, rng = draw(**shape)
    before = images.copy()
    augmentation.random_flip(images, 1, rng)
    assert np.array_equal(images, before[:, :, ::-1])
    augmentation.random_flip(images, 1, rng)
    assert np.array_equal(images, before)


@given(**shapes | {"m": st.integers(0, 3)}, max_shift=st.integers(0, 4))
def test_a_shifted_image_moves_as_a_whole_and_by_at_most_the_maximum(max_shift, **shape):
    images, rng = draw(**shape)
    before = images.copy()
    augmentation.random_shift(images, max_shift, rng)
    for old, new in zip(before, images, strict=True):
        by = range(-max_shift, max_shift + 1)
        possible = (shifted(old, down, right) for down in by for right in by)
        assert any(np.array_equal(new, moved) for moved in possible)


def test_all_shifts_are_equally_frequent():
    images = np.zeros((9000, 5, 5), np.uint8)
    images[:, 2, 2] = 255
    augmentation.random_shift(images, 1, np.random.default_rng(0))
    share = (images / 255).mean(axis=0)
    np.testing.assert_allclose(share[1:4, 1:4], 1 / 9, atol=0.015)
    assert share.sum() == pytest.approx(1)


@given(**shapes)
def test_an_erased_image_has_one_black_rectangle_of_a_quarter_to_half_of_each_side(**shape):
    images, rng = draw(**shape)
    before = images.copy()
    augmentation.random_erase(images, 1, rng)
    for old, new in zip(before, images, strict=True):
        black = new == 0
        rows, columns = np.flatnonzero(black.any(axis=1)), np.flatnonzero(black.any(axis=0))
        for side, size in ((rows, shape["height"]), (columns, shape["width"])):
            assert np.ceil(size / 4) <= len(side) <= np.ceil(size / 2)
            assert len(side) == side[-1] - side[0] + 1
        assert black.sum() == len(rows) * len(columns)
        assert np.array_equal(new[~black], old[~black])


def test_rectangles_reach_every_pixel_and_every_side_of_their_range():
    images = np.ones((4000, 28, 28), np.uint8)
    augmentation.random_erase(images, 1, np.random.default_rng(0))
    black = images == 0
    assert black.any(axis=0).all()
    for axis in (1, 2):
        sides = black.any(axis=axis).sum(axis=1)
        assert set(sides) == set(range(8, 15))


@pytest.mark.parametrize("change", [augmentation.random_flip, augmentation.random_erase])
@pytest.mark.parametrize("share", [0, 0.25, 1])
def test_the_share_of_the_images_is_changed(change, share):
    images, rng = draw(4000, 6, 6, 0)
    before = images.copy()
    change(images, share, rng)
    changed = (images != before).any(axis=(1, 2)).mean()
    assert changed == pytest.approx(share, abs=0.03 if 0 < share < 1 else 0)


@each
def test_the_same_seed_changes_the_same(name):
    one, same, other = (draw(50, 6, 6, 0)[0] for _ in range(3))
    for images, seed in ((one, 1), (same, 1), (other, 2)):
        CHANGES[name](images, np.random.default_rng(seed))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def state(trainer):
    return trainer.network.parameters.tobytes()


def run(config, data):
    trainer = Trainer(config, data)
    while not trainer.finished:
        trainer.step()
    return trainer


@each
def test_a_run_with_it_is_reproducible_and_does_not_change_the_dataset(tiny, name):
    before = tiny.train_images.copy()
    config = CONFIG.replace(**{name: SETTINGS[name]})
    assert state(run(config, tiny)) == state(run(config, tiny)) != state(run(CONFIG, tiny))
    assert np.array_equal(tiny.train_images, before)


@each
def test_the_trainer_augments_the_images_of_a_batch(tiny, name):
    trainer = Trainer(CONFIG.replace(**{name: SETTINGS[name]}), tiny)
    expected = tiny.train_images[trainer.order[:32]]
    CHANGES[name](expected, copy.deepcopy(trainer.augment_rng))
    seen = []
    forward = trainer.network.forward
    trainer.network.forward = lambda A, **options: (
        seen.append(A.copy()),
        forward(A, **options),
    )[1]
    trainer.step()
    assert np.array_equal(seen[0].T.reshape(32, 6, 5), expected)


@each
def test_the_evaluation_set_is_never_augmented(tiny, name):
    trainer = Trainer(CONFIG.replace(**{name: SETTINGS[name]}), tiny)
    one, again = (trainer.evaluate(trainer.evaluation_set) for _ in range(2))
    assert np.array_equal(one.probabilities, again.probabilities)
    plain = BatchLoader(trainer.evaluation_set, 30)(trainer.evaluation_set.indices)
    logits = trainer.network.forward(plain)
    assert np.array_equal(logits.argmax(axis=0), one.probabilities.argmax(axis=1))
