"""The probabilities of all classes of a kept run, computed again, and how an image shows them."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from rich.cells import cell_len
from run_files import train_run

from core.config.config import Config
from core.data import dataset
from core.errors import RunError
from core.runs.comparison import compare_predictions
from core.runs.probabilities import probabilities
from core.runs.run import Run
from core.training.trainer import Trainer
from tui.screens.runs.pair_table import PairTable, heads

CONFIG = Config(hidden=(8,), batch_size=32, validation=60, epochs=9)
OTHER = CONFIG.replace(learning_rate=0.03, optimizer="sgd")


@pytest.fixture
def data(tmp_path, write_directory, make_dataset):
    """The directory of a dataset that a small network does not learn at once."""
    return write_directory(tmp_path / "noisy", make_dataset(train=300, classes=6, shape=(3, 3)))


@pytest.fixture
def pair(tmp_path, data):
    """Two runs: their files, their comparison and their dataset."""
    paths = [train_run(tmp_path / "runs", data, config, 30)[0] for config in (CONFIG, OTHER)]
    loaded = dataset.load(data)
    with Run(paths[0]) as first, Run(paths[1]) as second:
        return paths, compare_predictions(first, second, loaded), loaded


def test_they_are_those_of_the_evaluation_that_is_compared(pair):
    paths, found, loaded = pair
    for place, (path, config) in enumerate(zip(paths, (CONFIG, OTHER), strict=True)):
        trainer = Trainer(config, loaded)
        for _ in range(found.steps[place]):
            trainer.step()
        expected = trainer.evaluate(trainer.evaluation_set).probabilities
        shares = probabilities(path, found, place, loaded)
        assert shares == pytest.approx(expected, abs=1e-6)
        of_true = shares[np.arange(len(found.labels)), found.labels]
        assert of_true == pytest.approx(found.true_probability[place], abs=1e-3)
        assert (shares.argmax(axis=1) == found.predicted[place]).all()


def test_an_earlier_step_is_computed_from_the_checkpoint_before_it(pair, monkeypatch):
    paths, found, loaded = pair
    steps, step = [], Trainer.step

    def counted(trainer):
        steps.append(trainer.steps)
        return step(trainer)

    with Run(paths[0]) as run:
        kept = [step for _, step in run.reader.checkpoint_keys() if step < found.steps[0]]
        monkeypatch.setattr(Trainer, "step", counted)
        run.network_at(found.steps[0], loaded)
    assert steps == list(range(max(kept, default=0), found.steps[0]))


def test_it_can_be_stopped(pair):
    paths, found, loaded = pair
    assert probabilities(paths[0], found, 0, loaded, lambda fraction: False) is None


def test_a_file_with_another_network_is_refused(pair):
    paths, found, loaded = pair
    with pytest.raises(RunError, match="no longer has the network of step"):
        probabilities(paths[1], found, 0, loaded)  # as if it had been replaced meanwhile


@pytest.mark.parametrize("statement", ["UPDATE arrays SET shape = '[1]'", "DELETE FROM arrays"])
def test_a_damaged_file_is_refused_with_its_name(pair, statement):
    paths, found, loaded = pair
    with closing(sqlite3.connect(paths[0])) as connection, connection:
        connection.execute(statement)
    with pytest.raises(RunError, match=paths[0].name):
        probabilities(paths[0], found, 0, loaded)
    paths[1].unlink()
    with pytest.raises(RunError, match=paths[1].name):
        probabilities(paths[1], found, 1, loaded)


NAMES = tuple(f"class {number}" for number in range(6))
SHARES = np.array([[0.1, 0.2, 0.7, 0, 0, 0], [0.0, 0.3, 0.1, 0.6, 0.0003, 0]])


def test_a_class_has_a_line_with_a_bar_and_a_value_for_each_run():
    table = PairTable(NAMES, 1, (2, 3), SHARES)
    assert table.classes(6) == [0, 1, 2, 3, 4, 5]
    lines = [table.line(at, 46) for at in range(6)]
    assert lines[1] == "→     class 1 ━╌╌╌╌╌  20.0%   ━━╌╌╌╌  30.0%  "
    assert lines[2] == "      class 2 ━━━━╌╌  70.0% ◀ ━╌╌╌╌╌  10.0%  "
    assert lines[3] == "      class 3 ╌╌╌╌╌╌   0.0%   ━━━━╌╌  60.0% ◀"
    assert lines[4] == "      class 4 ╌╌╌╌╌╌   0.0%   ╌╌╌╌╌╌  <0.1%  "
    head = "".join(heads(46, ["● fox", "▲ a-name-that-is-far-too-long"]))
    assert head.index("▲") == lines[1].index("━━")
    assert {cell_len(line) for line in (*lines, head)} == {45}


def test_without_room_for_all_classes_the_true_and_the_predicted_ones_stay():
    table = PairTable(NAMES, 4, (2, 3), SHARES)
    assert table.classes(3) == [2, 3, 4]
    assert table.classes(4) == [1, 2, 3, 4]


def test_unknown_probabilities_are_left_out():
    shares = SHARES.copy()
    shares[1] = np.nan
    shares[1, 4] = 0.0003
    table = PairTable(NAMES, 4, (2, 3), shares)
    assert table.line(1, 46).rstrip() == "      class 1 ━╌╌╌╌╌  20.0%"
    shares[0] = np.nan
    shares[0, 4] = 0
    assert table.classes(6) == [4]
