"""The list of keys: it agrees with the bindings, the help page and the README."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from canned import screen, text
from textual.binding import Binding

import tui
from tui.app import FashionApp
from tui.panes.confusion import Confusion
from tui.panes.curves.chart import Chart
from tui.panes.curves.timeline_bar import TimelineBar
from tui.panes.gallery import Gallery
from tui.panes.network.layers_view import LayersView
from tui.panes.network.network_pane import NetworkPane
from tui.panes.network.unit_view import UnitView
from tui.panes.network.units_view import UnitsView
from tui.panes.settings.entry import OpenList, OptionSelect
from tui.panes.settings.field import Field
from tui.panes.settings.search import SearchInput
from tui.panes.settings.section import Section
from tui.panes.step.step_pane import StepPane
from tui.screens.board.board import BoardScreen
from tui.screens.board.canvas import DrawingCanvas
from tui.screens.branches import Branches
from tui.screens.coach import CoachScreen
from tui.screens.data.classes import ClassTable
from tui.screens.data.samples import Samples
from tui.screens.data.screen import DataScreen
from tui.screens.examine.best_picture import BestPicturePane
from tui.screens.examine.screen import ExamineScreen
from tui.screens.find_rate import FindRate
from tui.screens.go_to import GoTo
from tui.screens.help import Help, page
from tui.screens.image import ImageScreen
from tui.screens.keys import KEYS, key_names
from tui.screens.log import Log
from tui.screens.runs.compare import CompareScreen
from tui.screens.runs.difference import Difference
from tui.screens.runs.images import PairImages
from tui.screens.runs.overlay import OverlayChart
from tui.screens.runs.pair import PairScreen
from tui.screens.runs.prompt import Confirm, Prompt
from tui.screens.runs.screen import RunsScreen
from tui.screens.runs.table import RunTable
from tui.screens.sweep.entry import OptionRow, SettingRow
from tui.screens.sweep.form import StartButton
from tui.screens.sweep.screen import SweepScreen
from tui.screens.sweep.trials import TrialTable
from tui.screens.training.screen import TrainingScreen
from tui.screens.what_if.map import MapPane
from tui.screens.what_if.screen import WhatIfScreen

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")

PLACES = {
    "anywhere": {FashionApp, TrainingScreen},
    "settings": {Field, Section, OptionSelect, OpenList, SearchInput},
    "curves": {Chart},
    "timeline": {TimelineBar},
    "confusion matrix": {Confusion},
    "images": {Gallery},
    "enlarged image": {ImageScreen, PairScreen},
    "drawing board": {BoardScreen, DrawingCanvas},
    "adversarial example, why, best picture": {ExamineScreen, BestPicturePane},
    "data": {DataScreen, ClassTable, Samples},
    "step": {StepPane},
    "network": {NetworkPane, LayersView, UnitsView, UnitView},
    "what if": {WhatIfScreen, MapPane},
    "runs": {RunsScreen, RunTable},
    "comparison": {CompareScreen, OverlayChart, Difference, PairImages},
    "sweep": {SweepScreen, TrialTable, SettingRow, OptionRow, StartButton},
    "learning-rate finder": {FindRate},
    "dialogs": {Help, Log, GoTo, Branches, CoachScreen, Prompt, Confirm},
}
# The training screen runs these in a pane: `in_pane('charts', 'log_loss')`.
ASKED = {"charts": "curves", "confusion": "confusion matrix", "gallery": "images"}
# Keys without a binding of ours: Textual's own, and those that the fields handle themselves.
OTHERS = {
    "anywhere": set(),
    "settings": {"enter", "escape"},
    "sweep": {"enter"},
    "dialogs": {"enter"},
}
NAMES = {
    "↑": "up",
    "↓": "down",
    "←": "left",
    "→": "right",
    "PgUp": "pageup",
    "PgDn": "pagedown",
    "+": "plus",
    "-": "minus",
    "=": "equals_sign",
    "<": "less_than_sign",
    ">": "greater_than_sign",
    "%": "percent_sign",
    "?": "question_mark",
    "/": "slash",
    ",": "comma",
    ".": "full_stop",
    ":": "colon",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "*": "asterisk",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
}


def textual_name(key):
    """Textual's name of a key that the list writes as `shift+←` or `PgUp`."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    name = NAMES.get(last, last if len(last) == 1 else last.lower())
    return "+".join([*modifiers, name])


def test_the_palette_names_keys_as_the_list_does():
    for classes in PLACES.values():
        for binding in (b for kind in classes for b in kind.BINDINGS if isinstance(b, Binding)):
            names = key_names(binding).split(" or ")
            [*expected] = Binding.make_bindings([binding])
            assert [textual_name(name) for name in names] == [b.key for b in expected]


def listed(place):
    return [textual_name(key) for keys, _ in KEYS[place] for key in keys.split()]


def bound(place):
    """The keys that the classes of a place bind themselves."""
    keys = set(OTHERS.get(place, ()))
    for where, classes in PLACES.items():
        for binding in (b for kind in classes for b in Binding.make_bindings(kind.BINDINGS)):
            asked = binding.action.startswith("in_pane(")
            target = ASKED[binding.action.split("'")[1]] if asked else where
            if target == place:
                keys.add(binding.key)
    return keys


def readme_table():
    """The README's table of keys, made from the list."""
    lines = ["| where | key | action |", "| --- | --- | --- |"]
    for place, rows in KEYS.items():
        for number, (keys, action) in enumerate(rows):
            where = "" if number else f"**{place}**"
            cells = " ".join(f"`{key}`" for key in keys.split())
            lines.append(f"| {where} | {cells} | {action} |")
    return "\n".join(lines)


@pytest.mark.parametrize("place", PLACES)
def test_the_list_has_every_bound_key_and_no_other(place):
    assert set(listed(place)) == bound(place)


def test_the_list_has_every_place_and_no_key_twice_in_one():
    assert KEYS.keys() == PLACES.keys()
    for place in set(KEYS) - {
        "dialogs",
        "settings",
        "sweep",
    }:  # there a key depends on what has the focus
        assert len(listed(place)) == len(set(listed(place))), place


def test_every_class_with_bindings_has_a_place():
    found = set()
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        if module.name != "tui.__main__":
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, type) and vars(value).get("BINDINGS"):
                    found |= {value} if value.__module__.startswith("tui.") else set()
    assert found == set.union(*PLACES.values())


def test_the_help_page_shows_the_list():
    words = page().split()
    for rows in KEYS.values():
        for keys, action in rows:
            line = " ".join((keys + " " + action).split())
            assert line in " ".join(words)


def test_the_table_of_the_readme_is_the_list():
    assert readme_table() in README


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=str)
async def test_the_help_page_fits_the_window(size):
    async with screen(size=size) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        assert "train on one batch and show the network after it" in text(pilot)
        await pilot.press("end")
        assert "no setting is tuned on it" in text(pilot)
