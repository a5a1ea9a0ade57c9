"""Escape characters in pasted text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.paste_filter import PasteFilter

START, END = "\x1b[200~", "\x1b[201~"
PIECES = st.lists(st.sampled_from(["a", "\x1b", "[31m", "\x1b[A", "[201", "~", "é"]), max_size=8)


def test_they_are_taken_out_and_all_else_stays():
    text = f"x\x1b[A{START}red \x1b[31m q\x1b{END}\x1b[By"
    assert PasteFilter()(text) == f"x\x1b[A{START}red [31m q{END}\x1b[By"


def test_keys_without_a_paste_stay_as_they_are():
    assert PasteFilter()("\x1b\x1b[A\x1b[200") == "\x1b\x1b[A\x1b[200"


@given(PIECES, PIECES, PIECES, st.data())
def test_the_pieces_in_which_the_input_comes_make_no_difference(before, pasted, after, data):
    before, pasted, after = map("".join, (before, pasted, after))
    text = f"{before}{START}{pasted}{END}{after}"
    place, got, each = 0, "", PasteFilter()
    while place < len(text):
        length = data.draw(st.integers(1, 12))
        got += each(text[place : place + length])
        place += length
    inside = pasted.partition(END)[0] if END in pasted else pasted
    assert got.startswith(f"{before}{START}{inside.replace(chr(27), '')}{END}")
    if END not in pasted:
        assert got == f"{before}{START}{pasted.replace(chr(27), '')}{END}{after}"


@pytest.mark.parametrize("cut", range(1, 6))
def test_a_paste_that_has_not_ended_holds_back_only_what_may_be_its_end(cut):
    each = PasteFilter()
    assert each(f"{START}abc{END[:cut]}") == f"{START}abc"
    assert each("x") == END[1:cut] + "x"
