"""The screen What if: it asks what it shows, draws the answers, and its map has a cursor."""

import re
from dataclasses import replace

import canned
import numpy as np
import pytest
from canned import NAMES, painted_once, screen, text
from datasets import make_dataset
from textual.color import Color
from textual.widgets import Tabs

import tui.screens.what_if.map as map_pane
from core.config.config import Config
from core.events import Answered, Phase, PhaseChanged, RunMoved
from core.experiments.what_if import ask
from core.training.trainer import Trainer
from core.what_if import subject
from tui.contrast import GRAPHICS, TEXT, contrast
from tui.panes.line_pane import LinePane
from tui.screens.image import ImageScreen
from tui.screens.training.screen import TrainingScreen
from tui.screens.what_if.map import MapPane
from tui.screens.what_if.map_image import MapImage
from tui.screens.what_if.screen import WhatIfScreen

CONFIG = Config(hidden=(6, 4), batch_size=10, validation=10, epochs=50)


class Run:
    """A small real run, whose session answers at once."""

    def __init__(self, pilot, trainer):
        self.pilot, self.trainer = pilot, trainer

    @property
    def screen(self):
        return self.pilot.app.screen

    @property
    def map(self):
        return self.screen.query_one(MapPane)

    def taken(self):
        """The commands since the last call; of a question the name of its function."""
        found = []
        for name, *arguments in self.pilot.session.commands:
            question = arguments[0] if name in ("ask", "stop_asking") else None
            function = getattr(question, "func", question)
            found.append((name, *([function.__name__] if question else arguments)))
        return found

    async def press(self, *keys):
        """Presses keys, then answers what was asked; the screen is painted after the answer."""
        with painted_once(self.pilot.app):
            await self.pilot.press(*keys)
            await self.pilot.pause()
            questions = [each[1] for each in self.pilot.session.commands if each[0] == "ask"]
            taken = self.taken()
            self.pilot.session.commands.clear()
            await self.tell(*(Answered(ask(self.trainer, each), 0.25) for each in questions))
        await self.pilot.pause()
        return taken

    async def tell(self, *events):
        if events:
            self.pilot.session.events += events
            self.pilot.app.get_default_screen().fetch()
            await self.pilot.pause()
        for pane in self.screen.query(LinePane):
            pane.flush_redraw()
        await self.pilot.pause()

    @property
    def text(self):
        return text(self.pilot)


class Opened:
    """The screen over a run of a trainer."""

    def __init__(self, config=CONFIG, data=None, steps=3, **options):
        self.trainer = Trainer(config, data or canned.dataset())
        events = [self.trainer.started(), PhaseChanged(Phase.PAUSED)]
        events += [self.trainer.step() for _ in range(steps)]
        events.append(self.trainer.evaluate(self.trainer.evaluation_set))
        self._screen = screen(*events, **options)

    async def __aenter__(self):
        pilot = await self._screen.__aenter__()
        run = Run(pilot, self.trainer)
        run.opened = await run.press("W")
        assert isinstance(run.screen, WhatIfScreen)
        return run

    async def __aexit__(self, *error):
        await self._screen.__aexit__(*error)


@pytest.fixture
def few_are_enough(monkeypatch):
    """Lets answers about a few images be put in words."""
    monkeypatch.setattr(subject, "FEWEST", 1)
    monkeypatch.setattr(map_pane, "FEWEST", 1)
    monkeypatch.setattr(map_pane, "_PER_CLASS", 0)


async def test_of_too_few_images_nothing_is_claimed():
    async with Opened() as run:
        too_few = "Too few images (10) to measure: each is 10.0 points of accuracy; 100 are needed."
        for key in "12345":
            await run.press(key)
            expected = "Too few images (10) for a separation" if key == "5" else too_few
            assert expected in " ".join(run.text.replace("│", " ").split())
        for claim in ("Separation of", "hidden units could", "lowers accuracy most", "surer"):
            assert claim not in run.text


@pytest.mark.parametrize("theme", ["fashion-dark", "fashion-light", "textual-light"])
async def test_faint_dots_can_be_seen_and_their_legends_read(theme):
    async with Opened() as run:
        run.pilot.app.theme = theme
        await run.pilot.pause()
        pane = run.screen.query_one(MapPane)
        faint = Color.from_rich_color(pane.colored("foreground", faint=True).color)
        assert contrast(faint, pane.background_colors[1]) >= GRAPHICS

        for key, words in (("2", "each of three draws"), ("4", "perfect calibration")):
            await run.press(key)
            [style] = [
                segment.style
                for strip in run.screen._compositor.render_strips()
                for segment in strip
                if words in segment.text
            ]
            front, back = map(Color.from_rich_color, (style.color, style.bgcolor))
            assert contrast(front, back) >= TEXT, words


