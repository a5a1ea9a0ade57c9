"""Finds out which format a dataset has, and reads it."""

from pathlib import Path

from core.data import files, idx_files
from core.data.reading import SIZE, Found, Reading, Report
from core.errors import DataError, os_reason
from core.types import ignore

_KNOWN = (
    "four IDX files named like MNIST's, a .csv or .npz file, or a folder of pictures for each class"
)
_PICTURES = "pictures"  # the kind of a folder of them
_FOLDER = (
    ", not a dataset: pass the folder that has one folder of pictures per class; to classify one "
    "picture, use fashion-tui classify"
)


def find(path: Path, reading: Reading, report: Report = ignore) -> Found:
    """Returns what a file or directory holds. Raises DataError if it is not a dataset."""
    found = _find(path, reading, report)
    found.notes += _unused(found, path, reading)
    return found


def _unused(found: Found, path: Path, reading: Reading) -> list[str]:
    """Returns a sentence for each thing in `reading` that plays no role for these files."""
    notes, is_folder = [], found.kind == _PICTURES
    if reading.size != SIZE and not is_folder:
        notes.append(
            f"--size {reading.size} had no effect: only pictures from a folder are resized."
        )
    if reading.subset and (is_folder or not path.is_dir()):
        what = "a folder of pictures is one set" if is_folder else "a file has only one set"
        notes.append(f"--subset {reading.subset} had no effect: {what}.")
    return notes


def _find(path: Path, reading: Reading, report: Report) -> Found:
    try:
        is_directory, is_file = path.is_dir(), path.exists() and not path.is_dir()
        if is_directory:
            list(path.iterdir())  # it may not be readable
    except OSError:  # for example, if the name is too long
        is_directory = is_file = False
    if is_file:
        return _file(path, report)
    if not is_directory:
        if not _exists(path):
            raise DataError(f"{path} does not exist: check the path of the dataset")
        raise DataError(f"{path} is not a directory, or it cannot be read")
    try:
        return _directory(path, reading, report)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os_reason(error)}") from error


def _file(path: Path, report: Report) -> Found:
    from core.data import csv_files, npz_files  # only now: most datasets are IDX files

    with files.opened(path) as file:
        start = file.read(64)
    if start.startswith(b"PK\x03\x04") or npz_files.is_npz(path):
        return npz_files.read(path)
    if csv_files.is_csv(path):
        return csv_files.read(path, report)
    if start[:2] == b"\0\0" or path.name.lower().endswith((".gz", "ubyte")):
        raise DataError(f"{path} is not a directory: pass the one with the four IDX files")
    if not start:
        raise DataError(f"{path} is empty")
    what = files.kind_of(start) or f"not a dataset; expected {_KNOWN}"
    raise DataError(f"{path} is {what}{_FOLDER if what.endswith(' picture') else ''}")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True


def _directory(path: Path, reading: Reading, report: Report) -> Found:
    if found := idx_files.find(path, reading):
        return found
    from core.data import csv_files, npz_files, picture_folder  # only now, as above

    folder = picture_folder.scan(path)
    if len(folder.names) < 2:  # there may be other pictures beside the data
        found = csv_files.find(path, reading.subset, report) or npz_files.find(path, reading)
        if found:
            return found
    if folder.names:
        return picture_folder.read(path, folder, reading, report)
    raise DataError(f"{path} has no images; it should have {_KNOWN}")
