"""The views of the network pane, driven by keys and mouse, with a session of canned events."""

import re

import canned
import numpy as np
import pytest
import traces
from canned import CannedSession, frame, painted_once, text

from core.config.config import Config
from core.data.dataset import Dataset
from core.events import Answered, Phase, PhaseChanged, RunStarted, UnitsSurveyed
from core.inspection.surveying import survey
from core.training.tracing import trace_step
from core.training.trainer import Trainer
from core.what_if.switched_off import SwitchedOff
from core.what_if.unit_worth import UnitWorth
from tui.app import FashionApp
from tui.panes.line_pane import LinePane
from tui.panes.network.histograms_view import HistogramsView
from tui.panes.network.layers_view import LayersView
from tui.panes.network.network_pane import NetworkPane
from tui.panes.network.network_view import NetworkView
from tui.panes.network.unit_order import UnitOrder
from tui.panes.network.units_view import UnitsView

CONFIG = Config(hidden=(6, 4), batch_size=10, validation=10, epochs=50)
TRACE = ("trace_step",)
SURVEY = ("survey",)


class Run:
    """A tiny real run and its events."""

    def __init__(self, config=CONFIG, data=None):
        self.trainer = Trainer(config, data or canned.dataset())

    def run(self):
        trainer = self.trainer
        size, count = trainer.network.parameters.size, len(trainer.training_set)
        evaluated = trainer.evaluation_set
        event = RunStarted(
            trainer.config, trainer.dataset, size, count, evaluated.name, len(evaluated)
        )
        return [event, PhaseChanged(Phase.PAUSED)]

    def steps(self, count=1):
        return [self.trainer.step() for _ in range(count)]

    def traced(self):
        return traces.event(trace_step(self.trainer))

    def surveyed(self):
        trainer = self.trainer
        of = trainer.network, trainer.config.activation, trainer.training_set, trainer.steps
        return UnitsSurveyed(survey(*of, lambda share: True))

    def history(self):
        """The events of a run of four steps, with all traces and a survey."""
        events = self.run()
        for _ in range(4):
            events += [self.traced(), *self.steps()]
        return [*events, self.traced(), self.surveyed()]


@pytest.fixture
def no_delay(monkeypatch):
    """The units are surveyed without a delay."""
    monkeypatch.setattr("tui.panes.network.network_pane._SURVEY_DELAY", 0.001)


class Screen:
    """The pane alone, as large as the window."""

    def __init__(self, *events, size=(120, 40), ascii=False):
        self.session = CannedSession(*events)
        self.app = FashionApp(self.session, CONFIG, "default", ascii=ascii)
        self._test = self.app.run_test(size=size)

    async def __aenter__(self):
        with painted_once(self.app):
            self.pilot = await self._test.__aenter__()
            await frame(self.pilot)
            await self.press("6")
            while not self.app.screen.query(NetworkView):
                await self.pilot.pause()
            await self.press("f")
        await self.flush()
        return self

    async def __aexit__(self, *error):
        await self._test.__aexit__(*error)

    @property
    def pane(self):
        return self.app.screen.query_one(NetworkPane)

    @property
    def text(self):
        return text(self.pilot)

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def see(self, *keys):
        """Presses keys and paints what they lead to once, with all that is drawn a while later."""
        with painted_once(self.app):
            await self.press(*keys)
            await self.flush()
        await self.pilot.pause()

    async def tell(self, *events):
        await frame(self.pilot, *events)

    async def flush(self):
        for pane in self.app.screen.query(LinePane):
            pane.flush_redraw()
        await self.pilot.pause()
        await self.pilot.pause()


