"""The runs screen: the table of kept runs, live, and what can be done with one."""

import asyncio
import random
import re
import shutil
import sys
import time
from contextlib import asynccontextmanager

import pytest
from canned import CannedSession, frame, run, screen, text, toasts, until
from run_files import dead_owner, living_owner, train_run, write_run
from test_monkey import caught_up, click, press
from textual.binding import Binding
from textual.events import Key
from textual.widgets import Input, Static

from core.config.config import Config
from core.errors import RunError
from core.events import Change, Kept
from core.export.command import as_command
from core.runs.owner import this_program
from core.runs.run import Run
from core.runs.summary import RunList, summarize
from core.runs.trash import Trash
from tui.app import FashionApp
from tui.screens.runs.columns import columns, fitting, ordered
from tui.screens.runs.compare import CompareScreen
from tui.screens.runs.details import invitation
from tui.screens.runs.faults import Faults
from tui.screens.runs.images import PairImages
from tui.screens.runs.pair import PairScreen
from tui.screens.runs.prompt import Confirm, Prompt
from tui.screens.runs.screen import RunsScreen
from tui.screens.runs.table import RunTable
from tui.screens.training.screen import TrainingScreen

ADAM = {"best_accuracy": 0.884, "best_epochs": 3.2, "last_accuracy": 0.881}
SGD = {"best_accuracy": 0.801, "best_epochs": 1.0, "last_accuracy": 0.799}


def write_three(directory):
    """Three runs, the latest first: eager-crane, swift-otter, wise-panda."""
    write_run(directory, "eager-crane", age=1, updated=1.7e9)
    write_run(directory, "swift-otter", age=2, step=2150, seconds=10.0, epochs=4.2, **ADAM)
    write_run(
        directory,
        "wise-panda",
        age=3,
        updated=1.4e9,
        step=900,
        config={"optimizer": "sgd"},
        **SGD,
    )


@asynccontextmanager
async def opened(directory, count=3, size=(120, 40)):
    """The runs screen with all runs of a directory."""
    async with screen(size=size, is_covered=True) as pilot:
        pilot.session.runs = directory
        await open_it(pilot, count)
        yield pilot


async def open_it(pilot, count=3):
    await pilot.press("R")
    await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen))
    pilot.runs = pilot.app.screen
    pilot.table = pilot.runs.query_one(RunTable)
    await until(pilot, lambda: len(pilot.table.runs) == count and pilot.runs._loaded)
    await pilot.pause()


def names(pilot):
    return [run.name for run in pilot.table.runs]


def details(pilot):
    return str(pilot.app.screen.query_one("#run-details", Static).content)


