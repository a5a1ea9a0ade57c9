"""An exception in any part of the screen is reported, and ends neither the app nor the run."""

import subprocess
import sys

import pytest
from canned import CannedSession, frame, screen, text, toasts, until
from textual.widgets import Static

from core.config.config import Config
from tui.app import FashionApp
from tui.panes.confusion import Confusion
from tui.screens.training.screen import TrainingScreen


def fail(*arguments, **options):
    raise RuntimeError("broken [/] part")


def reported(pilot):
    log = "\n".join(pilot.app.journal.lines)
    return (
        any("RuntimeError: broken [/] part" in toast for toast in toasts(pilot))
        and "Traceback (most recent call last)" in log
        and "in fail" in log
    )


async def answers(pilot):
    """Whether keys still do what they should."""
    await pilot.press("s", "less_than_sign")
    commands = pilot.session.commands
    await until(pilot, lambda: {("step",), ("change_pace", -1)} <= set(commands))
    return pilot.app.is_running


async def test_an_exception_in_an_action_is_reported(monkeypatch, faults):
    monkeypatch.setattr(TrainingScreen, "action_score", fail)
    async with screen() as pilot:
        await pilot.press("t")
        await until(pilot, lambda: reported(pilot))
        assert await answers(pilot)
    assert faults


async def test_an_exception_in_a_pane_that_draws_leaves_the_others(monkeypatch, faults):
    monkeypatch.setattr(Confusion, "draw", fail)
    async with screen() as pilot:
        await until(pilot, lambda: reported(pilot))
        for _ in range(5):
            await frame(pilot)
        assert "Loss" in text(pilot)
        assert await answers(pilot)
        assert len([toast for toast in toasts(pilot) if "broken" in toast]) <= 3
    assert faults


@pytest.mark.parametrize("start", ["set_timer", "call_later", "call_after_refresh", "run_worker"])
async def test_an_exception_in_a_callback_is_reported(start, faults):
    async def fail_later():
        fail()

    async with screen() as pilot:
        match start:
            case "set_timer":
                pilot.app.screen.set_timer(0.01, fail)
            case "run_worker":
                pilot.app.screen.run_worker(fail_later())
            case _:
                getattr(pilot.app.screen, start)(fail)
        await until(pilot, lambda: reported(pilot))
        assert await answers(pilot)
    assert faults


async def test_a_widget_that_cannot_be_composed_or_rendered_is_reported(monkeypatch, faults):
    class Broken(Static):
        compose = on_mount = fail

    async with screen() as pilot:
        await pilot.app.screen.mount(Broken())
        await until(pilot, lambda: reported(pilot))
        assert await answers(pilot)
    assert faults


async def test_an_exception_before_the_app_is_mounted_ends_it_with_code_1(monkeypatch, faults):
    monkeypatch.setattr(FashionApp, "on_mount", fail)
    app = FashionApp(CannedSession(), Config(), "default")
    with pytest.raises(RuntimeError):
        async with app.run_test():
            pass
    assert app.return_code == 1


def test_a_timer_that_begins_after_its_time_fires_at_once_and_does_not_loop(environment):
    program = """if True:
        import asyncio, time
        from textual.app import App
        from textual.notifications import Notification
        from textual.widgets._toast import Toast
        import tui.containment

        async def main():
            app = App()
            async with app.run_test() as pilot:
                late = Notification("late", timeout=0.01)
                time.sleep(0.05)
                assert late.time_left < 0
                await app.screen.mount(Toast(late))
                while app.screen.query(Toast):
                    await pilot.pause(0.01)

        asyncio.run(main())
    """
    subprocess.run([sys.executable, "-c", program], env=environment, timeout=60, check=True)
