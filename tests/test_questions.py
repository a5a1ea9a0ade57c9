"""Questions are answered in slices by the training thread, and the run does not notice them."""

from dataclasses import dataclass
from functools import partial

import pytest
from live import CONFIG, idle_session

from core.events import (
    Answered,
    Evaluation,
    PaceChanged,
    Phase,
    PhaseChanged,
    RunMoved,
    RunStarted,
    Step,
    Warned,
)
from core.history.history import History
from core.training.trainer import Trainer
from core.what_if.image_map import ImageMap, image_map
from core.what_if.robustness import Robustness, robustness
from core.what_if.switched_off import SwitchedOff, switched_off
from core.what_if.unit_worth import UnitWorth, unit_worth
from core.what_if.weight_damage import Pruning, pruning, weight_noise

OFF = partial(switched_off, units=frozenset({(0, 1)}))


@dataclass(frozen=True)
class Endless:
    step: int = 0
    done: float = 0.5


def endless(subject):
    while True:
        yield Endless(subject.step)


def failing(subject):
    yield None
    raise ValueError("this question has no answer")


@pytest.fixture
def watched(monkeypatch, tiny, tmp_path):
    with idle_session(monkeypatch, tiny, tmp_path) as watched:
        yield watched


def complete(kind):
    def is_complete(event):
        return isinstance(event, Answered) and type(event.answer) is kind and event.answer.done == 1

    return is_complete


def test_a_run_that_is_asked_all_the_time_is_the_same_run(watched, tiny):
    straight = Trainer(CONFIG, tiny)
    expected = []
    while not straight.finished:
        expected.append(straight.step())
    session = watched.session
    for last in (9, 18, 27):
        session.steps(9)
        for question in (pruning, weight_noise, unit_worth, robustness, OFF):
            session.ask(question)
        session.ask(partial(image_map, layer=1))
        watched.until(complete(ImageMap))
        if not any(step.step == last for step in watched.of(Step)):
            watched.until(lambda event, last=last: isinstance(event, Step) and event.step == last)
    found = watched.of(Step)
    assert [step.loss for step in found] == [step.loss for step in expected]
    ends = [step.evaluation.loss for step in found if step.evaluation]
    assert ends == [step.evaluation.loss for step in expected if step.evaluation]
    # At the latest after the 9 steps of a round, which may be before those of the next.
    assert len({event.answer.step for event in watched.of(Answered)}) > 1
    session.ask(OFF)  # after the end, too
    assert watched.until(complete(SwitchedOff)).answer.step == found[-1].step
    assert all(event.seconds > 0 for event in watched.of(Answered))


def test_an_answer_is_about_the_network_at_the_time_of_the_question(watched, tiny):
    straight = Trainer(CONFIG, tiny)
    straight.step()
    accuracy = straight.evaluate(straight.evaluation_set).accuracy
    watched.session.step()
    watched.session.ask(pruning)
    watched.session.steps(5)
    answer = watched.until(complete(Pruning)).answer
    assert (answer.step, answer.accuracy[0]) == (1, accuracy)


def test_commands_are_carried_out_while_a_question_is_open(watched):
    session = watched.session
    session.ask(endless)
    watched.until(lambda event: isinstance(event, Answered))
    session.step()
    watched.until(lambda event: isinstance(event, Evaluation) and event.step == 1)
    session.ask(unit_worth)
    session.stop_asking(endless)
    assert watched.until(complete(UnitWorth)).answer.step == 1


def test_at_full_speed_and_in_slow_motion_the_run_goes_on_while_a_question_is_open(watched):
    session = watched.session
    session.ask(endless)
    session.change_pace(-1)
    watched.until(lambda event: isinstance(event, PaceChanged))
    session.toggle()
    watched.until(lambda event: isinstance(event, Step) and event.step == 3)
    watched.until(lambda event: isinstance(event, Answered))
    session.change_pace(1)
    watched.until_phase(Phase.FINISHED)
    session.stop_asking(endless)


def test_a_question_is_dropped_when_the_run_moves_or_another_one_starts(watched):
    session = watched.session
    session.steps(3)
    watched.until_phase(Phase.PAUSED)
    for command, event in (
        (partial(session.step_back, 1), RunMoved),
        (partial(session.restart, CONFIG), RunStarted),
    ):
        session.ask(endless)
        watched.until(lambda event: isinstance(event, Answered))
        before = len(watched.of(event))
        command()
        watched.until(lambda _, kind=event, count=before: len(watched.of(kind)) > count)
        watched.events.clear()
        session.ask(OFF)
        watched.until(complete(SwitchedOff))
        assert not [each for each in watched.of(Answered) if isinstance(each.answer, Endless)]


def test_a_question_that_fails_is_reported_and_dropped(watched):
    watched.session.ask(failing)
    failed = watched.until_phase(Phase.FAILED)
    assert "this question has no answer" in failed.message
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step))
    watched.session.ask(robustness)
    watched.until(complete(Robustness))


def test_a_question_that_needs_too_much_memory_is_dropped_with_a_warning(watched):
    def greedy(subject):
        yield None
        raise MemoryError

    watched.session.ask(greedy)
    assert "not enough memory" in watched.until(lambda event: isinstance(event, Warned)).message
    watched.session.step()
    watched.until(lambda event: isinstance(event, Step))
    assert watched.of(PhaseChanged)[-1].phase is not Phase.FAILED


def test_the_history_keeps_the_latest_answer_of_each_type_until_the_run_moves(watched):
    history = History()
    watched.session.ask(OFF)
    watched.session.ask(unit_worth)
    watched.until(complete(UnitWorth))
    watched.session.step()
    watched.session.step_back(1)
    watched.until(lambda event: isinstance(event, RunMoved))
    for event in watched.events[:-1]:
        history.add(event)
    snapshot = history.snapshot()
    assert snapshot.answer(SwitchedOff).off == {(0, 1)}
    assert snapshot.answer(UnitWorth).done == 1
    assert snapshot.answer(Robustness) is None
    history.add(watched.events[-1])
    assert history.snapshot().answers == {}
