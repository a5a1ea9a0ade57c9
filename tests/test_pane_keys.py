"""The confusion matrix, the gallery of images and the image screen."""

import numpy as np
import pytest
from canned import (
    NAMES,
    CannedSession,
    evaluation,
    frame,
    painted_once,
    pictures,
    run,
    run_started,
    screen,
    text,
    toasts,
    until,
)

from core.config.config import Config
from core.data.dataset import Dataset
from core.events import Classified, Evaluation, Phase, PhaseChanged, RunStarted
from core.history.image_selection import ImageKind, ImageOrder, ImageSelection
from core.inspection.classification import Classification
from tui.app import FashionApp
from tui.drawing.pictures import Pictures
from tui.panes.confusion import Confusion
from tui.panes.gallery import Gallery
from tui.panes.line_pane import LinePane
from tui.screens.image import ImageScreen


def gallery(pilot):
    return pilot.app.screen_stack[0].query_one(Gallery)


def matrix(pilot):
    return pilot.app.screen_stack[0].query_one(Confusion)


async def press(pilot, *keys):
    await pilot.press(*keys)
    await pilot.pause()


async def tell(pilot, *events):
    training = pilot.app.screen_stack[0]
    pilot.session.events += events
    with painted_once(pilot.app):
        training.fetch()
        await pilot.pause()
        for pane in training.query(LinePane):
            pane.flush_redraw()
    await pilot.pause()


def predicting(labels, predicted, classes, step=0, shape=(28, 28)):
    """The events of a run whose evaluation predicts these classes for images of these labels."""
    labels = np.array(labels, np.uint8)
    probabilities = np.full((len(labels), classes), 0.1 / max(classes - 1, 1), np.float32)
    probabilities[np.arange(len(labels)), predicted] = 0.9
    images = np.random.default_rng(0).integers(0, 256, (len(labels), *shape)).astype(np.uint8)
    names = tuple(f"name{label}" for label in range(classes))
    data = Dataset(images, labels, images, labels, names)
    evaluated = Evaluation(step, "test", 1.0, 0.5, np.arange(len(labels)), labels, probabilities)
    return [
        RunStarted(Config(), data, 1, 1, "test", len(labels)),
        PhaseChanged(Phase.PAUSED),
        evaluated,
    ]


def all_correct(step, part="validation"):
    """An evaluation in which all of the canned images are classified correctly."""
    _, labels = pictures(20)
    probabilities = np.full((20, len(NAMES)), 0.05, np.float32)
    probabilities[np.arange(20), labels] = 0.8
    return Evaluation(step, part, 0.1, 1.0, np.arange(20), labels, probabilities)


def mistaken(step):
    """An evaluation in which all images of class 3 are taken for class 0, and no others."""
    evaluation = all_correct(step)
    evaluation.probabilities[evaluation.labels == 3] = [0.85, *[0.05] * (len(NAMES) - 1)]
    return evaluation


async def test_the_matrix_has_a_cursor_and_enter_shows_the_images_of_a_cell():
    async with screen() as pilot:
        # the cursor is visible without color
        await press(pilot, "2")
        lines = [line for strip in matrix(pilot)._lines for line in strip]
        assert [segment.text for segment in lines if segment.style.reverse] == ["   2"]

        # enter shows the images of the cell, escape all mistakes
        await press(pilot, "2", "enter")
        assert pilot.app.focused is gallery(pilot)
        assert "True Ring, predicted Square: 2 of 20" in text(pilot)
        await press(pilot, "escape")
        assert "Mistakes: 7 of 20 on validation" in text(pilot)
        assert pilot.app.focused is gallery(pilot)
        await press(pilot, "escape")
        assert pilot.app.focused is None

        # the border describes the cell at the cursor, in full where there is room
        await press(pilot, "2")
        assert "Ring → Square: 2 of 4, 50%" in text(pilot)
        await press(pilot, "down", "down")
        assert "Cross → Square: 0 of 4, 0%" in text(pilot)
        await press(pilot, *["left"] * 9, *["up"] * 9)
        assert "Ring → Ring: 2 of 4, 50%" in text(pilot)
        await press(pilot, *["right"] * 9, *["down"] * 9)
        assert "true Dot, predicted Dot" in text(pilot)

        # % switches between counts and percent
        assert "Confusion  validation, step 30 " in text(pilot)
        assert "row %" not in text(pilot)
        await press(pilot, "%")
        assert "step 30, row %" in text(pilot)
        await press(pilot, "%")
        assert "Confusion  validation, step 30 " in text(pilot)
        assert "row %" not in text(pilot)


