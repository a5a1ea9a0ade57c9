"""The charts, controlled by keys and mouse, with a session of prepared events."""

import dataclasses
import math
import re
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace

import canned
import pytest
from canned import frame, step, until

from core.config.config import Config
from core.events import Branch, Change, Phase, PhaseChanged, RunMoved, Step
from tui.panes.curves.branch_names import branch_names
from tui.panes.curves.chart import Chart
from tui.panes.curves.charts import Charts
from tui.panes.line_pane import LinePane


@asynccontextmanager
async def shown(*events, size=(120, 40), ascii=False, keys="1"):
    """The app after it has shown these events, with the first chart in focus."""
    async with canned.screen(*events, size=size, ascii=ascii) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        yield pilot


def charts(pilot):
    return pilot.app.screen.query_one(Charts)


def cursor(pilot):
    return charts(pilot).cursor


def text(pilot, widget=None):
    """The text on the screen, or in one widget."""
    region = (widget or charts(pilot)).region
    strips = pilot.app.screen._compositor.render_strips()
    rows = strips[region.y : region.bottom]
    return "\n".join(strip.crop(region.x, region.right).text for strip in rows)


def chart(pilot, name="loss"):
    return pilot.app.screen.query_one(f"#{name}", Chart)


def long_run(steps, of=10):
    return [
        canned.run_started(),
        *(canned.step(n, of) for n in range(1, steps + 1)),
        PhaseChanged(Phase.PAUSED),
    ]


async def test_the_charts_show_a_run_and_one_cursor_follows_keys_and_the_mouse():
    async with shown() as pilot:
        # curves, epochs, changes and the learning rate
        drawn = text(pilot)
        for words in (
            "Loss",
            "Accuracy",
            "●validation",
            "◆epoch",
            "┊",
            "learning rate 0.001│",
        ):
            assert words in drawn
        assert text(pilot, chart(pilot)).count("●") >= 4

        # home and end; a move beyond the ends removes the cursor
        for keys, expected in [
            (["home"], 0),
            (["left"], None),
            (["right"], 0),
            (["end"], 35),
            (["shift+right"], None),
            (["left", "home", "shift+right"], 1),
            (["left"], 0),
        ]:
            await pilot.press(*keys)
            await pilot.pause()
            assert cursor(pilot) == expected, keys

        # quick presses all count
        for key in ["end", *["shift+left"] * 10]:
            pilot.app.simulate_key(key)
        for _ in range(3):
            await pilot.pause()
        assert cursor(pilot) == 25

        # escape removes the cursor and then leaves the chart
        await pilot.press("left", "escape")
        await pilot.pause()
        assert cursor(pilot) is None
        assert pilot.app.focused is chart(pilot)
        assert "┃" not in text(pilot)
        await pilot.press("escape")
        assert pilot.app.focused is None

        # a click puts the cursor there and dragging moves it
        await pilot.click("#accuracy", offset=(7, 5))
        await pilot.pause()
        assert cursor(pilot) == 0
        await pilot.mouse_down("#accuracy", offset=(20, 5))
        await pilot.hover("#accuracy", offset=(25, 6))
        await pilot.pause()
        dragged = cursor(pilot)
        assert dragged == pytest.approx(35 * 18 / 35, abs=1)
        await pilot.mouse_up("#accuracy", offset=(25, 6))
        await pilot.hover("#accuracy", offset=(35, 6))
        await pilot.pause()
        assert cursor(pilot) == dragged
        await pilot.click("#rate", offset=(87, 0))
        await pilot.pause()
        assert cursor(pilot) == 35

        # it stays at its step while the run continues
        await frame(pilot, *(canned.step(n) for n in range(36, 80)))
        assert cursor(pilot) == 35
        assert "step 35 · loss 0.323 (average 0.407)" in text(pilot, chart(pilot))

        # to move it draws no curve
        await pilot.press("1")
        await pilot.pause()
        drawn = []
        chart(pilot).plot = lambda width, height: drawn.append(1)
        await pilot.press("left", "left", "left")
        await pilot.pause()
        assert drawn == []
        assert text(pilot, chart(pilot)).count("┃") > 5