async def test_it_lists_the_runs_with_results_the_latest_first_and_enter_goes_on_with_one(tmp_path):
    write_three(tmp_path)
    async with opened(tmp_path) as pilot:
        assert names(pilot) == ["eager-crane", "swift-otter", "wise-panda"]
        shown = text(pilot)
        [line] = [line for line in shown.splitlines() if " swift-otter " in line and "│" in line]
        for value in ("paused", "88.40%", " 4 ", "88.10%", "2,150", "128,64", "adam"):
            assert f" {value} " in line
        assert "optimizer" in shown  # it differs
        assert "momentum" not in shown
        await pilot.press("down")
        assert "best validation accuracy 88.40% in epoch 4, last 88.10%" in details(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
        assert pilot.session.commands == [("resume", tmp_path / "swift-otter.run")]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text here")
async def test_a_name_that_is_no_printable_text_is_listed_with_the_others(tmp_path):
    tmp_path /= "d\udcffir"
    write_three(tmp_path)
    for name in ("caf\udce9", "\x1b]0;x\x07\u202e"):
        shutil.copy(tmp_path / "swift-otter.run", tmp_path / f"{name}.run")
    (tmp_path / "bad\udce9.run").write_text("not a run")
    async with opened(tmp_path, 5) as pilot:
        assert "caf\N{REPLACEMENT CHARACTER}" in names(pilot)
        assert str(pilot.runs.query_one(Faults).render()).startswith(
            "! bad\N{REPLACEMENT CHARACTER}"
        )
        assert all(line.isprintable() for line in text(pilot).splitlines())
        assert all(map(str.isprintable, names(pilot)))
        pilot.app.notify("caf\udce9\nis open", title="a\x1b")
        await pilot.pause()
        assert toasts(pilot)[-1] == "caf\N{REPLACEMENT CHARACTER}\nis open"
        logged = [line for text in pilot.app.journal.lines for line in text.splitlines()]
        assert any("bad\N{REPLACEMENT CHARACTER}.run" in line for line in logged)
        assert all(map(str.isprintable, logged))


async def test_keys_and_columns_are_shown_as_far_as_there_is_room(tmp_path):
    write_three(tmp_path)
    named = {"*": "* Star", "r": "r Rename", "n": "n Note", "d": "d New run like it"}
    named |= {"D": "Del Delete", "u": "u Undo delete", "e": "e Export"}
    async with opened(tmp_path, size=(80, 24)) as pilot:
        for width, hints in ((80, "*"), (120, "*rnd"), (200, "*rndDue")):
            await pilot.resize_terminal(width, 24)
            line = text(pilot).splitlines()[-1]
            assert line.startswith(" Enter continue │ space Mark  c Compare  / Filter"), width
            assert line.rstrip().endswith(" esc Close  ? Help"), width
            assert line.count("Close") == 1, width
            assert all(named[key] in line for key in hints), width
            if width == 80:
                assert re.search("best valid. .*last", text(pilot).splitlines()[1]), width
                hidden = r"sorted by last trained +\d+ more columns in a wider window"
                assert re.search(hidden, text(pilot))
        assert "more columns" not in text(pilot)


async def test_all_that_is_said_about_a_run_is_on_the_screen(tmp_path):
    results = ADAM | {"test_accuracy": 0.87, "step": 2150, "seconds": 10.0, "epochs": 4.2}
    config = {"optimizer": "sgd", "dropout": 0.1, "seed": 7}
    write_run(tmp_path, "swift-otter", notes="a note", config=config, **results)
    async with opened(tmp_path, 1, (80, 24)) as pilot:
        for size in ((80, 24), (110, 30), (120, 40)):
            await pilot.resize_terminal(*size)
            shown = " ".join(text(pilot).split())
            for sentence in details(pilot).splitlines():
                assert " ".join(sentence.split()) in shown, size


async def test_without_runs_it_says_so(tmp_path):
    async with opened(tmp_path, 0) as pilot:
        await until(pilot, lambda: "No kept runs yet" in text(pilot))
        for key in ("space", "c", "s", "o", "asterisk", "r", "n", "d", "delete", "enter", "u"):
            await pilot.press(key)
        assert pilot.app.screen is pilot.runs


async def test_without_a_directory_it_says_why_and_the_run_has_no_name_to_change():
    async with screen() as pilot:
        await pilot.press("R")
        assert toasts(pilot) == ["This program keeps no runs: it was started with --no-keep."]
        commands = {c.title: c for c in pilot.app.get_system_commands(pilot.app.screen)}
        commands["Rename this run"].callback()
        await until(pilot, lambda: "This run has no file." in "".join(toasts(pilot)))


async def test_a_key_or_a_click_sorts_by_a_column(tmp_path):
    write_three(tmp_path)
    async with opened(tmp_path) as pilot:
        for _ in range(20):
            if pilot.table.order.sort_key == "best":
                break
            await pilot.press("s")
        assert names(pilot) == ["swift-otter", "wise-panda", "eager-crane"]
        await pilot.press("o")  # what is not known stays last
        assert names(pilot) == ["wise-panda", "swift-otter", "eager-crane"]
        await pilot.click(RunTable, offset=(8, 2))
        assert (pilot.table.order.sort_key, names(pilot)[0]) == ("name", "eager-crane")
        await pilot.click(RunTable, offset=(8, 2))
        assert names(pilot)[0] == "wise-panda"


async def test_the_filter_selects_runs_and_explains_what_it_does_not_understand(tmp_path):
    write_three(tmp_path)
    async with opened(tmp_path) as pilot:
        await pilot.press("slash", *"adam acc>88%")
        await until(pilot, lambda: names(pilot) == ["swift-otter"])
        assert "Runs  1 of 3" in text(pilot)
        field = pilot.runs.query_one(Input)
        field.value = "colour>3"
        await pilot.pause()
        assert "filter colour>3: colour is not a column or setting; enter" in details(pilot)
        assert names(pilot) == ["swift-otter"]
        field.value = "nothing-like-it"
        await until(pilot, lambda: names(pilot) == [])
        assert "No runs match the filter" in details(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: len(names(pilot)) == 3)
        assert pilot.app.focused is pilot.table


async def test_a_run_that_trains_elsewhere_moves_and_the_cursor_stays(tmp_path):
    write_three(tmp_path)
    async with opened(tmp_path) as pilot:
        await pilot.press("end")
        assert pilot.table.selected.name == "wise-panda"
        write_run(
            tmp_path,
            "swift-otter",
            updated=1.8e9,
            step=2300,
            phase="running",
            owner=living_owner(),
            **ADAM,
        )
        write_run(tmp_path, "noble-koala", updated=1.9e9)
        await until(pilot, lambda: len(pilot.table.runs) == 4)
        assert names(pilot)[:2] == ["noble-koala", "swift-otter"]
        assert pilot.table.selected.name == "wise-panda"
        assert "2,300" in text(pilot)
        await pilot.press("up", "up")
        assert pilot.table.selected.state == "running"
        assert "open in process 7 on far-away" in details(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
        assert pilot.session.commands == [("resume", tmp_path / "swift-otter.run")]


async def test_a_run_whose_program_was_killed_is_interrupted(tmp_path):
    write_run(tmp_path, "a", phase="running", owner=dead_owner())
    async with opened(tmp_path, 1) as pilot:
        assert "interrupted" in text(pilot)


async def test_keys_typed_at_once_wait_for_the_list(tmp_path, monkeypatch):
    write_three(tmp_path)
    refresh = RunList.refresh

    def refresh_slowly(self, limit=None):
        time.sleep(0.1)
        return refresh(self, limit)

    monkeypatch.setattr(RunList, "refresh", refresh_slowly)
    async with screen() as pilot:
        pilot.session.runs = tmp_path
        for key, character in (("R", "R"), ("enter", "\r"), ("space", " ")):
            pilot.app.post_message(Key(key, character))
        await until(pilot, lambda: len(pilot.session.commands) == 2)
        assert isinstance(pilot.app.screen, TrainingScreen)
        assert pilot.session.commands == [("resume", tmp_path / "eager-crane.run"), ("toggle",)]


async def test_the_cursor_starts_at_the_run_that_the_program_names(tmp_path):
    write_run(tmp_path, "mine", age=0, updated=1.9e9, owner=this_program().as_dict())
    write_run(tmp_path, "swift-otter", age=1, step=2150, **ADAM)
    async with opened(tmp_path, 2) as pilot:
        assert pilot.table.selected.name == "swift-otter"
        await pilot.press("up", "delete")
        assert toasts(pilot)[-1] == "The run mine is on the screen and cannot be deleted."


async def test_a_new_run_takes_over_the_settings(tmp_path):
    write_run(
        tmp_path,
        "wise-panda",
        step=9,
        config={"optimizer": "sgd"},
        changes=[Change(5, "learning_rate", 0.003, 0.01)],
    )
    async with opened(tmp_path, 1) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
        config = Config(optimizer="sgd", learning_rate=0.01)  # with which the run ended
        assert toasts(pilot)[-1] == "A new run with the settings that wise-panda ended with."
        assert pilot.session.commands == [("restart", config)]
        assert pilot.app.screen.draft.wanted == config
        await pilot.press("ctrl+z")
        assert pilot.app.screen.draft.wanted == Config()


async def test_stars_names_and_notes_are_written_to_the_file(tmp_path):
    write_three(tmp_path)
    async with opened(tmp_path) as pilot:
        await pilot.press("asterisk")
        await until(pilot, lambda: summarize(tmp_path / "eager-crane.run").star)
        await until(pilot, lambda: "★  eager-crane" in text(pilot))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, Prompt))
        await pilot.press(*"wide net", "enter")
        await until(pilot, lambda: "Note: wide net" in text(pilot))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(pilot.app.screen, Prompt))
        for wrong, reason in (("a/b", "Enter up to 80"), ("wise-panda", "There is a run wise")):
            pilot.app.screen.query_one(Input).value = wrong
            await pilot.press("enter")
            await until(pilot, lambda reason=reason: reason in text(pilot))
        pilot.app.screen.query_one(Input).value = "wide"
        await pilot.press("enter")
        await until(pilot, lambda: "wide" in names(pilot))
        assert pilot.table.selected.name == "wide"
        found = summarize(tmp_path / "wide.run")
        assert (found.star, found.notes) == (True, "wide net")


