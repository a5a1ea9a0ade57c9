"""Kept runs: what is read from a file is what was written, and a resumed run is the same run."""

import json
import math
import os
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_timeline import CHANGES, CONFIG, CONFIGS, EVERYTHING, LARGE, Walk, everything

from core.errors import DataError, RunError
from core.events import BranchChanged, LayersMeasured, Phase, PhaseChanged
from core.history.history import History
from core.history.layer_stats_history import MAX_KEPT
from core.inspection.layer_stats import layer_stats
from core.runs import database, run_dataset, writer
from core.runs import keeper as keeper_module
from core.runs.description import describe
from core.runs.directory import find
from core.runs.keeper import Keeper
from core.runs.layer_stats_json import from_json, to_json
from core.runs.run import Run
from core.runs.summary import summarize
from core.training.tracing import trace_step
from core.training.trainer import Trainer


class KeptWalk(Walk):
    """A walk through a timeline that is kept in a file and, now and then, interrupted."""

    def __init__(self, config, data, directory):
        super().__init__(config, data)
        self.started = self.timeline.trainer.started()
        self.reports = []
        self.keeper = Keeper(
            directory, lambda: describe(self.started, directory), self.reports.append
        )

    def check(self):
        state, event = self.here[self.timeline.current_step]
        assert everything(self.timeline.trainer) == state
        if self.last and not self.last.evaluation:  # the one at the end of a kept run is not kept
            event = replace(event, evaluation=None)
        assert self.last == event

    def run(self, steps):
        for _ in range(steps):
            before = self.timeline.current_step
            super().run(1)
            if self.timeline.current_step > before:
                self.keeper.add(self.timeline.last_event)
                if self.keeper.due(self.timeline.current_step):
                    self.keeper.add_checkpoint(self.timeline.trainer.checkpoint())

    def measure(self):
        """Reports the statistics of the layers, as the screen does with an evaluation."""
        trace = trace_step(self.timeline.trainer)
        self.keeper.add(LayersMeasured(layer_stats(trace)))

    def change(self, values):
        before, changes = self.timeline.branch.number, len(self.timeline.branch.changes)
        super().change(values)
        if self.timeline.branch.number != before:
            self.moved()
        elif len(self.timeline.branch.changes) != changes:
            self.keeper.add(BranchChanged(self.timeline.branch))

    def go_to(self, share):
        super().go_to(share)
        self.moved()

    def switch_branch(self, share):
        super().switch_branch(share)
        self.moved()

    def moved(self):
        self.keeper.add(self.timeline.moved())

    def interrupt(self, exact):
        """Continues what is in the file. exact: whether the end of the run was as planned."""
        if exact:
            self.keeper.add_checkpoint(self.timeline.trainer.checkpoint())
        assert self.keeper.close()
        if self.keeper.path is None:
            assert self.timeline.end_step == 0
        else:
            with Run.open(self.keeper.path) as run:
                self.timeline = run.timeline(self.data)
                self.keeper = Keeper.resume(run, self.reports.append)
        self.check()


share = st.floats(0, 1)
act = st.one_of(
    st.tuples(st.just(KeptWalk.run), st.integers(1, 60)),
    st.tuples(st.just(KeptWalk.change), st.sampled_from(CHANGES)),
    st.tuples(st.just(KeptWalk.go_to), share),
    st.tuples(st.just(KeptWalk.switch_branch), share),
    st.tuples(st.just(KeptWalk.interrupt), st.booleans()),
)


@settings(max_examples=12)
@given(config=st.sampled_from(CONFIGS), acts=st.lists(act, min_size=5, max_size=15))
def test_an_interrupted_walk_is_the_same_as_a_straight_one(tiny, tmp_path_factory, config, acts):
    walk = KeptWalk(config, tiny, tmp_path_factory.mktemp("runs"))
    walk.run(40)
    for act, value in acts:
        act(walk, value)
    walk.interrupt(False)
    walk.check_every_branch()
    walk.keeper.close()
    assert not walk.reports


def interrupted_walk(data, directory):
    """A walk of 24 steps on its second branch, interrupted twice; its file is closed."""
    walk = KeptWalk(CONFIG, data, directory)
    walk.run(20)
    walk.go_to(0.5)
    walk.change({"learning_rate": 0.01})
    walk.run(9)
    walk.interrupt(False)
    walk.run(5)
    walk.interrupt(True)
    walk.keeper.close()
    return walk


