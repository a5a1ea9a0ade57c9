"""The request to go on with a kept run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Resumption:
    """A kept run to go on with.

    changes: settings to change first. data: a directory with its dataset, if that has moved.
    anyway: accept another dataset.
    """

    path: Path
    changes: Mapping[str, Any] = field(default_factory=dict)
    data: Path | None = None
    anyway: bool = False
