"""Decides when the units of the network need another survey."""

from core.events import Phase
from core.history.snapshot import Snapshot

_MAX_SHARE = 0.05  # of the training time that surveys may take while training runs
_ASSUMED_COST = 0.5  # of a survey, in epochs of training, until the first one is measured


class SurveyRequests:
    """Remembers the last request of a pane, so that it requests each survey only once."""

    def __init__(self) -> None:
        self._requested: tuple[object, ...] = ()  # for which state of the run
        self._requested_at = (0.0, 0)  # seconds of training and epochs

    def is_missing(self, snapshot: Snapshot) -> bool:
        """Returns whether no survey of the network as it is was received or requested."""
        survey = snapshot.survey
        # When training finishes, the best weights may be restored without a step.
        finished = snapshot.phase is Phase.FINISHED
        received = survey is not None and survey.step == snapshot.steps and not finished
        return _state(snapshot) != self._requested and not received

    def is_due(self, snapshot: Snapshot) -> bool:
        """Returns whether to request a survey now, and if so, count it as requested.

        While training runs, it is due after an epoch, if it takes little of the training time since
        the last one; otherwise if it is missing.
        """
        running = snapshot.phase is Phase.RUNNING
        if not (self._is_cheap(snapshot) if running else self.is_missing(snapshot)):
            return False
        self._requested = _state(snapshot)
        if snapshot.step is not None:
            self._requested_at = snapshot.step.seconds, int(snapshot.step.epochs)
        return True

    def _is_cheap(self, snapshot: Snapshot) -> bool:
        step, survey = snapshot.step, snapshot.survey
        if step is None:
            return False
        seconds, epochs = self._requested_at if survey else (0.0, 0)
        cost = survey.seconds if survey else _ASSUMED_COST * step.seconds / step.epochs
        return int(step.epochs) > epochs and cost < _MAX_SHARE * (step.seconds - seconds)


def _state(snapshot: Snapshot) -> tuple[object, ...]:
    """Which run, which step, how often the run moved to another step, and whether it is over."""
    finished = snapshot.phase is Phase.FINISHED
    return snapshot.run, snapshot.move_count, snapshot.steps, finished
