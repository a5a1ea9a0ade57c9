"""Finding and changing a setting by words: in the form with /, and in the command palette."""

import pytest
from canned import field, painted_once, screen, text, toasts, until
from textual.command import CommandList

from core.config.config import SETTINGS, Config
from core.goals import Goal
from tui.palette import Palette
from tui.panes.settings.field import Field
from tui.panes.settings.search import SearchInput, assignment, find, matching
from tui.panes.settings.section import Section
from tui.screens.help import Help
from tui.screens.training.screen import TrainingScreen


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_is_the_first_for_its_own_name(name):
    label = SETTINGS[name].label
    for query in (label, label.upper(), name, name.replace("_", "-"), f"  {label} "):
        assert matching(query)[0].name == name


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("nesterov", "optimizer"),
        ("relu", "activation"),
        ("gradient norm", "clip_norm"),
        ("at random", "dropout"),
        ("lear rat", "learning_rate"),
    ],
)
def test_words_of_the_meaning_and_options_find_a_setting(query, name):
    assert name in [setting.name for setting in matching(query)]


def test_nothing_is_found_for_other_words():
    assert matching("banana") == []


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("dropout 0.2", "dropout", "0.2"),
        ("learning rate 0.01", "learning_rate", "0.01"),
        ("learning-rate=1e-3", "learning_rate", "1e-3"),
        ("Batch_Size: 64", "batch_size", "64"),
        ("hidden 256, 128", "hidden", "256, 128"),
        ("momentum -1", "momentum", "-1"),
    ],
)
def test_a_name_with_a_value_is_an_assignment(query, name, value):
    setting, text = assignment(query)
    assert (setting.name, text) == (name, value)


@pytest.mark.parametrize("query", ["", "dropout", "learning rate", "0.2", "drop 0.2"])
def test_other_queries_are_none(query):
    assert assignment(query) is None


@pytest.mark.parametrize(
    ("query", "action"),
    [
        ("d .2", "set dropout to 0.2"),
        ("dr 0.2", "set dropout to 0.2"),
        ("d.2", "set dropout to 0.2"),
        ("d0.2", "set dropout to 0.2"),
        ("lr.01", "set learning rate to 0.01"),
        ("l2.001", "set l2 to 0.001"),
        ("beta2.99", "set beta2 to 0.99"),
        ("drop=0.2", "set dropout to 0.2"),
        ("lear rat 0.01", "set learning rate to 0.01"),
        ("batch 64", "set batch size to 64"),
        ("opt sgd", "set optimizer to sgd"),
        ("lear rat", "go to learning rate"),
    ],
)
def test_the_start_of_a_name_with_a_value_is_enough(query, action):
    assert find(query).action == action


def test_a_wrong_value_after_the_start_of_a_name_is_explained():
    assert find("dr 2").fault.startswith("Dropout: enter a number")


async def test_enter_takes_what_stands_first_on_the_screen():
    async with screen() as pilot:
        for query in ("d", "mom", "rate", "b", "network"):
            await search(pilot, query)
            shown = [
                widget
                for widget in pilot.app.screen.query(Field)
                if widget.display and widget.region.height
            ]
            first = min(shown, key=lambda widget: widget.region.y).setting.name
            await pilot.press("enter")
            await until(pilot, lambda first=first: pilot.app.focused is field(pilot, first))
            await pilot.press("escape")


async def search(pilot, query):
    await pilot.press("/")
    await until(pilot, lambda: isinstance(pilot.app.focused, SearchInput))
    pilot.app.focused.value = query
    await pilot.pause()
    await pilot.pause()


async def test_the_search_shows_only_what_it_finds_and_goes_to_it():
    async with screen() as pilot:
        await search(pilot, "nesterov")
        assert "▾ optimizer" in text(pilot)
        assert "learning rate    " not in text(pilot)
        await search(pilot, "dropout")
        assert "dropout          0" in text(pilot)
        assert "batch size" not in text(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.focused is field(pilot, "dropout"))
        assert "▸ data" in text(pilot) or "▾ optimizer" in text(pilot)
        assert not pilot.app.screen.query_one(SearchInput).display


async def test_the_search_enters_a_value():
    async with screen() as pilot:
        await search(pilot, "dropout 0.2")
        await pilot.press("enter")
        await until(pilot, lambda: not pilot.app.screen.query_one(SearchInput).display)
        assert pilot.session.commands == [("change", {"dropout": 0.2})]
        assert pilot.app.focused is None  # the next digit is a key
        await search(pilot, "dropout 2")
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.screen.query_one(SearchInput).display
        assert len(pilot.session.commands) == 1


async def test_the_search_says_in_its_place_why_enter_does_nothing():
    async with screen() as pilot:
        for query, said in (
            ("banana", '"banana".'),
            ("[red]", 'No setting matches "[red]".'),
            ("dropout 2", "Dropout: enter a number"),
        ):
            await search(pilot, query)
            await until(pilot, lambda said=said: said in text(pilot))
            assert " ".join(pilot.app.screen.draft.description.split()[:3]) not in text(pilot)
            await pilot.press("enter", "escape")
            await until(pilot, lambda said=said: said not in text(pilot))
            assert toasts(pilot) == [], query
            assert pilot.session.commands == [], query


