"""The parts of the images that a run trains on, watches and scores, and how a batch is gathered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.batches import BatchLoader
from core.data.dataset import Dataset
from core.errors import ConfigError


def unbalanced(sizes):
    """A dataset with so many training images of each class, shuffled."""
    labels = np.repeat(np.arange(len(sizes), dtype=np.uint8), sizes)
    labels = np.random.default_rng(0).permutation(labels)
    images = np.zeros((len(labels), 2, 2), np.uint8)
    names = tuple(str(label) for label in range(len(sizes)))
    return Dataset(images, labels, images[:5], labels[:5], names)


@given(
    sizes=st.lists(st.integers(0, 60), min_size=2, max_size=12).filter(any),
    share=st.floats(0, 1, exclude_max=True),
    seed=st.integers(0, 1000),
)
def test_held_out_are_the_same_share_of_each_class_and_none_is_lost(sizes, share, seed):
    data = unbalanced(sizes)
    held_out = max(1, int(share * sum(sizes))) if sum(sizes) > 1 else 0
    training, watched = data.split(held_out, np.random.default_rng(seed))
    if held_out == 0:
        assert watched.name == "test"
        return
    assert (training.name, watched.name) == ("training", "validation")
    assert len(watched) == held_out
    both = np.concatenate([training.indices, watched.indices])
    assert sorted(both) == list(range(sum(sizes)))
    found = np.bincount(data.train_labels[watched.indices], minlength=len(sizes))
    exact = np.array(sizes) * held_out / sum(sizes)
    assert np.all(np.abs(found - exact) < 1)


def test_images_left_over_by_the_shares_come_from_the_classes_with_most_cut_off():
    # A tenth of each: 0.6, 1.7 and 7.7.
    _, watched = unbalanced([6, 17, 77]).split(10, np.random.default_rng(0))
    assert np.bincount(watched.labels[watched.indices], minlength=3).tolist() == [0, 2, 8]


def test_of_the_real_images_each_class_gives_five_hundred(fashion):
    training, watched = fashion.split(5000, np.random.default_rng(0))
    assert np.bincount(watched.labels[watched.indices]).tolist() == [500] * 10
    assert len(training) == 55_000


def test_the_same_seed_holds_out_the_same_images_and_another_seed_others(tiny):
    first, again, other = (tiny.split(50, np.random.default_rng(s))[1].indices for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_with_none_held_out_all_are_trained_on_and_the_test_set_is_watched(tiny):
    training, watched = tiny.split(0, np.random.default_rng(0))
    assert np.array_equal(training.indices, np.arange(200))
    assert watched.name == "test"
    assert watched.images is tiny.test_images
    assert np.array_equal(watched.indices, np.arange(60))


@pytest.mark.parametrize("held_out", [200, 201, 5000])
def test_one_image_at_least_is_left_to_train_on(tiny, held_out):
    with pytest.raises(
        ConfigError, match="validation: enter a number below 200, the number of training images"
    ) as e:
        tiny.split(held_out, np.random.default_rng(0))
    assert e.value.field == "validation"
    assert len(tiny.split(199, np.random.default_rng(0))[0]) == 1


def test_a_gathered_batch_is_the_chosen_images_a_column_each_with_their_bytes_as_floats():
    images = np.arange(256, dtype=np.uint8).reshape(64, 2, 2)
    data = Dataset(images, np.zeros(64, np.uint8), images, np.zeros(64, np.uint8), ("a", "b"))
    chosen = np.array([63, 0, 7, 7])
    batch = BatchLoader(data.test, 5)(chosen)
    assert (batch.dtype, batch.shape) == (np.float32, (4, 4))
    assert (batch.min(), batch.max()) == (0, 255)
    assert np.array_equal(batch.T, images.reshape(64, 4)[chosen])


def test_a_gathered_batch_may_be_smaller_than_the_one_before(fashion):
    load_batch = BatchLoader(fashion.test, 100)
    load_batch(np.arange(100))
    expected = fashion.test_images[500:530].reshape(30, 784).T
    assert np.array_equal(load_batch(np.arange(500, 530)), expected)


def test_a_gathered_batch_may_be_changed_and_the_images_stay_as_they_are(tiny):
    def darken(images):
        assert (images.shape, images.dtype) == ((3, 6, 5), np.uint8)
        images //= 2

    before = tiny.test_images.copy()
    load_batch, chosen = BatchLoader(tiny.test, 3), np.array([4, 4, 9])
    changed = load_batch(chosen, darken).copy()
    assert np.array_equal(changed.T, before[chosen].reshape(3, 30) // 2)
    assert np.array_equal(tiny.test_images, before)
    assert np.array_equal(load_batch(chosen).T, before[chosen].reshape(3, 30))
