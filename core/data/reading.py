"""How to read a dataset whose files do not say so, and what a reader found in them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from numpy.typing import NDArray

from core.errors import DataError
from core.text import counted

SIZE = 28
"""Pixels of the sides to which pictures are resized, as in MNIST."""

MAX_SIZE = 512

Report = Callable[[float], object]
"""Called with the share of a file that is read, 0..1."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read the files, as the user specifies.

    subset: which of several sets in one directory, such as EMNIST's "letters"; "" if there is one.
    size: of the sides of pictures from a folder, in pixels.
    transpose: whether the images are transposed; None: by the name of the set.
    left_out: the numbers of training images, from 0, that are used neither for training nor for
    validation.

    Raises DataError if a value cannot be used.
    """

    subset: str = ""
    size: int = SIZE
    transpose: bool | None = None
    left_out: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        is_size = isinstance(self.size, int) and not isinstance(self.size, bool)
        if not (is_size and 1 <= self.size <= MAX_SIZE):
            raise DataError(f"size: enter a whole number from 1 to {MAX_SIZE}")
        if not isinstance(self.subset, str):
            raise DataError("subset: enter a name")
        if not isinstance(self.transpose, bool | None):
            raise DataError("transpose: enter true or false")
        is_list = isinstance(self.left_out, tuple | list)
        if not (is_list and all(type(one) is int and one >= 0 for one in self.left_out)):
            raise DataError("left out: enter the numbers of training images, from 0")
        object.__setattr__(self, "left_out", tuple(sorted(set(self.left_out))))

    def as_dict(self) -> dict[str, Any]:
        """Returns the values that are not the defaults, for a file."""
        return {
            one.name: value
            for one in fields(self)
            if (value := getattr(self, one.name)) != one.default
        }

    def options(self) -> Iterator[str]:
        """Yields the options of the command line that say the same."""
        for name, value in self.as_dict().items():
            if name == "transpose":
                yield "--transpose" if value else "--no-transpose"
            elif name == "left_out":
                yield from ("--leave-out", ",".join(map(str, value)))
            else:
                yield from (f"--{name}", str(value))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Returns what `as_dict` described."""
        return cls(**{one.name: values[one.name] for one in fields(cls) if one.name in values})


@dataclass(slots=True)
class Part:
    """The images and labels of a part of a dataset as its files hold them, of any type and shape.

    images_from, labels_from: the files, for messages.
    """

    images: NDArray[Any]
    labels: NDArray[Any]
    images_from: str
    labels_from: str

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.images):
            raise DataError(
                f"{self.labels_from} has {counted(len(self.labels), 'label')} for "
                f"{counted(len(self.images), 'image')}; it must have one label per image"
            )


@dataclass(slots=True)
class Found:
    """What a reader found.

    kind: the format, for people. name: of the set. parts: "train", and maybe "validation" and
    "test". class_names: of the labels 0, 1, and so on, if the files say it. notes: decisions.
    """

    kind: str
    name: str
    parts: dict[str, Part]
    class_names: tuple[str, ...] | None = None
    notes: list[str] = field(default_factory=list)
