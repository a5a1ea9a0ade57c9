"""The data view: counts, mean images and samples; images by number; doubtful images."""

import threading

import numpy as np
import pytest
from canned import screen, text, toasts, until
from datasets import HOSTILE_NAMES
from live import CONFIG, program

import tui.screens.data.screen
from core.errors import ConfigError
from core.events import Phase, PhaseChanged
from core.image_place import ImagePlace, image_name
from core.inspection.data_overview import data_overview
from core.runs.description import fingerprint
from core.training.trainer import Trainer
from tui.panes.image_pages import THUMBNAIL, PageLayout
from tui.screens.data.classes import ClassTable
from tui.screens.data.samples import Samples, for_all
from tui.screens.data.screen import DataScreen
from tui.screens.image import ImageScreen


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("#45592", ImagePlace("training", 45592)),
        ("45,592", None),
        ("image 45,592", ImagePlace("training", 45592)),
        ("Training #0", ImagePlace("training", 0)),
        ("test #12", ImagePlace("test", 12)),
        ("test 12", ImagePlace("test", 12)),
        ("training image #45592", ImagePlace("training", 45592)),
        ("training image #45592 (validation set)", ImagePlace("training", 45592)),
        ("test image 12", ImagePlace("test", 12)),
        (" validation#3 ", ImagePlace("validation", 3)),
        ("epoch 5", None),
        ("85%", None),
        ("#", None),
        ("#-1", None),
        ("test", None),
        ("#" + "9" * 40, None),
    ],
)
def test_an_image_is_named_by_a_number_with_a_sign_or_a_set_before_it(typed, place):
    assert ImagePlace.parse(typed) == place


def test_a_number_is_that_of_the_file_and_in_the_validation_set_its_place(tiny):
    run = Trainer(CONFIG, tiny).started()
    validation = run.evaluation_indices
    training = next(i for i in range(200) if i not in validation)
    assert ImagePlace("validation", 3).find(run) == ("validation", int(validation[3]))
    assert ImagePlace("training", int(validation[3])).find(run) == (
        "validation",
        int(validation[3]),
    )
    assert ImagePlace("training", training).find(run) == ("training", training)
    assert ImagePlace("test", 5).find(run) == ("test", 5)
    for place, numbers in (
        ("training", "0 to 199"),
        ("validation", "0 to 19"),
        ("test", "0 to 59"),
    ):
        with pytest.raises(
            ConfigError, match=f"#200: the {place} images have the numbers {numbers}"
        ):
            ImagePlace(place, 200).find(run)
    on_test = Trainer(CONFIG.replace(validation=0), tiny).started()
    with pytest.raises(ConfigError, match="no validation set"):
        ImagePlace("validation", 3).find(on_test)
    assert ImagePlace("training", int(validation[3])).find(on_test)[0] == "training"


def test_an_image_has_the_number_in_its_file_in_its_name_also_in_the_validation_set():
    assert image_name("validation", 23846) == "training image #23846 (validation set)"
    assert image_name("training", 3) == "training image #3"
    assert image_name("test", 3) == "test image #3"


@pytest.mark.parametrize("validation", [20, 0])
def test_the_overview_counts_each_image_once(tiny, validation):
    data = tiny.without([0, 7])
    trainer = Trainer(CONFIG.replace(validation=validation), data)
    run = trainer.started()
    found = data_overview(data, run.evaluation_set, run.evaluation_indices)
    assert found.parts["training"].tolist() == trainer.training_set.indices.tolist()
    assert ("validation" in found.parts) == bool(validation)
    for part, indices in found.parts.items():
        for label in range(3):
            expected = [i for i in indices if data.labels(part)[i] == label]
            assert found.counts[part][label] == len(expected)
    mine = [i for i in found.parts["training"] if data.train_labels[i] == 1]
    assert found.means[1].tolist() == np.rint(data.train_images[mine].mean(axis=0)).tolist()
    assert (found.repeated, found.differing) == (0, 0)


def test_a_class_without_training_images_has_a_black_mean(make_dataset):
    data = make_dataset(train=30)
    out = [i for i in range(30) if data.train_labels[i] == 2]
    found = data_overview(data.without(out), "test", np.arange(60))
    assert not found.means[2].any()
    assert found.counts["training"][2] == 0


async def test_a_story_of_doubtful_images(tiny, tiny_directory, tmp_path):
    async with program(tiny_directory, tmp_path / "runs") as pilot:
        await doubt(pilot, tiny, tmp_path)


