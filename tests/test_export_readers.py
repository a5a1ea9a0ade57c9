"""Event files and safetensors: the readers of their own programs find what the run has."""

import json
import sys
import warnings

import numpy as np
import pytest
from test_kept_runs import interrupted_walk

from core.config.config import Config
from core.errors import ExportError
from core.export.model import Model
from core.export.safetensors import as_safetensors
from core.export.tensorboard import as_events
from core.runs.run import Run
from core.training.trainer import Trainer


@pytest.fixture
def run(tiny, tmp_path):
    walk = interrupted_walk(tiny, tmp_path / "runs")
    with Run(walk.keeper.path) as run:
        yield run


def test_tensorboard_reads_every_step_once(run, tmp_path):
    pytest.importorskip("tensorboardX")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
        path = tmp_path / "metrics.tfevents"
        path.write_bytes(as_events(run))
        # The directory, as TensorBoard is used: it must recognize the file by its name.
        events = loader.EventAccumulator(str(tmp_path), {"scalars": 0}).Reload()
    metrics, evaluations = run.metrics(), run.evaluations()
    assert metrics["step"].tolist() == list(range(1, 25))
    expected = {
        "training/loss": (metrics["step"], metrics["loss"]),
        "training/accuracy": (metrics["step"], metrics["accuracy"]),
        "learning_rate": (metrics["step"], metrics["learning_rate"]),
        "validation/loss": (evaluations["step"], evaluations["loss"]),
        "validation/accuracy": (evaluations["step"], evaluations["accuracy"]),
    }
    assert sorted(events.Tags()["scalars"]) == sorted(expected)
    for tag, (steps, values) in expected.items():
        found = events.Scalars(tag)
        assert [event.step for event in found] == steps.tolist()
        assert np.array_equal([event.value for event in found], values.astype("f4"))
    times = [event.wall_time for event in events.Scalars("training/loss")]
    assert np.allclose(np.array(times) - run.meta["started"], metrics["seconds"], atol=1e-3)


def test_without_tensorboardx_it_says_how_to_install_it(run, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("tensorboardX")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ExportError, match=r"pip install 'fashion-tui\[tensorboard\]'"):
        as_events(run)


def test_safetensors_has_the_arrays_and_the_facts(tiny, tmp_path):
    library = pytest.importorskip("safetensors")
    trainer = Trainer(Config(hidden=(9, 7), batch_norm=True, validation=0, batch_size=20), tiny)
    for _ in range(5):
        trainer.step()
    path = tmp_path / "network.safetensors"
    path.write_bytes(as_safetensors(Model.of("näme", trainer)))
    with library.safe_open(str(path), "numpy") as file:
        found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        facts = file.metadata()
    first, _, last = trainer.network.linears
    assert np.array_equal(found["W1"], first.W)
    assert np.array_equal(found["b3"], last.b[:, 0])
    size = sum(array.size for array in found.values())
    assert size == trainer.network.parameters.size + trainer.network.statistics.size
    assert facts["run"] == "näme"
    assert json.loads(facts["classes"]) == list(tiny.class_names)
