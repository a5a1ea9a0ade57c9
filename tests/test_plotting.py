"""Curves as colored text."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from rich.style import Style

from tui.drawing.axes import Axis
from tui.drawing.glyphs import ASCII, UNICODE
from tui.drawing.line_chart import ChartCurve, Mark, line_chart
from tui.drawing.plotting import Line, plot

PLAIN, BLUE, RED = Style(color="white"), Style(color="#0000ff"), Style(color="#ff0000")


def draw(*lines, size=(40, 10), dots=(2, 4)):
    x, y = (Axis(0, high, cells, n) for high, cells, n in zip((100, 1), size, dots, strict=True))
    canvas = plot(lines, x, y, PLAIN)
    return [canvas.strip(row) for row in range(canvas.height)]


def cells(rows, style):
    """(column, row) of what is drawn in a style."""
    found = []
    for row, strip in enumerate(rows):
        column = 0
        for segment in strip:
            if segment.style == style:
                found += [(column + n, row) for n in range(segment.cell_length)]
            column += segment.cell_length
    return found


def text(rows):
    return [row.text for row in rows]


def test_a_canvas_has_the_size_of_its_axes():
    for lines in ((), (Line([], [], BLUE, "braille"),), (Line([0, 100], [0, 1], BLUE, "braille"),)):
        rows = draw(*lines)
        assert len(rows) == 10
        assert {row.cell_length for row in rows} == {40}


def test_a_rising_line_goes_from_bottom_left_to_top_right_in_its_style():
    found = sorted(cells(draw(Line([0, 100], [0, 1], BLUE, "braille")), BLUE))
    assert (found[0], found[-1]) == ((0, 9), (39, 0))
    assert all(abs(9 - row - column * 9 / 39) < 1 for column, row in found)


@pytest.mark.parametrize("dots", [(2, 4), (1, 1)])
def test_a_point_is_in_the_cell_of_its_axes(dots):
    x, y = Axis(0, 100, 40, dots[0]), Axis(0, 1, 10, dots[1])
    for a, b in np.random.default_rng(0).random((50, 2)) * (100, 1):
        rows = draw(Line([a], [b], BLUE, "o", joined=False), dots=dots)
        assert cells(rows, BLUE) == [(x.cell(a), 9 - y.cell(b))]


def test_points_that_are_not_joined_are_only_marked():
    rows = draw(Line([0, 50, 100], [0.5, 0.5, 0.5], BLUE, "●", joined=False))
    assert "".join(text(rows)).count("●") == 3


def test_a_line_of_characters_is_in_ascii():
    rows = draw(Line([0, 100], [0, 1], BLUE, "*"), dots=(1, 1))
    assert all(row.isascii() for row in text(rows))
    assert "".join(text(rows)).count("*") == 40


def test_later_lines_cover_earlier_ones():
    line = [0, 100], [0.5, 0.5]
    assert cells(draw(Line(*line, RED, "braille"), Line(*line, BLUE, "braille")), RED) == []


@pytest.mark.parametrize("far", [50.0, 1e38, 1e308, -1e308, np.inf])
def test_a_spike_far_outside_goes_to_the_edge_at_no_cost(far):
    rows = draw(Line([0, 50, 100], [0.5, far, 0.5], BLUE, "braille"))
    assert len(cells(rows, BLUE)) < 60
    assert (20, 0 if far > 0 else 9) in cells(rows, BLUE)


def test_an_earlier_drawing_has_no_effect():
    line = Line([0, 100], [0, 1], BLUE, "braille")
    first = text(draw(line))
    draw(Line([0, 100], [1, 0], RED, "braille"), size=(80, 30))
    assert text(draw(line)) == first


def test_a_chart_larger_than_the_terminal_is_drawn_in_full(monkeypatch):
    """Without a terminal, plotext would take 80×24 for its size."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    x, y = Axis(0, 1, 200, 2), Axis(0, 1, 50, 4)
    canvas = plot([Line([0, 1], [0, 1], BLUE, "braille")], x, y, PLAIN)
    assert not canvas.is_blank(0, 199, 200)
    assert not canvas.is_blank(49, 0, 1)
    assert not canvas.is_blank(24, 98, 102)


def test_two_threads_draw_as_each_would_alone():
    """The screen draws its charts while a run is exported."""
    across = np.linspace(0, 100, 300)
    pictures = [
        [Line(across, across / 100 * share, style, marker) for style in (BLUE, RED)[:count]]
        for count, share, marker in ((1, 1.0, "braille"), (2, 0.3, "·"))
    ]
    alone = [draw(*lines) for lines in pictures]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda n: draw(*pictures[n % 2]), range(60)))
    for number, rows in enumerate(together):
        assert [list(row) for row in rows] == [list(row) for row in alone[number % 2]]


@pytest.mark.parametrize("size", [(52, 20), (76, 12)], ids=str)
@pytest.mark.parametrize("glyphs", [ASCII, UNICODE], ids=["ascii", "unicode"])
def test_the_text_of_a_mark_covers_no_point_of_a_curve(size, glyphs):
    x = np.linspace(0, 1, 21)
    falling = np.where(x < 0.6, 0.85, 0.85 - 3 * np.maximum(x - 0.6, 0) ** 1.5)
    points = ChartCurve(x, falling, Style(), "o", joined=False)

    def chart(*marks):
        ranges = (0, 1), (0, 0.86)
        return [
            strip.text for strip in line_chart([points], marks, ranges, size, glyphs, Style(), 0.85)
        ]

    marked = chart(*(Mark(place, f"at {place}", Style()) for place in (0.07, 0.38, 0.55, 0.9)))
    assert all(f" at {place} " in "".join(marked) for place in (0.07, 0.38, 0.55, 0.9))
    assert "".join(marked).count("o") == "".join(chart()).count("o")
