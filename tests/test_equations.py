"""The equations of a step: computed as code, they give its arrays, and their shapes match."""

import re
import unicodedata

import numpy as np
import pytest
import traces
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inspection.equations import constants, equations
from core.nn.activations import ACTIVATIONS
from core.training.tracing import trace_step

# Replacements that turn an equation into Python, in this order.
NOTATION = (
    (r"‖g‖", "norm"),
    (r"√\(Σ (.*)\)$", r"sqrt(total(\1))"),
    (r"Σₖ (.*)$", r"over_classes(\1)"),
    (r"Σ (.*)$", r"over_images(\1)"),
    (r"√(\w)", r"sqrt(\1)"),
    (r"√", "sqrt"),
    (r"log (\w+)", r"log(\1)"),
    (r"\(([^()]+) if (.+?) else (.+)\)", r"where(\2, \1, \3)"),
    (r"ᵀ", ".T"),
    (r"²", "**2"),
    (r"³", "**3"),
    *(("−", "-"), ("·", "@"), ("⊙", "*"), ("½", "0.5"), ("₁", "_1"), ("₂", "_2"), ("π", "pi")),
)


class Array(np.ndarray):
    """An array for which @ also multiplies by a number, as · does in the equations."""

    def __matmul__(self, other):
        matrices = self.ndim and np.ndim(other)
        return np.matmul(self, other) if matrices else np.multiply(self, other)

    def __rmatmul__(self, other):
        return np.multiply(other, self)


def array(value):
    return np.asarray(value, np.float64).view(Array)


def identifier(name):
    """The name as a Python identifier."""
    return unicodedata.normalize("NFKC", name.replace("₁", "_1").replace("₂", "_2"))


def compute(text, known):
    for notation, python in NOTATION:
        text = re.sub(notation, python, text)
    functions = {
        "where": np.where,
        "max": np.maximum,
        "min": np.minimum,
        "pi": array(np.pi),
        "total": np.sum,
        "over_images": lambda x: x.sum(axis=1, keepdims=True),
        "over_classes": lambda x: x.sum(axis=0, keepdims=True),
        **{name: getattr(np, name) for name in ("exp", "log", "tanh", "sqrt")},
    }
    return array(eval(text, functions, known))


def check(found, array):
    found = np.broadcast_to(found, array.shape)
    np.testing.assert_allclose(found, array, rtol=1e-3, atol=1e-4 * np.abs(array).max() + 1e-7)


def check_stage(trace, stage, known):
    """Compute its equations one by one from known arrays and compare with its outputs."""
    known |= {identifier(name): array(value) for name, value in constants(trace, stage).items()}
    for equation in equations(trace, stage):
        left, right = re.split(" [=←] ", equation.text, maxsplit=1)
        if right.startswith(("(dW", "(W")) or left == "Y":
            continue
        if left == "W":
            decayed = compute(right, known | {"W": known["θ"]})
            known["θ"] = np.where(known["weights"], decayed, known["θ"]).view(Array)
            continue
        value = compute(right, known)
        if left.endswith("²"):
            left, value = left.removesuffix("²"), np.sqrt(value)
        if left in stage.outputs:
            check(value, trace.array(left, stage))
            value = array(trace.array(left, stage))
        known[identifier(left.replace("‖g‖", "norm"))] = value


def flat(arrays):
    return array(np.concatenate([array.ravel() for array in arrays.values()]))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(max_examples=20)
@given(data=st.data())
def test_the_equations_give_the_outputs_of_each_stage(tiny, activation, data):
    config = data.draw(traces.some(activation=activation, batch_size=32))
    trace = traces.trace(config, tiny)
    known = {name: array(value) for name, value in trace.parameters_before.items()}
    known |= {"images": array(trace.images.reshape(len(trace.images), -1).T)}
    known |= {"Y": array(np.eye(3)[trace.labels].T), "m": array(len(trace.images))}
    for number in range(1, len(config.hidden) + 1):
        if config.dropout:
            kept = [trace.array(name) != 0 for name in (f"D{number}", f"dA{number}")]
            known[f"M{number}"] = array(kept[0] | kept[1])
    for stage in trace.stages:
        if stage.kind in ("clip", "update"):
            known["g"] = array(
                np.concatenate([known[f"d{name}"].ravel() for name in trace.parameters_before])
            )
        if stage.kind == "update":
            check_update(trace, stage, known)
        else:
            check_stage(trace, stage, known)
        if stage.kind == "loss":
            assert known["L"] == pytest.approx(trace.loss, rel=1e-4)
        if stage.kind == "clip":
            check(known["g"], flat({name: trace.array(name) for name in stage.outputs}))
        known |= {identifier(name): array(trace.array(name, stage)) for name in stage.outputs}