async def test_the_cursor_is_one_for_all_charts_and_reads_the_values_of_a_step():
    async with shown(size=(220, 60)) as pilot:
        assert cursor(pilot) is None
        await pilot.press("left", "shift+left", "ctrl+left")
        await pilot.pause()
        assert cursor(pilot) == 33
        assert "step 33 · epoch 4 · loss 0.355 (average" in text(pilot, chart(pilot))
        accuracy = text(pilot, chart(pilot, "accuracy"))
        assert "step 33 · epoch 4 · accuracy 88.2%" in accuracy
        assert "learning rate 0.001 · step 33 · epoch 4" in text(pilot)
        assert text(pilot).count("┃") > 20


async def test_the_loss_can_have_a_logarithmic_axis():
    async with shown(*long_run(100)) as pilot:
        linear = text(pilot, chart(pilot, "accuracy"))
        await pilot.press("l")
        await pilot.pause()
        drawn = text(pilot, chart(pilot))
        assert "Loss (log)" in drawn
        assert all(f"{label}┤" in drawn for label in ("0.2", "0.5", "1", "2"))
        assert text(pilot, chart(pilot, "accuracy")) == linear
        await pilot.press("l")
        await pilot.pause()
        assert "log" not in text(pilot, chart(pilot))

        # where it shows all values and the only chart, h says so
        await pilot.resize_terminal(80, 24)
        await pilot.press("l", "h")
        await pilot.pause()
        assert canned.toasts(pilot)[-1] == "All values are shown."
        assert not charts(pilot).whole


async def test_a_logarithmic_axis_accepts_a_loss_of_zero():
    zero = [Step(n, 4, n, 50, 5, 0.0, 1.0, 0.1, n * 0.01, None) for n in range(36, 40)]
    async with shown(*canned.run(), *zero, keys="l") as pilot:
        assert "Loss (log)" in text(pilot)
        await frame(pilot, canned.run_started(), *zero)
        assert "Loss (log)" in text(pilot)


async def test_a_final_divergence_leaves_the_curve_before_it_readable():
    shot = Step(36, 4, 30, 50, 5, 1e30, 0.1, 0.1, 0.36, None)
    evaluation = dataclasses.replace(canned.evaluation(36, 0.1), loss=1e35)
    async with shown(*canned.run()) as pilot:
        before = text(pilot, chart(pilot))
        await frame(pilot, shot, evaluation)
        after = text(pilot, chart(pilot))
        assert "1.0┤" in before
        assert "2.0┤" in after
        assert "e+" not in after


async def test_the_window_shows_the_last_steps_one_by_one():
    async with shown(*long_run(20_000)) as pilot:
        await pilot.press("w")
        await pilot.pause()
        drawn = text(pilot, chart(pilot))
        assert "last 1,000 steps" in drawn
        assert "19,000" in drawn
        assert "19,800" in drawn
        await pilot.press("home")
        await pilot.pause()
        assert cursor(pilot) == 19_000
        assert "loss 0.100 (average 0.100)" in text(pilot, chart(pilot))
        await pilot.press("w")
        await pilot.pause()
        assert "last 1,000 steps" not in text(pilot)


async def test_an_arrow_moves_the_cursor_by_a_column_and_outside_the_window_it_is_removed():
    async with shown(*long_run(3600)) as pilot:
        # a column
        await pilot.press("left", "left")
        await pilot.pause()
        assert 3600 - cursor(pilot) == pytest.approx(3600 / 35, rel=0.1)
        await pilot.press("shift+right")
        await pilot.pause()
        assert 3600 - cursor(pilot) == pytest.approx(3600 / 35 - 1, rel=0.1)

        # outside the window
        await pilot.press("home")
        await pilot.pause()
        assert cursor(pilot) == 0
        await pilot.press("w")
        await pilot.pause()
        assert cursor(pilot) is None
        await pilot.press("left")
        await pilot.pause()
        await frame(pilot, canned.run_started())
        assert cursor(pilot) is None


