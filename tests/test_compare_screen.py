"""The comparison of kept runs: curves, settings, confusion matrices and images."""

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from canned import screen, text, until
from run_files import train_run, write_run

from core.config.config import Config
from core.data import dataset
from core.errors import RunError
from core.experiments.repeat import repeat
from core.experiments.trained_run import Keep
from core.runs.comparison import compare_predictions
from core.runs.editing import rename
from core.runs.run import Run
from core.training.trainer import Trainer
from tui.panes.curves.step_axis import ACROSS
from tui.screens.runs.compare import CompareScreen
from tui.screens.runs.compared import ComparedRun, read
from tui.screens.runs.difference import Difference
from tui.screens.runs.images import PairImages
from tui.screens.runs.marks import GLYPHS, MAX_MARKS, toggled
from tui.screens.runs.overlay import OverlayChart
from tui.screens.runs.pair import PairScreen
from tui.screens.runs.settings import SettingsTable

CONFIG = Config(hidden=(8,), batch_size=32, validation=60, epochs=9)
OTHER = CONFIG.replace(learning_rate=0.03, optimizer="sgd")


@pytest.fixture(scope="module")
def noisy_directory(tmp_path_factory):
    """A dataset that a small network does not learn at once."""
    from datasets import make_dataset, write_directory

    data = make_dataset(train=300, classes=6, shape=(3, 3))
    return write_directory(tmp_path_factory.mktemp("noisy"), data)


@pytest.fixture
def keep(tmp_path, noisy_directory):
    """Keeps a run under a name; returns its file."""

    def keep(name, config=CONFIG, steps=30, data=noisy_directory):
        path, _ = train_run(tmp_path / "runs", data, config, steps)
        return path if path.stem == name else rename(path, name)  # its name is drawn

    return keep


@asynccontextmanager
async def comparison(*paths, size=(120, 40), data=None):
    async with screen(size=size) as pilot, compared(pilot, *paths, data=data):
        yield pilot


@asynccontextmanager
async def compared(pilot, *paths, data=None):
    marked = [(path, mark) for mark, path in enumerate(paths)]
    pilot.compare = CompareScreen(marked, data)
    await pilot.app.push_screen(pilot.compare)
    await until(pilot, lambda: pilot.compare.compared)
    await pilot.pause()
    yield
    while pilot.app.is_running and len(pilot.app.screen_stack) > 1:
        await pilot.app.pop_screen()


def test_the_averages_are_those_of_the_curves_of_a_run(keep):
    path = keep("one", steps=30)
    [compared] = read([(path, 0)], None).runs
    with Run.open(path) as run:
        curves = run.records()[0].training_curves(30)
    for quantity in ("loss", "accuracy"):
        averages = curves[f"average {quantity}"].low.tolist()
        assert compared.averages[quantity].tolist() == averages


def test_a_run_and_its_first_half_coincide_on_the_steps_they_share(keep):
    half, whole = keep("half", steps=15), keep("whole", steps=30)
    first, second = read([(half, 0), (whole, 1)], None).runs
    for quantity in ("loss", "accuracy"):
        assert first.averages[quantity].tolist() == second.averages[quantity][:15].tolist()
        shared = len(first.evaluations[quantity])
        expected = second.evaluations[quantity][:shared].tolist()
        assert first.evaluations[quantity].tolist() == expected
        assert shared > 0
    for unit in set(ACROSS) - {"seconds"}:
        assert first.across[unit].tolist() == second.across[unit][:15].tolist()


def test_the_units_are_those_of_the_run(keep, noisy_directory):
    path = keep("a", steps=20)
    [run] = read([(path, 0)], None).runs
    trainer, images = Trainer(CONFIG, dataset.load(noisy_directory)), 0
    for number in range(20):
        step = trainer.step()
        images += step.images
        assert run.across["steps"][number] == number + 1
        assert run.across["images"][number] == images
        assert run.across["epochs"][number] == pytest.approx(step.epochs)
    with Run(path) as kept:
        assert run.across["seconds"].tolist() == kept.metrics()["seconds"].tolist()
    at = run.evaluated["epochs"]
    assert at == pytest.approx(np.round(at))  # evaluations come at the ends of epochs


