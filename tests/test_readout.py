"""The values of the curves at a step, in a text that fits."""

import dataclasses
import math

import pytest
from canned import evaluation, run, run_started, step

from core.config.config import Config
from core.events import Change, Phase, PhaseChanged
from core.history.history import History
from core.training.trainer import Trainer
from tui.drawing import numbers
from tui.drawing.glyphs import ASCII, UNICODE
from tui.panes.curves.readout import number, reading, step_reading
from tui.panes.rate_texts import rate_texts


def snapshot(*events):
    history = History()
    for event in events or run(35):
        history.add(event)
    return history.snapshot()


def read(width=200, at=32, quantity="loss", of=None, near=1, glyphs=UNICODE):
    return reading(of or snapshot(), quantity, at, near, width, glyphs)


def test_all_values_are_read_if_there_is_room():
    assert read() == (
        "step 32 · epoch 4 · loss 0.372 (average 0.475) · validation 0.250 at step 30"
        " · learning rate 0.001"
    )
    assert read(quantity="accuracy").startswith("step 32 · epoch 4 · accuracy 87.6% (average ")


def test_a_large_loss_is_read_as_in_the_line_of_numbers():
    large = [dataclasses.replace(step(n), loss=loss) for n, loss in ((1, 286.3), (2, 277_916.0))]
    shown = snapshot(run_started(), *large)
    assert "loss 286 " in read(at=1, of=shown)
    assert "loss 277,916 " in read(at=2, of=shown)


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (80, "step 32 · epoch 4 · loss 0.372 (average 0.475) · validation 0.250 at step 30"),
        (68, "step 32 · loss 0.372 (average 0.475) · validation 0.250 at step 30"),
        (65, "step 32 · loss 0.372 (average 0.475)"),
        (34, "loss 0.372 (average 0.475)"),
        (24, "step 32 · loss 0.372"),
        (17, "loss 0.372"),
        (7, "step 32"),
        (3, "32"),
    ],
)
def test_with_less_room_fewer_values_are_read_each_with_its_name(width, text):
    assert read(width) == text


def test_in_ascii_the_values_have_the_same_names():
    assert read(34, glyphs=ASCII) == "loss 0.372 (average 0.475)"


def test_a_change_near_the_cursor_is_described():
    assert read(at=20).endswith(" · learning rate 0.001 · learning rate 0.01→0.001")
    assert read(36, at=20) == "step 20 · learning rate 0.01→0.001"
    assert "→" not in read(at=23)
    assert "→" in read(at=23, near=4)


def test_merged_batches_are_read_as_a_range():
    many = snapshot(run_started(), *(step(number) for number in range(1, 20_001)))
    assert read(of=many, at=6).startswith("step 5–8 · epoch 1 · loss 1.45–1.75 (average 1.")
    assert read(of=many, at=19_000).startswith("step 19,000 · epoch 1,900 · loss 0.100 (")


def test_a_loss_that_is_not_finite_is_read_as_such():
    bad = step(21).__class__(21, 3, 5, 50, 5, math.nan, 0.5, 0.1, 1.0, None)
    assert "loss not finite (average" in read(of=snapshot(*run(20), bad), at=21)


def test_before_the_first_batch_only_the_evaluation_set_has_values():
    text = read(of=snapshot(run_started(), evaluation(0, 0.1)), at=0, quantity="accuracy")
    assert text == (
        "step 0 · epoch – · accuracy – (average –) · validation 10.0% at step 0 · learning rate –"
    )


def test_the_step_reading_has_rate_step_epoch_and_changes():
    assert step_reading(snapshot(), 32, 1, UNICODE) == [
        *("learning rate 0.001", "step 32", "epoch 4")
    ]
    both = snapshot(*run(35), Change(35, "momentum", 0.9, 0.5))
    assert step_reading(both, 35, 1, ASCII)[-2:] == ["epoch 4", "momentum 0.9->0.5"]


