"""The `fashion-tui` command: the app, or another command without a screen."""

import gc
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, TextIO, cast

from core.errors import CoreError
from tui.early_keys import held_keys
from tui.exit_codes import (
    FINISHED,
    INTERRUPTED,
    OUTPUT_FAILED,
    OUTPUT_UNREAD,
    USAGE_ERROR,
)
from tui.streams import TolerantStream, print_error
from tui.terminal_guard import guarded_terminal

if TYPE_CHECKING:
    from tui.command_line import Options


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command with the given arguments and returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    output = TolerantStream(sys.stdout, "the output", may_end=True)
    errors = TolerantStream(sys.stderr)
    with (
        redirect_stdout(cast(TextIO, output)),
        redirect_stderr(cast(TextIO, errors)),
        ExitStack() as terminal,
    ):
        try:
            say_if_killed = _prepare(terminal, arguments)
            gc.disable()  # until the screen stands: looking for garbage slows the start
            terminal.callback(gc.enable)
            # Imported only now: this takes a second, in which the user may type.
            from tui import command_line

            options = command_line.parse(arguments)
            if options.command != "app":
                terminal.close()
            code = _run(options, terminal, say_if_killed)
        except SystemExit as error:  # from argparse, after --help or a wrong argument
            code = int(error.code or FINISHED)
        except CoreError as error:
            print_error(str(error))
            code = USAGE_ERROR
        except MemoryError:
            print_error(
                "there is not enough memory; choose smaller hidden layers or a smaller batch size"
            )
            code = USAGE_ERROR
        except KeyboardInterrupt:
            code = INTERRUPTED
    if output.is_unread:  # as other programs end in a pipe to head
        return code or OUTPUT_UNREAD
    return code or (OUTPUT_FAILED if output.error else FINISHED)


def _prepare(terminal: ExitStack, arguments: Sequence[str]) -> Callable[[str], None]:
    """Holds keys and guards the terminal until `terminal` is closed, if a screen may come.

    Returns what sets the line to say after an abrupt end.
    """
    names_a_command = arguments and not arguments[0].startswith("-")
    if (names_a_command and not arguments[0].endswith(".run")) or not _has_terminal():
        return lambda line: None
    say_if_killed = terminal.enter_context(guarded_terminal())
    terminal.enter_context(held_keys())
    return say_if_killed


def _has_terminal() -> bool:
    """Textual reads keys from standard input and draws on standard error."""
    return all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def _run(options: "Options", terminal: ExitStack, say_if_killed: Callable[[str], None]) -> int:
    # Imported on demand: importing Textual takes longer than a short training run.
    if options.command == "presets":
        from tui.headless.tables import print_presets

        print_presets()
        return FINISHED
    if options.seeds is not None:
        from tui.headless.repeat import train_seeds

        return train_seeds(options, options.seeds)
    if options.command == "train":
        from tui.headless.train import train

        return train(options)
    if options.command == "find-rate":
        from tui.headless.find_rate import find

        return find(options)
    if options.data_command:
        from tui.headless.data import describe

        return describe(options.data_command, options.reading)
    if options.sweep:
        from tui.headless.sweep import sweep

        return sweep(options, options.sweep)
    if options.runs_command:
        from tui.headless.runs import manage

        return manage(options.runs_command, options.runs)
    if options.classify:
        from tui.headless.classify import classify_files

        return classify_files(options, options.classify)
    if options.export:
        from tui.export.export import export

        export(options.export)
        return FINISHED
    if not _has_terminal():
        print_error("the screen needs a terminal; use fashion-tui train to train without one")
        return USAGE_ERROR
    from tui.ascii_locale import locale_is_ascii
    from tui.launch import run

    ascii = locale_is_ascii() if options.ascii is None else options.ascii
    return run(options, ascii, terminal, say_if_killed)


if __name__ == "__main__":
    sys.exit(main())
