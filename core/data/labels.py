"""Makes classes 0, 1, and so on from labels of other types, shapes and values."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.text import counted, printable
from core.types import Bytes

MAX_CLASSES = 256
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}\N{VARIATION SELECTOR-16}"
_MAX_NAME = 40  # characters of a class name; the rest is cut off

Names = tuple[str, ...] | None


def to_classes(
    arrays: Sequence[NDArray[Any]], sources: Sequence[str], names: Names
) -> tuple[list[Bytes], Names, list[str]]:
    """Returns the labels as (N,) uint8, class names, and sentences about what was changed.

    All arrays are changed in the same way. names: of the classes, if they are known; the result
    has other names, or none, depending on the labels.

    Raises DataError if they cannot be labels of one class each.
    """
    notes: list[str] = []
    columns = [_column(array, source, notes) for array, source in zip(arrays, sources, strict=True)]
    if any(column.dtype.kind in "US" for column in columns):
        return *_from_words([_words(column) for column in columns], sources), notes
    whole = [_whole(column, source) for column, source in zip(columns, sources, strict=True)]
    values = np.unique(np.concatenate([np.unique(column) for column in whole]))
    low, high = int(values[0]), int(values[-1])
    if not 2 <= len(values) <= MAX_CLASSES:
        raise DataError(_not_classes(sources[0], len(values)))
    counts_from_1 = low == 1 and (names is None or high == len(names))
    if counts_from_1 and high <= MAX_CLASSES:
        notes.append(f"Labels 1 to {high} became classes 0 to {high - 1}.")
        whole = [column - 1 for column in whole]
        names = names or tuple(str(label) for label in range(1, high + 1))
    elif low < 0 or high >= MAX_CLASSES:
        notes.append(
            f"The labels {low} to {high} have {len(values)} different values, which became the "
            f"classes 0 to {len(values) - 1}."
        )
        whole = [np.searchsorted(values, column) for column in whole]
        names = tuple(str(value) for value in values)
    return [column.astype(np.uint8) for column in whole], names, notes


def shown(name: str) -> str:
    """Returns a class name that can be printed and is not too long.

    Joined emoji stand beside each other, because terminals disagree on how wide they are together.
    """
    for joiner in _JOINERS:
        name = name.replace(joiner, "")
    name = printable(name.strip())
    return name if len(name) <= _MAX_NAME else name[: _MAX_NAME - 1] + "…"


def _column(array: NDArray[Any], source: str, notes: list[str]) -> NDArray[Any]:
    """Returns the column with the class."""
    if array.ndim == 1:
        return array
    if array.ndim != 2:
        raise DataError(
            f"{source}: the labels have the shape {array.shape}; it should be (number,)"
        )
    n, k = array.shape
    if k == 1:
        _note(notes, "The labels are a table with one column, whose values are the classes.")
        return array[:, 0]
    if array.dtype.kind in "uifb" and bool(((array == 0) | (array == 1)).all()):
        if bool((array.sum(axis=1) == 1).all()):
            raise DataError(
                f"{source}: the labels are one-hot, of the shape ({n:,}, {k}); store their "
                "argmax(axis=1) instead"
            )
        raise DataError(
            f"{source}: the labels are multi-label, several classes for an image, of the shape "
            f"({n:,}, {k}); each image must have one class"
        )
    if k == 8 and array.dtype.kind == "i":  # QMNIST: class, then writer and others
        _note(notes, "The labels have 8 columns, as in QMNIST; the first one is the class.")
        return array[:, 0]
    raise DataError(f"{source}: the labels have {k} columns; each image must have one class")


def _note(notes: list[str], sentence: str) -> None:
    """Adds a sentence once, although it is about each part of the data."""
    if sentence not in notes:
        notes.append(sentence)


def _whole(column: NDArray[Any], source: str) -> NDArray[np.int64]:
    if column.dtype.kind not in "uifb":
        raise DataError(
            f"{source}: labels of the type {column.dtype} are neither numbers nor words"
        )
    if column.dtype.kind == "f" and not bool((np.isfinite(column) & (column % 1 == 0)).all()):
        raise DataError(f"{source}: not all labels are whole numbers")
    if column.dtype.kind in "uf" and column.max() >= 2**63:
        raise DataError(f"{source}: the labels are too large")
    return column.astype(np.int64)


def _words(column: NDArray[Any]) -> NDArray[Any]:
    """Returns labels as text."""
    return (
        np.char.decode(column, "utf-8", "replace")
        if column.dtype.kind == "S"
        else column.astype(str)
    )


def _not_classes(source: str, count: int) -> str:
    return f"{source}: the labels have {counted(count, 'class')}; there must be 2 to {MAX_CLASSES}"


def _from_words(
    columns: Sequence[NDArray[Any]], sources: Sequence[str]
) -> tuple[list[Bytes], tuple[str, ...]]:
    words = sorted({str(word) for column in columns for word in np.unique(column)})
    if not 2 <= len(words) <= MAX_CLASSES:
        raise DataError(_not_classes(sources[0], len(words)))
    classes = [np.searchsorted(words, column).astype(np.uint8) for column in columns]
    return classes, tuple(shown(word) or "(none)" for word in words)
