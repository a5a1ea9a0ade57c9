"""The message log, with the latest message at the end."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import RichLog


class Log(ModalScreen[None]):
    """The message log over the panes; training continues behind it."""

    BINDINGS = [Binding("escape,q,n,enter", "leave", "Close", show=False)]

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = lines

    def compose(self) -> ComposeResult:
        log = RichLog(min_width=1, wrap=True, highlight=False, markup=False)
        log.border_title = "Message log"
        log.border_subtitle = "Escape: close"
        yield log

    def on_mount(self) -> None:
        log = self.query_one(RichLog)
        # All at once, which is several times faster than line by line.
        log.write("\n".join(self._lines or ("No messages yet.",)))
        log.focus()

    def action_leave(self) -> None:
        self.dismiss()
