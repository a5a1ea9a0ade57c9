"""Runs the app on a session and ends both: from the options to an exit code."""

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from core.directories import default_directory
from core.errors import ConfigError
from core.runs.names import shown_name
from core.text import shell_line
from tui import themes
from tui.app import FashionApp
from tui.command_line import Options
from tui.preferences import PreferencesFile, default_path
from tui.run.keeping import NOT_KEPT
from tui.run.session import Session
from tui.streams import print_error


def resume_line(path: Path | None) -> str:
    """Says that the run in a file is kept, and the command that continues it; "" without one."""
    if path is None:
        return ""
    name = path.stem if path.parent == default_directory() else str(path)
    line = shell_line(("fashion-tui", "--resume", name))
    return f"{shown_name(path)} is kept. To continue: {line}"


def _still_reads_keys() -> bool:
    """Whether Textual's thread for keys outlives the app, as it does after a MemoryError."""
    return any(not thread.daemon for thread in threading.enumerate()[1:])


def run(
    options: Options, ascii: bool, terminal: ExitStack, say_if_killed: Callable[[str], None]
) -> int:
    """Runs the app and returns its exit code.

    terminal: restores the terminal; closed after the app. say_if_killed: sets the line to say
    after an abrupt end.
    """
    config = options.config
    if options.theme and options.theme not in themes.names():
        raise ConfigError("theme", f"theme: enter one of {', '.join(themes.names())}")
    if options.resume:
        from core.runs.run import Run

        with Run(options.resume.path) as kept:
            config = kept.current_config
    with terminal:
        session = Session(
            config,
            options.data,
            options.runs,
            options.resume,
            options.plan,
            lambda kept: say_if_killed(resume_line(kept.path)),
            options.reading,
        )
        app = FashionApp(
            session,
            config,
            "" if options.resume else options.preset,  # "": the one next to its settings
            ascii=ascii,
            file=PreferencesFile(default_path()),
            theme=options.theme,
            pictures=options.pictures,
        )
        try:
            error = app.run()
        finally:
            try:
                sweep = app.stop_sweep()
                idle = session.close()
                app.trash.empty()
            finally:
                if _still_reads_keys():
                    # Python would wait for that thread. The guard restores the terminal.
                    os._exit(app.return_code or 1)
    if error:
        print_error(error)
    if session.kept:
        if options.runs and session.kept.note == NOT_KEPT:
            print_error(f"{'the end of ' if session.kept.path else ''}this run was not kept")
        if line := resume_line(session.kept.path):
            print(line)
    if sweep:
        print(sweep)
    code = app.return_code or 0
    if not idle:
        # Python must not unload NumPy while the training thread is still in a long step.
        os._exit(code)
    return code
