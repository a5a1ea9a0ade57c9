"""The drawing board: keys and mouse draw, every stroke is classified, and the run is unchanged."""

import sys
from dataclasses import replace
from pathlib import Path

import canned
import numpy as np
import pytest
from canned import NAMES, pictures, screen, text, toasts, until
from live import CONFIG, Watched
from terminal import KEYS, Terminal

from core.data.dataset import load
from core.events import Classified, Evaluation, Phase, Progress, Step
from core.inspection.classification import Classification, classify
from core.nn.network import Network
from core.training.trainer import Trainer
from tui.drawing.pictures import Pictures
from tui.run.session import Session
from tui.screens.board.board import BoardScreen
from tui.screens.board.canvas import DrawingCanvas
from tui.screens.board.drawing import Drawing
from tui.screens.board.prediction import _KEYS, _OTHER_PART
from tui.screens.image import ImageScreen

COMMAND = str(Path(sys.executable).parent / "fashion-tui")


def drawing(*rows):
    """A drawing whose rows are given as strings: # is white."""
    result = Drawing((len(rows), len(rows[0])))
    result.pixels[:] = [[255 * (sign == "#") for sign in row] for row in rows]
    result.brush = 0
    return result


def rows(drawing):
    return ["".join("#" if pixel else "." for pixel in row) for row in drawing.pixels]


# The pixels


def test_a_lowered_pen_draws_where_the_cursor_goes_and_undo_takes_back_the_whole_stroke():
    board = drawing("....", "....", "....")
    board.go(0, 0)
    board.lift_or_lower()
    board.move(0, 1)
    board.move(1, 0)
    assert rows(board) == ["##..", ".#..", "...."]
    board.lift_or_lower()
    board.move(1, 1)
    assert rows(board) == ["##..", ".#..", "...."]
    assert board.undo()
    assert rows(board) == ["....", "....", "...."]
    assert not board.undo()


def test_the_brush_has_three_widths_and_the_eraser_is_as_wide():
    for brush, row in enumerate((".......#.......", "......###......", ".....#####.....")):
        board = Drawing((15, 15))
        board.brush = brush
        board.lift_or_lower()
        assert rows(board)[7] == row
        assert np.array_equal(board.pixels, board.pixels.T)
        board.lift_or_lower()
        board.erasing = True
        board.lift_or_lower()
        assert not board.pixels.any()


def test_a_line_has_no_gaps_however_far_the_mouse_moved():
    board = drawing(*["." * 9] * 5)
    board.go(0, 0)
    board.line_to(4, 8)
    assert np.flatnonzero(board.pixels.any(axis=0)).tolist() == list(range(9))
    board.line_to(99, -99)  # outside, while the button is held down
    assert (board.row, board.column) == (4, 0)


def test_fill_stops_at_the_outline():
    board = drawing("......", ".####.", ".#..#.", ".####.", "......")
    board.go(2, 2)
    board.fill()
    assert rows(board) == ["......", ".####.", ".####.", ".####.", "......"]
    board.erasing = True
    board.fill()
    assert not board.pixels.any()


def test_a_shift_moves_the_picture_and_what_leaves_it_comes_back_with_undo():
    board = drawing("#..", ".#.", "..#")
    board.shift(1, 0)
    assert rows(board) == ["...", "#..", ".#."]
    board.shift(0, -1)
    assert rows(board) == ["...", "...", "#.."]
    board.undo()
    board.undo()
    assert rows(board) == ["#..", ".#.", "..#"]


