"""Reads NPZ files, NumPy's archives of arrays. Pickled objects in them are refused.

Arrays can have the names of Keras (x_train), MedMNIST (train_images) or Kuzushiji-MNIST, which has
a file for each array (k49-train-imgs.npz).
"""

import math
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.data.files import MAX_BYTES, at_most, kind_of, opened
from core.data.reading import Found, Part, Reading
from core.errors import DataError
from core.text import printable

_CONTENTS = {
    **dict.fromkeys(("x", "images", "image", "imgs", "data", "img"), "images"),
    **dict.fromkeys(("y", "labels", "label", "target", "targets"), "labels"),
}
_PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "t10k"), "test"),
}
_PIECE = re.compile(r"(?P<prefix>.*?)(?P<part>train|test|val)[-_](?P<content>imgs|images|labels)")

Place = tuple[str, str]


def is_npz(path: Path) -> bool:
    return path.suffix.lower() == ".npz"


def find(directory: Path, reading: Reading) -> Found | None:
    """Returns what the NPZ files in a directory hold; None if there are none."""
    paths = sorted(path for path in directory.iterdir() if is_npz(path) and path.is_file())
    if not paths:
        return None
    sets: dict[str, Path] = {}  # a file of each set
    for path in paths:
        match = _PIECE.fullmatch(path.stem.lower())
        name = (match["prefix"].strip("-_.") or directory.name) if match else path.stem.lower()
        sets.setdefault(name, path)
    wanted, known = reading.subset.lower(), ", ".join(sets)
    if wanted and wanted not in sets:
        raise DataError(f"{directory} has no set {wanted}; --subset can be {known}")
    if not wanted and len(sets) > 1:
        raise DataError(f"{directory} has several sets; choose one with --subset: {known}")
    return read(sets[wanted] if wanted else paths[0])


def read(path: Path) -> Found:
    """Returns what the file holds, together with its siblings if each has one array."""
    match = _PIECE.fullmatch(path.stem.lower())
    if match:
        places, name = _pieces(path, match["prefix"]), match["prefix"].strip("-_.")
    else:
        places = {place: (path, key) for place, key in _places(path).items()}
        name = path.name
    for content in ("images", "labels"):
        if ("train", content) not in places:
            raise DataError(
                f"{path} has no training {content}: it should have arrays such as "
                f"{'x_train' if content == 'images' else 'y_train'} or train_{content}"
            )
    parts: dict[str, Part] = {}
    for part in ("train", "validation", "test"):
        images, labels = places.get((part, "images")), places.get((part, "labels"))
        if images and labels:
            sources = (
                f"{file}: {printable(key)}" if not match else str(file)
                for file, key in (images, labels)
            )
            parts[part] = Part(_array(*images), _array(*labels), *sources)
    return Found("NPZ", name or path.parent.name, parts)


def _pieces(path: Path, prefix: str) -> dict[Place, tuple[Path, str]]:
    """Returns where the arrays of a set are, if each of its files has one array."""
    places = {}
    for sibling in sorted(path.parent.iterdir()):
        match = _PIECE.fullmatch(sibling.stem.lower()) if is_npz(sibling) else None
        if match and match["prefix"] == prefix:
            keys = _keys(sibling)
            if len(keys) != 1:
                raise DataError(f"{sibling} has {len(keys)} arrays; it should have one")
            places[_PARTS[match["part"]], _CONTENTS[match["content"]]] = (sibling, keys[0])
    return places


def _places(path: Path) -> dict[Place, str]:
    """Returns the names of the arrays for each part and content. Of those without, "train"."""
    places: dict[Place, str] = {}
    for key in _keys(path):
        words = re.split(r"[_\-. ]", key.lower())
        content = next((_CONTENTS[word] for word in words if word in _CONTENTS), None)
        part = next((_PARTS[word] for word in words if word in _PARTS), "train")
        if content:
            places.setdefault((part, content), key)
    return places


def _keys(path: Path) -> list[str]:
    with opened(path) as file, _archive(path, file) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    if not names:
        raise DataError(f"{path} is a ZIP archive, but has no arrays of NumPy")
    return names


def _archive(path: Path, file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except OSError:
        raise
    except Exception as error:  # a damaged archive fails in many ways
        file.seek(0)
        start = file.read(64)
        what = kind_of(start) if start[:2] != b"PK" else None
        raise DataError(f"{path} is {what or 'not an NPZ file, or it is damaged'}") from error


def _array(path: Path, key: str) -> NDArray[Any]:
    """Reads one array, and no more bytes than its header promises."""
    source = f"{path}: {printable(key)}"
    try:
        with (
            opened(path) as file,
            _archive(path, file) as archive,
            archive.open(f"{key}.npy") as member,
        ):
            return _read_array(cast(BinaryIO, member), source)
    except (DataError, OSError):
        raise
    except (NotImplementedError, RuntimeError) as error:  # an encrypted archive, or a rare method
        raise DataError(f"{source} cannot be read: {error}") from error
    except Exception as error:  # a damaged archive fails in many ways
        raise DataError(f"{source} is damaged: it cannot be decompressed") from error


def _read_array(member: BinaryIO, source: str) -> NDArray[Any]:
    try:
        version = npy.read_magic(member)
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = header(member)
    except (OSError, zipfile.BadZipFile, zlib.error):
        raise
    except Exception as error:  # NumPy parses the header as Python, and that fails in many ways
        raise DataError(f"{source} is damaged: it has no header of an array") from error
    if dtype.hasobject:
        raise DataError(
            f"{source} holds pickled objects, which can run code and are never read; save plain "
            "numbers"
        )
    if not shape or 0 in shape or dtype.itemsize == 0:
        raise DataError(f"{source} is empty: its shape is {shape}")
    expected = math.prod(shape) * dtype.itemsize
    if expected > MAX_BYTES:
        raise DataError(f"{source} takes {expected / 1e9:,.1f} GB; at most 2 GB can be read")
    data = at_most(member, expected)
    if len(data) != expected:
        raise DataError(f"{source} is truncated: {len(data):,} of {expected:,} bytes are there")
    try:
        return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
    except (ValueError, TypeError) as error:
        raise DataError(f"{source} is damaged: it cannot be read as an array") from error