async def test_in_ascii_mode_the_charts_are_ascii_except_their_frame():
    async with shown(*canned.run(), ascii=True, keys="1") as pilot:
        await pilot.press("left", "left", "l")
        await pilot.pause()
        strange = {character for character in text(pilot) if not character.isascii()}
        assert strange <= set("╭─╮│╰╯·…")
        for sign in "~.o!|:":
            assert sign in text(pilot, chart(pilot))


@pytest.mark.parametrize(
    ("size", "ascii"), [((50, 16), False), ((80, 24), True), ((300, 100), False)], ids=str
)
async def test_every_key_at_any_moment_and_size(size, ascii):
    keys = ["left", "l", "home", "w", "right", "shift+right", "end", "l", "escape", "left"]
    async with shown(PhaseChanged(Phase.LOADING), size=size, ascii=ascii) as pilot:
        for events in ([], [canned.run_started()], [canned.step(1)], [*canned.run()]):
            await frame(pilot, *events)
            chart(pilot).focus()
            for key in keys:
                pilot.app.simulate_key(key)
            await pilot.pause()
            await pilot.click("#loss", offset=(0, 0))
        await pilot.resize_terminal(60, 18)
        await frame(pilot, canned.run_started())
        await pilot.press("left", "w", "l")
        assert pilot.app.return_code is None


async def test_a_small_pane_omits_the_learning_rate():
    async with shown(size=(60, 14)) as pilot:
        assert "learning rate 0" not in text(pilot)
        await pilot.resize_terminal(60, 24)
        await frame(pilot)
        assert "learning rate 0" in text(pilot)


async def test_the_charts_can_be_maximized_together():
    async with shown(size=(120, 40)) as pilot:
        before = chart(pilot).size
        pilot.app.screen.maximize(chart(pilot))
        await pilot.pause()
        await pilot.pause()
        assert pilot.app.screen.maximized is charts(pilot)
        assert chart(pilot).size.height > 1.5 * before.height
        assert chart(pilot).size.width > before.width
        assert "Accuracy" in text(pilot)


async def test_many_changes_do_not_break_the_chart():
    changes = [Change(n % 35, "learning_rate", 0.001 * n, 0.002 * n) for n in range(1, 2000)]
    async with shown(*canned.run(), *changes) as pilot:
        await pilot.press("left", "left")
        assert pilot.app.return_code is None


async def test_a_delayed_chart_is_drawn_soon_after_a_pause():
    """At full speed a drawing may wait for seconds; a paused run is drawn at once."""
    async with shown(*canned.run(20), keys="2") as pilot:
        screen = pilot.app.screen
        panes = list(screen.query(LinePane))
        pilot.app.session.events += [
            PhaseChanged(Phase.RUNNING),
            *(canned.step(n) for n in (21, 22)),
        ]
        screen.fetch()
        assert charts(pilot).snapshot.steps == 22
        assert charts(pilot).shown.steps == 20
        pilot.app.session.events += [PhaseChanged(Phase.PAUSED)]
        screen.fetch()
        assert charts(pilot).shown.steps == 22
        await canned.until(pilot, lambda: not any(pane.redraw_pending for pane in panes))
        assert " 22" in text(pilot, screen.query_one(Chart))


async def test_at_full_speed_all_lines_tell_the_same_step_and_the_charts_theirs():
    async with shown(*canned.run(20)) as pilot:
        screen = pilot.app.screen
        lines = [*screen.query("StatusBar, NumbersLine, RateChart, TimelineBar")]
        assert len(lines) == 4
        for first in range(21, 61, 4):
            pilot.app.session.events += [
                PhaseChanged(Phase.RUNNING),
                *(canned.step(n) for n in range(first, first + 4)),
            ]
            screen.fetch()
            await pilot.pause(0.01)
            assert {line.snapshot.steps for line in lines} == {first + 3}
        await until(pilot, lambda: "step 60 ━" in canned.text(pilot))
        for quantity in ("loss", "accuracy"):  # a while later, and soon the latest
            drawn = chart(pilot, quantity)
            await until(pilot, lambda drawn=drawn: "as of step 60" in str(drawn.border_subtitle))
            assert "as of step 60" in text(pilot, drawn)
        await canned.frame(pilot, PhaseChanged(Phase.PAUSED))
        assert "as of" not in canned.text(pilot)

        # the charts follow the run
        pilot.session.events += [PhaseChanged(Phase.RUNNING)]
        for number in range(61, 64):
            charts(pilot)._shown_at = 0.0  # long ago
            pilot.session.events += [step(number)]
            screen.fetch()
            await until(pilot, lambda number=number: charts(pilot).shown.steps == number)


