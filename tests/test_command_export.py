"""A run as a command: the line makes the same run again, bit for bit, changes included."""

import json
import os
import random
import shlex
import shutil
import sqlite3
import subprocess

import numpy as np
import pytest
from live import Watched
from run_files import living_owner, write_run
from test_kept_runs import KeptWalk
from test_timeline import CHANGES, CONFIG, EVERYTHING

from core.config.config import Config
from core.errors import ConfigError
from core.events import Phase, RunMoved
from core.export.command import as_command
from core.runs.description import describe
from core.runs.keeper import Keeper
from core.runs.run import Run
from core.runs.summary import summarize
from core.text import shell_line
from tui.command_line import parse
from tui.export.curves import RunCurves
from tui.run.session import Session

PLATEAU = EVERYTHING.replace(schedule="plateau", decay_epochs=1, learning_rate=0.1, patience=2)


class KeptWalkOn(KeptWalk):
    """A kept walk on data in a directory, where the command finds it, too."""

    def __init__(self, config, data, directory, path):
        super().__init__(config, data, directory)
        self.keeper.close()
        self.keeper = Keeper(directory, lambda: describe(self.started, path), self.reports.append)

    def finish(self):
        """Trains to the end; returns the run in its file."""
        self.timeline.switch_branch(self.timeline.branch.number)
        self.moved()
        while not self.timeline.trainer.finished:
            self.run(1)
        self.keeper.add_checkpoint(self.timeline.trainer.checkpoint())
        self.keeper.close()
        return Run(self.keeper.path)


def final(run, data):
    """All numbers at the end of a run."""
    trainer = run.timeline(data).trainer
    checkpoint = trainer.checkpoint()
    moments = checkpoint.optimizer_state.moments
    arrays = checkpoint.parameters, checkpoint.statistics, *(moments[name] for name in moments)
    return checkpoint.steps, checkpoint.config, [array.tobytes() for array in arrays]


@pytest.mark.parametrize("seed", [0, 1, 2, 5])  # these choose all three configs
def test_the_command_makes_the_same_run_again(
    called, tiny, tiny_directory, tmp_path, runs_directory, seed
):
    rng = random.Random(seed)
    config = rng.choice([CONFIG, EVERYTHING, PLATEAU]).replace(epochs=8, seed=seed)
    walk = KeptWalkOn(config, tiny, tmp_path / "runs", tiny_directory)
    for _ in range(5):
        walk.change(rng.choice(CHANGES))
        if rng.random() < 0.3:
            walk.change(rng.choice(CHANGES))  # at the same step
        walk.run(rng.randint(1, 9))
        if rng.random() < 0.5:
            walk.go_to(rng.random())
    before = set(runs_directory.glob("*.run"))
    with walk.finish() as run:
        done = called("export", str(run.path), "--as-command")
        [line] = done.stdout.splitlines()
        assert line == as_command(run)
        program, *arguments = shlex.split(line)
        assert program == "fashion-tui"
        assert called(*arguments).returncode == 0
        [path] = set(runs_directory.glob("*.run")) - before
        with Run(path) as again:
            assert final(again, tiny) == final(run, tiny)
            assert as_command(again) == line
            for name, values in run.metrics().items():
                if name != "seconds":
                    assert np.array_equal(again.metrics()[name], values), name


def test_only_what_was_in_force_at_the_next_step_counts_as_a_change(
    called, tiny, tiny_directory, tmp_path
):
    walk = KeptWalkOn(CONFIG, tiny, tmp_path / "runs", tiny_directory)
    walk.run(3)
    before = walk.timeline.trainer.config.l2
    walk.change({"l2": 0.25})
    walk.change({"l2": before})
    walk.run(3)
    walk.change({"label_smoothing": 0.25})
    walk.change({"learning_rate": 0.125})
    walk.change({"label_smoothing": 0.5})
    walk.run(3)
    walk.keeper.close()
    assert summarize(walk.keeper.path).changed == ("learning_rate", "label_smoothing")
    with Run(walk.keeper.path) as run:
        assert as_command(run).partition(" --at ")[2] == "6 label-smoothing=0.5 learning-rate=0.125"
        assert [change.step for change in RunCurves(run).changes] == [6, 6]
    shown = json.loads(called("runs", "show", str(walk.keeper.path), "--json").stdout)
    assert [(c["step"], c["setting"], c["new"]) for c in shown["changes"]] == [
        (6, "label_smoothing", 0.5),
        (6, "learning_rate", 0.125),
    ]
    table = called("runs", "show", str(walk.keeper.path)).stdout.partition("Changes by hand")[2]
    assert "0.25" not in table.partition("Branches")[0]


