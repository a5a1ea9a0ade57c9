"""What the program says of a run that it keeps: at a restart, and after it has quit."""

from pathlib import Path

from canned import frame, screen, toasts
from terminal import Terminal
from test_monkey import COMMAND

from core.directories import default_directory
from core.events import Kept
from tui.launch import resume_line


async def test_a_restart_says_that_the_last_run_is_kept():
    async with screen() as pilot:
        await frame(pilot, Kept("swift-otter", Path("runs/swift-otter.run")))
        await pilot.press("r")
        assert toasts(pilot) == ["swift-otter is kept; R opens the list."]


async def test_a_restart_names_the_directory_of_a_run_that_was_resumed_from_elsewhere(tmp_path):
    async with screen() as pilot:
        pilot.session.runs = tmp_path
        for place, where in (
            (tmp_path, "; R opens the list"),
            (tmp_path / "b", f" in {tmp_path}/b"),
        ):
            await frame(pilot, Kept("swift-otter", place / "swift-otter.run"))
            pilot.app.clear_notifications()
            await pilot.press("r")
            assert toasts(pilot) == [f"swift-otter is kept{where}."]


async def test_a_restart_of_a_run_without_a_file_says_nothing():
    async with screen() as pilot:
        await frame(pilot, Kept(""))
        await pilot.press("r")
        assert toasts(pilot) == []


def test_the_command_names_the_run_or_its_file():
    known, foreign = default_directory() / "swift-otter.run", Path("/my runs/swift-otter.run")
    assert resume_line(known).endswith("To continue: fashion-tui --resume swift-otter")
    assert resume_line(foreign).endswith("--resume '/my runs/swift-otter.run'")
    odd = default_directory() / "caf\udce9.run"
    assert resume_line(odd) == (
        "caf\N{REPLACEMENT CHARACTER} is kept. To continue: fashion-tui --resume $'caf\\351'"
    )


def test_after_it_has_quit_the_terminal_shows_how_to_continue(tiny_directory, tmp_path):
    options = ("--data", str(tiny_directory), "--validation", "20", "--batch-size", "10")
    terminal = Terminal([COMMAND, *options, "--runs", str(tmp_path)], (120, 40))
    try:
        terminal.until(r"paused +epoch 0/")
        terminal.press("s")
        terminal.until(r"step 1\b")
        terminal.press("q")
        assert terminal.wait() == 0
        (path,) = tmp_path.glob("*.run")
        text = terminal.output.decode()
        assert f"{path.stem} is kept. To continue: fashion-tui --resume {path}" in text
    finally:
        terminal.close()
