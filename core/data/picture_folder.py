"""Reads a folder of pictures: a folder for each class, optionally in the folders train and test."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.data import picture_cache, pictures
from core.data.files import MAX_BYTES
from core.data.labels import MAX_CLASSES, shown
from core.data.reading import Found, Part, Reading, Report
from core.errors import DataError, os_reason
from core.text import counted
from core.types import ignore

_ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"}
_PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}


@dataclass(slots=True)
class Folder:
    """The pictures of each part and class, and how many other files are among them.

    unread: folders of classes without a picture in them, and folders inside those of classes.
    """

    parts: dict[str, dict[str, list[os.DirEntry[str]]]]
    others: int = 0
    unread: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The names of the classes, in order."""
        return sorted({name for part in self.parts.values() for name in part}, key=_natural)


def read(directory: Path, folder: Folder, reading: Reading, report: Report = ignore) -> Found:
    """Reads the pictures that `scan` found in a directory."""
    names = folder.names
    if not 2 <= len(names) <= MAX_CLASSES:
        raise DataError(
            f"{directory} has {counted(len(names), 'folder')} with pictures; there must be one for "
            f"each class, 2 to {MAX_CLASSES}"
        )
    files = [
        (part, label, entry)
        for part, classes in folder.parts.items()
        for label, name in enumerate(names)
        for entry in classes.get(name, ())
    ]
    side = reading.size
    if len(files) * side * side > MAX_BYTES:
        raise DataError(
            f"{directory}: {len(files):,} pictures of {side}×{side} pixels take "
            f"{len(files) * side * side / 1e9:,.1f} GB; at most 2 GB fit: choose a smaller --size"
        )
    entries = [entry for _, _, entry in files]
    cached = picture_cache.load(directory, side, entries)
    if cached is None:
        cached = pictures.read(directory, entries, side, report)
        picture_cache.save(directory, side, entries, *cached)
    images, readable = cached
    notes = [
        f"Images were converted to grayscale and resized to {side}×{side} pixels; those that are "
        "not square were padded with black."
    ]
    if folder.others:
        notes.append(f"Files that are not pictures and were skipped: {folder.others:,}.")
    if folder.unread:
        notes.append(
            f"Folders that were skipped: {len(folder.unread):,}, such as {folder.unread[0]}; "
            "pictures must be directly in the folder of their class."
        )
    if not readable.all():
        broken = np.flatnonzero(~readable)
        first = Path(entries[broken[0]].path).relative_to(directory)
        notes.append(
            f"Pictures that cannot be read and were skipped: {len(broken):,}, such as {first}."
        )
    if not readable.any():
        raise DataError(
            f"{directory} has {counted(len(files), 'picture')}, but none that can be read"
        )
    parts = {}
    source = str(directory)
    for part in folder.parts:
        rows = [n for n, (of, _, _) in enumerate(files) if of == part and readable[n]]
        labels = np.array([files[row][1] for row in rows], np.int64)
        if rows:
            parts[part] = Part(images[rows], labels, source, source)
    return Found("pictures", directory.name, parts, tuple(map(shown, names)), notes)


def scan(directory: Path) -> Folder:
    """Returns the pictures below a directory."""
    try:
        inner = [entry for entry in sorted(os.scandir(directory), key=_name) if _is_folder(entry)]
        parts = {
            _PARTS[entry.name.casefold()]: Path(entry.path)
            for entry in inner
            if entry.name.casefold() in _PARTS
        }
        folder = Folder({})
        if "train" in parts:
            for part, path in parts.items():
                folder.parts[part] = _classes(path, folder)
        else:
            folder.parts["train"] = _classes(directory, folder)
    except OSError as error:
        raise DataError(f"{directory} cannot be read: {os_reason(error)}") from error
    folder.parts = {part: classes for part, classes in folder.parts.items() if classes}
    return folder if "train" in folder.parts else Folder({})


def _classes(directory: Path, folder: Folder) -> dict[str, list[os.DirEntry[str]]]:
    classes = {}
    for entry in sorted(os.scandir(directory), key=_name):
        if not _is_folder(entry):
            continue
        files = []
        for file in sorted(os.scandir(entry.path), key=_name):
            if os.path.splitext(file.name)[1].lower() in _ENDINGS and file.is_file():
                if not file.name.startswith("."):
                    files.append(file)
            elif file.is_file() and not file.name.startswith(".") and file.name != "Thumbs.db":
                folder.others += 1
            elif _is_folder(file):
                folder.unread.append(shown(f"{entry.name}/{file.name}"))
        if files:
            classes[entry.name] = files
        else:
            folder.unread.append(shown(entry.name))
    return classes


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir() and not entry.name.startswith((".", "__"))


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _natural(name: str) -> tuple[int, int, str]:
    """A key that sorts numbers by value, before words."""
    is_number = name.isascii() and name.isdecimal() and len(name) < 10
    return (0, int(name), name) if is_number else (1, 0, name)