def test_a_change_of_the_optimizer_that_was_undone_stays_in_the_command(
    tiny, tiny_directory, tmp_path
):
    """The moments are at 0 after it, so without it the run would be another one."""
    walk = KeptWalkOn(CONFIG.replace(optimizer="adam"), tiny, tmp_path / "runs", tiny_directory)
    walk.run(3)
    walk.change({"optimizer": "sgd"})
    walk.change({"optimizer": "adam"})
    walk.run(3)
    walk.keeper.close()
    with Run(walk.keeper.path) as run:
        plan = as_command(run).partition(" --at ")[2]
    assert plan == "3 optimizer=sgd --at 3 optimizer=adam"


def test_the_command_of_a_run_of_a_preset_is_short(called, runs_directory, tmp_path):
    short = ("--preset", "small", "--epochs", "1", "--batch-size", "5000")
    plan = ("--at", "3", "learning-rate=0.01", "momentum=0.5", "--at", "5", "dropout=0.1")
    assert called("train", *short, *plan, "--runs", str(tmp_path)).returncode == 0
    done = called("export", "--runs", str(tmp_path), "--as-command")
    assert done.stdout == (
        "fashion-tui train --preset small --batch-size 5000 --epochs 1 "
        "--at 3 learning-rate=0.01 momentum=0.5 --at 5 dropout=0.1\n"
    )


def test_planned_changes_are_said_and_kept(called, tiny_options, tmp_path):
    plan = ("--at", "4", "learning-rate=0.05", "--at", "0", "l2=0.1", "--at", "99", "l2=0.2")
    done = called("train", *tiny_options, *plan, "--runs", str(tmp_path))
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "after step 0: l2 0, now 0.1",
        "after step 4: learning rate 0.003, now 0.05",
    ]
    assert done.stderr == (
        "fashion-tui: note: the run ended before step 99, so --at 99 had no effect\n"
    )
    [path] = tmp_path.glob("*.run")
    with Run(path) as run:
        assert [(change.step, change.field) for [change] in run.change_groups()] == [
            (0, "l2"),
            (4, "learning_rate"),
        ]


def test_more_epochs_at_the_last_step_make_the_run_continue(called, tiny_options, tmp_path):
    done = called("train", *tiny_options, "--at", "12", "epochs=3", "--runs", str(tmp_path))
    assert "after 18 steps" in done.stdout
    [path] = tmp_path.glob("*.run")
    with Run(path) as run:
        assert run.step == 18


def test_the_screen_makes_the_planned_changes(tiny_directory, tmp_path):
    plan = ("--at", "3", "learning-rate=0.05", "--at", "0", "l2=0.1", "--at", "12", "epochs=3")
    short = ("--validation", "30", "--batch-size", "32", "--hidden", "8", "--epochs", "2")
    options = parse([*short, *plan, "--runs", str(tmp_path)])
    session = Session(options.config, tiny_directory, options.runs, None, options.plan)
    watched = Watched(session)
    watched.until_phase(Phase.PAUSED)
    session.toggle()
    watched.until_phase(Phase.FINISHED)
    session.close()
    configs = [event.config for event in watched.of(RunMoved)]
    assert [(c.l2, c.learning_rate, c.epochs) for c in configs] == [
        (0.1, 0.003, 2),
        (0.1, 0.05, 2),
        (0.1, 0.05, 3),
    ]
    [path] = tmp_path.glob("*.run")
    with Run(path) as run:
        changes = [change for group in run.change_groups() for change in group]
        assert run.step == 18
    assert [(c.step, c.field, c.new) for c in changes] == [
        (0, "l2", 0.1),
        (3, "learning_rate", 0.05),
        (12, "epochs", 3),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x", "l2=1"], "--at: enter a step in place of x, then settings: --at 1200 learning"),
        (["3", "learn_rate=1"], "--at: learn_rate is not a setting; did you mean learning-rate"),
        (["-3", "l2=1"], None),
        (["3"], "--at 3: add at least one setting, for example learning-rate=0.003"),
        (["3", "l2"], "--at: enter SETTING=VALUE in place of l2: learning-rate=0.003"),
        (["3", "lr=1"], "--at: lr is not a setting; fashion-tui --help has them"),
        (["3", "hidden=9"], "--at: hidden applies only to a new run; use --hidden"),
        (["3", "l2=1", "l2=2"], "--at: l2 is given twice; use an --at for each"),
        (["3", "l2=x"], "l2: enter a number from 0 to 10, for example 0.0001"),
        (["3", "weight-decay=0.1"], "weight decay works only with adamw, not with adam; use l2"),
    ],
)
def test_a_wrong_plan_is_refused_before_training(called, arguments, message):
    if message is None:
        assert called("train", "--at", *arguments).returncode == 2
        return
    with pytest.raises(ConfigError, match=message.split(";")[0]):
        parse(["train", "--at", *arguments])


