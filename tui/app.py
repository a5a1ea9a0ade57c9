"""The Textual app: owns the session, the look and the log; the training screen does the rest."""

import asyncio
import os
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen

from core.config.config import Config
from tui.ascii import AsciiFilter
from tui.journal import LOGGER, Journal
from tui.palette import Palette
from tui.panes.settings.form import Form
from tui.run.session import Session
from tui.screens.training import TrainingScreen
from tui.streams import print_error
from tui.themes import THEMES

_SIGNALLED = 128
_SECONDS_TO_ANSWER = 0.06


class FashionApp(App[str]):
    """Watch a neural network learn. Left with a sentence, it could not even begin.

    `ascii`: draw with the characters of ASCII alone, for terminals that have no others.
    """

    TITLE = "fashion-tui"
    CSS_PATH = "app.tcss"
    AUTO_FOCUS = None
    BINDINGS = [Binding("ctrl+c", "quit", "Quit", show=False, priority=True)]

    def __init__(
        self, session: Session, config: Config, preset: str, *, ascii: bool = False
    ) -> None:
        super().__init__()
        self.ascii = ascii
        self.answering_until = 0.0  # what is not the answer to a key should wait so long
        self.session = session
        self.journal = Journal()
        self._training = TrainingScreen(session, Form(config, preset))
        self._filters_of_ascii = [AsciiFilter()] if ascii else []
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    async def on_event(self, event: events.Event) -> None:
        """Notes when a key was pressed, before anyone acts on it."""
        if isinstance(event, events.Key):
            self.answering_until = monotonic() + _SECONDS_TO_ANSWER
        await super().on_event(event)

    def on_mount(self) -> None:
        self.journal.open()
        if not self.is_headless:
            self._end_on_signals()

    def on_unmount(self) -> None:
        self.journal.close()

    def get_default_screen(self) -> Screen[None]:
        """The training screen is the first there is, and the last."""
        return self._training

    def get_line_filters(self) -> Sequence[LineFilter]:
        """With ASCII alone, what stands in for other characters comes last."""
        return [*super().get_line_filters(), *self._filters_of_ascii]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that a key does on the training screen, the themes, and what Textual has."""
        if isinstance(screen, TrainingScreen):
            yield from screen.commands()
        yield SystemCommand("Theme", "Other colours", self.action_change_theme)

    async def action_steer(self, action: str) -> None:
        """Lets the training screen act, whatever stands over it."""
        await self.run_action(action, self._training)

    def action_command_palette(self) -> None:
        """Shows the palette, over whatever there is."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def notify(  # what is said is also kept
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Shows a toast, and writes it down in the log."""
        LOGGER.info("%s%s", f"{title}: " if title else "", message)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def _end_on_signals(self) -> None:
        """With the exit code that shells expect: a kill as `q` does, a closed terminal at once.

        Without its terminal the app may wait for ever until it can write what it has drawn, so
        that nothing of it is asked any more.
        """
        with suppress(AttributeError, NotImplementedError):  # on Windows
            terminate = partial(self.exit, return_code=_SIGNALLED + signal.SIGTERM)
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
            signal.signal(signal.SIGHUP, lambda *_: os._exit(_SIGNALLED + signal.SIGHUP))


def run(config: Config, preset: str, data: Path, ascii: bool) -> int:
    """Shows the app until it is left; returns the exit code."""
    session = Session(config, data)
    app = FashionApp(session, config, preset, ascii=ascii)
    try:
        trouble = app.run()
    finally:
        idle = session.close()
    if trouble:
        print_error(trouble)
    code = app.return_code or 0
    if not idle:
        # Python must not tear down NumPy under a thread that is in the middle of a long step.
        os._exit(code)
    return code