async def test_the_table_says_how_many_images_each_run_leaves_out(keep, noisy_directory):
    paths = keep("one"), keep("two")
    async with comparison(*paths) as pilot:
        await pilot.press("3")
        await until(
            pilot, lambda: "test accuracy" in text(pilot) or "last validation" in text(pilot)
        )
        assert "left out" not in text(pilot)
        table = pilot.compare.query_one(SettingsTable)
        runs = table.compared.runs
        fewer = runs[0], replace(runs[1], left_out=3)
        table.compared = replace(table.compared, runs=fewer)
        table.flush_redraw()
        await until(pilot, lambda: re.search(r"images left out +0 +3", text(pilot)))


def test_only_two_runs_have_predictions_to_compare(keep):
    paths = [keep(name, CONFIG.replace(seed=seed)) for seed, name in enumerate("abc")]
    compared = read([(path, mark) for mark, path in enumerate(paths)], None)
    assert compared.predictions is None
    assert compared.reason == "Mark two runs to compare their predictions; 3 are marked."


def test_runs_on_different_data_say_so(keep, tmp_path, write_directory, make_dataset):
    elsewhere = write_directory(tmp_path / "elsewhere", make_dataset(train=300, seed=9))
    compared = read([(keep("a"), 0), (keep("b", data=elsewhere), 1)], None)
    assert compared.data.startswith("trained on different data: ")
    assert "elsewhere" in compared.data
    assert "a and b were trained on different data" in compared.reason


def test_data_in_memory_is_not_read_again(keep, noisy_directory, monkeypatch):
    data = dataset.load(noisy_directory)
    marked = [(keep("a"), 0), (keep("b", OTHER), 1)]
    monkeypatch.setattr(Run, "load_data", None)
    assert read(marked, data).dataset is data


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "broken.run").write_bytes(b"nonsense")
    with pytest.raises(RunError, match=r"broken\.run"):
        read([(write_run(tmp_path, "a"), 0), (tmp_path / "broken.run", 1)], None)


def test_a_mark_stays_with_its_run_and_is_given_again_when_it_is_free(tmp_path):
    paths = [tmp_path / str(number) for number in range(MAX_MARKS + 1)]
    marks = {}
    for path in paths[:MAX_MARKS]:
        marks = toggled(marks, path)
    assert toggled(marks, paths[-1]) is None
    fewer = toggled(marks, paths[2])
    assert {path: marks[path] for path in fewer} == fewer
    assert toggled(fewer, paths[-1])[paths[-1]] == marks[paths[2]]
    assert len(set(GLYPHS)) == MAX_MARKS


async def test_it_shows_curves_settings_matrices_and_images(keep, noisy_directory):
    a, b = keep("calm-fox"), keep("bold-owl", OTHER)
    async with comparison(a, b) as pilot:
        shown = text(pilot)
        for part in (
            *("● calm-fox", "▲ bold-owl", "Accuracy", "Loss in nats", "learning rate"),
            *("▲ bold-owl minus ● calm-fox, 60 ", "steps (x: epochs, images, seconds or steps)"),
        ):
            assert part in shown
        assert re.search(r"optimizer +adam +sgd", shown)
        assert "momentum" not in shown
        with Run(a) as first, Run(b) as second:
            both = compare_predictions(first, second, dataset.load(noisy_directory))
        only = len(both.only(0))
        assert f"Only ● is right: {only}" in shown
        assert f"of {only}  m: only ▲" in shown
        row, column = pilot.compare.query_one(Difference).cursor
        one, other = (int(counts[row, column]) for counts in both.confusion)
        assert f": ● {one}, ▲ {other} " in shown
        assert "Results and differing settings" in shown
        assert re.search(r"best validation +\d", shown)
        difference = pilot.compare.query_one(Difference)
        for row, line in enumerate(difference._lines[1:]):
            numbers = re.findall(r"[+−]\d+|·", line.text[11:])
            signed = [0 if t == "·" else int(t.replace("−", "-")) for t in numbers]
            assert signed == both.difference[row].tolist()


