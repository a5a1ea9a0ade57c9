"""Asks for one line of text, or for yes or no, in a dialog over the runs screen."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label


class Prompt(ModalScreen[str | None]):
    """Asks for a line of text; returns it, or None if the dialog is cancelled.

    check: returns what is wrong with a text, or "". verb: what Enter does.
    """

    AUTO_FOCUS = "Input"
    BINDINGS = [Binding("escape", "leave", "Close", show=False)]

    def __init__(
        self, title: str, text: str, hint: str, check: Callable[[str], str], verb: str = "save"
    ) -> None:
        super().__init__()
        self._verb = verb
        self._title, self._text, self._hint, self._check = title, text, hint, check

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(self._title)  # not markup
            box.border_subtitle = f"Enter: {self._verb}   Escape: close"
            yield Input(self._text, compact=True, max_length=1000)
            yield Label(self._hint, id="prompt-hint", markup=False)

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        fault = self._check(text)
        if fault:
            hint = self.query_one("#prompt-hint", Label)
            hint.add_class("-fault")
            hint.update(fault)
        else:
            self.dismiss(text)

    def action_leave(self) -> None:
        self.dismiss(None)


class Confirm(ModalScreen[bool]):
    """Asks a question that y or Enter answers with yes, n or Escape with no."""

    BINDINGS = [
        Binding("y,enter", "answer(True)", "Yes", show=False),
        Binding("n,escape,q", "answer(False)", "No", show=False),
    ]

    def __init__(self, title: str, question: str) -> None:
        super().__init__()
        self._title, self._question = title, question

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(self._title)  # not markup
            box.border_subtitle = "y Enter: yes   n Escape: no"
            yield Label(self._question, id="prompt-hint", markup=False)

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
