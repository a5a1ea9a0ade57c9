"""Keyboards that are not Latin: their keys work by their place."""

import pytest
from canned import screen, toasts, until
from textual.widgets import Input

from tui.keyboard_layouts import latin


@pytest.mark.parametrize(("typed", "key"), zip("ыЫкеиВσρΡθб", "sSrtbDsrRu,", strict=True))
def test_a_letter_stands_for_the_key_in_its_place(typed, key):
    assert latin(typed) == key


def test_other_letters_are_not_known():
    assert latin("ש") is None


async def test_russian_and_greek_letters_are_keys():
    async with screen() as pilot:
        await pilot.press("ы", "σ", "е")
        assert pilot.session.commands == [("step",), ("step",), ("score",)]


async def test_they_are_text_where_text_is_typed():
    async with screen() as pilot:
        await pilot.press("п")  # g
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.press("ы")
        assert pilot.app.focused.value == "ы"


async def test_a_letter_of_another_script_is_no_key_and_says_so():
    async with screen() as pilot:
        await pilot.press("ש")
        assert toasts(pilot) == ["ש does nothing here. Switch the keyboard to Latin letters."]
        assert pilot.session.commands == []


async def test_a_latin_letter_that_is_no_key_says_no_more_than_that():
    async with screen() as pilot:
        for letter in "üéßÅºł":
            pilot.app.clear_notifications()
            await pilot.press(letter)
            await until(pilot, lambda: toasts(pilot))
            assert toasts(pilot) == [f"{letter} does nothing here; ? lists the keys."]
            assert pilot.session.commands == [], letter


async def test_in_ascii_the_letter_is_named():
    async with screen(ascii=True) as pilot:
        await pilot.press("ü")
        await until(pilot, lambda: toasts(pilot))
        assert toasts(pilot) == [
            "Latin small letter u with diaeresis does nothing here; ? lists the keys."
        ]
        pilot.app.clear_notifications()
        await pilot.press("ש")
        assert toasts(pilot) == [
            "Hebrew letter shin does nothing here. Switch the keyboard to Latin letters."
        ]
