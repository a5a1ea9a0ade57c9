"""The timeline: every step can be restored bit for bit, and a change there starts a branch."""

import copy
import dataclasses
import math
import tracemalloc
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traces import EVERY_OPTION

from core.config.config import Config
from core.errors import ConfigError, Diverged
from core.events import Change
from core.nn.optimizers import OptimizerState
from core.training.checkpoint_store import CheckpointStore
from core.training.timeline import Branch, Timeline
from core.training.trainer import Trainer

CONFIG = Config(hidden=(8,), batch_size=32, epochs=100, validation=30)
EVERYTHING = CONFIG.replace(**EVERY_OPTION)
# So large that only few checkpoints fit into a megabyte.
LARGE = CONFIG.replace(hidden=(300,), timeline_memory=1)
CONFIGS = (
    CONFIG,
    EVERYTHING,
    LARGE,
    EVERYTHING.replace(hidden=(200, 9), timeline_memory=1, schedule="cosine"),
    EVERYTHING.replace(schedule="plateau", decay_epochs=1, learning_rate=0.1, patience=2),
    *(LARGE.replace(optimizer=name, dropout=0.1) for name in ("sgd", "momentum", "adagrad")),
)
CHANGES = (
    *({"learning_rate": 0.05}, {"learning_rate": 0.002}, {"batch_size": 1}, {"batch_size": 150}),
    *({"batch_size": 7, "learning_rate": 0.01}, {"momentum": 0.5}, {"beta2": 0.9}, {"l2": 0.1}),
    *({"optimizer": name, "weight_decay": 0} for name in ("sgd", "nesterov", "rmsprop", "adam")),
    *({"optimizer": "adamw", "weight_decay": 0.2}, {"schedule": "step", "decay_epochs": 1}),
    *({"schedule": "plateau", "decay_epochs": 1}, {"schedule": "constant", "warmup": 1}),
    *({"dropout": 0.5}, {"dropout": 0}, {"flip": 0.3, "erase": 0}, {"shift": 1}),
    *({"label_smoothing": 0.2}, {"clip_norm": 0.1}, {"patience": 1}, {"patience": 0}),
)


def timeline(config, data, steps=0):
    timeline = Timeline(Trainer(config, data))
    for _ in range(steps):
        timeline.step()
    return timeline


def bits(value):
    """The value in a form that can be compared; arrays by their bits."""
    if isinstance(value, np.ndarray):
        return hash(value.tobytes())
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state
    if isinstance(value, tuple):
        return [bits(item) for item in value]
    return value


def parts(thing):
    """All attributes of an object, except buffers that keep nothing from step to step."""
    return {name: bits(value) for name, value in vars(thing).items() if name != "_blocks"}


def everything(run):
    """Everything that can affect how a run continues."""
    names = ("config", "steps", "epochs", "position", "stopped", "finished", "learning_rate")
    names += ("order", "shuffle_rng", "dropout_rng", "augment_rng")
    return [
        *(bits(getattr(run, name)) for name in names),
        *(bits(array) for array in (run.network.parameters, run.network.statistics)),
        *(parts(thing) for thing in (run.optimizer, run.plateau, run.early_stopping)),
        parts(run.epoch_averages),
        *(getattr(layer, "rate", None) for layer in run.network.layers),
        *(type(run.optimizer), run._descent._loss.smoothing),
    ]


def comparable(step):
    """A step without its time."""
    watched = step.evaluation
    watched = watched and (watched.loss, watched.accuracy, watched.probabilities.tobytes())
    return dataclasses.replace(step, seconds=0.0, evaluation=watched)