async def test_the_layers_are_a_table_and_v_cycles_through_the_views():
    run = Run()
    async with Screen(*run.history()) as screen:
        # a row of figures for each layer
        shown = screen.text
        layer = screen.pane.snapshot.layer_stats_history.stats[-1].layers[0]
        assert "layers, after step 4, next batch (10 images)" in shown
        for words in ("1 relu", "6×784", "4,710", "2 relu", "4×6", "3 logits", "5×4"):
            assert words in shown
        assert f"{run.trainer.network.parameters.size:,} parameters in total" in shown
        assert f" 10^{layer.ratio:.1f} " in shown
        assert "of 6 units output 0 for all 40 training images (step 4)" in shown
        assert "Steps 0 to 4; each chart" in shown

        # v cycles through the views and keeps the focus
        for view in (UnitsView, HistogramsView, LayersView):
            await screen.see("v")
            assert isinstance(screen.app.focused, view)
            assert screen.app.focused.is_on_screen

        # arrows select a layer and enter shows its units
        await screen.press("down")
        assert "Layer 2, relu: 4 units with 6 weights each" in screen.text
        await screen.press("down", "down", "down")
        assert "Layer 3, logits: 5 units" in screen.text
        await screen.press("up", "enter")
        assert "4 units of layer 2, relu, after step 4" in screen.text


async def test_in_80_columns_the_table_keeps_the_most_important_columns():
    async with Screen(*Run().history(), size=(80, 24)) as screen:
        head = next(line for line in screen.text.splitlines() if "layer " in line)
        for words in ("weights", "activity", "zeros", "silent", "dead", "gradient", "update"):
            assert words in head
        assert "parameters" not in head


async def test_units_are_shown_with_their_norm_and_activity():
    run = Run()
    run.trainer.network.linears[0].b[0] = -1000
    async with Screen(*run.history()) as screen:
        await screen.press("v", "o", "o")
        shown = screen.text
        assert "dead, then rarely active first" in shown
        assert "▶0 dead" in shown
        assert re.search(r" [1-5] [<>]?\d+%", shown)
        await screen.press("z")
        shown = screen.text
        assert "▶0" in shown
        assert "dead since step 4" in shown
        assert "|w|" in shown
        assert re.search(r", active [<>]?\d+%", shown)
        assert "negative" in shown


async def test_units_are_in_the_order_of_the_border_and_clicks_select_them():
    async with Screen(*Run().history()) as screen:
        # in the order that the border names
        await screen.press("v")
        units = screen.pane.snapshot.survey.layers[0]
        norms = np.linalg.norm(units.W, axis=1)
        for order, first in (
            (UnitOrder.NORM, norms.argmax()),
            (UnitOrder.ACTIVE, units.mean.argmax()),
            (UnitOrder.LEAST_ACTIVE, units.active_share.argmin()),
            (UnitOrder.NUMBER, 0),
            (UnitOrder.WORTH, 0),  # until it is measured
        ):
            assert screen.pane.order is order
            assert f"▶{first} " in screen.text
            await screen.see("o")

        # a click selects a unit, a second one shows it
        await screen.press("o", "o", "o", "z")
        await screen.pilot.click(UnitsView, offset=(35, 6))
        await screen.flush()
        assert screen.pane.unit == 1
        await screen.pilot.click(UnitsView, offset=(35, 6))
        await screen.flush()
        assert screen.pane.view == "unit"

        # the units of the last layer are the classes
        await screen.press("enter", "l", "l")
        shown = screen.text
        assert "5 units of layer 3, logits" in shown
        assert "weights through the preceding layers" in shown
        assert sum(name in shown for name in canned.NAMES) == 5
        await screen.press("enter")
        assert "effect on logit" not in screen.text


def asked(screen):
    """The questions since the last call, as (name of the function, arguments)."""
    found = []
    for name, *arguments in screen.session.commands:
        if name == "ask":
            [question] = arguments
            function = getattr(question, "func", question)
            found.append((function.__name__, getattr(question, "keywords", {})))
    screen.session.commands.clear()
    return found