async def test_keys_delay_a_chart_but_not_forever(monkeypatch):
    async with shown(*canned.run(20)) as pilot:
        answering = property(lambda app: time.monotonic() + 0.01, lambda app, value: None)
        monkeypatch.setattr(type(pilot.app), "answering_until", answering, raising=False)
        screen = pilot.app.screen
        pilot.app.session.events += [canned.step(number) for number in range(21, 41)]
        screen.fetch()
        assert screen.query_one(Chart).redraw_pending
        while screen.query_one(Chart).redraw_pending:
            await pilot.pause(0.02)
        assert " 35 " in text(pilot, screen.query_one(Chart))


def styles_of(pilot, widget, words):
    """The colors of some words in the border of a widget, by word."""
    strip = pilot.app.screen._compositor.render_strips()[widget.region.y]
    found = {}
    for segment in strip.crop(widget.region.x, widget.region.right):
        for word in words:
            if word in segment.text:
                found[word] = segment.style.color
    return found


async def test_the_legend_has_the_colors_of_the_curves_and_a_glyph_for_each():
    async with shown(*long_run(35), size=(200, 60)) as pilot:
        words = ("⠐", "average", "epoch", "validation")
        found = styles_of(pilot, chart(pilot), words)
        colors = [chart(pilot).blended(*look).color for look in (("primary",), ("accent",))]
        assert found["average"].triplet == found["epoch"].triplet == colors[0].triplet
        assert found["validation"].triplet == colors[1].triplet
        assert found["⠐"].triplet not in {color.triplet for color in colors}
        for glyph in "⠐⠒◆●":
            assert f"{glyph} " in text(pilot, chart(pilot)).splitlines()[0]


async def test_the_legend_explains_all_points_at_110_columns_and_on_a_logarithmic_axis():
    async with shown(*long_run(35), size=(110, 32)) as pilot:
        title = text(pilot, chart(pilot, "accuracy")).splitlines()[0]
        assert "Accuracy ⠐batch ⠒avg ◆epoch ●val " in title
        await pilot.press("l")
        await pilot.pause()
        title = text(pilot, chart(pilot)).splitlines()[0]
        assert "Loss log ⠐batch ⠒avg ◆epoch ●val " in title


async def test_no_words_of_the_charts_are_glued_to_a_letter_in_ascii():
    events = [canned.run_started(), *(canned.step(n, of=20) for n in range(1, 201))]
    async with shown(*events, size=(110, 32), ascii=True) as pilot:
        drawn = text(pilot)
        assert "o val" in drawn
        assert "from 24.9%" in drawn  # shorter than "starts at 24.9%", for which there is no room
        assert "oval" not in drawn


async def test_a_change_before_the_first_step_has_no_mark():
    events = [canned.run_started(), Change(0, "learning_rate", 0.01, 0.002)]
    async with shown(*events, PhaseChanged(Phase.PAUSED)) as pilot:
        assert "space  train, or pause" in text(pilot, chart(pilot))
        assert "0.002" not in text(pilot, chart(pilot))
        await frame(pilot, *(canned.step(n) for n in range(1, 9)))
        assert "0.002" not in text(pilot, chart(pilot))


async def test_a_value_far_above_the_others_is_an_arrow_at_the_edge_and_h_shows_it():
    usual = [canned.step(n, of=20) for n in range(1, 201)]
    high = dataclasses.replace(canned.evaluation(201), loss=900.0)
    last = dataclasses.replace(canned.step(201, of=20), evaluation=high)
    async with shown(canned.run_started(), *usual, last) as pilot:
        top = text(pilot, chart(pilot)).splitlines()[1]
        assert "↑" in top
        assert "900┤" not in text(pilot, chart(pilot))
        await pilot.press("h")
        await pilot.pause()
        assert "800┤" in text(pilot, chart(pilot))


