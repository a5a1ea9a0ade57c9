"""Any walk along the timeline: the snapshot for the screen matches the run, and so does what the
coach remembers."""

from contextlib import suppress
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from live import CONFIG

from core.coach.finding import Finding, Seriousness
from core.coach.finding_log import FindingLog
from core.errors import ConfigError
from core.goals import Goal
from core.history.history import History
from core.training.trainer import Trainer
from tui.run.commands import Commands
from tui.run.keeping import Keeping
from tui.run.mailbox import Mailbox
from tui.run.requests import Requests
from tui.run.runner import Runner

BEFORE_A_FORK = [  # from a branch to a step that it shares with the one to which it then returns
    *(("steps", 12), ("step_back", 2), ("rate", 0.003), ("steps", 3)),
    *(("go_to_step", 2), ("switch_branch", 0)),
]
RATES = (0.001, 0.003, 0.1)
MOVES = st.one_of(
    st.tuples(st.just("steps"), st.integers(1, 12)),
    st.tuples(st.just("step_back"), st.integers(1, 12)),
    st.tuples(st.just("go_to_step"), st.integers(-3, 40)),
    st.tuples(st.just("switch_branch"), st.integers(0, 5)),
    st.tuples(st.just("rate"), st.sampled_from(RATES)),
    st.tuples(st.just("go_to_goal"), st.integers(0, 40).map(lambda step: Goal("step", step))),
    st.tuples(st.just("step")),
    st.tuples(st.just("epoch")),
    st.tuples(st.just("toggle")),
    st.tuples(st.just("trace_step")),
)


class Walk:
    """A run driven without a thread, and its history."""

    def __init__(self, data):
        self.mail, self.history = Mailbox(), History()
        keeping = Keeping(None, None, print)
        self.runner = Runner(self.mail, keeping)
        self.commands = Commands(self.mail, keeping, self.runner)
        self.requests = Requests(self.mail, self.runner)
        self.commands.start_run(CONFIG, data)

    def move(self, what, *arguments):
        if what == "rate":
            self.runner.change(learning_rate=arguments[0])
        elif what == "step":
            self.runner.step()
        elif what == "trace_step":
            self.requests.trace_step()
        else:
            getattr(self.commands, what)(*arguments)
        for _ in range(7):  # steps if it is running, an evaluation if it is not
            if self.runner.timeout is not None:
                self.runner.work()

    def snapshot(self):
        for event in self.mail.drain():
            self.history.add(event)
        return self.history.snapshot()


def losses(data, changes, steps):
    """The losses of a straight run with these changes of the learning rate."""
    trainer, found = Trainer(CONFIG, data), []
    for step in range(steps):
        for change in changes:
            if change.step == step:
                trainer.change(learning_rate=change.new)
        found.append(trainer.step().loss)
    return found


@settings(max_examples=60)
@given(moves=st.lists(MOVES, max_size=12))
def test_after_any_walk_the_curves_are_those_of_a_straight_run(tiny, moves):
    walk = Walk(tiny)
    for move in moves:
        with suppress(ConfigError):  # no such branch, or the goal is already met
            walk.move(*move)
    now, trainer = walk.snapshot(), walk.runner.trainer
    assert (now.steps, now.config) == (trainer.steps, trainer.config)
    assert now.branch == walk.runner.timeline.branch.number
    assert now.end == walk.runner.timeline.end_step
    branches = walk.runner.timeline.branches
    assert [replace(b, end=0) for b in now.branches] == [replace(b, end=0) for b in branches]
    # What was changed before the first step is not among the changes of the snapshot.
    changes = [change for change in walk.history._record.changes if change.step <= now.steps]
    expected = losses(tiny, changes, now.steps)
    assert now.training_curves["loss"].low.tolist() == expected
    assert now.recent_curves["loss"].high.tolist() == expected
    assert all(
        part.training_curves["loss"].first.min(initial=999) > part.since
        for part in now.other_branches
    )
    if now.evaluation is not None and now.evaluation.step == now.steps:
        assert now.predictions.image(0).steps[-1] == now.steps


def canned_review(snapshot):
    """Findings that come and go, and depend only on the losses and settings of the path."""
    if snapshot.step is None:
        return ()
    losses = snapshot.training_curves["loss"].low
    found = crc32(losses[-1:].tobytes()) + crc32(
        np.float64(snapshot.config.learning_rate).tobytes()
    )
    evidence = f"{snapshot.steps} {losses.sum()}"
    return tuple(
        Finding(rule, Seriousness.WARNING, rule, evidence, "Why.")
        for bit, rule in enumerate("abc")
        if found >> 3 * bit & 3
    )


def place(snapshot):
    """What tells a step with its settings from all others, also those of other branches."""
    return snapshot.steps, snapshot.training_curves["loss"].low.sum(), snapshot.config


def straight_log(data, changes, steps, places):
    """The log of a straight run with these changes, looked at only at these places."""
    trainer, history, log = Trainer(CONFIG, data), History(), FindingLog()
    history.add(trainer.started())
    looked_at = {step for step, *_ in places}
    for number in range(steps + 1):
        if number:
            history.add(trainer.step())
        rates = [change.new for change in changes if change.step == number]
        for rate in [None, *rates]:
            if rate is not None:
                for change in trainer.change(learning_rate=rate):
                    history.add(change)
            if number in looked_at and place(snapshot := history.snapshot()) in places:
                log.follow(snapshot)
    return log


@settings(max_examples=60)
@example(moves=BEFORE_A_FORK)
@given(moves=st.lists(MOVES, max_size=16))
def test_after_any_walk_the_coach_remembers_what_it_has_seen_on_the_way_to_this_step(tiny, moves):
    walk, log, places, told = Walk(tiny), FindingLog(), set(), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.coach.finding_log.review", canned_review)
        for number, (what, *arguments) in enumerate(moves):
            if what == "rate":  # another one each time, so that no two branches are the same
                arguments = [arguments[0] * (1 + number / 1000)]
            with suppress(ConfigError):
                walk.move(what, *arguments)
            now = walk.snapshot()
            places.add(place(now))
            told += [(noted.finding.rule, now.config) for noted in log.follow(now)]
            changes = [c for c in walk.history._record.changes if c.step <= now.steps]
            straight = straight_log(tiny, changes, now.steps, places)
            for found, expected in ((log.now, straight.now), (log.past, straight.past)):
                known, wanted = (
                    [(n.finding.rule, n.since, n.until) for n in noted]
                    for noted in (found, expected)
                )
                assert known == wanted
            losses = now.training_curves["loss"].low
            for noted in (*log.now, *log.past):  # the numbers are of the step that is named
                at = noted.since if noted.at is None else noted.at
                assert noted.finding.evidence == f"{at} {losses[:at].sum()}"
                assert noted.since <= at <= now.steps
                assert noted.until is None or at < noted.until <= now.steps
    assert len(told) == len(set(told))  # nothing is told twice