async def test_units_are_switched_off_as_if_and_the_losing_classes_are_named():
    run = Run()
    async with Screen(*run.history()) as screen:
        await screen.press("O")  # the layers have no unit to switch off: it shows the units
        assert screen.pane.view == "units"
        assert asked(screen) == []
        await screen.press("o", "o", "o", "right", "O")
        off = frozenset({(0, 1)})
        assert asked(screen) == [("switched_off", {"units": off})]
        assert "Without unit 1: measuring validation accuracy" in screen.text
        answer = SwitchedOff(
            4, off, np.full(5, 100), np.array([60, 70, 80, 90, 90]), np.full(5, 90)
        )
        await screen.tell(Answered(answer, 0.1))
        words = "Without unit 1: validation accuracy 78.0%, 12.0 points less; recall: "
        assert f"{words}Ring -30.0, Square -20.0, Cross -10.0" in screen.text
        assert "▶1 off" in screen.text

        # more units, of other layers too
        await screen.press("l", "right", "O")
        off |= {(1, screen.pane.unit)}
        assert asked(screen) == [("switched_off", {"units": off})]
        assert "Without 2 units: measuring" in screen.text
        await screen.press("O")
        assert screen.pane.off == {(0, 1)}
        assert "Without unit 1 of layer 1: " in screen.text

        # a step later, the question is asked again, and another run has all its units
        asked(screen)
        await screen.tell(*run.steps())
        assert asked(screen) == [("switched_off", {"units": {(0, 1)}})]
        assert "(after step 4)" in screen.text
        await screen.tell(*Run().history())
        assert screen.pane.off == frozenset()


async def test_units_are_ordered_by_the_accuracy_drop_without_them():
    run = Run()
    async with Screen(*run.history()) as screen:
        await screen.press("v", "o", "o", "o", "o")
        assert asked(screen) == [("unit_worth", {})]
        assert "largest accuracy drop first: being measured" in screen.text
        right = (np.full((6, 5), 90), np.full((4, 5), 90), np.full((5, 5), 90))
        right[0][3, 1], right[0][2, 4] = 40, 95
        await screen.tell(Answered(UnitWorth(4, np.full(5, 100), np.full(5, 90), right, 1.0), 0.1))
        shown = screen.text
        assert "▶3 10.0 pt" in shown
        assert "2 -1.0 pt" in shown
        assert "pt: drop in validation accuracy without it, in points" in shown
        await screen.press("enter")
        assert "accuracy drop without it: 10.0 points (validation, step 4)" in screen.text
        assert "recall: Square -50.0 points" in screen.text
        assert asked(screen) == []


async def test_arrows_move_through_the_units_and_page_down_turns_the_page():
    run = Run(CONFIG.replace(hidden=(30,)))
    async with Screen(*run.history()) as screen:
        await screen.see("v", "z", "o", "o", "o")
        await screen.press("right", "right", "left", "down")
        assert screen.pane.unit == 5
        await screen.press("pagedown")
        assert screen.pane.unit == 13
        assert "9–16" in screen.text
        for key, words in {
            "right": "last unit",
            "down": "last row",
            "pagedown": "last page",
        }.items():
            await screen.press("end", key)
            assert screen.pane.unit == 29
            assert canned.toasts(screen.pilot)[-1] == f"This is the {words}."
        for key, words in {"left": "first unit", "up": "first row", "pageup": "first page"}.items():
            await screen.press("home", key)
            assert screen.pane.unit == 0
            assert canned.toasts(screen.pilot)[-1] == f"This is the {words}."
        await screen.press("enter", "left")
        assert canned.toasts(screen.pilot)[-1] == "This is the first unit."


async def test_a_key_of_another_view_shows_that_view_and_the_layers_have_ends():
    async with Screen(*Run().history()) as screen:
        await screen.press("up")
        assert canned.toasts(screen.pilot)[-1] == "This is the first layer."
        await screen.press("down", "down", "down")
        assert canned.toasts(screen.pilot)[-1] == "This is the last layer."
        for view, key, shown in (
            ("layers", "o", "units"),
            ("units", "m", "histograms"),
            ("histograms", "l", "units"),
        ):
            screen.pane.view = view
            await screen.press(key)
            assert screen.pane.view == shown
        assert screen.pane.order is UnitOrder.NORM  # as it was
        assert screen.pane.depth == 0  # the layer after the last one
        await screen.press("v", "z")
        assert canned.toasts(screen.pilot)[-1] == "Units and images are in full size now."
        await screen.press("i")
        assert canned.toasts(screen.pilot)[-1].startswith("Pictures are drawn with ")