def test_planned_changes_may_depend_on_each_other():
    options = parse(["--at", "9", "weight-decay=0.1", "--at", "3", "optimizer=adamw"])
    assert options.plan.steps == [3, 9]
    assert Config().optimizer == "adam"


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize(
    "word", ["it's", "a b\\", "\x1b]0;title\x07'\\", "\u202etxt", "caf\udce9", "\n1"]
)
def test_a_line_for_the_shell_is_printable_and_gives_the_same_words(word):
    line = shell_line(("printf", r"%s\0", word, "end"))
    assert line.isprintable()
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=True)
    assert done.stdout == os.fsencode(word) + b"\0end\0"


@pytest.mark.parametrize("name", ["\x1b]0;title\x07", "\u202etxt"], ids=["escape", "bidi"])
def test_the_command_with_a_path_that_is_not_printable_is_printable(
    called, tiny_options, tiny_directory, tmp_path, name
):
    directory = tiny_directory.rename(tmp_path / name)
    options = ["--data", str(directory), *tiny_options[2:], "--runs", str(tmp_path / "runs")]
    assert called("train", *options).returncode == 0
    [line] = called("export", "--as-command", *options[-2:]).stdout.splitlines()
    assert line.isprintable()
    assert "--data $'" in line


def test_the_command_of_a_run_that_is_not_finished_says_where_it_stopped(
    called, tiny_options, tmp_path
):
    directory = ("--runs", str(tmp_path))
    done = called("train", *tiny_options, "--until", "7", *directory, "--json", "-")
    assert done.returncode == 0
    end = json.loads(done.stdout.splitlines()[-1])
    assert (end["reason"], end["step"]) == ("stopped", 7)
    [path] = tmp_path.glob("*.run")
    done = called("export", "--as-command", *directory)
    assert done.stderr == (
        f"fashion-tui: note: {path.stem} stopped after 7 steps, 1.2 of 2 epochs, and this command "
        "trains to the end; add --until 7 to stop there\n"
    )
    _, *arguments = shlex.split(done.stdout)
    assert called(*arguments, "--until", "7", *directory).returncode == 0
    [other] = set(tmp_path.glob("*.run")) - {path}
    with Run(path) as first, Run(other) as second:
        assert first.step == second.step == 7
        assert np.array_equal(first.metrics()["loss"], second.metrics()["loss"])
        assert first.meta["phase"] == "paused"
    assert called("train", "--resume", other.stem, "--until", "9", *directory).returncode == 0
    assert called("train", "--resume", path.stem, *directory).returncode == 0
    with Run(path) as first, Run(other) as second:
        assert (first.step, second.step) == (12, 9)
    assert called("export", path.stem, "--as-command", *directory).stderr == ""


def test_a_run_that_is_past_until_says_that_nothing_is_trained(called, tiny_options, tmp_path):
    directory = ("--runs", str(tmp_path))
    assert called("train", *tiny_options, "--until", "5", *directory).returncode == 0
    done = called("train", "--resume", "--until", "3", *directory)
    assert done.stderr.startswith(
        "fashion-tui: note: nothing is trained, because the run is at step 5 and --until is 3\n"
    )