async def test_a_deleted_run_can_be_restored_until_the_program_ends(tmp_path):
    write_three(tmp_path)
    content = (tmp_path / "eager-crane.run").read_bytes()
    async with opened(tmp_path) as pilot:
        for answer, left in (("n", 3), ("y", 2)):
            await pilot.press("delete")
            await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
            shown = " ".join(text(pilot).replace("│", " ").split())
            assert "You can restore it with u until you quit." in shown
            await pilot.press(answer)
            await until(pilot, lambda left=left: len(names(pilot)) == left)
        assert not (tmp_path / "eager-crane.run").exists()
        await pilot.press("u")
        await until(pilot, lambda: len(names(pilot)) == 3)
        assert pilot.table.selected.name == "eager-crane"
        assert (tmp_path / "eager-crane.run").read_bytes() == content
        await pilot.press("u")
        await until(pilot, lambda: "No run was deleted" in toasts(pilot)[-1])


def test_the_trash_is_emptied_and_overwrites_no_run(tmp_path):
    trash = Trash()
    path = write_run(tmp_path, "a")
    trash.remove(path)
    write_run(tmp_path, "a", step=7)
    with pytest.raises(RunError, match="there is another run a now"):
        trash.restore()
    assert summarize(path).step == 7
    trash.empty()
    assert [file.name for file in tmp_path.iterdir()] == ["a.run"]
    assert trash.restore() is None
    open_run = write_run(tmp_path, "b", owner=living_owner())
    with pytest.raises(RunError, match="is open in another program"):
        trash.remove(open_run)


