"""Work in a thread of its own, such as reading files, which may wait for a disk."""

import threading
from collections.abc import Callable
from contextvars import copy_context

from textual.app import App

Work = Callable[[], None]


def in_background(app: App[object], work: Work) -> None:
    """Calls `work` in a thread; an exception is reported as those of the app.

    The thread does not delay the end of the program, as the threads of Textual's workers do.
    Raises RuntimeError if the system refuses a thread.
    """
    context = copy_context()
    thread = threading.Thread(target=context.run, args=(_run, app, work), daemon=True)
    thread.start()


def _run(app: App[object], work: Work) -> None:
    try:
        work()
    except Exception as error:
        app.call_later(_raise, error)


def _raise(error: Exception) -> None:
    raise error
