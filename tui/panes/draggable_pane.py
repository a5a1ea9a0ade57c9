"""A pane along which the mouse can be drawn."""

from textual import events

from tui.panes.line_pane import LinePane


class DraggablePane(LinePane):
    """Subclasses give `point`; it is called where the mouse is pressed, and wherever it is then
    moved until it is let go."""

    ALLOW_SELECT = False  # of text, which dragging would do

    def point(self, event: events.MouseEvent) -> None:
        """The mouse points here."""
        raise NotImplementedError

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1:
            self.capture_mouse()
            self.point(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self.point(event)

    def on_mouse_up(self) -> None:
        self.release_mouse()
