"""The kind of picture of a pane or screen, and the action that switches it."""

from textual.reactive import Initialize, reactive
from textual.widget import Widget

from tui.drawing.pictures import Pictures, suited


def _suited(widget: Widget) -> Pictures:
    app = widget.app
    return suited(app.console.color_system, app.no_color, getattr(app, "ascii", False))


class PictureToggle(Widget):
    """A mixin, the last base class, that starts with the kind of picture that suits the terminal.

    Subclasses bind a key to the action `pictures`.
    """

    pictures: reactive[Pictures] = reactive(Initialize(_suited), repaint=False)

    def action_pictures(self) -> None:
        """Switch between half-blocks and characters; an ASCII terminal shows only characters."""
        if not getattr(self.app, "ascii", False):
            self.pictures = self.pictures.other()