def kept(data, directory, config=EVERYTHING, steps=50):
    """The path of a kept run with three branches."""
    walk = KeptWalk(config, data, directory)
    walk.run(steps)
    walk.measure()
    walk.go_to(0.5)
    walk.change({"learning_rate": 0.005})
    walk.run(20)
    walk.measure()
    walk.go_to(0.8)
    walk.change({"learning_rate": 0.002, "l2": 0.1})
    walk.run(30)
    walk.keeper.add(PhaseChanged(Phase.PAUSED))
    walk.interrupt(True)
    walk.keeper.close()
    return walk.keeper.path


def test_the_metrics_are_those_of_the_way_to_the_current_step(tiny, tmp_path):
    with Run.open(kept(tiny, tmp_path)) as run:
        metrics, evaluations = run.metrics(), run.evaluations()
        branches, step = run.branches, run.step
    straight = Trainer(EVERYTHING, tiny)
    steps, results = [], []
    changes = {change.step: [] for branch in branches for change in branch.changes}
    for branch in branches:
        for change in branch.changes:
            changes[change.step].append(change)
    while straight.steps < step:
        for change in changes.get(straight.steps, ()):
            straight.change(**{change.field: change.new})
        steps.append(straight.step())
        if steps[-1].evaluation:
            results.append(steps[-1].evaluation)
    for name in ("step", "epoch", "position", "images", "loss", "accuracy", "learning_rate"):
        assert metrics[name].tolist() == [getattr(step, name) for step in steps]
    assert (metrics["seconds"] > 0).all()
    for name in ("step", "loss", "accuracy"):
        assert evaluations[name].tolist() == [getattr(result, name) for result in results]


def test_the_network_at_a_step_is_that_of_a_straight_run(tiny, tmp_path, write_directory):
    data = write_directory(tmp_path / "data", tiny)
    walk = KeptWalk(CONFIG, tiny, tmp_path)
    walk.keeper.close()
    walk.keeper = Keeper(tmp_path, lambda: describe(walk.started, data), walk.reports.append)
    walk.run(40)
    walk.keeper.close()
    straight = Trainer(CONFIG, tiny)
    for _ in range(23):
        straight.step()
    with Run.open(walk.keeper.path) as run:
        network = run.network_at(23)
        for step in (41, -1, 1.5, "x", None):
            with pytest.raises(RunError, match="enter 0 to 40"):
                run.network_at(step)
        assert np.array_equal(run.network_at(np.int64(23)).parameters, network.parameters)
    assert np.array_equal(network.parameters, straight.network.parameters)


def test_a_run_is_resumed_only_on_the_data_it_was_trained_on(tiny, tmp_path, write_directory):
    path = kept(tiny, tmp_path)
    changed = tiny.__class__(
        tiny.train_images ^ 1, *(tiny.train_labels, tiny.test_images, tiny.test_labels),
        tiny.class_names,
    )  # fmt: skip
    directory = write_directory(tmp_path / "other", changed)
    with Run.open(path) as run:
        with pytest.raises(RunError, match=r"trained on other data: .* fingerprint [0-9a-f]{12}"):
            run.load_data(directory)
        assert run.load_data(directory, anyway=True).train_images.tolist() == (
            changed.train_images.tolist()
        )


def test_a_run_whose_images_would_be_split_in_another_way_is_refused(tiny, tmp_path):
    path = kept(tiny, tmp_path)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE meta SET value = '100' WHERE key = 'training_images'")
    with Run.open(path) as run, pytest.raises(RunError, match=r"earlier version .* on 100 of"):
        run.timeline(tiny)


