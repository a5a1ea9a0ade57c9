"""Text that a person, a file or a path supplies is never taken as markup."""

import io
from dataclasses import replace

import numpy as np
import pytest
import rich.markup
from canned import dataset, frame, run, screen, text, toasts, until
from rich.console import Console
from textual import events
from textual.content import Content
from textual.widgets import Input
from textual.widgets._toast import Toast

from core.config.config import SETTINGS
from core.events import Evaluation, Phase, PhaseChanged, Refused, RunStarted
from tui.headless import tables
from tui.panes.settings.form import Form
from tui.panes.settings.search import SearchInput
from tui.screens.go_to import GoalValidator
from tui.screens.training.screen import TrainingScreen

HOSTILE = ("[/]", "[/x]", "[@click=app.quit]x[/]", ":cat:", "back\\")


@pytest.fixture(autouse=True)
def _no_hostile_markup(monkeypatch):
    """Fails a test in which one of the texts is parsed as markup, even if that has no effect."""
    parsed = []

    def noted(parse):
        def parse_noted(markup, *arguments, **options):
            parsed.append(markup)
            return parse(markup, *arguments, **options)

        return parse_noted

    monkeypatch.setattr(Content, "from_markup", noted(Content.from_markup))
    monkeypatch.setattr(rich.markup, "render", noted(rich.markup.render))
    yield
    assert not [markup for markup in parsed if any(name in str(markup) for name in HOSTILE[1:])]


def hostile_run():
    return [
        replace(event, dataset=replace(dataset(), class_names=HOSTILE))
        if isinstance(event, RunStarted)
        else event
        for event in run()
    ]


async def type_text(pilot, characters):
    entry = pilot.app.focused
    assert isinstance(entry, Input)
    entry.value = ""
    await pilot.press(*characters)
    assert entry.value == characters


async def test_names_of_classes_are_shown_as_they_are_in_every_pane():
    async with screen(*hostile_run(), size=(200, 60), notifications=True) as pilot:
        for key in ("2", "right", "enter", "down", "3", "enter", "escape", "5", "6", "v", "v"):
            await pilot.press(key)
            await frame(pilot)
        await pilot.press("escape", "escape", "2")
        await frame(pilot)
        assert "[/x]" in text(pilot)


async def test_toasts_and_refusals_show_it_as_it_is():
    async with screen(size=(200, 60), notifications=True) as pilot:
        for name in HOSTILE:
            await frame(
                pilot,
                Refused("goal", f"no {name}"),
                PhaseChanged(Phase.FAILED, f"broken {name}"),
                Refused("learning_rate", f"no {name}"),
                Refused("optimizer", f"no {name}"),
            )
            await until(pilot, lambda: pilot.app.screen.query(Toast))
            pilot.app.clear_notifications()  # or those of a slow machine end one after the other
            await until(pilot, lambda: not pilot.app.screen.query(Toast))
        await pilot.press("n")
        await pilot.pause()
        assert "Failed: Broken [/x]" in text(pilot)


async def test_it_can_be_typed_into_every_field_and_dialog():
    characters = "[/][/x]"
    async with screen(size=(200, 60), notifications=True) as pilot:
        for name in SETTINGS:
            await pilot.app.screen.query_one(Form).reveal(name)
            for entry in pilot.app.screen.query_one(f"#field-{name}").query(Input):
                entry.focus()
                await pilot.pause()
                # keys and the clipboard give it only numbers; another text is shown as it is
                pilot.app.clear_notifications()
                entry.post_message(events.Paste(characters))
                await until(pilot, lambda: f'"{characters}" is not a number.' in toasts(pilot))
                entry.value = characters
                await pilot.press("enter")  # the next field takes the focus from it
        await pilot.press("escape", "slash")
        await until(pilot, lambda: isinstance(pilot.app.focused, SearchInput))
        await type_text(pilot, characters)
        await pilot.press("enter")
        await pilot.press("escape", "escape", "g")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await type_text(pilot, characters)
        await pilot.press("enter")
        await pilot.pause()
        assert characters in text(pilot)
        await pilot.press("escape", "ctrl+p")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await type_text(pilot, characters)
        await pilot.press("enter")
        await pilot.press("escape", "escape")
        pilot.app.action_change_theme()
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await type_text(pilot, characters)
        await pilot.press("enter", "escape", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))


async def test_an_error_of_the_dialog_may_quote_what_was_typed(monkeypatch):
    """Its messages once did."""
    monkeypatch.setattr(GoalValidator, "validate", lambda self, value: self.failure(f"no {value}"))
    async with screen() as pilot:
        for characters in ("[/]", "[/x]", "[@click=app.quit]x[/]"):
            await pilot.press("g")
            await until(pilot, lambda: isinstance(pilot.app.focused, Input))
            await type_text(pilot, characters)
            await pilot.press("enter")
            await pilot.pause()
            assert f"no {characters}" in text(pilot)
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))


def test_tables_show_names_of_classes_as_they_are():
    labels = np.arange(5)
    result = Evaluation(1, "test", 1.0, 1.0, labels, labels, np.eye(5, dtype=np.float32))
    console = Console(record=True, width=200, file=io.StringIO())
    console.print(tables.per_class(result, HOSTILE))
    console.print(tables.confusions(result, HOSTILE))
    printed = console.export_text()
    for name in HOSTILE:
        assert printed.count(f" {name} ") + printed.count(f"│{name} ") >= 2
