"""Looks inside the network of a run: statistics of its layers, step traces, unit surveys and
experiments on copies."""

import math
from collections.abc import Callable
from functools import partial
from time import perf_counter, thread_time
from typing import TYPE_CHECKING

from core.errors import ConfigError, Diverged
from core.events import (
    AlongStepMeasured,
    Classified,
    Examination,
    Examined,
    LayersMeasured,
    RateFound,
    StepTraced,
    UnitsSurveyed,
)
from core.text import capitalized
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from core.types import Bytes, ShouldContinue
from tui.run.mailbox import Mailbox
from tui.run.progress import run_with_progress

if TYPE_CHECKING:
    from core.inspection.along_step import LossAlongStep
    from core.inspection.rate_curve import FoundRate

ExaminationTask = Callable[[Trainer, ShouldContinue], "Examination | None"]
"""Examines the network of a run, and does not change the run; None if it was cancelled."""

_TRACE_INTERVAL = 50  # times the cost of a trace, between two traces of a running run
_MEASURED_AT_ONCE = 5.0  # seconds of such intervals that measurements may come too early


class Inspector:
    """Posts what it finds in a run. Does not change the run."""

    def __init__(self, mail: Mailbox) -> None:
        self._mail = mail
        self._next_trace_time = 0.0
        self._next_measurement = 0.0

    def trace_step(self, trainer: Trainer, running: bool) -> None:
        """Traces the next step, if there is one; while running, does so only now and then."""
        if trainer.finished or (running and perf_counter() < self._next_trace_time):
            return
        # Imported here, as below, so that the screen appears sooner.
        from core.inspection.layer_stats import layer_stats
        from core.training.tracing import trace_step

        # The thread's own time: waiting for the screen or another program is not part of the cost.
        start = thread_time()
        trace = trace_step(trainer)
        self._mail.post(StepTraced(trace, layer_stats(trace)), urgent=True)
        self._next_trace_time = perf_counter() + _TRACE_INTERVAL * (thread_time() - start)

    def trace_last_step(self, timeline: Timeline) -> bool:
        """Traces the last step of a run once more. Returns False if a command cancelled it."""
        from core.inspection.layer_stats import layer_stats
        from core.training.tracing import trace_step

        last = timeline.current_step
        if last == timeline.start_step:
            return True
        work = partial(timeline.revisit, last - 1, trace_step)
        trace = run_with_progress(self._mail, "tracing the last step", work, patience=0.0)
        if trace is None:
            return False
        self._mail.post(StepTraced(trace, layer_stats(trace)), urgent=True)
        return True

    def measure_layers(self, trainer: Trainer) -> None:
        """Posts the statistics of the layers on the next batch, if there is one.

        Skips it if it would take more than a 50th of the time, except at the start, when most
        changes happen.
        """
        now = perf_counter()
        if trainer.finished or now < self._next_measurement:
            return
        from core.inspection.layer_stats import layer_stats
        from core.training.tracing import trace_step

        start = thread_time()
        self._mail.post(LayersMeasured(layer_stats(trace_step(trainer))))
        interval = _TRACE_INTERVAL * (thread_time() - start)
        self._next_measurement = max(self._next_measurement, now - _MEASURED_AT_ONCE) + interval

    def survey(self, trainer: Trainer) -> bool:
        """Measures the activity of all units. Returns False if a command cancelled it."""
        from core.inspection.surveying import survey

        work = partial(
            survey, trainer.network, trainer.config.activation, trainer.training_set, trainer.steps
        )
        result = run_with_progress(self._mail, "measuring unit activity", work, patience=0.0)
        if result is None:
            return False
        self._mail.post(UnitsSurveyed(result), urgent=True)
        return True

    def classify(self, trainer: Trainer, picture: Bytes) -> None:
        """Classifies a picture, unless it is of another size than the images of the run."""
        from core.inspection.classification import classify

        if picture.size == trainer.network.sizes[0]:  # other data may have been opened meanwhile
            classification = classify(trainer.network, picture, trainer.steps)
            self._mail.post(Classified(classification), urgent=True)

    def examine(self, trainer: Trainer, task: str, work: ExaminationTask) -> bool:
        """Posts what `work` finds. Returns False if a command cancelled it."""
        result = run_with_progress(self._mail, task, partial(work, trainer), patience=0.0)
        if result is None:
            return False
        self._mail.post(Examined(result), urgent=True)
        return True

    def find_rate(self, trainer: Trainer, is_stopped: Callable[[], bool]) -> None:
        """Searches for a learning rate on a copy of the run, until `is_stopped` returns True.

        Other commands wait: a pane may request something meanwhile.
        """
        from core.experiments.rate_finder import find_rate
        from core.inspection.rate_curve import nothing_found

        def work(should_continue: ShouldContinue) -> "FoundRate | None":
            return find_rate(
                trainer,
                should_continue=lambda share: should_continue(share) and not is_stopped(),
            )

        try:
            found = run_with_progress(self._mail, "finding a learning rate", work, math.inf)
        except ConfigError as error:  # too little memory for a copy
            found = nothing_found(f"{capitalized(str(error))}.")
        if found is not None:
            self._mail.post(RateFound(found), urgent=True)

    def measure_along_step(self, timeline: Timeline, step: int) -> bool:
        """Measures the loss along a step: the next one, or after the end the last one.

        Does nothing if `step` is neither, or diverges. Returns False if a command cancelled it.
        """
        from core.experiments.along_step import loss_along_step

        trainer = timeline.trainer

        def work(should_continue: ShouldContinue) -> "LossAlongStep | None":
            look = partial(loss_along_step, should_continue=should_continue)
            if trainer.finished:
                return timeline.revisit(step - 1, look, should_continue)
            return look(trainer)

        is_last = trainer.finished and step == trainer.steps > timeline.start_step
        if not is_last and (trainer.finished or step != trainer.steps + 1):
            return True
        try:
            task = "measuring the loss along the step"
            along = run_with_progress(self._mail, task, work, patience=0.0)
        except Diverged:  # since a setting changed after it was traced
            return True
        if along is None:
            return False
        self._mail.post(AlongStepMeasured(along), urgent=True)
        return True
