"""Restores the terminal from outside if the program ends without doing so.

It may be killed, and OpenBLAS ends it at once if the system refuses it memory.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tui.exit_codes import SIGNALLED

# What Textual may have changed: pasting, line wrap, the size in band, the mouse, the keyboard
# protocol of kitty, the second screen, the cursor, focus events.
_RESTORE = "\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u" + (
    "\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)
_MESSAGE = (
    "fashion-tui: the program ended unexpectedly, perhaps for lack of memory; the terminal was "
    "restored\n"
)

# Standard input is a pipe from the program. Each line is what to say at an abrupt end from now on;
# "-" is nothing, "!" and "." say that the end is a surprise or none, and an empty line that the
# terminal is restored. Without that line, the pipe ends when the program does. Standard error is
# the terminal.
_SCRIPT = """
mode=$(stty -g <&2); echo; exec >&-
message= say=-
while read -r line; do
    case $line in "") exit 0;; !) message=$2;; .) message=;; *) say=$line;; esac
done
stty "$mode" <&2; printf %s%s "$1" "$message" >&2
[ "$say" = - ] || printf '%s\\n' "$say" >&2
"""


@contextmanager
def guarded_terminal() -> Iterator[Callable[[str], None]]:
    """Within this block, the terminal is restored however the process ends.

    SIGHUP ends it at once: the terminal is usually gone, and waiting for a write to it could take
    forever. So does SIGTERM, until the app has a handler of its own.

    Yields a function, for any thread, that sets a line to say after an abrupt end; "" is none.
    """
    guard: subprocess.Popen[bytes] | None = None

    def say(line: str) -> None:
        if guard is not None and guard.stdin is not None:
            with suppress(OSError, ValueError):  # the guard has ended, or is ending
                guard.stdin.write(f"{line or '-'}\n".encode())

    def hang_up(number: int, _: object) -> None:
        say(".")
        os._exit(SIGNALLED + number)

    numbers = [getattr(signal, name) for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]
    before = {number: signal.signal(number, hang_up) for number in numbers}
    if sys.platform != "win32":
        with suppress(OSError):  # for example, no memory for another process
            guard = subprocess.Popen(
                ["sh", "-c", _SCRIPT, "sh", _RESTORE, _MESSAGE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sys.__stderr__,  # where Textual draws
                start_new_session=True,  # no signals from this terminal
                bufsize=0,
            )
            assert guard.stdout is not None
            guard.stdout.read()  # until it knows the mode of the terminal
            say("!")  # only now: a signal that came before had no guard to tell
    try:
        yield say
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if guard is not None:
            guard.communicate(b"\n")
