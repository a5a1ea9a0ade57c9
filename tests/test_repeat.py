"""The same settings with several seeds, and whether a difference exceeds their spread."""

import json
import os
import signal
from itertools import count

import numpy as np
import pytest
from run_files import write_run

from core import Config, ConfigError, Run, Trainer, repeat
from core.errors import RunError
from core.experiments.spread import (
    Spread,
    compared,
    labels,
    seed_groups,
    sentences,
    verdict,
    verdict_on_best,
)
from core.experiments.trained_run import Keep, train_run
from core.runs.summary import RunList, summarize
from tui.__main__ import main

CONFIG = Config(hidden=(8,), batch_size=20, validation=20, epochs=2)


def best_accuracy(config, data):
    trainer, found = Trainer(config, data), []
    while not trainer.finished:
        if evaluation := trainer.step().evaluation:
            found.append(evaluation.accuracy)
    return max(found)


def test_each_seed_gives_the_run_that_train_would_make(tiny):
    result = repeat(CONFIG.replace(seed=3), 2, tiny)
    assert [run.config.seed for run in result.runs] == [3, 4]
    expected = [best_accuracy(CONFIG.replace(seed=seed), tiny) for seed in (3, 4)]
    assert [run.accuracy for run in result.runs] == expected
    assert result.spread.mean == sum(expected) / 2
    assert (result.spread.lowest, result.spread.highest) == (min(expected), max(expected))


def test_a_kept_run_of_an_experiment_goes_on_like_any_other(tiny, tiny_directory, tmp_path):
    keep = Keep(tmp_path / "runs", tiny_directory)
    names = []
    run = train_run(
        CONFIG, tiny, keep, should_continue=lambda step: step.step < 12, named=names.append
    )
    assert (run.state, names) == ("stopped", [run.run])
    with Run.open(tmp_path / "runs" / f"{run.run}.run") as kept:
        timeline = kept.timeline(tiny)
    straight = Trainer(CONFIG, tiny)
    for _ in range(12):
        straight.step()
    assert np.array_equal(timeline.trainer.network.parameters, straight.network.parameters)


def test_the_name_of_a_run_is_told_before_its_file_has_content(tiny, tiny_directory, tmp_path):
    keep, sizes = Keep(tmp_path / "runs", tiny_directory), []

    def note(name):
        sizes.append((tmp_path / "runs" / f"{name}.run").stat().st_size)

    assert train_run(CONFIG, tiny, keep, named=note).run
    assert sizes == [0]


def test_a_run_whose_name_cannot_be_noted_is_not_kept(tiny, tiny_directory, tmp_path):
    def refuse(name):
        raise RunError("no")

    reports = []
    keep = Keep(tmp_path / "runs", tiny_directory, reports.append)
    run = train_run(CONFIG, tiny, keep, named=refuse)
    assert (run.state, run.run) == ("complete", None)
    assert list((tmp_path / "runs").iterdir()) == []
    assert len(reports) == 1


def test_a_run_can_be_pruned_after_an_epoch(tiny):
    run = train_run(CONFIG, tiny, should_continue=lambda step: not step.evaluation)
    assert (run.state, run.epochs) == ("pruned", 1)
    trainer = Trainer(CONFIG, tiny)
    while not (evaluation := trainer.step().evaluation):
        pass
    assert run.accuracy == evaluation.accuracy


def test_a_run_that_diverges_says_so_and_does_not_count(tiny):
    wild = CONFIG.replace(hidden=(32, 32, 32), learning_rate=1e12, epochs=100)
    result = repeat(wild, 2, tiny)
    assert [run.state for run in result.runs] == ["diverged", "diverged"]
    assert "diverged after step" in result.runs[0].message
    assert result.spread is None


def test_it_ends_when_it_is_told_to(tiny):
    steps = count()
    result = repeat(CONFIG, 5, tiny, should_continue=lambda step: next(steps) < 25)
    assert [run.state for run in result.runs] == ["complete", "stopped"]
    assert result.spread.seeds == 1


