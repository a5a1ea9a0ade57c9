"""Short texts for numbers, and names padded or shortened to a width."""

import math
import re

from rich.cells import cell_len, set_cell_size

from core.text import short_exponent, significant


def fit(text: str, cells: int) -> str:
    """The text in exactly `cells` terminal cells, aligned right and shortened if it is longer."""
    cut = shortened(text, cells)
    return " " * (cells - cell_len(cut)) + cut


def short_forms(name: str) -> list[str]:
    """The name and its beginnings that end with a whole word, the longest first."""
    ends = [separator.start() for separator in re.finditer("[ /]+", name)]
    return [name, *(name[:end] for end in reversed(ends) if end)]


def shortened(name: str, cells: int) -> str:
    """The longest short form of the name in `cells` terminal cells, or its beginning and "…"."""
    for form in short_forms(name):
        if cell_len(form) <= cells:
            return form
    return set_cell_size(name, cells - 1).rstrip() + "…" if cells > 0 else ""


def percent(share: float) -> str:
    """The share, 0..1, as whole percent in at most four characters.

    Only 0 is "0%" and only 1 is "100%": between them it is at least "<1%" and at most ">99%".
    """
    text = f"{share:.0%}"
    if share > 0 and text == "0%":
        return "<1%"
    return ">99%" if share < 1 and text == "100%" else text


def probability(share: float) -> str:
    """The probability, 0..1, in percent with one decimal; "–" if it is not finite.

    Only 0 is "0.0%": above it, it is at least "<0.1%".
    """
    if not math.isfinite(share):
        return "–"
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def number(value: float, digits: int = 3, zeros: bool = False) -> str:
    """The number with `digits` significant digits, or with two and an exponent; NaN is "–".

    zeros: keep zeros at the end, so that a number that changes keeps its digits: 0.00210, 5.0e-5.
    """
    if value != value:
        return "–"
    text = f"{value:#.{digits}g}".removesuffix(".") if zeros else f"{value:.{digits}g}"
    if "e" not in text:
        return text
    return short_exponent(f"{value:.1e}") if zeros else significant(value, 2)


def loss_text(loss: float) -> str:
    """A loss in nats: with three significant digits, from 100 on without decimals, 3.7e36."""
    if not math.isfinite(loss):
        return "–"
    return f"{loss:,.0f}" if 99.95 <= loss < 1e6 else number(loss, zeros=True)


def power_text(value: float, digits: int = 3) -> str:
    """A round number, as on an axis: in at most `digits` digits, 1e-6, 0.001, 10."""
    return significant(value, digits)


def alike(*values: float) -> list[str]:
    """Finite numbers with as many decimals as the largest needs for three significant digits."""
    largest = max(map(abs, values))
    power = math.floor(math.log10(largest)) if largest else 0
    if not -4 <= power <= 5:
        return [number(value) for value in values]
    return [f"{value:.{max(2 - power, 0)}f}" for value in values]
