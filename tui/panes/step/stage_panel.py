"""A stage of a step as lines of text: its equations, what came out in figures, its words."""

import math

from textual.strip import Strip

from core.inspection.equations import Equation, constants, equations
from core.inspection.explanations import words
from tui.drawing.bars import ASCII_BLOCKS, BLOCKS, bars
from tui.drawing.numbers import percent
from tui.drawing.styles import Inks
from tui.drawing.text import flow, paragraph, styled
from tui.panes.step.ascii_equations import spelt
from tui.panes.step.trace_details import Findings, Outcome

_GAP = 3
_MOST_EQUATIONS = 7  # of more, which are alike, the middle ones are left out
_WIDEST_TEXT = 92  # beyond which lines are hard to read
_WIDEST_BARS = 64


def head(findings: Findings, at: int, width: int, inks: Inks) -> list[Strip]:
    """The equations, with the shapes of their arrays, and the constants in them."""
    anatomy, stage = findings.anatomy, findings.plan[at]
    found = [
        Equation(spelt(each.text, inks.ascii), spelt(each.shapes, inks.ascii))
        for each in equations(anatomy, stage)
    ]
    left_out = len(found) - _MOST_EQUATIONS
    drawn = _aligned(_shortened(found), width, inks)
    if left_out > 0:
        drawn.insert(-1, styled((f"… and {left_out} alike", inks.muted)))
    letters = [
        f"{spelt(letter, inks.ascii)} = {value:.6g}"
        for letter, value in constants(anatomy, stage).items()
    ]
    return drawn + flow(letters, width, inks.plain)


def said(findings: Findings, at: int, width: int, inks: Inks) -> list[Strip]:
    """What the stage means, in words."""
    text = spelt(words(findings.anatomy, findings.plan[at]), inks.ascii)
    return paragraph(text, min(width, _WIDEST_TEXT), inks.plain)


def figures(outcome: Outcome, what: str, width: int, rows: int, inks: Inks) -> list[Strip]:
    """Statistics of an array that came out, and a histogram of so many rows, or none."""
    found, counts = outcome.statistics, outcome.histogram.counts
    what = spelt(what, inks.ascii)
    facts = [f"{what} {'×'.join(map(str, outcome.shape))}"]
    zeros = f"zeros {percent(found.zeros)}" + ", not drawn" * bool(found.zeros and counts.any())
    if math.isnan(found.mean):
        facts.append("no number is finite")
    else:
        facts += [f"mean {found.mean:.3g}", f"deviation {found.deviation:.3g}"]
        if rows > 1 or not counts.any():
            facts += [f"min {found.minimum:.3g}", f"max {found.maximum:.3g}", zeros]
        facts += [f"not finite {percent(found.lost)}"] * bool(found.lost)
    if outcome.every > 1:
        facts.append(f"one in {outcome.every} numbers looked at")
    drawn = flow(facts, width, inks.plain)
    drawn[0] = styled((what, inks.strong), (drawn[0].text[len(what) :], inks.plain))
    if not counts.any():
        return drawn
    low, high = f"{outcome.histogram.low:.3g} ", f" {outcome.histogram.high:.3g}"
    shares = counts / counts.max()
    blocks = ASCII_BLOCKS if inks.ascii else BLOCKS
    if rows < 2:
        ends = styled(
            (low, inks.muted),
            (bars(shares, 1, blocks)[0], inks.bars),
            (f"{high}   {zeros}", inks.muted),
        )
        return [*drawn, ends]
    drawn += [styled((row, inks.bars)) for row in bars(shares, rows, blocks)]
    rule = "─" * max(1, len(counts) - len(low) - len(high))
    return [*drawn, styled((f"{low}{rule}{high}", inks.muted))]


def bins(width: int, rows: int) -> int:
    """Of a histogram in so many cells; with one row, its ends stand beside it."""
    return max(4, min(_WIDEST_BARS, width - (40 if rows < 2 else 0)))


def _aligned(found: list[Equation], width: int, inks: Inks) -> list[Strip]:
    """Shapes beside the equations, if there is room for all of them, or else under each."""
    longest = max(len(equation.text) for equation in found)
    if longest + _GAP + max(len(equation.shapes) for equation in found) <= width:
        return [
            styled((f"{each.text:{longest + _GAP}}", inks.strong), (each.shapes, inks.muted))
            for each in found
        ]
    drawn = []
    for each in found:
        drawn += paragraph(each.text, width, inks.strong)
        under = paragraph(each.shapes, width - _GAP, inks.muted)
        drawn += [Strip.join([Strip.blank(_GAP, inks.muted), row]) for row in under]
    return drawn


def _shortened(found: list[Equation]) -> list[Equation]:
    if len(found) <= _MOST_EQUATIONS:
        return found
    return [*found[: _MOST_EQUATIONS - 1], found[-1]]
