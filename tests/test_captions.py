"""The captions of images: the true class, the predicted one and its probability."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.drawing.captions import ONE_LINE, TWO_LINES, caption
from tui.drawing.glyphs import ASCII

FASHION = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


@pytest.mark.parametrize(
    ("true", "predicted", "share", "words"),
    [
        ("Ankle boot", "Sandal", 0.64, ["Ankle boot", "→ Sandal 64%"]),
        ("T-shirt/top", "Pullover", 0.999, ["T-shirt/top", "→Pullover >99%"]),
        ("Sneaker", "Ankle boot", 0.97, ["Sneaker", "→ Ankle 97%"]),
        ("Coat", "Pullover", 1.0, ["Coat", "→Pullover 100%"]),
        ("Sneaker", None, 0.97, ["Sneaker", "✓ 97%"]),
        ("Photograph", "Photographer", 0.5, ["Photograph", "→ Photogr… 50%"]),
    ],
)
def test_narrow_captions_have_two_lines(true, predicted, share, words):
    assert caption(true, predicted, share, TWO_LINES, 2) == words


@pytest.mark.parametrize(
    ("true", "predicted", "share", "words"),
    [
        ("Ankle boot", "Sandal", 0.64, "Ankle boot → Sandal 64%"),
        ("T-shirt/top", "Ankle boot", 0.5, "T-shirt → Ankle boot 50%"),
        ("Ankle boot", None, 1, "Ankle boot ✓ 100%"),
    ],
)
def test_wide_captions_have_one_line(true, predicted, share, words):
    assert caption(true, predicted, share, ONE_LINE, 1) == [words]


def test_in_ascii_an_arrow_is_not_the_sign_of_the_selected_image_and_right_is_a_word():
    assert caption("Shirt", "Coat", 0.5, ONE_LINE, 1, ASCII) == ["Shirt -> Coat 50%"]
    assert caption("Shirt", "Coat", 0.5, TWO_LINES, 2, ASCII) == ["Shirt", "-> Coat 50%"]
    assert caption("Shirt", None, 0.5, ONE_LINE, 1, ASCII) == ["Shirt ok 50%"]
    assert caption("Coat", "Pullover", 0.96, TWO_LINES, 2, ASCII) == ["Coat", "->Pullover 96%"]


@pytest.mark.parametrize(("width", "lines"), [(TWO_LINES, 2), (ONE_LINE, 1)])
def test_no_name_of_fashion_mnist_is_cut_within_a_word(width, lines):
    for true in FASHION:
        for predicted in (None, *FASHION):
            for share in (0.001, 0.64, 0.9999, 1):
                assert "…" not in "".join(caption(true, predicted, share, width, lines))


@given(st.text(max_size=20), st.text(max_size=20), st.integers(11, 40), st.sampled_from([1, 2]))
def test_a_caption_fits_whatever_the_names_are(true, predicted, width, lines):
    first, *others = caption(true, predicted, 0.5, width, lines)
    assert len(others) == lines - 1
    assert cell_len(first) <= width - 1
    assert all(cell_len(line) <= width for line in others)
