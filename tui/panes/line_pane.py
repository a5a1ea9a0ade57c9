"""A pane that draws itself as lines of text, kept until there is something new to draw."""

from time import monotonic

from rich.style import Style
from textual.color import Color
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

_MOMENT = 0.02  # seconds
_BREATH = 0.005
_LONGEST_WAIT = 0.2  # that it gives way to the answers of keys


class LinePane(ScrollView, can_focus=True):
    """Subclasses give `draw`; `redraw` says that there is something new.

    Drawing waits until the pane is to be seen: what is hidden costs nothing. Lines longer or
    more than the pane is large can be scrolled.
    """

    ALLOW_MAXIMIZE = True

    def __init__(self, id: str, paint_order: int = 0) -> None:
        """`turn`: the place of this pane among those that change together."""
        super().__init__(id=id)
        self._paint_order = paint_order
        self._timer: Timer | None = None
        self._due = self._caught_up = 0.0
        self._lines: list[Strip] | None = None
        self._ahead = False  # whether they were drawn before they are to be painted
        # Kept for the lines of one drawing, since Textual makes them out of all parents' styles.
        self._plain: Style | None = None
        self._blended: dict[tuple[str, float], Style] = {}
        self._told = ("", "")

    def draw(self, width: int, height: int) -> list[Strip]:
        """The lines for a pane that shows `width` by `height` cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draws anew, as soon as it is painted; not behind a screen that hides it."""
        self.forget()
        if not self._covered:
            self.refresh()

    def forget(self) -> None:
        """Drops what was drawn."""
        self._lines = self._plain = None
        self._blended.clear()
        self._ahead = False

    def redraw_soon(self, apart: float = 0.0) -> None:
        """Draws anew what a snapshot brought, at least `apart` seconds after the last time.

        Not before what answers a key stands on the screen, and each pane in its turn: of two that
        change at once Textual paints all that lies between them.
        """
        if self._ahead:
            self.catch_up()  # or one drawing after the other might never be painted
        now = monotonic()
        due = max(self._caught_up + apart, now + _MOMENT * (2 + self._paint_order))
        if self._timer is not None and due < self._due:
            self._timer.stop()
            self._timer = None
        if self._timer is None:
            self._due = due
            self._timer = self.set_timer(due - now, self._take_turn)

    def _take_turn(self) -> None:
        """Draws, and paints in another turn, for each takes milliseconds in which no key is heard.

        The answer to a key that was just pressed goes before both.
        """
        now = monotonic()
        wait = getattr(self.app, "answering_until", 0.0) - now
        if wait > 0 and now < self._due + _LONGEST_WAIT:
            self._timer = self.set_timer(wait + _MOMENT * self._paint_order, self._take_turn)
        elif not self._ahead and self.is_on_screen and not self._covered:
            self.forget()
            self._draw()
            self._ahead = True
            self._timer = self.set_timer(_BREATH, self._take_turn)
        else:
            self.catch_up()

    @property
    def _covered(self) -> bool:
        """Whether another screen stands over it, through which it is not seen."""
        above = self.app.screen
        return above is not self.screen and above.styles.background.a == 1

    @property
    def waits(self) -> bool:
        """Whether there is something to be drawn soon."""
        return self._timer is not None

    def catch_up(self) -> None:
        """Draws now what was to be drawn soon."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._caught_up = monotonic()
        if self._ahead:
            self._ahead = False
            self.refresh()
        else:
            self.redraw()

    def set_border(self, title: str, subtitle: str = "") -> None:
        """Says this in the border. Not at once: when `draw` calls it, the border is drawn already,
        and Textual forgets what is changed in the midst of that."""
        if (title, subtitle) != self._told:
            self._told = title, subtitle
            self.call_later(self._tell)

    def _tell(self) -> None:
        title, subtitle = self._told
        # As Content, for a class name may look like markup.
        self.border_title, self.border_subtitle = Content(title), Content(subtitle)

    def color(self, name: str) -> Color:
        """A colour of the theme, as "primary" or "text-muted"."""
        return Color.parse(self.app.theme_variables[name])

    @property
    def plain(self) -> Style:
        """The style of ordinary text in this pane."""
        if self._plain is None:
            self._plain = self.rich_style
        return self._plain

    @property
    def muted(self) -> Style:
        """The style of what explains rather than tells."""
        return self.blended("foreground", 0.6)

    def blended(self, name: str, share: float = 1.0) -> Style:
        """The style of a theme color, with `share` of it (0..1) over the background."""
        if (name, share) not in self._blended:
            color = self.background_colors[1].blend(self.color(name), share)
            self._blended[name, share] = self.plain + Style(color=color.rich_color)
        return self._blended[name, share]

    @property
    def ascii(self) -> bool:
        """Whether the terminal shows ASCII characters only."""
        return bool(getattr(self.app, "ascii", False))

    def on_resize(self) -> None:
        # Or scroll bars of what was drawn for more room would take some of it.
        self.virtual_size = Size()
        self.redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.forget()

    def render_line(self, y: int) -> Strip:
        lines = self._draw() if self._lines is None else self._lines
        left, top = self.scroll_offset
        width = self.size.width
        if top + y >= len(lines):
            return Strip.blank(width, self.plain)
        return lines[top + y].crop_extend(left, left + width, self.plain)

    @property
    def _scrolls(self) -> bool:
        """Whether there is a scroll bar at its side, or no room for one."""
        return self.show_vertical_scrollbar or not self.scrollable_content_region.width

    def _draw(self) -> list[Strip]:
        width, height = self.scrollable_content_region.size
        lines = self.draw(width, height)
        if len(lines) > height and self.styles.overflow_y == "auto" and not self._scrolls:
            lines = self.draw(width - self.styles.scrollbar_size_vertical, height)
        self._lines = lines
        self.virtual_size = Size(max((line.cell_length for line in lines), default=0), len(lines))
        return lines
