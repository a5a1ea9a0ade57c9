"""The step pane: moving through the stages by keys, in windows of all sizes."""

import asyncio
import time

import canned
import traces
from canned import frame, text
from textual.widgets import Tab

from core.config.config import Config
from core.events import Phase, PhaseChanged
from core.training.tracing import trace_step
from core.training.trainer import Trainer
from tui.app import FashionApp
from tui.panes.step.step_pane import StepPane
from tui.run.session import Session

CONFIG = Config(hidden=(8, 5), batch_size=16, validation=10, learning_rate=0.01)
STAGES = 14


class Run:
    """A real run on the canned images, whose events the test sends one after the other."""

    def __init__(self, config=CONFIG, steps=3):
        self.trainer = Trainer(config, canned.dataset())
        self.events = [canned.run_started(config), PhaseChanged(Phase.PAUSED)]
        self.events += [self.trainer.step() for _ in range(steps)]

    def screen(self, *events, size=(120, 40)):
        return canned.screen(*self.events, *events, size=size)

    @property
    def trace(self):
        return traces.event(trace_step(self.trainer))

    @property
    def last_trace(self):
        last = self.trainer.steps - 1
        return traces.event(traces.trace(self.trainer.config, self.trainer.dataset, last))


async def press(pilot, *keys):
    await pilot.press(*keys)
    await pilot.pause()
    await pilot.pause()


async def opened(pilot, run, *keys):
    """Open the pane, send the trace it requests, press these keys, and return the pane."""
    await press(pilot, "x")
    await frame(pilot, run.trace)
    await press(pilot, *keys)
    return pilot.app.screen.query_one(StepPane)


def requests(pilot):
    return pilot.session.commands.count(("trace_step",))


async def test_x_shows_the_first_stage_of_the_next_step_and_it_closes_again():
    run = Run()
    async with run.screen() as pilot:
        for closing in ("x", "escape"):
            await opened(pilot, run)
            shown = text(pilot)
            for words in (
                "Next step (4): stage 1 of 14: draw the batch",
                "X = images / 255",
                "784×16",
                "This batch has 16 of the shuffled",
                "mean ",
                "std ",
                "are zero",
                "image 1 of 16",
                "d next",
            ):
                assert words in shown
            assert "Loss" in shown
            assert "Confusion" not in shown
            await press(pilot, closing)
            shown = text(pilot)
            assert "Next step" not in shown
            assert "Confusion" in shown
            assert pilot.app.focused is None

        # f gives it the window and takes it back
        pane = await opened(pilot, run, "f")
        assert pane.size.width == 118
        assert "Loss" not in text(pilot)
        await press(pilot, "f")
        shown = text(pilot)
        assert "Loss" in shown
        assert "Next step" in shown
        await press(pilot, "f", "x")
        shown = text(pilot)
        assert "Next step" not in shown
        assert "Confusion" in shown
        assert pilot.app.focused is None


async def test_a_visible_pane_requests_one_trace_for_each_step():
    run = Run()
    async with run.screen() as pilot:
        await frame(pilot, run.trainer.step())
        assert requests(pilot) == 0
        await press(pilot, "x")
        assert requests(pilot) == 1
        await frame(pilot, canned.evaluation(4))
        assert requests(pilot) == 1
        await frame(pilot, run.trace)
        await press(pilot, "d", "d", "right")
        assert requests(pilot) == 1
        await frame(pilot, run.trainer.step())
        assert requests(pilot) == 2
        await press(pilot, "x")
        await frame(pilot, run.trainer.step())
        assert requests(pilot) == 2
        await press(pilot, "x")
        assert requests(pilot) == 3


async def test_f11_moves_through_the_stages_and_then_makes_the_step_as_f10_does():
    run = Run()
    async with run.screen() as pilot:
        await canned.write(pilot, "hidden", "0", "f11")
        await frame(pilot, run.trace)
        assert "stage 1 of 14" in text(pilot)
        await press(pilot, "f11", "d", "d", "D")
        assert "stage 3 of 14" in text(pilot)
        assert "A1 = max(Z1, 0)" in text(pilot)
        await press(pilot, *["f11"] * (STAGES - 3))
        assert "stage 14 of 14" in text(pilot)
        assert ("step",) not in pilot.session.commands
        await press(pilot, "f11")
        assert pilot.session.commands.count(("step",)) == 1
        await frame(pilot, run.trainer.step())
        await frame(pilot, run.trace)
        assert "Next step (5): stage 1 of 14" in text(pilot)

        # f10 makes it from any stage
        pilot.session.commands.clear()
        await press(pilot, "d", "d")
        assert "stage 3 of 14" in text(pilot)
        await press(pilot, "f10")
        assert ("step",) in pilot.session.commands
        assert "stage 1 of 14" in text(pilot)