async def test_a_page_holds_at_least_24_thumbnails():
    run = Run(CONFIG.replace(hidden=(60,)))
    async with Screen(*run.history()) as screen:
        await screen.press("v")
        view = screen.app.screen.query_one(UnitsView)
        for room in ((87, 18), (118, 36), (78, 30)):
            lines = view.draw(*room)
            assert view._grid.tiles >= 24, room
            assert len(lines) <= room[1]
            assert max(line.cell_length for line in lines) <= room[0]
        # a layer of few units has larger ones
        await screen.press("l")
        view.draw(87, 18)
        assert view._grid.height == 7 + 1


async def test_thumbnails_in_the_order_of_the_accuracy_drop_show_it_for_each_unit():
    """Also for a unit with three digits, without the "pt" if there is no room for it."""
    run = Run(CONFIG.replace(hidden=(120,)))
    right = (np.full((120, 5), 80), np.full((5, 5), 90))
    async with Screen(*run.history()) as screen:
        await screen.press("v", "o", "o", "o", "o")
        await screen.tell(Answered(UnitWorth(4, np.full(5, 100), np.full(5, 90), right, 1.0), 0.1))
        view = screen.app.screen.query_one(UnitsView)
        for room in ((87, 18), (118, 36), (78, 30)):
            await screen.press("end")
            shown = "\n".join(line.text for line in view.draw(*room))
            assert "119 10.0" in shown, room
            numbers = re.findall(r"[ ▶](\d{2,3})\b(?!\.)( 10\.0)?", shown)
            assert numbers
            assert all(drop for _, drop in numbers), room


async def test_one_unit_shows_its_classes_and_its_top_images():
    async with Screen(*Run().history(), size=(120, 60)) as screen:
        await screen.press("v", "o", "enter")
        shown, survey = screen.text, screen.pane.snapshot.survey
        unit = int(survey.layers[0].mean.argmax())
        assert f"Network: unit {unit} of layer 1, relu, after step 4" in shown
        for name in canned.NAMES:
            assert name in shown
        assert "mean output" in shown
        assert "effect on logit*" in shown
        assert "Training images that activate it most:" in shown
        await screen.press("right")
        assert "2 of 6, most active first" in screen.text
        await screen.press("enter")
        assert "units of layer 1" in screen.text


async def test_what_the_numbers_of_a_unit_leave_out_is_said_in_full_in_a_small_window():
    async with Screen(*Run().history(), size=(80, 24)) as screen:
        await screen.press("v", "l", "enter")
        assert "of layer 2, relu" in screen.text
        assert " preceding layers, ignoring activations " in screen.text
        assert "* following layers, ignoring activations " in screen.text


async def test_a_click_opens_a_layer_and_the_histograms_have_a_row_per_step():
    async with Screen(*Run().history()) as screen:
        # a click selects a layer, a second one shows its units
        await screen.pilot.click(LayersView, offset=(8, 3))
        await screen.flush()
        assert screen.pane.depth == 1
        await screen.pilot.click(LayersView, offset=(8, 3))
        await screen.flush()
        assert screen.pane.view == "units"

        # the histograms have a row per step, and m switches the numbers
        await screen.press("v")
        for what in ("weights", "gradient magnitudes |dL/dW|", "activations"):
            await screen.flush()
            assert f"Network: {what}" in screen.text
            assert ", after step 4 ─" in screen.text  # as in the titles of the other views
            for step in range(5):
                assert f"    {step} " in screen.text
            await screen.press("m")
        assert screen.text.count("zeros") == 3


async def test_it_requests_a_trace_and_a_survey_once_per_step(no_delay):
    run = Run()
    async with Screen(*run.run()) as screen:
        commands = screen.session.commands
        await screen.pilot.pause(0.05)
        assert commands == [TRACE, SURVEY]
        await screen.tell(run.traced())
        await screen.tell(run.surveyed())
        await screen.press("v", "v", "v")
        await screen.pilot.pause(0.05)
        assert commands == [TRACE, SURVEY]
        await screen.tell(*run.steps())
        await screen.pilot.pause(0.05)
        assert commands == [TRACE, SURVEY, TRACE, SURVEY]


