"""What is known of a sweep, from its events; what a person enters for one. Without a screen."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from core import Config, ConfigError
from core.config.config import SETTINGS
from core.config.presets import presets
from core.data.reading import Reading
from core.experiments.proposals import proposed
from core.experiments.search_parser import is_searchable, parse
from core.experiments.study_plan import plan_from
from core.experiments.sweep import Note, TrialProgress
from core.experiments.sweep_state import ImportancesFound, SweepEnded, SweepStarted, SweepState
from core.experiments.trial import TrialResult
from tui.screens.sweep.draft import SweepDraft, Where, about, duration, estimate, planned
from tui.screens.sweep.words import ending, status, summary

CONFIG = Config(epochs=4)
WHERE = Where(Path("data"), Reading(), None)


def plan(*texts, sampler=None, trials=None):
    return plan_from(parse(texts), CONFIG, sampler, trials, "f")


def after(*events, texts=("learning-rate=0.001,0.01", "seed=0,1")):
    state = SweepState()
    for event in (SweepStarted("crane", plan(*texts), True, ("Labels: from 1.",)), *events):
        state = state.after(event)
    return state


def begun(number, epoch=0, accuracy=None, **settings):
    return TrialProgress(number, settings, epoch, 4, accuracy, f"run-{number}")


def done(number, accuracy, state="complete", **settings):
    return TrialResult(number, state, settings, accuracy, f"run-{number}")


def test_trials_are_ranked_with_those_that_train_by_their_accuracy_so_far():
    state = after(
        begun(0),
        begun(1, 1, 0.7),
        done(2, 0.6),
        done(3, 0.8),
        done(4, 0.9, "pruned"),
        done(5, None, "diverged"),
    )
    assert [trial.number for trial in state.ranked] == [3, 1, 2, 4, 0, 5]
    assert state.best.number == 3
    assert state.left == 0


def test_a_trial_that_is_done_trains_no_longer_and_its_epochs_count():
    state = after(begun(0), begun(0, 1, 0.5), begun(0, 2, 0.6), begun(1), begun(1, 1, 0.4))
    assert (sorted(state.running), state.epochs, state.left) == ([0, 1], 3, 4)
    assert state.seconds_left(10) == (16 - 3) * 10 / 2
    state = state.after(done(0, 0.6))
    assert (sorted(state.running), state.left) == ([1], 3)
    assert SweepState().seconds_left(10) is None


def test_the_spread_of_seeds_tells_whether_settings_differ():
    results = [
        done(4 * seed + place, 0.8 + place / 10 + seed / 1000, learning_rate=rate, seed=seed)
        for seed in range(3)
        for place, rate in enumerate((0.001, 0.01))
    ]
    state = after(*results, texts=("learning-rate=0.001,0.01", "seed=0,1,2"))
    assert [name for name, _ in state.spreads] == ["learning rate 0.01", "learning rate 0.001"]
    assert state.verdict == (
        "learning rate 0.01 is better than learning rate 0.001 by 10.00 points: more than the "
        "spread of the seeds (3 seeds each)"
    )
    words = "\n".join(summary(state))
    assert "Learning rate 0.01: 90.10% on average, from 90.00% to 90.20% (3 seeds)." in words
    assert "90.10%" in ending(state)
    assert after(done(0, 0.5, dropout=0.1), texts=("dropout=0,0.1",)).spreads == []


def test_a_seed_that_is_drawn_again_counts_once():
    seeds = [0, 1, 0, 0, 1]
    results = [done(n, 0.8 + seed / 100, seed=seed) for n, seed in enumerate(seeds)]
    state = after(*results, texts=("seed=0..1",))
    assert [spread.accuracies for _, spread in state.spreads] == [(0.8, 0.81)]
    assert "(2 seeds)" in "\n".join(summary(state))


def test_combinations_that_a_sampler_draws_again_are_counted():
    texts = ("dropout=0,0.1", "batch-norm=yes,no")
    first = [done(0, 0.5, dropout=0.0, batch_norm=True), done(1, 0.5, dropout=0.1, batch_norm=True)]
    assert "repeat" not in "\n".join(summary(after(*first, texts=texts)))
    again = [done(2, 0.5, dropout=0.0, batch_norm=True)]
    words = "\n".join(summary(after(*first, *again, texts=texts)))
    assert "1 trial repeats the settings of earlier ones; a grid trains each combination" in words


def test_the_words_say_how_far_it_is_and_how_to_go_on():
    state = after(begun(0), done(1, 0.5, learning_rate=0.01, seed=0))
    assert status(state, 5, 90) == (
        "1 of 4 trials done   1 training   about 2 min left   study crane"
    )
    ended = state.after(SweepEnded("", 2))
    assert "done   stopped   study" in status(ended, 5, None)
    assert "are left (2 train in other programs now). Press g to continue" in summary(ended)[0]
    assert "Labels: from 1." in summary(ended)
    fault = SweepState().after(SweepEnded("the disk is full"))
    assert (status(fault, 1, None), ending(fault)) == (
        "The sweep did not start",
        "The disk is full.",
    )
    assert "process" in summary(state.after(Note("the process of trial 0 was killed")))[-2]
    shares = state.after(ImportancesFound({"seed": 0.2, "learning_rate": 0.8}))
    assert "Importance for reaching the best 25%: learning rate 80%, seed 20%." in summary(shares)


def test_the_time_that_a_sweep_took_is_not_said_of_a_study_that_was_done_before():
    results = [done(number, 0.5) for number in range(4)]
    assert status(after(*results, SweepEnded()), 3, None) == (
        "4 of 4 trials done   took 3 s   study crane"
    )
    reopened = SweepState().after(SweepStarted("crane", after().plan, False, ()))
    for event in (*results, SweepEnded()):
        reopened = reopened.after(event)
    assert status(reopened, 3, None) == "4 of 4 trials done   study crane"


def test_until_the_first_trial_has_begun_the_words_say_that_processes_are_starting():
    state = SweepState(study="crane", jobs=2)
    assert status(state, 4, None) == "Starting 2 processes   4 s so far   study crane"
    assert status(SweepState(), 0, None) == "Starting 1 process   1 s so far"
    stopping = replace(state, phase="stopping")
    assert status(stopping, 4, None) == "Stopping   study crane"
    state = state.after(SweepStarted("crane", plan("learning-rate=0.001,0.01"), True, ()))
    for number in range(2):
        state = state.after(TrialProgress(number, {}, 0, 4, None))
    assert "0 of 2 trials done   starting 2 processes   study" in status(state, 9, None)
    state = state.after(begun(0))  # its run has a file
    assert "0 of 2 trials done   2 training   study" in status(state, 9, None)


@pytest.mark.parametrize("preset", presets())
def test_the_values_proposed_for_a_setting_can_be_searched(preset):
    config = presets()[preset].config
    for setting in filter(lambda one: is_searchable(one.name), SETTINGS.values()):
        value = getattr(config, setting.name)
        [dimension] = parse([f"{setting.option}={proposed(setting, value)}"]).dimensions
        assert len(dimension.values) >= 2
        assert value in dimension.values
    assert proposed(SETTINGS["seed"], 7) == "7,8,9,10,11"
    assert proposed(SETTINGS["hidden"], ()) == "none,32,128"
    assert proposed(SETTINGS["dropout"], 0.0) == "0,0.1,0.2"


def draft(**values):
    made = SweepDraft()
    for name, value in values.items():
        if name in SETTINGS and name != "epochs":
            made.texts[name] = value
        else:
            setattr(made, name, value)
    return made


def words(**values):
    request = draft(**values).request(CONFIG, WHERE)
    return about(planned(request, None), request)


def test_the_draft_says_what_the_sweep_comes_to():
    assert words(dropout="0,0.1,0.2", learning_rate="0.01,0.1", epochs="2") == (
        "Each of 6 combinations once: 6 runs of 2 epochs."
    )
    assert words(dropout="0..0.5") == (
        "20 runs of 4 epochs, drawn from numbers in the ranges, mostly near good results."
    )
    assert words(dropout="0,0.1", sampler="random", trials="5", epochs="1") == (
        "5 runs of 1 epoch, drawn from 2 combinations, at random, some of them more than once."
    )
    assert words(seed="0,1,2") == ("Repeat: the same settings with 3 seeds, 4 epochs each.")
    assert words(study="crane") == "Continues the study crane."
    request = draft(dropout="0,0.1").request(CONFIG, WHERE)
    text = estimate(planned(request, None), request, 50_000, 20_000)
    assert text == "About 20 s at the current run's speed, plus a few seconds to start a process."
    assert "after the first epoch" in estimate(planned(request, None), request, 1, 0)
    text = estimate(planned(request, None), request, 50_000, 0, epoch_seconds=3.0)
    assert text.startswith("About 24 s at the last sweep's speed, plus")
    assert [duration(s) for s in (0.2, 59, 120, 5400, 1e6)] == [
        *("1 s", "59 s", "2 min", "1.5 h", "11.6 days"),
    ]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "enter values or a range beside a setting, or the name of a study"),
        ({"dropout": "0.5..0"}, "the range 0.5..0 is reversed; enter 0..0.5"),
        ({"dropout": "0,2"}, "dropout: enter a number of at least 0 and below 1"),
        ({"dropout": "0,0"}, "dropout: 0 is given twice"),
        ({"dropout": "0..0.5", "sampler": "grid"}, "a grid needs values"),
        ({"dropout": "0,0.1", "trials": "5"}, "the grid has 2 combinations and trains each"),
        ({"dropout": "0,0.1", "trials": "-5"}, "--trials: enter a whole number from 1 to 10,000"),
        ({"dropout": "0,0.1", "jobs": "65"}, "--jobs: enter a whole number from 1 to 64"),
        ({"dropout": "0,0.1", "study": "a/b"}, "--study: enter letters, digits, dots"),
        ({"dropout": "0,0.1", "epochs": "0"}, "epochs: enter a whole number of at least 1"),
        ({"weight_decay": "0,0.1"}, "1 of 2 combinations cannot be trained"),
    ],
)
def test_what_cannot_be_swept_is_said(values, sentence):
    with pytest.raises(ConfigError) as caught:
        words(**values)
    assert sentence in str(caught.value)


def test_a_billion_combinations_are_refused_at_once():
    many = ",".join(str(number / 1000) for number in range(999))
    with pytest.raises(ConfigError, match="the grid has 997,002,999 combinations"):
        words(dropout=many, flip=many, erase=many)
    assert parse([f"dropout={many}"]).combinations == 999
    assert math.isinf(parse(["dropout=0..0.5"]).combinations)
