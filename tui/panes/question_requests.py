"""Decides when a question of core.what_if must be asked, or asked again."""

from time import monotonic

from core.events import Answered, Phase
from core.history.snapshot import Snapshot

_MIN_INTERVAL = 0.3  # seconds between two requests while training runs


class QuestionRequests:
    """Remembers what was asked last, so that each question is asked once for each state of the run.

    While training runs, it is asked again when the last answer is complete, and so seldom that it
    takes at most the share `max_share` of the time.
    """

    def __init__(self, max_share: float) -> None:
        self._max_share = max_share
        self._asked: tuple[object, ...] = ()
        self._asked_at = float("-inf")

    def forget(self) -> None:
        """The next question is due, whatever was asked before."""
        self._asked = ()

    def is_due(self, snapshot: Snapshot, about: object, last: Answered | None) -> bool:
        """Returns whether to ask now, and if so, counts it as asked.

        about: what distinguishes this question from others of its kind. last: its last answer.
        """
        phase = snapshot.phase
        if snapshot.run is None or phase in (Phase.LOADING, Phase.FAILED):
            return False
        finished = phase is Phase.FINISHED  # the best weights may be restored without a step
        state = about, snapshot.run, snapshot.move_count, snapshot.steps, finished
        if state == self._asked:
            return False
        now = monotonic()
        if phase is Phase.RUNNING and state[:3] == self._asked[:3]:
            if last is None or last.answer.done < 1:
                return False
            interval = max(_MIN_INTERVAL, last.seconds / self._max_share)
            if now - self._asked_at < interval:
                return False
        self._asked, self._asked_at = state, now
        return True