async def test_the_axis_changes_for_both_charts(keep):
    async with comparison(keep("a"), keep("b", OTHER)) as pilot:
        seen = []
        for _ in ACROSS:
            seen.append({chart.across for chart in pilot.compare.query(OverlayChart)})
            await pilot.press("x")
        assert seen == [{unit} for unit in ACROSS]


def value_labels(chart):
    """The numbers at the left of a chart."""
    found = [re.match(r" *([\d.]+)(%?)(?=[^\d. ])", line.text) for line in chart._lines[:-1]]
    return [float(label[1]) / (100 if label[2] else 1) for label in found if label]


def made_up_run(mark, last):
    """A run of ten epochs that falls steeply in the first one, to an accuracy of `last`."""
    steps = np.arange(1.0, 4001.0)
    accuracy = last - (last - 0.1) * np.exp(-steps / 60)
    ends = steps[399::400]
    return ComparedRun(
        path=Path(f"run-{mark}.run"),
        mark=mark,
        subset="validation",
        across={"steps": steps, "epochs": steps / 400},
        averages={"accuracy": accuracy, "loss": 2.4 - 2 * accuracy},
        evaluated={"steps": ends, "epochs": ends / 400},
        evaluations={"accuracy": accuracy[399::400], "loss": 2.4 - 2 * accuracy[399::400]},
        test_accuracy=None,
    )


async def test_half_a_percent_can_be_seen_because_the_axes_leave_out_the_early_fall(tmp_path):
    async with comparison(write_run(tmp_path, "a"), write_run(tmp_path, "b")) as pilot:
        runs = made_up_run(0, 0.884), made_up_run(1, 0.889)
        pilot.compare.compared = replace(pilot.compare.compared, runs=runs)
        accuracy, loss = pilot.compare.query(OverlayChart)
        for across in ("steps", "epochs"):
            pilot.compare.across = across
            await until(
                pilot, lambda: any("starts at 11.3%" in line.text for line in accuracy._lines)
            )
            assert any("starts at 2.1" in line.text for line in loss._lines)
            assert 0.86 < min(value_labels(accuracy)) < 0.884
            assert 0.887 < max(value_labels(accuracy)) < 0.9  # the axis goes on above it
            points = [
                row
                for row, line in enumerate(accuracy._lines)
                if any(glyph in line.text for glyph in GLYPHS[:2])
            ]
            assert len(points) > 1  # the last evaluations are in different rows
            await pilot.press("h")
            await until(pilot, lambda: min(value_labels(accuracy)) == 0)
            assert not any("starts at" in line.text for line in (*accuracy._lines, *loss._lines))
            await pilot.press("h")


async def test_one_good_run_beside_many_that_failed_is_in_the_chart_of_accuracy(tmp_path):
    paths = [write_run(tmp_path, name) for name in "abcdef"]
    async with comparison(*paths) as pilot:
        runs = tuple(made_up_run(mark, 0.88 if mark == 5 else 0.11) for mark in range(6))
        pilot.compare.compared = replace(pilot.compare.compared, runs=runs)
        accuracy, _ = pilot.compare.query(OverlayChart)
        await until(pilot, lambda: max(value_labels(accuracy), default=0.0) > 0.7)


async def test_a_run_in_its_first_epoch_shows_only_its_later_half_beside_longer_ones(tmp_path):
    paths = [write_run(tmp_path, name) for name in "abc"]
    short = made_up_run(2, 0.8)
    beginning = {"steps": short.across["steps"][:200], "epochs": short.across["epochs"][:200]}
    averages = {name: values[:200] for name, values in short.averages.items()}
    none = {name: np.empty(0) for name in ("steps", "epochs", "accuracy", "loss")}
    short = replace(short, across=beginning, averages=averages, evaluated=none, evaluations=none)
    async with comparison(*paths) as pilot:
        runs = made_up_run(0, 0.884), made_up_run(1, 0.889), short
        pilot.compare.compared = replace(pilot.compare.compared, runs=runs)
        accuracy, _ = pilot.compare.query(OverlayChart)
        await until(pilot, lambda: value_labels(accuracy) and min(value_labels(accuracy)) >= 0.5)
        assert min(value_labels(accuracy)) <= averages["accuracy"][100:].min()
        pilot.compare.compared = replace(pilot.compare.compared, runs=(short,))
        await until(pilot, lambda: min(value_labels(accuracy)) < 0.2)


