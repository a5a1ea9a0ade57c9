"""Gradients with respect to a picture, and what is found with them: an adversarial example, the
best picture of a class, and the pixels for and against a class."""

import numerical
import numpy as np
import pytest

from core.config.config import Config
from core.inspection.adversarial_example import LIMIT, adversarial_example
from core.inspection.best_picture import CONTRAST, GRAY, best_picture
from core.inspection.classification import classify
from core.inspection.input_gradient import column, input_gradient, layer_outputs, softmax
from core.inspection.nearest_images import nearest_images
from core.inspection.reasons import reasons
from core.nn.activations import ACTIVATIONS
from core.nn.network import Network
from core.training.trainer import Trainer

SHAPE = (3, 4)
ARCHITECTURES = [
    *((name, (7, 5), norm) for name in ACTIVATIONS for norm in (False, True)),
    ("relu", (), False),
]


def network(activation="relu", hidden=(7, 5), batch_norm=False, seed=0):
    """A network of doubles with arbitrary weights and running averages."""
    rng = np.random.default_rng(seed)
    made = Network((12, *hidden, 4), activation, batch_norm, 1 / 255, np.float64)
    made.initialize("he", rng)
    made.parameters += rng.normal(0, 0.1, made.parameters.shape)
    made.statistics += rng.uniform(0, 1, made.statistics.shape)
    return made


def picture(seed=0):
    return np.random.default_rng(seed).integers(0, 256, SHAPE).astype(np.uint8)


def loss(net, x, label):
    logits = net.forward(255 * x)[:, 0]
    return np.log(np.exp(logits).sum()) - logits[label]


@pytest.mark.parametrize(("activation", "hidden", "batch_norm"), ARCHITECTURES)
def test_it_is_that_of_finite_differences(activation, hidden, batch_norm):
    net, x = network(activation, hidden, batch_norm), column(network(), picture()) / 255
    for label in range(4):
        expected = numerical.gradient(lambda of=label: loss(net, x, of), x)
        dlogits = softmax(net.forward(255 * x))
        dlogits[label] -= 1
        assert input_gradient(net, dlogits) == pytest.approx(expected, abs=1e-7)


def test_saliency_is_the_size_of_the_gradient_of_the_predicted_class():
    net, image = network(), picture()
    found = classify(net, image, 5)
    x = column(net, image) / 255
    expected = numerical.gradient(lambda: loss(net, x, found.predicted), x)
    assert found.saliency == pytest.approx(np.abs(expected).reshape(SHAPE), abs=1e-7)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_activity_is_that_of_the_hidden_layers(batch_norm):
    net, image = network("tanh", batch_norm=batch_norm), picture()
    found = classify(net, image)
    assert [len(layer) for layer in found.activity] == [7, 5]
    outputs = []
    net.forward(column(net, image), observe=outputs.append)
    for layer, output in zip(
        found.activity, outputs[1 + batch_norm :: 2 + batch_norm], strict=False
    ):
        assert layer == pytest.approx(output[:, 0])
    assert classify(network(hidden=()), image).activity == ()
    assert layer_outputs(net, column(net, image))[-1][:, 0] == pytest.approx(outputs[-1][:, 0])


# Adversarial examples


def test_the_change_has_the_first_size_along_the_sign_that_flips_the_prediction():
    flipped = 0
    for seed in range(40):
        net, image = network(seed=seed), picture(seed)
        found = adversarial_example(net, image, 3)
        x = column(net, image) / 255
        predicted = int(net.forward(255 * x)[:, 0].argmax())
        sign = np.sign(numerical.gradient(lambda n=net, y=x, p=predicted: loss(n, y, p), x))
        assert np.array_equal(found.direction, sign.reshape(SHAPE))
        sizes = []
        for size in range(LIMIT + 1):
            changed = np.clip(image + size * sign.reshape(SHAPE), 0, 255).astype(np.uint8)
            if net.probabilities(changed[None]).argmax() != predicted:
                sizes.append(size)
        assert found.size == (sizes[0] if sizes else None)
        if found.size is None:
            assert found.predicted == (predicted, predicted)
            assert np.abs(found.change).max() <= LIMIT
            continue
        flipped += 1
        assert found.predicted[0] == predicted != found.predicted[1]
        assert np.abs(found.change).max() <= found.size
        assert found.after == pytest.approx(net.probabilities(found.changed[None])[0])
        assert found.confidence[0] == pytest.approx(found.before[predicted])
    assert flipped > 10


