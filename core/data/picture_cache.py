"""Remembers the pictures of a folder, resized, so that the next start does not read them again.

A cache is valid until the name, size or modification time of a picture changes.
"""

import hashlib
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from core.directories import cache_directory
from core.types import Bytes

_VERSION = 1
_MOST = 8  # folders that are remembered
_ABANDONED = 3600.0  # seconds, after which nobody still writes a file


def load(directory: Path, side: int, entries: Sequence[os.DirEntry[str]]) -> Any:
    """Returns images (n, side, side) and (n,) which could be read; None if they are not known."""
    path = _path(directory, side)
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            if file["state"].tobytes() != _state(directory, entries):
                return None
            images, readable = file["images"], file["readable"]
    except Exception:  # a cache that cannot be read counts as missing
        return None
    usable = images.dtype == np.uint8 and images.shape == (len(entries), side, side)
    if not (usable and readable.dtype == np.bool_ and readable.shape == (len(entries),)):
        return None
    with suppress(OSError):
        os.utime(path)  # the most recently used ones are kept
    return images, readable


def save(
    directory: Path, side: int, entries: Sequence[os.DirEntry[str]], images: Bytes, readable: Any
) -> None:
    """Keeps the pictures, if that is possible."""
    path = _path(directory, side)
    half = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        state = np.frombuffer(_state(directory, entries), np.uint8)
        with open(half, "wb") as file:
            np.savez(file, state=state, images=images, readable=readable)
        os.replace(half, path)
        _trim(path.parent)
    except OSError:
        with suppress(OSError):
            half.unlink()


def _path(directory: Path, side: int) -> Path:
    name = hashlib.sha256(f"{directory.absolute()}\n{side}".encode(errors="replace")).hexdigest()
    return cache_directory() / f"{name[:24]}.npz"


def _state(directory: Path, entries: Sequence[os.DirEntry[str]]) -> bytes:
    """Returns a digest of the names, sizes and times of the files."""
    digest = hashlib.sha256(str(_VERSION).encode())
    for entry in entries:
        status = entry.stat()
        name = os.path.relpath(entry.path, directory)
        line = f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n"
        digest.update(line.encode(errors="surrogateescape"))
    return digest.digest()


def _trim(directory: Path) -> None:
    """Removes all but the latest, and what a killed program left."""
    for path in directory.glob("*.part"):
        if time.time() - path.stat().st_mtime > _ABANDONED:
            path.unlink()
    kept = sorted(directory.glob("*.npz"), key=lambda path: path.stat().st_mtime)
    for path in kept[:-_MOST]:
        path.unlink()