async def test_until_all_images_are_looked_at_one_line_says_so(tiny_directory, monkeypatch):
    may_look = threading.Event()

    def overview(*args):
        may_look.wait(60)
        return data_overview(*args)

    monkeypatch.setattr(tui.screens.data.screen, "data_overview", overview)
    async with program(tiny_directory) as pilot:
        try:
            await pilot.press("I")
            await until(pilot, lambda: "All images are being looked at." in text(pilot))
            assert not pilot.app.screen.query_one(ClassTable).display
            await pilot.press("d")
            assert toasts(pilot)[-1] == "All images are being looked at."
        finally:
            may_look.set()
        table = pilot.app.screen.query_one(ClassTable)
        await until(pilot, lambda: table.display and table.has_focus)
        assert "Mean image of each class" in text(pilot)
        assert "mean of 6" in text(pilot)
        await pilot.press("tab", "d")
        assert toasts(pilot)[-1] == "d marks a single image; choose a class first."


async def test_a_narrow_window_has_the_counts_of_one_set_and_v_shows_the_next(tiny_directory):
    async with program(tiny_directory, size=(80, 24)) as pilot:
        await pilot.press("I")
        for head, count in (("train", 180), ("valid.", 20), ("test", 60), ("train", 180)):
            await until(pilot, lambda head=head: f"  {head} " in text(pilot))
            means = next(line for line in text(pilot).splitlines() if "all (mean image)" in line)
            assert means.split("│")[1].split()[3:] == [str(count)]
            await pilot.press("v")


async def test_what_is_known_after_it_was_closed_is_not_shown(tiny_directory):
    async with program(tiny_directory, size=(80, 24)) as pilot:
        await pilot.press("I")
        await until(pilot, lambda: "all (mean image)" in text(pilot))
        data = pilot.app.screen
        await pilot.press("escape")
        await until(pilot, lambda: not data.is_attached)
        data._fill_table()


async def test_before_the_images_are_loaded_a_toast_says_so():
    async with screen(PhaseChanged(Phase.LOADING)) as pilot:
        await pilot.press("I")
        assert "The images are still loading." in toasts(pilot)


async def doubt(pilot, tiny, tmp_path):
    app = pilot.app
    await pilot.press("I")
    await until(pilot, lambda: len(app.screen.query_one(ClassTable).rows_shown) == 6)
    assert isinstance(app.screen, DataScreen)
    shown = " ".join(text(pilot).split())
    assert f"SHA-256 {fingerprint(tiny)[:12]}" in shown
    assert "180 training images, 20 validation images, 60 test images" in shown
    assert "Mean image of each class" in shown

    # The images of a class, of each set
    await pilot.press("down", "down", "tab")
    await until(pilot, lambda: "Training images of 1" in text(pilot))
    samples = app.screen.query_one(Samples)
    trainer = Trainer(CONFIG, tiny)
    mine = [i for i in trainer.training_set.indices if tiny.train_labels[i] == 1]
    assert samples.rows.tolist() == mine
    await pilot.press("v")
    await until(pilot, lambda: "Validation images of 1" in text(pilot))
    await pilot.press("v", "d")
    await until(pilot, lambda: "Test images of 1" in text(pilot))
    assert "the test set stays unchanged so that" in " ".join(toasts(pilot))
    await pilot.press("v", "right", "d")
    await until(pilot, lambda: f"#{mine[1]} ?" in text(pilot))

    # Enlarged, with a prediction although it was not evaluated
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, ImageScreen))
    await until(pilot, lambda: "predicted" in text(pilot))
    assert f"Training image #{mine[1]}" in text(pilot)
    assert "2 of 60: training images of 1" in text(pilot)
    assert "marked as doubtful" in text(pilot)
    await pilot.press("right", "d")
    await until(pilot, lambda: "marked as doubtful" in text(pilot))
    await pilot.press("escape")
    assert app._training.doubtful == {mine[1], mine[2]}
    [file] = (tmp_path / "runs" / "doubtful").iterdir()
    assert file.read_text() == f"{mine[1]}\n{mine[2]}\n"

    # The list, and a run without them
    await pilot.press("shift+tab", "end", "up")
    await until(pilot, lambda: "Doubtful training images" in text(pilot))
    assert samples.rows.tolist() == [mine[1], mine[2]]
    await pilot.press("l")
    await until(pilot, lambda: app._training.snapshot.run.dataset.left_out)
    run = app._training.snapshot.run
    assert run.dataset.left_out == (mine[1], mine[2])
    assert run.training_images == 178
    await pilot.press("s")
    await until(pilot, lambda: app._training.snapshot.steps == 1)
    straight = Trainer(CONFIG, tiny.without([mine[1], mine[2]]))
    assert app._training.snapshot.step.loss == straight.step().loss

    # It stays so with r, and a change of the marks brings them back
    await pilot.press("r")
    await until(pilot, lambda: app._training.snapshot.steps == 0)
    assert app._training.snapshot.run.dataset.left_out == (mine[1], mine[2])
    await pilot.press("I")
    await until(pilot, lambda: "left out" in text(pilot))
    await pilot.press("l")
    await until(pilot, lambda: "already" in " ".join(toasts(pilot)))


