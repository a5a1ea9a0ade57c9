"""The line of keys at the bottom."""

import re
from dataclasses import replace

import numpy as np
import pytest
from canned import NAMES, evaluation, frame, pictures, run, screen, text, until

from core.config.config import Config
from core.events import Evaluation, PaceChanged, Phase, PhaseChanged, RunStarted
from tui.panes.curves.timeline_bar import TimelineBar


def last_line(pilot):
    return text(pilot).splitlines()[-1]


async def test_it_is_empty_under_a_dialog_because_its_keys_do_not_work_there():
    async with screen(size=(120, 40)) as pilot:
        await until(pilot, lambda: "q Quit" in last_line(pilot))
        for key in ("question_mark", "g", "n", "y", "ctrl+p"):
            await pilot.press(key)
            await until(pilot, lambda: "Quit" not in last_line(pilot))
            assert "One batch" not in text(pilot), key
            await pilot.press("escape")
            await until(pilot, lambda: "q Quit" in last_line(pilot))


async def test_a_key_that_the_hint_of_the_pane_has_is_not_named_again():
    async with screen(*run(), PhaseChanged(Phase.FINISHED), size=(200, 30)) as pilot:
        await until(pilot, lambda: "x Look inside a step" in last_line(pilot))
        await pilot.press("x")
        await until(pilot, lambda: "x close" in last_line(pilot))
        assert "f Full screen" in last_line(pilot)
        assert "x Look" not in last_line(pilot)


@pytest.mark.parametrize("size", [(120, 40), (200, 60)])
async def test_after_the_end_it_has_no_keys_that_train(size):
    async with screen(*run(), size=size) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "s One batch" in last_line(pilot))
        await frame(pilot, PhaseChanged(Phase.FINISHED))
        keys = "t Score test set  b Step back  g Go to"
        await until(pilot, lambda: keys in last_line(pilot))
        opened = {"y Why": ("3", "enter"), "esc Close": ("W",), "w Brush": ("p",)}
        for shown, keys in {**opened, "i Half-blocks or ASCII": ("p", "a")}.items():
            await pilot.press(*keys)
            await until(pilot, lambda shown=shown: shown in last_line(pilot))
            for gone in ("Run/Pause", "One batch", "Finish epoch", "Slower", "Train"):
                assert gone not in last_line(pilot)
            await pilot.press("escape", "escape")  # an examination lies over the board
            await until(pilot, lambda: "t Score test set" in last_line(pilot))


