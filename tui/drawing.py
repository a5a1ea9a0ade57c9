"""Names, bars and thinned curves for rows of text: pure functions, tested without an app."""

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size


def fit(text: str, cells: int) -> str:
    """The text in exactly `cells` columns of the terminal, at their right, cut if it is longer."""
    cut = text if cell_len(text) <= cells else set_cell_size(text, cells)
    return " " * (cells - cell_len(cut)) + cut


def bar(share: float, cells: int) -> str:
    """A bar of `cells` characters, filled to `share` of them."""
    filled = round(min(share, 1.0) * cells) if share > 0 else 0  # NaN is not
    return "━" * filled + "╌" * (cells - filled)


def percent(share: float) -> str:
    """The share as whole percent, in at most four characters; a little is not said to be nothing,
    nor nearly all to be all."""
    words = f"{share:.0%}"
    if share > 0 and words == "0%":
        return "<1%"
    return ">99%" if share < 1 and words == "100%" else words


def thin(
    steps: NDArray[np.int64], values: NDArray[np.float32], columns: int
) -> tuple[list[float], list[float]]:
    """At most two points a column of a chart: the least and the greatest value in it.

    Whatever is not finite is left out; a spike of one step stays to be seen.
    """
    finite = np.isfinite(values)
    if not finite.all():
        steps, values = steps[finite], values[finite]
    if len(steps) <= 2 * columns:
        return steps.astype(float).tolist(), values.astype(float).tolist()
    edges = np.linspace(steps[0], steps[-1], columns, endpoint=False)
    starts = np.unique(np.searchsorted(steps, edges))
    low = np.minimum.reduceat(values, starts)
    high = np.maximum.reduceat(values, starts)
    middles = (steps[starts] + steps[np.append(starts[1:], len(steps)) - 1]) / 2
    return np.repeat(middles, 2).tolist(), np.column_stack((low, high)).ravel().tolist()
