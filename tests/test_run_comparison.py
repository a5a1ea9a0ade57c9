"""Comparing runs: settings, and predictions image by image."""

import numpy as np
import pytest
from run_files import train_run

from core.config.config import Config
from core.data import dataset
from core.errors import RunError
from core.events import BranchChanged, Change
from core.runs.comparison import compare_predictions, compared_settings, same_data
from core.runs.description import describe
from core.runs.keeper import Keeper
from core.runs.run import Run
from core.training.timeline import Timeline
from core.training.trainer import Trainer

CONFIG = Config(hidden=(8,), batch_size=32, validation=60, epochs=9)


@pytest.fixture
def noisy_directory(tmp_path, write_directory, make_dataset):
    """A dataset that a small network does not learn at once."""
    return write_directory(tmp_path / "noisy", make_dataset(train=300, classes=6, shape=(3, 3)))


@pytest.fixture
def opened(tmp_path):
    """Trains runs and opens them."""
    runs = []

    def train(data, config, steps):
        path, _ = train_run(tmp_path / "runs", data, config, steps)
        runs.append(Run(path))
        return runs[-1]

    yield train
    for run in runs:
        run.close()


def last_evaluation(config, data, steps):
    """The latest evaluation of a run, made anew."""
    trainer, evaluation = Trainer(config, data), None
    for _ in range(steps):
        evaluation = trainer.step().evaluation or evaluation
    return evaluation


def counted(config, data, steps, images):
    """The confusion matrix on these images, counted one by one."""
    evaluation = last_evaluation(config, data, steps)
    counts = np.zeros((6, 6), int)
    for index, row in zip(evaluation.indices, evaluation.probabilities, strict=True):
        if index in images:
            counts[data.train_labels[index], row.argmax()] += 1
    return counts


def test_each_image_is_counted_once(opened, noisy_directory):
    other = CONFIG.replace(learning_rate=0.03)
    runs = opened(noisy_directory, CONFIG, 20), opened(noisy_directory, other, 30)
    data = dataset.load(noisy_directory)
    both = compare_predictions(*runs, data)
    one, two = (last_evaluation(*args) for args in ((CONFIG, data, 20), (other, data, 30)))
    right = [result.probabilities.argmax(axis=1) == result.labels for result in (one, two)]
    assert both.steps == (one.step, two.step)
    assert both.images == (60, 60)
    assert both.indices.tolist() == one.indices.tolist()
    assert both.only(0).tolist() == [i for i in range(60) if right[0][i] and not right[1][i]]
    assert both.only(1).tolist() == [i for i in range(60) if right[1][i] and not right[0][i]]
    assert len(both.only(1)) > 0
    expected = counted(other, data, 30, one.indices) - counted(CONFIG, data, 20, one.indices)
    assert both.difference.tolist() == expected.tolist()
    truth = two.probabilities[np.arange(60), two.labels]
    assert both.true_probability[1] == pytest.approx(truth, abs=1e-3)


def test_runs_with_other_seeds_are_compared_on_the_images_that_both_evaluate(
    opened, noisy_directory
):
    other = CONFIG.replace(seed=1)
    runs = opened(noisy_directory, CONFIG, 20), opened(noisy_directory, other, 20)
    data = dataset.load(noisy_directory)
    both = compare_predictions(*runs, data)
    sets = [set(Trainer(config, data).evaluation_set.indices) for config in (CONFIG, other)]
    common = sorted(sets[0] & sets[1])
    assert 0 < len(common) < 60
    assert both.indices.tolist() == common
    assert both.labels.tolist() == data.train_labels[common].tolist()
    for matrix, config in zip(both.confusion, (CONFIG, other), strict=True):
        assert matrix.tolist() == counted(config, data, 20, common).tolist()


def test_what_cannot_be_compared_says_why(opened, noisy_directory, tiny_directory):
    data = dataset.load(noisy_directory)
    run, early = opened(noisy_directory, CONFIG, 20), opened(noisy_directory, CONFIG, 2)
    other = opened(tiny_directory, CONFIG, 20)
    tested = opened(noisy_directory, CONFIG.replace(validation=0), 20)
    assert not same_data([run, other])
    assert same_data([run, early, tested])
    with pytest.raises(RunError, match="were trained on different data"):
        compare_predictions(run, other, data)
    with pytest.raises(RunError, match=f"{early.name} has no predictions yet"):
        compare_predictions(run, early, data)
    with pytest.raises(RunError, match=r"on the validation set, .* on the test set"):
        compare_predictions(run, tested, data)


def test_only_changes_on_the_way_to_where_a_run_stands_are_listed(opened, tmp_path, tiny_directory):
    plain = opened(tiny_directory, CONFIG, 5)
    data = dataset.load(tiny_directory)
    timeline = Timeline(Trainer(CONFIG, data))
    started = timeline.trainer.started()
    keeper = Keeper(tmp_path, lambda: describe(started, tiny_directory), print)

    def run(steps):
        for _ in range(steps):
            keeper.add(timeline.step())

    def change(**values):
        timeline.change(**values)
        keeper.add(BranchChanged(timeline.branch))

    run(10)
    change(learning_rate=0.05)
    run(10)
    timeline.go_to(4)
    keeper.add(timeline.moved())
    timeline.change(l2=0.1)
    keeper.add(timeline.moved())
    run(3)
    keeper.close()
    with Run(keeper.path) as changed:
        assert changed.changes() == (Change(4, "l2", 0.0, 0.1),)
        [row] = compared_settings([plain, changed])
    assert (row.name, row.values) == ("l2", (0.0, 0.0))
    assert row.changes == ((), (Change(4, "l2", 0.0, 0.1),))