async def test_the_cursor_of_the_matrix_follows_the_most_frequent_mistake_until_it_is_moved():
    async with screen(run_started(), *run()[2:]) as pilot:
        # entered again, it is at the most frequent mistake by now
        await press(pilot, "2", "escape")
        await tell(pilot, mistaken(40))
        await press(pilot, "2")
        assert matrix(pilot).cursor == (3, 0)
        await press(pilot, "up", "escape")
        await tell(pilot, evaluation(50))
        await press(pilot, "2")
        assert matrix(pilot).cursor == (2, 0)  # the user has moved there

        # it stays while training changes that mistake
        await press(pilot, "down")
        before = matrix(pilot).cursor
        await tell(pilot, all_correct(60))
        assert matrix(pilot).cursor == before
        assert "step 60" in text(pilot)
        assert "No mistakes" in text(pilot)

        # in a new run it is there again
        await press(pilot, "escape")
        await tell(pilot, run_started(), *run()[2:])
        await press(pilot, "2")
        assert matrix(pilot).cursor != before
        assert "Ring → Square: 2 of 4, 50%" in text(pilot)


async def test_a_click_on_a_cell_moves_the_cursor_and_a_second_one_chooses():
    async with screen() as pilot:
        # outside the cells a click does nothing
        await press(pilot, "2")
        before = matrix(pilot).cursor
        for offset in ((3, 3), (20, 1), (0, 0), (40, 3), (20, 18)):
            await pilot.click(Confusion, offset=offset)
            assert matrix(pilot).cursor == before, offset
            assert gallery(pilot).selection == ImageSelection(), offset

        # on a cell
        row, column = 3, 1
        spot = (1 + 11 + 4 * column + 2, 1 + 1 + row)
        await pilot.click(Confusion, offset=spot)
        await pilot.pause()
        assert matrix(pilot).cursor == (row, column)
        assert "Bar → Square: 0 of 4" in text(pilot)
        await pilot.click(Confusion, offset=spot)
        await pilot.pause()
        assert "No Bar is predicted as Square." in text(pilot)


async def test_the_matrix_scrolls_through_64_classes_and_their_names_stay_visible():
    labels = np.arange(64)
    async with screen(*predicting(labels, (labels + 1) % 64, 64)) as pilot:
        assert "of 64×64" in text(pilot)
        await press(pilot, "2", *["down"] * 63, *["right"] * 62)
        assert "name63 → name63: 0 of 1, 0%" in text(pilot)
        shown = text(pilot)
        assert "name63" in shown
        assert "true \\ pred" in shown


def of_fashion(data, correct, wrong):
    """The events of a run on Fashion-MNIST: of each class, this many images are correct, and this
    many are taken for the next class."""
    labels = np.repeat(np.arange(10), correct + wrong).astype(np.uint8)
    predicted = (labels + (np.arange(len(labels)) % (correct + wrong) >= correct)) % 10
    probabilities = np.eye(10, dtype=np.float32)[predicted]
    return [
        RunStarted(Config(), data, 1, 1, "test", len(labels)),
        PhaseChanged(Phase.PAUSED),
        Evaluation(430, "test", 1.0, 0.5, np.arange(len(labels)), labels, probabilities),
    ]


async def test_the_matrix_fits_in_41_columns_with_percent_in_place_of_recall_or_small_counts(
    fashion,
):
    async with screen(*of_fashion(fashion, 430, 70)) as pilot:
        pane = matrix(pilot)
        lines = [line.text for line in pane.draw(41, 18)]
        assert max(map(len, lines)) <= 41
        assert len(lines) == 18
        assert lines[0] == r"true \ pred Ts Tr Pu Dr Co Sa Sh Sn Ba An"
        assert lines[1] == "T-shirt/top 86 14  ·  ·  ·  ·  ·  ·  ·  ·"
        assert lines[10] == " Ankle boot 14  ·  ·  ·  ·  ·  ·  ·  · 86"
        assert lines[11] == "Percent of each row; diagonal: recall"
        assert lines[12] == " Most often confused (true → predicted)"
        assert lines[13].strip() == "T-shirt/top → Trouser: 70"
        # where there is room, the counts and the recall
        lines = [line.text for line in pane.draw(58, 18)]
        assert lines[1] == "T-shirt/top 430  70   ·   ·   ·   ·   ·   ·   ·   ·    86%"
        assert "Percent" not in "".join(lines)

        # small counts
        await frame(pilot, *of_fashion(fashion, 43, 7))
        lines = [line.text for line in matrix(pilot).draw(41, 18)]
        assert lines[1] == "T-shirt/top 43  7  ·  ·  ·  ·  ·  ·  ·  ·"
        await press(pilot, "%")
        lines = [line.text for line in matrix(pilot).draw(41, 18)]
        assert lines[1] == "T-shirt/top 86 14  ·  ·  ·  ·  ·  ·  ·  ·"