async def test_the_settings_have_more_room_if_there_are_no_two_runs_to_compare(keep):
    paths = [keep(f"run-{n}", CONFIG.replace(seed=n)) for n in range(3)]
    widths = []
    async with screen() as pilot:
        for marked in (paths[:2], paths):
            async with compared(pilot, *marked):
                widths.append(pilot.compare.query_one(SettingsTable).size.width)
    assert widths[1] > widths[0] * 1.5


async def test_the_cursor_reads_the_value_of_each_run(keep):
    async with comparison(keep("a", steps=30), keep("b", OTHER, steps=15)) as pilot:
        await pilot.press("right")
        chart = pilot.compare.query_one("#overlay-accuracy", OverlayChart)
        first, second = (run.averages["accuracy"] for run in pilot.compare.compared.runs)
        expected = f"● {first[0]:.1%}  ▲ {second[0]:.1%}"
        await until(pilot, lambda: expected in str(chart.border_subtitle))
        await pilot.press("left", "left")
        await until(pilot, lambda: f"● {first[-1]:.1%}" in str(chart.border_subtitle))
        assert "▲" not in str(chart.border_subtitle)  # that run is shorter


async def test_images_are_those_that_one_run_gets_right_and_enter_enlarges(keep, noisy_directory):
    a, b = keep("calm-fox"), keep("bold-owl", OTHER)
    with Run(a) as first, Run(b) as second:
        both = compare_predictions(first, second, dataset.load(noisy_directory))
    async with comparison(a, b) as pilot:
        images = pilot.compare.query_one(PairImages)
        await pilot.press("5")
        for right in (0, 1):
            assert sorted(images.rows.tolist()) == both.only(right).tolist()
            sure = both.true_probability[right][images.rows].tolist()
            assert sure == sorted(sure, reverse=True)
            if sure:
                await pilot.press("end", "enter")
                await until(pilot, lambda: isinstance(pilot.app.screen, PairScreen))
                await pilot.pause()
                row = images.rows[-1]
                shown = text(pilot)
                assert f"Training image #{both.indices[row]}" in shown
                for run in (0, 1):
                    assert f"{float(both.true_probability[run][row]):.1%}" in shown
                assert shown.count("✓ correct") == shown.count("× mistake") == 1
                await until(pilot, lambda: len(pilot.compare._computed) == 2)
                await pilot.pause()
                shown = text(pilot)
                for at, name in enumerate(both.class_names):
                    shares = [pilot.compare._computed[run][row, at] for run in (0, 1)]
                    texts = ["<0.1%" if 0 < p < 0.0005 else f"{p:.1%}" for p in shares]
                    pattern = rf"{name} [━╌]+ +{texts[0]} [◀ ] [━╌]+ +{texts[1]}"
                    assert re.search(pattern, shown), (pattern, shown)
                await pilot.press("left", "i", "escape")
                await until(pilot, lambda: pilot.app.screen is pilot.compare)
                assert images.place == max(len(sure) - 2, 0)
            await pilot.press("m")
            await pilot.pause()


SIZES = [(80, 24), (50, 16), (20, 8), (1, 1), (200, 60)]


async def test_an_image_is_shown_without_the_other_probabilities_if_a_run_has_lost_them(keep):
    a, b = keep("calm-fox"), keep("bold-owl", OTHER)
    whole = a.read_bytes()
    async with screen(size=SIZES[0]) as pilot:
        for size in SIZES:
            a.write_bytes(whole)
            await pilot.resize_terminal(*size)
            async with compared(pilot, a, b):
                images = pilot.compare.query_one(PairImages)
                if not len(images.rows):
                    images.action_other()
                a.unlink()
                await pilot.press("5", "enter")
                await until(pilot, lambda: len(pilot.compare._computed) == 2)
                await pilot.pause()
                assert isinstance(pilot.compare._computed[1], np.ndarray), size
                if size[0] >= 80:
                    shown = " ".join(re.sub("[│▀]", " ", text(pilot)).split())
                    both, row = pilot.compare.compared.predictions, images.rows[images.place]
                    assert "The other probabilities of calm-fox are missing: " in shown
                    assert f"{float(both.true_probability[0, row]):.1%}" in shown
                await pilot.press("escape", "enter")  # what is known is not computed again
                await pilot.pause()
                assert len(pilot.compare._computed) == 2


