"""Continuing another kept run within the program; the current one is kept."""

import sqlite3
import time
from contextlib import closing
from json import dumps

import numpy as np
import pytest
from live import CONFIG, Watched
from run_files import living_owner, train_run

from core.data import dataset
from core.events import (
    Evaluation,
    Kept,
    Phase,
    PhaseChanged,
    Refused,
    RunMoved,
    RunStarted,
    Step,
    Warned,
)
from core.history.history import History
from core.runs.editing import rename
from core.runs.names import is_name, new_path
from core.runs.run import Run
from core.runs.summary import summarize
from core.training.trainer import Trainer
from tui.panes.settings.draft import Draft
from tui.run.session import Session

OTHER = CONFIG.replace(hidden=(6,), learning_rate=0.02, seed=3)


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "runs"


@pytest.fixture
def other(directory, tiny_directory):
    """The file of another run, of 12 steps."""
    path, _ = train_run(directory, tiny_directory, OTHER, 12)
    return rename(path, "other")


@pytest.fixture
def watched(tiny_directory, directory):
    watched = Watched(Session(CONFIG, tiny_directory, directory))
    watched.until(lambda event: isinstance(event, Evaluation))
    yield watched
    watched.session.close(timeout=60)
    assert not watched.session._thread.is_alive()


def trained(watched, steps, since=0):
    watched.session.steps(steps)
    watched.until(lambda event: isinstance(event, Step) and event.step == since + steps)
    watched.until_phase(Phase.PAUSED)


def own_file(directory):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:  # the file comes a moment after the first step
        for path in directory.glob("*.run"):
            if path.stem not in ("other", "broken") and path.stat().st_size:
                return path
        time.sleep(0.01)
    raise AssertionError("the run has no file")


def straight(data, config, steps):
    trainer = Trainer(config, data)
    for _ in range(steps):
        trainer.step()
    return trainer.checkpoint()


def test_the_other_run_goes_on_as_if_never_interrupted_and_the_first_one_is_kept(
    watched, directory, other, tiny_directory
):
    data = dataset.load(tiny_directory)
    trained(watched, 5)
    watched.session.resume(other)
    watched.until(lambda event: isinstance(event, RunMoved))
    started = watched.of(RunStarted)[-1]
    assert started.config == OTHER
    assert watched.events[-1].current_step == 12
    trained(watched, 3, since=12)
    watched.session.close(timeout=60)
    for path, config, steps in ((own_file(directory), CONFIG, 5), (other, OTHER, 15)):
        with Run(path) as run:
            assert (run.config, run.step, run.owner) == (config, steps, None)
            network = run.network_at(steps, data)
        expected = straight(data, config, steps).parameters
        assert np.array_equal(network.parameters, expected)


def test_the_way_back_goes_on_with_the_first_run(watched, directory, other):
    trained(watched, 5)
    watched.session.resume(other)
    watched.until(lambda event: isinstance(event, RunMoved))
    first = own_file(directory)
    assert summarize(first).owner is None
    assert summarize(other).owner.is_this
    watched.session.resume(first)
    moved = watched.until(lambda event: isinstance(event, RunMoved))
    assert (moved.current_step, moved.config) == (5, CONFIG)
    assert summarize(other).owner is None


def test_a_command_right_behind_waits_until_the_run_goes_on(watched, other):
    watched.session.resume(other)
    watched.session.step()
    assert watched.until(lambda event: isinstance(event, Step)).step == 13
    assert watched.of(Refused) == []


def test_a_run_that_cannot_continue_leaves_the_current_one_running(
    watched, directory, other, tmp_path
):
    trained(watched, 5)
    broken = directory / "broken.run"
    broken.write_bytes(b"nonsense")
    for path, reason in (
        (broken, "broken.run"),
        (tmp_path / "missing.run", "no such file"),
        (own_file(directory), "is the run on the screen"),
    ):
        watched.session.resume(path)
        refused = watched.until(lambda event: isinstance(event, Refused))
        assert reason in refused.message
    watched.session.step()
    assert watched.until(lambda event: isinstance(event, Step)).step == 6
    watched.session.close(timeout=60)
    with Run(own_file(directory)) as run:
        assert run.step == 6