async def test_a_narrow_matrix_says_what_the_signs_of_a_whole_row_mean(fashion):
    async with screen(*of_fashion(fashion, 500, 0)) as pilot:
        lines = [line.text for line in matrix(pilot).draw(41, 18)]
        assert lines[11] == "Percent of each row; ✓ and × mean 100%"


async def test_percent_says_why_it_does_nothing_where_counts_do_not_fit(fashion):
    async with screen(*of_fashion(fashion, 430, 70), notifications=True) as pilot:
        matrix(pilot).styles.width = 43
        await frame(pilot)
        assert "Percent of each row; diagonal: recall" in text(pilot)
        assert "Confusion  test, step 430, row %" in text(pilot)
        await press(pilot, "%")
        [words] = toasts(pilot)
        assert words.startswith("Counts do not fit in this pane.")
        assert not matrix(pilot).in_percent
        # a click in the narrow cells hits the right one
        await pilot.click(Confusion, offset=(1 + 11 + 3 * 2 + 1, 1 + 1 + 5))
        await pilot.pause()
        assert matrix(pilot).cursor == (5, 2)


async def test_ten_classes_fit_with_the_mistakes_beside_or_below():
    labels = np.arange(100) % 10
    async with screen(*predicting(labels, (labels * labels) % 10, 10)) as pilot:
        await press(pilot, "2")
        for size in ((120, 40), (80, 24), (109, 30), (200, 60)):
            await pilot.resize_terminal(*size)
            await frame(pilot)
            shown = text(pilot)
            for label in range(10):
                assert f"name{label}" in shown, size
            assert "Most often confused" in shown, size
            assert "name8 → name4: 10" in shown, size
            assert "cells" not in shown, size


async def test_an_empty_class_and_an_evaluation_without_mistakes_say_so():
    async with screen(*predicting([0, 0], [0, 0], 2)) as pilot:
        assert "No mistakes" in text(pilot)
        assert "Every image is classified correctly." in text(pilot)
        await press(pilot, "2", "down")
        assert "true name1: no images" in text(pilot)
        await press(pilot, "c", "c")
        assert "There are no images of class name1." in text(pilot)
        await press(pilot, "3", "right", "down", "end", "enter", "pagedown", "home")
        assert gallery(pilot).place == 0


async def test_before_the_first_evaluation_the_panes_say_so_and_keys_are_harmless():
    async with screen(run_started()) as pilot:
        assert text(pilot).count("No evaluation yet.") == 2
        await press(pilot, "2", "up", "enter", "%", "3", "right", "down", "end", "enter", "C", "m")
        await press(pilot, "escape", "escape", "i", "c", "o")
        assert toasts(pilot)[-1] == "There are no images here."
        assert text(pilot).count("No evaluation yet.") == 2


async def test_the_cursor_of_the_images_moves_and_keeps_its_place_through_a_resize():
    async with screen() as pilot:
        # arrows move from image to image, and to the next page
        await press(pilot, "3", *["right"] * 5)
        assert "1–6, most confident first" in text(pilot)
        await press(pilot, "right")
        assert "7–7, most confident first" in text(pilot)
        await press(pilot, "left")
        assert "1–6, most confident first" in text(pilot)
        await press(pilot, "pagedown", "pagedown", "pagedown", "pagedown")
        assert "7–7, most confident first" in text(pilot)
        await press(pilot, "home")
        assert "1–6, most confident first" in text(pilot)
        await press(pilot, "end")
        assert "7–7, most confident first" in text(pilot)
        await press(pilot, "pageup", "left", "left", "left", "left", "left", "left", "left")
        assert gallery(pilot).place == 0

        # the selected image is marked by a sign and by reverse video
        await press(pilot, "3", "right")
        line = next(line for line in text(pilot).splitlines() if "▶Bar " in line)
        assert line.index("▶") > line.index(" Ring ")
        segments = [segment for strip in gallery(pilot)._lines for segment in strip]
        reversed_texts = [segment.text.strip() for segment in segments if segment.style.reverse]
        assert [words for words in reversed_texts if words] == ["▶Bar", "→ Dot 74%"]

        # the cursor keeps its place through a resize and a new evaluation
        await press(pilot, "home")
        await press(pilot, "3", "right", "right", "right")
        await pilot.resize_terminal(200, 60)
        await tell(pilot, evaluation(40))
        assert gallery(pilot).place == 3
        assert text(pilot).count("▶Dot ") == 1
        await pilot.resize_terminal(80, 24)
        await frame(pilot)
        assert gallery(pilot).place == 3
        assert "1–6, most confident first, step 40" in text(pilot)