async def test_a_file_that_is_no_run_is_counted_and_named_in_the_log(tmp_path):
    write_three(tmp_path)
    (tmp_path / "broken.run").write_bytes(b"nonsense" * 999)
    async with opened(tmp_path) as pilot:
        assert "! broken.run " in text(pilot)
        assert "file is not a database" in text(pilot)
        (tmp_path / "folder.run").mkdir()
        await until(pilot, lambda: "(and 1 more)" in text(pilot))
        assert len(names(pilot)) == 3
        assert any("broken.run" in line for line in pilot.app.journal.lines)


async def test_marks_are_given_to_at_most_six_runs(tmp_path):
    for number in range(8):
        write_run(tmp_path, f"run-{number}", age=number, updated=1.5e9 - number)
    async with opened(tmp_path, 8) as pilot:
        await pilot.press("c")
        assert "Mark the runs to compare first" in toasts(pilot)[-1]
        await pilot.press("home", *["space"] * 7)
        assert sorted(pilot.runs._arrangement.marks.values()) == [0, 1, 2, 3, 4, 5]
        assert "6 runs are marked" in toasts(pilot)[-1]
        await pilot.press("home", "space", "end", "space")
        assert pilot.runs._arrangement.marks[tmp_path / "run-7.run"] == 0


async def test_marks_and_order_are_as_they_were_when_it_opens_again(tmp_path):
    write_three(tmp_path)
    async with opened(tmp_path) as pilot:
        await pilot.press("space", "s", "o", "escape")
        key, down, order = pilot.table.order.sort_key, pilot.table.order.down, names(pilot)
        await pilot.press("R")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen))
        table = pilot.table = pilot.app.screen.query_one(RunTable)
        await until(pilot, lambda: table.runs)
        assert (table.order.sort_key, table.order.down, names(pilot)) == (key, down, order)
        assert "1 marked" in table.border_subtitle


