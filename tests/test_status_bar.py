"""The line at the top: which figures fit, and that they stay in place."""

from dataclasses import replace

import pytest
from canned import run_started, step

from core.config.config import Config
from core.events import Phase, PhaseChanged
from core.history.history import History
from tui.panes.status_bar import figures

CONFIG = Config(epochs=100, schedule="one-cycle", learning_rate=0.003, batch_size=1)


def line(number, epoch, rate, speed, width):
    history = History()
    here = replace(step(1), step=number, epoch=epoch, learning_rate=rate)
    for event in (run_started(CONFIG), PhaseChanged(Phase.RUNNING), here):
        history.add(event)
    return "  ".join(figures(replace(history.snapshot(), speed=speed), width))


@pytest.mark.parametrize("width", [78, 100, 118, 200])
def test_figures_that_grow_do_not_move_the_others(width):
    early = line(9, 1, 0.00012, 99_999, width)
    late = line(1_000, 10, 0.0021, 100_001, width)
    assert len(early) == len(late)
    for word in ("epoch", "step", "images/s", "rate"):
        assert early.find(word) == late.find(word)


@pytest.mark.parametrize("width", range(20, 200, 3))
def test_the_learning_rate_never_stands_without_its_reason(width):
    text = line(1_000, 10, 3e-8, 100_001, width)
    assert len(text) <= width
    assert ("rate" in text) == ("<1% of 0.003" in text)


@pytest.mark.parametrize(("position", "share"), [(1, "0%"), (1075, "50%"), (2149, "99%")])
def test_the_share_is_that_of_the_epoch_and_100_percent_is_its_end(position, share):
    history = History()
    for event in (run_started(Config()), PhaseChanged(Phase.PAUSED)):
        history.add(event)
    history.add(replace(step(1), position=position, epoch_size=2150))
    [epoch] = [part for part in figures(history.snapshot(), 200) if part.startswith("epoch")]
    assert epoch.endswith(f" {share}")
