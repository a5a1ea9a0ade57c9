"""The clock of training stands still while the process is suspended."""

import pytest

from core.training import clock


@pytest.fixture
def moment(monkeypatch):
    """Sets what the computer's clock says."""
    times = [100.0]
    monkeypatch.setattr(clock, "perf_counter", lambda: times[0])
    monkeypatch.setattr(clock, "_state", (None, 0.0))
    return lambda time: times.__setitem__(0, time)


def test_a_pause_is_not_counted_whoever_of_both_threads_wakes_first(moment):
    start = clock.now()
    moment(101)
    clock.stop()
    moment(116)
    assert clock.now() - start == 1  # a step that the pause has interrupted ends
    clock.resume()
    moment(118)
    assert clock.now() - start == 3


def test_it_stops_and_goes_on_only_once(moment):
    start = clock.now()
    clock.stop()
    moment(105)
    clock.stop()  # suspended again in the background of the shell
    moment(110)
    clock.resume()
    clock.resume()
    moment(111)
    assert clock.now() - start == 1