def test_a_run_from_another_machine_takes_the_included_data_if_it_is_the_same(
    tiny, tmp_path, write_directory, monkeypatch
):
    path = kept(tiny, tmp_path / "runs")
    set_meta(path, "data", "path", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(run_dataset, "FASHION_MNIST", write_directory(tmp_path / "same", tiny))
    with Run.open(path) as run:
        assert run.load_data().train_images.tolist() == tiny.train_images.tolist()
    changed = replace(tiny, train_images=tiny.train_images ^ 1)
    monkeypatch.setattr(run_dataset, "FASHION_MNIST", write_directory(tmp_path / "other", changed))
    with Run.open(path) as run, pytest.raises(DataError, match="elsewhere does not exist"):
        run.load_data()


def test_the_screen_gets_the_same_curves_as_if_it_had_watched(tiny, tmp_path):
    walk = KeptWalk(CONFIG, tiny, tmp_path)
    watched = History()
    watched.add(walk.started)
    add, walk.keeper.add = walk.keeper.add, lambda event: (watched.add(event), add(event))
    for _ in range(MAX_KEPT + 20):  # more than are kept
        walk.measure()
        walk.run(1)
    walk.go_to(0.5)
    walk.measure()
    walk.change({"learning_rate": 0.005})
    for _ in range(10):
        walk.run(3)
        walk.measure()
    walk.keeper.close()
    one, other = watched.snapshot(), resumed_history(walk).snapshot()
    assert one.best_evaluation == other.best_evaluation is not None
    assert (one.epoch_loss, one.epoch_accuracy) == (other.epoch_loss, other.epoch_accuracy)
    check_same_curves(one, other)
    assert len(one.predictions.evaluations) == len(other.predictions.evaluations) > 3
    for a, b in zip(one.predictions.evaluations, other.predictions.evaluations, strict=True):
        assert (a.number, a.step) == (b.number, b.step)
        assert np.array_equal(a.predicted, b.predicted)
        assert np.array_equal(a.true_probability, b.true_probability)
    assert len(one.layer_stats_history.stats) > 50
    assert [astext(stats) for stats in one.layer_stats_history.stats] == [
        astext(s) for s in other.layer_stats_history.stats
    ]


def resumed_history(walk):
    history = History()
    with Run.open(walk.keeper.path) as run:
        history.add(walk.timeline.trainer.started(run.records()))
        history.add(walk.timeline.moved())
    return history


def check_same_curves(one, other):
    for curves in ("training_curves", "recent_curves", "epoch_curves", "evaluation_curves"):
        expected, found = getattr(one, curves), getattr(other, curves)
        assert expected.keys() == found.keys()
        for name, curve in expected.items():
            for part in ("first", "last", "low", "high"):
                assert np.array_equal(
                    getattr(curve, part), getattr(found[name], part), equal_nan=True
                )


def test_the_evaluation_where_a_run_went_back_to_is_in_the_curves_before_and_after_resuming(
    tiny, tmp_path
):
    walk = KeptWalk(CONFIG, tiny, tmp_path)
    watched = History()
    watched.add(walk.started)
    add, walk.keeper.add = walk.keeper.add, lambda event: (watched.add(event), add(event))

    def evaluate():
        trainer = walk.timeline.trainer
        walk.keeper.add(trainer.evaluate(trainer.evaluation_set))

    def go_to(step):
        walk.timeline.go_to(step)
        walk.moved()
        evaluate()

    walk.run(45)
    go_to(33)
    go_to(21)
    walk.change({"learning_rate": 0.005})
    walk.run(10)
    walk.switch_branch(0)
    go_to(11)  # before the other branch
    walk.switch_branch(0.9)
    go_to(16)
    walk.keeper.close()
    resumed = resumed_history(walk)
    for branch, own in ((0, {33}), (1, {16})):
        walk.timeline.switch_branch(branch)
        for history in (watched, resumed):
            history.add(walk.timeline.moved())
        one, other = watched.snapshot(), resumed.snapshot()
        assert {11, 21, *own} <= set(one.evaluation_curves["loss"].last.tolist())
        check_same_curves(one, other)
        assert one.best_evaluation == other.best_evaluation
        steps = [[kept.step for kept in h.predictions.evaluations] for h in (one, other)]
        assert steps[1] == sorted(steps[1])
        assert set(steps[0]) <= set(steps[1])


def astext(stats):
    return stats.step, stats.images, to_json(stats)


def test_a_run_of_an_earlier_version_gets_statistics_of_its_layers_when_it_goes_on(tiny, tmp_path):
    path = kept(tiny, tmp_path, CONFIG, steps=14)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE layer_stats")
    with Run.open(path) as run:
        assert not any(record.layer_stats_history.stats for record in run.records())
        trainer, keeper = run.timeline(tiny).trainer, Keeper.resume(run, pytest.fail)
    keeper.add(LayersMeasured(layer_stats(trace_step(trainer))))
    keeper.add(trainer.step())
    keeper.close()
    with Run.open(path) as run:
        assert len(run.records()[-1].layer_stats_history.stats) == 1


def test_statistics_of_a_step_that_diverges_are_kept(tiny):
    trainer = Trainer(CONFIG, tiny)
    trainer.network.parameters[3] = np.inf
    stats = layer_stats(trace_step(trainer))
    again = from_json(0, 32, to_json(stats))
    assert to_json(again) == to_json(stats)
    assert math.isnan(again.layers[0].ratio)
    assert again.layers[0].weights.counts.dtype == np.int64


def test_a_run_without_a_step_leaves_no_file(tiny, tmp_path):
    walk = KeptWalk(CONFIG, tiny, tmp_path / "runs")
    assert walk.keeper.close()
    assert walk.keeper.path is None
    assert not (tmp_path / "runs").exists()


def test_a_program_that_is_killed_at_the_start_leaves_an_empty_file_or_a_run(
    tiny, tmp_path, monkeypatch
):
    """The file is empty until the whole database takes its place."""
    seen, create_tables = [], database.create_tables

    def watched(connection):
        create_tables(connection)
        seen.extend(path.stat().st_size for path in tmp_path.glob("*.run"))

    monkeypatch.setattr(database, "create_tables", watched)
    replace, opened = os.replace, []

    def watched_replace(draft, path):
        seen.append(path.stat().st_size)
        replace(draft, path)
        with Run.open(path) as run:
            opened.append(run.name)

    monkeypatch.setattr(os, "replace", watched_replace)
    path = kept(tiny, tmp_path)
    assert seen == [0, 0]
    assert opened == [path.stem]
    assert list(tmp_path.iterdir()) == [path]


def test_ten_runs_started_at_once_have_ten_names(tiny, tmp_path):
    walks = [KeptWalk(CONFIG, tiny, tmp_path) for _ in range(10)]
    for walk in walks:
        walk.run(1)
    closing = [threading.Thread(target=walk.keeper.close) for walk in walks]
    for thread in closing:
        thread.start()
    for thread in closing:
        thread.join()
    assert len({walk.keeper.path for walk in walks}) == len(list(tmp_path.glob("*.run"))) == 10


def test_what_cannot_be_written_is_said_once_and_written_later(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(keeper_module, "_INTERVAL", 0.01)
    monkeypatch.setattr(keeper_module, "_RETRY", 0.01)
    place = tmp_path / "runs"
    place.write_text("a file where the directory should be")
    walk = KeptWalk(CONFIG, tiny, place)
    walk.run(10)
    wait_until(lambda: walk.reports)
    walk.run(10)
    place.unlink()
    wait_until(lambda: len(walk.reports) > 1)
    walk.keeper.close()
    assert walk.reports == [
        f"This run cannot be kept in {place} for now: file exists",
        "This run is kept again.",
    ]
    with Run.open(walk.keeper.path) as run:
        assert run.metrics()["step"].tolist() == list(range(1, 21))


def test_a_full_disk_loses_nothing(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(keeper_module, "_INTERVAL", 0.01)
    monkeypatch.setattr(keeper_module, "_RETRY", 0.01)
    pages, connect = [15], database._connect  # one more than the tables need

    def connect_to_small_disk(path, mode, **options):
        connection = connect(path, mode, **options)
        connection.execute(f"PRAGMA max_page_count = {pages[0]}")
        return connection

    monkeypatch.setattr(database, "_connect", connect_to_small_disk)
    walk = KeptWalk(LARGE, tiny, tmp_path)
    walk.run(30)
    wait_until(lambda: walk.keeper.path)
    walk.keeper.add_checkpoint(walk.timeline.trainer.checkpoint())  # does not fit
    wait_until(lambda: walk.reports)
    walk.run(30)
    assert walk.reports == [
        f"This run is kept in {walk.keeper.path} without its latest checkpoints: database or disk "
        "is full. To continue it, the steps since the last kept checkpoint are recomputed."
    ]
    assert not walk.keeper.failed
    wait_until(lambda: summarize(walk.keeper.path).step == 60)  # the rest does
    with Run.open(walk.keeper.path) as run:
        assert len(run.metrics()["step"]) == run.step == 60
        assert run.reader.checkpoint_keys() == []
    assert len(walk.reports) == 1
    pages[0] = 100_000
    wait_until(lambda: len(walk.reports) > 1)
    walk.interrupt(True)
    walk.keeper.close()
    assert walk.reports[1:] == ["This run is kept again."]
    with Run.open(walk.keeper.path) as run:
        assert run.reader.checkpoint_keys()


def test_a_run_of_which_no_step_can_be_written_leaves_no_file(tiny, tmp_path, monkeypatch):
    def refuse(*values):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(writer.Writer, "steps", refuse)
    walk = KeptWalk(CONFIG, tiny, tmp_path)
    walk.run(5)
    wait_until(lambda: walk.reports)
    assert walk.keeper.path.exists()
    walk.keeper.close()
    assert walk.keeper.failed
    assert walk.keeper.path is None
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_locks_is_said_once(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(keeper_module, "_INTERVAL", 0.01)
    monkeypatch.setattr(keeper_module, "_RETRY", 0.01)
    open_empty, locks = database.open_empty, []

    def open_what_cannot_be_locked(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN EXCLUSIVE")
        locks.append(connection)
        return open_empty(path)

    monkeypatch.setattr(database, "open_empty", open_what_cannot_be_locked)
    walk = KeptWalk(CONFIG, tiny, tmp_path)
    walk.run(5)
    wait_until(lambda: len(locks) > 3)
    walk.run(5)
    monkeypatch.setattr(database, "open_empty", open_empty)
    wait_until(lambda: len(walk.reports) > 1)
    walk.keeper.close()
    for connection in locks:
        connection.close()
    assert walk.reports == [
        f"This run cannot be kept in {tmp_path} for now: another program has locked it, or its "
        "file system has no locks, as on some network drives; --runs chooses another directory",
        "This run is kept again.",
    ]
    assert list(tmp_path.iterdir()) == [walk.keeper.path]
    with Run.open(walk.keeper.path) as run:
        assert run.metrics()["step"].tolist() == list(range(1, 11))


def test_a_locked_run_says_so(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_WAIT", 0)
    path = kept(tiny, tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RunError, match="cannot be read as a run: another program has locked"):
            Run.open(path)


def test_a_path_may_begin_with_two_slashes(tiny, tmp_path):
    path = kept(tiny, tmp_path)
    with Run.open(f"/{path}") as run:
        assert run.step


def test_a_run_that_is_only_looked_at_does_not_become_the_latest(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(keeper_module, "_INTERVAL", 0.005)
    monkeypatch.setattr(keeper_module, "_SIGN_OF_LIFE", 0.01)
    path = kept(tiny, tmp_path)
    os.utime(path, (1e9, 1e9))
    other = kept(tiny, tmp_path)
    with Run.open(path) as run:
        updated, keeper = run.meta["updated"], Keeper.resume(run, print)
    wait_until(lambda: path.stat().st_mtime > 1e9)  # a sign of life
    keeper.close()
    assert find(tmp_path) == other
    with Run.open(path) as run:
        assert run.meta["updated"] == updated


def test_of_more_than_a_million_steps_every_second_is_dropped(tiny, tmp_path, monkeypatch):
    """Here, of more than ten: the older steps of a run of 25 are a quarter as dense."""
    monkeypatch.setattr(writer, "_MAX_STEPS", 10)
    monkeypatch.setattr(keeper_module, "_INTERVAL", 0.005)
    walk = KeptWalk(CONFIG, tiny, tmp_path)
    for _ in range(25):
        walk.run(1)
        wait_until(lambda: not (walk.keeper._events or walk.keeper._pending.steps))
    walk.go_to(0.52)  # to step 13, whose row is gone
    walk.interrupt(True)
    walk.keeper.close()
    with Run.open(walk.keeper.path) as run:
        assert run.reader.steps(0, 25)["step"].tolist() == [*range(2, 20, 2), *range(20, 26)]
        assert run.step == walk.timeline.current_step == 13


def test_the_time_goes_on_from_the_last_step_although_steps_are_computed_again(tiny, tmp_path):
    walk = KeptWalk(CONFIG, tiny, tmp_path)
    walk.run(5)
    walk.keeper.add_checkpoint(walk.timeline.trainer.checkpoint())
    walk.run(20)
    walk.keeper.close()
    with Run.open(walk.keeper.path) as run:
        assert (0, run.step) not in run.reader.checkpoint_keys()
        resumed = run.timeline(tiny)
        last = run.metrics()["seconds"][-1]
    assert resumed.trainer.seconds == last
    assert resumed.step().seconds > last


def test_a_run_that_is_open_elsewhere_cannot_be_resumed(tiny, tmp_path):
    path = kept(tiny, tmp_path)
    set_owner(path, '{"host": "far-away", "process": 7, "process_start": "", '
              '"since": 1e9, "alive_at": 1e12}')  # fmt: skip
    with Run.open(path) as run, pytest.raises(RunError, match="process 7 on far-away, since 2001"):
        Keeper.resume(run, print)
    set_owner(path, '{"host": "far-away", "process": 7, "process_start": "", '
              '"since": 1e9, "alive_at": 1e9}')  # fmt: skip
    with Run.open(path) as run:
        Keeper.resume(run, print).close()


def set_owner(path, value):
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('owner', ?)", (value,))
    connection.close()


def wait_until(condition):
    done = threading.Event()
    for _ in range(2000):
        if condition():
            return
        done.wait(0.005)
    raise AssertionError("it did not happen")


def set_meta(path, key, name, value):
    """Sets a value within a JSON object of the table `meta`."""
    with closing(sqlite3.connect(path)) as file, file:
        ((text,),) = file.execute("SELECT value FROM meta WHERE key = ?", (key,))
        new = json.dumps(json.loads(text) | {name: value})
        file.execute("UPDATE meta SET value = ? WHERE key = ?", (new, key))


def test_a_file_that_is_moved_away_is_said_once_and_kept_again_when_it_is_back(
    tiny, tmp_path, monkeypatch
):
    monkeypatch.setattr(keeper_module, "_INTERVAL", 0.01)
    monkeypatch.setattr(keeper_module, "_RETRY", 0.01)
    walk = KeptWalk(CONFIG, tiny, tmp_path)
    walk.run(5)
    wait_for(lambda: walk.keeper.path)
    path = walk.keeper.path
    path.rename(tmp_path / "elsewhere")
    walk.run(5)
    wait_for(lambda: walk.keeper.failed)
    walk.run(5)
    (tmp_path / "elsewhere").rename(path)
    wait_for(lambda: not walk.keeper.failed)
    walk.keeper.close()
    assert len(walk.reports) == 2
    assert f"{path.name} was moved or removed" in walk.reports[0]
    with Run.open(path) as run:
        assert run.metrics()["step"].tolist() == list(range(1, 16))


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert condition()


def test_a_run_of_an_earlier_version_is_resumed_without_the_means_of_its_epoch(tiny, tmp_path):
    """Its checkpoints do not have them; from the next epoch on they are known."""
    path = kept(tiny, tmp_path, CONFIG, steps=14)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE checkpoints SET state = json_remove(state, '$.epoch_averages')")
    with Run.open(path) as run:
        timeline = run.timeline(tiny)
    step = timeline.step()
    started = step.epoch
    while step.epoch == started:
        assert math.isnan(step.epoch_loss)
        step = timeline.step()
    assert step.epoch_loss == step.loss


def test_a_run_that_diverged_is_resumed_with_its_mark(tiny, tmp_path):
    path = kept(tiny, tmp_path, CONFIG, steps=14)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '\"diverged\"' WHERE key = 'phase'")
    with Run.open(path) as run:
        assert run.records()[run.branch].diverged_at == run.step


@pytest.mark.parametrize(("kept", "expected"), [(5, 5), ("many", 1), (10**9, 1)])
def test_a_resumed_run_has_the_threads_of_its_start(tmp_path, tiny, kept, expected):
    """Another number would change the last bits; a file without a usable one had only one."""
    trainer = Trainer(CONFIG, tiny, threads=5)
    description = describe(trainer.started(), tmp_path)
    assert description["machine"]["threads"] == 5
    description["machine"]["threads"] = kept
    keeper = Keeper(tmp_path, lambda: description, lambda report: None)
    keeper.add(trainer.step())
    keeper.add_checkpoint(trainer.checkpoint())
    assert keeper.close()
    with Run.open(keeper.path) as run:
        timeline = run.timeline(tiny)
        assert timeline.trainer.pool.threads == expected
        assert run.differences() == []


def test_a_copied_file_is_called_by_its_own_name(tiny, tmp_path):
    path = kept(tiny, tmp_path)
    copy = path.with_name("copied.run")
    copy.write_bytes(path.read_bytes())
    with Run.open(copy) as run:
        assert run.name == "copied"