async def test_a_hidden_pane_requests_and_draws_nothing(no_delay):
    run = Run()
    async with Screen(*run.history()) as screen:
        await screen.press("1")
        assert not screen.pane.is_on_screen
        drawn, commands = [], screen.session.commands
        commands.clear()
        layers = screen.app.screen.query_one(LayersView)
        layers.draw = lambda width, height: drawn.append(1) or []
        await screen.tell(*run.steps(), canned.evaluation(5))
        await screen.pilot.pause(0.05)
        assert commands == []
        assert drawn == []
        await screen.press("6")
        await screen.pilot.pause(0.05)
        assert set(commands) == {TRACE, SURVEY}


async def test_while_training_runs_traces_are_requested_at_intervals(monkeypatch):
    monkeypatch.setattr("tui.panes.network.network_pane._TRACE_INTERVAL", 1e9)
    monkeypatch.setattr("tui.panes.network.survey_requests._MAX_SHARE", 0.0)
    run = Run()
    async with Screen(*run.history()) as screen:
        await screen.tell(PhaseChanged(Phase.RUNNING))
        screen.session.commands.clear()
        await screen.tell(*run.steps())
        assert screen.session.commands == [TRACE]
        screen.session.commands.clear()
        for _ in range(3):
            await screen.tell(*run.steps())
        assert screen.session.commands == []
        monkeypatch.setattr("tui.panes.network.network_pane._TRACE_INTERVAL", 0.0)
        for count in (1, 2):
            await screen.tell(*run.steps())
            assert screen.session.commands == [TRACE] * count


async def test_units_are_surveyed_after_an_epoch_if_that_costs_little():
    run = Run()
    async with Screen(*run.history()) as screen:
        await screen.tell(PhaseChanged(Phase.RUNNING))
        screen.session.commands.clear()
        cheap = [canned.step(number) for number in range(5, 10)]
        await screen.tell(*cheap)
        assert SURVEY not in screen.session.commands
        screen.pane._survey_requests._requested_at = (-1000.0, 0)  # a long time ago
        await screen.tell(canned.step(10))
        await screen.tell(canned.step(11))
        assert screen.session.commands.count(SURVEY) == 1


async def test_when_training_finishes_no_trace_is_requested_if_that_of_the_last_step_is_there(
    no_delay,
):
    run = Run()
    async with Screen(*run.history()) as screen:
        await screen.tell(*run.steps(), PhaseChanged(Phase.RUNNING))
        screen.session.commands.clear()
        await screen.tell(PhaseChanged(Phase.FINISHED))
        await screen.pilot.pause(0.05)
        assert screen.session.commands == [SURVEY]
        assert "after step 4" in screen.text


async def test_a_finished_run_shows_its_last_step_and_its_units():
    run = Run()
    events = [*run.run(), *run.steps(3)]
    last = run.traced()
    events += [*run.steps(), PhaseChanged(Phase.FINISHED), run.surveyed()]
    async with Screen(*events) as screen:
        assert "The last step is not traced yet: wait a moment." in screen.text
        assert screen.session.commands.count(TRACE) == 1
        await screen.tell(last)
        assert "layers, after step 3, last batch (10 images)" in screen.text
        await screen.press("v")
        assert "6 units of layer 1, relu, after step 4" in screen.text
        assert screen.session.commands.count(TRACE) == 1


async def test_a_new_run_with_other_layers_starts_empty():
    run, other = Run(CONFIG.replace(hidden=(6, 4, 3))), Run(CONFIG.replace(hidden=()))
    async with Screen(*run.history()) as screen:
        await screen.press("v", "l", "l", "right", "enter")
        await screen.tell(*other.run())
        assert "The units are being measured." in screen.text
        await screen.tell(PhaseChanged(Phase.RUNNING))
        assert "The units are not measured yet: that happens when" in screen.text
        await screen.tell(PhaseChanged(Phase.FINISHED))
        assert "The units are being measured." in screen.text
        await screen.tell(*other.history()[2:])
        assert "of layer 1, logits" in screen.text
        await screen.press("v", "v")
        assert "Layer 1, logits: 5 units with 784 weights each" in screen.text