@pytest.mark.usefixtures("few_are_enough")
async def test_each_tab_asks_only_what_it_shows_and_draws_the_answer():
    async with Opened() as run:
        assert run.opened == [("ask", "unit_worth")]
        assert "of the 10 hidden units" in run.text
        assert (
            "10 validation images, after step 3; measured in about 0.2\N{NO-BREAK SPACE}s"
            in run.text
        )
        assert "Accuracy drop without each unit (points)" in run.text
        assert re.search(r"rank +unit +layer +drop +recall change", run.text)

        assert await run.press("2") == [("ask", "pruning"), ("ask", "weight_noise")]
        shown = run.text
        for words in ("weights", "share of the weights that are 0", "mean accuracy", "100%"):
            assert words in shown
        assert "noise, in percent of the typical weight of the layer" in shown

        assert await run.press("3") == [("ask", "robustness")]
        shown = run.text
        assert "lowers accuracy most" in shown
        for word in ("noise", "blur", "shift", "rotation", "contrast", "occlusion", "severity"):
            assert word in shown
        assert "at severity 3:" in shown

        assert await run.press("4") == []
        shown = run.text
        assert "calibration" in shown
        assert "Rejection" in shown
        assert "With images below 90% confidence rejected," in shown

        assert await run.press("5") == [("ask", "image_map")]
        assert "Separation of the classes" in run.text
        assert re.search("the plane explains \\d+% of the variance", run.text)
        image = " ".join(line.text.strip() for line in run.screen.query_one(MapImage)._lines)
        assert re.search(r"predicted, \d+% confidence", image)
        assert await run.press("1", "2", "3", "4", "5") == []  # all is known

        # a click on a tab shows it, too
        await run.pilot.click("#what-if-weights-tab")
        await run.press()
        assert "Fewer weights" in run.text
        await run.press("5")

        # q closes it, and W opens the tab that was shown last
        await run.press("q")
        assert isinstance(run.screen, TrainingScreen)
        await run.press("W")
        assert run.screen.query_one(Tabs).active == "what-if-map-tab"


async def test_after_a_step_what_is_shown_is_asked_again_and_training_is_steered_from_here():
    async with Opened() as run:
        await run.press("3")
        assert await run.press("s", "space", "e", "b") == [
            *(("step",), ("toggle",), ("epoch",), ("step_back", 1))
        ]
        await run.tell(run.trainer.step())
        assert "after step 3 (now 4)" in run.text
        assert await run.press() == [("ask", "robustness")]
        assert "after step 4;" in run.text

        # what is not answered yet is dropped with the tab, and the run that moves takes all answers
        await run.tell(run.trainer.step())
        await run.pilot.press("1")
        await run.pilot.pause()
        assert ("stop_asking", "robustness") in run.taken()
        run.pilot.session.commands.clear()
        await run.tell(RunMoved(0, None, CONFIG, 0, run.screen.snapshot.branches))
        assert "Being measured." in run.text
        assert run.taken() == [("ask", "unit_worth")]


async def test_the_cursor_of_the_map_names_and_shows_images():
    async with Opened(CONFIG.replace(validation=15), size=(100, 30)) as run:
        await run.press("5")
        found = run.map.found
        assert (found.layer, len(found.points)) == (1, 15)
        assert "Map: layer 1" in run.text
        seen = set()
        for key in ["left", "left", "up", "up", *["right"] * 4, *["down"] * 4]:
            await run.press(key)
            place = run.map.place
            seen.add(place)
            index, label = int(found.indices[place]), int(found.labels[place])
            assert f"training image #{index}" in run.text
            assert f"{label} {NAMES[label]}" in run.text
        assert len(seen) > 2

        # one class stands out, and the cursor stays in it
        await run.press("c")
        assert run.map.label == 0
        await run.press("left", "right", "up", "down", "full_stop", "comma")
        assert found.labels[run.map.place] == 0
        await run.press("C")
        assert run.map.label is None

        # a click, and the image enlarged
        x, y = run.map._scatter.places[7].tolist()
        await run.pilot.click(MapPane, offset=(x + 1, y + 1 + run.map._top))
        assert (run.map._scatter.places[run.map.place] == (x, y)).all()
        index = int(found.indices[run.map.place])
        await run.press("enter")
        assert isinstance(run.screen, ImageScreen)
        assert run.screen.index == index
        await run.press("escape")
        assert isinstance(run.screen, WhatIfScreen)

        # the other layers, and back to the pixels
        for layer, name in ((2, "layer 2"), (3, "logits"), (0, "pixels"), (1, "layer 1")):
            assert await run.press("l") == [("ask", "image_map")]
            assert run.map.found.layer == layer
            assert f"Map: {name}" in run.text
        assert await run.press("L") == [("ask", "image_map")]
        assert "Map: pixels" in run.text
        await run.tell(run.trainer.step())  # which the pixels do not notice
        assert await run.press() == []