@pytest.mark.parametrize("steps", [15, 200])
async def test_a_diverged_branch_leaves_the_curve_readable_and_h_shows_it(steps):
    change = Change(0, "learning_rate", 1e6, 0.1)
    branches = Branch(0, None, 0, 2), Branch(1, 0, 0, 0, ((change,),))
    diverged = [dataclasses.replace(canned.step(n, of=20), loss=2.5e8**n) for n in (1, 2)]
    fork = RunMoved(0, None, Config(learning_rate=0.1), 1, branches)
    usual = [canned.step(n, of=20) for n in range(1, steps + 1)]
    async with shown(canned.run_started(), *diverged, fork, change, *usual) as pilot:
        for is_logarithmic in (False, True):
            cut = text(pilot, chart(pilot))
            assert ("(log)" in cut.splitlines()[0]) is is_logarithmic
            assert not re.search(r"\de\d+┤", cut), cut
            assert "✗" in cut.splitlines()[1]  # where it left the axis
            await pilot.press("h")
            await pilot.pause()
            assert re.search(r"\de\d+┤", text(pilot, chart(pilot))), is_logarithmic
            await pilot.press("h")
            await pilot.pause()
            assert text(pilot, chart(pilot)) == cut
            await pilot.press("l")
            await pilot.pause()


async def test_the_best_accuracy_is_in_the_chart_even_if_all_later_ones_are_far_below():
    """A rate of 30 with one-cycle: 75.6% in the first epoch, then 10%."""
    bad = {"accuracy": 0.1, "epoch_accuracy": 0.1}
    steps = [dataclasses.replace(canned.step(n, of=20), **bad) for n in range(1, 201)]
    steps[9] = dataclasses.replace(steps[9], evaluation=canned.evaluation(10, 0.756))
    async with shown(canned.run_started(), *steps) as pilot:
        drawn = text(pilot, chart(pilot, "accuracy"))
        assert re.search("(60|75|80)%┤", drawn), drawn
        assert "●" in "".join(drawn.splitlines()[1:])


async def test_after_the_first_epoch_the_early_fall_is_cut_off_and_its_start_is_said():
    events = [canned.run_started(), *(canned.step(n, of=20) for n in range(1, 20))]
    async with shown(*events) as pilot:
        assert "starts at" not in text(pilot)  # the first epoch is shown as it is
        await frame(pilot, *(canned.step(n, of=20) for n in range(20, 201)))
        assert "starts at 2.25" in text(pilot, chart(pilot))
        assert "starts at 24.9%" in text(pilot, chart(pilot, "accuracy"))
        assert "90%┤" not in text(pilot, chart(pilot, "accuracy")).splitlines()[1]
        cut = text(pilot, chart(pilot))

        # h shows all of it, and the short range again
        await pilot.press("h")
        await pilot.pause()
        assert "starts at" not in text(pilot)
        assert "2.0┤" in text(pilot, chart(pilot))
        await pilot.press("h")
        await pilot.pause()
        assert text(pilot, chart(pilot)) == cut

        # so does a logarithmic axis, for the loss
        await pilot.press("l")
        await pilot.pause()
        assert "from" not in text(pilot, chart(pilot))


async def test_at_120_columns_each_axis_has_four_labels():
    async with shown(*long_run(4300, of=430)) as pilot:
        for keys in ([], ["l"], ["l", "h"], ["h", "X"], ["X"], ["X"]):
            await pilot.press(*keys)
            await pilot.pause()
            for name in ("loss", "accuracy"):
                *rows, axis, _ = text(pilot, chart(pilot, name)).splitlines()
                assert sum("┤" in row for row in rows) >= 4, (name, keys)
                assert len(axis.strip("│").split()) >= 4, (name, keys)


