"""The Textual app: owns the session, the themes and the message log; shows the training screen."""

import gc
import signal
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any

from textual import events
from textual.app import SystemCommand
from textual.binding import Binding
from textual.color import Color
from textual.driver import Driver
from textual.filter import LineFilter
from textual.keys import _character_to_key
from textual.notifications import Notify, SeverityLevel
from textual.reactive import reactive
from textual.screen import Screen
from textual.theme import Theme, ThemeProvider
from textual.widgets import Input

import tui.hardening  # noqa: F401
from core.config.config import Config
from core.runs.trash import Trash
from core.text import printable, printable_lines
from tui import themes
from tui.ascii import AsciiFilter
from tui.colorless import ColorlessFilter
from tui.containment import Containment
from tui.exit_codes import SIGNALLED
from tui.journal import LOGGER, Journal
from tui.key_queue import KeyDone, KeyQueue
from tui.keyboard_layouts import latin
from tui.palette import Palette
from tui.panes.settings.entry import ValueInput
from tui.preferences import Preferences, PreferencesFile
from tui.run.session import Session
from tui.screens.training.screen import TrainingScreen
from tui.unbound_keys import NO_FURTHER, explanation
from tui.xterm_colors import XtermFilter

_ANSWER_SECONDS = 0.06
_END_SECONDS = 1.5
_NO_KEY = "No key here"
_COMMON_TITLES = ("Warning",)  # of toasts about different things


