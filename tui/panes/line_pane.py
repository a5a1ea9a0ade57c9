"""A pane that draws itself as lines of text and keeps them until there is something new."""

from time import monotonic

from rich.style import Style
from textual.color import Color
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from tui.contrast import TEXT, legible
from tui.delay import call_after
from tui.drawing.glyphs import ASCII, UNICODE, Glyphs
from tui.drawing.text import whole_words
from tui.unbound_keys import NO_FURTHER
from tui.xterm_colors import tint

# All in seconds.
_STAGGER = 0.02  # between the redraws of two panes that change together
_BEFORE_PAINT = 0.005  # between drawing and painting
_MAX_DEFERRAL = 0.2  # that a redraw is put off in favor of answering keys


class LinePane(ScrollView, can_focus=True):
    """Subclasses implement `draw` and call `redraw` or `redraw_soon` when their data changes.

    `draw` runs when the pane is painted, so hidden panes cost nothing. Lines that do not fit can
    be scrolled.
    """

    ALLOW_MAXIMIZE = True

    def __init__(self, id: str, paint_order: int = 0) -> None:
        """`paint_order`: the place of this pane among those that change together, from 0."""
        super().__init__(id=id)
        self._paint_order = paint_order
        self._timer: Timer | None = None  # of the scheduled redraw
        self._due = self._last_redraw = 0.0
        self._lines: list[Strip] | None = None
        self._drawn_ahead = False  # whether `_lines` are new and not yet painted
        # Cached for one drawing: computing a style walks through all ancestors.
        self._plain: Style | None = None
        self._blended: dict[tuple[str, float, float], Style] = {}
        self._border_texts = ("", "")
        self._border_is_stale = False
        self._hint = ""  # the last one in the key bar

    def draw(self, width: int, height: int) -> list[Strip]:
        """Returns the lines for a pane of `width` by `height` cells, at least 1 each."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw again at the next paint; nothing is painted behind an opaque screen."""
        self.invalidate()
        if not self._covered:
            self.refresh()

    def redraw_changes(self) -> None:
        """Draw again now, and paint only the lines that have changed, which is faster."""
        before, size = self._lines, self.virtual_size
        self.invalidate()
        if before is None or self._covered or not self.is_on_screen:
            self.refresh()
            return
        lines = self._draw()
        if len(lines) != len(before) or self.virtual_size != size:
            self.refresh()
            return
        for y, (new, old) in enumerate(zip(lines, before, strict=True)):
            if new != old:
                self.refresh_lines(y)

    def invalidate(self) -> None:
        """Drop the cached lines and styles."""
        self._lines = self._plain = None
        self._blended.clear()
        self._drawn_ahead = False

    def redraw_soon(self, min_interval: float = 0.0) -> None:
        """Schedule a redraw, at least `min_interval` seconds after the last one.

        Panes that change together are redrawn one after another in their `paint_order`, because
        Textual also paints the whole region between two panes that change at once.
        """
        if self._drawn_ahead:
            self.flush_redraw()  # or a steady stream of changes might never be painted
        now = monotonic()
        due = max(self._last_redraw + min_interval, now + _STAGGER * (2 + self._paint_order))
        if self._timer is not None and due < self._due:
            self._timer.stop()
            self._timer = None
        if self._timer is None:
            self._due = due
            self._timer = call_after(self, due - now, self._run_scheduled)

    def _run_scheduled(self) -> None:
        """Draw now and paint a moment later: each blocks the keys for some milliseconds.

        Both wait, up to a limit, while the answer to a key is being painted.
        """
        now = monotonic()
        wait = getattr(self.app, "answering_until", 0.0) - now
        if wait > 0 and now < self._due + _MAX_DEFERRAL:
            delay = wait + _STAGGER * self._paint_order
            self._timer = call_after(self, delay, self._run_scheduled)
        elif not self._drawn_ahead and self.is_on_screen and not self._covered:
            self.invalidate()
            self._drawn_ahead = True
            self._draw()
            self._timer = call_after(self, _BEFORE_PAINT, self._run_scheduled)
        else:
            self.flush_redraw()

    @property
    def _covered(self) -> bool:
        """Whether an opaque screen lies on top."""
        above = self.app.screen
        return above is not self.screen and above.styles.background.a == 1

    @property
    def redraw_pending(self) -> bool:
        """Whether a redraw is scheduled."""
        return self._timer is not None

    def flush_redraw(self) -> None:
        """Run a scheduled redraw now."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._last_redraw = monotonic()
        if self._drawn_ahead:
            self._drawn_ahead = False
            self._update_border()
            self.refresh()
        else:
            self.redraw()

    def set_border(self, title: str, subtitle: str = "") -> None:
        """Set the texts in the border, as many of their words as fit, after the current paint.

        When `draw` calls this, the border is painted already, and Textual ignores a change made
        while it paints. What is drawn ahead is painted together with its border.
        """
        room = self.size.width - 4
        texts = whole_words(title, room), whole_words(subtitle, room)
        if texts != self._border_texts:
            self._border_texts, self._border_is_stale = texts, True
        # Also if it was drawn ahead before and dropped, which left the border as it was.
        if self._border_is_stale and not self._drawn_ahead:
            self.call_later(self._update_border)

    def _update_border(self) -> None:
        if not self._border_is_stale:
            return
        self._border_is_stale = False
        title, subtitle = self._border_texts
        # Content is not parsed as markup, which a class name may look like.
        self.border_title, self.border_subtitle = Content(title), Content(subtitle)

    def color(self, name: str) -> Color:
        """A color of the theme, for example "primary" or "text-muted"."""
        return Color.parse(self.app.theme_variables[name])

    @property
    def plain(self) -> Style:
        """The style of ordinary text in this pane."""
        if self._plain is None:
            self._plain = self.rich_style
        return self._plain

    @property
    def muted(self) -> Style:
        """The style of labels and hints."""
        return self.blended("foreground", 0.6, TEXT)

    def blended(self, name: str, share: float = 1.0, least: float = 1.0) -> Style:
        """The style of a theme color, with `share` of it (0..1) over the background.

        The share is larger where the contrast would otherwise be below `least`.
        """
        key = name, share, least
        if key not in self._blended:
            color = legible(self.color(name), self.background_colors[1], share, least)
            self._blended[key] = self.plain + Style(color=color.rich_color)
        return self._blended[key]

    def tinted(self, name: str, share: float) -> Style:
        """Readable text on the background blended with a share, 0..1, of a theme color."""
        color, background = self.color(name), self.background_colors[1]
        few = self.app.console.color_system == "256"
        tinted = tint(background, color, share) if few else background.blend(color, share)
        text = tinted.get_contrast_text(0.9)
        return self.plain + Style(bgcolor=tinted.rich_color, color=text.rich_color)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """If nothing can be scrolled, the scroll keys do nothing here; a toast explains that."""
        if not action.startswith(("scroll_", "page_")):
            return True
        across = action.endswith(("left", "right"))
        return self.allow_horizontal_scroll if across else self.allow_vertical_scroll

    def update_hint(self) -> None:
        """Tell the key bar if this pane, which has the focus, now offers other keys."""
        if self.has_focus and (hint := getattr(self, "HINT", "")) != self._hint:
            self._hint = hint
            self.refresh_bindings()

    def notify_end(self, where: str) -> None:
        """Says why a key does not move anything; only the latest such line is shown."""
        self.notify(where, title=NO_FURTHER, timeout=2)

    @property
    def ascii(self) -> bool:
        """Whether the terminal shows ASCII characters only."""
        return bool(getattr(self.app, "ascii", False))

    @property
    def glyphs(self) -> Glyphs:
        """The characters to draw with."""
        return ASCII if self.ascii else UNICODE

    def on_resize(self) -> None:
        # Scroll bars left over from a larger drawing would take up some of the room.
        self.virtual_size = Size()
        self._refresh_scrollbars()  # Textual does so only when the size changes again
        self.redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.invalidate()

    def render_line(self, y: int) -> Strip:
        lines = self._draw() if self._lines is None else self._lines
        left, top = self.scroll_offset
        width = self.size.width
        if top + y >= len(lines):
            return Strip.blank(width, self.plain)
        return lines[top + y].crop_extend(left, left + width, self.plain)

    @property
    def _has_scrollbar(self) -> bool:
        """Whether it has a vertical scroll bar, or no room for one."""
        return self.show_vertical_scrollbar or not self.scrollable_content_region.width

    def _draw(self) -> list[Strip]:
        try:
            return self._draw_lines()
        except Exception as error:  # a fault in one pane should not hide the others
            self._lines = []
            self.call_later(_raise, error)
            return self._lines

    def _draw_lines(self) -> list[Strip]:
        width, height = self.scrollable_content_region.size
        lines = self._draw_in(width, height)
        if len(lines) > height and self.styles.overflow_y == "auto" and not self._has_scrollbar:
            lines = self._draw_in(width - self.styles.scrollbar_size_vertical, height)
        self._lines = lines
        self.virtual_size = Size(max((line.cell_length for line in lines), default=0), len(lines))
        return lines

    def _draw_in(self, width: int, height: int) -> list[Strip]:
        """Draws, unless there is no room at all: with borders, a window may be too small."""
        return self.draw(width, height) if width > 0 and height > 0 else []


def _raise(error: Exception) -> None:
    """Raises an exception where the app reports it."""
    raise error