def check_update(trace, stage, known):
    adam = stage.operation.startswith("adam")
    unit = {"m": 1 - trace.config.momentum, "v": 1 - trace.config.beta2} if adam else {}
    for name, moment in trace.optimizer_before.moments.items():
        known[name] = array(moment) * unit.get(name, 1)
    known["θ"] = before = flat(trace.parameters_before)
    weights = {
        name: np.full(a.shape, name[0] == "W") for name, a in trace.parameters_before.items()
    }
    known["weights"] = flat(weights).astype(bool)
    check_stage(trace, stage, known)
    for name, moment in trace.optimizer_after.moments.items():
        check(known[name], moment * unit.get(name, 1))
    if stage.operation != "sgd":
        after = flat({name: trace.array(name) for name in stage.outputs})
        moved = np.abs(after - before).max()
        np.testing.assert_allclose(known["θ"], after, atol=moved * 1e-3 + 1e-7)


@given(config=traces.configs)
def test_shapes_are_those_of_the_arrays_and_products_match(tiny, config):
    trace = traces.trace(config, tiny, steps=1)
    for stage in trace.stages:
        for equation in equations(trace, stage):
            name = re.split(" [=←] ", equation.text)[0]
            shape = re.match(r"(\d+)×(\d+)", equation.shapes)
            if name in stage.outputs:
                assert tuple(map(int, shape.groups())) == trace.array(name, stage).shape
            for product in re.findall(r"(\d+)×(\d+) · (\d+)×(\d+)", equation.shapes):
                _, inner, same, _ = product
                assert inner == same
            assert not re.search(r"[A-Za-zθ]", equation.shapes)


@given(config=traces.configs)
def test_every_output_has_an_equation(tiny, config):
    trace = traces.trace(config, tiny, steps=1)
    for stage in trace.stages:
        texts = " ".join(equation.text for equation in equations(trace, stage))
        if stage.kind not in ("clip", "update"):
            assert all(re.search(rf"(^| ){name} [=←]", texts) for name in stage.outputs)


def lines(trace, number):
    found = equations(trace, trace.stages[number])
    return [(equation.text, equation.shapes) for equation in found]


def test_the_equations_of_the_notebook_with_its_shapes(fashion):
    config = traces.CONFIG.replace(hidden=(30, 10), batch_size=256, optimizer="sgd")
    trace = trace_step(traces.trained(config, fashion, steps=0))
    assert lines(trace, 1) == [
        ("Z1 = W1·X + b1", "30×256 = 30×784 · 784×256 + 30×1"),
    ]
    assert lines(trace, 2) == [("A1 = max(Z1, 0)", "30×256 = 30×256")]
    assert lines(trace, 7) == [("dZ3 = (A3 − Y) / m", "10×256 = (10×256 − 10×256) / 256")]
    assert lines(trace, 8) == [
        ("dW3 = dZ3·A2ᵀ", "10×10 = 10×256 · 256×10"),
        ("db3 = Σ dZ3", "10×1 = Σ 10×256"),
        ("dA2 = W3ᵀ·dZ3", "10×256 = 10×10 · 10×256"),
    ]
    assert lines(trace, 9) == [("dZ2 = dA2 ⊙ (Z2 > 0)", "10×256 = 10×256 ⊙ 10×256")]
    assert lines(trace, 13)[0] == ("W1 ← W1 − α·dW1", "30×784 ← 30×784 − 30×784")


def test_every_character_takes_one_cell(tiny):
    for activation in ("gelu", "elu", "relu"):
        trace = traces.trace(traces.EVERYTHING.replace(activation=activation), tiny)
        for stage in trace.stages:
            for equation in equations(trace, stage):
                assert not any(map(unicodedata.combining, equation.text))
                assert not any(unicodedata.east_asian_width(c) in "WF" for c in equation.text)
                assert max(len(equation.text), len(equation.shapes)) < 80
