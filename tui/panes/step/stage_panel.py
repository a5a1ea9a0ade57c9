"""A stage of a step as lines of text: its equations, what came out in figures, its words."""

import math

from textual.strip import Strip

from core.inspection.equations import Equation, constants, equations
from core.inspection.explanations import explain
from core.inspection.histogram import aligned
from tui.drawing.bars import ASCII_BLOCKS, BLOCKS, bars
from tui.drawing.numbers import percent
from tui.drawing.styles import Styles
from tui.drawing.text import flow, paragraph, styled
from tui.panes.step.ascii_equations import spell_ascii
from tui.panes.step.trace_details import ArraySummary, TraceDetails

_GAP = 3
_MAX_EQUATIONS = 7  # of more, which are alike, the middle ones are left out
_WIDEST_TEXT = 92  # beyond which lines are hard to read
_WIDEST_BARS = 64


def head(details: TraceDetails, at: int, width: int, styles: Styles) -> list[Strip]:
    """The equations, with the shapes of their arrays, and the constants in them."""
    trace, stage = details.trace, details.plan[at]
    found = [
        Equation(spell_ascii(each.text, styles.ascii), spell_ascii(each.shapes, styles.ascii))
        for each in equations(trace, stage)
    ]
    left_out = len(found) - _MAX_EQUATIONS
    drawn = _aligned(_shortened(found), width, styles)
    if left_out > 0:
        drawn.insert(-1, styled((f"… and {left_out} alike", styles.muted)))
    letters = [
        f"{spell_ascii(letter, styles.ascii)} = {value:.6g}"
        for letter, value in constants(trace, stage).items()
    ]
    return drawn + flow(letters, width, styles.plain)


def said(details: TraceDetails, at: int, width: int, styles: Styles) -> list[Strip]:
    """What the stage means, in words."""
    text = spell_ascii(explain(details.trace, details.plan[at]), styles.ascii)
    return paragraph(text, min(width, _WIDEST_TEXT), styles.plain)


def figures(summary: ArraySummary, what: str, width: int, rows: int, styles: Styles) -> list[Strip]:
    """Statistics of an array that came out, and a histogram of so many rows, or none."""
    found = summary.statistics
    (counts,), start, end = aligned([summary.histogram], _cells(width, rows))
    what = spell_ascii(what, styles.ascii)
    facts = [f"{what} {'×'.join(map(str, summary.shape))}"]
    zeros = f"zeros {percent(found.zeros)}" + ", not drawn" * bool(found.zeros and counts.any())
    if math.isnan(found.mean):
        facts.append("no number is finite")
    else:
        facts += [f"mean {found.mean:.3g}", f"deviation {found.deviation:.3g}"]
        if rows > 1 or not counts.any():
            facts += [f"min {found.minimum:.3g}", f"max {found.maximum:.3g}", zeros]
        facts += [f"not finite {percent(found.nonfinite)}"] * bool(found.nonfinite)
    if summary.every > 1:
        facts.append(f"one in {summary.every} numbers looked at")
    drawn = flow(facts, width, styles.plain)
    drawn[0] = styled((what, styles.strong), (drawn[0].text[len(what) :], styles.plain))
    if not counts.any():
        return drawn
    low, high = f"{start:.3g} ", f" {end:.3g}"
    shares = counts / counts.max()
    blocks = ASCII_BLOCKS if styles.ascii else BLOCKS
    if rows < 2:
        ends = styled(
            (low, styles.muted),
            (bars(shares, 1, blocks)[0], styles.bars),
            (f"{high}   {zeros}", styles.muted),
        )
        return [*drawn, ends]
    drawn += [styled((row, styles.bars)) for row in bars(shares, rows, blocks)]
    rule = "─" * max(1, len(counts) - len(low) - len(high))
    return [*drawn, styled((f"{low}{rule}{high}", styles.muted))]


def _cells(width: int, rows: int) -> int:
    """Return the width of a histogram; with one row, the ends of its axis are beside it."""
    return max(4, min(_WIDEST_BARS, width - (40 if rows < 2 else 0)))


def _aligned(found: list[Equation], width: int, styles: Styles) -> list[Strip]:
    """Shapes beside the equations, if there is room for all of them, or else under each."""
    longest = max(len(equation.text) for equation in found)
    if longest + _GAP + max(len(equation.shapes) for equation in found) <= width:
        return [
            styled((f"{each.text:{longest + _GAP}}", styles.strong), (each.shapes, styles.muted))
            for each in found
        ]
    drawn = []
    for each in found:
        drawn += paragraph(each.text, width, styles.strong)
        under = paragraph(each.shapes, width - _GAP, styles.muted)
        drawn += [Strip.join([Strip.blank(_GAP, styles.muted), row]) for row in under]
    return drawn


def _shortened(found: list[Equation]) -> list[Equation]:
    if len(found) <= _MAX_EQUATIONS:
        return found
    return [*found[: _MAX_EQUATIONS - 1], found[-1]]