class Walk:
    """A timeline, and notes of its state at each step, made when it first came there."""

    def __init__(self, config, data):
        self.data, self.config = data, config
        self.timeline = timeline(config, data)
        self.notes = {0: {0: (everything(self.timeline.trainer), None)}}

    def check(self):
        """Asserts that the state is the one noted at this step."""
        assert (everything(self.timeline.trainer), self.last) == self.here[
            self.timeline.current_step
        ]

    @property
    def here(self):
        return self.notes[self.timeline.branch.number]

    @property
    def last(self):
        return self.timeline.last_event and comparable(self.timeline.last_event)

    def run(self, steps):
        for _ in range(steps):
            if self.timeline.trainer.finished:
                break
            self.timeline.step()
            now = everything(self.timeline.trainer), self.last
            assert self.here.setdefault(self.timeline.current_step, now) == now

    def change(self, values):
        before, at = self.here, self.timeline.current_step
        try:
            self.timeline.change(**values)
        except ConfigError:
            self.check()
            return
        number = self.timeline.branch.number
        if number not in self.notes:
            self.notes[number] = {step: note for step, note in before.items() if step < at}
        self.here[at] = (everything(self.timeline.trainer), self.last)

    def go_to(self, share):
        self.timeline.go_to(round(share * self.timeline.end_step))
        self.check()

    def switch_branch(self, share):
        self.timeline.switch_branch(round(share * (len(self.timeline.branches) - 1)))
        assert self.timeline.current_step == self.timeline.end_step
        self.check()

    def cancel(self, share):
        self.timeline.go_to(round(share * self.timeline.end_step), lambda done: done < share)
        self.check()

    def check_every_branch(self):
        """Asserts that each branch ends as if it had been trained without going back."""
        for branch in self.timeline.branches:
            self.timeline.switch_branch(branch.number)
            assert everything(self.timeline.trainer) == everything(self.make_straight())
            self.check_epoch_ends()
            self.go_to(0.5)
            self.check_epoch_ends()

    def check_epoch_ends(self):
        """Asserts that the timeline knows after which steps of the branch an epoch was complete."""
        ends = {}
        for step, ((_, _, epochs, position, *_), _) in self.here.items():
            if epochs and not position:
                ends[epochs] = step
        for epoch in range(1, max(ends, default=0) + 3):
            assert self.timeline.epoch_end(epoch) == ends.get(epoch)

    def make_straight(self):
        """Makes the same branch with a trainer that never goes back."""
        trainer = Trainer(self.config, self.data)
        path = [self.timeline.branch]
        while path[0].parent is not None:
            path.insert(0, self.timeline.branches[path[0].parent])
        forks = [*(branch.fork for branch in path[1:]), self.timeline.end_step]
        for branch, end in zip(path, forks, strict=True):
            for call in branch.change_groups:
                if call[0].step <= end:
                    while trainer.steps < call[0].step:
                        trainer.step()
                    trainer.change(**{change.field: change.new for change in call})
        while trainer.steps < self.timeline.end_step:
            trainer.step()
        return trainer


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_ends_of_the_epochs_are_known_whatever_the_batch_size_was(tiny, batch_norm):
    walk = Walk(CONFIG.replace(batch_size=13, batch_norm=batch_norm), tiny)  # 170 = 13 · 13 + 1
    for batch_size in (7, 13, 56, 169, 170, 500, 13):
        walk.run(batch_size % 11 + 1)
        walk.change({"batch_size": batch_size})
        walk.check_epoch_ends()
    walk.run(60)
    walk.check_epoch_ends()
    walk.go_to(0.3)
    walk.change({"batch_size": 28})
    walk.run(20)
    walk.check_epoch_ends()
    walk.timeline.switch_branch(0)
    walk.go_to(0.1)
    walk.check_epoch_ends()


share = st.floats(0, 1)
act = st.one_of(
    st.tuples(st.just(Walk.run), st.integers(1, 60)),
    st.tuples(st.just(Walk.change), st.sampled_from(CHANGES)),
    st.tuples(st.just(Walk.go_to), share),
    st.tuples(st.just(Walk.switch_branch), share),
    st.tuples(st.just(Walk.cancel), share),
)


@settings(max_examples=15)  # test_kept_runs walks, too
@given(config=st.sampled_from(CONFIGS), acts=st.lists(act, min_size=5, max_size=20))
def test_any_walk_finds_every_step_as_it_was(tiny, config, acts):
    walk = Walk(config, tiny)
    walk.run(40)
    for act, value in acts:
        act(walk, value)
    walk.check_every_branch()
    assert walk.timeline.nbytes <= config.timeline_memory * 1e6


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.optimizer}{config.hidden}")
def test_go_to_restores_every_step_of_a_run(tiny, config):
    walk = Walk(config.replace(epochs=12), tiny)
    walk.run(1000)
    assert walk.timeline.end_step >= 30
    for step in reversed(range(walk.timeline.end_step + 1)):
        assert walk.timeline.go_to(step)
        walk.check()