@pytest.mark.parametrize(
    ("config", "seeds", "sentence"),
    [
        (CONFIG, 0, "enter a number from 1 to 1,000 in place of 0"),
        (CONFIG, 1.5, "^seeds: enter how many or a list of them in place of 1.5$"),
        (CONFIG, "3", "^seeds: enter how many or a list of them in place of '3'$"),
        (CONFIG, [3, 4, 3], "^seeds: enter each seed once in place of \\[3, 4, 3\\]$"),
        (CONFIG, [], "^seeds: enter how many or a list of them"),
        (CONFIG, [0, 1.5], "^seed: enter a whole number"),
        (CONFIG, 10**9, "enter a number from 1 to 1,000"),
        (CONFIG.replace(seed=2**32 - 1), 2, "seed: enter"),
        (CONFIG.replace(validation=0), 2, "have no validation images; add --validation"),
    ],
)
def test_what_cannot_be_repeated_is_refused_in_a_sentence(tiny, config, seeds, sentence):
    with pytest.raises(ConfigError, match=sentence):
        repeat(config, seeds, tiny)


def test_a_difference_counts_if_the_ranges_are_apart_and_there_are_three_seeds():
    low, high = Spread((0.80, 0.81, 0.82)), Spread((0.83, 0.84, 0.85))
    names = ("relu", "gelu")
    assert verdict(low, high, names) == (
        "gelu is better than relu by 3.00 points: more than the spread of the seeds (3 seeds each)"
    )
    assert verdict(low, Spread((0.82, 0.84, 0.88)), names) == (
        "not conclusive: the difference of 3.67 points between gelu and relu is within the spread "
        "of the seeds (3 seeds each)"
    )
    assert verdict(Spread((0.8,)), Spread((0.83,)), names) == (
        "not conclusive: the difference of 3.00 points between gelu and relu may be chance, with "
        "1 seed each; train each with at least 3 seeds (N, or --seeds 3)"
    )
    assert verdict(high, low, names).startswith("relu is better")
    assert "with 3 and 2 seeds" in verdict(Spread((0.1, 0.2)), high, names)  # the better first
    assert verdict(low, low, names) == "relu and gelu are equally good (3 seeds each)"


def test_of_more_than_two_settings_it_says_that_the_best_two_are_compared():
    spreads = [("elu", Spread((0.7,) * 3)), ("relu", Spread((0.8,) * 3)), ("gelu", Spread((0.9,)))]
    assert verdict_on_best(spreads[:1]) is None
    assert "settings are compared" not in verdict_on_best(spreads[:2])
    sentence = verdict_on_best(spreads)
    assert sentence.startswith("not conclusive: the difference of 10.00 points")
    assert sentence.endswith("; only the best two of 3 settings are compared")


def test_runs_are_grouped_by_their_settings_but_for_the_seed(tmp_path):
    done = {"phase": "finished"}
    for seed in range(3):
        config = {"seed": seed, "threads": seed}
        write_run(tmp_path, f"slow-{seed}", config=config, best_accuracy=0.8 + seed / 100, **done)
        config = {"seed": seed, "learning_rate": 0.01}
        write_run(tmp_path, f"fast-{seed}", config=config, best_accuracy=0.9 + seed / 100, **done)
    write_run(tmp_path, "unfinished", config={"seed": 7}, best_accuracy=0.1, phase="paused")
    write_run(tmp_path, "other-net", config={"hidden": [5]}, best_accuracy=0.1, **done)
    again = {"seed": 2, "learning_rate": 0.01}
    write_run(tmp_path, "again", config=again, best_accuracy=0.1, age=9, **done)
    known = RunList(tmp_path)
    known.refresh()
    shown = [summarize(tmp_path / f"{name}.run") for name in ("slow-1", "fast-0")]
    groups = seed_groups(shown, known.runs)
    assert [set(group.names) for group in groups] == [
        {"slow-0", "slow-1", "slow-2"},
        {"fast-0", "fast-1", "fast-2"},
    ]
    assert labels(groups) == ["learning rate 0.001", "learning rate 0.01"]
    assert "more than the spread of the seeds" in compared(groups)
    assert compared(groups[:1]) is None


def test_settings_of_which_seeds_diverged_are_named_and_it_is_said(tmp_path):
    for seed in range(3):
        config = {"seed": seed, "learning_rate": 0.01}
        write_run(tmp_path, f"good-{seed}", config=config, best_accuracy=0.8, phase="finished")
        config = {"seed": seed, "learning_rate": 9}
        write_run(tmp_path, f"bad-{seed}", config=config, best_accuracy=0.3, phase="diverged")
    known = RunList(tmp_path)
    known.refresh()
    shown = [summarize(tmp_path / f"{name}.run") for name in ("good-0", "bad-1")]
    groups = seed_groups(shown, known.runs)
    assert list(sentences(groups))[1:] == [
        "  learning rate 0.01: 80.00% on average, from 80.00% to 80.00% (3 seeds)",
        "  learning rate 9: diverged (3 seeds)",
    ]
    assert compared(groups) is None
    write_run(tmp_path, "good-2", config={"seed": 2, "learning_rate": 0.01}, phase="diverged")
    known = RunList(tmp_path)
    known.refresh()
    [_, line, _] = sentences(seed_groups(shown, known.runs))
    assert line.endswith("from 80.00% to 80.00% (2 seeds); 1 seed diverged")


