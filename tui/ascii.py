"""ASCII output, for terminals that cannot show other characters.

A filter replaces characters one by one after everything is drawn, so that no widget needs to know.
"""

from dataclasses import replace

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from core.events import RunStarted
from tui.substitutes import ascii_names, to_ascii


class AsciiFilter(LineFilter):
    """Replaces each non-ASCII character with an ASCII one; a wide character with two."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Returns the segments in ASCII, with unchanged widths."""
        return [
            segment if segment.control else Segment(to_ascii(segment.text), segment.style)
            for segment in segments
        ]


def with_ascii_names(event: RunStarted) -> RunStarted:
    """Returns the event with class names that can be read in ASCII."""
    data = event.dataset
    return replace(event, dataset=replace(data, class_names=ascii_names(data.class_names)))
