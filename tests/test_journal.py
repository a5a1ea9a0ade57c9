"""The message log keeps the messages of a session, and nothing prints over the screen."""

import logging
import warnings

import canned
import pytest
from canned import CannedSession

from core.config.config import Config
from core.events import Phase, PhaseChanged, Refused
from tui.app import FashionApp
from tui.journal import Journal


@pytest.fixture
def journal():
    journal = Journal()
    journal.open()
    yield journal
    journal.close()


def test_warnings_and_log_records_of_libraries_are_kept_with_their_source(journal, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("too small a step", RuntimeWarning, stacklevel=1)
    logging.getLogger("asyncio").error("slow callback")
    assert any("too small a step" in line for line in journal.lines)
    assert any(line.endswith("asyncio: slow callback") for line in journal.lines)
    assert capsys.readouterr() == ("", "")


def test_only_the_last_lines_are_kept(journal):
    for number in range(2000):
        logging.getLogger("fashion-tui").info("line %d", number)
    assert len(journal.lines) == 500
    assert journal.lines[-1].endswith("line 1999")


def test_closing_it_restores_logging():
    before = logging.getLogger().handlers
    journal = Journal()
    journal.open()
    journal.close()
    assert logging.getLogger().handlers == before


async def test_the_log_shows_toasts_and_changes_of_settings():
    events = [
        *canned.run(),
        Refused("goal", "the run is past it"),
        PhaseChanged(Phase.FAILED, "Bang"),
    ]
    app = FashionApp(CannedSession(*events), Config(), "default")
    async with app.run_test(size=(120, 40)) as pilot:
        app.screen.fetch()
        await pilot.press("n")
        await pilot.pause()
        shown = "\n".join(s.text for s in app.screen._compositor.render_strips())
        assert "Message log" in shown
        for words in (
            "learning rate 0.01 → 0.001 after step 20",
            "The run is past it",
            "Failed: Bang",
        ):
            assert words in shown
        await pilot.press("escape")
        await pilot.pause()
        assert "Loss" in "\n".join(s.text for s in app.screen._compositor.render_strips())


async def test_an_empty_log_says_so():
    app = FashionApp(CannedSession(), Config(), "default")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("n")
        await pilot.pause()
        shown = "\n".join(s.text for s in app.screen._compositor.render_strips())
        assert "No messages yet." in shown
