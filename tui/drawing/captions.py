"""The caption of an evaluated image: its true class and the prediction. Pure functions."""

from rich.cells import cell_len

from tui.drawing.glyphs import UNICODE, Glyphs
from tui.drawing.numbers import percent, short_forms, shortened
from tui.drawing.text import longest

ONE_LINE, TWO_LINES = 25, 14  # cells that a caption needs, with a sign before it


def caption(
    true: str,
    predicted: str | None,
    share: float,
    width: int,
    lines: int,
    glyphs: Glyphs = UNICODE,
) -> list[str]:
    """The true class, and the predicted class with its probability `share`, in 1 or 2 lines.

    predicted: None if it is the true class. A sign goes before the first line, which is one cell
    shorter than `width`. A name that is too long loses its last words; only a word that is too
    long itself is cut.
    """
    figures, first = percent(share), width - 1
    right, arrow = glyphs.right, glyphs.arrow
    if predicted is None and lines == 2:
        return [shortened(true, first), f"{right} {figures}"]
    if predicted is None:
        return [f"{shortened(true, first - cell_len(f' {right} {figures}'))} {right} {figures}"]
    if lines == 2:
        room = width - cell_len(f"{arrow}  {figures}")
        cut = shortened(predicted, room)
        forms = [f"{arrow} {name} {figures}" for name in short_forms(predicted)]
        # One word is cut only if it does not fit without a space or the percent sign either.
        forms += [f"{arrow}{name} {figures}" for name in short_forms(predicted)[-1:]]
        forms += [f"{arrow} {name} {figures[:-1]}" for name in short_forms(predicted)[-1:]]
        return [shortened(true, first), longest([*forms, f"{arrow} {cut} {figures}"], width)]
    room = first - cell_len(f" {arrow}  {figures}")
    pairs = [(one, other) for one in short_forms(true) for other in short_forms(predicted)]
    pairs.sort(key=lambda pair: -cell_len("".join(pair)))
    cut = shortened(true, max(room // 2, room - cell_len(predicted)))
    pairs.append((cut, shortened(predicted, room - cell_len(cut))))
    return [longest([f"{one} {arrow} {other} {figures}" for one, other in pairs], first)]
