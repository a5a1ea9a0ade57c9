"""The grid of images and units: pages, keys and clicks, without an app."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.strip import Strip

from tui.drawing.tile_grid import GAP, TileGrid

grids = st.builds(TileGrid, *[st.integers(1, 9)] * 4, st.integers(0, 1))
GRID = TileGrid(columns=4, rows=2, width=10, height=3, row_gap=1)


@pytest.mark.parametrize(
    ("size", "tile", "grid"),
    [
        ((43, 7), (10, 3), (4, 2, 10, 3, 1)),
        ((46, 6), (10, 3), (4, 2, 10, 3, 0)),  # no room for an empty line between the rows
        ((42, 5), (10, 3), (3, 1, 13, 3, 1)),  # three tiles share the width
        ((1, 1), (10, 3), (1, 1, 10, 3, 0)),
        ((0, 0), (28, 16), (1, 1, 28, 16, 0)),
    ],
)
def test_as_many_tiles_fit_as_there_is_room_for_and_at_least_one(size, tile, grid):
    assert TileGrid.fit(size, tile) == grid


@given(st.integers(1, 99), st.integers(1, 99), st.integers(1, 9), st.integers(1, 9))
def test_the_grid_stays_within_its_room_if_one_tile_does(width, height, across, down):
    across, down = min(across, width), min(down, height)
    grid = TileGrid.fit((width, height), (across, down))
    assert grid.columns * (grid.width + GAP) - GAP <= width
    assert grid.rows * (grid.height + grid.row_gap) - grid.row_gap <= height
    assert grid.tiles == max(1, (width + GAP) // (across + GAP)) * (height // down)


@given(grids, st.integers(0, 200), st.integers(1, 200))
def test_the_pages_hold_every_tile_once(grid, place, count):
    place = min(place, count - 1)
    page = grid.page(place, count)
    assert place in page
    assert len(page) <= grid.columns * grid.rows
    pages = [grid.page(other, count) for other in range(count)]
    assert sorted(tile for page in set(pages) for tile in page) == list(range(count))


def test_an_empty_grid_has_an_empty_page_and_no_moves():
    assert list(GRID.page(0, 0)) == []
    for move in (GRID.move, GRID.move_row, GRID.move_page):
        assert move(0, 1, 0) == move(0, -1, 0) == 0


def test_left_and_right_stop_at_the_ends():
    assert GRID.move(3, 1, 9) == 4
    assert GRID.move(0, -1, 9) == 0
    assert GRID.move(8, 1, 9) == 8


def test_up_and_down_keep_the_column_and_stay_within_the_rows():
    assert GRID.move_row(1, 1, 10) == 5
    assert GRID.move_row(5, -1, 10) == 1
    assert GRID.move_row(1, -1, 10) == 1
    assert GRID.move_row(9, 1, 10) == 9


def test_down_into_a_shorter_last_row_goes_to_its_last_tile():
    assert GRID.move_row(7, 1, 10) == 9


def test_pages_turn_by_as_many_tiles_as_a_page_holds():
    assert GRID.move_page(1, 1, 30) == 9
    assert GRID.move_page(9, -1, 30) == 1
    assert GRID.move_page(25, 1, 30) == 29


@given(grids, st.integers(0, 200), st.integers(1, 200))
def test_a_click_on_a_tile_finds_it(grid, place, count):
    place = min(place, count - 1)
    page = grid.page(place, count)
    for at, tile in enumerate(page):
        row, column = divmod(at, grid.columns)
        x, y = column * (grid.width + GAP), row * (grid.height + grid.row_gap)
        assert grid.hit(x, y, page) == tile
        assert grid.hit(x + grid.width - 1, y + grid.height - 1, page) == tile


def test_a_click_beside_the_tiles_finds_none():
    page = GRID.page(8, 10)
    assert GRID.hit(11, 0, page) == 9
    assert GRID.hit(22, 0, page) is None  # the page has two tiles
    assert GRID.hit(0, 4, page) is None
    assert GRID.hit(44, 0, GRID.page(0, 10)) is None  # right of the last column
    assert GRID.hit(0, 8, GRID.page(0, 10)) is None  # below the last row
    assert GRID.hit(0, -1, page) is None


def test_lines_put_tiles_side_by_side_with_a_gap_and_empty_lines_between_rows():
    tiles, plain = [[Strip.blank(3)]] * 3, Style()
    lines = TileGrid(2, 2, 3, 1, row_gap=1).lines(tiles, plain)
    assert [line.cell_length for line in lines] == [7, 7, 3]
    lines = TileGrid(2, 2, 3, 1, row_gap=0).lines(tiles, plain)
    assert [line.cell_length for line in lines] == [7, 3]
