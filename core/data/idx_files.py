"""Finds the IDX files of a dataset in a directory, under the names they are known by.

MNIST: train-images-idx3-ubyte, also train-images.idx3-ubyte, plain or .gz, or in a folder of that
name. EMNIST: the same after the name of a subset. QMNIST: the same with other types of values.
torchvision: in a folder raw, in a folder with the name of the set.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.data import class_names, idx
from core.data.files import exists
from core.data.reading import Found, Part, Reading
from core.errors import DataError, os_reason

_NAME = re.compile(
    r"(?P<prefix>.*?)(?P<part>train|t10k|test)[-_.](?P<content>images|labels)"
    r"[-_.]idx\d[-_.](ubyte|byte|short|int|float|double)(\.gz)?",
    re.IGNORECASE,
)
_FOLDERS = ("raw", "gzip")  # of torchvision and of EMNIST's archive
_STANDARD = {  # names in messages about missing files
    ("train", "images"): "train-images-idx3-ubyte",
    ("train", "labels"): "train-labels-idx1-ubyte",
    ("test", "images"): "t10k-images-idx3-ubyte",
    ("test", "labels"): "t10k-labels-idx1-ubyte",
}


@dataclass(slots=True)
class _Files:
    """The files of one set: (part, content) -> path."""

    directory: Path
    prefix: str
    paths: dict[tuple[str, str], Path] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The name of the folder, without raw."""
        inner = self.directory.name in _FOLDERS
        return self.directory.parent.name if inner else self.directory.name

    @property
    def subset(self) -> str:
        """Its name among the sets: letters for emnist-letters-, or the folder."""
        return self.prefix.strip("-_.").split("-")[-1] if self.prefix else self.folder


def find(directory: Path, reading: Reading) -> Found | None:
    """Returns what the IDX files in or below the directory hold; None if there are none."""
    sets = list(_sets(directory))
    if not sets:
        return None
    chosen = _chosen(directory, sets, reading.subset)
    parts = {}
    for part in ("train", "test"):
        if part == "test" and not any(key[0] == part for key in chosen.paths):
            continue
        images, labels = (_path(chosen, part, content) for content in ("images", "labels"))
        parts[part] = Part(
            idx.read(images, 3, "images", most=4),
            idx.read(labels, 1, "labels", most=2),
            str(images),
            str(labels),
        )
    found = Found("IDX files", chosen.prefix.strip("-_.") or chosen.folder, parts)
    if chosen.prefix and not exists(directory / class_names.FILE):
        _name_classes(found, chosen.directory / f"{chosen.prefix}mapping.txt")
    return found


def _name_classes(found: Found, mapping: Path) -> None:
    """Takes the class names from EMNIST's file, if there is one that fits the labels."""
    labels = np.concatenate([np.unique(part.labels) for part in found.parts.values()])
    names = class_names.read_mapping(mapping, int(labels.min()), int(labels.max()))
    if names:
        found.class_names = names
        found.notes.append(f"The class names come from {mapping.name}.")
    elif exists(mapping):
        found.notes.append(f"{mapping.name} was skipped, because it does not fit the labels.")


def _sets(directory: Path) -> Iterator[_Files]:
    """Yields the sets in the directory and its folders raw and gzip, or in those of its folders."""
    inner = [directory, *(directory / name for name in _FOLDERS)]
    found = [files for place in inner for files in _in(place)]
    if not found:
        found = [
            files for place in _entries(directory) if place.is_dir() for files in _in(place / "raw")
        ]
    yield from found


def _in(directory: Path) -> list[_Files]:
    sets: dict[str, _Files] = {}
    for path in _entries(directory):
        if match := _NAME.fullmatch(path.name):
            prefix = match["prefix"]
            part = "train" if match["part"].lower() == "train" else "test"
            files = sets.setdefault(prefix, _Files(directory, prefix))
            # In their order, a plain file comes before the same as .gz.
            files.paths.setdefault((part, match["content"].lower()), path)
    return list(sets.values())


def _entries(directory: Path) -> list[Path]:
    """Returns what is in a directory, sorted; nothing if there is none."""
    try:
        return sorted(directory.iterdir()) if directory.is_dir() else []
    except OSError as error:
        raise DataError(f"{directory} cannot be read: {os_reason(error)}") from error


def _chosen(directory: Path, sets: list[_Files], subset: str) -> _Files:
    names = sorted({files.subset for files in sets})
    if subset:
        wanted = subset.casefold()
        for files in sets:
            if wanted in (files.subset.casefold(), files.prefix.strip("-_.").casefold()):
                return files
        raise DataError(f"{directory} has no set {subset}; --subset can be {', '.join(names)}")
    if len(sets) == 1:
        return sets[0]
    plain = [files for files in sets if not files.prefix]
    if len(plain) == 1:
        return plain[0]
    raise DataError(f"{directory} has several sets; choose one with --subset: {', '.join(names)}")


def _path(files: _Files, part: str, content: str) -> Path:
    name = f"{files.prefix}{_STANDARD[part, content]}"
    path = files.paths.get((part, content))
    if path is None or not exists(path):
        raise DataError(f"{files.directory / name} is missing, and so is {name}.gz")
    if path.is_dir():  # a folder with the name of the file, and the file in it
        inner = [entry for entry in _entries(path) if entry.is_file()]
        if len(inner) == 1:
            return inner[0]
    return path
