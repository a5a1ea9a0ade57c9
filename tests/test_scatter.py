"""Points in a grid of cells, and how the cursor moves among them."""

import numpy as np

from tui.drawing.scatter import Directions, Frame, Scatter


def scatter(points, labels, columns=10, rows=5, classes=3):
    points = np.array(points, np.float32)
    frame = Frame(np.zeros(2), np.array([10.0, 5.0]))
    return Scatter(points, np.array(labels, np.uint8), classes, frame, columns, rows)


def test_a_point_lies_in_its_cell_and_up_is_up():
    found = scatter([(0.5, 0.5), (9.5, 4.5), (10, 5), (0, 0)], [0, 1, 2, 0])
    assert found.places.tolist() == [[0, 4], [9, 0], [9, 0], [0, 4]]


def test_a_cell_shows_its_most_frequent_class_or_the_one_that_stands_out():
    found = scatter([(1.5, 1.5)] * 3 + [(4.5, 2.5)], [0, 0, 1, 1])
    shown = found.shown()
    assert (shown[3, 1], shown[2, 4]) == (0, 1)
    assert np.count_nonzero(shown >= 0) == 2
    assert found.shown(1)[3, 1] == 1


def test_the_cursor_goes_to_the_next_point_in_the_direction_of_the_key():
    found = scatter([(5, 2.5), (8, 2.5), (6, 4.5), (5, 0.5), (1, 2.5)], [0, 1, 1, 1, 1])
    assert found.move(0, Directions["right"]) == 1
    assert found.move(0, Directions["left"]) == 4
    assert found.move(0, Directions["up"]) == 2
    assert found.move(0, Directions["down"]) == 3
    assert found.move(1, Directions["right"]) == 1  # there is none
    assert found.move(1, Directions["left"], 0) == 0


def test_with_the_arrow_keys_every_cell_of_a_cloud_is_near():
    rng = np.random.default_rng(0)
    found = scatter(rng.uniform((0, 0), (10, 5), (300, 2)), rng.integers(3, size=300))
    place = found.nearest(0, 4)
    for _ in range(9):
        place = found.move(place, Directions["right"])
    assert found.places[place, 0] == 9


def test_a_click_finds_the_nearest_point_of_the_class_that_stands_out():
    found = scatter([(5.5, 2.5), (6.5, 2.5), (9.5, 4.5)], [0, 1, 2])
    assert found.nearest(5, 2) == 0
    assert found.nearest(5, 2, 2) == 2
    assert found.in_cell(0).tolist() == [0]


def test_the_frame_stays_while_the_points_move_a_little():
    points = np.array([[0, 0], [10, 5]], np.float32)
    first = Frame.around(points)
    assert (first.low < 0).all()
    assert Frame.around(points * np.float32(0.95), first) is first
    assert Frame.around(points * np.float32(2), first) is not first
    assert Frame.around(points * np.float32(0.3), first) is not first


def test_one_point_and_equal_points_have_a_place():
    points = np.ones((4, 2), np.float32)
    found = Scatter(points, np.zeros(4, np.uint8), 1, Frame.around(points), 3, 3)
    assert len(np.unique(found.places, axis=0)) == 1
    assert found.in_cell(2).tolist() == [0, 1, 2, 3]