async def test_the_key_bar_of_the_search_has_no_keys_that_are_text():
    async with screen() as pilot:
        for query, enter in (
            ("dropout", "Enter go to dropout"),
            ("dropout 0.2", "Enter set dropout to 0.2"),
            ("banana", "esc"),
            ("", "esc"),
        ):
            await search(pilot, query)
            await until(pilot, lambda enter=enter: bar(pilot).startswith(enter))
            assert bar(pilot).endswith("esc Close the search  ? Help"), query
            assert "Run/Pause" not in bar(pilot), query
            assert "Quit" not in bar(pilot), query
            with painted_once(pilot.app):
                await pilot.press("?")
                assert isinstance(pilot.app.screen, Help), query
                await pilot.press("escape", "escape")


async def test_text_typed_right_after_the_key_is_searched_for():
    async with screen() as pilot:
        await pilot.press("/", *"seed")
        assert pilot.app.screen.query_one(SearchInput).value == "seed"
        assert pilot.session.commands == []


def bar(pilot):
    """The line of keys at the bottom."""
    return text(pilot).rstrip().splitlines()[-1].strip()


async def test_escape_ends_the_search_and_folds_the_groups_again():
    async with screen() as pilot:
        await search(pilot, "flip")
        await until(pilot, lambda: "flip " in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "▸ optimizer" in text(pilot))
        assert "▸ data" in text(pilot)
        await until(pilot, lambda: "flip" not in text(pilot))  # in the key bar, too
        assert pilot.app.focused is None


def offered(pilot):
    listed = pilot.app.screen.query_one(CommandList)
    return [option.hit.text for option in listed.options]


async def choose(pilot, query):
    await pilot.press(":")
    await until(pilot, lambda: isinstance(pilot.app.screen, Palette))
    pilot.app.focused.value = query
    await until(pilot, lambda: pilot.app.screen.query_one(CommandList).option_count)
    await pilot.pause(0.2)


async def choose_instead(pilot, query, is_listed):
    """The same in the palette that is open, with other entries until the new ones are listed."""
    pilot.app.focused.value = query
    await until(pilot, lambda: pilot.app.screen.query(CommandList) and is_listed(offered(pilot)))
    await pilot.pause(0.2)
    assert is_listed(offered(pilot)), query


async def test_the_palette_carries_out_what_is_typed():
    cases = (
        ("dropout 0.2", "Set dropout to 0.2", ("change", {"dropout": 0.2})),
        ("learning rate 0.01", "Set learning rate to 0.01", ("change", {"learning_rate": 0.01})),
        ("go to step 12", "Go to step 12", ("go_to_goal", Goal("step", 12))),
        ("epoch 9", "Go to epoch 9", ("go_to_goal", Goal("epoch", 9))),
    )
    async with screen() as pilot:
        for query, title, command in cases:
            await choose(pilot, query)
            assert offered(pilot)[0] == title
            await pilot.press("down", "enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
            await until(pilot, lambda command=command: command in pilot.session.commands)


async def test_a_path_is_meant_if_there_is_one_or_it_looks_like_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("fd", "all", "faces"):
        (tmp_path / name).mkdir()
    async with screen() as pilot:
        await choose(pilot, "data")
        for path in ("fd", "all", "faces", "images/", "~/fl", "classes.csv"):
            for word, action in (("data", "Open the data in"), ("draw", "Draw on the picture")):
                first = f"{action} {path}"
                await choose_instead(
                    pilot, f"{word} {path}", lambda hits, first=first: hits[0] == first
                )


async def test_words_that_are_no_path_find_the_keys_first():
    async with screen() as pilot:
        await choose(pilot, "data images")
        assert offered(pilot)[0] == "Data: images of each class, doubtful images"


async def test_the_palette_says_what_is_wrong_with_a_value():
    async with screen() as pilot:
        await choose(pilot, "batch size 0")
        assert offered(pilot)[0] == "Batch size: enter a whole number of at least 1"


async def test_the_palette_chooses_presets_themes_and_settings_by_their_meaning():
    async with screen() as pilot:
        await choose(pilot, "preset best")
        assert "Preset: best" in offered(pilot)
        await choose_instead(pilot, "textual-light", lambda hits: "Theme: textual-light" in hits)
        await choose_instead(
            pilot,
            "gradient norm",
            lambda hits: any(name.startswith("Setting: clip norm") for name in hits),
        )
        await pilot.press("escape")
        assert pilot.app.screen.draft.wanted == Config()


def test_a_single_letter_is_the_first_of_a_word_of_the_name():
    labels = [setting.label for setting in matching("d")]
    assert "dropout" in labels
    assert "weight decay" in labels
    assert "seed" not in labels
    assert len(labels) < 8


@pytest.mark.parametrize("query", ["seed abc", "validation"])
async def test_a_search_does_not_change_which_groups_are_remembered_as_unfolded(query):
    async with screen() as pilot:
        await pilot.press("/", *query, "enter", "escape")
        await until(pilot, lambda: not pilot.app.screen.query_one(SearchInput).display)
        await pilot.pause()
        assert pilot.app.preferences.unfolded is None
        unfolded = [each for each in pilot.app.screen.query(Section) if not each.collapsed]
        assert len(unfolded) <= (query == "validation")  # the group it has gone to
        section = next(each for each in pilot.app.screen.query(Section) if each.collapsed)
        section.query_one("CollapsibleTitle").focus()
        await pilot.press("enter")
        await until(pilot, lambda: len(pilot.app.preferences.unfolded or ()) == 1)
