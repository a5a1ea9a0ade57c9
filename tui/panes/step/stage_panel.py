"""A stage of a step as lines of text: its equations, its explanation and its outputs."""

import math

from textual.strip import Strip

from core.inspection.equations import Equation, constants, equations
from core.inspection.explanations import explain
from core.inspection.histogram import aligned
from core.text import significant
from tui.drawing.bars import ASCII_BLOCKS, BLOCKS, bars
from tui.drawing.numbers import percent
from tui.drawing.styles import Styles
from tui.drawing.text import flow, paragraph, styled
from tui.panes.step.ascii_notation import ascii_notation
from tui.panes.step.trace_details import ArraySummary, TraceDetails

_GAP = 3
_MAX_EQUATIONS = 7  # of more, which are alike, the middle ones are omitted
_MAX_TEXT_WIDTH = 92  # longer lines are hard to read
_MAX_BARS_WIDTH = 64
_ENDS_WIDTH = 44  # for the numbers beside a histogram of one row


def equation_lines(
    details: TraceDetails, stage_index: int, width: int, styles: Styles
) -> list[Strip]:
    """Draw the equations with the shapes of their arrays, and their constants."""
    trace, stage = details.trace, details.plan[stage_index]
    pairs = [
        Equation(
            ascii_notation(equation.text, styles.ascii),
            ascii_notation(equation.shapes, styles.ascii),
        )
        for equation in equations(trace, stage)
    ]
    omitted = len(pairs) - _MAX_EQUATIONS
    if omitted > 0:
        pairs = [*pairs[: _MAX_EQUATIONS - 1], pairs[-1]]
    lines = _with_shapes(pairs, width, styles)
    if omitted > 0:
        lines.insert(-1, styled((f"… and {omitted} more", styles.muted)))
    letters = [
        f"{ascii_notation(letter, styles.ascii)} = {significant(value)}"
        for letter, value in constants(trace, stage).items()
    ]
    return lines + flow(letters, width, styles.plain)


def explanation_lines(
    details: TraceDetails, stage_index: int, width: int, styles: Styles
) -> list[Strip]:
    """Draw the explanation of the stage."""
    text = ascii_notation(explain(details.trace, details.plan[stage_index]), styles.ascii)
    return paragraph(text, min(width, _MAX_TEXT_WIDTH), styles.plain)


def array_lines(
    summary: ArraySummary, name: str, width: int, rows: int, styles: Styles
) -> list[Strip]:
    """Draw the statistics of an array and its histogram, which is `rows` lines high."""
    statistics = summary.statistics
    cells = max(4, min(_MAX_BARS_WIDTH, width - _ENDS_WIDTH * (rows < 2)))
    (counts,), low, high = aligned([summary.histogram], cells)
    name = ascii_notation(name, styles.ascii)
    facts = [f"{name} {'×'.join(map(str, summary.shape))}"]
    zeros = "no zeros"
    if statistics.zeros:
        zeros = f"{percent(statistics.zeros)} are zero" + " (omitted)" * bool(counts.any())
    if math.isnan(statistics.mean):
        facts.append("no finite values")
    else:
        facts += [
            f"mean {significant(statistics.mean, 3)}",
            f"std {significant(statistics.deviation, 3)}",
        ]
        if rows > 1 or not counts.any():
            facts += [
                f"min {significant(statistics.minimum, 3)}",
                f"max {significant(statistics.maximum, 3)}",
                zeros,
            ]
        if statistics.nonfinite:
            facts.append(f"{percent(statistics.nonfinite)} are not finite")
    if summary.stride > 1:
        facts.append(f"sample of 1 in {summary.stride} values")
    lines = flow(facts, width, styles.plain)
    lines[0] = styled((name, styles.strong), (lines[0].text[len(name) :], styles.plain))
    if not counts.any():
        return lines
    ends = f"{significant(low, 3)} ", f" {significant(high, 3)}"
    shares = counts / counts.max()
    blocks = ASCII_BLOCKS if styles.ascii else BLOCKS
    if rows < 2:
        line = styled(
            (ends[0], styles.muted),
            (bars(shares, 1, blocks)[0], styles.bars),
            (f"{ends[1]}   {zeros}", styles.muted),
        )
        return [*lines, line]
    lines += [styled((row, styles.bars)) for row in bars(shares, rows, blocks)]
    rule = "─" * max(1, cells - len(ends[0]) - len(ends[1]))
    return [*lines, styled((rule.join(ends), styles.muted))]


def _with_shapes(pairs: list[Equation], width: int, styles: Styles) -> list[Strip]:
    """Draw the shapes beside the equations, or below each if they do not fit."""
    text_width = max(len(equation.text) for equation in pairs) + _GAP
    if text_width + max(len(equation.shapes) for equation in pairs) <= width:
        return [
            styled(
                (f"{equation.text:{text_width}}", styles.strong), (equation.shapes, styles.muted)
            )
            for equation in pairs
        ]
    lines = []
    for equation in pairs:
        lines += paragraph(equation.text, width, styles.strong)
        below = paragraph(equation.shapes, width - _GAP, styles.muted)
        lines += [Strip.join([Strip.blank(_GAP, styles.muted), row]) for row in below]
    return lines
