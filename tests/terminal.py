"""A real pseudo-terminal with a program in it, whose keys are pressed and whose screen is read."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time

import pyte


class Terminal:
    """Runs a command in a terminal of its own, as a person would."""

    def __init__(self, command, size=(120, 40), env=None):
        self._master, slave = pty.openpty()
        self.attributes = termios.tcgetattr(slave)
        self.slave = slave  # kept open, so that its state can be looked at after the end
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.output = b""
        self.resize(*size)
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", **(env or {})},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.set_blocking(self._master, False)

    def resize(self, columns, lines):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._screen.resize(lines, columns)

    def press(self, keys):
        os.write(self._master, keys.encode())

    def read(self):
        """Takes in what the program wrote; returns the text on the screen."""
        while True:
            try:
                data = os.read(self._master, 65536)
            except (BlockingIOError, OSError):
                break
            if not data:
                break
            self.output += data
            # pyte does not know the private modes that begin with "<", ">" or "=".
            self._stream.feed(re.sub(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]", b"", data))
        return "\n".join(self._screen.display)

    def until(self, pattern, seconds=30):
        """Waits until the screen shows what `pattern` finds; returns the match."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            screen = self.read()
            if match := re.search(pattern, screen):
                return match
            time.sleep(0.01)
        raise AssertionError(f"never saw {pattern!r} on\n{screen}")

    def wait(self, seconds=30):
        """Waits for the program's end; returns its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read()  # a full terminal would keep the program from ending
            time.sleep(0.005)
        self.read()
        assert self.process.poll() is not None, "it did not end"
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._master)
        os.close(self.slave)
