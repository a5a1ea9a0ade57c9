"""What the screen remembers from one start to the next, and files that cannot be used."""

import os
import tomllib
from contextlib import ExitStack

import pytest
from canned import CannedSession, frame, painted_once, run, screen, text, toasts, until
from textual.command import CommandList
from textual.widgets import Input

from core.config.config import Config
from core.config.settings import GROUPS
from core.errors import ConfigError
from tui import themes
from tui.app import FashionApp
from tui.command_line import parse
from tui.drawing.pictures import Pictures
from tui.launch import run as run_app
from tui.palette import Palette
from tui.panes.confusion import Confusion
from tui.panes.curves.charts import Charts
from tui.panes.gallery import Gallery
from tui.panes.settings.section import Section
from tui.preferences import PICTURES, Preferences, PreferencesFile, default_path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "preferences.toml"


def test_preferences_are_read_from_and_written_to_a_regular_file_only(no_files):
    for path in no_files:
        file = PreferencesFile(path)
        assert file.fault == (
            f"{path} cannot be read: it is a device or a pipe, not a regular file"
        )
        assert file.remember(theme="nord") is None
        assert not path.is_file()


async def started(path, **options):
    """The app with the preferences of this file, and its pilot, to be exited."""
    app = FashionApp(
        CannedSession(*run()), Config(), "default", file=PreferencesFile(path), **options
    )
    test = app.run_test(size=(120, 40))
    pilot = await test.__aenter__()
    pilot.session = app.session
    await frame(pilot)
    return pilot, test


REFUSAL = "Weight decay works only with adamw, not with adam; use l2 instead"


async def test_the_commands_that_worked_last_come_first_in_the_palette_also_at_the_next_start(path):
    async def choose(pilot, words):
        with painted_once(pilot.app):
            await pilot.press(":")
            await until(pilot, lambda: isinstance(pilot.app.screen, Palette))
            pilot.app.screen.query_one(Input).value = words
            await until(pilot, lambda: pilot.app.screen.query_one(CommandList).option_count)
            await pilot.pause(0.2)
            await pilot.press("enter")
            await until(pilot, lambda: not isinstance(pilot.app.screen, Palette))

    pilot, test = await started(path)
    wrong = ("dropout 7", "go to epoch 99", "weight decay 0.1", "data . --size 0")
    for words in ("slower", "go to epoch 9", "dropout 0.2", "faster", *wrong, "dropout 0.2"):
        await choose(pilot, words)
        if words == "weight decay 0.1":
            await until(pilot, lambda: REFUSAL in toasts(pilot))  # which is gone after a while
    pilot.app.search_themes()  # a list like the palette, but its entries are no commands
    await until(pilot, lambda: isinstance(pilot.app.screen, Palette))
    await until(pilot, lambda: pilot.app.screen.query_one(CommandList).option_count)
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(pilot.app.screen, Palette))
    await test.__aexit__(None, None, None)

    pilot, test = await started(path)
    await pilot.press(":")
    await until(pilot, lambda: isinstance(pilot.app.screen, Palette))
    listed = pilot.app.screen.query_one(CommandList)
    wanted = ["Set dropout to 0.2", "Faster", "Go to epoch 9", "Slower"]
    await until(pilot, lambda: [option.hit.text for option in listed.options][:4] == wanted)
    await pilot.press("enter")
    await until(pilot, lambda: ("change", {"dropout": 0.2}) in pilot.session.commands)
    await test.__aexit__(None, None, None)


def folded(pilot):
    return {section._heading for section in pilot.app.screen.query(Section) if section.collapsed}


async def test_what_the_user_chooses_is_there_at_the_next_start(path):
    pilot, test = await started(path)
    assert folded(pilot) == set(GROUPS)
    await pilot.press("i", "l", "z", "%")
    pilot.app.theme = "fashion-light"
    section = pilot.app.screen.query(Section).first()
    section.action_fold(False)
    await pilot.pause()
    await test.__aexit__(None, None, None)

    pilot, test = await started(path)
    query = pilot.app.screen.query_one
    assert query(Gallery).pictures is Pictures.ASCII
    assert not query(Gallery).thumbnails
    assert query(Charts).logarithmic
    assert query(Confusion).in_percent
    assert pilot.app.theme == "fashion-light"
    assert folded(pilot) == set(GROUPS) - {"optimizer"}
    assert "Loss (log)" in text(pilot)
    await test.__aexit__(None, None, None)


async def test_nothing_is_written_before_something_is_chosen(path):
    pilot, test = await started(path)
    await pilot.press("space", "2", "3", "escape")
    await test.__aexit__(None, None, None)
    assert not path.exists()


async def test_the_command_line_goes_first_and_only_the_kind_of_picture_is_remembered(path):
    PreferencesFile(path).remember(theme="fashion-light", pictures="blocks")
    pilot, test = await started(path, theme="nord", pictures="ascii")
    assert pilot.app.theme == "nord"
    assert pilot.app.screen.query_one(Gallery).pictures is Pictures.ASCII
    await pilot.press("%")
    await test.__aexit__(None, None, None)
    kept = PreferencesFile(path).contents
    assert (kept.theme, kept.pictures, kept.percent) == ("fashion-light", "ascii", True)


async def test_the_kind_of_picture_is_the_same_in_all_panes():
    async with screen() as pilot:
        await pilot.press("6", "i", "3")
        await pilot.pause()
        assert pilot.app.screen.query_one(Gallery).pictures is Pictures.ASCII


