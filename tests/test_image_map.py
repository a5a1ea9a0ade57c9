"""The map of the images: PCA against a singular value decomposition, its turns, its numbers."""

from functools import partial

import numpy as np
import pytest
from traces import CONFIG, result, trained

from core.experiments.what_if import ask
from core.what_if.image_map import aligned, image_map, principal_axes, separation


def axes(X):
    return result(principal_axes(X))


@pytest.mark.parametrize("shape", [(300, 20), (400, 700), (3, 400), (1, 5)], ids=str)
def test_the_axes_are_the_first_right_singular_vectors(shape):
    scales = np.geomspace(30, 1, shape[1])
    scales[:2] = 90, 60
    X = np.random.default_rng(0).standard_normal(shape) * scales
    X = (X - X.mean(axis=0)).astype(np.float32)
    found = axes(X)
    _, sizes, expected = np.linalg.svd(X.astype(float), full_matrices=False)
    assert found.shape == (shape[1], 2)
    assert found[np.abs(found).argmax(axis=0), [0, 1]].min() > 0
    for number in range(min(2, np.count_nonzero(sizes > 1e-3))):
        assert abs(found[:, number] @ expected[number]) == pytest.approx(1, abs=1e-3)


def test_one_unit_makes_a_map_of_one_dimension():
    X = np.array([[1.0], [-1.0], [0.0]], np.float32)
    assert (X @ axes(X)).tolist() == [[1, 0], [-1, 0], [0, 0]]


def test_a_map_is_turned_and_mirrored_to_the_one_before():
    rng = np.random.default_rng(0)
    before = rng.standard_normal((50, 2))
    angle = 2.0
    turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    np.testing.assert_allclose(aligned(before @ turn, before), before, atol=1e-12)


def test_the_separation_is_the_variance_between_the_classes_over_all_variance():
    labels = np.array([0, 0, 2, 2], np.uint8)
    X = np.array([[0, 0], [0, 2], [4, 0], [4, 2]], float)
    assert separation(X, labels) == pytest.approx(16 / 20)
    assert separation(X[:, :1], labels) == pytest.approx(1)
    assert separation(X[:, 1:], labels) == pytest.approx(0)
    assert separation(np.ones((4, 2)), labels) == 0


def test_a_map_of_pixels_and_of_each_layer(make_dataset):
    trainer = trained(CONFIG.replace(validation=600), make_dataset(train=2000))
    part = trainer.evaluation_set
    X = part.images[part.indices].reshape(len(part), -1) / 255
    outputs = [X]
    for linear in trainer.network.linears:
        outputs.append(np.maximum(outputs[-1] @ linear.W.T + linear.b.T, 0))
    outputs[-1] = outputs[-2] @ linear.W.T + linear.b.T
    for layer, A in enumerate(outputs):
        found = ask(trainer, partial(image_map, layer=layer))
        assert (found.step, found.layer, found.subset) == (7, layer, "validation")
        assert np.array_equal(found.indices, part.indices)
        A = A - A.mean(axis=0)
        _, sizes, Vt = np.linalg.svd(A, full_matrices=False)
        assert found.explained == pytest.approx((sizes[:2] ** 2).sum() / (sizes**2).sum(), abs=1e-4)
        assert found.separation == pytest.approx(separation(A, found.labels), abs=1e-4)
        for number in range(2):
            correlation = np.corrcoef(found.points[:, number], A @ Vt[number])[0, 1]
            assert abs(correlation) == pytest.approx(1, abs=1e-3)


def test_a_map_of_the_trained_network_stays_close_to_the_one_before(tiny):
    trainer = trained(CONFIG, tiny)
    before = ask(trainer, partial(image_map, layer=1))
    for _ in range(3):
        trainer.step()
    after = ask(trainer, partial(image_map, layer=1, before=before))
    alone = ask(trainer, partial(image_map, layer=1))
    moved = [np.square(found.points - before.points).sum() for found in (after, alone)]
    assert moved[0] <= moved[1] + 1e-6
    other = ask(trainer, partial(image_map, layer=2, before=before))  # of another layer
    assert np.array_equal(other.points, ask(trainer, partial(image_map, layer=2)).points)


def test_at_most_5000_images_are_shown_evenly_spread(make_dataset):
    trainer = trained(CONFIG.replace(validation=5100), make_dataset(train=15400))
    found = ask(trainer, partial(image_map, layer=1))
    assert len(found.indices) == 5000
    assert np.diff(np.searchsorted(trainer.evaluation_set.indices, found.indices)).max() <= 2
