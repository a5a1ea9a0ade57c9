"""A pane that follows the mouse while a button is held down."""

from textual import events

from tui.panes.line_pane import LinePane


class DraggablePane(LinePane):
    """Subclasses implement `point`, which is called on a press and on each move of the mouse
    until the button is released."""

    ALLOW_SELECT = False  # dragging would select text

    def point(self, event: events.MouseEvent) -> None:
        """Handle the mouse at this position."""
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
