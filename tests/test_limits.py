"""Memory: a step allocates no arrays, an evaluation only its outputs; too large runs fail."""

import re
import tracemalloc

import numpy as np
import pytest

from core.config.config import Config
from core.data.dataset import Dataset
from core.errors import ConfigError
from core.training import limits
from core.training.machine import usable_memory
from core.training.timeline import Timeline
from core.training.tracing import trace_step
from core.training.trainer import Trainer

BATCH = 512
BATCH_BYTES = BATCH * 784 * 4  # as float32: 1.6 MB


def peaks(*works):
    """The peaks, up to the end of each of `works`, of the memory that they allocate, in bytes."""
    found = []
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for work in works:
            work()
            found.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return found


def peak(work):
    return peaks(work)[0]


OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"]


@pytest.mark.parametrize(
    ("optimizer", "activation"),
    [(name, "relu") for name in OPTIMIZERS]
    + [("adam", name) for name in ("gelu", "tanh", "sigmoid", "leaky-relu", "elu")],
)
def test_a_step_allocates_no_arrays(fashion, optimizer, activation):
    """80 kB leave room for NumPy's own 32 kB where it casts bytes to floats, and for a few numbers
    an image, but not for one array of a hidden layer, 131 kB, or of the parameters, 437 kB. At step
    32 optimizers set tiny moments to 0."""
    trainer = Trainer(Config(optimizer=optimizer, activation=activation, batch_size=BATCH), fashion)
    for _ in range(5):
        trainer.step()

    def thirty_steps():
        for _ in range(30):
            trainer.step()

    assert peak(thirty_steps) < 0.05 * BATCH_BYTES


def evaluation_peak(images):
    shape, classes = (28, 28), 10
    labels = (np.arange(images) % classes).astype(np.uint8)
    pictures = np.zeros((images, *shape), np.uint8)
    names = tuple(str(label) for label in range(classes))
    data = Dataset(pictures[:20], labels[:20], pictures, labels, names)
    trainer = Trainer(Config(batch_size=10, validation=0), data)
    trainer.evaluate(data.test)
    return peak(lambda: trainer.evaluate(data.test))


def test_an_evaluation_allocates_memory_for_its_outputs_only():
    few, many = 2000, 10_000
    growth = (evaluation_peak(many) - evaluation_peak(few)) / (many - few)
    # Ten probabilities, a loss, a label, an index and what is predicted; an image is 784 bytes,
    # and 3,136 as float32.
    assert 40 < growth < 10 * 4 + 4 + 1 + 8 + 8 + 8


@pytest.mark.parametrize("hidden", [(10_000, 10_000), (6000, 8500)], ids=str)
def test_a_network_of_more_than_50_million_parameters_is_refused(tiny, hidden):
    first, second = hidden
    count = (30 + 1) * first + (first + 1) * second + (second + 1) * 3
    with pytest.raises(ConfigError) as caught:
        Trainer(Config(hidden=hidden, batch_size=10, validation=0), tiny)
    assert caught.value.field == "hidden"
    assert str(caught.value) == (
        f"hidden: enter smaller or fewer layers; {first},{second} needs {count:,} parameters, and "
        "a network can have at most 50,000,000"
    )


def test_a_network_just_below_the_limit_is_accepted(tiny, monkeypatch):
    """Without drawing fifty million numbers."""
    monkeypatch.setattr("core.training.limits._MAX_PARAMETERS", (30 + 1) * 8 + (8 + 1) * 3)
    Trainer(Config(hidden=(8,), batch_size=10, validation=0), tiny)
    with pytest.raises(ConfigError, match=r"9 needs [\d,]+ parameters, .* at most 275$"):
        Trainer(Config(hidden=(9,), batch_size=10, validation=0), tiny)


RUNS = [
    Config(hidden=(1000, 800)),
    Config(hidden=(1000, 800), optimizer="sgd", l2=0.01, clip_norm=1.0),
    Config(hidden=(1000, 800), initialization="orthogonal", patience=1),
    Config(hidden=(64, 64), batch_size=20_000, activation="gelu", dropout=0.2, batch_norm=True),
    Config(hidden=(64,), batch_size=20_000, flip=0.5, shift=2),
]


