"""The line of numbers: loss and accuracy in words, as many as fit."""

from dataclasses import replace

import numpy as np
import pytest
from canned import evaluation, run, run_started, screen, step, text

from core.config.config import Config
from core.events import Branch, Phase, PhaseChanged, RunMoved
from core.history.history import History
from core.history.snapshot import Snapshot
from core.metrics import confusion_matrix, recall
from tui.drawing.numbers import loss_text
from tui.panes.numbers_line import numbers


def snapshot(*events):
    history = History()
    for event in events or run():
        history.add(event)
    return history.snapshot()


def trained(*steps):
    return replace(steps[-1], epoch_loss=0.3125, epoch_accuracy=0.891)


def test_all_numbers_stand_in_a_wide_window_with_their_words():
    shown = snapshot(
        run_started(Config()),
        PhaseChanged(Phase.PAUSED),
        evaluation(0, 0.1),
        trained(step(1, of=2), step(2, of=2)),
        evaluation(2, 0.8431),
    )
    line = numbers(shown, 200).plain
    assert "train loss 0.312 accuracy 89.1%" in line
    assert " accuracy 84.3% (best 84.3%, epoch 1)" in line
    assert "gap +4.8 points" in line
    assert "at step" not in line  # it is of this moment


def test_there_is_no_gap_before_the_end_of_the_first_epoch():
    begun = [run_started(Config()), evaluation(2, 0.8431), trained(step(1, of=3), step(2, of=3))]
    assert "gap" not in numbers(snapshot(*begun), 200).plain
    later = [trained(step(3, of=3)), trained(step(4, of=3))]
    assert "gap" in numbers(snapshot(*begun, *later), 200).plain


def test_an_older_evaluation_names_its_step():
    shown = snapshot(
        run_started(Config()), evaluation(1000, 0.8), trained(replace(step(2), step=1020))
    )
    assert "at step 1,000" in numbers(shown, 200).plain


@pytest.mark.parametrize("width", [108, 118, 198])
def test_the_gap_stays_in_place_when_the_steps_before_it_get_longer_or_go(width):
    events = [run_started(Config(batch_size=1, epochs=40)), evaluation(9, 0.8)]
    places = set()
    for number, epoch in ((9, 2), (10, 2), (11, 2), (999, 20), (1000, 20), (1001, 21)):
        events.append(trained(replace(step(1), step=number, epoch=epoch)))
        if number % 10 == 0:
            events.append(replace(evaluation(number, 0.8 + number / 1e4), loss=0.3))
        line = numbers(snapshot(*events), width).plain
        places.add(line.index("gap"))
    assert "at step 1,000" in line
    assert len(places) == 1


def test_a_single_step_shows_its_batch():
    shown = snapshot(*run()[:1], evaluation(0, 0.1), trained(step(1)))
    batch = shown.step
    right = round(batch.accuracy * batch.images)
    expected = f"batch: loss {loss_text(batch.loss)}, {right} of {batch.images} right"
    assert expected in numbers(shown, 200, single_step=True).plain
    assert "batch" not in numbers(shown, 200, single_step=False).plain


@pytest.mark.parametrize("width", [78, 118, 198])
def test_balanced_accuracy_stands_beside_accuracy_where_classes_have_very_different_sizes(width):
    begun, shown = run_started(Config()), evaluation(10, 0.6)
    mean = f"{np.nanmean(recall(confusion_matrix(shown))):.1%}"
    assert "balanced" not in numbers(snapshot(begun, shown), width).plain
    data = begun.dataset
    rows = np.flatnonzero(data.train_labels != 3)
    rows = np.append(rows, np.flatnonzero(data.train_labels == 3)[:1])
    fewer = replace(
        data, train_images=data.train_images[rows], train_labels=data.train_labels[rows]
    )
    line = numbers(snapshot(replace(begun, dataset=fewer), shown), width).plain
    assert f"60.0%, balanced {mean}" in line


@pytest.mark.parametrize("width", range(0, 200, 7))
def test_it_never_is_longer_than_the_window(width):
    assert len(numbers(snapshot(), width).plain) <= width
    assert len(numbers(snapshot(), width, single_step=True).plain) <= width


def test_80_columns_have_loss_and_accuracy_of_both():
    line = numbers(snapshot(), 78).plain
    assert "train loss" in line
    assert "validation loss" in line
    assert line.count(" acc ") == 2


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("width", range(48, 110))
def test_two_lines_fit_whatever_the_width_is(width, lines):
    for single_step in (False, True):
        rows = numbers(snapshot(), width, single_step, lines).plain.split("\n")
        assert len(rows) == lines
        assert all(len(row) <= width for row in rows)


def reached():
    """A run in its tenth epoch that was evaluated a thousand steps ago."""
    at = trained(replace(step(1), step=8_900, epoch=10, position=1))
    best, last = (replace(evaluation(*of), loss=0.334) for of in ((8_900, 0.784), (8_950, 0.763)))
    steps = [at, best, replace(at, step=8_950), last, replace(at, step=9_950)]
    return snapshot(run_started(Config()), *steps)


