"""A call after a delay comes, whatever the process goes through."""

import textual._time
from canned import screen, until

from tui.delay import call_after


async def test_a_delayed_call_comes_even_if_the_process_is_suspended_as_its_timer_starts(
    monkeypatch,
):
    calls, real = [], textual._time.get_time
    slept = iter([0.0, 60.0])  # between the first two looks at the clock
    async with screen() as pilot:
        passed = 0.0

        def clock():
            nonlocal passed
            passed += next(slept, 0.0)
            return real() + passed

        monkeypatch.setattr(textual._time, "get_time", clock)
        call_after(pilot.app.screen, 0.01, lambda: calls.append("called"))
        await until(pilot, lambda: calls)
    assert calls == ["called"]


async def test_a_delay_of_0_or_in_the_past_is_a_call_soon():
    calls = []
    async with screen() as pilot:
        for delay in (0.0, -1.0):
            call_after(pilot.app.screen, delay, lambda: calls.append("called"))
        await until(pilot, lambda: len(calls) == 2)
