"""The kind of picture of a pane or screen, and the action that switches it."""

from typing import Any

from textual.app import App
from textual.reactive import Initialize, reactive
from textual.widget import Widget

from tui.drawing.pictures import Pictures, suited
from tui.preferences import follow, kept, remember

PICTURES = "Pictures"
"""The title of toasts about how pictures are drawn."""


def has_choice(app: App[Any]) -> bool:
    """Whether the terminal shows both kinds."""
    return not (getattr(app, "ascii", False) or app.no_color)


def _kind(widget: Widget) -> Pictures:
    """The kind that the user wants, or else the one that suits the terminal."""
    app, wanted = widget.app, kept(widget).pictures
    if wanted and has_choice(app):
        return Pictures[wanted.upper()]
    return suited(app.console.color_system, app.no_color, getattr(app, "ascii", False))


class PictureToggle(Widget):
    """A mixin, the last base class, with the kind of picture that all panes and screens share.

    Subclasses bind a key to the action `pictures`.
    """

    pictures: reactive[Pictures] = reactive(Initialize(_kind), repaint=False)

    def on_mount(self) -> None:
        follow(self, self._follow_pictures)

    def _follow_pictures(self, _: object) -> None:
        self.pictures = _kind(self)

    @property
    def shows_pictures(self) -> bool:
        """Whether there is a picture now; if not, a toast says what the action has done."""
        return True

    def action_pictures(self) -> None:
        """Switch between half-blocks and characters, if the terminal shows both."""
        if getattr(self.app, "ascii", False):
            self.notify("With --ascii, pictures are drawn with characters only.", timeout=3)
        elif self.app.no_color:
            self.notify("With NO_COLOR, pictures are drawn with characters only.", timeout=3)
        else:
            remember(self, pictures=self.pictures.other().name.lower())
            if not self.shows_pictures:
                text = f"Pictures are drawn with {self.pictures.value} now."
                self.notify(text, title=PICTURES, timeout=3)