@pytest.mark.parametrize(
    ("settings", "rate", "text"),
    [
        ({}, 0.003, "learning rate 0.003"),
        ({"schedule": "cosine"}, 0.0015, "learning rate 0.00150 (cosine, 50% of 0.003)  "),
        ({"warmup": 5.0}, 0.0003, "learning rate 0.000300 (warmup, 10% of 0.003) "),
        ({"schedule": "one-cycle"}, 3e-8, "learning rate 3.0e-8 (one-cycle, <1% of 0.003)   "),
    ],
)
def test_the_learning_rate_in_force_has_its_reason(settings, rate, text):
    config = Config(learning_rate=0.003, **settings)
    here = dataclasses.replace(step(15), learning_rate=rate)
    assert rate_texts(snapshot(run_started(config), here))[0] == text


def test_a_scheduled_learning_rate_keeps_its_width_at_its_end_and_always_has_its_reason():
    config = Config(learning_rate=0.003, schedule="one-cycle")
    rates = (0.00232, 0.0021, 0.0006, 0.003, 0.00012, 3e-8)
    shown = [
        rate_texts(snapshot(run_started(config), dataclasses.replace(step(15), learning_rate=rate)))
        for rate in rates
    ]
    assert all("of 0.003" in text for texts in shown for text in texts)
    for texts in zip(*shown, strict=True):
        assert len({len(text) for text in texts}) == 1
        assert not any("  " in text.rstrip() for text in texts)


def test_a_learning_rate_that_was_just_changed_is_in_force():
    config = Config(learning_rate=0.001)
    change = Change(15, "learning_rate", 0.001, 0.5)
    assert rate_texts(snapshot(run_started(config), step(15), change)) == ("learning rate 0.5",)
    # but at the end of the run, which has no next step
    ended = snapshot(run_started(config), step(15), PhaseChanged(Phase.FINISHED), change)
    assert rate_texts(ended)[0] == "learning rate 0.001 in the last step"


@pytest.mark.parametrize(
    "change",
    [None, Change(15, "epochs", 10, 20), Change(15, "learning_rate", 0.003, 0.5)],
    ids=lambda change: change.field if change else "no change",
)
def test_the_rate_of_the_last_step_has_its_reason_and_no_room_to_grow(change):
    config = Config(learning_rate=0.003, schedule="one-cycle")
    end = dataclasses.replace(step(15), learning_rate=3.4e-8)
    events = [run_started(config), end, PhaseChanged(Phase.FINISHED), *[change] * bool(change)]
    texts = rate_texts(snapshot(*events))
    assert all("<1% of 0.003" in text and "  " not in text for text in texts)
    assert texts[-1] == "rate <1% of 0.003"


def test_a_change_that_is_taken_back_or_of_another_setting_leaves_the_learning_rate_as_it_was():
    started = run_started(Config(learning_rate=0.003, schedule="one-cycle"))
    there = Change(15, "learning_rate", 0.003, 0.5), Change(15, "learning_rate", 0.5, 0.003)
    for changes in (there, (Change(15, "dropout", 0.0, 0.2),)):
        after = rate_texts(snapshot(started, step(15), *changes))
        assert after == rate_texts(snapshot(started, step(15)))


@pytest.mark.parametrize("schedule", ["constant", "one-cycle", "plateau"])
def test_after_a_change_under_the_schedule_plateau_the_rate_is_that_of_the_next_batch(
    tiny, schedule
):
    config = Config(hidden=(8,), validation=30, batch_size=30, warmup=2, schedule=schedule)
    trainer = Trainer(config, tiny)
    trainer.plateau.factor = 0.1 if schedule == "plateau" else 1.0
    history = History()
    for event in (trainer.started(()), *(trainer.step() for _ in range(2))):
        history.add(event)
    changed = trainer.change(schedule="plateau") or trainer.change(learning_rate=0.5)
    for event in changed:
        history.add(event)
    shown = rate_texts(history.snapshot())[0]
    assert f"learning rate {numbers.number(trainer.learning_rate, zeros=True)} " in shown


def test_numbers_have_three_digits_and_keep_their_width():
    texts = [number("loss", value) for value in (0.1, 0.12345, 1.0, 12.34)]
    assert texts == ["0.100", "0.123", "1.00", "12.3"]
    assert number("loss", 1e30) == "1.0e30"
    assert number("accuracy", 0.8843) == "88.4%"
