"""The picture that is examined, and what is known about it."""

from dataclasses import dataclass

from core.types import Bytes


@dataclass(frozen=True, slots=True, eq=False)
class ExaminedPicture:
    """picture: (height, width) uint8. name: what it is, for a title.

    label: its true class; None for a drawing. index: its number if it is one of the training
    images; None otherwise.
    """

    picture: Bytes
    name: str
    label: int | None = None
    index: int | None = None