# The prediction


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_saliency_is_the_derivative_of_the_loss_of_the_predicted_class(batch_norm):
    rng = np.random.default_rng(1)
    network = Network((12, 7, 5, 3), "tanh", batch_norm, scale=1 / 255, dtype=np.float64)
    network.initialize("xavier", rng)
    network.statistics[:] = rng.uniform(0.5, 1.5, network.statistics.size)
    picture = rng.integers(0, 256, (3, 4)).astype(np.uint8)
    found = classify(network, picture)
    assert np.array_equal(found.probabilities, network.probabilities(picture[None])[0])

    def loss(x):
        logits = network.forward(255 * x.reshape(-1, 1))[:, 0].copy()
        return np.log(np.exp(logits).sum()) - logits[found.predicted]

    x, numerical = picture / 255, np.empty(picture.shape)
    for place in np.ndindex(picture.shape):
        change = np.zeros(picture.shape)
        change[place] = 1e-6
        numerical[place] = (loss(x + change) - loss(x - change)) / 2e-6
    np.testing.assert_allclose(found.saliency, np.abs(numerical), rtol=1e-5, atol=1e-9)


def test_classifying_changes_nothing_of_the_network():
    network = Network((12, 7, 3), batch_norm=True, scale=1 / 255)
    network.initialize("he", np.random.default_rng(1))
    network.gradient[:] = 3
    before = [a.copy() for a in (network.parameters, network.gradient, network.statistics)]
    classify(network, np.full((3, 4), 200, np.uint8))
    after = network.parameters, network.gradient, network.statistics
    assert all(map(np.array_equal, before, after))


def test_a_network_without_finite_numbers_has_no_prediction():
    network = Network((12, 3))
    network.parameters[:] = np.nan
    assert classify(network, np.zeros((3, 4), np.uint8)).predicted is None


def results(data, config, picture):
    """What a run ends with. With a picture, it is classified all the time."""
    session = Session(config, data)
    watched = Watched(session)
    watched.until_phase(Phase.PAUSED)
    session.toggle()
    while True:
        if picture is not None:
            session.classify(picture)
        event = watched.until(lambda event: True)
        if getattr(event, "phase", None) is Phase.FINISHED:
            break
    session.close()
    losses = [step.loss for step in watched.of(Step)]
    evaluations = [e.evaluation for e in watched.of(Step) if e.evaluation] + watched.of(Evaluation)
    return losses, evaluations[-1].probabilities, watched.of(Classified)


def test_a_run_that_is_drawn_on_has_the_same_numbers_bit_for_bit(tiny_directory):
    config = CONFIG.replace(batch_norm=True, dropout=0.3, optimizer="adam", epochs=60)
    picture = load(tiny_directory).images("test")[0]
    losses, probabilities, _ = results(tiny_directory, config, None)
    drawn_losses, drawn_probabilities, classified = results(tiny_directory, config, picture)
    assert drawn_losses == losses
    assert np.array_equal(drawn_probabilities, probabilities)
    assert len({event.classification.step for event in classified}) > 1  # while it ran


def test_a_picture_is_classified_within_an_evaluation_which_stays_as_it_is(make_dataset):
    data = make_dataset(train=1300, test=3)
    config = CONFIG.replace(validation=0, batch_norm=True)
    trainer, subset = Trainer(config, data), data.split(0, np.random.default_rng(0))[0]
    expected, found = trainer.evaluate(subset), []
    trainer.interlude = lambda: found.append(classify(trainer.network, data.test_images[0]))
    assert np.array_equal(trainer.evaluate(subset).probabilities, expected.probabilities)
    assert len(found) == 3


def test_after_a_stroke_training_waits_until_it_is_painted_but_not_for_a_look_at_the_same_picture(
    tiny_directory,
):
    session = Session(CONFIG.replace(epochs=100_000), tiny_directory)
    watched = Watched(session)
    session.toggle()
    watched.until(lambda event: isinstance(event, Step))
    next_steps = []
    picture = load(tiny_directory).images("test")[3]
    for drawn in (picture, picture, 255 - picture):
        session.classify(drawn)
        watched.until(lambda event: isinstance(event, Classified))
        watched.until(lambda event: isinstance(event, Step))
        next_steps.append(session._runner.pace.next_step_time)
    session.close()
    first, second, third = next_steps
    assert first == second < third