async def test_after_a_divergence_the_keys_that_help_come_first_and_none_trains():
    async with screen(*run(), size=(80, 24)) as pilot:
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: " space Run/Pause" in last_line(pilot))
        await frame(pilot, PhaseChanged(Phase.DIVERGED))
        first = " b Step back  r Restart  g Go to"
        for size in ((120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: last_line(pilot).startswith(first))
            for gone in ("Run/Pause", "One batch", "Finish epoch", "Slower", "Ten batches"):
                assert gone not in last_line(pilot), size
            assert last_line(pilot).endswith(" ? Help  q Quit "), size
        pilot.session.commands.clear()
        await pilot.press("space", "s", "e", "S")  # the session answers why
        commands = {name for name, *_ in pilot.session.commands}
        assert commands >= {"toggle", "step", "epoch", "steps"}
        await frame(pilot, PhaseChanged(Phase.PAUSED))
        await until(pilot, lambda: last_line(pilot).startswith(" space Run/Pause"))


async def test_after_a_divergence_at_the_first_step_it_has_the_key_that_goes_back():
    async with screen(*run(0)) as pilot:
        await frame(pilot, PhaseChanged(Phase.DIVERGED))
        await until(pilot, lambda: "b Step back  r Restart" in last_line(pilot))


async def test_before_the_first_step_it_has_no_keys_that_go_back():
    async with screen(*run(0), size=(200, 30)) as pilot:
        await until(pilot, lambda: "r Restart" in last_line(pilot))
        assert "back" not in last_line(pilot)
        await frame(pilot, *run(1)[-1:])
        await until(pilot, lambda: "b Step back" in last_line(pilot))


async def test_keys_that_train_come_back_on_the_screen_in_front():
    async with screen(*run(), size=(120, 40)) as pilot:
        await frame(pilot, PhaseChanged(Phase.FINISHED))
        await pilot.press("W")
        await until(pilot, lambda: "Help" in last_line(pilot))
        assert "Run/Pause" not in last_line(pilot)
        pilot.session.events.append(PhaseChanged(Phase.PAUSED))
        pilot.app.screen_stack[0].fetch()
        await until(pilot, lambda: "Run/Pause" in last_line(pilot))


async def test_without_color_it_does_not_offer_another_kind_of_picture(monkeypatch):
    async with screen(size=(200, 30)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "i picture" in last_line(pilot))
    monkeypatch.setenv("NO_COLOR", "1")
    async with screen(size=(200, 30)) as pilot:
        for shown, keys in {"o order": ("3",), "y Why": ("enter",), "s One batch": ("a",)}.items():
            await pilot.press(*keys)
            await until(pilot, lambda shown=shown: shown in last_line(pilot))
            assert "i picture" not in last_line(pilot)
            assert "Half-blocks" not in last_line(pilot)


async def test_it_offers_only_keys_of_the_curves_that_do_something_now():
    always = ("l log", "X axis")
    async with screen(*run(0), size=(200, 30)) as pilot:
        await pilot.press("1")
        await until(pilot, lambda: "l log  X axis" in last_line(pilot))
        for gone in ("cursor", "go to step", "w window", "h all"):
            assert gone not in last_line(pilot)
        await frame(pilot, *run(25)[3:])
        await until(pilot, lambda: "←→ cursor  l log  h all  X axis" in last_line(pilot))
        await pilot.press("left")
        await until(pilot, lambda: "←→ cursor  Enter go to step" in last_line(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "go to step" not in last_line(pilot))
    async with screen(*run(1100, of=500), size=(200, 30)) as pilot:
        await pilot.press("1")
        await until(pilot, lambda: all(key in last_line(pilot) for key in (*always, "w window")))


async def test_it_offers_keys_of_the_timeline_once_there_is_a_step_to_go_to():
    async with screen(*run(0)) as pilot:
        pilot.app.screen.query_one(TimelineBar).focus()
        await until(pilot, lambda: "esc Leave" in last_line(pilot))
        assert "move" not in last_line(pilot)
        await frame(pilot, *run(2)[3:])
        await until(pilot, lambda: "←→ move" in last_line(pilot))


async def test_it_offers_no_pace_beyond_the_slowest_and_the_fastest():
    async with screen(size=(200, 30)) as pilot:
        await until(pilot, lambda: "< Slower" in last_line(pilot))
        assert "> Faster" not in last_line(pilot)
        await frame(pilot, PaceChanged(5))
        await until(pilot, lambda: "< Slower  > Faster" in last_line(pilot))
        await frame(pilot, PaceChanged(1))
        await until(pilot, lambda: "< Slower" not in last_line(pilot))
        assert "> Faster" in last_line(pilot)


async def test_it_offers_no_percent_where_counts_do_not_fit(fashion):
    async with screen(*run(0)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "Enter its images  % percent" in last_line(pilot))
    labels = np.repeat(np.arange(10), 1200).astype(np.uint8)
    probabilities = np.eye(10, dtype=np.float32)[labels]
    evaluated = Evaluation(0, "test", 1.0, 0.5, np.arange(len(labels)), labels, probabilities)
    started = RunStarted(Config(), fashion, 1, 1, "test", len(labels))
    async with screen(started, PhaseChanged(Phase.PAUSED), evaluated) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "Enter its images" in last_line(pilot))
        await until(pilot, lambda: "% percent" not in last_line(pilot))


async def test_without_images_it_offers_no_keys_that_select_one():
    async with screen() as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "Enter enlarge" in last_line(pilot))
        probabilities = np.eye(len(NAMES), dtype=np.float32)[pictures(20)[1]]
        await frame(pilot, replace(evaluation(36), probabilities=probabilities))
        await until(pilot, lambda: "z size  m filter │" in last_line(pilot))
        await pilot.press("m")
        await until(pilot, lambda: "Enter enlarge" in last_line(pilot))


async def test_no_line_stands_behind_the_keys_of_a_pane_where_no_other_key_fits():
    async with screen(*run(35), size=(80, 24)) as pilot:
        for key in "123456":
            await pilot.press("escape", key)
            await pilot.pause()
            await until(pilot, lambda: "? Help" in last_line(pilot))
            assert not re.search(r"│ +(esc|\?) ", last_line(pilot)), key