async def test_in_a_wide_window_the_matrix_is_described_in_full_and_images_are_in_columns():
    async with screen(size=(200, 60)) as pilot:
        # the matrix
        await press(pilot, "2")
        shown = text(pilot)
        assert "true Ring, predicted Square: 2 of 4, 50%" in shown
        assert "Confusion  validation, 20 images, step 30 " in shown
        await press(pilot, "enter")
        assert "True Ring, predicted Square: 2 of 20 on validation" in text(pilot)

        # up and down keep the column and stay within the images
        await press(pilot, "escape", "3", "m", "m", "right")
        across = gallery(pilot)._grid.columns
        assert across == 6
        await press(pilot, "up")
        assert gallery(pilot).place == 1
        await press(pilot, "down")
        assert gallery(pilot).place == 1 + across
        await press(pilot, "down", "down", "down", "down")
        assert gallery(pilot).place == 1 + 3 * across
        await press(pilot, "up")
        assert gallery(pilot).place == 1 + 2 * across


async def test_the_enlarged_image_follows_new_evaluations():
    async with screen() as pilot:
        # a second click enlarges it
        await pilot.click(Gallery, offset=(20, 5))
        await pilot.pause()
        assert gallery(pilot).place == 1
        assert not isinstance(pilot.app.screen, ImageScreen)
        await pilot.click(Gallery, offset=(20, 5))
        await pilot.pause()
        assert isinstance(pilot.app.screen, ImageScreen)

        # it stays the same image
        await press(pilot, "escape", "3", "home")
        await press(pilot, "3", "right", "enter")
        assert "Training image #3" in text(pilot)
        assert "after step 30" in text(pilot)
        await tell(pilot, all_correct(40))
        shown = text(pilot)
        assert "Training image #3" in shown
        assert "after step 40" in shown
        assert "✓ correct" in shown
        assert "no longer in the list: mistakes" in shown
        assert "correct    ××××✓" in shown
        await press(pilot, "right", "left")
        assert "Training image #3" in text(pilot)


async def test_fewer_mistakes_move_the_cursor_no_further_than_necessary():
    async with screen() as pilot:
        await press(pilot, "3", "end")
        await tell(pilot, all_correct(40))
        assert "Mistakes: 0 of 20 on validation" in text(pilot)
        assert "Every image is classified correctly." in text(pilot)
        await press(pilot, "left", "enter")
        await tell(pilot, evaluation(50))
        assert gallery(pilot).place == 0
        assert "▶Ring " in text(pilot)
        assert "→ Square 79%" in text(pilot)


async def test_as_many_thumbnails_fit_as_there_is_room_for(fashion):
    labels = np.full(100, 9, np.uint8)
    probabilities = np.full((100, 10), 0.04, np.float32)
    probabilities[:, 5] = 0.64
    rows = np.flatnonzero(fashion.test_labels == 9)[:100]
    events = [
        RunStarted(Config(), fashion, 1, 1, "test", 100),
        PhaseChanged(Phase.PAUSED),
        Evaluation(0, "test", 1.0, 0.5, rows, labels, probabilities),
    ]
    async with screen(*events) as pilot:
        pane = gallery(pilot)
        for room, grid, caption in (
            ((44, 18), (3, 2), ["▶Ankle boot   ", "→ Sandal 64%  "]),
            ((78, 18), (3, 2), ["▶Ankle boot → Sandal 64%   "]),
            ((77, 16), (3, 2), ["▶Ankle boot → Sandal 64%   "]),
            ((58, 19), (3, 2), ["▶Ankle boot   ", "→ Sandal 64%  "]),
            ((118, 36), (4, 4), ["▶Ankle boot → Sandal 64%   "]),
        ):
            lines = pane.draw(*room)
            assert (pane._grid.columns, pane._grid.rows) == grid, room
            assert max(line.cell_length for line in lines) <= room[0]
            assert len(lines) <= room[1]
            # the pictures are 14 columns by 7 rows, and below them stands the caption
            assert set(lines[6].text[:14]) <= set("▀")
            drawn = [line.text[: len(caption[0])] for line in lines[7 : 7 + len(caption)]]
            assert [line.rstrip() for line in drawn] == [line.rstrip() for line in caption], room


