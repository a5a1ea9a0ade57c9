"""The update of a parameter, and how far the weights of each layer move."""

import numpy as np
import pytest
import traces
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inspection.updates import coefficients, parameter_update, update_ratios
from core.training.tracing import trace_step

optimizers = pytest.mark.parametrize("optimizer", traces.OPTIMIZERS)


def value(calculation):
    """The value of the right side of a calculation."""
    right = calculation.split(" = ")[1].replace("√(", "sqrt(").replace("·", "*").replace("−", "-")
    while "√" in right:
        start = right.index("√")
        number = right[start + 1 :].split(" ")[0]
        right = right.replace(f"√{number}", f"sqrt({number})")
    return eval(right, {"sqrt": np.sqrt})


@optimizers
@settings(max_examples=15)
@given(data=st.data())
def test_the_calculation_gives_the_new_value(tiny, optimizer, data):
    config = data.draw(traces.some(optimizer=optimizer))
    trace = traces.trace(config, tiny)
    name = data.draw(st.sampled_from(list(trace.parameters_before)))
    rows, columns = trace.shapes[name]
    at = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    update = parameter_update(trace, name, *at)
    assert update.before == trace.parameters_before[name][at]
    assert update.after == trace.array(name)[at]
    assert update.gradient == trace.array(f"d{name}")[at]
    assert update.change == update.after - update.before
    left = float(update.calculation.split(" = ")[0])
    assert left == pytest.approx(update.after, rel=1e-5)
    # It shows 6 digits of the parameter and 4 of the other numbers.
    close = 2e-5 * abs(update.before) + 2e-3 * abs(update.change) + 1e-9
    assert value(update.calculation) == pytest.approx(update.after, abs=close)


@optimizers
def test_moments_are_those_of_the_optimizer_s_equations(tiny, optimizer):
    trainer = traces.trained(traces.CONFIG.replace(optimizer=optimizer), tiny)
    trace = trace_step(trainer)
    update = parameter_update(trace, "W1", 2, 17)
    g = update.gradient
    moments = {name: (before, after) for name, before, after in update.moments}
    after = {name: new for name, (_, new) in moments.items()}
    if optimizer == "sgd":
        assert after == {}
    elif optimizer in ("momentum", "nesterov"):
        assert after == {"v": pytest.approx(0.9 * moments["v"][0] + g, rel=1e-4)}
    elif optimizer == "adagrad":
        assert after == {"s": pytest.approx(moments["s"][0] + g**2, rel=1e-4)}
    elif optimizer == "rmsprop":
        expected = 0.999 * moments["s"][0] + 0.001 * g**2
        assert after == {"s": pytest.approx(expected, rel=1e-4)}
    else:
        assert after == {
            "m": pytest.approx(0.9 * moments["m"][0] + 0.1 * g, rel=1e-3),
            "v": pytest.approx(0.999 * moments["v"][0] + 0.001 * g**2, rel=1e-4),
        }


def test_a_name_has_the_indices_of_the_parameter(tiny):
    trace = traces.trace(traces.EVERYTHING, tiny)
    assert parameter_update(trace, "W2", 1, 3).name == "W2[1, 3]"
    assert parameter_update(trace, "b1", 4).name == "b1[4]"
    assert parameter_update(trace, "γ2", 0).name == "γ2[0]"
    with pytest.raises(KeyError):
        parameter_update(trace, "W9", 0)


def test_a_calculation_as_text(tiny):
    config = traces.CONFIG.replace(optimizer="sgd", learning_rate=0.5, initialization="zeros")
    trace = trace_step(traces.trained(config, tiny, steps=0))
    update = parameter_update(trace, "b3", 0)
    assert update.gradient == pytest.approx(trace.array("db3")[0, 0])
    gradient = f"{update.gradient:.4g}"
    gradient = f"({gradient})" if update.gradient < 0 else gradient
    assert update.calculation == f"{update.after:.6g} = 0 − 0.5·{gradient}"


def test_a_step_that_diverges_updates_nothing(tiny):
    trainer = traces.trained(traces.CONFIG, tiny)
    trainer.network.parameters[:] *= 1e30
    trace = trace_step(trainer)
    with pytest.raises(KeyError):
        parameter_update(trace, "W1", 0, 0)
    assert np.isnan(update_ratios(trace)).all()


@optimizers
def test_the_ratio_is_the_norm_of_the_change_over_the_norm_of_the_weights(tiny, optimizer):
    trainer = traces.trained(traces.CONFIG.replace(optimizer=optimizer), tiny)
    ratios = update_ratios(trace_step(trainer))
    before = [layer.W.astype(np.float64) for layer in trainer.network.linears]
    trainer.step()
    for ratio, W, layer in zip(ratios, before, trainer.network.linears, strict=True):
        expected = np.linalg.norm(layer.W - W) / np.linalg.norm(W)
        assert ratio == pytest.approx(np.log10(expected), abs=1e-4)
        assert -6 < ratio < 0


def test_the_ratio_of_a_layer_that_does_not_move_or_was_all_zeros(tiny):
    still = traces.CONFIG.replace(optimizer="sgd", learning_rate=1e-30)
    assert set(update_ratios(traces.trace(still, tiny))) == {-np.inf}
    # With all weights 0, the gradient of every weight is 0 too.
    zeros = traces.CONFIG.replace(initialization="zeros", hidden=())
    assert update_ratios(trace_step(traces.trained(zeros, tiny, steps=0))) == (np.inf,)
    zeros = zeros.replace(hidden=(4,))
    assert np.isnan(update_ratios(trace_step(traces.trained(zeros, tiny, steps=0)))).all()


@pytest.mark.parametrize(
    ("values", "letters"),
    [
        ({"optimizer": "sgd"}, "α"),
        ({"optimizer": "nesterov"}, "α μ"),
        ({"optimizer": "adagrad"}, "α ε"),
        ({"optimizer": "rmsprop"}, "α ρ ε"),
        ({"optimizer": "adam"}, "α β₁ β₂ t c₁ c₂ ε"),
        ({"optimizer": "adamw", "weight_decay": 0.1}, "α λ β₁ β₂ t c₁ c₂ ε"),
    ],
    ids=str,
)
def test_each_letter_in_the_equations_has_a_number(tiny, values, letters):
    found = coefficients(traces.trace(traces.CONFIG.replace(**values), tiny))
    assert " ".join(found) == letters
    assert found["α"] == 0.01
    assert found.get("t", 8) == 8