def test_the_mean_images_of_ten_classes_are_on_one_page_in_a_window_of_120_columns():
    usual = PageLayout(THUMBNAIL, (2, 14))
    smaller = for_all(10, usual, (57, 34), (28, 28))
    assert smaller.fit(57, 34, (28, 28))[0].tiles >= 10
    assert for_all(10, usual, (137, 54), (28, 28)) is usual  # no smaller than they must be
    assert for_all(256, usual, (57, 34), (28, 28)) is usual


async def test_data_and_an_image_are_drawn_in_any_window(make_dataset, write_directory, tmp_path):
    data = make_dataset(classes=len(HOSTILE_NAMES))
    directory = write_directory(tmp_path / "hostile", data, names=HOSTILE_NAMES)
    async with program(directory) as pilot:
        for key in ("I", "enter", "enter", "enter"):
            await pilot.press(key)
            for size in ((200, 60), (23, 9), (12, 30), (5, 40), (1, 1), (120, 40)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
        assert isinstance(pilot.app.screen, ImageScreen)


async def test_the_title_has_the_beginning_of_a_long_name(make_dataset, write_directory, tmp_path):
    names = ("trousers" * 5, "b", "c")
    directory = write_directory(tmp_path / "long", make_dataset(), names=names)
    async with program(directory, size=(80, 24)) as pilot:
        await pilot.press("I")
        await until(pilot, lambda: "all (mean image)" in text(pilot))
        await pilot.press("down")
        await until(pilot, lambda: "Training images of trouserstrou" in text(pilot))


async def test_an_image_is_found_by_its_number_from_anywhere(tiny_directory):
    async with program(tiny_directory) as pilot:
        await go_to_numbers(pilot)


async def go_to_numbers(pilot):
    app = pilot.app
    await pilot.press("g", *"#7", "enter")
    await until(pilot, lambda: isinstance(app.screen, ImageScreen))
    await until(pilot, lambda: "Training image #7" in text(pilot))
    await pilot.press("g", *"test", "space", *"#5", "enter")
    await until(pilot, lambda: "Test image #5" in text(pilot))
    await until(pilot, lambda: "predicted" in text(pilot))
    await pilot.press("p", "space", "right", "escape")  # another picture is classified meanwhile
    await until(pilot, lambda: isinstance(app.screen, ImageScreen) and "predicted" in text(pilot))
    await pilot.press("right")
    await until(pilot, lambda: "Test image #6" in text(pilot))
    await pilot.press("escape", "escape")
    await pilot.press("g", *"#9999", "enter")
    await pilot.pause()
    assert "There is no image #9999: the training images have the numbers 0 to 199." in toasts(
        pilot
    )


async def test_the_keys_of_the_images_work_from_the_classes_or_say_what_to_do_first(tiny_directory):
    async with program(tiny_directory) as pilot:
        app = pilot.app
        await pilot.press("I")
        await until(pilot, lambda: app.screen.query(ClassTable).first().has_focus)
        samples = app.screen.query_one(Samples)
        await pilot.press("d")
        assert toasts(pilot)[-1] == (
            "d marks a single image: choose a class, press Tab and select an image."
        )
        count, pictures, thumbnails = len(toasts(pilot)), samples.pictures, samples.thumbnails
        await pilot.press("i", "z")
        await until(pilot, lambda: samples.pictures is not pictures)
        assert samples.thumbnails is not thumbnails
        assert len(toasts(pilot)) == count


@pytest.mark.parametrize("pane", [(), ("tab",)])
async def test_the_data_view_has_help_about_itself(tiny_directory, pane):
    async with program(tiny_directory, size=(80, 24)) as pilot:
        await pilot.press("I")
        await until(pilot, lambda: pilot.app.screen.query(ClassTable).first().has_focus)
        await pilot.press(*pane, "question_mark")
        await until(pilot, lambda: "Help: Data" in text(pilot))
        assert "to see how many images each class has" in text(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, DataScreen))