async def test_it_counts_the_marks_also_those_that_the_filter_hides(tmp_path):
    write_three(tmp_path)
    async with opened(tmp_path, size=(80, 24)) as pilot:
        assert "marked" not in text(pilot)
        await pilot.press("home", "space", "space", "space")
        assert "3 marked   sorted by last trained" in text(pilot)
        pilot.runs.query_one(Input).value = "sgd"
        await until(pilot, lambda: "3 marked (2 not shown)   sorted" in text(pilot))
        await pilot.press("U")
        assert "marked" not in text(pilot)
        assert not pilot.runs._arrangement.marks
        await pilot.press("U")
        assert toasts(pilot)[-1] == "No run is marked."


async def test_space_that_is_held_down_marks_the_last_run_and_does_not_unmark_it(
    tmp_path, monkeypatch
):
    clock = [100.0]
    monkeypatch.setattr("tui.screens.runs.screen.monotonic", lambda: clock[0])
    write_three(tmp_path)
    last = tmp_path / "wise-panda.run"
    async with opened(tmp_path) as pilot:
        for _ in range(6):
            clock[0] += 0.03
            await pilot.press("space")
        assert [path.stem for path in pilot.runs._arrangement.marks] == names(pilot)
        assert pilot.table.selected.path == last
        clock[0] += 1
        await pilot.press("space")
        assert last not in pilot.runs._arrangement.marks
        clock[0] += 1
        await pilot.press("space", "up", "space")  # another run may be marked at once
        assert last in pilot.runs._arrangement.marks
        assert len(pilot.runs._arrangement.marks) == 2


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_only_whole_columns_are_shown_and_the_one_that_sorts_is_among_them(tmp_path, width):
    write_three(tmp_path)
    runs = [summarize(path) for path in sorted(tmp_path.glob("*.run"))]
    choice = columns(runs)
    for sort in choice:
        layout = fitting(choice, runs, width, sort.key)
        assert {"name", sort.key} <= {column.key for column, _ in layout}
        assert sum(cells + 2 for _, cells in layout) <= max(width, 50)
        for column, cells in layout:
            assert max(len(column.text(run)) for run in runs) <= cells
        for down in (True, False):
            values = [sort.value(run) for run in ordered(runs, sort, down)]
            known = [value for value in values if value is not None]
            assert values == sorted(known, reverse=down) + [None] * (len(values) - len(known))


def test_a_setting_that_was_changed_by_hand_is_marked(tmp_path):
    change = Change(4, "learning_rate", 0.001, 0.003)
    run = summarize(write_run(tmp_path, "a", step=9, changes=[change]))
    [column] = [column for column in columns([run]) if column.key == "learning_rate"]
    assert column.text(run) == "0.001*"


def test_the_program_names_the_latest_run_if_it_can_continue(tmp_path):
    assert invitation(tmp_path) == ""
    write_run(tmp_path, "older", age=9, step=3)
    write_run(tmp_path, "swift-otter", step=2150, **ADAM | {"last_accuracy": 0.884})
    line = "swift-otter, 88.4% after 2,150 steps: R, then Enter, continues it"
    assert invitation(tmp_path) == line
    write_run(tmp_path, "swift-otter", step=2150, phase="running", owner=dead_owner())
    assert "swift-otter after 2,150 steps" in invitation(tmp_path)
    write_run(tmp_path, "swift-otter", step=2150, phase="running", owner=living_owner())
    assert invitation(tmp_path) == ""
    write_run(tmp_path, "swift-otter", phase="finished")
    assert invitation(tmp_path) == ""
    (tmp_path / "broken.run").write_bytes(b"nonsense")
    assert invitation(tmp_path) == ""


@pytest.mark.parametrize("resumed", [False, True])
async def test_it_does_so_once_at_the_start_unless_a_run_is_resumed(tmp_path, resumed):
    write_run(tmp_path, "swift-otter", step=2150, **ADAM)
    session = CannedSession(*run())
    session.runs, session.is_resumed = tmp_path, resumed
    app = FashionApp(session, Config(), "default")
    async with app.run_test(size=(80, 24)) as pilot:
        await frame(pilot)
        if not resumed:
            await until(pilot, lambda: "swift-otter, 88.1% after" in "".join(toasts(pilot)))
        await pilot.pause(0.1)
        assert len(toasts(pilot)) == (not resumed)


