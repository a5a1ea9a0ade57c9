"""What is said of a run on a disk that is full and free in turns."""

import pytest

from core.runs import notices
from core.runs.notices import Notices

FULL, AGAIN = (
    "This run cannot be kept in /runs for now: the disk is full",
    "This run is kept again.",
)
DAY = 86_400


@pytest.fixture
def clock(monkeypatch):
    """The time in seconds, as a list of one number."""
    time = [1000.0]
    monkeypatch.setattr(notices, "monotonic", lambda: time[0])
    return time


def test_the_first_fault_and_its_end_are_said_once_and_at_once(clock):
    said = []
    told = Notices(said.append)
    for fault in ("", "", FULL, FULL, FULL, "", ""):
        told.note(fault)
    assert said == [FULL, AGAIN]


def test_a_state_that_changes_all_the_time_is_said_ever_more_rarely(clock):
    said = []
    told = Notices(said.append)
    for number in range(DAY // 5):  # for a day
        clock[0] += 5
        told.note(FULL if number % 3 else "")
    assert said[:4] == [FULL, AGAIN, FULL, AGAIN]
    assert len(said) < 20


def test_a_state_that_lasts_is_said_in_the_end(clock):
    said = []
    told = Notices(said.append)
    for fault in (FULL, "", FULL, "", FULL):
        told.note(fault)
    assert said == [FULL, AGAIN]
    clock[0] += DAY
    told.note(FULL)
    assert said == [FULL, AGAIN, FULL]


def test_a_fault_at_the_end_is_said(clock):
    said = []
    told = Notices(said.append)
    for fault in (FULL, "", FULL):
        told.note(fault)
    told.note(FULL, at_end=True)
    assert said == [FULL, AGAIN, FULL]