async def test_which_images_are_shown_and_how_is_chosen_from_anywhere():
    async with screen() as pilot:
        # z switches between thumbnails and full size
        assert "1–6, most confident first" in text(pilot)
        assert gallery(pilot)._grid.height == 7 + 2
        await press(pilot, "z")
        assert "1–1, most confident first" in text(pilot)
        assert gallery(pilot)._grid.height == 14 + 1
        await press(pilot, "3", "right", "z")
        assert "1–6, most confident first" in text(pilot)
        assert gallery(pilot).place == 1

        # i switches between half-blocks and characters
        await press(pilot, "escape")
        assert "▀" in text(pilot)
        await press(pilot, "i")
        assert "▀" not in text(pilot)
        assert "@@" in text(pilot)
        await press(pilot, "i")
        assert "▀" in text(pilot)

        # m, c and o, and the border says what is shown
        await press(pilot, "m")
        assert "Correct images: 13 of 20 on validation" in text(pilot)
        assert "✓" in text(pilot)
        await press(pilot, "m")
        assert "All images: 20 of 20 on validation" in text(pilot)
        await press(pilot, "c")
        assert "All images, true Ring: 4 of 20" in text(pilot)
        await press(pilot, "C", "C")
        assert "All images, true Dot: 4 of 20" in text(pilot)
        for words in ("highest loss first", "by index", "shuffled", "most confident first"):
            await press(pilot, "o")
            assert words in text(pilot)
        assert gallery(pilot).selection == ImageSelection(ImageKind.ALL, ImageOrder.CONFIDENCE, 4)


