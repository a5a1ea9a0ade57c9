"""Looks inside the network of a run at the user's request: step traces and unit surveys."""

from functools import partial
from time import perf_counter, thread_time

from core.events import StepTraced, UnitsSurveyed
from core.training.trainer import Trainer
from tui.run.mailbox import Mailbox
from tui.run.progress import run_with_progress

_TRACE_INTERVAL = 50  # times the cost of a trace, between two traces of a running run


class Inspector:
    """Posts what it finds in the run of a trainer. Does not change the run."""

    def __init__(self, mail: Mailbox) -> None:
        self._mail = mail
        self._next_trace_time = 0.0

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
