"""The timeline under the curves, the keys that go back, and the list of branches."""

import canned
import pytest
from canned import frame, run, screen, step, text, toasts, write

from core.config.config import Config
from core.events import Branch, Change, Phase, PhaseChanged, Refused, RunMoved
from core.goals import Goal
from tui.panes.curves.charts import Charts
from tui.panes.curves.timeline_bar import TimelineBar

BEFORE = Config(learning_rate=0.01)
CHANGE = Change(20, "learning_rate", 0.01, 0.001)


def back(to, config=BEFORE):
    """The run of 35 steps went back to one of them."""
    last = step(to) if to else None
    return RunMoved(to, last, config, 0, (Branch(0, None, 0, 35, ((CHANGE,),)),))


def forked(at=10, rate=0.05):
    """There the learning rate was changed, which began a branch."""
    change = Change(at, "learning_rate", 0.01, rate)
    branches = (Branch(0, None, 0, 35, ((CHANGE,),)), Branch(1, 0, at, at, ((change,),)))
    return RunMoved(at, step(at), BEFORE.replace(learning_rate=rate), 1, branches), change


def line(pilot):
    """The timeline as it stands on the screen."""
    rows = text(pilot).splitlines()
    return next(row for row in rows if "step" in row and ("━●" in row or "●╌" in row))


async def test_without_a_row_of_its_own_the_rate_and_why_stand_beside_the_timeline():
    async with screen(*run(15), size=(110, 32)) as pilot:
        assert line(pilot).rstrip().endswith("● learning rate 0.00100 (10% of 0.01)")
        await pilot.resize_terminal(120, 40)
        await frame(pilot)
        assert line(pilot).rstrip().endswith("●")
        assert "learning rate 0.00100 (10% of 0.01)" in text(pilot)


async def focus(pilot):
    pilot.app.screen.query_one(TimelineBar).focus()
    await pilot.pause()