def test_a_run_is_the_same_with_a_timeline_and_without(tiny):
    trainer = Trainer(EVERYTHING, tiny)
    steps = [comparable(trainer.step()) for _ in range(50)]
    other = timeline(EVERYTHING, tiny)
    assert [comparable(other.step()) for _ in range(50)] == steps
    assert everything(other.trainer) == everything(trainer)


def test_evaluations_in_between_change_nothing(tiny):
    one, other = timeline(EVERYTHING, tiny, 40), timeline(EVERYTHING, tiny, 40)
    one.go_to(21)
    one.trainer.evaluate(tiny.test)
    one.go_to(30)
    one.trainer.evaluate(one.trainer.training_set)
    one.go_to(40)
    assert everything(one.trainer) == everything(other.trainer)


def test_early_stopping_can_be_undone(tiny):
    run = timeline(EVERYTHING.replace(patience=1), tiny)
    while not run.trainer.finished:
        run.step()
    ended = everything(run.trainer)
    assert run.trainer.stopped
    run.go_to(run.end_step - 1)
    assert not run.trainer.stopped
    run.step()
    assert everything(run.trainer) == ended


# Checkpoints.


def test_a_checkpoint_does_not_change_while_the_run_continues(tiny):
    trainer = Trainer(EVERYTHING, tiny)
    for _ in range(7):
        trainer.step()
    before, state = everything(trainer), trainer.checkpoint()
    for _ in range(40):
        trainer.step()
    trainer.change(optimizer="sgd", weight_decay=0, schedule="plateau", patience=3)
    trainer.step()
    trainer.restore(state)
    assert everything(trainer) == before
    for array in (state.parameters, state.statistics, state.optimizer_state.moments["m"]):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0


def test_a_checkpoint_can_be_restored_in_another_run_of_the_same_seed(tiny):
    one, other = Trainer(EVERYTHING, tiny), Trainer(EVERYTHING, tiny)
    for _ in range(20):
        one.step()
    other.restore(one.checkpoint())
    assert [comparable(one.step()) for _ in range(20)] == [
        comparable(other.step()) for _ in range(20)
    ]


def test_the_training_time_goes_back_too(tiny, monkeypatch):
    ticks = count()  # of a clock that no busy machine delays
    monkeypatch.setattr("core.training.trainer.now", lambda: float(next(ticks)))
    run = timeline(CONFIG, tiny, 100)
    seconds = run.trainer.seconds
    run.go_to(20)
    assert 0 < run.trainer.seconds < seconds


# Branches.


def test_the_means_of_an_epoch_are_exact_wherever_the_run_goes(tiny):
    """An epoch has nine steps, the last one smaller; they are compared with a straight run."""
    straight = Trainer(CONFIG, tiny)
    steps = [straight.step() for _ in range(27)]

    def means(at):
        epoch = [step for step in steps[:at] if step.epoch == steps[at - 1].epoch]
        images = [step.images for step in epoch]
        return [
            np.average([step.loss for step in epoch], weights=images),
            np.average([step.accuracy for step in epoch], weights=images),
        ]

    run = timeline(CONFIG, tiny, 25)
    assert {step.images for step in steps[:9]} > {steps[8].images}
    for at in (13, 4, 18, 19, 9, 1):  # in the middle, at the end and at the start of an epoch
        run.go_to(at)
        assert [run.last_event.epoch_loss, run.last_event.epoch_accuracy] == pytest.approx(
            means(at), rel=1e-12
        )
    run.go_to(13)
    run.change(epochs=4)  # another branch, which changes no step
    run.step()
    assert run.branch.number == 1
    assert run.last_event.epoch_loss == pytest.approx(means(14)[0], rel=1e-12)


def test_stepping_from_an_earlier_step_repeats_the_steps_without_a_branch(tiny):
    run = timeline(CONFIG, tiny)
    steps = [comparable(run.step()) for _ in range(20)]
    run.go_to(5)
    assert [comparable(run.step()) for _ in range(15)] == steps[5:]
    assert run.branches == (Branch(0, None, 0, 20),)


