"""A sweep in a process of its own, as the screen makes it."""

import os
import signal
import threading
import time

import pytest

pytest.importorskip("optuna")

from live import Watched

from core import Config, ConfigError, Trainer
from core.config.config import SETTINGS
from core.data import dataset
from core.data.reading import Reading
from core.events import LayersMeasured, Phase, Step
from core.experiments.search_parser import parse
from core.experiments.sweep_request import SweepRequest, decisions
from tui.run.session import Session
from tui.run.sweeping import Sweeping

CONFIG = Config(hidden=(8,), batch_size=20, validation=20, epochs=2)


@pytest.fixture
def sweeping():
    """A sweep, which waits until its state meets a condition."""
    changed = threading.Event()
    made = Sweeping(changed.set)

    def until(condition):
        deadline = time.monotonic() + 90
        while not condition(made.state):
            assert time.monotonic() < deadline, made.state
            changed.wait(0.1)
            changed.clear()
        return made.state

    made.until = until
    yield made
    made.close(timeout=30)


@pytest.fixture
def request_of(tiny_directory, tmp_path):
    def request(*texts, epochs=2, jobs=2):
        space = parse(texts) if texts else None
        config = CONFIG.replace(epochs=epochs)
        runs, given = tmp_path / "runs", frozenset(SETTINGS if texts else ())
        return SweepRequest(
            space, config, given, None, None, jobs, 1, False, "crane", None, tiny_directory,
            Reading(), runs,
        )  # fmt: skip

    return request


def kept(tmp_path):
    return {path.stem for path in (tmp_path / "runs").glob("*.run")}


def test_its_trials_are_kept_and_the_run_on_the_screen_goes_on_bit_for_bit(
    sweeping, request_of, tmp_path, tiny_directory
):
    config = CONFIG.replace(epochs=60, dropout=0.2)
    watched = Watched(Session(config, tiny_directory))
    watched.until(lambda event: isinstance(event, LayersMeasured))
    sweeping.start(request_of("dropout=0,0.1,0.2"))
    watched.session.toggle()
    watched.until_phase(Phase.FINISHED)
    state = sweeping.until(lambda state: not state.is_active)
    assert (state.fault, state.left, state.study) == ("", 0, "crane")
    assert {trial.run for trial in state.results.values()} == kept(tmp_path)
    assert watched.session.close(timeout=60)
    trainer, losses = Trainer(config, dataset.load(tiny_directory)), []
    while not trainer.finished:
        losses.append(trainer.step().loss)
    assert [step.loss for step in watched.of(Step)] == losses
    # One with another search under this name is refused in words.
    sweeping.start(request_of("dropout=0,0.3"))
    refused = sweeping.until(lambda state: not state.is_active)
    assert "it searches dropout 0, 0.1, 0.2, and now you search dropout 0, 0.3" in refused.fault


def test_a_sweep_that_is_stopped_keeps_what_is_finished_and_goes_on_later(
    sweeping, request_of, tmp_path
):
    sweeping.start(request_of("seed=0,1,2,3", epochs=100))
    sweeping.until(lambda state: len(state.results) == 1)
    sweeping.stop()
    state = sweeping.until(lambda state: not state.is_active)
    assert 0 < len(state.results) < 4
    assert {trial.run for trial in state.results.values()} == kept(tmp_path)
    sweeping.start(request_of())
    ended = sweeping.until(lambda state: not state.is_active)
    assert len(ended.results) == 4
    assert {trial.run for trial in ended.results.values()} == kept(tmp_path)
    [(name, spread)] = ended.spreads
    assert (name, spread.seeds) == ("", 4)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_it_has_a_low_priority_and_the_study_goes_on_if_it_is_killed(
    sweeping, request_of, tmp_path
):
    sweeping.start(request_of("dropout=0,0.1", epochs=100, jobs=1))
    sweeping.until(lambda state: state.epochs)
    with pytest.raises(ConfigError, match="a sweep is already running"):
        sweeping.start(request_of("dropout=0,0.1"))
    priority = os.getpriority(os.PRIO_PROCESS, sweeping._sweep._process.pid)
    assert priority > os.getpriority(os.PRIO_PROCESS, 0) or priority == 19
    os.kill(sweeping._sweep._process.pid, signal.SIGKILL)
    state = sweeping.until(lambda state: not state.is_active)
    assert state.fault == "the process of the sweep ended with signal 9"
    sweeping.start(request_of(jobs=1))
    ended = sweeping.until(lambda state: not state.is_active)
    assert (len(ended.results), ended.fault) == (2, "")
    assert {trial.run for trial in ended.results.values()} == kept(tmp_path)


def test_decisions_about_the_data_are_said_once(tiny):
    notes = decisions(CONFIG.replace(validation=150, batch_size=500), tiny)
    assert [note.partition(" is ")[0] for note in notes[1:]] == ["The batch size"]
    assert notes[0].startswith("Validation uses ")
    assert decisions(CONFIG, tiny) == ()
