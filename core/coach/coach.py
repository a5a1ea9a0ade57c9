"""The coach beside a run that trains without a screen, in Python or by `fashion-tui train`."""

from collections.abc import Callable
from time import thread_time

from core.coach.finding import Finding
from core.coach.finding_log import FindingLog, Noted
from core.config.config import SETTINGS
from core.errors import ConfigError
from core.events import Change, LayersMeasured, PhaseChanged, Scored, Step
from core.history.history import History
from core.history.snapshot import Snapshot
from core.inspection.layer_stats import layer_stats
from core.training.limits import check_memory
from core.training.tracing import trace_step
from core.training.trainer import Trainer
from core.types import ignore

_SHARE = 0.002  # of the time of training, for looks at the run
_EPOCHS = (1, 4, 16)  # after which it looks all the same, to notice early what is wrong


class Coach:
    """Follows a run of `trainer`, which it does not change.

    Add each step of the run. The coach looks at the run by itself after a few early epochs, and
    after later ones if that takes little time. It measures the layers only if there is memory for
    it.

    report: called with the statistics of the layers whenever it measures them.
    log: the findings that hold and those that have passed, with the steps of both.
    """

    def __init__(
        self, trainer: Trainer, report: Callable[[LayersMeasured], object] = ignore
    ) -> None:
        self._trainer, self._report = trainer, report
        self._config = trainer.config
        self._history = History()
        self._history.add(trainer.started())
        self.log = FindingLog()
        self._spent = 0.0  # seconds
        self._measured = -1  # the step at which it last measured the layers
        self._has_memory = _has_memory(trainer)
        self._look()

    def add(self, event: Step | Scored | PhaseChanged) -> None:
        """Adds a step, a result on the test set, or that the run has diverged."""
        if isinstance(event, Step):
            self._note_changes(event.step - 1)
        self._history.add(event)
        if not (isinstance(event, Step) and event.evaluation):
            return
        if event.epoch in _EPOCHS or self._spent < _SHARE * self._trainer.seconds:
            self._look()

    def evaluate(self) -> tuple[Finding, ...]:
        """Evaluates the network as it is now, and returns the findings.

        Use it between two epochs. Raises Diverged if the loss is not finite.
        """
        self._history.add(self._trainer.evaluate(self._trainer.evaluation_set))
        return self.findings()

    def findings(self) -> tuple[Finding, ...]:
        """Returns what the coach finds now, the most serious first."""
        return tuple(noted.finding for noted in self.noted())

    def noted(self) -> tuple[Noted, ...]:
        """Returns the same findings with the steps at which they were first made."""
        self._look()
        return self.log.now

    def snapshot(self) -> Snapshot:
        """Returns what the rules look at."""
        return self._history.snapshot()

    def _note_changes(self, step: int) -> None:
        """Records the settings that have changed since the step before, after that step."""
        old, new = self._config, self._trainer.config
        if new is not old:
            for name in SETTINGS:
                before, after = getattr(old, name), getattr(new, name)
                if before != after:
                    self._history.add(Change(step, name, before, after))
            self._config = new

    def _look(self) -> None:
        """Measures the layers, once at each step, and applies the rules."""
        start = thread_time()
        if self._has_memory and self._measured != self._trainer.steps:
            self._measured = self._trainer.steps
            measured = LayersMeasured(layer_stats(trace_step(self._trainer)))
            self._history.add(measured)
            self._report(measured)
        self.log.follow(self.snapshot())
        self._spent += thread_time() - start


def _has_memory(trainer: Trainer) -> bool:
    """Whether there is enough memory to trace steps of a run."""
    sizes, images = trainer.network.sizes, len(trainer.training_set)
    try:
        check_memory(trainer.config, sizes[0], sizes[-1], images, traced=True)
    except ConfigError:
        return False
    return True