class FashionApp(Containment):
    """The app around one training session.

    It exits with a message if the run cannot start. With `ascii`, it draws ASCII characters only.
    file: where preferences are kept. theme, pictures: in place of those in the file.
    """

    TITLE = "fashion-tui"
    CSS_PATH = "app.tcss"
    AUTO_FOCUS = None
    BINDINGS = [
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
        Binding("ctrl+p", "command_palette", show=False, priority=True),
        Binding("colon", "command_palette", show=False),
    ]

    preferences: reactive[Preferences] = reactive(Preferences(), repaint=False)
    """Panes and screens follow them: see tui.preferences."""

    def __init__(
        self,
        session: Session,
        config: Config,
        preset: str,
        *,
        ascii: bool = False,
        file: PreferencesFile | None = None,
        theme: str | None = None,
        pictures: str | None = None,
    ) -> None:
        super().__init__()
        self.ascii = ascii
        self.answering_until = 0.0  # until then, drawing that does not answer a key should wait
        self.handled_keys = 0
        self._keys = KeyQueue(self, self._handle_key)
        self.session = session
        self.trash = Trash()
        self.journal = Journal()
        self._training = TrainingScreen(session, config, preset)
        self._output_filters: list[LineFilter] = [AsciiFilter()] if ascii else []
        if self.no_color:
            self._output_filters.append(ColorlessFilter(self._theme_background))
        elif self.console.color_system == "256":
            self._output_filters.append(XtermFilter())
        for name in themes.names():
            self.register_theme(themes.theme(name))
        for name in themes.UNSUITED:
            self.unregister_theme(name)
        self._preferences_file = file or PreferencesFile()
        kept = self._preferences_file.contents
        self.set_reactive(FashionApp.preferences, replace(kept, pictures=pictures or kept.pictures))
        self._chosen_pictures = pictures
        known = kept.theme if kept.theme in themes.names() else None
        self.theme = theme or known or themes.DARK.name

    async def on_event(self, event: events.Event) -> None:
        """Lets keys wait for each other, and drops what is typed after the end."""
        if self._exit and isinstance(event, events.InputEvent):
            return
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._keys.put(event)
        else:
            await super().on_event(event)

    async def _handle_key(self, key: events.Key) -> None:
        """Records the time of a key press before any widget handles it."""
        self.handled_keys += 1
        self.answering_until = monotonic() + _ANSWER_SECONDS
        await super().on_event(self._in_latin(key))

    def on_key(self, event: events.Key) -> None:
        """Says why a key does nothing, once all widgets have passed it on."""
        here, is_main = self.screen.active_bindings, self.screen is self._training
        named = (one for one in self.screen.BINDINGS if isinstance(one, Binding))
        keys = (one.description for one in named if event.key in one.key.split(","))
        below = None if is_main else self.screen_stack[-2]
        previous = () if below in (None, self._training) else below.active_bindings
        waiting = next(keys, "")
        if text := explanation(event, here, _MAIN_KEYS, is_main, waiting, previous):
            text = self._drawn(text[0]) + text[1:]
            super().notify(text, title=_NO_KEY, timeout=3, markup=False)  # not for the log

    async def on_key_done(self, event: KeyDone) -> None:
        await self._keys.note_done(event)

    def _in_latin(self, event: events.Key) -> events.Key:
        """Returns the key in the same place of a Latin keyboard, unless it is typed as text."""
        character = event.character or ""
        typed = isinstance(self.focused, Input) and not isinstance(self.focused, ValueInput)
        if typed or character.isascii() or not character.isalpha():
            return event
        if found := latin(character):
            return events.Key(_character_to_key(found), found)
        text = "does nothing here. Switch the keyboard to Latin letters."
        self.notify(f"{self._drawn(character)} {text}", timeout=3)
        return event

    def _drawn(self, character: str) -> str:
        """Returns a character, or its name if it cannot be drawn."""
        is_drawn = character.isascii() or not self.ascii
        return character if is_drawn else unicodedata.name(character, "This").capitalize()

    def get_driver_class(self) -> type[Driver]:
        """Returns our own driver where Textual would use its driver for Unix terminals."""
        driver = super().get_driver_class()
        if driver.__name__ == "LinuxDriver":
            from tui.driver import UnixDriver

            return UnixDriver
        return driver

    def exit(
        self, result: str | None = None, return_code: int = 0, message: Any | None = None
    ) -> None:
        """Exits the app, within 2 seconds even if the terminal reads nothing."""
        self._end_in_time(return_code)
        super().exit(result, return_code, message)

    def end(self, return_code: int) -> None:
        """Exits as `exit` does; for signal handlers and other threads."""
        self._end_in_time(return_code)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(partial(self.exit, return_code=return_code))

    def _end_in_time(self, return_code: int) -> None:
        if (end_after := getattr(self._driver, "end_after", None)) is not None:
            end_after(_END_SECONDS, return_code)

    def on_load(self) -> None:
        if not self.is_headless:
            self._exit_on_signals()

    def on_mount(self) -> None:
        self.journal.open()
        # Textual paints only what changed since, although the terminal has forgotten the rest.
        self.app_resume_signal.subscribe(self, lambda _: self.screen.query("*").refresh())
        if self._preferences_file.fault:
            self.notify(self._preferences_file.fault, severity="warning")
        self.watch(self, "theme", lambda theme: self.remember(theme=theme), init=False)
        if self._chosen_pictures:
            self.remember(pictures=self._chosen_pictures)

    def remember(self, **values: Any) -> None:
        """Changes preferences, and keeps them for the next start."""
        self.preferences = replace(self.preferences, **values)
        if fault := self._preferences_file.remember(**values):
            self.notify(fault, severity="warning")

    def on_pane_layout_panes_mounted(self) -> None:
        """Keeps the widgets out of garbage collection, which takes 0.1 s every few seconds."""
        if not self.is_headless:
            gc.freeze()
            gc.enable()

    def on_unmount(self) -> None:
        self.journal.close()

    def stop_sweep(self) -> str:
        """Stops a sweep that is running, and returns how to continue it, or ""."""
        return self._training.stop_sweep()

    def get_default_screen(self) -> Screen[None]:
        """Returns the training screen, which stays at the bottom of the screen stack."""
        return self._training

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Adds the filters for what the terminal can show, after all others."""
        return [*super().get_line_filters(), *self._output_filters]

    def get_theme(self, theme_name: str) -> Theme | None:
        """Returns the theme, readable. Only now: for all themes, it would delay the start."""
        theme = super().get_theme(theme_name)
        return themes.readable(theme.name) if theme else None

    def _theme_background(self) -> Color:
        return Color.parse(self.theme_variables["background"])

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yields the commands of the training screen and its panes, and the choice of theme."""
        if isinstance(screen, TrainingScreen):
            yield from screen.commands()
        if getattr(self._driver, "can_suspend", False):
            yield SystemCommand(
                "Suspend", "Stop the program; fg continues it", self.action_suspend_process
            )
        yield SystemCommand("Theme", "Change the colors", self.action_change_theme)

    async def action_steer(self, action: str) -> None:
        """Runs an action of the training screen, even from a dialog over it."""
        await self.run_action(action, self._training)

    def action_help_on(self, section: str) -> None:
        """Opens the help page at what another screen shows."""
        from tui.screens.help import Help

        self.push_screen(Help(section))

    def action_command_palette(self) -> None:
        """Opens the command palette over the current screen."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())  # without an id: the last one may not be removed yet

    def search_themes(self) -> None:
        """Opens the list of themes, a palette like that of the commands."""
        self.push_screen(Palette([ThemeProvider], placeholder="Search for themes…"))

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Shows a toast and adds it to the message log. Its text is never taken as markup, and
        what could control the terminal is replaced.

        It takes the place of a toast that says the same or has the same title, which is then about
        the same thing.
        """
        title, message = printable(title), printable_lines(message)
        if title != NO_FURTHER:  # a key that is held down would flood the log
            LOGGER.info("%s%s", f"{title}: " if title else "", message)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    def end_toasts(self, state: str) -> None:
        """Removes the toasts whose title, or else their text, begins with a state that is over."""
        for shown in list(self._notifications):
            if (shown.title or shown.message).startswith(state):
                self._unnotify(shown)

    def _on_notify(self, event: Notify) -> None:
        """Removes the toasts whose place the new one takes: only now are those before it known."""
        new = event.notification
        for shown in list(self._notifications):
            same_thing = shown.title == new.title not in ("", *_COMMON_TITLES)
            if same_thing or (shown.title, shown.message) == (new.title, new.message):
                self._unnotify(shown, refresh=False)
        # Textual then adds it, in its own method of this name.

    def _exit_on_signals(self) -> None:
        """Exits on SIGTERM and SIGINT as on `q`. For SIGHUP see tui.terminal_guard."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: self.end(SIGNALLED + number))


_MAIN_BINDINGS = Binding.make_bindings([*FashionApp.BINDINGS, *TrainingScreen.BINDINGS])
_MAIN_KEYS = frozenset(binding.key for binding in _MAIN_BINDINGS)
