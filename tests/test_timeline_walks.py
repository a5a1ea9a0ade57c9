"""Any walk along the timeline: the snapshot for the screen matches the run."""

from contextlib import suppress
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from live import CONFIG

from core.errors import ConfigError
from core.goals import Goal
from core.history.history import History
from core.training.trainer import Trainer
from tui.run.driver import Driver
from tui.run.keeping import Keeping
from tui.run.mailbox import Mailbox
from tui.run.requests import Requests
from tui.run.runner import Runner

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
        self.driver = Driver(self.mail, keeping, self.runner)
        self.requests = Requests(self.mail, self.runner)
        self.driver.start_run(CONFIG, data)

    def move(self, what, *arguments):
        if what == "rate":
            self.runner.change(learning_rate=arguments[0])
        elif what == "step":
            self.runner.step()
        elif what == "trace_step":
            self.requests.trace_step()
        else:
            getattr(self.driver, what)(*arguments)
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
