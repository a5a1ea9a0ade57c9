"""A sweep in a process of its own, so that a program with a screen trains on undisturbed.

The process has a low priority. It makes the same as the command `sweep`.
"""

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from core.errors import StudyError, os_reason
from core.experiments.sweep_request import SweepRequest
from core.experiments.sweep_state import SweepEnded, SweepEvent

# Appended, because files beside an installed package must not take the place of a module of
# Python; and -P, because the same goes for the working directory.
_ROOT = str(Path(__file__).parents[2])
_PROGRAM = (
    f"import sys; sys.path.append({_ROOT!r}); "
    "from core.experiments.sweep_process import main; main()"
)


if sys.platform == "win32":
    _PRIORITY = subprocess.BELOW_NORMAL_PRIORITY_CLASS
else:
    _PRIORITY = 0  # the process lowers it itself


class BackgroundSweep:
    """Starts the sweep. Raises StudyError if the system refuses a process.

    observe: called with each event, in a thread; the last one is a SweepEnded.
    """

    def __init__(self, request: SweepRequest, observe: Callable[[SweepEvent], object]) -> None:
        self._observe = observe
        self._ended = threading.Event()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # the signals of the terminal are for the program
                creationflags=_PRIORITY,
            )
        except OSError as error:
            raise StudyError(f"the sweep cannot be started: {os_reason(error)}") from error
        with suppress(OSError):  # it is gone, as the end of its output will show
            self._input.write(pickle.dumps(request))
            self._input.flush()
        threading.Thread(target=self._listen, name="sweep", daemon=True).start()

    def stop(self) -> None:
        """Stops the trials that are not complete; they wait for another sweep of the study."""
        with suppress(OSError):
            self._input.close()

    def close(self, timeout: float) -> None:
        """Stops them, and waits until they have ended; if that takes longer, they end later."""
        self.stop()
        self._ended.wait(timeout)

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def _listen(self) -> None:
        event: SweepEvent | None = None
        with self._process as process:  # closes its streams, and waits for its end
            assert process.stdout is not None
            with suppress(EOFError, OSError, pickle.UnpicklingError):
                while not isinstance(event, SweepEnded):
                    event = pickle.load(process.stdout)
                    self._observe(event)
        code = self._process.returncode
        if not isinstance(event, SweepEnded):
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            self._observe(SweepEnded(f"the process of the sweep ended with {how}"))
        self._ended.set()
