"""The checkpoints of a run, within a memory budget.

At first one every 32 steps on each branch is kept. When they exceed the budget, every second one
is dropped, and from then on checkpoints are kept half as often.
"""

from collections.abc import Mapping

from core.training.checkpoint import Checkpoint

_SPACING = 32  # steps; a copy takes about a tenth of a step
_TEMPORARY_SHARE = 1 / 8  # of the budget, left for checkpoints near the last target of go_to

Key = tuple[int, int]  # branch, step


class CheckpointStore:
    """Keeps the first and the latest checkpoint whatever their size, and others if they fit.

    budget: bytes.
    """

    def __init__(self, first: Checkpoint, budget: int) -> None:
        self.spacing = _SPACING
        self._start = first.steps
        self._budget = budget
        self._checkpoints: dict[Key, Checkpoint] = {(0, first.steps): first}
        self._temporary: dict[Key, Checkpoint] = {}
        self._size = first.nbytes  # without the temporary ones

    @property
    def nbytes(self) -> int:
        return self._size + sum(checkpoint.nbytes for checkpoint in self._temporary.values())

    def due(self, step: int) -> bool:
        """Returns whether a checkpoint of this step should be kept."""
        return (step - self._start) % self.spacing == 0

    def add(self, branch: int, checkpoint: Checkpoint) -> None:
        """Keeps a checkpoint of a step, if it is due and its branch has none of it yet."""
        self._checkpoints[branch, checkpoint.steps] = checkpoint
        self._size += checkpoint.nbytes
        limit = (1 - _TEMPORARY_SHARE) * self._budget
        while self._size > limit and len(self._checkpoints) > 2:
            self._thin()
        if self.nbytes > self._budget:
            self._temporary.clear()

    def add_temporary(self, branch: int, checkpoint: Checkpoint) -> None:
        """Keeps a checkpoint of any step, if it fits, until the run goes somewhere else."""
        if self.nbytes + checkpoint.nbytes <= self._budget:
            self._temporary[branch, checkpoint.steps] = checkpoint

    def last_before(self, step: int, last_steps: Mapping[int, int]) -> Checkpoint:
        """Returns the last checkpoint before a step, and drops temporary ones far from the step.

        last_steps: for each branch on the path to the step, the last of its steps on that path.
        """

        def candidates(checkpoints: dict[Key, Checkpoint]) -> list[tuple[int, int]]:
            return [(s, b) for b, s in checkpoints if s < step and s <= last_steps.get(b, -1)]

        last, branch = max(candidates(self._checkpoints))
        near = sorted((s, b) for s, b in candidates(self._temporary) if s > last)
        self._temporary = {(b, s): self._temporary[b, s] for s, b in near}
        return next(reversed(self._temporary.values()), self._checkpoints[branch, last])

    def _thin(self) -> None:
        self.spacing *= 2
        latest = next(reversed(self._checkpoints))
        self._checkpoints = {
            key: checkpoint
            for key, checkpoint in self._checkpoints.items()
            if key == latest or self.due(key[1])
        }
        self._size = sum(checkpoint.nbytes for checkpoint in self._checkpoints.values())
