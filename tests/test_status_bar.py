"""The line at the top: its figures."""

from dataclasses import replace

import pytest
from canned import run_started, step

from core.config.config import Config
from core.events import Phase, PhaseChanged
from core.history.history import History
from tui.panes.status_bar import figures


@pytest.mark.parametrize(("position", "share"), [(1, "0%"), (1075, "50%"), (2149, "99%")])
def test_the_share_is_that_of_the_epoch_and_100_percent_is_its_end(position, share):
    history = History()
    for event in (run_started(Config()), PhaseChanged(Phase.PAUSED)):
        history.add(event)
    history.add(replace(step(1), position=position, epoch_size=2150))
    [epoch] = [part for part in figures(history.snapshot(), 200) if part.startswith("epoch")]
    assert epoch.endswith(f" {share} of it")
