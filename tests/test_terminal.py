"""The installed command in a real pseudo-terminal, with the real images."""

import re
import sys
import termios
from contextlib import contextmanager
from pathlib import Path

from terminal import Terminal

COMMAND = str(Path(sys.executable).parent / "fashion-tui")


@contextmanager
def started(*arguments, size=(120, 40), env=None):
    terminal = Terminal([COMMAND, *arguments], size, env)
    try:
        yield terminal
    finally:
        terminal.close()


def number(figure):
    return int(figure.replace(",", ""))


def test_space_trains_on_the_real_images_and_q_restores_the_terminal():
    with started("--epochs", "200") as terminal:
        terminal.until(r"paused +epoch 0/200")
        terminal.until("55,000 training images")
        terminal.press(" ")
        first = number(terminal.until(r"running .* step ([\d,]+)")[1])
        terminal.until(r"validation loss 0\.\d\d\d acc\w* [6-9]\d\.\d%")
        later = number(terminal.until(r"running .*epoch (?!1/)\d+/200 .* step ([\d,]+)")[1])
        assert later > 430 >= first
        terminal.until(r"T-shirt/top +\d+")
        terminal.until(r"pred Ts Tr")
        terminal.press("q")
        assert terminal.wait() == 0
        # The terminal is restored: main screen, cursor, no mouse, the same line modes.
        for off in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"):
            assert off in terminal.output
        assert termios.tcgetattr(terminal.slave) == terminal.attributes


def test_a_single_batch_changes_what_the_panes_show():
    with started(size=(80, 24)) as terminal:
        terminal.until(r"paused +epoch 0/10 .*step 0")
        terminal.press("2")
        terminal.until(r"Confusion +validation, 5,000 images, step 0")
        for step in (1, 2, 3):
            terminal.press("s")
            terminal.until(rf"Confusion +validation, 5,000 images, step {step}\b")
        terminal.press("q")
        assert terminal.wait() == 0


def test_initial_settings_come_from_the_command_line():
    with started("--preset", "notebook", "--learning-rate", "0.05") as terminal:
        terminal.until(r"paused +epoch 0/500")
        terminal.until(r"learning rate +0\.05")
        terminal.until("network 784-30-10-10")
        terminal.until(r"test loss +\d.* acc\w* +\d")
        terminal.press("q")
        assert terminal.wait() == 0


def test_unusable_data_ends_it_with_a_message(tiny_directory):
    path = tiny_directory / "t10k-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with started("--data", str(tiny_directory)) as terminal:
        assert terminal.wait() == 2
        assert b"fashion-tui: " in terminal.output
        assert b"is truncated" in terminal.output.replace(b"\r\n", b" ")
        assert b"Traceback" not in terminal.output


@contextmanager
def trained(directory, env):
    """The program after it has trained and shown its mistakes, in a large and in a small window."""
    options = ("--data", str(directory), "--validation", "30", "--batch-size", "32")
    with started(*options, env=env) as terminal:
        for epoch, size in enumerate(((120, 40), (80, 24))):
            terminal.resize(*size)
            terminal.until(rf"paused .*epoch {epoch}/10")
            terminal.press("e")
            terminal.until(rf"paused .*epoch {epoch + 1}/10 .*step {6 * (epoch + 1)}\b")
            terminal.press("3")
            terminal.until("Mistakes: ")
        yield terminal


def test_a_terminal_with_few_colors_shows_the_same(tiny_directory):
    with trained(tiny_directory, {"TERM": "xterm", "COLORTERM": ""}) as terminal:
        terminal.press("q")
        assert terminal.wait() == 0


def test_it_quits_during_a_long_step():
    options = ("--hidden", "500,500", "--batch-size", "10000", "--validation", "500")
    with started(*options) as terminal:
        terminal.until(r"paused +epoch 0/10 .*\n not trained yet .* acc\w* +\d")
        terminal.press(" ")
        terminal.until("running")
        terminal.press("q")
        assert terminal.wait() == 0


def test_with_no_color_the_same_is_shown_and_no_color_is_sent(tiny_directory):
    with trained(tiny_directory, {"NO_COLOR": "1", "COLORTERM": "truecolor"}) as terminal:
        terminal.resize(120, 40)
        for keys, shown in (
            ("i", "NO_COLOR"),
            ("x", "stage"),
            ("?", "Escape: close"),
        ):
            terminal.press(keys)
            terminal.until(shown)
        terminal.press("qq")  # the help, then the program
        assert terminal.wait() == 0
    sent = re.findall(rb"\x1b\[([\d;:]*)m", bytes(terminal.output))
    parameters = {int(number) for codes in sent for number in re.split(rb"[;:]", codes) if number}
    assert parameters <= {0, 1, 2, 3, 4, 7, 9}  # bold, dim, italic, underline, reverse, strike
    assert {1, 2, 7} <= parameters
