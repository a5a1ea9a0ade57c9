"""A program in a real pseudo-terminal: tests press its keys and read its screen."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time

import pyte

# What a terminal sends for keys that are not characters, by their Textual names.
KEYS = {
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "enter": "\r",
    "escape": "\x1b",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f5": "\x1b[15~",
    "f10": "\x1b[21~",
    "ctrl+p": "\x10",
    "ctrl+y": "\x19",
    "ctrl+z": "\x1a",
}


class Terminal:
    """Runs a command in a terminal of its own."""

    def __init__(self, command, size=(120, 40), env=None):
        self._directory = tempfile.TemporaryDirectory()
        self._master, slave = pty.openpty()
        self.attributes = termios.tcgetattr(slave)
        self.slave = slave  # kept open, to read its state after the end
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.output = bytearray()
        self.resize(*size)
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**self._environment(), "TERM": "xterm-256color", **(env or {})},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.set_blocking(self._master, False)

    def continue_if_stopped(self):
        """Continues the program if it has suspended itself, as `fg` in a shell does."""
        command = ["ps", "-o", "stat=", "-p", str(self.process.pid)]
        if subprocess.run(command, capture_output=True, text=True).stdout.startswith("T"):
            self.process.send_signal(signal.SIGCONT)

    def resize(self, columns, lines):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._screen.resize(lines, columns)

    def press(self, keys):
        self.send(keys.encode())

    def send(self, data):
        os.write(self._master, data)

    def click(self, column, line):
        """Clicks the left mouse button; column and line count from 0."""
        place = f"{column + 1};{line + 1}"
        self.press(f"\x1b[<0;{place}M\x1b[<0;{place}m")

    def receive(self):
        """Reads the new output of the program without emulating it, which is fast."""
        pieces = []
        while True:
            try:
                pieces.append(os.read(self._master, 65536))
            except (BlockingIOError, OSError):
                break
            if not pieces[-1]:
                break
        received = b"".join(pieces)
        self.output += received
        return received

    def record(self, seconds):
        """Reads output for some seconds; returns pairs (time.perf_counter(), bytes).

        Pass the bytes to `show` later, because the emulation is slower than the program.
        """
        pieces = []
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            if select.select([self._master], [], [], left)[0]:
                if not (received := self.receive()):
                    break  # the program has ended
                pieces.append((time.perf_counter(), received))
        return pieces

    def show(self, data):
        """Feeds received bytes to the emulated terminal."""
        # pyte does not know private modes that begin with "<", ">" or "=".
        self._stream.feed(re.sub(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]", b"", data))

    def read(self):
        """Emulates the new output; returns the text of the screen."""
        self.show(self.receive())
        return self.text

    @property
    def text(self):
        """The text of the screen after the last `show` or `read`, without spaces at its ends."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def line(self, y):
        """The text of one line after the last `show` or `read`."""
        cells = self._screen.buffer[y]
        return "".join(cells[x].data for x in range(self._screen.columns))

    def cells(self, columns, lines):
        """The characters of a part of the screen with their colors and styles."""
        return [self._screen.buffer[y][x] for y in lines for x in columns]

    def until(self, pattern, seconds=120):
        """Waits until `pattern` matches the screen; returns the match."""
        deadline = time.monotonic() + seconds
        screen = self.read()
        while not (match := re.search(pattern, screen)):
            ended = self.process.poll() is not None
            if received := self.receive():  # the emulation is slow
                self.show(received)
                screen = self.text
            elif ended or time.monotonic() > deadline:
                raise AssertionError(f"never saw {pattern!r} on\n{screen}")
            else:
                select.select([self._master], [], [], 0.01)
        return match

    def wait(self, seconds=120):
        """Waits for the program to end; returns its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.receive()  # a full terminal would keep the program from ending
            time.sleep(0.005)
        self.read()
        assert self.process.poll() is not None, "it did not end"
        return self.process.returncode

    @property
    def restored(self):
        """Whether the terminal is as before: main screen, cursor, no mouse, the same line mode."""
        modes = dict(re.findall(rb"\x1b\[\?(\d+)([hl])", self.output))  # the last of each
        on = {mode for mode, value in modes.items() if value == b"h"}
        changed = on ^ (modes.keys() & {b"7", b"25"})  # those that are on at first
        return not changed and termios.tcgetattr(self.slave) == self.attributes

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._master)
        os.close(self.slave)
        self._directory.cleanup()

    def _environment(self):
        """Without COLUMNS and LINES, which xdist sets and programs would believe, and with a file
        of preferences of its own.

        Programs may keep their compiled files, as in `conftest.environment`.
        """
        disturbing = {"COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE"}
        own = {"FASHION_TUI_PREFERENCES": os.path.join(self._directory.name, "preferences.toml")}
        return {name: value for name, value in os.environ.items() if name not in disturbing} | own
