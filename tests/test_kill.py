"""A run that is killed at any moment continues from its file, bit for bit.

Programs walk through runs at random: forward, back, to other branches, with changes of settings.
They write to their files as fast as they can, and are killed with SIGKILL. Run it as a program to
kill hundreds: python tests/test_kill.py 300
"""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from test_kept_runs import KeptWalk
from test_timeline import CHANGES, CONFIGS, comparable, everything

from core.data.dataset import Dataset
from core.runs import keeper
from core.runs.run import Run
from core.training.trainer import Trainer

WALKERS = "import sys, test_kill; test_kill.walk_apart(sys.argv[1], map(int, sys.argv[2:]))"


def dataset():
    def images(count):
        pixels = np.random.default_rng(count).integers(0, 256, (count, 6, 5)).astype(np.uint8)
        return pixels, (np.arange(count) % 3).astype(np.uint8)

    return Dataset(*images(200), *images(60), ("0", "1", "2"))


def walk(seed, directory):
    """Walks through a run until it is killed; its file is in the directory."""
    keeper._INTERVAL, rng = 0.002, random.Random(seed)
    walk = KeptWalk(CONFIGS[seed % len(CONFIGS)], dataset(), directory)
    walk.run(1)
    end = time.monotonic() + 120  # if nobody kills it
    while time.monotonic() < end:
        match rng.choice(("run", "run", "change", "go_to", "switch_branch", "checkpoint")):
            case "run":
                walk.run(rng.randrange(1, 60))
            case "change":
                walk.change(rng.choice(CHANGES))
            case "go_to":
                walk.go_to(rng.random())
            case "switch_branch":
                walk.switch_branch(rng.random())
            case "checkpoint":
                walk.keeper.add_checkpoint(walk.timeline.trainer.checkpoint())


def walk_apart(directory, seeds):
    """Walks with each seed in a process of its own; prints their ids, and waits for their end.

    They begin as copies of this one, because importing takes longer than walking.
    """
    processes = []
    for seed in seeds:
        if not (process := os.fork()):
            walk(seed, Path(directory, str(seed)))
            os._exit(0)
        processes.append(process)
    print(*processes, flush=True)
    ends = [os.waitpid(process, 0)[1] for process in processes]
    sys.exit(any(os.WTERMSIG(end) != signal.SIGKILL for end in ends))


def straight(run, data, branch, step):
    """A trainer that went straight to a step of a branch, with the changes on the way to it."""
    path, last = [], step
    while branch is not None:
        path.insert(0, (run.branches[branch], last))
        branch, last = run.branches[branch].parent, run.branches[branch].fork
    trainer = Trainer(run.config, data)
    for branch, last in path:
        for group in branch.change_groups:
            if group[0].step <= min(last, step):
                while trainer.steps < group[0].step:
                    trainer.step()
                trainer.change(**{change.field: change.new for change in group})
    while trainer.steps < step:
        trainer.step()
    return trainer


def check(path, data):
    """Asserts that the run in a file is the one that a straight run would be; returns its steps."""
    with Run.open(path) as run:
        timeline = run.timeline(data)
        trainer = straight(run, data, run.branch, run.step)
        assert everything(timeline.trainer) == everything(trainer)
        metrics = run.metrics()
        assert metrics["step"].tolist() == list(range(1, run.step + 1))
        for branch in {run.branches[0], run.branches[-1], run.branches[run.branch]}:
            timeline.switch_branch(branch.number)
            expected = straight(run, data, branch.number, branch.end)
            assert everything(timeline.trainer) == everything(expected)
            for _ in range(5):
                if expected.finished:
                    break
                assert comparable(timeline.step()) == comparable(expected.step())
        return sum(branch.end - branch.fork for branch in run.branches)


def kill_some(directory, seeds):
    """Starts a walk with each seed, kills them one after the other, and checks what they left."""
    data, rng, places = dataset(), random.Random(str(seeds)), [directory / str(s) for s in seeds]
    program = subprocess.Popen(
        [sys.executable, "-c", WALKERS, str(directory), *map(str, seeds)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent,
        start_new_session=True,
    )
    try:
        walkers = [int(process) for process in program.stdout.readline().split()]
        for place in places:
            while not any(path.stat().st_size for path in place.glob("*.run")):
                assert program.poll() is None
                time.sleep(0.01)
        for walker in walkers:
            time.sleep(rng.random() / 6)
            os.kill(walker, signal.SIGKILL)
        assert program.wait(60) == 0  # none of them ended before it was killed
    finally:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        program.stdout.close()
    return sum(check(path, data) for place in places for path in place.glob("*.run"))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_run_goes_on_as_if_it_had_not_been_interrupted(tmp_path):
    """Twelve times."""
    assert kill_some(tmp_path, range(12)) > 50  # about 1,000, but fewer on a busy machine


if __name__ == "__main__":
    import tempfile

    first, count, steps = random.randrange(1 << 30), int(sys.argv[1]), 0
    with tempfile.TemporaryDirectory() as directory:
        for start in range(first, first + count, 4):
            steps += kill_some(Path(directory), range(start, min(start + 4, first + count)))
    print(f"{count} programs were killed; their {steps:,} steps are those of straight runs")
