"""What the screen looks like, as SVG pictures: `pytest --snapshot-update` after a wanted change."""

import time
from pathlib import Path

import pytest
from canned import CannedSession, frame, run, until
from run_files import living_owner
from test_runs_screen import ADAM, write_run, write_three

from core.config.config import Config
from tui.app import FashionApp
from tui.screens.runs.table import RunTable


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
def test_the_screen_looks_as_before(snap_compare, size):
    app = FashionApp(CannedSession(*run()), Config(), "default")

    assert snap_compare(app, terminal_size=size, run_before=frame)


@pytest.fixture
def universal_time(monkeypatch):
    """The screen shows local times."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("universal_time")
def test_the_runs_screen_looks_as_before(snap_compare, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directory = Path("runs")
    write_three(directory)
    training = {"phase": "running", "owner": living_owner(), "step": 350, "epochs": 0.8}
    write_run(directory, "noble-koala", star=True, updated=1.6e9, **ADAM | training)
    session = CannedSession(*run())
    session.runs = directory
    app = FashionApp(session, Config(), "default")

    async def open_runs(pilot):
        await frame(pilot)
        await pilot.press("R")
        await until(
            pilot,
            lambda: (
                pilot.app.screen.query(RunTable)
                and len(pilot.app.screen.query_one(RunTable).runs) == 4
            ),
        )
        pilot.app.clear_notifications()
        await pilot.press("home", "space", "space")
        await pilot.pause()

    assert snap_compare(app, terminal_size=(120, 30), run_before=open_runs)