async def test_the_help_of_this_screen_names_its_keys(tmp_path):
    write_three(tmp_path)
    async with opened(tmp_path, size=(80, 60)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: "Help: Runs" in text(pilot))
        for words in ("give the run a star", "compare the marked runs", "Every run that trained"):
            assert words in text(pilot)
        assert "learning rate strip" not in text(pilot)
        assert "finish epoch" not in text(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is pilot.runs)


async def test_the_run_on_the_screen_is_renamed_by_its_keeper(tmp_path):
    write_run(tmp_path, "mine", owner=this_program().as_dict())
    async with opened(tmp_path, 1) as pilot:
        await pilot.press("r")
        await until(pilot, lambda: isinstance(pilot.app.screen, Prompt))
        pilot.app.screen.query_one(Input).value = "ours"
        await pilot.press("enter")
        await until(pilot, lambda: pilot.session.commands == [("rename", "ours")])
        assert (tmp_path / "mine.run").exists()


async def test_the_main_screen_shows_the_name_of_its_run(tmp_path):
    path = write_run(tmp_path, "swift-otter")
    async with screen(*run(), Kept("swift-otter", path), size=(80, 30)) as pilot:
        for width in (80, 200, 120):
            await pilot.resize_terminal(width, 30)
            line, numbers = text(pilot).splitlines()[:2]
            assert "paused  swift-otter  epoch 4/10" in line
            assert "step 35" in line
            assert "validation" in numbers
        await frame(pilot, *run(), Kept("", note="not kept"))
        assert "not kept" in text(pilot).splitlines()[0]
        await frame(pilot, *run(), Kept("swift-otter", None, "read-only"))
        for width, shown in ((120, "swift-otter (read-only)"), (60, "read-only")):
            await pilot.resize_terminal(width, 30)
            assert shown in text(pilot).splitlines()[0]


async def test_the_palette_changes_the_run_on_the_screen(tmp_path):
    path = write_run(tmp_path, "swift-otter", owner=this_program().as_dict())
    async with screen(*run(), Kept("swift-otter", path)) as pilot:
        commands = {c.title: c for c in pilot.app.get_system_commands(pilot.app.screen)}
        commands["Star this run"].callback()
        await until(pilot, lambda: summarize(path).star)
        await until(pilot, lambda: "Kept in swift-otter.run." in toasts(pilot))
        for title, entered in (("Note on this run", "wide"), ("Rename this run", "wide-net")):
            commands[title].callback()
            await until(pilot, lambda: isinstance(pilot.app.screen, Prompt))
            pilot.app.screen.query_one(Input).value = entered
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
        await until(pilot, lambda: summarize(path).notes == "wide")
        assert pilot.session.commands == [("rename", "wide-net")]
        commands["Copy this run as a command"].callback()
        await until(pilot, lambda: "fashion-tui" in pilot.app.clipboard)


async def test_hostile_names_and_notes_are_shown_as_text(tmp_path):
    write_run(tmp_path, "[b]bold[@click=app.quit]x", notes="[/] \x1b[31mred \x1b]0;t\x07")
    async with opened(tmp_path, 1) as pilot:
        assert "[b]bold[@click=app.quit]" in text(pilot)
        assert "\x1b" not in text(pilot)
        assert "Note: [/] " in details(pilot)


async def test_it_survives_any_window_and_any_keys(tmp_path):
    write_three(tmp_path)
    async with screen(size=(1, 1), is_covered=True) as pilot:
        pilot.session.runs = tmp_path
        for size in ((1, 1), (20, 8), (50, 16), (80, 24), (200, 60)):
            await pilot.resize_terminal(*size)
            await open_it(pilot)
            for key in ("s", "o", "down", "space", "space", "slash", "x", "escape", "n", "escape"):
                await pilot.press(key)
            await pilot.resize_terminal(100, 30)
            await pilot.press("delete", "escape", "pagedown", "home", "question_mark", "escape")
            await until(pilot, lambda: pilot.app.screen is pilot.runs)
            assert len(names(pilot)) == 3, size
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))


async def test_the_list_is_read_once_and_opens_at_once_the_next_time(tmp_path, monkeypatch):
    for number in range(60):
        write_run(tmp_path, f"run-{number}", age=number, updated=1.5e9 - number)
    async with opened(tmp_path, 60) as pilot:
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
        monkeypatch.setattr("core.runs.summary.summarize", None)  # no file is read again
        await pilot.press("R")
        await until(
            pilot,
            lambda: (
                isinstance(pilot.app.screen, RunsScreen)
                and len(pilot.app.screen.query_one(RunTable).runs) == 60
            ),
        )


