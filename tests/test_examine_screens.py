"""Examinations of a picture on the screen: an adversarial example, the best picture, and why."""

import numpy as np
import pytest
from canned import screen, text, toasts, until
from live import CONFIG, Watched, program

from core.data.dataset import load
from core.events import Examined, Phase, Refused, Step
from core.inspection.adversarial_example import AdversarialExample
from core.inspection.best_picture import BestPicture
from core.inspection.nearest_images import NearestImages
from core.inspection.reasons import Reasons
from core.training.trainer import Trainer
from tui.panes.line_pane import LinePane
from tui.run import examinations
from tui.run.session import Session
from tui.screens.board.board import BoardScreen
from tui.screens.board.canvas import DrawingCanvas
from tui.screens.examine.screen import ExamineScreen
from tui.screens.image import ImageScreen
from tui.screens.what_if.screen import WhatIfScreen

# The session


def ask_everything(session, picture):
    height, width = picture.shape
    session.examine("changing", examinations.adversarial(picture))
    session.examine("climbing", examinations.best(1, (height, width)))
    session.examine("asking", examinations.why(picture, 0))
    session.examine("comparing", examinations.nearest(picture, None))


def test_a_run_that_is_examined_between_its_steps_is_the_same_as_a_straight_one(tiny_directory):
    data = load(tiny_directory)
    session = Session(CONFIG, tiny_directory)
    watched = Watched(session)
    for number in range(1, 13):
        session.step()
        ask_everything(session, data.test_images[number])
        watched.until(lambda event: isinstance(event, Examined) and nearest(event))
    session.close()
    trainer = Trainer(CONFIG, data)
    losses = [trainer.step().loss for _ in range(12)]
    assert [step.loss for step in watched.of(Step)] == losses
    results = [event.result for event in watched.of(Examined)]
    assert [type(result) for result in results[:4]] == [
        *(AdversarialExample, BestPicture, Reasons, NearestImages),
    ]
    assert results[-1].step == 12
    assert np.array_equal(results[-1].picture, data.test_images[12])


def nearest(event):
    return isinstance(event.result, NearestImages)


def test_a_command_cancels_it_and_it_is_repeated_after_the_command(tiny_directory):
    session = Session(CONFIG, tiny_directory)
    watched = Watched(session)
    watched.until_phase(Phase.PAUSED)
    picture = load(tiny_directory).test_images[3]
    calls = []

    def work(trainer, should_continue):
        calls.append(trainer.steps)
        if len(calls) == 1:
            session.step()
        return examinations.nearest(picture, None)(trainer, should_continue)

    session.examine("comparing", work)
    watched.until(lambda event: isinstance(event, Examined))
    session.close()
    assert calls == [0, 1]


def test_a_picture_of_other_data_is_refused(tiny_directory):
    session = Session(CONFIG, tiny_directory)
    watched = Watched(session)
    ask_everything(session, np.zeros((2, 2), np.uint8))
    for _ in range(4):
        refused = watched.until(lambda event: isinstance(event, Refused))
        assert "another size" in refused.message
    session.close()


# The screens


@pytest.mark.parametrize("size", [(120, 40), (40, 12)], ids=str)
async def test_an_enlarged_image_and_a_drawing_are_examined(tiny_directory, size):
    async with program(tiny_directory, size=size) as pilot:
        app = pilot.app
        large = size[0] >= 80
        await pilot.press("g", *"#7", "enter")
        await until(pilot, lambda: isinstance(app.screen, ImageScreen))
        name = "training image #7"
        await until(pilot, lambda: name.capitalize() in text(pilot))
        await pilot.press("a")
        await until(pilot, lambda: AdversarialExample in app._training.snapshot.examined)
        await until(pilot, lambda: "Adversarial example" in text(pilot))
        if large:
            await until(pilot, lambda: "FGSM" in text(pilot))
            shown = text(pilot)
            assert "of 255 gray levels" in shown
            assert "original" in shown
            assert "perturbation × " in shown
            assert f"Adversarial example: {name}" in shown
            assert "after step 0, found in about" in text(pilot)
        await pilot.press("escape", "c")
        await until(pilot, lambda: "best picture of" in text(pilot) or "The best" in text(pilot))
        label = int(app._training.snapshot.run.dataset.train_labels[7])
        await until(pilot, lambda: examined(app, BestPicture).label == label)
        await pilot.press("right")
        await until(pilot, lambda: examined(app, BestPicture).label == (label + 1) % 3)
        await pilot.press("s")  # it follows the network
        await until(pilot, lambda: examined(app, BestPicture).step == 1)
        await pilot.press("q", "y")
        await until(pilot, lambda: NearestImages in app._training.snapshot.examined)
        await until(pilot, lambda: "Why" in text(pilot))
        if size[1] == 40:
            await until(
                pilot,
                lambda: (
                    "Nearest training images by pixels (d: Euclidean distance; 7 of" in text(pilot)
                ),
            )
            assert "Nearest by the 4 units of the last hidden layer" in text(pilot)
        assert 7 not in examined(app, NearestImages).pixels.indices
        await pilot.press("i", "escape", "p")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))
        for key in "acy":
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, ExamineScreen))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, BoardScreen))
        assert not toasts(pilot)


