"""What the step pane says when there is no trace of the next step."""

from core.events import Phase
from core.history.snapshot import Snapshot


def notice(snapshot: Snapshot) -> str:
    """Returns why the pane shows no next step and what to do; empty if it shows one."""
    if snapshot.run is None:
        return "The images are still loading."
    if snapshot.phase is Phase.FINISHED:
        shown = "This was the last step." if snapshot.trace_is_last else "Tracing the last step."
        return f"Training finished. {shown} Add epochs, step back (b) or restart (r)."
    return "Tracing the next step." if snapshot.trace is None else ""


def past_step_notice(snapshot: Snapshot) -> str:
    """Returns a note that the traced step is already past; empty if it is not."""
    trace = snapshot.trace
    if trace is None or snapshot.phase is not Phase.RUNNING or snapshot.trace_is_next:
        return ""
    return f"step {trace.step:,} is already past; pause with space, then press d"
