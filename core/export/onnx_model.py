"""The network of a run as ONNX, with the package onnx (extra `onnx`)."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ExportError
from core.export.model import Model
from core.nn.activations import GELU, LeakyReLU
from core.nn.batch_norm import BatchNorm

_IR, _OPSET = 7, 13
"""Of 2020, so that older runtimes read it, too."""

_OPERATORS: dict[str, tuple[str, dict[str, float]]] = {
    "relu": ("Relu", {}),
    "leaky-relu": ("LeakyRelu", {"alpha": LeakyReLU.slope}),
    "elu": ("Elu", {"alpha": 1.0}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
}
_NUMBERS = {"255": 255.0, "c": GELU.c, "k": GELU.k, "half": 0.5, "one": 1.0}

Node = tuple[str, list[str], str, dict[str, Any]]
"""An operator, its inputs, its output and its attributes."""


def as_onnx(model: Model) -> bytes:
    """Returns a model from `images` (m, height, width) uint8 to `probabilities` (m, K), m free.

    The pixels are 0 to 255, as in the files. Raises ExportError without the package.
    """
    try:
        import onnx
        from onnx import helper, numpy_helper
    except ImportError as error:
        raise ExportError(
            "ONNX needs the package onnx; install it with: pip install 'fashion-tui[onnx]'"
        ) from error
    (height, width), classes = model.shape, len(model.class_names)
    nodes = list(_nodes(model))
    used = {name for _, inputs, _, _ in nodes for name in inputs}
    numbers = {name: np.array(value, np.float32) for name, value in _NUMBERS.items()}
    constants: dict[str, NDArray[np.float32]] = {**numbers, **model.arrays()}
    tensor, value = onnx.TensorProto, helper.make_tensor_value_info
    proto = helper.make_model(
        helper.make_graph(
            [helper.make_node(op, inputs, [output], **more) for op, inputs, output, more in nodes],
            "network",
            [value("images", tensor.UINT8, ["m", height, width])],
            [value("probabilities", tensor.FLOAT, ["m", classes])],
            [numpy_helper.from_array(constants[name], name) for name in constants if name in used],
        ),
        ir_version=_IR,
        opset_imports=[helper.make_opsetid("", _OPSET)],
        producer_name="fashion-tui",
        doc_string=model.description,
    )
    helper.set_model_props(
        proto,
        {
            "input": f"images as in the files: (m, {height}, {width}) uint8, 0 to 255",
            "output": f"the probability of each class: (m, {classes})",
            "classes": json.dumps(model.class_names, ensure_ascii=False),
            "run": model.name,
        },
    )
    onnx.checker.check_model(proto)
    return bytes(proto.SerializeToString())


def _nodes(model: Model) -> Iterator[Node]:
    yield "Cast", ["images"], "bytes", {"to": 1}  # to float32
    yield "Flatten", ["bytes"], "pixels", {"axis": 1}
    yield "Div", ["pixels", "255"], "a0", {}
    layers = len(model.network.linears)
    for n in range(1, layers + 1):
        z = f"z{n}"
        yield "Gemm", [f"a{n - 1}", f"W{n}", f"b{n}"], z, {"transB": 1}
        if n == layers:
            yield "Softmax", [z], "probabilities", {"axis": 1}
            return
        if model.has_batch_norm:
            parameters = [f"{name}{n}" for name in ("gamma", "beta", "mean", "variance")]
            normalized = f"normalized{n}"
            yield "BatchNormalization", [z, *parameters], normalized, {"epsilon": BatchNorm.epsilon}
            z = normalized
        if model.activation == "gelu":
            yield from _gelu(z, n)
        else:
            operator, attributes = _OPERATORS[model.activation]
            yield operator, [z], f"a{n}", attributes


def _gelu(z: str, n: int) -> Iterator[Node]:
    """a = z (1 + tanh(c z (1 + k z²))) / 2; the operator Gelu is newer than the opset."""
    values = [f"gelu{n}.{number}" for number in range(8)]
    for place, (operator, *inputs) in enumerate(
        (
            ("Mul", z, z),
            ("Mul", values[0], "k"),
            ("Add", values[1], "one"),
            ("Mul", values[2], z),
            ("Mul", values[3], "c"),
            ("Tanh", values[4]),
            ("Add", values[5], "one"),
            ("Mul", values[6], z),
        )
    ):
        yield operator, inputs, values[place], {}
    yield "Mul", [values[7], "half"], f"a{n}", {}
