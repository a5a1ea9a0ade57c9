"""The kind of picture of a pane or screen, and the action that switches it."""

from textual.reactive import Initialize, reactive
from textual.widget import Widget

from tui.drawing.pictures import Pictures, suited
from tui.preferences import follow, kept, remember


def _kind(widget: Widget) -> Pictures:
    """The kind that the user wants, or else the one that suits the terminal."""
    app, wanted = widget.app, kept(widget).pictures
    ascii_only = getattr(app, "ascii", False)
    if wanted and not (ascii_only or app.no_color):
        return Pictures[wanted.upper()]
    return suited(app.console.color_system, app.no_color, ascii_only)


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
    def has_choice(self) -> bool:
        """Whether the terminal shows both kinds."""
        return not (getattr(self.app, "ascii", False) or self.app.no_color)

    def action_pictures(self) -> None:
        """Switch between half-blocks and characters, if the terminal shows both."""
        if getattr(self.app, "ascii", False):
            self.notify("With --ascii, pictures are drawn with characters only.", timeout=3)
        elif self.app.no_color:
            self.notify("With NO_COLOR, pictures are drawn with characters only.", timeout=3)
        else:
            remember(self, pictures=self.pictures.other().name.lower())
