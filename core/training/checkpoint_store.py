"""The states of a run that are kept to go back to, within a budget of bytes.

At first every 32 steps, on each branch. When they are too many, every second one is dropped, and
from then on one is kept half as often.
"""

from collections.abc import Mapping

from core.training.checkpoint import Checkpoint

_SPACING = 32  # steps; a copy takes about a tenth of a step
_NEAR = 1 / 8  # of the budget is free for states near the step that was last gone to

Key = tuple[int, int]  # branch and step


class CheckpointStore:
    """Holds the first state and the latest whatever their size, and others while there is room."""

    def __init__(self, first: Checkpoint, budget: int) -> None:
        self.spacing = _SPACING
        self._start = first.steps
        self._budget = budget
        self._kept: dict[Key, Checkpoint] = {(0, first.steps): first}
        self._near: dict[Key, Checkpoint] = {}
        self._size = first.nbytes

    @property
    def nbytes(self) -> int:
        return self._size + sum(state.nbytes for state in self._near.values())

    def due(self, step: int) -> bool:
        """Whether a state of this step would be kept."""
        return (step - self._start) % self.spacing == 0

    def keep(self, branch: int, state: Checkpoint) -> None:
        """Keeps the state of a step that is due; its branch has none of this step yet."""
        self._kept[branch, state.steps] = state
        self._size += state.nbytes
        while self._size > (1 - _NEAR) * self._budget and len(self._kept) > 2:
            self._thin()
        if self.nbytes > self._budget:
            self._near.clear()

    def keep_near(self, branch: int, state: Checkpoint) -> None:
        """Keeps the state of any step, if there is room, until another step is gone to."""
        if self.nbytes + state.nbytes <= self._budget:
            self._near[branch, state.steps] = state

    def last(self, last_steps: Mapping[int, int], before: int) -> Checkpoint:
        """The last state before a step.

        last_steps: of each branch on the path to the step, by number, the last that belongs to it.
        From now on, near are states between the last that is due and this step.
        """

        def steps(states: dict[Key, Checkpoint]) -> list[tuple[int, int]]:
            return [(s, b) for b, s in states if s < before and s <= last_steps.get(b, -1)]

        step, branch = max(steps(self._kept))
        state = self._kept[branch, step]
        near = sorted((s, b) for s, b in steps(self._near) if s > step)
        self._near = {(b, s): self._near[b, s] for s, b in near}
        return next(reversed(self._near.values()), state)

    def _thin(self) -> None:
        self.spacing *= 2
        latest = next(reversed(self._kept))
        self._kept = {
            key: state for key, state in self._kept.items() if key == latest or self.due(key[1])
        }
        self._size = sum(state.nbytes for state in self._kept.values())
