"""What an event of the session says outside the panes: in the log, the form or a toast."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from core.config.config import SETTINGS
from core.events import Change, Event, Phase, PhaseChanged, Refused, RunStarted, Warned
from core.history.history import History
from core.text import capitalized
from tui.journal import LOGGER
from tui.panes.settings.form import Form
from tui.preferences import kept
from tui.screens.training.toasts import Toast, about_data, about_start, ending, toast

if TYPE_CHECKING:  # it imports this file
    from tui.screens.training.screen import TrainingScreen


class EventNotices:
    """Reports the events of a session on the training screen.

    is_restarting: a new run was requested that has not started and is not refused yet.
    """

    def __init__(self, screen: "TrainingScreen", form: Form) -> None:
        self._screen, self._form = screen, form
        self._notes: tuple[str, ...] = ()  # about the data, that were shown
        self.is_restarting = False

    def report(self, event: Event, before: Phase, history: History) -> None:
        """Logs an event, shows it in the form or as a toast, or exits if there is no data.

        before: the phase before it. history: it has the event, while the snapshot of the screen is
        still the one before.
        """
        says_more = isinstance(event, PhaseChanged) and event.message  # of the same phase
        if history.phase is not before or says_more:
            self._screen.app.end_toasts(capitalized(before.value))  # type: ignore[attr-defined]
        if isinstance(event, RunStarted):
            self.is_restarting = False
            self._show(about_start(event, self._screen.snapshot.run))
        match event:
            case Change(step, field, old, new):
                setting = SETTINGS[field]
                values = f"{setting.write(old)} → {setting.write(new)}"
                LOGGER.info(f"{setting.label} {values} after step {step:,}")
            case Refused(field, message) if field in SETTINGS:
                self._refuse(field, message)
            case Warned(message, is_symptom=True) if kept(self._screen).coach != "off":
                LOGGER.info(message)  # the status line names it
            case PhaseChanged(_, str(message)) if history.snapshot().run is None:
                self._screen.has_content.set()  # keys must not wait for content that never comes
                self._screen.app.exit(message, return_code=2)
            case PhaseChanged(Phase.FINISHED, None) if before is not Phase.FINISHED:
                self._show(ending(history.snapshot(), self._screen.draft.presets.values()))
            case RunStarted(notes=notes) if notes != self._notes:
                self._notes = notes
                self._show(about_data(notes) if notes else None)
            case _:
                self._show(toast(event))

    def _refuse(self, field: str, message: str) -> None:
        LOGGER.info(message)
        self._form.refuse(field, message)
        if self.is_restarting:  # the field may be out of sight
            self.is_restarting = False
            self._screen.app.clear_notifications()
            self._show(Toast(capitalized(message), "Not restarted", "warning"))

    def _show(self, notice: Toast | None) -> None:
        if notice is not None:
            self._screen.notify(**asdict(notice))
