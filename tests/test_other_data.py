"""A kept run that continues with other data: a copy, and the run stays as it is."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from live import Watched
from run_files import living_owner, train_run
from test_timeline import everything

from core.coach.review import review
from core.config.config import Config
from core.data import dataset
from core.errors import ConfigError, RunError
from core.events import Kept, Phase, Refused, RunMoved, RunStarted, Warned
from core.experiments.spread import seed_groups
from core.export import metrics
from core.goals import Goal
from core.history.history import History
from core.runs.run import Run
from core.runs.summary import summarize
from core.training.trainer import Trainer
from tui.panes.numbers_line import numbers
from tui.run.resumption import Resumption
from tui.run.session import Session

CONFIG = Config(
    hidden=(8,),
    batch_size=32,
    validation=30,
    epochs=9,
    dropout=0.2,
    batch_norm=True,
    schedule="plateau",
    decay_epochs=1,
    patience=3,
    flip=0.5,
)
LEFT, END = 8, 22  # steps: in the middle of epoch 2, and in the middle of one of the other data


@pytest.fixture
def other_data(tmp_path, make_dataset):
    """A directory with fewer images, of other garments of as many pixels and classes."""
    names = ("coat", "shoe", "bag")
    data = make_dataset(train=140, test=40, seed=8)
    return dataset.load(_written(tmp_path / "other", data, names)), tmp_path / "other"


def _written(path, data, names=None):
    from datasets import write_directory

    return write_directory(path, data, names=names)


@pytest.fixture
def runs(tmp_path):
    return tmp_path / "runs"


@pytest.fixture
def kept(runs, tiny_directory):
    """The file of a run that was left in the middle of an epoch."""
    path, _ = train_run(runs, tiny_directory, CONFIG, LEFT)
    return path.rename(path.with_name("otter.run"))


def straight(first, other, steps, changes=None):
    """A trainer that changes its data on the way: it has no file, no timeline and no checkpoint."""
    before, after = Trainer(CONFIG, first), Trainer(CONFIG, other)
    for _ in range(LEFT):
        before.step()
    after.network.parameters[:] = before.network.parameters
    after.network.statistics[:] = before.network.statistics
    after.optimizer.load_state(before.optimizer.state())
    after.plateau.factor = before.plateau.factor
    after.steps, after.epochs = before.steps, before.epochs
    after.shuffle_rng.bit_generator.state = before.checkpoint().shuffle_rng
    after._shuffle()
    for name in ("dropout_rng", "augment_rng"):
        state = getattr(before, name).bit_generator.state
        getattr(after, name).bit_generator.state = state
    for _ in range(LEFT, steps):
        after.change(**(changes or {}).get(after.steps, {}))
        after.step()
    return after


def test_a_copy_goes_on_with_the_other_data_and_the_run_stays_as_it_is(
    called, kept, runs, tiny, other_data
):
    other, place = other_data
    content, time = kept.read_bytes(), kept.stat().st_mtime_ns
    resume = ("train", "--runs", str(runs), "--resume", "otter")
    refused = called(*resume, "--data", str(place))
    assert refused.returncode == 2
    assert refused.stderr.endswith("; add --anyway to use that data\n")
    done = called(*resume, "--data", str(place), "--anyway", "--until", "13")
    assert done.returncode == 0
    assert done.stderr.startswith(
        "fashion-tui: note: otter was trained on other data: a copy of it continues with "
        "other after step 8, and otter does not change.\n"
    )
    assert "kept as otter-copy" in done.stdout
    assert (kept.read_bytes(), kept.stat().st_mtime_ns) == (content, time)
    # It continues again like any other run, on the data that it now has.
    again = called("train", "--runs", str(runs), "--resume", "otter-copy", "--until", str(END))
    assert again.returncode == 0
    assert "note" not in again.stderr
    with Run(runs / "otter-copy.run") as run:
        assert (run.start_step, run.step, run.config) == (LEFT, END, CONFIG)
        trainer = run.timeline(other).trainer
        assert everything(trainer) == everything(straight(tiny, other, END))
        middle = run.network_at(11)  # computed again, on the right images
        expected = straight(tiny, other, 11).network.parameters
        assert np.array_equal(middle.parameters, expected)
        with pytest.raises(RunError, match=r"enter 8 to 22, .*; before, it was trained"):
            run.network_at(7)
        with pytest.raises(RunError, match="it was trained on other data"):
            run.timeline(tiny)
        data = run.meta["data"]
        assert (data["path"], data["classes"]) == (str(place), list(other.class_names))
        assert run.meta["training_images"] == len(trainer.training_set)
        assert run.meta["evaluation_images"] == len(trainer.evaluation_set)
        assert [row["step"] for row in metrics.rows(run)] == list(range(LEFT + 1, END + 1))
        assert [len(record.predictions.evaluations) for record in run.records()] == [3]
    assert kept.read_bytes() == content


def test_what_is_made_of_a_copy_is_about_its_own_data(called, kept, runs, other_data, tmp_path):
    _, place = other_data
    options = ("--runs", str(runs))
    called("train", *options, "--resume", "otter", "--data", str(place), "--anyway")
    copy = runs / "otter-copy.run"
    where = "it continues otter after step 8, with other data"
    command = called("export", *options, "otter-copy", "--as-command")
    assert (command.returncode, command.stdout) == (2, "")
    assert command.stderr.strip() == f"fashion-tui: no single command repeats otter-copy: {where}"
    made = called("export", *options, "otter-copy", "--to", str(tmp_path / "made/"))
    assert made.returncode == 0
    assert not (tmp_path / "made/command.txt").exists()
    report = (tmp_path / "made/report.html").read_text()
    assert f"o single command repeats otter-copy: {where}" in report
    assert "coat" in report
    shown = called("runs", "show", *options, "otter-copy").stdout
    assert "Continues otter after step 8, with other data." in shown
    [entry] = json.loads(called("runs", *options, "copy", "--json").stdout)
    assert entry["origin"] == {"run": "otter", "step": 8}
    compared = called("runs", "compare", *options, "otter", "otter-copy").stdout
    assert "trained on different data" in compared
    # It is not one more seed of its settings, and its speed is that of its own steps.
    summary = summarize(copy)
    assert (summary.phase, summary.origin.run) == (Phase.FINISHED, "otter")
    assert seed_groups([summary], []) == []
    with Run(copy) as run:
        seconds = run.metrics()["seconds"][-1] - summary.origin.seconds
        images = run.metrics()["images"].sum()
    assert summary.images_per_second == pytest.approx(images / seconds)


def test_on_the_screen_it_begins_at_that_step_and_branches(kept, runs, tiny, other_data):
    other, place = other_data
    content, history = kept.read_bytes(), History()
    session = Session(Config(), place, runs, Resumption(kept, {}, place, anyway=True))
    watched = Watched(session)
    assert watched.until(lambda event: isinstance(event, Warned)).message.startswith(
        "otter was trained on other data: a copy of it continues"
    )
    started, moved = watched.of(RunStarted)[-1], watched.of(RunMoved)[-1]
    assert started.dataset.class_names == ("coat", "shoe", "bag")
    assert (moved.current_step, moved.step.step, moved.step.epochs) == (LEFT, LEFT, 1.0)
    assert watched.of(Kept)[-1].note == "other data"
    for event in watched.events:
        history.add(event)
    snapshot = history.snapshot()
    assert (snapshot.steps, snapshot.end, len(snapshot.training_curves["loss"])) == (8, 8, 0)
    assert review(snapshot) == ()  # the coach says nothing of what it has not seen
    assert "nan" not in numbers(snapshot, 200).plain
    session.step_back(1)
    refused = watched.until(lambda event: isinstance(event, Refused))
    assert refused.message == (
        "the run is at its start: before step 8 it was trained on other data"
    )
    session.go_to_goal(Goal("epoch", 1))  # the start
    assert watched.until(lambda event: isinstance(event, RunMoved)).current_step == LEFT
    session.steps(12)
    watched.until(lambda event: getattr(event, "step", 0) == 20)
    watched.until_phase(Phase.PAUSED)
    session.go_to_step(0)  # as far back as it goes
    moved = watched.until(lambda event: isinstance(event, RunMoved))
    assert (moved.current_step, moved.step.step) == (LEFT, LEFT)
    session.go_to_step(12)
    watched.until(lambda event: isinstance(event, RunMoved))
    session.change(learning_rate=0.0125)
    session.steps(5)
    watched.until(lambda event: getattr(event, "step", 0) == 17)
    watched.until_phase(Phase.PAUSED)
    session.close(timeout=60)
    assert kept.read_bytes() == content
    with Run(runs / "otter-copy.run") as run:
        assert [(b.fork, b.end) for b in run.branches] == [(8, 20), (12, 17)]
        timeline = run.timeline(other)
        expected = straight(tiny, other, 17, {12: {"learning_rate": 0.0125}})
        assert everything(timeline.trainer) == everything(expected)
        timeline.switch_branch(0)
        assert everything(timeline.trainer) == everything(straight(tiny, other, 20))


def test_a_finished_run_needs_more_epochs_and_says_so(called, kept, runs, other_data):
    _, place = other_data
    resume = ("train", "--runs", str(runs), "--resume")
    assert "nothing is trained" not in called(*resume, "otter").stderr
    finished = "note: nothing is trained, because the run finished its 9 epochs; a larger --epochs"
    assert f"{finished} continues it\n" in called(*resume, "otter").stderr
    done = called(*resume, "otter", "--data", str(place), "--anyway")
    assert done.returncode == 0
    assert finished in done.stderr
    assert "not kept" not in done.stderr
    assert [path.name for path in runs.iterdir()] == ["otter.run"]
    more = called(*resume, "otter", "--data", str(place), "--anyway", "--epochs", "10")
    assert (more.returncode, more.stderr.count("note: ")) == (0, 1)
    with Run(runs / "otter-copy.run") as run:
        assert run.current_config.epochs == 10
        assert [change.field for change in run.changes()] == ["epochs"]


def test_data_that_do_not_fit_are_refused_and_no_file_is_made(
    called, kept, runs, tmp_path, make_dataset
):
    wrong = _written(tmp_path / "wrong", make_dataset(shape=(4, 4)))
    done = called(
        *("train", "--runs", str(runs), "--resume", "otter", "--data", str(wrong), "--anyway")
    )
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "fashion-tui: otter cannot continue with this data: its network does not fit images of 4×4 "
        "pixels in 3 classes"
    )
    assert [path.name for path in runs.iterdir()] == ["otter.run"]


def test_without_a_checkpoint_of_the_step_the_one_before_counts(kept, tiny, other_data):
    other, place = other_data
    with closing(sqlite3.connect(kept)) as file, file:
        for table in ("checkpoints", "arrays"):
            file.execute(f"UPDATE {table} SET step = 5")
        file.execute("UPDATE checkpoints SET state = json_set(state, '$.steps', 5)")
    with Run(kept) as run:
        assert run.on_other_data(other, place).step == 5
        with pytest.raises(RunError, match=r"no checkpoint of step 8: .* data that it was trained"):
            run.network_at(8, other)
    with closing(sqlite3.connect(kept)) as file, file:
        file.executescript("DELETE FROM checkpoints; DELETE FROM arrays")
    with Run(kept) as run, pytest.raises(RunError, match="no checkpoint up to step 8, so it needs"):
        run.on_other_data(other, place)


def test_the_checkpoint_where_a_copy_begins_is_never_dropped(kept, other_data):
    from core.runs.writer import Writer

    other, place = other_data
    with Run(kept) as run, run.on_other_data(other, place) as copy:
        timeline, content = copy.timeline(other), copy.content()
    with closing(sqlite3.connect(":memory:")) as file:
        file.deserialize(content)
        writer = Writer(file)
        for _ in range(40):
            timeline.step()
            writer.checkpoint(0, timeline.trainer.checkpoint())
        writer.thin_checkpoints(1, (0, 48), budget=1)
        left = file.execute("SELECT step FROM checkpoints ORDER BY step").fetchall()
        assert left == [(8,), (48,)]


def test_other_data_in_an_export_never_recomputes_a_network(called, kept, runs, other_data):
    _, place = other_data
    export = ("export", "--runs", str(runs), "otter", "--data", str(place), "--anyway")
    assert called(*export, "--to", "network.npz").returncode == 0
    with np.load("network.npz") as arrays, Run(kept) as run:
        weights = run.network_at(LEFT).linears[0].W
        assert np.array_equal(arrays["W1"], weights)
    assert called(*export, "--to", "report.html").returncode == 0
    with open("report.html", encoding="utf-8") as report:
        assert "on other data: other, SHA-256" in report.read()
    with closing(sqlite3.connect(kept)) as file, file:
        file.executescript("DELETE FROM checkpoints; DELETE FROM arrays")
    done = called(*export, "--to", "network.npz", "--force")
    assert done.returncode == 2
    assert "needs the data that it was trained on" in done.stderr


def test_a_timeline_that_begins_later_refuses_earlier_steps_in_words(kept, other_data):
    other, place = other_data
    with Run(kept) as run:
        timeline = run.on_other_data(other, place).timeline(other)
    timeline.step()
    with pytest.raises(ConfigError, match="enter 8 to 9, the steps of this branch"):
        timeline.go_to(3)


def test_a_run_that_is_open_elsewhere_goes_on_with_other_data_only(
    called, kept, runs, tiny_directory, other_data
):
    with closing(sqlite3.connect(kept)) as file, file:
        file.execute(
            "INSERT OR REPLACE INTO meta VALUES ('owner', ?)", [json.dumps(living_owner())]
        )
    content = kept.read_bytes()
    resume = ("train", "--runs", str(runs), "--resume", "otter", "--anyway", "--data")
    refused = called(*resume, str(tiny_directory))
    assert refused.returncode == 2
    assert "otter is open in another program" in refused.stderr
    done = called(*resume, str(other_data[1]), "--until", "10")
    assert done.returncode == 0
    assert kept.read_bytes() == content
    with Run(runs / "otter-copy.run") as run:
        assert (run.start_step, run.step, run.owner) == (LEFT, 10, None)


def test_the_same_data_in_another_place_is_found_there_from_then_on(
    called, kept, runs, tiny, tiny_directory, tmp_path
):
    moved = tiny_directory.rename(tmp_path / "moved")
    resume = ("train", "--runs", str(runs), "--resume", "otter")
    done = called(*resume, "--data", str(moved), "--until", "8")  # it is only looked at
    assert done.returncode == 0
    assert called(*resume).returncode == 2
    assert called(*resume, "--data", str(moved), "--until", "9").returncode == 0
    done = called(*resume, "--until", "10")
    assert done.returncode == 0
    assert str(moved) not in done.stderr
    with Run(kept) as run:
        assert run.meta["data"]["path"] == str(moved)
        trainer, expected = run.timeline(run.load_data()).trainer, Trainer(CONFIG, tiny)
    for _ in range(10):
        expected.step()
    assert everything(trainer) == everything(expected)
