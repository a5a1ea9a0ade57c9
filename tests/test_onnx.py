"""The network as ONNX: another runtime makes the same predictions from the images as they are."""

import json
import sys

import numpy as np
import pytest

from core.config.config import Config
from core.errors import ExportError
from core.export.model import Model
from core.export.onnx_model import as_onnx
from core.nn.activations import ACTIVATIONS
from core.training.trainer import Trainer


def trained(data, steps, **settings):
    trainer = Trainer(Config(**settings), data)
    for _ in range(steps):
        trainer.step()
    return trainer


def run(content, images):
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (probabilities,) = session.run(["probabilities"], {"images": images})
    return probabilities


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_onnx_runtime_has_the_same_probabilities(tiny, activation, batch_norm):
    pytest.importorskip("onnx")
    settings = {"hidden": (9, 7), "activation": activation, "batch_norm": batch_norm}
    trainer = trained(tiny, 30, validation=0, batch_size=20, **settings)
    content = as_onnx(Model.of("x", trainer))
    for count in (1, 60):
        images = tiny.test_images[:count]
        ours = trainer.network.probabilities(images)
        theirs = run(content, images)
        np.testing.assert_allclose(theirs, ours, rtol=1e-4, atol=1e-6)
        assert np.array_equal(theirs.argmax(axis=1), ours.argmax(axis=1))


def test_a_network_without_hidden_layers(tiny):
    pytest.importorskip("onnx")
    trainer = trained(tiny, 5, hidden=(), validation=0, batch_size=20)
    theirs = run(as_onnx(Model.of("x", trainer)), tiny.test_images)
    np.testing.assert_allclose(theirs, trainer.network.probabilities(tiny.test_images), rtol=1e-4)


def test_it_predicts_the_whole_test_set_as_ours(fashion):
    pytest.importorskip("onnx")
    trainer = trained(fashion, 100, hidden=(64, 32), activation="gelu", batch_norm=True)
    predicted = run(as_onnx(Model.of("x", trainer)), fashion.test_images).argmax(axis=1)
    assert np.array_equal(predicted, trainer.network.predict(fashion.test_images))
    assert np.mean(predicted == fashion.test_labels) > 0.7


def test_it_says_what_it_takes_and_old_runtimes_read_it(tiny):
    onnx = pytest.importorskip("onnx")
    trainer = trained(tiny, 1, validation=0, batch_size=20)
    model = onnx.load_from_string(as_onnx(Model.of("näme", trainer)))
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version == 7
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 13)]
    facts = {fact.key: fact.value for fact in model.metadata_props}
    assert facts["input"] == "images as in the files: (m, 6, 5) uint8, 0 to 255"
    assert json.loads(facts["classes"]) == list(tiny.class_names)
    assert facts["run"] == "näme"
    (images,) = model.graph.input
    assert images.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert images.type.tensor_type.shape.dim[0].dim_param == "m"


def test_without_the_package_it_says_how_to_install_it(tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    trainer = trained(tiny, 1, validation=0, batch_size=20)
    with pytest.raises(ExportError, match=r"pip install 'fashion-tui\[onnx\]'"):
        as_onnx(Model.of("x", trainer))
