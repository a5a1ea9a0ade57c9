"""The training, validation and test sets, and loading batches from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.batches import BatchLoader
from core.data.dataset import Dataset
from core.errors import ConfigError


def unbalanced(sizes):
    """A shuffled dataset with the given number of training images per class."""
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
def test_the_split_takes_the_same_share_of_each_class_and_loses_no_image(sizes, share, seed):
    data = unbalanced(sizes)
    validation_size = max(1, int(share * sum(sizes))) if sum(sizes) > 1 else 0
    training, evaluation_set = data.split(validation_size, np.random.default_rng(seed))
    if validation_size == 0:
        assert evaluation_set.name == "test"
        return
    assert (training.name, evaluation_set.name) == ("training", "validation")
    assert len(evaluation_set) == validation_size
    both = np.concatenate([training.indices, evaluation_set.indices])
    assert sorted(both) == list(range(sum(sizes)))
    found = np.bincount(data.train_labels[evaluation_set.indices], minlength=len(sizes))
    exact = np.array(sizes) * validation_size / sum(sizes)
    assert np.all(np.abs(found - exact) < 1)


def test_the_remaining_images_come_from_the_classes_with_the_largest_remainders():
    # A tenth of each: 0.6, 1.7 and 7.7.
    _, evaluation_set = unbalanced([6, 17, 77]).split(10, np.random.default_rng(0))
    labels = evaluation_set.labels[evaluation_set.indices]
    assert np.bincount(labels, minlength=3).tolist() == [0, 2, 8]


def test_each_class_of_fashion_mnist_has_500_validation_images(fashion):
    training, evaluation_set = fashion.split(5000, np.random.default_rng(0))
    assert np.bincount(evaluation_set.labels[evaluation_set.indices]).tolist() == [500] * 10
    assert len(training) == 55_000


def test_the_same_seed_gives_the_same_validation_set_and_another_seed_another(tiny):
    first, again, other = (tiny.split(50, np.random.default_rng(s))[1].indices for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_validation_images_the_test_set_is_the_evaluation_set(tiny):
    training, evaluation_set = tiny.split(0, np.random.default_rng(0))
    assert np.array_equal(training.indices, np.arange(200))
    assert evaluation_set.name == "test"
    assert evaluation_set.images is tiny.test_images
    assert np.array_equal(evaluation_set.indices, np.arange(60))


@pytest.mark.parametrize("validation_size", [200, 201, 5000])
def test_at_least_one_image_is_left_to_train_on(tiny, validation_size):
    with pytest.raises(
        ConfigError, match="validation: enter a number below 200, the number of training images"
    ) as e:
        tiny.split(validation_size, np.random.default_rng(0))
    assert e.value.field == "validation"
    assert len(tiny.split(199, np.random.default_rng(0))[0]) == 1


def test_a_batch_has_one_column_per_image_with_its_bytes_as_floats():
    images = np.arange(256, dtype=np.uint8).reshape(64, 2, 2)
    data = Dataset(images, np.zeros(64, np.uint8), images, np.zeros(64, np.uint8), ("a", "b"))
    chosen = np.array([63, 0, 7, 7])
    batch = BatchLoader(data.test, 5)(chosen)
    assert (batch.dtype, batch.shape) == (np.float32, (4, 4))
    assert (batch.min(), batch.max()) == (0, 255)
    assert np.array_equal(batch.T, images.reshape(64, 4)[chosen])


def test_a_batch_can_be_smaller_than_the_one_before(fashion):
    load_batch = BatchLoader(fashion.test, 100)
    load_batch(np.arange(100))
    expected = fashion.test_images[500:530].reshape(30, 784).T
    assert np.array_equal(load_batch(np.arange(500, 530)), expected)


def test_a_batch_can_be_changed_without_changing_the_dataset(tiny):
    def darken(images):
        assert (images.shape, images.dtype) == ((3, 6, 5), np.uint8)
        images //= 2

    before = tiny.test_images.copy()
    load_batch, chosen = BatchLoader(tiny.test, 3), np.array([4, 4, 9])
    changed = load_batch(chosen, darken).copy()
    assert np.array_equal(changed.T, before[chosen].reshape(3, 30) // 2)
    assert np.array_equal(tiny.test_images, before)
    assert np.array_equal(load_batch(chosen).T, before[chosen].reshape(3, 30))
