"""How the list of runs was left, for the next time it opens while the program runs."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Arrangement:
    """The marks of runs, and their order.

    marks: see `marks.MarkedRuns`. sort_key, down: the column that sorts them, and whether it does
    so from the largest value down.
    """

    marks: dict[Path, int] = field(default_factory=dict)
    sort_key: str = "when"
    down: bool = True
