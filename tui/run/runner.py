"""Makes step after step of a run, evaluates in between, and posts events about it."""

from collections.abc import Callable

from core.errors import ConfigError, Diverged
from core.events import (
    BranchChanged,
    Phase,
    PhaseChanged,
    RunStarted,
    Step,
    Warned,
)
from core.goals import Goal
from core.training.rate_jump import rate_jump
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from core.types import ignore
from tui.run.evaluator import Evaluator
from tui.run.inspector import Inspector
from tui.run.keeping import Keeping
from tui.run.mailbox import Mailbox
from tui.run.pace import Pace
from tui.run.plan import Plan
from tui.run.questions import Questions

_PAINTED = 0.03  # seconds after which the screen has painted an answer


class Runner:
    """Runs one run at a time. Before `begin`, only `set_phase` can be called.

    is_running: whether `work` makes steps. goal: where it pauses; None: at the end. plan: changes
    of settings to make. interlude: see `Trainer.interlude`.
    """

    def __init__(self, mail: Mailbox, keeping: Keeping) -> None:
        self._mail = mail
        self._keeping = keeping
        self._timeline: Timeline | None = None
        self._evaluator: Evaluator | None = None
        self.inspector: Inspector
        self.questions = Questions(mail)
        self.pace = Pace()
        self.plan = Plan()
        self.is_running = False
        self.goal: Goal | None = None
        self._diverged: Diverged | None = None  # by the next step: how it was noticed first
        self.interlude: Callable[[], object] = ignore
        self._phase = Phase.LOADING  # FAILED by an error: no work until a command changes it

    def begin(self, timeline: Timeline, started: RunStarted) -> None:
        """Makes this the current run, and posts that it started."""
        self._timeline = timeline
        timeline.trainer.interlude = self.interlude
        self._evaluator, self._diverged = Evaluator(self._mail, timeline.trainer), None
        self.inspector = Inspector(self._mail)
        self.questions.clear()
        self._mail.post(started)

    @property
    def has_run(self) -> bool:
        """Whether a run has begun."""
        return self._timeline is not None

    @property
    def timeline(self) -> Timeline:
        assert self._timeline is not None
        return self._timeline

    @property
    def trainer(self) -> Trainer:
        return self.timeline.trainer

    @property
    def evaluator(self) -> Evaluator:
        assert self._evaluator is not None
        return self._evaluator

    @property
    def has_diverged(self) -> bool:
        """Whether the next step diverges, whatever the phase is."""
        return self._diverged is not None

    @property
    def timeout(self) -> float | None:
        """Seconds to wait for a command before calling `work`; None: there is no work."""
        has_failed = self._phase is Phase.FAILED
        if self.questions and not has_failed:
            return 0.0
        if self.is_running:
            return self.pace.seconds_left
        if has_failed or self.evaluator.is_current:
            return None
        return min(self.pace.seconds_left, _PAINTED)

    def work(self) -> None:
        """Makes a step if the run is running; otherwise evaluates the network.

        Questions are answered between two steps, in at most half of the time, and after the
        evaluation.
        """
        if self.is_running:
            waits = self.pace.steps_per_second and self.pace.seconds_left
            if waits or self.questions.are_due:
                self.questions.work(shares_time=not waits)
            else:
                self._make_step()
        elif self.evaluator.is_current:
            self.questions.work()
        else:
            self.evaluate()

    def set_phase(self, phase: Phase, message: str | None = None) -> None:
        self.is_running = phase is Phase.RUNNING
        self._phase = phase
        if not self.is_running:
            self.goal = None
            self._keeping.note_pause()
        self._mail.post(PhaseChanged(phase, message, self.goal), urgent=True)

    def run(self, goal: Goal | None = None) -> None:
        """Lets the run continue until the goal is met, or to its end. Refused if that is here."""
        self._refuse_at_end()
        self.goal = goal
        self.pace.start()
        self.set_phase(Phase.RUNNING)

    def rest(self) -> None:
        """Pauses the run, unless it is finished."""
        self.set_phase(Phase.FINISHED if self.trainer.finished else Phase.PAUSED)

    def step(self) -> None:
        """Makes a step; the evaluation after it waits until it is painted. Refused at the end."""
        # Makes the step now, so that two key presses make two steps and later commands come after
        # it. The phase "running" is not posted, because the screen would draw it first.
        self._refuse_at_end()
        self.is_running, self.goal = True, Goal("step", self.trainer.steps + 1)
        self._make_step()
        self.wait_for_paint()

    def _refuse_at_end(self) -> None:
        """Raises ConfigError if there are no steps left."""
        if self.trainer.finished:
            if self._phase is not Phase.FINISHED:
                self.set_phase(Phase.FINISHED)
            raise ConfigError("end", "the run is finished; more epochs continue it")

    def wait_for_paint(self) -> None:
        """Lets the next step or evaluation wait until the screen has painted an answer."""
        self.pace.wait(_PAINTED)

    def change(self, **values: object) -> None:
        branch, rate = self.timeline.branch.number, self.trainer.learning_rate
        notes = self.trainer.notes
        changes = self.timeline.change(**values)
        for note in self.trainer.notes:
            if note not in notes:
                self._mail.post(Warned(note), urgent=True)
        if jump := rate_jump(changes, self.trainer, rate):
            self._mail.post(Warned(jump), urgent=True)
        if self.timeline.branch.number != branch:
            self.post_move()
        elif changes:
            self._mail.post(BranchChanged(self.timeline.branch))
        self._mail.post(*changes)
        if not self.is_running and not self.trainer.finished:
            self.set_phase(Phase.PAUSED)

    def change_as_planned(self) -> None:
        """Makes the changes planned after the current step."""
        for values in self.plan.take(self.timeline.current_step):
            self.change(**values)

    def post_move(self) -> None:
        """Posts where the run is now; questions about where it was are dropped."""
        self.questions.clear()
        self._mail.post(self.timeline.moved())

    def rest_after_move(self) -> None:
        """Posts that the run was moved to another step or branch, and pauses it there."""
        self._diverged = None
        self.evaluator.schedule.reset()
        self.post_move()
        self.rest()

    def evaluate(self) -> None:
        """Evaluates the evaluation set. A command may cancel it."""
        try:
            self.evaluator.evaluate(urgent=not self.is_running)
        except Diverged as error:
            if not self.has_diverged:  # or the step has reported it
                self._report_divergence(error)
        else:
            self.inspector.measure_layers(self.trainer)

    def score(self) -> None:
        """Evaluates the test set."""
        try:
            self.evaluator.score()
        except Diverged as error:
            self._report_divergence(error)

    def _make_step(self) -> None:
        trainer, config = self.trainer, self.trainer.config
        if self.timeline.current_step == self.timeline.start_step:
            self.inspector.measure_layers(trainer)
        try:
            step = self.timeline.step()
        except Diverged as error:
            self._report_divergence(error)
            return
        self._diverged = None
        self._mail.post(step, urgent=self.pace.steps_per_second is not None)
        if self.timeline.current_step == self.timeline.end_step:
            self._keeping.note_step()
            self.change_as_planned()
        self.evaluator.record(step)
        if step.evaluation:
            self.inspector.measure_layers(trainer)
        if trainer.config is not config:  # by a change that was repeated or planned
            self.post_move()
        if trainer.stopped:
            self.set_phase(Phase.FINISHED, trainer.early_stopping.message)
            self.evaluator.schedule.reset()  # the best weights were restored
        elif trainer.finished:
            early_stopping = trainer.early_stopping
            unstopped = early_stopping.unstopped_message if early_stopping.best_epoch else None
            self.set_phase(Phase.FINISHED, unstopped)
        elif self._goal_met(step):
            self.set_phase(Phase.PAUSED)
        elif self.evaluator.schedule.due(step, self.pace.steps_per_second):
            self.evaluate()
            if self._goal_met(step):
                self.set_phase(Phase.PAUSED)
        self.pace.note_step()

    def _goal_met(self, step: Step) -> bool:
        accuracy = self.evaluator.schedule.accuracy
        return self.goal is not None and self.goal.met(step.step, step.epochs, accuracy)

    def _report_divergence(self, error: Diverged) -> None:
        """Reports a divergence with the step and the rate at which it was noticed first."""
        first = self._diverged = self._diverged or error
        error = Diverged(first.step, first.learning_rate, error.what)
        ways = f"then restart (r) or go back (b) to {self._healthy_place()}"
        self.set_phase(Phase.DIVERGED, f"{error}, {ways}")

    def _healthy_place(self) -> str:
        step = self.timeline.last_healthy_step
        return f"step {step:,}, the last healthy one" if step else "the start"