def test_a_limited_look_at_the_directory_reads_the_latest_files_first(tmp_path):
    for number in range(9):
        write_run(tmp_path, f"run-{number}", age=number)
    runs = RunList(tmp_path)
    assert runs.refresh(4)
    assert [run.name for run in runs.runs] == ["run-0", "run-1", "run-2", "run-3"]
    assert runs.refresh()
    assert len(runs.runs) == 9
    write_run(tmp_path, "run-5", age=-1, step=5)
    write_run(tmp_path, "run-7", age=-2, step=7)
    assert runs.refresh(1)
    assert {run.name: run.step for run in runs.runs if run.step} == {"run-7": 7}
    assert runs.refresh()
    assert not runs.refresh()


KINDS = (RunsScreen, RunTable, CompareScreen, PairImages, PairScreen, Prompt, Confirm)


@pytest.mark.parametrize("seed", range(3))
async def test_no_burst_of_random_keys_and_clicks_breaks_it(
    tmp_path, tiny_directory, monkeypatch, seed
):
    monkeypatch.chdir(tmp_path)  # keys may export a run to anywhere
    rng = random.Random(seed)
    config = Config(hidden=(4,), batch_size=40, validation=30, epochs=2)
    write_three(tmp_path)
    for other in range(2):
        train_run(tmp_path, tiny_directory, config.replace(seed=other), 6)
    keys = [binding.key for kind in KINDS for binding in Binding.make_bindings(kind.BINDINGS)]
    keys = [*sorted({*keys} - {"ctrl+c", "q"}), *"abz1>/", "tab", "down", "space", "c"]
    async with opened(tmp_path, 5, size=rng.choice([(120, 40), (80, 24)])) as pilot:
        app = pilot.app
        for _ in range(120):
            if isinstance(app.screen, TrainingScreen):
                press(app, "R")
            if rng.random() < 0.8:
                press(app, rng.choice(keys))
            else:
                click(app, rng.randrange(app.size.width), rng.randrange(app.size.height - 1))
            await asyncio.sleep(rng.choice((0, 0, 0.01, 0.1)))
        await caught_up(app)
        for _ in range(6):
            await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen | RunsScreen))
        assert app.is_running


async def test_a_fault_in_a_thread_is_reported_as_others_are(tmp_path, monkeypatch, faults):
    def fail(directory, limit=None):
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(RunList, "refresh", fail)
    async with screen() as pilot:
        pilot.session.runs = tmp_path
        await pilot.press("R")
        await until(pilot, lambda: faults)
        assert isinstance(faults[0], ZeroDivisionError)
        assert "ZeroDivisionError: a fault" in toasts(pilot)[0]
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))


async def test_a_run_is_exported_and_copied_as_a_command(tmp_path, tiny_directory):
    config = Config(hidden=(4,), batch_size=32, validation=30)
    path, _ = train_run(tmp_path / "runs", tiny_directory, config, 12)
    async with opened(tmp_path / "runs", 1) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, Prompt))
        pilot.app.screen.query_one(Input).value = " "
        await pilot.press("enter")
        assert "Enter a directory" in text(pilot)
        pilot.app.screen.query_one(Input).value = f"{tmp_path}/metrics.csv"
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "metrics.csv").exists())
        await until(pilot, lambda: any("Wrote" in message for message in toasts(pilot)))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, Prompt))
        pilot.app.screen.query_one(Input).value = f"{tmp_path}/metrics.csv"
        await pilot.press("enter")
        await until(pilot, lambda: "another" in text(pilot))  # the path may break the sentence
        assert "exists;" in text(pilot)
        await pilot.press("d", "escape")  # a letter belongs to the dialog, which is still open
        assert pilot.app.screen is pilot.runs
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.clipboard)
        with Run(path) as run:
            assert pilot.app.clipboard == as_command(run)
        await until(pilot, lambda: any("add --until 12 to stop there." in t for t in toasts(pilot)))