def test_a_run_of_another_directory_is_kept_in_its_file(called, tiny_options, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    done = called("train", *tiny_options, "--until", "5", "--runs", str(there))
    [path] = there.glob("*.run")
    assert done.stdout.endswith(f"\nkept as {path.stem}\n")
    done = called("train", "--resume", str(path), "--until", "6", "--runs", str(here))
    assert done.stdout.endswith(f"\nkept as {path}\n")


def test_the_name_or_the_file_of_a_run_in_place_of_a_command_is_understood(called, tmp_path):
    path = write_run(tmp_path, "silent-hare")
    hint = (
        "there is no command silent-hare; to continue the run silent-hare, enter "
        "fashion-tui --resume silent-hare"
    )
    assert hint in called("silent-hare", "--runs", str(tmp_path)).stderr
    assert "enter one of" in called("silent-hare", "--runs", f"{tmp_path}/other").stderr
    bare = path.rename(tmp_path / "without-suffix")
    options = parse([str(bare)])
    assert options.resume.path == bare


def test_a_change_after_the_end_is_refused(called):
    done = called("train", "--until", "7", "--at", "9", "l2=0.1")
    assert (done.returncode, done.stderr) == (2, "fashion-tui: --at 9 is after --until 7\n")


@pytest.mark.parametrize("step", ["0", "-1", "soon", "1.5", ""])
def test_until_takes_a_step(called, step):
    done = called("train", f"--until={step}")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "fashion-tui: --until: enter a step of at least 1, for example 1200"
    )


def test_a_run_that_is_open_elsewhere_is_refused_with_what_can_be_done(
    called, tiny_options, tmp_path
):
    assert called("train", *tiny_options, "--until", "5", "--runs", str(tmp_path)).returncode == 0
    [path] = tmp_path.glob("*.run")
    with sqlite3.connect(path) as connection:
        owner = json.dumps(living_owner())
        connection.execute("UPDATE meta SET value = ? WHERE key = 'owner'", (owner,))
    connection.close()
    content = path.read_bytes()
    done = called("train", "--resume", "--runs", str(tmp_path))
    assert done.returncode == 2
    assert f"{path.stem} is open in another program: process 7 on far-away, since" in done.stderr
    assert "end it there first, add --no-keep" in done.stderr
    assert done.stderr.endswith(f"fashion-tui --resume {path.stem}\n")
    done = called("train", "--resume", str(path), "--no-keep")
    assert done.returncode == 0
    assert path.read_bytes() == content


def test_a_run_that_is_opened_elsewhere_meanwhile_is_refused_in_the_same_words(
    called, tiny_options, tmp_path, monkeypatch
):
    assert called("train", *tiny_options, "--until", "5", "--runs", str(tmp_path)).returncode == 0
    [path] = tmp_path.glob("*.run")
    load = Run.load_data

    def load_while_it_is_opened(*arguments):
        with sqlite3.connect(path) as connection:
            owner = json.dumps(living_owner())
            connection.execute("UPDATE meta SET value = ? WHERE key = 'owner'", (owner,))
        connection.close()
        return load(*arguments)

    monkeypatch.setattr(Run, "load_data", load_while_it_is_opened)
    done = called("train", "--resume", "--runs", str(tmp_path))
    assert done.returncode == 2
    assert "end it there first, add --no-keep" in done.stderr


def test_other_data_is_refused_unless_anyway(
    called, tiny_options, tmp_path, write_directory, make_dataset
):
    directory = ("--runs", str(tmp_path))
    assert called("train", *tiny_options, "--until", "5", *directory).returncode == 0
    other = str(write_directory(tmp_path / "other", make_dataset(seed=9)))
    resume = ("train", "--resume", "--data", other, "--until", "7", *directory)
    done = called(*resume)
    assert done.returncode == 2
    assert "was trained on other data: " in done.stderr
    assert done.stderr.endswith("; add --anyway to use that data\n")
    assert called(*resume, "--anyway").returncode == 0


def test_a_resumed_schedule_that_jumps_says_so(called, tiny_options, tmp_path):
    directory = ("--runs", str(tmp_path))
    assert called("train", *tiny_options, "--until", "6", *directory).returncode == 0
    done = called("train", "--resume", "--epochs", "4", *directory)
    first, second, third, *_ = done.stdout.splitlines()
    assert first.startswith("resuming ")
    assert second == "after step 6: epochs 2, now 4"
    assert third.startswith(
        "with 4 epochs in place of 2, the one-cycle schedule is at 25% of the run, not at 50%: "
        "the learning rate goes from 0.00"
    )
