"""The loss along the step as lines of text: what a shorter or a longer step would have done."""

from typing import NamedTuple

import numpy as np
from textual.strip import Strip

from core.inspection.along_step import LossAlongStep
from tui.drawing.glyphs import ASCII, UNICODE
from tui.drawing.line_chart import ChartCurve, Mark, Numbers
from tui.drawing.log_chart import log_chart
from tui.drawing.styles import Styles
from tui.drawing.text import flow, paragraph, styled

_MAX_TEXT_WIDTH = 92
_MAX_CHART = (120, 31)
_MIN_CHART_HEIGHT = 9  # even if you must scroll


class Along(NamedTuple):
    """found: None if it is not measured yet. is_running: training runs, so that it has to wait."""

    found: LossAlongStep | None
    is_running: bool


def along_panel(along: Along, size: tuple[int, int], styles: Styles) -> list[Strip]:
    """Draw how the loss would change, over multiples of the step, in (width, height) cells."""
    width, height = size
    text_width = min(width, _MAX_TEXT_WIDTH)
    title = styled(("loss along the step", styles.strong))
    found = along.found
    if found is None:
        text = "Pause to measure it." if along.is_running else "Measuring it."
        return [title, *paragraph(text, text_width, styles.muted)]
    lines = [title, *paragraph(found.summary, text_width, styles.plain)]
    if found.reason:
        return lines
    glyphs = ASCII if styles.ascii else UNICODE
    batch = found.batch_losses - found.batch_loss
    others = found.subset_losses - found.subset_loss
    lines += flow(_legend(found, glyphs.average, glyphs.point), width, styles.muted)
    values = _value_range(batch, others, found.multiples)
    # Not finite is higher, too.
    is_cut = not all((curve <= values[1]).all() for curve in (batch, others))
    rest = " (higher values omitted)" if is_cut else ""
    lines += paragraph(
        f"How the loss (nats) would change, over multiples of the step{rest}:", width, styles.muted
    )
    rows = max(_MIN_CHART_HEIGHT, min(_MAX_CHART[1], height - len(lines)))
    rows -= rows % 2 == 0  # so that 0, which is usually in the middle, has a row of its own
    curves = [
        ChartCurve(found.multiples, others, styles.strong, glyphs.point, joined=False),
        ChartCurve(found.multiples, batch, styles.bars, glyphs.average),
    ]
    marks = [Mark(1.0, "this step", styles.muted)]
    chart_size = min(width, _MAX_CHART[0]), rows
    return lines + log_chart(curves, marks, values, chart_size, glyphs, styles.plain, baseline=0)


def _legend(found: LossAlongStep, line: str, point: str) -> list[str]:
    """What the curves are, and how each is measured."""
    config = found.config
    fixed = ["dropout"] * bool(config.dropout)
    fixed += ["augmentation"] * bool(config.flip or config.shift or config.erase)
    batch = f"{line} this batch, from {found.batch_loss:.3f}"
    others = f"{point} {found.images:,} {found.subset} images, from {found.subset_loss:.3f}"
    if fixed:
        batch += f" (the same {' and '.join(fixed)} at every size)"
    if config.dropout:
        others += " (no dropout)"
    return [batch, others]


def _value_range(batch: Numbers, others: Numbers, multiples: Numbers) -> tuple[float, float]:
    """The range in which the curves fall, and as much above 0: at large multiples, the loss keeps
    rising."""
    low = min(float(np.nanmin(batch)), float(np.nanmin(others, initial=0.0)), 0.0)
    taken = [float(losses[multiples == 1][0]) for losses in (batch, others)]
    high = max([-low, *(1.2 * change for change in taken if np.isfinite(change))])
    if high <= 0:  # it rises at every size
        high = float(np.nanmax(batch))
    return low, max(high, 1e-6)