async def test_the_keys_move_through_stages_and_images():
    run = Run()
    async with run.screen() as pilot:
        # letters typed into a text do not
        await press(pilot, "slash", *"xdD5")
        assert "Next step" not in text(pilot)
        assert pilot.app.focused.value == "xdD5"

        # in a number field they do
        await press(pilot, "escape")
        await canned.write(pilot, "hidden", "x")
        assert "Next step" in text(pilot)
        assert canned.field(pilot, "hidden").value == "128,64"

        # there is no stage before the first
        await press(pilot, "x")
        await opened(pilot, run, "D", "D")
        assert "stage 1 of 14" in text(pilot)

        # a key that moves nothing says why
        first, last = (
            "This is the first stage of the step.",
            "This is the last stage of the step.",
        )
        shows = "No parameters are shown. "
        for key, words in (
            ("home", first),
            ("comma", f"{shows}The last stage, the update, shows them."),
            ("up", "This is the beginning of the stage."),
        ):
            pilot.app.clear_notifications()
            await press(pilot, "home", key)
            assert canned.toasts(pilot)[-1] == words
        await press(pilot, "end", "end")
        assert canned.toasts(pilot)[-1] == last
        pane = pilot.app.screen.query_one(StepPane)
        pane.parameter = ("W1", 0, 0)
        await press(pilot, "left")
        assert canned.toasts(pilot)[-1] == "This is the first column of W1."
        await press(pilot, "up")
        assert canned.toasts(pilot)[-1] == "This is the first row of W1."
        await press(pilot, "v", "left")
        assert canned.toasts(pilot)[-1] == f"{shows}v shows them."
        await press(pilot, "v", "home")

        # the arrows select an image of the batch
        await press(pilot, "x")
        trace = run.trace.trace
        pane = await opened(pilot, run, "right")
        assert "image 2 of 16" in text(pilot)
        assert f"#{trace.indices[1]:,} of" in text(pilot)
        assert f"true {canned.NAMES[trace.labels[1]]}" in text(pilot)
        await press(pilot, "pagedown", "left")
        assert "image 11 of 16" in text(pilot)
        await press(pilot, "pagedown", "pagedown")
        assert "image 16 of 16" in text(pilot)
        await press(pilot, "pageup", "pageup", "left")
        assert pane.image == 0

        # a click on a stage selects it
        await press(pilot, "x")
        pane = await opened(pilot, run, "f")
        await pilot.click(pane, offset=(10, 7))
        await pilot.pause()
        assert "stage 7 of 14" in text(pilot)
        await pilot.click(pane, offset=(60, 7))
        assert "stage 7 of 14" in text(pilot)


async def test_each_stage_shows_its_values_and_the_update_one_weight():
    run = Run()
    async with run.screen() as pilot:
        # each stage shows its values for the image
        await opened(pilot, run, "f")
        for words in (
            "images of each class",
            "Z1 of this image",
            "A1 of this image",
            "Z2 of this image",
            "A2 of this image",
            "logits of this image",
            "its loss: ",
            "gradient of its loss with respect to each logit",
            "dA2 of this image",
            "‖dZ3‖",
            "dA1 of this image",
            "‖dZ1‖",
            "how strongly each pixel affects the loss",
            "size of the update relative to the weights",
        ):
            assert words in text(pilot)
            await press(pilot, "d")

        # at the update, the arrows select a weight
        await press(pilot, "x")
        pane = await opened(pilot, run, "f", "end")
        first = pane._details.largest_change("W1")
        assert f"W1[{first[1]}, {first[2]}]" in text(pilot)
        for words in ("before", "gradient", "mean of gradients", "after", "10^", "┼"):
            assert words in text(pilot)
        await press(
            pilot, "right_square_bracket", "right_square_bracket", *["up"] * 9, *["left"] * 9
        )
        assert "W2[0, 0]" in text(pilot)
        assert "change of W2 5×8" in text(pilot)
        await press(pilot, "down", "right", "right")
        assert "W2[1, 2]" in text(pilot)
        await press(pilot, "left_square_bracket")
        assert "b1[" in text(pilot)


