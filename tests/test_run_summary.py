"""The list of kept runs: what it shows of each, and what a foreign file can do to it."""

import json
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_files import META, dead_owner, living_owner, train_run, write_run

from core.config.config import Config
from core.errors import RunError
from core.events import Change
from core.runs import summary as summary_module
from core.runs.reader import Reader
from core.runs.run import Run
from core.runs.summary import RunList, differing_settings, summarize


def test_a_summary_has_the_results_of_the_run(tmp_path, tiny_directory):
    config = Config(hidden=(8,), batch_size=32, validation=30, epochs=9)
    path, trainer = train_run(tmp_path / "runs", tiny_directory, config, 40)
    straight, accuracies = type(trainer)(config, trainer.dataset), {}
    for _ in range(40):
        step = straight.step()
        if step.evaluation:
            accuracies[step.epochs] = step.evaluation.accuracy
    run = summarize(path)
    assert len(accuracies) > 2
    assert (run.name, run.config, run.step) == (path.stem, config, 40)
    assert run.best_accuracy == max(accuracies.values())
    assert accuracies[run.best_epochs] == run.best_accuracy
    assert run.last_accuracy == list(accuracies.values())[-1]
    assert run.test_accuracy is None
    assert run.epochs == step.epochs
    images = (step.epoch - 1) * step.epoch_size + step.position
    assert run.images_per_second == pytest.approx(images / trainer.seconds)
    assert run.parameters == trainer.network.parameters.size


def test_without_an_evaluation_there_are_no_accuracies(tmp_path):
    run = summarize(write_run(tmp_path, "a"))
    assert run.best_accuracy is run.best_epochs is run.last_accuracy is run.test_accuracy is None
    assert run.images_per_second is None


def test_accuracies_on_the_test_set_are_not_shown_as_validation_accuracies(tmp_path):
    results = {"best_accuracy": 0.9, "best_epochs": 2.0, "last_accuracy": 0.8}
    run = summarize(write_run(tmp_path, "a", evaluation_set="test", **results))
    assert (run.best_accuracy, run.last_accuracy, run.test_accuracy) == (None, None, 0.8)
    run = summarize(write_run(tmp_path, "b", test_accuracy=0.7, **results))
    assert (run.best_accuracy, run.last_accuracy, run.test_accuracy) == (0.9, 0.8, 0.7)


@pytest.mark.parametrize(
    ("phase", "owner", "state"),
    [
        ("finished", None, "finished"),
        ("running", living_owner(), "running"),
        ("paused", living_owner(), "paused"),
        ("running", dead_owner(), "interrupted"),
        ("paused", dead_owner(), "paused"),
        ("running", None, "paused"),  # the program ended and left the run as it was
        ("diverged", None, "diverged"),
        ("\x1b[2J", None, "paused"),
    ],
)
def test_the_state_is_that_of_the_run_and_of_the_program_that_has_it_open(
    tmp_path, phase, owner, state
):
    run = summarize(write_run(tmp_path, "a", phase=phase, owner=owner))
    assert run.state == state
    assert (run.owner is not None) == (owner == living_owner())


def test_a_run_knows_which_settings_were_changed_by_hand(tmp_path):
    changes = [Change(3, "l2", 0.0, 0.1), Change(5, "learning_rate", 0.001, 0.1)]
    run = summarize(write_run(tmp_path, "a", step=9, changes=changes))
    assert run.changed == ("learning_rate", "l2")


def test_a_change_before_the_first_step_is_a_setting_of_the_run(tmp_path):
    changes = [Change(0, "dropout", 0.0, 0.2), Change(0, "l2", 0.0, 0.1), Change(3, "l2", 0.1, 0.0)]
    path = write_run(tmp_path, "a", step=9, changes=changes)
    run = summarize(path)
    assert (run.config.dropout, run.config.l2, run.changed) == (0.2, 0.1, ("l2",))
    with Run(path) as kept:
        assert kept.config.dropout == 0  # from which it is replayed
        assert kept.first_config == run.config
        assert kept.current_config.l2 == 0
        assert kept.changes() == tuple(changes[2:])


