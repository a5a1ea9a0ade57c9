"""A call after a delay."""

from textual.message_pump import MessagePump
from textual.timer import Timer, TimerCallback


def call_after(node: MessagePump, delay: float, callback: TimerCallback) -> Timer:
    """Calls a function once, `delay` seconds from now, or soon if that is not above 0.

    Use it in place of Textual's `set_timer`, which refuses a delay of 0, and never calls the
    function if the process is suspended for longer than the delay just when the timer starts. A
    pane that waits for such a timer would never be drawn again.
    """
    timer = node.set_timer(max(delay, 0.0), callback)
    timer._skip = False  # "skip" drops late calls, and of a single call the only one
    return timer