def test_a_change_at_the_end_stays_on_the_branch_and_is_repeated_at_its_step(tiny):
    run = timeline(CONFIG, tiny, 5)
    run.change(learning_rate=0.5)
    run.step()
    assert run.branches == (Branch(0, None, 0, 6, ((Change(5, "learning_rate", 0.001, 0.5),),)),)
    run.go_to(4)
    assert run.trainer.config.learning_rate == 0.001
    run.step()
    assert run.trainer.config.learning_rate == 0.5
    run.go_to(5)
    assert run.trainer.config.learning_rate == 0.5
    assert len(run.branches) == 1


def test_a_change_before_the_end_starts_a_branch_and_keeps_the_old_future(tiny):
    run = timeline(CONFIG, tiny, 20)
    ended = everything(run.trainer)
    run.go_to(8)
    changes = run.change(learning_rate=0.5, batch_size=16)
    assert changes == [Change(8, "learning_rate", 0.001, 0.5), Change(8, "batch_size", 32, 16)]
    run.step()
    run.change(dropout=0.5)
    assert (run.current_step, run.end_step) == (9, 9)
    first, second = run.branches
    assert (first.end, first.changes) == (20, ())
    assert (second.number, second.parent, second.fork, second.end) == (1, 0, 8, 9)
    assert second.changes == (*changes, Change(9, "dropout", 0.0, 0.5))
    assert run.switch_branch(0)
    assert (run.current_step, run.branch) == (20, first)
    assert everything(run.trainer) == ended


def test_a_branch_shares_the_past_of_its_parent(tiny):
    run = timeline(CONFIG, tiny, 17)
    run.change(epochs=99)
    for step, change in ((12, {"l2": 0.5}), (12, {"dropout": 0.5}), (4, {"shift": 1})):
        for _ in range(20 - run.current_step):
            run.step()
        run.go_to(step)
        run.change(**change)
    for _ in range(16):
        run.step()
    # The third left the past of the first before that of the second began.
    assert [(b.parent, b.fork) for b in run.branches] == [(None, 0), (0, 12), (1, 12), (0, 4)]
    there = [CONFIG, CONFIG.replace(l2=0.5), CONFIG.replace(l2=0.5, dropout=0.5)]
    ends = [CONFIG.replace(epochs=99), *there[1:], CONFIG.replace(shift=1)]
    for number, end in enumerate(ends):
        run.switch_branch(number)
        assert run.trainer.config == end
        run.go_to(3)
        assert run.trainer.config == CONFIG
    for number, config in enumerate(there):
        run.switch_branch(number)
        run.go_to(12)
        assert run.trainer.config == config


def test_two_branches_are_the_same_up_to_the_fork_only(tiny):
    run = timeline(CONFIG, tiny, 14)
    ended = everything(run.trainer)
    run.go_to(5)
    run.change(learning_rate=0.5)
    run.step()
    run.switch_branch(0)
    assert everything(run.trainer) == ended


def test_a_change_to_the_same_value_or_a_refused_one_starts_no_branch(tiny):
    run = timeline(CONFIG, tiny, 20)
    run.go_to(8)
    assert run.change(learning_rate=0.001) == []
    with pytest.raises(ConfigError, match="learning rate: enter a number above 0"):
        run.change(learning_rate=-1)
    with pytest.raises(ConfigError, match="can only be changed in a new run"):
        run.change(seed=1)
    assert run.branches == (Branch(0, None, 0, 20),)


def test_changes_made_together_are_repeated_together(tiny):
    """One by one they would be refused: weight decay needs adamw."""
    run = timeline(CONFIG, tiny, 3)
    run.change(weight_decay=0.1, optimizer="adamw")
    run.step()
    run.go_to(2)
    run.step()
    assert (run.trainer.config.optimizer, run.trainer.config.weight_decay) == ("adamw", 0.1)


