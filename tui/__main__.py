"""The command `fashion-tui`: with a screen, or `train` and `presets` without one."""

import sys
from collections.abc import Sequence
from io import TextIOWrapper

from core.errors import CoreError
from tui import arguments
from tui.jsonlog import discard_output

FINISHED, UNWRITTEN, WRONG, DIVERGED, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command with the arguments given; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal or file without UTF-8 gets a "?" for what it cannot show.
            stream.reconfigure(errors="replace")
    try:
        code = _run(arguments.parse(argv))
        sys.stdout.flush()
        return code
    except CoreError as error:
        print(f"fashion-tui: {error}", file=sys.stderr)
        return WRONG
    except OSError as error:
        # A full disk or a reader that went away, behind standard output.
        print(f"fashion-tui: the output cannot be written: {error.strerror}", file=sys.stderr)
        discard_output()
        return UNWRITTEN
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(options: arguments.Options) -> int:
    # Imported when needed: textual takes longer to import than a short training takes.
    if options.command == "presets":
        from tui.tables import print_presets

        print_presets()
        return FINISHED
    if options.command == "train":
        from tui.headless import train

        return train(options.config, options.data, options.json)
    # Textual reads keys from standard input and draws on standard error.
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        print(
            "fashion-tui: the screen needs a terminal; without one, use fashion-tui train",
            file=sys.stderr,
        )
        return WRONG
    from tui.app import run

    return run(options.config, options.preset, options.data)


if __name__ == "__main__":
    sys.exit(main())
