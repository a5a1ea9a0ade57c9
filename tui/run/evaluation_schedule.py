"""When to evaluate the network during a run, so that it costs little time.

The trainer evaluates at the end of each epoch anyway. Between those, evaluations follow in the
first epoch whenever the number of steps has doubled, because most happens there, and in long
epochs after some time.
"""

from core.events import Evaluation, Step

_SECONDS_BETWEEN = 2.0  # of training
_COSTS_BETWEEN = 20  # the same as a multiple of the time that an evaluation takes


class EvaluationSchedule:
    """Keeps track of the last evaluation of a run.

    accuracy: its result, 0..1, and 0 as long as there is none; cost: the seconds it took.
    """

    def __init__(self) -> None:
        self.cost = 0.0
        self.reset()

    def reset(self) -> None:
        """Marks the last evaluation as outdated, because the network is a different one."""
        self.accuracy, self._step, self._seconds = 0.0, -1, 0.0

    def record(self, evaluation: Evaluation, seconds: float) -> None:
        """Records an evaluation after this many seconds of training."""
        self.accuracy = evaluation.accuracy
        self._step, self._seconds = evaluation.step, seconds

    def record_failure(self, step: int) -> None:
        """Records that the network after this step has no finite loss."""
        self.accuracy, self._step = 0.0, step

    def is_current(self, step: int) -> bool:
        """Returns whether the last evaluation is of the network after this step."""
        return self._step == step

    def due(self, step: Step, pace: int | None) -> bool:
        """Returns whether to evaluate after a step.

        pace: steps per second, or None if the run is not slowed down.
        """
        if pace and 2 * self.cost * pace < 1:
            return True  # in slow motion there is time to evaluate after every step
        interval = max(_SECONDS_BETWEEN, _COSTS_BETWEEN * self.cost)
        doubled = step.epoch == 1 and step.step >= max(8, 2 * self._step)
        return doubled or step.seconds - self._seconds > interval