def test_the_latest_run_comes_first(tmp_path):
    for name, age in (("old", 30), ("new", 10), ("middle", 20)):
        write_run(tmp_path, name, age=age)
    runs = RunList(tmp_path)
    runs.refresh()
    assert [run.name for run in runs.runs] == ["new", "middle", "old"]


def test_a_directory_that_does_not_exist_has_no_runs(tmp_path):
    runs = RunList(tmp_path / "none")
    assert not runs.refresh()
    assert (runs.runs, runs.faults) == ((), ())


def test_a_damaged_file_does_not_hide_the_others(tmp_path):
    write_run(tmp_path, "good")
    (tmp_path / "empty.run").touch()
    (tmp_path / "text.run").write_text("not a run " * 1000)
    whole = write_run(tmp_path, "cut").read_bytes()
    (tmp_path / "cut.run").write_bytes(whole[:5000])
    (tmp_path / "directory.run").mkdir()
    runs = RunList(tmp_path)
    runs.refresh()
    assert [run.name for run in runs.runs] == ["good"]
    assert len(runs.faults) == 3  # an empty file may be a run that starts just now
    for name in ("text", "cut", "directory"):
        assert sum(f"{name}.run" in fault for fault in runs.faults) == 1


def test_a_second_look_reads_only_what_has_changed(tmp_path, monkeypatch):
    for name in "abc":
        write_run(tmp_path, name)
    (tmp_path / "bad.run").write_text("bad")
    runs, read = RunList(tmp_path), []
    real = summary_module.summarize
    monkeypatch.setattr(summary_module, "summarize", lambda path: read.append(path) or real(path))
    assert runs.refresh()
    assert len(read) == 4
    read.clear()
    assert not runs.refresh()
    assert read == []
    path = write_run(tmp_path / "other", "b", age=5, star=True)
    path.replace(tmp_path / "b.run")
    assert runs.refresh()
    assert read == [tmp_path / "b.run"]
    assert [run.star for run in sorted(runs.runs, key=lambda run: run.name)] == [False, True, False]
    (tmp_path / "c.run").unlink()
    assert runs.refresh()
    assert {run.name for run in runs.runs} == {"a", "b"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
keys = [*META, "name", "epochs", "seconds", "best_accuracy", "best_epochs", "last_accuracy"]


@given(key=st.sampled_from([*keys, "test_accuracy"]), value=anything)
def test_any_value_in_a_file_is_refused_with_its_name_or_makes_a_usable_summary(
    tmp_path_factory, key, value
):
    path = write_run(tmp_path_factory.mktemp("runs"), "foreign", best_accuracy=0.5, seconds=2.0)
    connection = sqlite3.connect(path)
    with connection:
        row = (key, json.dumps(value))
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", row)
    connection.close()
    refusal, run = None, None
    try:
        run = summarize(path)
    except RunError as error:
        refusal = str(error)
    if run is None:
        assert str(path) in refusal
        return
    assert isinstance(run.config, Config)
    assert isinstance(run.state, str)
    assert str(run.owner)
    for share in (run.best_accuracy, run.last_accuracy, run.test_accuracy):
        assert share is None or 0 <= share <= 1
    for number in (run.step, run.epochs, run.started, run.updated, run.parameters):
        assert 0 <= number < 2**53


def test_the_settings_that_differ_are_named_the_main_ones_first():
    configs = [Config(), Config(seed=3, learning_rate=0.1), Config(hidden=(5,))]
    assert differing_settings(configs) == ("learning_rate", "hidden", "seed")
    assert differing_settings(configs[:1]) == differing_settings([]) == ()


def test_a_summary_is_read_under_one_lock_and_an_open_run_holds_none(tmp_path, monkeypatch):
    path, locked = write_run(tmp_path, "a"), []
    close = Reader.close

    def recorded(reader):
        locked.append(reader._connection.in_transaction)
        close(reader)

    monkeypatch.setattr(Reader, "close", recorded)
    summarize(path)
    Run(path).close()  # another program need not wait until it is closed
    assert locked == [True, False]