def test_repeated_changes_back_and_forth_are_repeated_exactly(tiny):
    """Each change of the coefficients rounds the moments of adam again."""
    run = timeline(CONFIG, tiny, 16)
    for momentum in (0.37, 0.9, 0.37, 0.9):
        run.change(momentum=momentum)
    there = everything(run.trainer)
    run.step()
    run.go_to(3)
    run.go_to(16)
    assert everything(run.trainer) == there


# Divergence.


def until_it_diverges(run):
    for _ in range(1000):
        try:
            run.step()
        except Diverged:
            return
    pytest.fail("the run did not diverge")


@pytest.mark.parametrize("config", [CONFIG, EVERYTHING], ids=["plain", "everything"])
def test_after_a_divergence_a_run_can_go_back_and_continue_with_a_smaller_rate(tiny, config):
    config = config.replace(schedule="constant", warmup=0, clip_norm=0, batch_norm=False)
    config = config.replace(hidden=(32, 32, 32))
    run = timeline(config, tiny, 20)
    run.change(learning_rate=1e12)
    until_it_diverges(run)
    there = everything(run.trainer)
    with pytest.raises(Diverged):
        run.step()
    assert everything(run.trainer) == there
    assert run.go_to(run.end_step - 1)
    assert run.go_to(run.end_step)
    assert everything(run.trainer) == there
    run.go_to(19)
    assert np.isfinite(run.last_event.loss)
    run.change(learning_rate=0.01)
    assert np.isfinite([run.step().loss for _ in range(100)]).all()
    assert [branch.number for branch in run.branches] == [0, 1]


# Invalid targets and cancelled moves.


@pytest.mark.parametrize("step", [-1, 21, 10**9])
def test_a_step_beyond_the_branch_is_refused(tiny, step):
    run = timeline(CONFIG, tiny, 20)
    with pytest.raises(
        ConfigError, match="step: enter 0 to 20, the steps of this branch"
    ) as caught:
        run.go_to(step)
    assert caught.value.field == "step"
    assert run.current_step == 20


@pytest.mark.parametrize("number", [-1, 1])
def test_a_branch_that_does_not_exist_is_refused(tiny, number):
    run = timeline(CONFIG, tiny, 20)
    with pytest.raises(
        ConfigError, match=f"branch: enter 0 to 0; there is no branch {number}"
    ) as caught:
        run.switch_branch(number)
    assert caught.value.field == "branch"


def test_a_timeline_of_a_run_in_progress_goes_back_to_its_own_start(tiny):
    trainer = Trainer(CONFIG, tiny)
    for _ in range(10):
        trainer.step()
    there = everything(trainer)
    run = Timeline(trainer)
    for _ in range(50):
        run.step()
    run.go_to(10)
    assert everything(trainer) == there
    assert (run.last_event.step, run.last_event.epochs) == (10, trainer.time)
    assert math.isnan(run.last_event.loss)  # its own batch is not known
    with pytest.raises(ConfigError, match="step: enter 10 to 60"):
        run.go_to(9)


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_an_earlier_step_can_be_revisited_and_the_run_stays_where_it_is(tiny, config):
    run, other = timeline(config, tiny, 13), timeline(config, tiny, 9)
    before, event = everything(run.trainer), run.last_event
    found = run.revisit(9, lambda trainer: trainer.network.parameters.tobytes())
    assert found == other.trainer.network.parameters.tobytes()
    assert everything(run.trainer) == before
    assert run.last_event is event
    assert run.revisit(9, lambda trainer: 1, lambda share: False) in (None, 1)
    assert everything(run.trainer) == before


def test_a_fault_during_a_visit_leaves_the_run_where_it_is(tiny):
    run = timeline(CONFIG, tiny, 13)
    before = everything(run.trainer)
    with pytest.raises(ZeroDivisionError):
        run.revisit(5, lambda trainer: 1 / 0)
    assert everything(run.trainer) == before


def test_go_to_reports_its_progress(tiny):
    run = timeline(CONFIG, tiny, 16)
    shares = []
    assert run.go_to(8, lambda share: shares.append(share) or True)
    assert shares == [step / 8 for step in range(8)]


class Interrupted(BaseException):
    """Like KeyboardInterrupt."""


def interrupt(share):
    if share > 0:
        raise Interrupted
    return True


