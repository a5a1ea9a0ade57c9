"""The schedules: each formula at a few times, and their use in the trainer."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.config import SETTINGS, Config
from core.events import RunStarted
from core.history.history import History
from core.nn import schedules
from core.nn.schedules import Plateau
from core.training import trainer as trainer_module
from core.training.trainer import Trainer

NAMES = SETTINGS["schedule"].kind.options
TINY = Config(hidden=(4,), batch_size=32, epochs=3, validation=30, learning_rate=0.01)


def factor(config, time):
    """What the schedule of `config` multiplies the learning rate by."""
    names = ("epochs", "warmup", "decay_factor", "decay_epochs")
    return schedules.factor(config.schedule, time, **{n: getattr(config, n) for n in names})


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", {0: 1, 3.7: 1, 20: 1}),
        ("plateau", {0: 1, 3.7: 1, 20: 1}),
        ("step", {0: 1, 3.99: 1, 4: 0.5, 7.99: 0.5, 8: 0.25, 19: 0.0625}),
        ("exponential", {0: 1, 2: 0.5**0.5, 4: 0.5, 8: 0.25, 20: 0.5**5}),
        ("cosine", {0: 1, 5: (1 + math.sqrt(0.5)) / 2, 10: 0.5, 20: 0}),
        ("one-cycle", {0: 0.04, 3: 0.52, 6: 1, 13: (1 + 1e-5) / 2, 20: 1e-5}),
    ],
)
def test_it_computes_its_formula(schedule, expected):
    config = Config(schedule=schedule, epochs=20, decay_factor=0.5, decay_epochs=4)
    for time, value in expected.items():
        assert factor(config, time) == pytest.approx(value, rel=1e-12, abs=1e-15)


@given(
    schedule=st.sampled_from(NAMES),
    time=st.floats(0, 1),
    epochs=st.integers(1, 10_000),
    warmup=st.floats(0, 1000),
    decay_factor=st.floats(0, 1, exclude_min=True),
    decay_epochs=st.integers(1, 10_000),
)
def test_the_factor_is_always_from_0_to_1(time, **settings):
    config = Config(**settings)
    assert 0 <= factor(config, time * config.epochs) <= 1


@pytest.mark.parametrize("schedule", [name for name in NAMES if name != "one-cycle"])
@given(times=st.tuples(st.floats(0, 20), st.floats(0, 20)))
def test_without_warmup_all_but_one_cycle_only_fall(schedule, times):
    config = Config(schedule=schedule, epochs=20)
    earlier, later = sorted(times)
    assert factor(config, earlier) >= factor(config, later)


@given(times=st.tuples(st.floats(0, 20), st.floats(0, 20)))
def test_one_cycle_rises_to_its_peak_at_three_tenths_and_falls_from_there(times):
    config = Config(schedule="one-cycle", epochs=20)
    earlier, later = sorted(times)
    if later <= 6:
        assert factor(config, earlier) <= factor(config, later)
    if earlier >= 6:
        assert factor(config, earlier) >= factor(config, later)
    assert factor(config, later) <= factor(config, 6) == 1


@pytest.mark.parametrize("schedule", NAMES)
def test_warmup_rises_linearly_from_a_hundredth(schedule):
    plain = Config(schedule=schedule, epochs=20)
    warm = plain.replace(warmup=2)
    for time, share in ((0, 0.01), (0.5, 0.2575), (1, 0.505), (1.5, 0.7525), (2, 1), (7, 1)):
        assert factor(warm, time) == pytest.approx(share * factor(plain, time), rel=1e-12)


def test_a_plateau_lowers_the_rate_each_time_the_patience_is_over():
    plateau, factors = Plateau(), []
    for loss in (5, 4, 4, 4, 4, 4, 3.9, 4, 4, math.nan):
        plateau.note(loss, 0.5, 2)
        factors.append(plateau.factor)
    assert factors == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125]


@pytest.mark.parametrize("saved", range(10))
def test_a_plateau_goes_on_from_its_state_as_if_it_had_not_been_interrupted(saved):
    losses = (5, 4, 4, 4, 4, 4, 3.9, 4, 4, 4)
    plateau = Plateau()
    for number, loss in enumerate(losses):
        if number == saved:  # as in the file of a kept run
            state = json.loads(json.dumps(plateau.state(), allow_nan=False))
            plateau = Plateau()
            plateau.load_state(state)
        plateau.note(loss, 0.5, 3)
    assert plateau.factor == 0.25
    assert plateau.state() == {"factor": 0.25, "best_loss": 3.9, "epochs_since": 0}


def times_and_rates(trainer):
    """The time in epochs at which each step began, and the rate it used."""
    while not trainer.finished:
        time = trainer.epochs + trainer.position / 170
        yield time, trainer.step().learning_rate


@pytest.mark.parametrize("schedule", [name for name in NAMES if name != "plateau"])
def test_each_step_reports_the_learning_rate_of_its_time(tiny, schedule):
    config = TINY.replace(schedule=schedule, warmup=0.5, decay_epochs=1)
    times, rates = zip(*times_and_rates(Trainer(config, tiny)), strict=True)
    assert len(rates) == 18
    assert min(rates) > 0
    np.testing.assert_allclose(rates, [0.01 * factor(config, time) for time in times], rtol=1e-12)


def test_the_reported_learning_rate_is_the_one_used(tiny):
    """With sgd, a step is learning rate times gradient."""
    trainer = Trainer(TINY.replace(schedule="cosine", warmup=1, optimizer="sgd"), tiny)
    network, steps = trainer.network, []
    while not trainer.finished:
        before = network.parameters.copy()
        rate = trainer.step().learning_rate
        # The gradient is scratch space, and holds rate times gradient afterwards.
        np.testing.assert_allclose(before - network.parameters, network.gradient, atol=1e-7)
        steps.append((rate, np.linalg.norm(network.gradient)))
    first, *_, last = steps
    assert first[0] < 0.02 * max(rate for rate, _ in steps)
    assert last[1] < 0.1 * max(length for _, length in steps)


@pytest.mark.parametrize("schedule", NAMES)
def test_another_batch_size_does_not_move_the_schedule(tiny, schedule):
    config = TINY.replace(schedule=schedule, warmup=0.7)
    trainer, found = Trainer(config, tiny), []
    for number, (time, rate) in enumerate(times_and_rates(trainer)):
        trainer.change(batch_size=(32, 5, 90)[number % 3])
        found.append((rate, 0.01 * factor(config, time)))
    assert trainer.epochs == 3
    rates, expected = zip(*found, strict=True)
    np.testing.assert_allclose(rates, expected, rtol=1e-12)


def test_changing_the_epochs_stretches_the_schedule(tiny):
    trainer = Trainer(TINY.replace(schedule="cosine"), tiny)
    for _ in range(6):
        trainer.step()
    assert trainer.learning_rate == pytest.approx(0.01 * 0.75)
    trainer.change(epochs=2)
    assert trainer.learning_rate == pytest.approx(0.01 * 0.5)


def flat(trainer, monkeypatch):
    """A trainer whose validation loss never falls after the first epoch."""
    real = trainer_module.evaluate
    monkeypatch.setattr(trainer_module, "evaluate", lambda *args: fixed(real(*args)))
    return trainer


def fixed(evaluation):
    object.__setattr__(evaluation, "loss", 1.0)
    return evaluation


def test_on_a_plateau_of_the_validation_loss_the_rate_falls(tiny, monkeypatch):
    config = TINY.replace(schedule="plateau", decay_epochs=2, decay_factor=0.1, epochs=7)
    trainer = flat(Trainer(config, tiny), monkeypatch)
    rates = [rate for _, rate in times_and_rates(trainer)]
    assert rates[::6] == pytest.approx([0.01] * 3 + [0.001] * 2 + [0.0001] * 2)


def test_other_schedules_ignore_a_plateau(tiny, monkeypatch):
    trainer = flat(Trainer(TINY.replace(decay_epochs=1), tiny), monkeypatch)
    assert {rate for _, rate in times_and_rates(trainer)} == {0.01}


def test_after_a_plateau_another_schedule_starts_at_the_full_rate(tiny, monkeypatch):
    config = TINY.replace(schedule="plateau", decay_epochs=1, epochs=9)
    trainer = flat(Trainer(config, tiny), monkeypatch)
    while trainer.epochs < 3:
        trainer.step()
    assert trainer.learning_rate < 0.01
    trainer.change(schedule="constant")
    assert trainer.step().learning_rate == 0.01


@pytest.mark.parametrize("schedule", NAMES)
@pytest.mark.parametrize("warmup", [0, 1.5])
def test_the_screen_shows_the_rate_of_the_first_step_before_it(tiny, schedule, warmup):
    config = Config(
        hidden=(4,), batch_size=50, validation=50, schedule=schedule, warmup=warmup, epochs=4
    )
    trainer, history = Trainer(config, tiny), History()
    history.add(RunStarted(config, tiny, 1, len(trainer.training_set), "validation", 50))
    shown = history.snapshot().learning_rate
    step = trainer.step()
    history.add(step)
    assert shown == step.learning_rate == history.snapshot().learning_rate
