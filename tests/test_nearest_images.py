"""The nearest training images, compared with all distances computed one by one."""

import numpy as np
import pytest

from core.config.config import Config
from core.inspection.input_gradient import column, layer_outputs
from core.inspection.nearest_images import COUNT, nearest_images
from core.training.trainer import Trainer


def brute_force(trainer, image, index, outputs):
    """The nearest indices by the distance between outputs, but for one index."""
    own = outputs(image)
    distances = [
        (float(np.linalg.norm(outputs(trainer.training_set.images[one]) - own)), int(one))
        for one in trainer.training_set.indices
        if one != index
    ]
    return sorted(distances)[:COUNT]


@pytest.mark.parametrize("hidden", [(8, 6), ()])
def test_they_are_those_of_all_distances(make_dataset, hidden):
    data = make_dataset(train=620, classes=4)
    trainer = Trainer(Config(hidden=hidden, validation=50), data)
    trainer.step()
    index = int(trainer.training_set.indices[5])
    image = data.train_images[index]
    found = nearest_images(trainer.network, trainer.training_set, image, index, 1)
    expected = brute_force(trainer, image, index, lambda x: x.astype(np.float64).ravel() / 255)
    assert found.pixels.indices.tolist() == [one for _, one in expected]
    assert found.pixels.distances == pytest.approx([distance for distance, _ in expected])
    assert (found.images, found.step) == (569, 1)
    if not hidden:
        assert found.hidden is None
        return
    net = trainer.network
    expected = brute_force(
        trainer, image, index, lambda x: layer_outputs(net, column(net, x))[-2].copy()
    )
    assert set(found.hidden.indices.tolist()) == {one for _, one in expected}
    assert found.hidden.distances == pytest.approx([d for d, _ in expected], rel=1e-4, abs=1e-5)
    assert found.units == 6


def test_an_image_that_is_not_in_the_set_may_be_its_own_neighbor(tiny):
    trainer = Trainer(Config(hidden=(4,), validation=20), tiny)
    index = int(trainer.training_set.indices[7])
    found = nearest_images(trainer.network, trainer.training_set, tiny.train_images[index])
    assert found.pixels.indices[0] == index
    assert found.pixels.distances[0] == 0


def test_it_can_be_cancelled_and_numbers_that_are_not_finite_come_last(tiny):
    trainer = Trainer(Config(hidden=(4,), validation=20), tiny)
    image, subset = tiny.test_images[0], trainer.training_set
    assert nearest_images(trainer.network, subset, image, should_continue=lambda _: False) is None
    trainer.network.parameters[:] = np.nan
    found = nearest_images(trainer.network, subset, image)
    assert not np.isfinite(found.hidden.distances).any()
    assert np.isfinite(found.pixels.distances).all()


def test_a_set_of_two_images_has_one_neighbor(make_dataset):
    data = make_dataset(train=3, test=3)
    trainer = Trainer(Config(hidden=(4,), validation=1), data)
    index = int(trainer.training_set.indices[0])
    found = nearest_images(
        trainer.network, trainer.training_set, data.train_images[index], without=index
    )
    assert len(found.pixels.indices) == len(found.hidden.indices) == 1
