"""Takes the next step of a run apart, and leaves the run as it is.

The step is really made, by the same code as always, while what comes out of its stages is copied;
then the run is put back to where it was. So no step is ever half done, whatever else is asked of
the run while someone looks at one; and when it is made, it has the very same numbers.
"""

import numpy as np

from core.inspection.stages import shapes, stages
from core.inspection.step_trace import StepTrace, split
from core.training.trainer import Trainer
from core.types import Floats, frozen


def trace_step(trainer: Trainer) -> StepTrace:
    """What the next `step` of the run will do, stage by stage; changes nothing of the run.

    It takes about two steps' time, and memory for a copy of all that is in one.
    """
    config, rate, batch = trainer.config, trainer.learning_rate, trainer.batch.copy()
    sizes, subset = trainer.network.sizes, trainer.training_set
    plan, shaped = stages(config), shapes(config, sizes[0], sizes[-1], len(batch))
    images = np.empty((len(batch), *subset.images.shape[1:]), np.uint8)
    found: list[dict[str, Floats]] = []

    def see(*arrays: Floats) -> None:
        stage = plan[len(found)]
        if stage.kind == "draw":
            images[:] = arrays[0].T.reshape(images.shape)
            found.append({})
        elif stage.layer:
            named = zip(stage.gives, arrays, strict=True)
            found.append({name: frozen(array.reshape(shaped[name])) for name, array in named})
        else:  # a flat vector, of gradients or parameters
            views = split(frozen(arrays[0]), config, shaped)
            found.append({name: views[name.removeprefix("d")] for name in stage.gives})

    rehearsal = trainer.rehearse(see)
    labels = subset.labels[batch]
    for array in (batch, images, labels):
        array.flags.writeable = False
    return StepTrace(
        config=config,
        step=rehearsal.before.steps + 1,
        learning_rate=rate,
        classes=sizes[-1],
        indices=batch,
        images=images,
        labels=labels,
        stages=plan[: len(found)],
        found=tuple(found),
        parameters_before=split(rehearsal.before.parameters, config, shaped),
        optimizer_before=rehearsal.before.optimizer_state,
        optimizer_after=rehearsal.optimizer_after,
        diverged=str(rehearsal.diverged) if rehearsal.diverged else None,
    )
