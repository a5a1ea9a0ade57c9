"""Training images that are left out: where the others stay, and how a run keeps it."""

from dataclasses import replace

import numpy as np
import pytest

from core.config.config import Config
from core.data import dataset, image_numbers
from core.data.reading import Reading
from core.errors import ConfigError, DataError
from core.experiments.sweep_request import decisions
from core.export.command import as_command
from core.runs.comparison import compare_predictions, same_data
from core.runs.description import describe, files_fingerprint, fingerprint
from core.runs.keeper import Keeper
from core.runs.run import Run
from core.training.seeds import split
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from tui import command_line

CONFIG = Config(hidden=(8,), batch_size=32, validation=60, epochs=3)


@pytest.fixture
def noisy_directory(tmp_path, write_directory, make_dataset):
    return write_directory(tmp_path / "noisy", make_dataset(train=300, classes=6, shape=(3, 3)))


def keep(directory, data, path, steps):
    """Keeps a run of some steps; returns its file."""
    trainer = Trainer(CONFIG, data)
    started = trainer.started()
    keeper = Keeper(directory, lambda: describe(started, path), pytest.fail)
    for _ in range(steps):
        keeper.add(trainer.step())
    keeper.add_checkpoint(trainer.checkpoint())
    keeper.close()
    return keeper.path


def test_all_other_images_stay_where_they_are(make_dataset):
    data = make_dataset(train=300)
    train, validation = data.split(60, np.random.default_rng(1))
    out = (*train.indices[:2].tolist(), int(validation.indices[5]))
    fewer, less = data.without(out).split(60, np.random.default_rng(1))
    assert fewer.indices.tolist() == [i for i in train.indices if i not in out]
    assert less.indices.tolist() == [i for i in validation.indices if i not in out]


def test_it_is_said_and_part_of_the_fingerprint(make_dataset):
    data = make_dataset()
    less = data.without([7, 3, 7])
    assert less.left_out == (3, 7)
    assert less.decisions[-1] == "Training images left out: 2 (#3, #7)."
    assert Trainer(CONFIG, less).started().notes[-1] == less.decisions[-1]
    assert files_fingerprint(less) == fingerprint(data) != fingerprint(less)
    assert fingerprint(less) != fingerprint(data.without([3]))
    assert fingerprint(less.without([])) == fingerprint(data)


def test_validation_images_that_are_left_out_are_no_change_of_the_setting(make_dataset):
    data = make_dataset(train=300)
    validation = split(CONFIG, data)[1].indices.tolist()
    less = data.without(validation[:2])
    assert Trainer(CONFIG, less).started().notes == decisions(CONFIG, less) == less.decisions
    wants_more = CONFIG.replace(validation=150)
    validation = split(wants_more, data)[1].indices.tolist()
    note = "Validation uses 28 images (a tenth of the 300 training images, minus 2 left out)"
    for notes in (
        Trainer(wants_more, data.without(validation[:2])).notes,
        decisions(wants_more, data.without(validation[:2])),
    ):
        assert notes[-1].startswith(note)


def test_an_image_that_does_not_exist_and_a_set_that_would_be_empty_are_refused(make_dataset):
    data = make_dataset(train=100)
    with pytest.raises(
        DataError, match=r"^there is no image #100 to leave out; .* numbers 0 to 99"
    ):
        data.without([5, 100])
    with pytest.raises(DataError, match=r"no image #1200 to leave out; .* numbers 0 to 1,199"):
        make_dataset(train=1200).without([1200])
    with pytest.raises(DataError):
        Reading(left_out=(-1,))
    with pytest.raises(DataError):
        Reading.from_dict({"left_out": "12"})
    _, validation = data.split(20, np.random.default_rng(0))
    with pytest.raises(ConfigError, match="all images of the validation set are left out"):
        data.without(validation.indices.tolist()).split(20, np.random.default_rng(0))
    with pytest.raises(ConfigError, match="all images of the training set are left out"):
        data.without(range(100)).split(0, np.random.default_rng(0))


def test_a_run_is_resumed_gone_back_and_made_again_with_the_images_it_was_trained_on(
    tmp_path, noisy_directory
):
    data = dataset.load(noisy_directory).without([4, 9, 250])
    path = keep(tmp_path / "runs", data, noisy_directory, 9)
    straight = Trainer(CONFIG, data)
    for _ in range(14):
        straight.step()
    with Run(path) as run:
        timeline = run.timeline(run.load_data())
        command = as_command(run)
    for _ in range(5):
        timeline.step()
    assert np.array_equal(timeline.trainer.network.parameters, straight.network.parameters)
    timeline.go_to(2)
    again = Trainer(CONFIG, data)
    again.step(), again.step()
    assert np.array_equal(timeline.trainer.network.parameters, again.network.parameters)
    assert not {4, 9, 250} & set(timeline.trainer.order.tolist())
    assert "--leave-out 4,9,250" in command
    options = command_line.parse(command.split()[1:])
    assert options.reading.left_out == (4, 9, 250)
    assert fingerprint(dataset.load(options.data, options.reading)) == fingerprint(data)


def test_runs_that_leave_out_other_images_are_compared_on_those_of_both(tmp_path, noisy_directory):
    data = dataset.load(noisy_directory)
    _, validation = data.split(60, np.random.default_rng(np.random.SeedSequence(0).spawn(5)[0]))
    out = int(validation.indices[3])
    paths = [
        keep(tmp_path / "runs", one, noisy_directory, 20) for one in (data, data.without([out]))
    ]
    with Run(paths[0]) as one, Run(paths[1]) as other:
        assert same_data([one, other])
        both = compare_predictions(one, other, other.load_data())
    assert both.images == (60, 59)
    assert both.indices.tolist() == [i for i in validation.indices if i != out]
    timeline_data = Timeline(Trainer(CONFIG, data)).trainer.dataset
    assert timeline_data.left_out == ()


def test_a_list_of_numbers_is_read_from_a_regular_file_only(called, tiny_options, no_files):
    for path in no_files:
        done = called("train", *tiny_options, "--leave-out", str(path))
        assert (done.returncode, done.stdout) == (2, "")
        assert "it is a device or a pipe, not a regular file" in done.stderr


def test_numbers_come_from_the_command_line_or_a_file(tmp_path):
    def numbers(text):
        return command_line.parse(["train", "--leave-out", text]).reading.left_out

    assert numbers("45592, #17") == (17, 45592)
    assert numbers("3") == (3,)
    file = tmp_path / "doubtful.txt"
    file.write_text("#45592 a shirt, not a coat\n\n17\n")
    assert numbers(str(file)) == (17, 45592)
    image_numbers.write(file, [8, 2])
    assert file.read_text() == "2\n8\n"
    for text, reason in {
        "no-such-file": "no-such-file cannot be read",
        "": "cannot be read",
        str(tmp_path): "cannot be read",
        "1,2,x": "enter the number of an image in place of x",
        "1," * 200 + "x": "enter the number of an image in place of x",
    }.items():
        with pytest.raises(ConfigError, match=reason):
            numbers(text)
    file.write_text("2\nshirt\n")
    with pytest.raises(ConfigError, match="in place of shirt"):
        numbers(str(file))
    file.write_bytes(b"\xff\xfe1")
    with pytest.raises(ConfigError, match="UTF-8"):
        numbers(str(file))


def test_a_reading_keeps_what_is_not_the_default():
    reading = Reading(left_out=(5, 2))
    assert Reading.from_dict(reading.as_dict()) == reading == replace(reading)
    assert Reading().as_dict() == {}