async def test_the_horizontal_axis_counts_steps_epochs_images_or_seconds():
    async with shown(*long_run(100), keys="1") as pilot:
        for words, end in [
            ("steps", "100"),
            ("epochs", "10"),
            ("images seen", "500"),
            ("seconds of training", "1.0"),
            ("steps", "100"),
        ]:
            *_, axis, border = text(pilot, chart(pilot)).splitlines()
            assert words in border
            assert axis.strip("│").split()[-1] == end
            await pilot.press("X")
            await pilot.pause()
        await pilot.press("X", "X", "end", "shift+left")  # a step is a step on any axis
        await pilot.pause()
        assert cursor(pilot) == 99
        assert "0.99" in text(pilot, chart(pilot)).splitlines()[-2]
        await pilot.click("#accuracy", offset=(25, 5))
        await pilot.pause()
        assert cursor(pilot) == pytest.approx(100 * 18 / 35, abs=3)


def test_a_branch_has_a_shorter_name_of_the_same_value_before_its_number():
    change = Change(20, "learning_rate", 0.01, 0.05)
    branches = Branch(0, None, 0, 35), Branch(1, 0, 20, 20, ((change,),))
    names = branch_names(SimpleNamespace(branches=branches, branch=1), SimpleNamespace(branch=0))
    assert names == ("learning rate 0.01", "learning rate 0.01", "rate 0.01", "branch 1")


def test_a_branch_that_the_run_left_is_named_by_the_last_value_that_it_had():
    later = Change(25, "learning_rate", 0.01, 30.0)
    change = Change(20, "learning_rate", 0.01, 0.05)
    branches = Branch(0, None, 0, 35, ((later,),)), Branch(1, 0, 20, 20, ((change,),))
    names = branch_names(SimpleNamespace(branches=branches, branch=1), SimpleNamespace(branch=0))
    assert names[0] == "learning rate 30"


async def test_another_branch_is_named_at_its_end_by_what_was_changed():
    change = Change(20, "learning_rate", 0.01, 0.05)
    branches = Branch(0, None, 0, 35), Branch(1, 0, 20, 20, ((change,),))
    changed = Config(learning_rate=0.05)
    fork = RunMoved(20, canned.step(20), changed, 1, branches)
    steps = [dataclasses.replace(canned.step(n), loss=1.5, accuracy=0.2) for n in range(21, 31)]
    async with shown(*long_run(35), fork, change, *steps, size=(160, 50)) as pilot:
        drawn = text(pilot, chart(pilot))
        assert "learning rate 0.01 " in drawn  # the first branch kept this
        assert "■" in drawn

        # from the first branch, the second is named by its new value
        grown = branches[0], dataclasses.replace(branches[1], end=30)
        back = RunMoved(35, canned.step(35), Config(learning_rate=0.01), 0, grown)
        await frame(pilot, back)
        drawn = text(pilot, chart(pilot))
        assert "learning rate 0.05" in drawn
        assert "□" in drawn

        # and after going back, the later steps are named, too
        await frame(pilot, RunMoved(12, canned.step(12), Config(learning_rate=0.01), 0, grown))
        assert "later" in text(pilot, chart(pilot))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_names_of_branches_a_divergence_and_the_start_stand_apart(size):
    """Three branches that end at the top right, where the run diverges."""
    rates = (0.05, 0.1, 30.0)
    changes = [Change(20, "learning_rate", 0.01, rate) for rate in rates]
    branches = [Branch(0, None, 0, 35)]
    events = long_run(35)
    for number, change in enumerate(changes, 1):
        branches.append(Branch(number, 0, 20, 20, ((change,),)))
        moved = RunMoved(20, canned.step(20), Config(), number, tuple(branches))
        steps = [
            dataclasses.replace(canned.step(n), loss=1.2 + 0.01 * number, accuracy=0.5)
            for n in range(21, 36)
        ]
        events += [moved, change, *steps]
        branches[-1] = dataclasses.replace(branches[-1], end=35)
    async with shown(*events, PhaseChanged(Phase.DIVERGED, "diverged"), size=size) as pilot:
        drawn = text(pilot)
        for words in ("diverged", "starts at 2.", "■ learning rate 0.01 ", "□ learning rate 0.05 "):
            assert words in drawn, drawn
        # a label touches nothing but the frame and lines
        label = r"[■□+✗] (learning )?rate [\d.]+|diverged|starts at [\d.]+%?"
        assert not re.search(rf"[^\s│┤]({label})|({label})(?![\d.%])[^\s│]", drawn), drawn


