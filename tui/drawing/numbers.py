"""Numbers and names as text of a fixed width."""

from rich.cells import cell_len, set_cell_size


def fit(text: str, cells: int) -> str:
    """The text in exactly `cells` columns of the terminal, at their right, cut if it is longer."""
    cut = text if cell_len(text) <= cells else set_cell_size(text, cells)
    return " " * (cells - cell_len(cut)) + cut


def percent(share: float) -> str:
    """The share as whole percent, in at most four characters; a little is not said to be nothing,
    nor nearly all to be all."""
    words = f"{share:.0%}"
    if share > 0 and words == "0%":
        return "<1%"
    return ">99%" if share < 1 and words == "100%" else words


def number(value: float, digits: int = 3) -> str:
    """The number in so many digits, or two and a power of ten; a dash if it is none."""
    if value != value:
        return "–"
    words = f"{value:.{digits}g}"
    if "e" not in words:
        return words
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"
