"""Traces the next step of a run without changing the run.

The trainer previews the step: it computes it as usual, while an observer copies the outputs of
each stage, and then restores its state. So a run is never in the middle of a step, and the real
step later has the same numbers, bit for bit.
"""

import numpy as np

from core.inspection.stages import shapes, stages
from core.inspection.step_trace import StepTrace, split
from core.training.trainer import Trainer
from core.types import Floats, frozen


def trace_step(trainer: Trainer) -> StepTrace:
    """Returns the trace of the step that `trainer.step()` would make next.

    It takes about as long as two steps, and memory for a copy of every array of the step.
    """
    config, rate, batch = trainer.config, trainer.learning_rate, trainer.batch.copy()
    sizes, subset = trainer.network.sizes, trainer.training_set
    plan, array_shapes = stages(config), shapes(config, sizes[0], sizes[-1], len(batch))
    images = np.empty((len(batch), *subset.images.shape[1:]), np.uint8)
    outputs: list[dict[str, Floats]] = []

    def observe(*arrays: Floats) -> None:
        stage = plan[len(outputs)]
        if stage.kind == "draw":
            images[:] = arrays[0].T.reshape(images.shape)
            outputs.append({})
        elif stage.layer:
            named = zip(stage.outputs, arrays, strict=True)
            outputs.append(
                {name: frozen(array.reshape(array_shapes[name])) for name, array in named}
            )
        else:  # one flat vector of all gradients or parameters
            views = split(frozen(arrays[0]), config, array_shapes)
            outputs.append({name: views[name.removeprefix("d")] for name in stage.outputs})

    preview = trainer.preview_step(observe)
    labels = subset.labels[batch]
    for array in (batch, images, labels):
        array.flags.writeable = False
    return StepTrace(
        config=config,
        step=preview.before.steps + 1,
        learning_rate=rate,
        classes=sizes[-1],
        indices=batch,
        images=images,
        labels=labels,
        stages=plan[: len(outputs)],
        outputs=tuple(outputs),
        parameters_before=split(preview.before.parameters, config, array_shapes),
        optimizer_before=preview.before.optimizer_state,
        optimizer_after=preview.optimizer_after,
        diverged=str(preview.diverged) if preview.diverged else None,
    )