async def test_keys_and_the_mouse_request_steps_and_it_shows_where_the_run_is():
    async with screen() as pilot:
        # back
        for key, command in (("b", ("step_back", 1)), ("B", ("step_back", 10))):
            await pilot.press(key)
            assert pilot.session.commands.pop() == command
            assert pilot.session.commands == []

        # along the line
        await focus(pilot)
        await pilot.press("left")
        await pilot.press("shift+left", "shift+left", "shift+right", "home", "end")
        steps = [command[1] for command in pilot.session.commands]
        assert [name for name, *_ in pilot.session.commands] == ["go_to_step"] * 6
        assert steps[0] < 35
        assert steps[1:] == [steps[0] - 1, steps[0] - 2, steps[0] - 1, 0, 35]

        # within its ends
        await frame(pilot, Refused("step", "cancelled"))
        pilot.session.commands.clear()
        await focus(pilot)
        await pilot.press("end", "right", "shift+right")
        assert pilot.session.commands == []

        # a click and dragging
        await frame(pilot, Refused("step", "cancelled"))
        pilot.session.commands.clear()
        timeline = pilot.app.screen.query_one(TimelineBar)
        width = timeline.size.width
        await pilot.mouse_down(timeline, offset=(width // 2, 0))
        await pilot.hover(timeline, offset=(width // 4, 0))
        await pilot.mouse_up(timeline, offset=(width // 4, 0))
        await pilot.hover(timeline, offset=(width - 3, 0))
        steps = [command[1] for command in pilot.session.commands]
        assert len(steps) == 2
        assert 0 < steps[1] < steps[0] < 35

        # where the run is
        assert "step 35 ━━━" in line(pilot)
        await frame(pilot, back(10))
        assert "step 10 of 35 ━" in line(pilot)
        assert "●╌╌" in line(pilot)


async def test_a_refused_move_is_reported_and_the_next_one_can_be_that_of_the_line_or_of_a_chart():
    async with screen() as pilot:
        # it can be requested again
        await focus(pilot)
        await pilot.press("home", "home")
        assert pilot.session.commands == [("go_to_step", 0)]
        await frame(pilot, Refused("step", "cancelled"), step(36))
        await pilot.press("home")
        assert pilot.session.commands == [("go_to_step", 0)] * 2

        # the reason is reported
        await frame(pilot, Refused("step", "going to step 3: cancelled by the next command"))
        assert "Going to step 3: cancelled by the next command" in toasts(pilot)

        # in a chart, enter goes to its cursor
        pilot.session.commands.clear()
        await pilot.press("1", "enter")
        assert pilot.session.commands == []
        pilot.app.screen.query_one(Charts).cursor = 12
        await pilot.pause()
        await pilot.press("enter")
        assert pilot.session.commands == [("go_to_step", 12)]


async def test_before_the_first_step_no_step_can_be_requested():
    async with screen(*run(0)) as pilot:
        await focus(pilot)
        await pilot.press("home", "left", "end")
        await pilot.mouse_down(TimelineBar, offset=(30, 0))
        assert pilot.session.commands == []


async def test_the_form_follows_the_timeline_and_pending_settings_stay_pending():
    async with screen(config=BEFORE) as pilot:
        # the form shows the settings that were in force there
        await frame(pilot, back(10))
        assert pilot.app.screen.query_one("#field-learning_rate Input").value == "0.01"
        await frame(pilot, back(30, BEFORE.replace(learning_rate=0.001)))
        assert pilot.app.screen.query_one("#field-learning_rate Input").value == "0.001"

        # pending settings stay pending
        await write(pilot, "hidden", "5", "enter")
        await frame(pilot, back(10))
        assert pilot.app.screen.draft.wanted.hidden == (5,)
        assert pilot.app.screen.draft.wanted.learning_rate == 0.01


async def test_branches_are_named_marked_and_listed_with_what_was_changed_and_one_is_chosen():
    async with screen() as pilot:
        # named, and the charts keep the other one
        went, change = forked()
        await frame(pilot, back(10), went, change, *map(step, range(11, 16)))
        assert "branch 2 of 2" in line(pilot)
        assert "learning rate 0.001 ■" in text(pilot)  # at the end of its curve

        # listed, and left without a choice
        for key in ("escape", "q", "y"):
            await pilot.press("y")
            await pilot.pause()
            assert len(pilot.app.screen_stack) == 2
            await pilot.press(key)
            await pilot.pause()
            assert (len(pilot.app.screen_stack), pilot.session.commands) == (1, []), key
        await pilot.press("y")
        await pilot.pause()
        listed = text(pilot)
        assert "  1  to step 35, validation accuracy" in listed
        assert "learning rate 0.01 → 0.001 after step 20" in listed
        assert "● 2  from step 10 of branch 1 to step 15" in listed
        assert "learning rate 0.01 → 0.05 after step 10" in listed
        await pilot.press("up", "enter")
        await pilot.pause()
        assert pilot.session.commands == [("switch_branch", 0)]

        # at the end, and the fork is marked until the run goes back to before it
        await frame(pilot, *map(step, range(16, 36)))
        assert "step 35 ━" in line(pilot)
        assert line(pilot).count("┳") == 1
        await frame(pilot, back(5))
        assert "┳" not in line(pilot)


async def test_the_list_of_branches_follows_the_run_and_keeps_the_chosen_line():
    async with screen(*run(35), *forked()) as pilot:
        await pilot.press("y", "up")
        await pilot.pause()
        assert "to step 10" in text(pilot)

        async def happened(*events):
            pilot.session.events += events
            pilot.app.screen_stack[0].fetch()
            await pilot.pause()

        await happened(PhaseChanged(Phase.RUNNING), step(11), step(12))
        assert "to step 12" in text(pilot)
        assert "to step 10" not in text(pilot)
        assert pilot.app.screen.query_one("OptionList").highlighted == 0
        new_run = Branch(0, None, 0, 0, ())
        await happened(canned.run_started(), RunMoved(0, None, BEFORE, 0, (new_run,)))
        assert pilot.app.screen.query_one("OptionList").option_count == 1


@pytest.mark.parametrize(
    "sizes", [((120, 40), (80, 24), (50, 16), (200, 60)), ((20, 6), (80, 24))], ids=str
)
async def test_any_window_shows_a_run_that_went_back(sizes):
    async with screen(size=sizes[0]) as pilot:
        for size in sizes:
            await pilot.resize_terminal(*size)
            await frame(pilot, *run())
            went, change = forked()
            await frame(pilot, back(10), went, change, step(11))
            await pilot.press("w", "l", "y", "escape")
            await pilot.resize_terminal(size[0] + 7, size[1] + 3)
            await frame(pilot, back(0))


async def test_a_finished_run_can_go_back_and_run_again():
    async with screen(*run(), PhaseChanged(Phase.FINISHED)) as pilot:
        # to a step that lies behind
        await pilot.press("g", *"12", "enter")
        await pilot.press("g", *"99", "enter", "escape")  # beyond the run
        assert pilot.session.commands == [("go_to_goal", Goal("step", 12))]

        # to an accuracy, before the screen knows that the run is back
        await pilot.press("g", *"90%", "enter")
        assert pilot.session.commands[1:] == [("go_to_goal", Goal("accuracy", 0.9))]

        # to an epoch that lies behind
        pilot.session.commands.clear()
        await pilot.press("g", *"epoch 1", "enter")
        assert pilot.session.commands == [("go_to_goal", Goal("epoch", 1))]

        # back by a key, and run again
        pilot.session.commands.clear()
        await pilot.press("b")
        await frame(pilot, back(34), PhaseChanged(Phase.PAUSED))
        await pilot.press("space")
        assert pilot.session.commands == [("step_back", 1), ("toggle",)]
