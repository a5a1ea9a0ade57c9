"""Fixes for Textual: fast keys and clicks, windows of a few columns, panes that become smaller.

They apply to every list, dialog and toast, also to those that Textual makes for the command palette
and for drop-downs; so they replace methods instead of adding subclasses.
"""

from contextlib import suppress
from typing import Any

from textual import content, errors, events
from textual._compositor import Compositor, ReflowResult
from textual.await_complete import AwaitComplete
from textual.await_remove import AwaitRemove
from textual.command import CommandPalette
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList

_dismiss = Screen.dismiss
_divide_line = content.divide_line  # type: ignore[attr-defined]
_click_on_palette = CommandPalette._on_click
_click_option = OptionList._on_click
_move_page = OptionList._move_page
_reflow = Compositor.reflow
_remove = Widget.remove
_set_variables = Stylesheet.set_variables
_widget_at = Compositor.get_widget_at


def _divide_line_of_no_width(text: str, width: int, fold: bool = True) -> list[int]:
    """Wraps text at `width` columns, or at one if borders leave no room for any."""
    return _divide_line(text, max(width, 1), fold=fold)


def _dismiss_on_top(self: Screen[Any], result: Any = None) -> AwaitComplete:
    """Dismisses a screen, unless it is not on top: Textual would dismiss the one that is."""
    return _dismiss(self, result) if self.is_active else AwaitComplete()


def _move_page_if_laid_out(self: OptionList, direction: Any) -> None:
    """Moves by a page, unless the list has no lines yet because it has just opened."""
    if (self.highlighted or 0) in self._index_to_line:
        _move_page(self, direction)


def _reflow_since_last_time(self: Compositor, parent: Widget, size: Size) -> ReflowResult:
    """Lays out all widgets, and tells those that have another size than at the last layout.

    Textual compares with a map that it makes whenever it is asked for a place in between.
    """
    self._full_map = getattr(self, "_map_of_last_layout", self._full_map)
    result = _reflow(self, parent, size)
    self._map_of_last_layout = self._full_map  # type: ignore[attr-defined]
    return result


def _remove_once(self: Widget) -> AwaitRemove:
    """Removes a widget, unless it is being removed, as a toast that is clicked twice."""
    return AwaitRemove([]) if self._pruning or not self.is_attached else _remove(self)


def _attached_widget_at(self: Compositor, x: int, y: int) -> tuple[Widget, Region]:
    """The widget under the mouse, unless it was removed and is not painted over yet."""
    widget, region = _widget_at(self, x, y)
    if widget.parent is None:
        raise errors.NoWidget(f"the widget at {x}, {y} was removed")
    return widget, region


def _set_other_variables(self: Stylesheet, variables: dict[str, str]) -> None:
    """Sets the variables of CSS, and keeps the parsed rules if no variable changed.

    Textual parses all CSS twice at the start, and again when the first dialog opens.
    """
    if variables != self._variables:
        _set_variables(self, variables)


async def _click_option_that_is_left(self: OptionList, event: events.Click) -> None:
    """Selects the option under the mouse, unless the list has changed since it was painted."""
    if event.style.meta.get("option", -1) < self.option_count:
        await _click_option(self, event)


def _click_palette(self: CommandPalette, event: events.Click) -> None:
    """Handles a click, unless nothing is there because the window has just become smaller."""
    with suppress(errors.NoWidget):
        _click_on_palette(self, event)


content.divide_line = _divide_line_of_no_width  # type: ignore[attr-defined]
CommandPalette._on_click = _click_palette  # type: ignore[method-assign]
OptionList._on_click = _click_option_that_is_left  # type: ignore[method-assign]
OptionList._move_page = _move_page_if_laid_out  # type: ignore[method-assign]
Compositor.reflow = _reflow_since_last_time  # type: ignore[method-assign]
Screen.dismiss = _dismiss_on_top  # type: ignore[method-assign]
Stylesheet.reparse = Stylesheet.parse  # type: ignore[method-assign] # which keeps rules
Stylesheet.set_variables = _set_other_variables  # type: ignore[method-assign]
Widget.remove = _remove_once  # type: ignore[method-assign]
Compositor.get_widget_at = _attached_widget_at  # type: ignore[method-assign]
