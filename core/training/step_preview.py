"""A preview of the next step of a run: the step, computed and then undone."""

from dataclasses import dataclass

from core.errors import Diverged
from core.nn.optimizers import OptimizerState
from core.training.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True, eq=False)
class StepPreview:
    """What `Trainer.preview_step` returns.

    before: the run before the step, which is also the run now.
    optimizer_after: the optimizer's state after the step; as before it if the step diverged.
    diverged: the error the step would raise, or None.
    """

    before: Checkpoint
    optimizer_after: OptimizerState
    diverged: Diverged | None