async def test_before_the_data_is_loaded_every_key_is_harmless():
    keys = ("up", "down", "enter", "right", "o", "l", "m", "i", "pagedown")
    async with Screen(PhaseChanged(Phase.LOADING)) as screen:
        for view in ("layers", "units", "unit", "histograms"):
            screen.pane.view = view
            await screen.press("6", *keys)
            assert "no network yet" in screen.text or screen.pane.is_on_screen
            assert screen.session.commands == []


def dataset(classes, shape, count=130):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, *shape)).astype(np.uint8)
    labels = (np.arange(count) % classes).astype(np.uint8)
    names = tuple(f"class {label}" for label in range(classes))
    return Dataset(images, labels, images, labels, names)


SIZES = [(80, 24), (62, 58), (200, 60)]


ODD = {
    "64 classes": (CONFIG, dataset(64, (28, 28))),
    "images of 1x1": (CONFIG, dataset(2, (1, 1))),
    "images of 150x120": (CONFIG, dataset(3, (150, 120))),
    "images of 1x300": (CONFIG, dataset(3, (1, 300))),
    "no hidden layer": (CONFIG.replace(hidden=()), dataset(3, (6, 5))),
    "ten layers": (CONFIG.replace(hidden=(3,) * 10, activation="gelu"), dataset(3, (6, 5))),
    "10,000 units": (CONFIG.replace(hidden=(10_000,)), dataset(2, (3, 3))),
    "zeros": (CONFIG.replace(initialization="zeros"), dataset(3, (6, 5))),
    "everything": (
        traces.EVERYTHING.replace(hidden=(6, 4), activation="tanh"),
        dataset(3, (6, 5)),
    ),
}


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (51, 16)], ids=str)
async def test_odd_networks_and_data_are_shown_like_others(size):
    """One run after the other, in one window; in small ones those that need most room."""
    large = size == (200, 60)
    names = ODD if large else ("64 classes", "images of 1x300", "no hidden layer", "ten layers")
    async with Screen(*Run().history(), size=size) as screen:
        for name in names:
            config, data = ODD[name]
            await screen.tell(*Run(config, data).history())
            await screen.press(*("down", "v", "right", "down", "o", "i", "enter", "right", "l"))
            await screen.see("v", "m", "v")
            assert "Network: layers" in screen.text, name


async def test_weights_that_are_not_finite_can_be_shown():
    async with Screen(*Run().history()) as screen:
        for bad in (np.nan, np.inf, 1e38):
            run = Run()
            events = run.history()
            run.trainer.network.linears[0].W[:2, 400] = bad
            await screen.tell(*events, run.traced(), run.surveyed())
            for key in ("v", "i", "enter", "l", "v", "m", "m", "v"):
                await screen.see(key)
            assert "Network: layers" in screen.text


async def test_in_ascii_every_view_is_ascii_and_weights_have_signs():
    async with Screen(*Run().history(), size=SIZES[0], ascii=True) as screen:
        for size in SIZES:
            await screen.pilot.resize_terminal(*size)
            for key in ("down", "v", "i", "enter", "v", "m", "m", "m", "v"):
                await screen.see(key)
                shown = screen.text
                assert shown.isascii()
                assert "?" not in shown.replace("? Help", "").replace("? being measured", "")


async def test_without_color_every_view_can_be_drawn(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with Screen(*Run().history()) as screen:
        for key in ("v", "i", "enter", "v"):
            await screen.see(key)
        assert "Network: weights" in screen.text


async def test_the_window_can_be_resized_in_every_view():
    async with Screen(*Run().history()) as screen:
        for key in ("v", "enter", "v", "v"):
            for width, height in [(10, 3), (200, 60), (51, 16)]:
                await screen.pilot.resize_terminal(width, height)
                await screen.flush()
            await screen.press(key)
        assert screen.app.return_code is None