@pytest.mark.parametrize("config", RUNS, ids=range(len(RUNS)))
def test_the_memory_of_a_run_is_estimated_from_above_but_not_by_far(fashion, config):
    """First of a run alone, and then with its timeline."""
    config = config.replace(timeline_memory=1, validation=1000)  # two batches
    trainers = []

    def run():
        trainers.append(Trainer(config, fashion))
        trainers[0].step()
        trainers[0].evaluate(trainers[0].evaluation_set)

    def go_on_with_timeline():
        line = Timeline(trainers[0])
        line.step()
        trace = trace_step(line.trainer)
        line.step()
        trace = trace_step(line.trainer)  # while the first one still exists
        line.go_to(1)
        assert trace

    for timeline, taken in enumerate(peaks(run, go_on_with_timeline)):
        network, images = trainers[0].network, len(trainers[0].training_set)
        needs = limits.memory(
            config, network.sizes, network.parameters.size, images, bool(timeline)
        )
        assert taken - 10e6 < sum(needs.values()) < 2.2 * taken, timeline


@pytest.fixture
def small_machine(monkeypatch):
    monkeypatch.setattr(limits, "usable_memory", lambda: 40e6)  # 30 MB can be used


def test_a_run_that_takes_too_much_memory_is_refused_with_a_remedy(fashion, small_machine):
    with pytest.raises(ConfigError) as caught:
        Trainer(Config(hidden=(2000, 1000)), fashion)
    assert caught.value.field == "hidden"
    assert re.fullmatch(
        r"this run takes up to 0\.\d GB of memory, but only 0\.0 GB of this machine's memory "
        r"can be used; choose smaller hidden layers than 2000,1000",
        str(caught.value),
    )
    with pytest.raises(ConfigError, match="choose a batch size below 50,000") as caught:
        Trainer(Config(batch_size=50_000), fashion)
    assert caught.value.field == "batch_size"


def test_a_change_that_takes_too_much_memory_is_refused(fashion, small_machine):
    trainer = Trainer(Config(), fashion)
    with pytest.raises(ConfigError, match="choose a batch size below 50,000"):
        trainer.change(batch_size=50_000)
    assert trainer.config.batch_size == 128


def test_a_timeline_that_takes_too_much_memory_is_refused(fashion, small_machine):
    trainer = Trainer(Config(), fashion)
    with pytest.raises(ConfigError, match="choose a timeline memory below 100") as caught:
        Timeline(trainer)
    assert caught.value.field == "timeline_memory"


@pytest.mark.parametrize(
    ("groups", "limits_of_groups", "expected"),
    [
        ("0::/", {"sys/fs/cgroup/memory.max": "300000000"}, 300e6),
        ("0::/a/b", {"sys/fs/cgroup/a/memory.max": "200000000"}, 200e6),
        ("0::/a", {"sys/fs/cgroup/a/memory.max": "max"}, None),
        (
            "5:cpu:/x\n4:memory:/docker/1\n0::/",
            {"sys/fs/cgroup/memory/memory.limit_in_bytes": "100000000"},
            100e6,
        ),
        ("4:memory:/d", {"sys/fs/cgroup/memory/d/memory.limit_in_bytes": "9" * 19}, None),
        ("0::/../../outside", {}, None),
        ("", {}, None),
    ],
    ids=str,
)
def test_the_limits_of_a_container_count(tmp_path, groups, limits_of_groups, expected):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(groups)
    for name, limit in limits_of_groups.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(f"{limit}\n")
    everything = usable_memory(tmp_path / "nothing")
    assert usable_memory(tmp_path) == (expected or everything)


def test_the_limit_of_the_process_counts(command, tiny_options):
    """As `ulimit -v` sets it."""
    resource = pytest.importorskip("resource")  # not on Windows
    limit = 1_000_000_000

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    done = command("train", *tiny_options, "--hidden", "5500,5500", preexec_fn=limited)
    assert done.returncode == 2
    assert "but only 0.8 GB of this machine's memory can be used" in done.stderr