async def test_each_pane_is_reached_in_any_window(keep):
    paths = keep("a"), keep("b", OTHER)
    async with screen(size=SIZES[0]) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            async with compared(pilot, *paths):
                small = size[0] < 110
                panes = pilot.compare._panes
                for key, pane in zip("12345", panes, strict=True):
                    await pilot.press(key)
                    await pilot.pause()
                    assert pilot.app.focused is pane, size
                    assert [other.display for other in panes] == [
                        other is pane or not small for other in panes
                    ]
                    await pilot.press("right", "down", "left", "up", "pagedown", "x", "v")
                await pilot.press("escape")
                await until(pilot, lambda: pilot.app.screen is not pilot.compare)


async def test_up_to_six_runs_are_compared(keep):
    paths = [keep(f"run-{n}", CONFIG.replace(seed=n), 12) for n in range(6)]
    async with screen(size=(200, 60)) as pilot:
        for count in (1, 3, 6):
            async with compared(pilot, *paths[:count]):
                shown = text(pilot)
                for number in range(count):
                    assert f"{GLYPHS[number]} run-{number}" in shown
                assert f"{count} {'is' if count == 1 else 'are'} marked" in shown


async def test_runs_without_steps_or_results_are_compared_too(tmp_path):
    async with comparison(write_run(tmp_path, "a"), write_run(tmp_path, "b")) as pilot:
        assert "All settings are the same." in text(pilot)
        await pilot.press("x", "right", "5", "enter", "4", "down")


async def test_the_curve_of_a_run_without_evaluations_ends_in_its_glyph(keep):
    paths = keep("one", steps=3), keep("two", OTHER, steps=3)
    async with comparison(*paths) as pilot:
        assert not any(len(run.evaluated["steps"]) for run in pilot.compare.compared.runs)
        for chart in pilot.compare.query(OverlayChart):
            shown = "".join(line.text for line in chart._lines)
            assert all(glyph in shown for glyph in GLYPHS[:2]), chart.id


async def test_it_opens_from_the_table(keep, tmp_path):
    from test_runs_screen import opened

    keep("a")
    keep("b", OTHER)
    async with opened(tmp_path / "runs", 2) as pilot:
        await pilot.press("home", "space", "space", "c")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        await until(pilot, lambda: pilot.app.screen.compared)
        await pilot.press("q")
        await until(pilot, lambda: pilot.app.screen is pilot.runs)


async def test_results_include_the_test_accuracy_if_a_run_has_one(tmp_path):
    tested = write_run(tmp_path, "tested", test_accuracy=0.876)
    paths = tested, write_run(tmp_path, "untested")
    async with screen() as pilot:
        for marked, expected in ((paths, ["87.60%", "–"]), (paths[1:], None)):
            async with compared(pilot, *marked):
                table = pilot.compare.query_one(SettingsTable)
                lines = [strip.text for strip in table.draw(80, 40)]
            found = [line.split()[2:] for line in lines if "test accuracy" in line]
            assert found == ([expected] if expected else [])


async def test_it_says_whether_a_difference_exceeds_the_spread_of_the_seeds(
    tmp_path, noisy_directory
):
    data = dataset.load(noisy_directory)
    keep, paths = Keep(tmp_path / "runs", noisy_directory), []
    for rate in (0.02, 1e-9):
        result = repeat(CONFIG.replace(learning_rate=rate), 3, data, keep)
        paths.append(tmp_path / "runs" / f"{result.runs[0].run}.run")
    async with comparison(*paths) as pilot:
        table = pilot.compare.query_one(SettingsTable)
        lines = [strip.text for strip in table.draw(80, 40)]
    words = " ".join(" ".join(lines).split())
    assert "Learning rate 0.02 is better than" in words
    assert "the spread of the seeds (3 seeds each)" in words
    assert max(map(len, lines)) <= 80