async def test_at_full_speed_the_pane_says_that_the_step_is_past_and_a_new_run_starts_it_anew():
    run = Run()
    async with run.screen() as pilot:
        await opened(pilot, run, "d", "d")
        await frame(pilot, PhaseChanged(Phase.RUNNING), run.trainer.step())
        assert "step 4 is already past; pause with space, then press d" in text(pilot)
        assert "stage 3 of 14" in text(pilot)
        await frame(pilot, PhaseChanged(Phase.PAUSED), run.trace)
        assert "already past" not in text(pilot)
        assert "Next step (5): stage 3 of 14" in text(pilot)

        # a new run starts at the first stage and image
        await press(pilot, "right", "end", "right")
        await frame(pilot, canned.run_started(CONFIG), PhaseChanged(Phase.PAUSED))
        pane = pilot.app.screen.query_one(StepPane)
        assert (pane.stage, pane.image, pane.parameter) == (0, 0, None)
        assert "Tracing the next step." in text(pilot)


async def test_after_training_the_pane_says_how_to_continue():
    run = Run()
    async with run.screen(PhaseChanged(Phase.FINISHED)) as pilot:
        await press(pilot, "x", "d")
        assert "Training finished. Tracing the last step. Add epochs, step back (b)" in text(pilot)
        assert requests(pilot) == 1
        # and then shows the last step
        await frame(pilot, run.last_trace)
        assert "Training finished. This was the last step. Add epochs, step back" in text(pilot)
        assert f"Last step ({run.trainer.steps}): stage 1 of 14" in text(pilot)
        await press(pilot, "d")
        assert "stage 2 of 14" in text(pilot)
        assert requests(pilot) == 1


async def test_a_step_that_diverges_explains_its_missing_stages():
    run = Run()
    run.trainer.network.parameters[:] *= 1e30
    async with run.screen(size=(120, 60)) as pilot:
        pane = await opened(pilot, run)
        assert "– 14 update with Adam" in text(pilot)
        await press(pilot, *["d"] * 12)
        assert "not finite" in text(pilot)
        await press(pilot, "d")
        assert "The step does not reach this stage: diverged after step 3" in text(pilot)
        await press(pilot, "up", "down", "left", "right_square_bracket", "i", "d")
        assert pane.stage == 0
        assert ("step",) in pilot.session.commands


SIZES = [(50, 16), (80, 24), (120, 40), (200, 60)]
KEYS = [
    *("x", "d", "D", "f11", "left", "right", "up", "down", "pagedown", "pageup", "home", "end"),
    *("left_square_bracket", "right_square_bracket", "i", "f", "f", "5", "escape", "x"),
]


async def test_keys_without_data_do_no_harm_in_any_window():
    async with canned.screen(PhaseChanged(Phase.LOADING), size=SIZES[0]) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await press(pilot, *KEYS)
            assert requests(pilot) == 0
            assert "The images are still loading." in text(pilot)
            await press(pilot, "x")


async def test_keys_without_a_trace_do_no_harm_in_any_window():
    events = canned.run_started(), PhaseChanged(Phase.PAUSED)
    async with canned.screen(*events, size=SIZES[0]) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await press(pilot, *KEYS)
            assert "Tracing the next step." in text(pilot)
            assert requests(pilot) == 1
            await press(pilot, "x")


async def test_stage_and_image_stay_selected_when_the_window_is_resized():
    run = Run()
    async with run.screen() as pilot:
        await opened(pilot, run, "d", "d", "right")
        for width, height in [(80, 24), (200, 60), (120, 40), (200, 20), (190, 50), (20, 5)]:
            await pilot.resize_terminal(width, height)
            await frame(pilot)
            shown = text(pilot)
            if width >= 50:
                assert "Next step (4): stage 3 of 14" in shown
                assert isinstance(pilot.app.focused, StepPane)
            if height >= 40:
                assert "image 2 of 16" in shown
            assert ("Confusion  validation" in shown) == (width >= 180 and height > 32)


async def test_in_a_small_window_it_is_a_tab_and_scrolls():
    run = Run()
    async with run.screen(size=(80, 20)) as pilot:
        # a tab
        await press(pilot, "2")
        await opened(pilot, run)
        assert "Next step" in text(pilot)
        await press(pilot, "1")
        assert "Next step" not in text(pilot)
        await press(pilot, "5")
        assert "Next step" in text(pilot)
        await press(pilot, "escape")
        assert "Loss" in text(pilot)
        await pilot.click("#tab-step")
        await pilot.pause()
        assert "Next step" in text(pilot)

        # the selected weight scrolls into view
        await press(pilot, "x")
        await opened(pilot, run, "end")
        assert "passed to the optimizer" not in text(pilot)
        await press(pilot, "down")
        shown = text(pilot)
        assert "passed to the optimizer" in shown
        assert "before" in shown

        # the stage stays in sight
        await press(pilot, "home", "x")
        await opened(pilot, run, *["d"] * 8, *["down"] * 6)
        assert "stage 9 of 14: backward 3, linear" in text(pilot)
        assert "dW3 = " not in text(pilot)
        await press(pilot, "d")
        assert "dZ2 = " in text(pilot)