DAMAGED = {
    "cut": (b"theme = ", "preferences.toml is ignored: its end is missing"),
    "line": (
        b"coach = 'on'\ntheme = x",
        " is ignored: expected NAME = VALUE in line 2",
    ),
    "binary": (b"\xff\xfe\x00", " is ignored: it has bytes that are not text in UTF-8"),
    "brackets": (
        b"x = " + b"[" * 9_000,
        " is ignored: it is nested too deeply",
    ),
    "long": (b"x = 1\n" * 9_999, " is ignored: it has more than 10,000 bytes"),
    "values": (
        b"percent = 3\nunfolded = ['x']",
        "percent, unfolded are ignored: their values cannot",
    ),
    "names": (
        b"pictures = 'jpeg'\ntheme = []",
        "theme, pictures are ignored: their values cannot",
    ),
}


@pytest.mark.parametrize(("content", "words"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_has_a_fault_and_the_next_choice_replaces_it(tmp_path, content, words):
    path = tmp_path / "preferences.toml"
    path.write_bytes(content)
    file = PreferencesFile(path)
    assert words in file.fault
    assert file.contents == Preferences()
    assert file.remember(percent=True) is None
    assert tomllib.loads(path.read_text())["percent"] is True


@pytest.mark.parametrize("damage", ["cut", "values"])
async def test_a_damaged_file_is_said_once_and_ignored(tmp_path, damage):
    content, words = DAMAGED[damage]
    path = tmp_path / "preferences.toml"
    path.write_bytes(content)
    pilot, test = await started(path)
    assert len([line for line in pilot.app.journal.lines if words in line]) == 1
    assert pilot.app.preferences == Preferences()
    # the next choice replaces it
    pilot.app.clear_notifications()
    await pilot.press("%")
    assert toasts(pilot) == []
    await test.__aexit__(None, None, None)
    assert tomllib.loads(path.read_text())["percent"] is True


def test_usable_values_of_a_file_with_others_are_used(tmp_path):
    path = tmp_path / "preferences.toml"
    path.write_text("percent = 3\nlog_loss = true\nsomething = 'newer'\n")
    kept = PreferencesFile(path)
    assert kept.contents == Preferences(log_loss=True)
    assert kept.fault == f"{path}: percent is ignored: its value cannot be used"


async def test_a_theme_that_does_not_exist_is_ignored(path):
    PreferencesFile(path).remember(theme="no-such-theme")
    pilot, test = await started(path)
    assert pilot.app.theme == "fashion-dark"
    await test.__aexit__(None, None, None)


async def test_a_file_that_cannot_be_written_is_said_once(tmp_path):
    (tmp_path / "file").write_text("")
    pilot, test = await started(tmp_path / "file" / "preferences.toml")
    await pilot.press("%")
    [message] = toasts(pilot)
    assert message.startswith("Preferences are not kept: ")
    assert pilot.app.screen.query_one(Confusion).in_percent
    pilot.app.clear_notifications()
    await pilot.press("l", "%", "i")
    assert toasts(pilot) == []
    await test.__aexit__(None, None, None)


def test_it_leaves_no_other_file_behind(path):
    PreferencesFile(path).remember(percent=True)
    assert os.listdir(path.parent) == [path.name]


def test_the_file_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("FASHION_TUI_PREFERENCES", str(tmp_path / "own.toml"))
    assert default_path() == tmp_path / "own.toml"
    monkeypatch.delenv("FASHION_TUI_PREFERENCES")
    assert default_path().name == "preferences.toml"


def test_pictures_and_theme_are_options():
    options = parse(["--pictures", "ascii", "--theme", "fashion-light"])
    assert (options.pictures, options.theme) == ("ascii", "fashion-light")
    assert (parse([]).pictures, parse([]).theme) == (None, None)
    for kind in PICTURES:
        assert parse(["--pictures", kind]).pictures == kind


def test_an_unknown_theme_or_kind_of_picture_says_what_to_enter(capsys):
    with pytest.raises(ConfigError, match="theme: enter one of fashion-dark, fashion-light"):
        run_app(parse(["--theme", "pink"]), False, ExitStack(), print)
    with pytest.raises(SystemExit):
        parse(["--pictures", "jpeg"])
    assert "'ascii', 'blocks'" in capsys.readouterr().err.replace(
        "ascii, blocks", "'ascii', 'blocks'"
    )


def test_themes_in_the_colors_of_the_terminal_are_left_out():
    available = FashionApp(CannedSession(), Config(), "default").available_themes
    assert sorted(themes.names()) == sorted(available)
    assert not [name for name, theme in available.items() if theme.ansi]


async def test_all_groups_are_unfolded_where_they_fit_until_the_user_folds_one():
    async with screen(size=(200, 60)) as pilot:
        await until(pilot, lambda: not folded(pilot))
        assert pilot.app.preferences.unfolded is None
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: folded(pilot) == set(GROUPS))
        await pilot.resize_terminal(200, 60)
        await until(pilot, lambda: not folded(pilot))
        assert pilot.app.preferences.unfolded is None
        section = pilot.app.screen.query(Section).first()
        section.query_one("CollapsibleTitle").focus()
        await pilot.press("left")
        await until(pilot, lambda: folded(pilot) == {GROUPS[0]})
        assert pilot.app.preferences.unfolded == GROUPS[1:]
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert folded(pilot) == {GROUPS[0]}
