"""Ctrl-C while the modules of the program are imported: it ends without a traceback."""

import signal


class QuietInterrupts:
    """Within this block, SIGINT ends the process at once, unless it is handled or ignored.

    Not made with contextlib, which would have to be imported before the block.
    """

    def __enter__(self) -> None:
        self._is_python_handler = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        self._handle(signal.SIG_DFL)

    def __exit__(self, *error: object) -> None:
        self._handle(signal.default_int_handler)

    def _handle(self, handler: "signal._HANDLER") -> None:
        if self._is_python_handler:
            try:
                signal.signal(signal.SIGINT, handler)
            except ValueError:  # in another thread; Ctrl-C interrupts the main thread
                return
