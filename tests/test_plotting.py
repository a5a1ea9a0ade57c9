"""Curves as coloured text."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from tui.plotting import Line, Mark, plot, strip, ticks

PLAIN = Style(color="white")


def draw(lines, marks=(), size=(40, 12)):
    return plot(lines, marks, size, [0, 50, 100], (0.0, 1.0), {0.0: "0", 1.0: "1"}, PLAIN)


def test_a_chart_fills_the_size_it_was_given():
    rows = draw([Line([0, 100], [0, 1], (1, 2, 3), "braille")])
    assert len(rows) == 12
    assert {row.cell_length for row in rows} == {40}


def test_a_rising_line_is_drawn_in_its_colour_from_bottom_left_to_top_right():
    rows = draw([Line([0, 100], [0, 1], (200, 100, 50), "braille")])
    columns = []
    for row in rows[:-2]:
        at = 0
        for segment in row:
            if segment.style.color.triplet == (200, 100, 50):
                columns.append(at)
            at += segment.cell_length
    assert len(columns) >= 10
    assert columns == sorted(columns, reverse=True)


def test_a_mark_is_a_vertical_line_through_the_whole_chart():
    rows = draw([Line([0, 100], [0, 0], (1, 2, 3), "braille")], [Mark(50, (9, 9, 9))])
    marked = [row for row in rows if any(s.style.color.triplet == (9, 9, 9) for s in row)]
    assert len(marked) >= 9


def test_points_that_are_not_joined_are_only_marked():
    rows = draw([Line([0, 50, 100], [0.5, 0.5, 0.5], (1, 2, 3), "●", joined=False)])
    assert sum(row.text.count("●") for row in rows) == 3


def test_a_chart_without_points_has_its_size_all_the_same():
    rows = draw([Line([], [], (1, 2, 3), "braille")])
    assert {row.cell_length for row in rows} == {40}


def test_what_was_drawn_before_leaves_no_trace():
    first = [row.text for row in draw([Line([0, 100], [0, 1], (1, 2, 3), "braille")])]
    draw([Line([0, 100], [1, 0], (1, 2, 3), "braille")], size=(80, 30))
    assert [row.text for row in draw([Line([0, 100], [0, 1], (1, 2, 3), "braille")])] == first


def test_escapes_become_styles_and_the_text_stays():
    line = strip("ab\x1b[38;2;1;2;3mcd\x1b[0mef", PLAIN)
    assert line.text == "abcdef"
    assert [segment.style.color.name for segment in line] == ["white", "#010203", "white"]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e7), st.integers(2, 20))
def test_ticks_are_round_evenly_spaced_and_within_the_range(low, span, most):
    high = low + span
    found = ticks(low, high, most)
    assert 1 <= len(found) <= most
    gaps = {round((b - a) / span, 6) for a, b in itertools.pairwise(found)}
    assert len(gaps) <= 1
    if len(found) > 1:
        assert all(low - 1e-6 * span <= tick <= high + 1e-6 * span for tick in found)
        unit = f"{found[1] - found[0]:.0e}"
        assert unit[0] in "125"


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 4300, 5, [0, 1000, 2000, 3000, 4000]),
        (2.4, 2.5, 3, [2.4, 2.45, 2.5]),
        (5, 5, 3, [5]),
        (0, 10, 3, [0, 5, 10]),
        (0, 3, 2, [0, 2]),
    ],
)
def test_ticks_of_some_ranges(low, high, most, expected):
    assert ticks(low, high, most) == pytest.approx(expected)