def owned_elsewhere(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'owner'", [dumps(living_owner())])


def test_a_run_that_is_open_in_another_program_goes_on_as_a_copy(
    watched, directory, other, tiny_directory
):
    owned_elsewhere(other)
    content = other.read_bytes()
    trained(watched, 2)
    first = own_file(directory)
    watched.session.resume(other)
    warned = watched.until(lambda event: isinstance(event, Warned))
    assert "(process 7 on far-away, since" in warned.message
    assert "read-only here, as it was after step 12" in warned.message
    watched.session.go_to_step(4)
    watched.until(lambda event: isinstance(event, RunMoved) and event.current_step == 4)
    watched.session.go_to_step(12)
    watched.until(lambda event: isinstance(event, RunMoved) and event.current_step == 12)
    assert set(directory.iterdir()) == {first, other}  # it was only looked at
    other.unlink()  # it loses nothing, whatever the other program does
    trained(watched, 3, since=12)
    kept = watched.until(lambda event: isinstance(event, Kept) and event.path)
    assert (kept.name, kept.path) == ("other-copy", directory / "other-copy.run")
    watched.session.close(timeout=60)
    with Run(kept.path) as run:
        assert (run.name, run.step, run.owner, run.meta["star"]) == ("other-copy", 15, None, False)
        assert run.metrics()["step"].tolist() == list(range(1, 16))
        data = dataset.load(tiny_directory)
        expected = straight(data, OTHER, 15).parameters
        assert np.array_equal(run.network_at(15, data).parameters, expected)
    other.write_bytes(content)


def test_copies_have_names_of_their_own(tmp_path):
    names = [new_path(tmp_path, copy_of=name).stem for name in ("a", "a", "a-copy", "a-copy-2")]
    assert names == ["a-copy", "a-copy-2", "a-copy-3", "a-copy-4"]
    assert is_name(new_path(tmp_path, copy_of="x" * 80).stem)


def test_a_running_run_pauses_where_it_was_left(watched, directory, other):
    watched.session.toggle()
    watched.until(lambda event: isinstance(event, Step) and event.step > 2)
    watched.session.resume(other)
    watched.until(lambda event: isinstance(event, RunStarted))
    phase = watched.until(lambda event: isinstance(event, PhaseChanged))
    assert phase.phase is Phase.PAUSED
    first = watched.events.index(watched.of(RunStarted)[-1])
    steps = [event.step for event in watched.events[:first] if isinstance(event, Step)]
    with Run(own_file(directory)) as run:
        assert run.step == steps[-1]


def test_a_new_run_after_it_has_the_data_of_the_run_that_was_resumed(
    directory, watched, tmp_path, write_directory, make_dataset
):
    elsewhere = write_directory(tmp_path / "elsewhere", make_dataset(seed=5))
    path, _ = train_run(directory, elsewhere, OTHER, 4)
    trained(watched, 2)
    watched.session.resume(path)
    watched.until(lambda event: isinstance(event, RunMoved))
    before = set(directory.glob("*.run"))
    watched.session.restart(CONFIG)
    trained(watched, 3)
    watched.session.close(timeout=60)
    [new] = set(directory.glob("*.run")) - before
    with Run(new) as run:
        assert run.meta["data"]["path"] == str(elsewhere)
        assert np.array_equal(run.load_data().train_images, dataset.load(elsewhere).train_images)


def test_the_form_takes_over_the_settings_of_the_run(watched, other):
    watched.session.resume(other)
    watched.until(lambda event: isinstance(event, RunMoved))
    history, draft = History(), Draft(CONFIG, "default")
    for event in watched.events:
        history.add(event)
    snapshot = history.snapshot()
    assert snapshot.config == OTHER
    assert snapshot.steps == 12
    draft.adopt(snapshot.config)
    draft.confirm(snapshot.config)
    assert (draft.wanted, draft.pending) == (OTHER, [])
    draft.undo()
    assert draft.wanted == CONFIG


def test_other_data_start_a_new_run_and_the_one_before_is_kept(
    watched, directory, tmp_path, write_directory, make_dataset
):
    trained(watched, 3)
    before = own_file(directory)
    more = make_dataset(train=300, classes=5)
    path = write_directory(tmp_path / "more", more)
    watched.session.open_data(path, CONFIG)
    started = watched.until(lambda event: isinstance(event, RunStarted))
    assert (started.training_images, len(started.dataset.class_names)) == (280, 5)
    watched.until(lambda event: isinstance(event, Evaluation))
    trained(watched, 2)
    watched.session.close(timeout=60)
    with Run(before) as run:
        assert run.step == 3
    [new] = set(directory.glob("*.run")) - {before}
    with Run(new) as run:
        expected = straight(more, CONFIG, 2).parameters
        assert np.array_equal(run.network_at(2, more).parameters, expected)
        assert run.meta["data"]["path"] == str(path)


def test_data_that_cannot_be_used_leave_the_run_as_it_is(watched, tmp_path):
    trained(watched, 3)
    watched.session.open_data(tmp_path / "nothing", CONFIG)
    refused = watched.until(lambda event: isinstance(event, Refused))
    assert refused.field == "data"
    assert refused.message.startswith(f"data: {tmp_path / 'nothing'} does not exist")
    trained(watched, 2, since=3)
    assert len(watched.of(RunStarted)) == 1