def test_80_columns_have_all_numbers_in_two_lines():
    first, second = numbers(reached(), 78, lines=2).plain.split("\n")
    assert first.startswith("train loss 0.312 acc 89.1%   validation loss 0.334")
    assert first.endswith(" acc 76.3% at step 8,950")
    assert second == "best validation 78.4%, epoch 10   gap +12.8 points"
    batch = numbers(reached(), 78, True, lines=2).plain.split("\n")[1]
    assert batch.startswith("best 78.4%, epoch 10   gap +12.8 points   batch: loss ")


def test_110_columns_have_all_numbers_in_one_line():
    line = numbers(reached(), 108).plain
    assert "acc 76.3% (best 78.4%, epoch 10) at step 8,950" in line
    assert line.endswith("gap +12.8")


def moved(to, number, branches):
    return RunMoved(to, step(to) if to else None, Config(), number, branches)


def test_after_going_back_the_numbers_are_those_of_the_step_where_the_run_is():
    start, rest = run_started(Config()), PhaseChanged(Phase.PAUSED)
    steps = [trained(step(10)), evaluation(10, 0.8), trained(step(20)), evaluation(20, 0.7)]
    events = [start, evaluation(0, 0.1), *steps, rest]
    only = (Branch(0, None, 0, 20),)
    back = snapshot(*events, moved(10, 0, only))
    assert back.evaluation.step == 20  # until the network is evaluated again
    line = numbers(back, 200).plain
    assert "validation loss 0.500 accuracy 80.0% (best 80.0%, epoch 1)" in line
    assert "at step" not in line
    assert "accuracy 10.0%" in numbers(snapshot(*events, moved(0, 0, only)), 200).plain
    assert (
        "80.0% (best 80.0%, epoch 1) at step 10"
        in numbers(snapshot(*events, moved(15, 0, only)), 200).plain
    )


def test_on_another_branch_the_numbers_are_those_of_that_branch():
    branches = Branch(0, None, 0, 20), Branch(1, 0, 10, 20)
    events = [run_started(Config()), step(10), evaluation(10, 0.6), step(20), evaluation(20, 0.7)]
    events += [moved(10, 0, branches[:1]), evaluation(10, 0.6), moved(10, 1, branches)]
    assert snapshot(*events).result.accuracy == 0.6  # the network is the same
    events += [step(20), evaluation(20, 0.9), moved(20, 0, branches)]
    assert "accuracy 70.0%" in numbers(snapshot(*events), 200).plain
    assert snapshot(*events).evaluation.accuracy == 0.9


@pytest.mark.parametrize("width", [78, 108, 118, 128, 148, 198])
def test_a_width_has_one_form_of_words_while_it_trains_and_when_it_is_paused(width):
    start = run_started(Config())
    running = snapshot(start, evaluation(1000, 0.8), trained(replace(step(2), step=1020)))
    paused = snapshot(start, trained(step(1), step(2)), evaluation(2, 0.8))
    lines = [numbers(shown, width).plain for shown in (running, paused)]
    lines += [numbers(paused, width, single_step=True).plain] * (width > 100)
    assert len({"accuracy" in line for line in lines}) == 1
    assert all(line.count("train loss") == line.count("validation loss") == 1 for line in lines)


def test_at_120_columns_a_single_step_leaves_the_words_and_shortens_the_rest():
    shown = snapshot(*run()[:1], evaluation(0, 0.1), trained(replace(step(1), images=128)))
    line = numbers(shown, 118, single_step=True).plain
    assert line.count(" acc ") == 2
    assert "batch: loss " in line
    assert "(best 10.0%" in line


def test_before_training_it_says_so():
    shown = snapshot(run_started(Config()), evaluation(0, 0.1))
    assert numbers(shown, 80).plain.startswith("not trained yet")
    assert numbers(Snapshot(), 80).plain == ""


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (0.3125, "0.312"),
        (0.3, "0.300"),
        (2.5, "2.50"),
        (12.0, "12.0"),
        (99.96, "100"),
        (101.3, "101"),
        (123456.0, "123,456"),
        (3.68e36, "3.7e36"),
        (float("nan"), "–"),
    ],
)
def test_losses_have_three_significant_digits_and_a_short_exponent_if_they_are_huge(loss, expected):
    assert loss_text(loss) == expected


async def test_it_stands_below_the_status_at_any_size():
    async with screen() as pilot:
        for size in ((120, 40), (80, 24), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            lines = text(pilot).splitlines()
            assert "paused" in lines[0]
            assert "validation" in lines[1]
            assert ("best" in lines[2]) == (size == (80, 24))
            await pilot.press("f")  # also in full screen
            await pilot.pause()
            assert "validation" in text(pilot).splitlines()[1]
            await pilot.press("f")


def test_a_run_that_goes_on_shows_no_best_without_an_evaluation():
    shown = snapshot(run_started(Config()), evaluation(2, 0.8), trained(step(1), step(2)))
    shown = replace(shown, result=None)
    assert shown.best_evaluation is not None
    assert "best" not in numbers(shown, 200).plain