async def test_a_new_map_is_aligned_with_the_one_before_and_the_cursor_stays_on_its_image():
    async with Opened(CONFIG.replace(validation=15)) as run:
        await run.press("5", "right", "right")
        before, place = run.map.found, run.map.place
        await run.tell(run.trainer.step())
        [question] = [each[1] for each in run.pilot.session.commands if each[0] == "ask"]
        assert question.keywords == {"layer": 1, "before": before}
        await run.press()
        assert run.map.found is not before
        assert run.map.place == place


@pytest.mark.parametrize(("size", "ascii"), [((80, 24), False), ((50, 16), True)], ids=str)
async def test_in_every_window_each_chart_fits(size, ascii):
    async with Opened(size=size, ascii=ascii) as run:
        for keys in ("1", "2", "2", "3", "4", "v", "5"):
            await run.press(keys)
            tab = run.screen.tab
            panes = [
                pane
                for pane in run.screen.query(LinePane)
                if pane.is_on_screen and pane.size.area and pane.parent.id
            ]
            assert len(panes) == (1 if size[0] < 100 or tab in (0, 2) else 2) + (
                tab == 4 and size[0] < 100
            )
            for pane in panes:
                width, height = pane.scrollable_content_region.size
                lines = pane.draw(width, height)
                assert max(line.cell_length for line in lines) <= width
                if tab:
                    assert len(lines) <= height
            if ascii:
                assert run.text.isascii()


async def test_the_map_survives_windows_without_room_for_it():
    async with Opened(size=(80, 24)) as run:
        await run.press("5")
        for size in ((1, 1), (3, 60), (2, 5), (200, 2), (80, 24)):
            await run.pilot.resize_terminal(*size)
            await run.pilot.pause()
            run.map.draw(*run.map.scrollable_content_region.size)
        assert run.map.found.labels[run.map.place] >= 0


@pytest.mark.parametrize(
    ("classes", "hidden", "shape", "train"),
    [(2, (), (8, 8), 74), (256, (4,), (3, 1), 700)],
)
async def test_odd_data_and_networks_have_all_charts(classes, hidden, shape, train):
    data = make_dataset(train=train, classes=classes, shape=shape)
    config = CONFIG.replace(hidden=hidden, validation=5000)
    async with Opened(config, data, steps=0, size=(80, 24)) as run:
        assert "before the first step" in run.text
        for keys in ("2", "v", "3", "4", "v", "5", "l", "l", ("c", "right", "C", "C", "left")):
            await run.press(*keys)
            assert "Internal error" not in run.text
        assert run.screen.query_one(MapImage).is_on_screen


async def test_a_network_whose_numbers_are_not_finite_says_so():
    async with Opened() as run:
        run.trainer.network.parameters[:] = np.nan
        for keys in ("2", "3", "5"):
            await run.press(keys)
        assert "The numbers of the network are not finite" in run.text
        await run.press("left", "c", "full_stop", "l")
        assert isinstance(run.screen, WhatIfScreen)


async def test_another_run_on_fewer_images_takes_the_cursor_along():
    async with Opened(CONFIG.replace(validation=15)) as run:
        await run.press("5", "right", "right")
        run.map.place = 14
        run.trainer = Trainer(CONFIG.replace(hidden=()), make_dataset(train=60))
        trainer = run.trainer
        await run.tell(trainer.started(), trainer.evaluate(trainer.evaluation_set))
        await run.press()
        assert run.map.found.layer == 1
        assert "Map: logits" in run.text
        await run.press("left", "comma", "c", "down", "l", "up", "C")
        assert "#" in run.text
        assert "Internal error" not in run.text


async def test_a_network_that_is_always_sure_has_charts_too():
    async with Opened() as run:
        sure = run.trainer.evaluate(run.trainer.evaluation_set)
        for predicted in (sure.labels, np.zeros(10, int)):
            probabilities = np.eye(5, dtype=np.float32)[predicted]
            await run.tell(replace(sure, probabilities=probabilities))
            await run.press("4")
            assert "Internal error" not in run.text
            assert "90%" in run.text


async def test_before_the_data_are_there_it_does_not_open():
    async with screen(PhaseChanged(Phase.LOADING)) as pilot:
        await pilot.press("W")
        assert "The images are still loading." in canned.toasts(pilot)
        assert isinstance(pilot.app.screen, TrainingScreen)