def examined(app, kind):
    return app._training.snapshot.examined.get(kind) or BestPicture(-1, -1, None, None, None)


async def test_they_are_drawn_in_any_window(tiny_directory):
    async with program(tiny_directory) as pilot:
        app = pilot.app
        await pilot.press("g", *"#7", "enter")
        await until(pilot, lambda: isinstance(app.screen, ImageScreen))
        for key, kind in (("a", AdversarialExample), ("c", BestPicture), ("y", NearestImages)):
            await pilot.press(key)
            await until(pilot, lambda kind=kind: kind in app._training.snapshot.examined)
            for size in ((200, 60), (23, 9), (12, 30), (5, 40), (1, 1), (120, 40)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
            assert isinstance(app.screen, ExamineScreen)
            await pilot.press("escape")
        assert not toasts(pilot)


async def test_an_image_by_its_number_is_enlarged_over_the_board_an_examination_and_what_if(
    tiny_directory,
):
    async with program(tiny_directory) as pilot:
        app = pilot.app

        async def enlarge(number):
            above = app.screen
            await pilot.press("g", *f"#{number}", "enter")
            await until(pilot, lambda: isinstance(app.screen, ImageScreen))
            await until(pilot, lambda: f"Training image #{number}" in text(pilot))
            await until(pilot, lambda: "predicted" in text(pilot))
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is above)

        await pilot.press("p", "space", "right")
        await until(pilot, lambda: drawn(app).any())
        await enlarge(7)
        await until(
            pilot,
            lambda: np.array_equal(app._training.snapshot.classification.picture, drawn(app)),
        )
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, ExamineScreen))
        await enlarge(8)
        await pilot.press("escape", "escape", "W")
        await until(pilot, lambda: isinstance(app.screen, WhatIfScreen))
        await enlarge(9)


async def test_the_board_shows_the_hidden_units_and_takes_a_picture_file(
    tiny_directory, tmp_path, monkeypatch
):
    pil = pytest.importorskip("PIL.Image")
    gray = np.zeros((6, 5), np.uint8)
    gray[2:4, 1:4] = 200
    monkeypatch.chdir(tmp_path)  # so that less is typed
    pil.fromarray(gray).save("a.png")
    async with program(tiny_directory) as pilot:
        app = pilot.app
        await pilot.press("p")
        await until(pilot, lambda: "hidden layer 1" in text(pilot))
        assert "of 4 units above 0" in text(pilot)
        await pilot.press("v", "o", *"a.png", "enter")
        await until(pilot, lambda: app.screen.query(DrawingCanvas) and drawn(app).any())
        assert np.array_equal(drawn(app), gray)
        made = "converted to grayscale and resized to 5×6, not inverted"
        assert f"a.png: 5×6 pixels, {made}." in toasts(pilot)
        await until(
            pilot,
            lambda: np.array_equal(app._training.snapshot.classification.picture, gray),
        )
        await pilot.press("u")
        assert not drawn(app).any()
        await pilot.press("o", *"/b.png", "enter")
        await until(pilot, lambda: "/b.png" in " ".join(toasts(pilot)))
        assert not drawn(app).any()
        await pilot.press("o", *"~no-such-user/c.png", "enter")
        await until(pilot, lambda: "~no-such-user/c.png" in " ".join(toasts(pilot)))
        # By the palette, from the main screen
        await pilot.press("escape", "colon", *"picture a.png")
        await until(pilot, lambda: "Draw on the picture" in text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))
        assert np.array_equal(drawn(app), gray)


def drawn(app):
    return app.screen.query_one(DrawingCanvas)._drawing.pixels


async def test_a_stroke_is_painted_even_if_the_network_does_not_answer():
    async with screen() as pilot:
        await pilot.press("p")
        await pilot.pause()
        before = text(pilot)
        await pilot.press("space", "right", "right")
        await until(pilot, lambda: text(pilot) != before)


async def test_painting_only_the_lines_that_changed_paints_the_same_as_all_lines(tiny_directory):
    async with program(tiny_directory) as pilot:
        app = pilot.app
        await pilot.press("p", *["space", "right", "down", "w"] * 3, "n", "space", "down", "f")
        await until(
            pilot,
            lambda: (
                (found := app._training.snapshot.classification) is not None
                and np.array_equal(found.picture, drawn(app))
            ),
        )
        await pilot.pause(0.1)
        shown = text(pilot)
        for pane in app.screen.query(LinePane):
            pane.redraw()
        await pilot.pause(0.1)
        assert text(pilot) == shown
