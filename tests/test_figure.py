"""Axes, marks and cursor around a canvas."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from core.events import Change
from core.history.curves import Recorder
from tui.drawing.axes import Axis
from tui.drawing.canvas import Canvas
from tui.drawing.figure import Figure
from tui.drawing.glyphs import ASCII, UNICODE
from tui.drawing.marks import (
    End,
    describe,
    epoch_ends,
    mark_changes,
    mark_ends,
    write_at_edge,
)

PLAIN, MARKED = Style(color="white"), Style(color="red")
NAMED = "learning rate 0.003→0.01"
RATE = Change(50, "learning_rate", 0.003, 0.01)


def rows(canvas):
    return [canvas.strip(row).text for row in range(canvas.height)]


def figure(width=40, height=4, steps=(0, 50, 100), glyphs=UNICODE):
    canvas = Canvas(width, height, PLAIN)
    canvas.write(height - 1, 0, "~" * width, MARKED)
    labels = {0: "  1.0", height - 1: "  0.5"}
    ticks = [(step, str(step)) for step in steps]
    return Figure(canvas, Axis(0, 100, width), labels, ticks, (), glyphs, PLAIN)


def body(figure, cursor=None):
    return [strip.text for strip in figure.rows(cursor)]


def foot(figure, cursor=None):
    return [strip.text for strip in figure.axis_rows(cursor, str(cursor))]


def marked(changes, width=60, glyphs=UNICODE):
    canvas = Canvas(width, 5, PLAIN)
    columns = mark_changes(canvas, Axis(0, 100, width), changes, MARKED, glyphs)
    return columns, rows(canvas)


def epochs(*lengths, capacity=8192):
    recorder = Recorder("epoch", capacity=capacity)
    numbers = [epoch for epoch, length in enumerate(lengths, 1) for _ in range(length)]
    for step, epoch in enumerate(numbers, 1):
        recorder.add(step, epoch)
    return recorder.whole()["epoch"]


def test_what_is_written_beyond_the_canvas_is_cut():
    canvas = Canvas(4, 2, PLAIN)
    canvas.write(0, 2, "long", MARKED)
    canvas.write(1, -2, "long", MARKED)
    canvas.write(7, 0, "long", MARKED)
    assert rows(canvas) == ["  lo", "ng  "]


def test_a_line_goes_behind_what_was_written_spaces_and_all():
    canvas = Canvas(3, 2, PLAIN)
    canvas.write(0, 0, "a b", MARKED)
    canvas.line(1, "|", MARKED)
    assert rows(canvas) == ["a b", " | "]


def test_a_copy_can_be_drawn_on_by_itself():
    canvas = Canvas(3, 1, PLAIN)
    canvas.copy().write(0, 0, "abc", MARKED)
    assert rows(canvas) == ["   "]


def test_a_figure_has_numbers_at_its_left_and_steps_below():
    assert body(figure(30))[0] == "  1.0┤" + " " * 30
    assert body(figure(30))[1] == "     │" + " " * 30
    assert foot(figure(30)) == [
        "     └┬──────────────┬─────────────┬",
        "      0             50           100",
    ]


def test_a_cursor_shows_the_curve_through_it_and_its_step_below():
    fig = figure(41)
    lines = body(fig, 50)
    assert [line[fig.left + 20] for line in lines] == ["┃", "┃", "┃", "~"]
    assert foot(fig, 50)[0][fig.left + 20] == "┃"
    crossed = next(iter(fig.rows(50)[-1].crop(fig.left + 20, fig.left + 21)))
    assert crossed.style.reverse
    assert body(fig)[0][fig.left + 20] == " "


@pytest.mark.parametrize("cursor", [0, 1, 33, 50, 97, 100])
def test_the_step_at_the_cursor_is_always_written_and_runs_into_no_other(cursor):
    words = foot(figure(), cursor)[1].split()
    assert str(cursor) in words
    assert set(words) <= {"0", "50", "100", str(cursor)}


def test_a_cursor_outside_the_axis_is_not_drawn():
    assert body(figure(), 500) == body(figure())
    assert foot(figure(), 500) == foot(figure())


def test_a_figure_in_ascii_is_in_ascii():
    lines = [*body(figure(glyphs=ASCII), 20), *foot(figure(glyphs=ASCII), 20)]
    assert all(line.isascii() for line in lines)
    assert sum(line.count("!") for line in lines) == 4


def test_cursor_change_and_epoch_have_different_characters():
    for glyphs in (UNICODE, ASCII):
        assert len({glyphs.cursor, glyphs.change, glyphs.epoch}) == 3
        assert len({glyphs.batch, glyphs.average, glyphs.point}) == 3


def test_a_change_is_described_in_the_words_of_its_setting():
    assert describe(RATE, UNICODE) == "learning rate 0.003→0.01"
    assert describe(Change(1, "hidden", (3,), (4, 5)), ASCII) == "hidden 3->4,5"


def test_a_change_is_a_line_with_its_name_at_the_top():
    columns, lines = marked([RATE])
    assert columns == [30]
    assert lines[0] == " " * 30 + "│learning rate 0.003→0.01" + " " * 5
    assert lines[1:] == [" " * 30 + "│" + " " * 29] * 4


@pytest.mark.parametrize(
    ("width", "label"),
    [
        (120, "learning rate 0.003→0.01, dropout 0→0.2"),
        (76, "learning rate 0.01, dropout 0.2"),
        (62, "rate 0.003→0.01, dropout 0→0.2"),
        (56, "rate 0.01, dropout 0.2"),
        (44, "learning rate 0.01 +1"),
        (40, "rate 0.003→0.01 +1"),
        (30, "rate 0.01 +1"),
        (24, "2 changes"),
    ],
)
def test_several_changes_have_names_or_are_counted(width, label):
    changes = [RATE, Change(50, "dropout", 0.0, 0.2)]
    written = {line.replace("│", "").strip() for line in marked(changes, width)[1]}
    assert written == {label, ""}


def test_changes_at_one_place_share_a_line():
    columns, lines = marked([RATE, Change(50, "momentum", 0.9, 0.5)], 120)
    assert columns == [60]
    assert "│learning rate 0.003→0.01, momentum 0.9→0.5 " in lines[0]


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (70, " " * 31 + "learning rate 0.003→0.01│" + " " * 14),
        (26, " " * 2 + "learning rate 0.01│" + " " * 5),
        (24, " " * 3 + "rate 0.003→0.01│" + " " * 5),
        (16, " " * 3 + "rate 0.01│"),
        (12, "    →0.01│  "),
        (7, "     │ "),
    ],
)
def test_without_room_to_the_right_the_label_is_to_the_left_or_shorter(width, row):
    _, lines = marked([Change(80, "learning_rate", 0.003, 0.01)], width)
    assert lines[0].rstrip() == row.rstrip()


def test_a_name_gives_way_to_a_curve():
    canvas = Canvas(60, 5, PLAIN)
    canvas.write(0, 0, "~" * 60, PLAIN)
    mark_changes(canvas, Axis(0, 100, 60), [RATE], MARKED, UNICODE)
    assert rows(canvas)[0] == "~" * 60
    assert "│learning rate 0.003→0.01" in rows(canvas)[1]


def test_a_name_covers_only_what_is_faint():
    faint = Style(dim=True)
    canvas = Canvas(60, 7, PLAIN)
    for row in range(7):
        canvas.write(row, 0, "." * 60, faint if row == 5 else PLAIN)
    mark_changes(canvas, Axis(0, 100, 60), [RATE], MARKED, UNICODE, (faint,))
    assert "..learning rate 0.003→0.01 .." in rows(canvas)[5]
    assert all(row == "." * 60 for number, row in enumerate(rows(canvas)) if number != 5)


@given(st.lists(st.integers(0, 100), max_size=30), st.integers(20, 150))
def test_names_never_overlap_lines_or_each_other(steps, width):
    changes = [Change(step, "learning_rate", 0.003, 0.01) for step in steps]
    columns, lines = marked(changes, width)
    assert columns == sorted({Axis(0, 100, width).cell(step) for step in steps})
    for line in lines:
        assert [n for n, character in enumerate(line) if character == "│"] == columns
        for name in re.split(r"│|  +", line):
            # A label is whole, of one change or of several in the same column.
            one = re.sub(r" \+\d+$|^\d+ changes$", "", name.strip())
            assert set(one.split(", ")) <= {
                "",
                NAMED,
                "learning rate 0.01",
                "rate 0.003→0.01",
                "rate 0.01",
                "→0.01",
            }


def test_epochs_end_where_the_next_begins():
    assert epoch_ends(epochs(3, 2, 4, 1), 10) == [3, 5, 9]


@pytest.mark.parametrize(("most", "every"), [(40, 1), (20, 2), (8, 5), (3, 10), (2, 20), (1, 20)])
def test_where_there_are_many_epochs_only_some_are_marked(most, every):
    marked = epoch_ends(epochs(*[2] * 40), most)
    assert marked == [2 * epoch for epoch in range(every, 40, every)][:most]
    assert len(marked) <= most


@given(st.lists(st.integers(1, 9), max_size=60), st.integers(0, 12), st.integers(2, 50))
def test_ends_of_epochs_rise_and_are_never_too_many(lengths, most, capacity):
    ends = epoch_ends(epochs(*lengths, capacity=capacity), most)
    assert len(ends) <= most
    assert ends == sorted(ends)
    assert set(ends) <= set(range(1, sum(lengths) + 1))


def test_a_million_tiny_epochs_are_marked_as_well():
    recorder = Recorder("epoch")
    for step in range(1, 100_001):
        recorder.add(step, step)
    ends = np.array(epoch_ends(recorder.whole()["epoch"], 6))
    assert abs(ends - [20_000, 40_000, 60_000, 80_000]).max() < 20
    assert all(b > a for a, b in itertools.pairwise(ends))


def ended(*ends, width=60, height=9):
    canvas = Canvas(width, height, PLAIN)
    mark_ends(canvas, [End(*end, MARKED) for end in ends], ())
    return rows(canvas)


def test_the_end_of_a_curve_has_its_name_beside_it():
    assert ended((4, 50, "■", ("rate 0.01",)))[4] == " " * 40 + "rate 0.01 ■" + " " * 9


def test_names_of_ends_in_one_place_are_below_each_other_and_begin_with_their_signs():
    ends = [
        (4, 50, sign, (name,)) for sign, name in zip("■□+", ("one", "two", "three"), strict=True)
    ]
    drawn = ended(*ends)
    assert drawn[4].startswith(" " * 46 + "one ■ ")  # the first has the place
    assert sum("□ two" in row for row in drawn) == 1
    assert sum("+ three" in row for row in drawn) == 1


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 59), st.sampled_from("■□+★")), max_size=6)
)
def test_names_of_ends_never_touch_each_other_or_a_sign(places):
    ends = [(*place, ("a-long-name", "name")) for place in places]
    for row in ended(*ends):
        for word in row.split():
            assert word in ("a-long-name", "name") or set(word) <= set("■□+★")


def test_a_text_at_the_edge_gives_way_to_a_curve_and_to_names():
    canvas = Canvas(60, 5, PLAIN)
    canvas.write(0, 3, "~~~", PLAIN)
    write_at_edge(canvas, True, "starts at 2.52", MARKED, ())
    assert rows(canvas)[0].rstrip() == "   ~~~ starts at 2.52"
    canvas.write(1, 0, "~" * 45, PLAIN)
    canvas.write(2, 0, "~" * 60, PLAIN)
    write_at_edge(canvas, True, "starts at 2.5", MARKED, ())
    write_at_edge(canvas, True, "starts at 2.4", MARKED, ())
    assert rows(canvas)[0].rstrip() == "   ~~~ starts at 2.52  starts at 2.5  starts at 2.4"
    canvas.write(4, 0, "~" * 60, PLAIN)
    write_at_edge(canvas, False, "starts at 9%", MARKED, ())
    assert rows(canvas)[4] == "~" * 60
    assert rows(canvas)[3].startswith(" starts at 9%")
    full = Canvas(60, 2, PLAIN)
    for row in range(2):
        full.write(row, 0, "~" * 60, PLAIN)
    write_at_edge(full, True, "starts at 2.52", MARKED, ())
    assert rows(full) == ["~" * 60] * 2