def test_the_session_answers_with_the_probabilities_of_its_network(tiny_directory):
    session = Session(CONFIG, tiny_directory)
    watched = Watched(session)
    watched.until_phase(Phase.PAUSED)
    picture = load(tiny_directory).images("test")[3].copy()
    session.classify(picture)
    picture[:] = 0  # the drawing goes on; what was sent stays as it was
    found = watched.until(lambda event: isinstance(event, Classified)).classification
    network = session._runner.trainer.network
    assert found.picture.any()
    assert np.array_equal(found.probabilities, network.probabilities(found.picture[None])[0])
    session.classify(np.zeros((2, 2), np.uint8))  # of other data: no answer, and no fault
    session.step()
    assert watched.until(lambda event: isinstance(event, Step)).step == 1
    session.close()


# The screen


def sent(pilot):
    """The pictures that were to be classified, the latest last."""
    return [command[1] for command in pilot.session.commands if command[0] == "classify"]


def classification(shares=(0.1, 0.1, 0.6, 0.15, 0.05), step=35):
    picture = pictures()[0][2]
    return Classification(step, picture, np.array(shares, np.float32), picture / 255.0)


async def board(pilot, *keys):
    await pilot.press("p", *keys)
    await pilot.pause()
    assert isinstance(pilot.app.screen, BoardScreen)
    return pilot.app.screen.query_one(DrawingCanvas)


async def test_the_key_for_units_or_saliency_says_why_nothing_changes_on_a_blank_board():
    async with screen(size=(80, 24)) as pilot:
        await board(pilot, "v")
        assert "A blank picture has no saliency. Draw something first." in toasts(pilot)


async def test_a_wide_window_names_all_keys_of_the_board():
    async with screen(size=(200, 24)) as pilot:
        await board(pilot)
        for key in ("t Train", "s One batch", "v Units or saliency", "i Half-blocks or ASCII"):
            await until(pilot, lambda key=key: key in text(pilot).splitlines()[-1])


@pytest.mark.parametrize("width", [80, 100, 118])
async def test_no_border_of_the_board_ends_with_a_key_without_its_word(width):
    async with screen(size=(width, 24)) as pilot:
        await board(pilot)
        await frame_behind(pilot, Classified(classification()))
        subtitle = str(pilot.app.screen.query_one("#prediction").border_subtitle)
        assert subtitle.split("  ")[-1] in ("paused", *_KEYS, _OTHER_PART)


async def test_keys_draw_and_every_stroke_is_sent_to_the_network():
    async with screen(size=(80, 24)) as pilot:
        await board(pilot)
        assert not sent(pilot)[-1].any()
        await pilot.press("w", "w", "space", "right", "right", "space", "down")
        await pilot.pause()
        assert np.argwhere(sent(pilot)[-1]).tolist() == [[14, 14], [14, 15], [14, 16]]
        await pilot.press("e", "up", "enter", "enter")
        await pilot.pause()
        assert np.argwhere(sent(pilot)[-1]).tolist() == [[14, 14], [14, 15]]
        # moved without a modifier, and with one
        await pilot.press("m", "up", "up", "shift+left")
        await pilot.pause()
        assert np.argwhere(sent(pilot)[-1]).tolist() == [[12, 13], [12, 14]]
        await pilot.press("m", "e", "f")
        await pilot.pause()
        assert sent(pilot)[-1].all()
        await pilot.press("u")
        await pilot.pause()
        assert np.argwhere(sent(pilot)[-1]).tolist() == [[12, 13], [12, 14]]
        await pilot.press("n", "ctrl+z", "n", *["u"] * 9)
        await pilot.pause()
        assert not sent(pilot)[-1].any()
        assert "There is nothing to undo." in toasts(pilot)
        assert {name for name, *_ in pilot.session.commands} == {"classify"}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