async def test_in_a_wide_window_it_is_beside_the_other_panes():
    run = Run()
    async with run.screen(size=(200, 60)) as pilot:
        # the other panes share the remaining width
        gallery = pilot.app.screen.query_one("#gallery")
        await press(pilot, "z")
        assert "1–6" in str(gallery.border_subtitle)
        await opened(pilot, run)
        assert "1–2" in str(gallery.border_subtitle)
        assert not gallery.show_vertical_scrollbar

        # all of them can be used
        await press(pilot, "x")
        pane = await opened(pilot, run)
        assert "Loss" in text(pilot)
        await press(pilot, "2", "d")
        assert pane.stage == 1
        await press(pilot, "5", "f")
        assert "Loss" not in text(pilot)
        assert pane.size.width > 190
        await press(pilot, "escape")
        assert "Loss" in text(pilot)
        assert "Next step" in text(pilot)
        await press(pilot, "x")
        assert "Next step" not in text(pilot)


async def test_all_tabs_fit():
    async with canned.screen(size=(50, 24)) as pilot:
        for width in (50, 65, 66, 80, 109):
            await pilot.resize_terminal(width, 24)
            await pilot.pause()
            tabs = list(pilot.app.screen.query(Tab))
            assert len(tabs) >= 5
            assert max(tab.region.right for tab in tabs) <= width


async def test_the_palette_has_the_actions_of_the_open_pane():
    run = Run()
    async with run.screen() as pilot:
        screen = pilot.app.screen
        assert "Step: last stage" not in [command.title for command in screen.commands()]
        await opened(pilot, run)
        commands = {command.title: command.callback for command in screen.commands()}
        assert "Step: next stage" in commands
        await commands["Step: last stage"]()
        await pilot.pause()
        assert "stage 14 of 14" in text(pilot)


async def test_a_hidden_pane_draws_nothing():
    run = Run()
    async with run.screen(size=(80, 24)) as pilot:
        pane = await opened(pilot, run, "1")
        drawn = []
        pane.draw = lambda width, height: drawn.append(width) or []
        await frame(pilot, run.trainer.step())
        await frame(pilot, run.trace)
        assert drawn == []


async def test_every_stage_can_be_drawn_without_color_and_in_ascii(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    run = Run()
    session = canned.CannedSession(*run.events)
    app = FashionApp(session, CONFIG, "default", ascii=True)
    async with app.run_test(size=(120, 40)) as pilot:
        pilot.session = session
        await frame(pilot)
        pane = await opened(pilot, run)
        for _ in range(STAGES):
            strips = app.screen._compositor.render_strips()
            assert strips
            await press(pilot, "d")
        assert pane.stage == 0


async def test_moving_through_the_stages_gives_the_same_run_bit_for_bit(tiny_directory):
    walked = await _trained(tiny_directory, _walk)
    stepped = await _trained(tiny_directory, lambda pilot: pilot.press("s"))
    assert walked == stepped


async def _trained(directory, make_a_step):
    """The whole state of a real run on the screen after three steps made in this way."""
    session = Session(traces.EVERYTHING, directory)
    app = FashionApp(session, traces.EVERYTHING, "default")
    async with app.run_test(size=(80, 24)) as pilot:
        await _until(pilot, lambda: app.screen.query("#charts"))
        await _until(pilot, lambda: app.screen.snapshot.phase is Phase.PAUSED)
        for steps in range(3):
            await make_a_step(pilot)
            await _until(pilot, lambda done=steps: app.screen.snapshot.steps > done)
    assert session.close(60)
    return traces.everything(session._runner.trainer)


async def _walk(pilot):
    """Move from the current stage past the last one."""
    screen = pilot.app.screen
    if not screen.query(StepPane):
        await pilot.press("f11")
        await _until(pilot, lambda: screen.query(StepPane))
    await _until(pilot, lambda: screen.snapshot.trace_is_next)
    await pilot.press(*["f11"] * len(screen.snapshot.trace.stages))


async def _until(pilot, condition):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        pilot.app.screen.fetch()
        if condition():
            return
        await asyncio.sleep(0.01)
        await pilot.pause()
    raise AssertionError("the condition was never true")


async def test_keys_before_the_panes_exist_do_no_harm():
    session = canned.CannedSession(*Run().events)
    app = FashionApp(session, CONFIG, "default")
    async with app.run_test(size=(200, 60)) as pilot:
        for key in "xdDfxd5d":
            app.simulate_key(key)
        await frame(pilot)
        assert "Next step" in text(pilot)
