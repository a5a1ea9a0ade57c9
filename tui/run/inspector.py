"""Looks inside the network of a run: statistics of its layers, step traces and unit surveys."""

from functools import partial
from time import perf_counter, thread_time

from core.events import LayersMeasured, StepTraced, UnitsSurveyed
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from tui.run.mailbox import Mailbox
from tui.run.progress import run_with_progress

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

        Leaves it out where it would take more than a 50th of the time, except at first, when most
        happens.
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
        from core.inspection.unit_survey import survey

        work = partial(
            survey, trainer.network, trainer.config.activation, trainer.training_set, trainer.steps
        )
        result = run_with_progress(self._mail, "measuring unit activity", work, patience=0.0)
        if result is None:
            return False
        self._mail.post(UnitsSurveyed(result), urgent=True)
        return True