async def test_without_color_pictures_are_characters(monkeypatch):
    """Half-blocks are nothing without colors."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with screen() as pilot:
        assert gallery(pilot).pictures is Pictures.ASCII
        await press(pilot, "i", "3", "right", "2", "down")
        assert "▀" not in text(pilot)
        assert any("NO_COLOR" in said for said in toasts(pilot))
        await press(pilot, "3", "enter")
        await until(pilot, lambda: "d Doubtful" in text(pilot))
        assert "Half-blocks" not in text(pilot)


async def test_in_ascii_pictures_stay_characters():
    app = FashionApp(CannedSession(*run()), Config(), "default", ascii=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await frame(pilot)
        await press(pilot, "i", "3", "enter", "i", "escape")
        assert gallery(pilot).pictures is Pictures.ASCII
        assert "▀" not in text(pilot)


async def test_the_enlarged_image_shows_all_probabilities_and_the_keys_of_the_run_work():
    async with screen() as pilot:
        # all probabilities, and its history
        await press(pilot, "3", "enter")
        assert isinstance(pilot.app.screen, ImageScreen)
        shown = text(pilot)
        for words in (
            "Training image #0 (validation set)",
            "after step 30",
            "1 of 7: mistakes",
            "true       Ring",
            "predicted  Square  × mistake",
            "loss       3 nats",
            "◀ true",
            "◀ predicted",
            "79.0%",
            "History: 4 evaluations, step 0 to 30",
            "correct    ××××",
            "each change",
        ):
            assert words in shown
        for name in NAMES:
            assert name in shown

        # it closes by any of three keys
        await press(pilot, "escape")
        for key in ("escape", "q", "enter"):
            await press(pilot, "3", "enter")
            assert isinstance(pilot.app.screen, ImageScreen)
            await press(pilot, key)
            assert not isinstance(pilot.app.screen, ImageScreen), key
            assert pilot.app.is_running

        # the keys of the run work
        await pilot.press("3", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ImageScreen)
        await pilot.press("s", "space", "e", "b")
        assert pilot.session.commands == [("step",), ("toggle",), ("epoch",), ("step_back", 1)]
        assert isinstance(pilot.app.screen, ImageScreen)

        # left and right browse the images, and escape selects the last one
        await press(pilot, "escape")
        await press(pilot, "3", "enter", "left")
        assert "1 of 7" in text(pilot)
        await press(pilot, "right", "right")
        assert "3 of 7" in text(pilot)
        await press(pilot, *["right"] * 9)
        assert "7 of 7" in text(pilot)
        await press(pilot, "left", "i", "escape")
        assert not isinstance(pilot.app.screen, ImageScreen)
        assert gallery(pilot).place == 5
        assert gallery(pilot).pictures is Pictures.ASCII


async def test_right_continues_after_an_image_that_is_no_longer_a_mistake():
    async with screen() as pilot:
        await press(pilot, "3", "right", "right", "enter")
        assert "image #6" in text(pilot)
        corrected = evaluation(40)
        probabilities = corrected.probabilities.copy()
        probabilities[6] = np.eye(len(NAMES))[corrected.labels[6]]
        await tell(
            pilot,
            Evaluation(
                40, "validation", 1, 0.5, corrected.indices, corrected.labels, probabilities
            ),
        )
        assert "no longer in the list" in text(pilot)
        await press(pilot, "right")
        assert "3 of 6" in text(pilot)
        assert "image #9" in text(pilot)


async def test_behind_the_enlarged_image_nothing_is_drawn():
    async with screen() as pilot:
        await press(pilot, "3", "enter")
        drawn = []
        for widget in (gallery(pilot), matrix(pilot)):
            widget.draw = lambda width, height, w=widget: drawn.append(w) or []
        await tell(pilot, all_correct(40))
        assert "step 40" in text(pilot)
        assert drawn == []


async def test_an_image_that_the_run_does_not_evaluate_is_classified_by_its_network():
    async with screen() as pilot:
        await press(pilot, "3", "enter")
        await tell(pilot, run_started())
        assert "Waiting for the network." in text(pilot)
        await until(pilot, lambda: [c[0] for c in pilot.session.commands[-1:]] == ["classify"])
        [picture, *_] = pictures()[0]
        assert pilot.session.commands[-1][1].tolist() == picture.tolist()
        found = Classification(0, picture, np.full(5, 0.2, np.float32), picture / 255.0)
        await tell(pilot, Classified(found))
        assert "loss       1.61 nats" in text(pilot)
        await press(pilot, "right", "i", "left")
        await tell(pilot, all_correct(0, "test"))
        await press(pilot, "right", "q")
        assert not isinstance(pilot.app.screen, ImageScreen)


async def test_under_the_drawing_board_an_enlarged_image_requests_nothing():
    async with screen() as pilot:
        await press(pilot, "3", "enter")
        await tell(pilot, run_started())
        await until(pilot, lambda: [c[0] for c in pilot.session.commands[-1:]] == ["classify"])
        image = pilot.app.screen
        await press(pilot, "p", "n")
        await until(pilot, lambda: not pilot.session.commands[-1][1].any())
        blank = pilot.session.commands[-1][1]
        pilot.session.commands.clear()
        found = Classification(0, blank, np.full(5, 0.2, np.float32), blank / 255.0)
        await tell(pilot, Classified(found))
        image._ask()
        assert pilot.session.commands == []


@pytest.mark.parametrize(
    ("shape", "classes"),
    [((1, 1), 2), ((150, 120), 64), ((1, 200), 64), ((200, 1), 2)],
    ids=str,
)
async def test_images_of_any_size_and_any_number_of_classes_can_be_explored(shape, classes):
    labels = np.arange(70) % classes
    events = predicting(labels, (labels + 1) % classes, classes, shape=shape)
    async with screen(*events) as pilot:
        await press(pilot, "2", "down", "enter", "right", "escape", "down", "enter")
        for size in ((20, 5), (50, 16), (200, 60)):
            await pilot.resize_terminal(*size)
            await press(pilot, "right")
        await press(pilot, "i", "escape")
        assert pilot.app.is_running
        assert "Mistakes: 70 of 70 on test" in text(pilot)


async def test_a_class_name_that_looks_like_markup_is_shown_as_it_is():
    first, *others = predicting([0, 1], [1, 0], 2)
    data = first.dataset
    named = Dataset(
        data.train_images, data.train_labels, data.test_images, data.test_labels, ("[b]x", "[/]")
    )
    async with screen(RunStarted(Config(), named, 1, 1, "test", 2), *others) as pilot:
        await press(pilot, "2", "enter")
        assert "True [b]x, predicted [/]: 1 of 2 on test" in text(pilot)
        await press(pilot, "enter")
        assert "true       [b]x" in text(pilot)
