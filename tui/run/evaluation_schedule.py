"""When the watched images are to be evaluated while a run goes on, so that it costs little."""

from core.events import Evaluation, Step

# At the end of each epoch they are anyway. Besides, in the first one, when most happens, whenever
# the steps have doubled; and in long ones whenever this many seconds of training went by, or as
# many times what an evaluation costs.
_SECONDS_BETWEEN = 2.0
_COSTS_BETWEEN = 20


class EvaluationSchedule:
    """Remembers the last evaluation of a run.

    accuracy: what it found; cost: the seconds that it took.
    """

    def __init__(self) -> None:
        self.accuracy = 0.0
        self.cost = 0.0
        self.forget()

    def forget(self) -> None:
        """The network is another one than the one that was evaluated."""
        self._step, self._seconds = -1, 0.0

    def note(self, evaluation: Evaluation, seconds: float) -> None:
        """seconds: of training, until then."""
        self.accuracy = evaluation.accuracy
        self._step, self._seconds = evaluation.step, seconds

    def is_of(self, step: int) -> bool:
        """Whether the network was evaluated as it is after this step."""
        return self._step == step

    def due(self, step: Step, pace: int | None) -> bool:
        """Whether to evaluate after a step of a run that takes so many batches a second."""
        if pace and 2 * self.cost * pace < 1:
            return True  # in slow motion everything is shown, if there is time for it
        pause = max(_SECONDS_BETWEEN, _COSTS_BETWEEN * self.cost)
        doubled = step.epoch == 1 and step.step >= max(8, 2 * self._step)
        return doubled or step.seconds - self._seconds > pause
