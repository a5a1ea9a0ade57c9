"""The looks of the curves of a chart, and the legend in its title."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content

from tui.drawing.glyphs import Glyphs


class Look(NamedTuple):
    """How a curve is drawn: a theme color, its share over the background, "bold " or ""."""

    color: str
    share: float = 1.0
    weight: str = ""


BATCH, AVERAGE = Look("primary", 0.5), Look("primary", 1.0)
EPOCH_MEAN, EVALUATION = Look("primary", 1.0, "bold "), Look("accent", 1.0, "bold ")


def legend(names: Sequence[str], evaluation_set: str, glyphs: Glyphs, width: int) -> Content:
    """Returns the name of a chart with the longest legend that fits, in the colors of the curves.

    names: forms of the name, the longest first; a shorter one saves a sign of the legend.
    evaluation_set: "validation" or "test".
    """
    batch = (glyphs.batch, "batch", BATCH)
    average = (glyphs.average, "average", AVERAGE)
    short_average = (glyphs.average, "avg", AVERAGE)
    epoch = (glyphs.epoch_mean, "epoch", EPOCH_MEAN)
    evaluation = (glyphs.point, evaluation_set, EVALUATION)
    short_evaluation = (glyphs.point, "val", EVALUATION)
    if evaluation_set != "validation":
        short_evaluation = evaluation
    for entries, gap, space in (
        ((batch, average, epoch, evaluation), "  ", " "),
        ((batch, average, epoch, evaluation), " ", " "),
        ((batch, average, epoch, evaluation), " ", ""),
        ((batch, short_average, epoch, evaluation), " ", ""),
        ((batch, short_average, epoch, short_evaluation), " ", ""),
        ((average, epoch, evaluation), " ", ""),
        ((short_average, epoch, evaluation), " ", ""),
        ((short_average, epoch, short_evaluation), " ", ""),
    ):
        parts = [
            # A space after a letter: not "ovalidation".
            (text, f"{weight}${color}{alpha}")
            for glyph, word, (color, share, weight) in entries
            for text, alpha in (
                (f"{gap}{glyph}", f" {share:.0%}"),
                (f"{' ' if glyph.isalpha() else space}{word}", ""),
            )
        ]
        room = width - sum(len(text) for text, _ in parts)
        for name in names:
            if len(name) <= room:
                return Content.assemble(name, *parts)
    return Content(names[0])