def test_one_seed_of_one_setting_says_nothing(tmp_path):
    write_run(tmp_path, "one", phase="finished", best_accuracy=0.8)
    one = summarize(tmp_path / "one.run")
    assert not list(sentences(seed_groups([one], [])))
    write_run(tmp_path, "two", config={"seed": 1}, phase="finished", best_accuracy=0.9)
    assert list(sentences(seed_groups([one, summarize(tmp_path / "two.run")], [])))


def test_the_command_trains_the_seeds_and_compare_says_what_they_tell(
    tiny_options, tmp_path, capsys
):
    options = [*tiny_options, "--epochs", "9", "--runs", str(tmp_path / "runs")]
    path = tmp_path / "seeds.jsonl"
    good = ["--learning-rate", "0.02", "--seeds", "3", "--json", str(path)]
    assert main(["train", *options, *good]) == 0
    *seeds, end = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["seed"] for line in seeds] == [0, 1, 2]
    assert list(end) == ["event", "seeds", "mean", "lowest", "highest"]
    accuracies = [line["validation_accuracy"] for line in seeds]
    assert (end["lowest"], end["highest"]) == (min(accuracies), max(accuracies))
    names = [line["run"] for line in seeds]
    assert all((tmp_path / "runs" / f"{name}.run").exists() for name in names)
    printed = capsys.readouterr().out
    assert f"from {end['lowest']:.2%} to {end['highest']:.2%} (3 seeds)" in printed
    slow = [*options, "--learning-rate", "1e-9", "--seeds", "3", "--json", "-"]
    assert main(["train", *slow]) == 0
    other = json.loads(capsys.readouterr().out.splitlines()[0])["run"]
    compare = ["runs", "--runs", str(tmp_path / "runs"), "compare", names[0], other]
    assert main(compare) == 0
    printed = capsys.readouterr().out
    assert "Learning rate 0.02 is better than learning rate 1e-9 by" in printed
    assert "the spread of the seeds (3 seeds each)" in printed
    assert main([*compare, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["seeds"][0]["runs"]) == set(names)
    assert found["seeds"][0]["mean"] == pytest.approx(end["mean"])
    assert "(3 seeds each)" in found["verdict"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_a_repetition_that_ctrl_c_ends_says_after_how_many_epochs(
    tiny_options, capsys, monkeypatch
):
    def interrupted(*arguments, should_continue, **options):
        def interrupt(step):
            if step.evaluation and step.epoch == 2:
                os.kill(os.getpid(), signal.SIGINT)
            return should_continue(step)

        return repeat(*arguments, should_continue=interrupt, **options)

    monkeypatch.setattr("tui.headless.repeat.repeat", interrupted)
    assert main(["train", *tiny_options, "--epochs", "5", "--seeds", "3"]) == 130
    printed = capsys.readouterr()
    assert ", interrupted after 2 epochs, kept as " in printed.out
    assert "3 of 3 seeds have no result" in printed.err


def test_runs_that_cannot_be_kept_give_an_exit_code(tiny_options, tmp_path, capsys):
    (tmp_path / "file").touch()
    options = [*tiny_options, "--seeds", "2"]
    assert main(["train", *options, "--runs", str(tmp_path / "file" / "runs")]) == 2
    printed = capsys.readouterr()
    assert "cannot be kept in" in printed.err
    assert "not kept" in printed.out
    assert "(2 seeds)" in printed.out
    assert main(["train", *options, "--no-keep"]) == 0


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        (["--seeds", "0"], "seeds: enter a number from 1 to 1,000 in place of 0"),
        (["--seeds", "two"], "--seeds: enter a number from 1 to 1,000 in place of two"),
        (["--seeds", "2", "--until", "5"], "--seeds trains whole runs; leave out --until"),
        (["--seeds", "2", "--validation", "0"], "have no validation images"),
    ],
)
def test_wrong_seeds_are_refused(tiny_options, capsys, tokens, sentence):
    assert main(["train", *tiny_options, *tokens]) == 2
    assert sentence in capsys.readouterr().err