async def test_a_divergence_stays_marked_at_its_step():
    async with shown(*long_run(35), PhaseChanged(Phase.DIVERGED, "diverged")) as pilot:
        assert "✗" in text(pilot, chart(pilot))
        assert "diverged" in text(pilot, chart(pilot, "accuracy"))
        moved = RunMoved(20, canned.step(20), Config(), 0, (Branch(0, None, 0, 35),))
        await frame(pilot, moved, PhaseChanged(Phase.PAUSED))
        assert "✗" in text(pilot, chart(pilot))


async def test_a_loss_that_rises_far_above_guessing_is_marked_where_it_does():
    limit = 2 * math.log(len(canned.NAMES))
    high = [dataclasses.replace(canned.step(n, 100), loss=1e4) for n in range(36, 60)]
    async with shown(*long_run(35, 100), *high) as pilot:
        plotted = chart(pilot)
        average = plotted.snapshot.training_curves["average loss"]
        [first] = average.first[average.high > limit][:1]
        assert first == 36
        top = text(pilot, plotted).splitlines()[1].removeprefix("│")
        assert top.index("✗") == plotted.left + plotted._figure.x.cell(first)
        assert "far above guessing" in text(pilot, plotted)
        assert "✗" in text(pilot, chart(pilot, "accuracy"))

        # from a branch where it does not, the other one ends with the sign
        change = Change(20, "learning_rate", 0.01, 0.05)
        branches = Branch(0, None, 0, 59), Branch(1, 0, 20, 20, ((change,),))
        await frame(pilot, RunMoved(20, canned.step(20, 100), Config(), 1, branches), change)
        assert re.search("rate 0.01 ✗|✗ (learning )?rate 0.01", text(pilot, plotted))
        assert "far above" not in text(pilot, plotted)


async def test_a_loss_that_begins_high_is_no_divergence_but_one_that_is_not_finite_is():
    high = [dataclasses.replace(canned.step(n), loss=1e4 / n) for n in range(1, 60)]
    bad = dataclasses.replace(canned.step(36), loss=float("nan"))
    async with shown(canned.run_started(), *high) as pilot:
        assert "✗" not in text(pilot, chart(pilot))
        await frame(pilot, *long_run(35))
        assert "✗" not in text(pilot, chart(pilot))
        await frame(pilot, bad, *map(canned.step, range(37, 60)))
        assert "✗" in text(pilot, chart(pilot))  # at its step


async def test_the_learning_rate_is_one_row_that_says_why_it_is_not_the_setting():
    config = Config(learning_rate=0.003, schedule="one-cycle")
    step = dataclasses.replace(canned.step(35), learning_rate=0.00012)
    async with shown(canned.run_started(config), step) as pilot:
        assert "learning rate 0.000120 (one-cycle, 4% of 0.003)" in text(pilot)
        assert pilot.app.screen.query_one("#rate").size.height == 1
        last = dataclasses.replace(canned.step(36), learning_rate=3.039e-08)
        await frame(pilot, last)
        assert "learning rate 3.0e-8 (one-cycle, <1% of 0.003)" in text(pilot)


async def test_a_rate_that_is_changed_before_the_first_step_is_shown_everywhere():
    config = Config(learning_rate=0.003, schedule="one-cycle")
    start = canned.run_started(config), PhaseChanged(Phase.PAUSED)
    async with canned.screen(*start, config=config) as pilot:
        for size in ((120, 40), (110, 32), (80, 24)):
            await pilot.resize_terminal(*size)
            await frame(pilot, *start, canned.evaluation(0))
            await until(pilot, lambda: "of 0.003)" in text(pilot))
            pilot.session.events += [Change(0, "learning_rate", 0.003, 0.005)]
            pilot.app.screen.fetch()  # not `frame`, which redraws every pane
            await until(pilot, lambda: "of 0.003)" not in text(pilot))
            assert "of 0.005)" in text(pilot), size