async def test_the_mouse_draws_and_the_right_button_erases(size):
    async with screen(size=size) as pilot:
        canvas = await board(pilot, "w", "w")
        rows, columns = canvas._picture_size
        scale = columns // 28
        assert (rows, columns) == (14 * scale, 28 * scale)
        room = canvas.scrollable_content_region.size
        left, top = (room.width - columns) // 2 + 1, (room.height - rows) // 2 + 1

        async def drag(start, end, button=1):
            places = [(left + scale * x, top + scale * y // 2) for y, x in (start, end)]
            await pilot.mouse_down(DrawingCanvas, places[0], button=button)
            await pilot.hover(DrawingCanvas, places[1])
            await pilot.mouse_up(DrawingCanvas, places[1])
            await pilot.pause()

        await drag((4, 5), (4, 9))
        assert np.argwhere(sent(pilot)[-1]).tolist() == [[4, x] for x in range(5, 10)]
        await drag((4, 8), (4, 9), button=3)
        assert np.argwhere(sent(pilot)[-1]).tolist() == [[4, 5], [4, 6], [4, 7]]
        await pilot.hover(DrawingCanvas, (left + scale * 20, top + scale * 5))  # draws nothing
        assert (canvas._drawing.row, canvas._drawing.column) == (10, 20)
        assert not canvas._drawing.erasing
        await pilot.press("u")
        await pilot.pause()
        assert sent(pilot)[-1].sum() == 5 * 255


async def test_undo_ends_a_stroke_of_the_mouse_and_closing_the_board_lets_go_of_it():
    async with screen() as pilot:
        canvas = await board(pilot)
        await pilot.mouse_down(DrawingCanvas, (30, 20), button=3)
        await pilot.press("u")
        await pilot.hover(DrawingCanvas, (40, 20))
        await pilot.pause()
        assert not sent(pilot)[-1].any()
        assert not canvas._drawing.erasing
        await pilot.mouse_down(DrawingCanvas, (30, 20))
        await pilot.hover(DrawingCanvas, (40, 20))
        await pilot.press("u", "q")
        await pilot.pause()
        assert not canvas._drawing.pixels.any()
        assert pilot.app.mouse_captured is None


@pytest.mark.parametrize("ascii", [False, True])
async def test_the_bars_follow_the_answers(ascii):
    async with screen(size=(80, 24), ascii=ascii) as pilot:
        await board(pilot)
        assert "Waiting for the network." in text(pilot)
        await frame_behind(pilot, Classified(classification()))
        shown = text(pilot)
        assert "after step 35" in shown
        assert all(name in shown for name in NAMES)
        [line] = [line for line in shown.splitlines() if "60.0%" in line]
        assert "Cross" in line
        assert ("<" if ascii else "◀") in line
        assert "how much each pixel affects the prediction" in shown
        await frame_behind(pilot, Classified(classification([np.nan] * 5)))
        assert "Its numbers are no longer" in text(pilot)


async def test_a_small_window_names_the_key_for_the_part_that_has_no_room():
    async with screen(size=(80, 24)) as pilot:
        await board(pilot)
        blank = replace(classification(), picture=np.zeros((28, 28), np.uint8))
        for drawn, is_named in ((blank, False), (classification(), True)):
            activity = (np.ones(128, np.float32), np.ones(64, np.float32))
            await frame_behind(pilot, Classified(replace(drawn, activity=activity)))
            shown = text(pilot)
            assert "hidden layer 2" in shown
            assert "how much each pixel" not in shown
            assert ("v units or saliency" in shown) is is_named


async def frame_behind(pilot, *events):
    """Lets the training screen under the board fetch events."""
    pilot.app.session.events += events
    pilot.app.screen_stack[-2].fetch()
    await pilot.pause()


async def test_a_changed_network_is_asked_again_but_a_long_task_is_not_disturbed():
    async with screen(size=(80, 24)) as pilot:
        await board(pilot)
        count = len(sent(pilot))
        await frame_behind(pilot, canned.step(36))
        await canned.until(pilot, lambda: len(sent(pilot)) == count + 1)
        await frame_behind(pilot, canned.step(37), Progress("going to step 9", 0.5))
        await pilot.press("space")
        await pilot.pause(0.6)
        assert len(sent(pilot)) == count + 1
        assert "The network is busy: going to step 9." in text(pilot)
        await frame_behind(pilot, Progress("going to step 9", 1.0))
        await canned.until(pilot, lambda: len(sent(pilot)) == count + 2)
        assert sent(pilot)[-1].any()


async def test_an_image_of_the_gallery_is_drawn_on_from_there_and_enlarged():
    async with screen(size=(80, 24)) as pilot:
        images = pilot.app.screen.snapshot.run.dataset.images("validation")
        await pilot.press("3", "right")
        selected = pilot.app.screen.query_one("#gallery").rows[1]
        canvas = await board(pilot)
        assert np.array_equal(canvas._drawing.pixels, images[selected])
        await pilot.press("escape", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ImageScreen)
        await pilot.press("left")
        canvas = await board(pilot, "space")
        first = pilot.app.screen_stack[-2].index
        assert not np.array_equal(canvas._drawing.pixels, images[first])
        await pilot.press("u")
        assert np.array_equal(canvas._drawing.pixels, images[first])
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ImageScreen)


async def test_the_board_opens_again_with_the_same_picture():
    async with screen(size=(80, 24)) as pilot:
        await board(pilot, "space", "right")
        before = sent(pilot)[-1]
        await pilot.press("p")
        await pilot.pause()
        canvas = await board(pilot)
        assert np.array_equal(canvas._drawing.pixels, before)
        assert not canvas._drawing.pen_down


async def test_the_run_is_steered_from_the_board():
    async with screen(size=(80, 24)) as pilot:
        await board(pilot, "t", "f5", "s")
        names = [name for name, *_ in pilot.session.commands if name != "classify"]
        assert names[:3] == ["toggle", "toggle", "step"]


async def test_in_the_smallest_window_the_picture_is_whole():
    async with screen(size=(50, 16)) as pilot:
        canvas = await board(pilot, "space", *["down"] * 14, *["right"] * 14)
        rows, columns = canvas._picture_size
        room = canvas.scrollable_content_region.size
        assert rows <= room.height
        assert columns <= room.width
        await pilot.press("i")
        assert canvas.pictures in Pictures


def test_a_drawing_by_mouse_and_keys_is_classified_in_a_terminal(tiny_directory):
    arguments = [COMMAND, "--data", str(tiny_directory), "--no-keep", "--pictures", "ascii"]
    arguments += ["--batch-size", "20", "--validation", "20"]
    terminal = Terminal(arguments, (80, 24))
    try:
        terminal.until(r"paused .*epoch 0/10")
        terminal.press("p")
        terminal.until("Drawing board: pen, 3 pixels")
        terminal.until("not trained yet")
        terminal.until("10.0%|[0-9][.][0-9]%")
        terminal.click(17, 10)
        terminal.until("how much each pixel affects the prediction")
        drawn = terminal.text.count("@")
        assert drawn > 0
        terminal.press(" ")
        terminal.until("pen down: arrows draw")
        terminal.press("\x1b[C" * 3)
        terminal.until(r"@@@")
        terminal.press(" t")
        terminal.until("after step [0-9]")
        terminal.press("q")
        terminal.until("epoch")
        terminal.press("q")
        assert terminal.wait() == 0
    finally:
        terminal.close()


def test_a_trouser_drawn_by_keys_is_a_trouser_to_the_default_network():
    terminal = Terminal([COMMAND, "--no-keep"], (80, 24))
    try:
        terminal.until(r"paused .*epoch 0/10")
        terminal.press("e")
        terminal.until(r"paused .*epoch 1/10")
        terminal.press("p")
        terminal.until("after step 430")
        terminal.press("w")  # 5 pixels wide: a waist, then one leg after the other
        for keys in ("up " * 12, "left " * 4, "space", "right " * 8, "down " * 24, "space"):
            press_all(terminal, keys)
        for keys in ("up " * 24, "left " * 8, "space", "down " * 24, "space"):
            press_all(terminal, keys)
        terminal.until(r"Trouser ━+╌* +[6-9]\d\.\d% ◀")
    finally:
        terminal.close()


def press_all(terminal, keys):
    for key in keys.split():
        terminal.press(" " if key == "space" else KEYS[key])