@pytest.mark.parametrize("going", ["go_to", "switch_branch"])
def test_cancelled_or_interrupted_the_run_stays_where_it_was(tiny, going):
    run = timeline(EVERYTHING, tiny, 20)
    run.go_to(10)
    run.change(learning_rate=0.5, momentum=0.4)
    run.step()
    there, last = everything(run.trainer), run.last_event
    target = {"go_to": 5, "switch_branch": 0}[going]
    assert not getattr(run, going)(target, lambda share: share < 0.5)
    assert (everything(run.trainer), run.last_event, run.branch.number) == (there, last, 1)
    with pytest.raises(Interrupted):
        getattr(run, going)(target, interrupt)
    assert (everything(run.trainer), run.last_event, run.branch.number) == (there, last, 1)
    assert getattr(run, going)(target)


# Memory and time.


def replayed(run, step):
    """The number of steps recomputed to go there."""
    made = []
    assert run.go_to(step, lambda share: made.append(share) or True)
    return len(made)


def test_the_checkpoints_of_100_000_steps_take_a_megabyte_at_most(tiny):
    state = Trainer(CONFIG, tiny).checkpoint()

    def at(step):
        """A checkpoint that shares no memory."""
        arrays = {name: getattr(state, name).copy() for name in ("parameters", "statistics")}
        moments = {name: array.copy() for name, array in state.optimizer_state.moments.items()}
        generators = ("shuffle_rng", "dropout_rng", "augment_rng")
        return dataclasses.replace(
            state,
            **arrays | {name: copy.deepcopy(getattr(state, name)) for name in generators},
            optimizer_state=OptimizerState(moments, step),
            plateau=copy.copy(state.plateau),
            early_stopping=copy.copy(state.early_stopping),
            steps=step,
        )

    tracemalloc.start()
    states = CheckpointStore(at(0), 1_000_000)
    largest = 0
    for step in range(1, 100_001):
        if states.due(step):
            states.add(0, at(step))
            largest = max(largest, states.nbytes)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.4e6 < largest <= 1e6
    assert taken < 1e6
    # Evenly over all of the run, so that no step is far from one.
    steps = range(1, 100_001, 97)
    assert max(step - states.last_before(step, {0: 100_000}).steps for step in steps) <= 1024


@pytest.mark.parametrize("patience", [0, 9])
def test_a_run_stays_within_its_megabyte(tiny, patience):
    run = timeline(LARGE.replace(patience=patience), tiny)
    for _ in range(600):
        run.step()
        assert run.nbytes <= 1e6
    assert run.nbytes > 0.4e6
    there = everything(run.trainer)
    for step in (599, 3, 300):
        assert run.go_to(step)
        assert run.nbytes <= 1e6
    run.go_to(600)
    assert everything(run.trainer) == there


def test_all_branches_share_one_budget(tiny):
    run = timeline(LARGE, tiny, 200)
    there = everything(run.trainer)
    for rate in range(1, 11):
        run.go_to(100)
        run.change(learning_rate=rate / 100)
        for _ in range(100):
            run.step()
            assert run.nbytes <= 1e6
    run.switch_branch(0)
    assert everything(run.trainer) == there


def test_a_budget_smaller_than_one_checkpoint_still_allows_going_back(tiny):
    run = timeline(LARGE.replace(hidden=(3000,)), tiny, 100)
    there = everything(run.trainer)
    size = run.trainer.checkpoint().nbytes
    assert size > 1e6
    assert run.nbytes == 2 * size
    run.go_to(50)
    run.go_to(100)
    assert everything(run.trainer) == there
    assert run.nbytes == 2 * size
    run.go_to(3)
    run.change(learning_rate=0.5)
    while run.current_step < 70:
        run.step()
    assert run.nbytes == 2 * size


def test_going_back_step_by_step_does_not_start_at_the_same_checkpoint_each_time(tiny):
    # About 30 checkpoints, four or more of them near the target.
    run = timeline(LARGE.replace(hidden=(60,)), tiny, 1400)
    run.go_to(100)
    assert replayed(run, 639) == 63
    each = [replayed(run, step) for step in range(638, 576, -1)]
    assert max(each) <= 32
    assert sum(each) < 5 * len(each)