def test_a_network_that_is_very_sure_has_an_adversarial_example_too():
    """In float32 its probability is 1, so p - y is 0 in every place."""
    net = Network((12, 4), scale=1 / 255)
    net.initialize("he", np.random.default_rng(0))
    net.parameters *= 400
    image = picture()
    assert net.probabilities(image[None]).max() == 1
    found = adversarial_example(net, image)
    assert np.count_nonzero(found.direction) == 12
    assert found.size is not None


def test_weights_that_are_zero_or_not_finite_flip_nothing():
    net = Network((12, 4), scale=1 / 255)
    found = adversarial_example(net, picture())
    assert (found.size, np.count_nonzero(found.change)) == (None, 0)
    net.parameters[:] = np.nan
    found = adversarial_example(net, picture())
    assert (found.size, found.predicted) == (None, None)
    assert not np.isfinite(best_picture(net, 1, SHAPE).probabilities).any()


# The best picture


@pytest.mark.parametrize("label", range(4))
def test_the_ascent_raises_the_logit_of_the_class_from_gray_within_its_contrast(label):
    net = network()
    found = best_picture(net, label, SHAPE, 2)
    start = net.forward(np.full((12, 1), GRAY))[label, 0]
    assert found.logits[0] == pytest.approx(start)
    assert found.logits[-1] == pytest.approx(net.forward(column(net, found.picture))[label, 0])
    assert found.logits[-1] > start
    assert np.diff(found.logits[:8]).min() > 0
    assert found.probabilities == pytest.approx(net.probabilities(found.picture[None])[0])
    assert np.sqrt(np.mean((found.picture / 255 - 0.5) ** 2)) <= CONTRAST + 0.005


def test_without_hidden_layers_it_is_the_exact_best_picture():
    """Without clipping, the best picture is the weights of the class, at full contrast."""
    net = network(hidden=())
    net.linears[0].W[:] = np.where(np.indices((4, 12)).sum(axis=0) % 2, 1, -1)
    found = best_picture(net, 2, SHAPE).picture / 255
    assert found.reshape(-1) == pytest.approx(0.5 + CONTRAST * net.linears[0].W[2], abs=0.003)


def test_it_can_be_cancelled():
    net, image = network(), picture()
    shares = []
    assert best_picture(net, 0, SHAPE, 0, lambda share: shares.append(share) or share < 0.5) is None
    assert shares[-1] == 0.5
    assert net.probabilities(image[None]).shape == (1, 4)


# Reasons


def test_without_biases_the_pixels_add_up_to_the_logits():
    for hidden in ((), (7, 5)):
        net, image = network(hidden=hidden), picture()
        for linear in net.linears:
            linear.b[:] = 0
        found = reasons(net, image, (3, 1), 9)
        assert found.effects.sum(axis=(1, 2)) == pytest.approx(found.logits)
        assert found.probabilities == pytest.approx(net.probabilities(image[None])[0, [3, 1]])


def test_an_effect_is_the_pixel_times_the_slope_of_the_logit():
    net, image = network("tanh", batch_norm=True), picture()
    x = column(net, image) / 255
    found = reasons(net, image, (3, 1))
    for place, label in enumerate((3, 1)):
        slope = numerical.gradient(lambda of=label: net.forward(255 * x)[of, 0], x)
        assert found.effects[place] == pytest.approx((slope * x).reshape(SHAPE), abs=1e-7)


# The run


@pytest.mark.parametrize("batch_norm", [False, True])
def test_a_run_in_which_all_of_this_is_looked_at_is_the_same_as_a_straight_one(tiny, batch_norm):
    config = Config(
        hidden=(8, 6), batch_size=20, validation=20, dropout=0.2, batch_norm=batch_norm, epochs=2
    )
    straight, watched = Trainer(config, tiny), Trainer(config, tiny)
    image, shape = tiny.test_images[3], tiny.test_images.shape[1:]
    for _ in range(12):
        net = watched.network
        classify(net, image)
        adversarial_example(net, image)
        best_picture(net, 1, shape)
        reasons(net, image, (0, 1))
        nearest_images(net, watched.training_set, image)
        assert straight.step().loss == watched.step().loss
    for name in ("parameters", "statistics"):
        one, other = (getattr(trainer.network, name) for trainer in (straight, watched))
        assert np.array_equal(one, other)
    assert straight.checkpoint().dropout_rng == watched.checkpoint().dropout_rng
