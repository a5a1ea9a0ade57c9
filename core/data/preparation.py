"""Makes a dataset from what a reader found: bytes, classes, a test set; and says what it did."""

from pathlib import Path
from re import IGNORECASE, search

import numpy as np

from core.assets import FASHION_MNIST
from core.data import class_names, duplicates, labels, pixels
from core.data.reading import Found, Reading
from core.data.sampling import is_unbalanced, stratified
from core.errors import DataError
from core.text import counted
from core.types import Bytes

Arrays = dict[str, Bytes]
"""By the part of the dataset: train, test and maybe validation."""

_EMNIST = r"(?<![a-z])emnist"  # its images are rotated and mirrored


def prepare(
    found: Found, path: Path, reading: Reading, notes: list[str]
) -> tuple[Arrays, Arrays, tuple[str, ...]]:
    """Returns images (N, height, width) and labels (N,) of "train" and "test", and class names.

    notes: takes a sentence for each decision. Raises DataError if the data cannot be used.
    """
    images, classes, names = _uniform(found, path if path.is_dir() else path.parent, notes)
    if reading.transpose or (reading.transpose is None and search(_EMNIST, found.name, IGNORECASE)):
        images = {part: np.ascontiguousarray(x.swapaxes(1, 2)) for part, x in images.items()}
        why = "" if reading.transpose else ", because those of EMNIST are rotated and mirrored"
        notes.append(f"The images were transposed{why}.")
    _compare_sizes(path, images)
    _merge_validation(images, classes, notes)
    if "test" not in images:
        _split_test(images, classes, notes)
    if len(images["train"]) < 2:
        raise DataError(f"{path} has too few images to train on: at least 3 are needed")
    _note_sizes(classes["train"], names, notes)
    if path != FASHION_MNIST:
        repeated = duplicates.in_both(images["train"], images["test"])
        if repeated:
            notes.append(f"Test images that are also training images: {repeated:,}.")
    return images, classes, names


def _uniform(
    found: Found, directory: Path, notes: list[str]
) -> tuple[Arrays, Arrays, tuple[str, ...]]:
    """Returns images and labels as bytes, and the class names."""
    parts = list(found.parts.values())
    arrays, changes = pixels.to_bytes(
        [part.images for part in parts], [part.images_from for part in parts]
    )
    notes += changes
    listed, names = None, found.class_names
    if names is None:
        listed, changes = class_names.read(directory)
        notes += changes
    sources = [part.labels_from for part in parts]
    classes, names, changes = labels.to_classes(
        [part.labels for part in parts], sources, names or listed
    )
    notes += changes
    highest = max(int(array.max()) for array in classes)
    names = names or tuple(str(label) for label in range(max(2, highest + 1)))
    where = f"{directory / class_names.FILE} names" if listed else f"{directory}: the labels have"
    if highest >= len(names):
        raise DataError(
            f"{where} {counted(len(names), 'class')}, but the largest label is {highest}; labels "
            "count from 0"
        )
    if not 2 <= len(names) <= labels.MAX_CLASSES:
        raise DataError(
            f"{where} {counted(len(names), 'class')}; there must be 2 to {labels.MAX_CLASSES}"
        )
    keys = list(found.parts)
    return dict(zip(keys, arrays, strict=True)), dict(zip(keys, classes, strict=True)), names


def _merge_validation(images: Arrays, classes: Arrays, notes: list[str]) -> None:
    """Lets images that are meant for validation be test images, or else training images."""
    if "validation" not in images:
        return
    count = len(images["validation"])
    if "test" not in images:
        notes.append(
            "The files have validation images, but no test images: the "
            f"{counted(count, 'validation image')} became the test set."
        )
        images["test"], classes["test"] = images.pop("validation"), classes.pop("validation")
        return
    were = "was" if count == 1 else "were"
    notes.append(
        f"The {counted(count, 'validation image')} of the files {were} added to the training "
        "images; each run sets aside its own."
    )
    for arrays in (images, classes):
        arrays["train"] = np.concatenate((arrays["train"], arrays.pop("validation")))


def _split_test(images: Arrays, classes: Arrays, notes: list[str]) -> None:
    """Makes a fifth of the images test images, the same ones each time."""
    total = len(classes["train"])
    chosen = stratified(classes["train"], max(1, total // 5), np.random.default_rng(0))
    rest = np.setdiff1d(np.arange(total), chosen, assume_unique=True)
    for arrays in (images, classes):
        arrays["test"], arrays["train"] = arrays["train"][chosen], arrays["train"][rest]
    notes.append(
        f"The files have no test set: {len(chosen):,} of the {total:,} images became one, in a "
        "stratified split with seed 0."
    )


def _compare_sizes(path: Path, images: Arrays) -> None:
    train, *others = ((part, array.shape[1:]) for part, array in images.items())
    for part, size in others:
        if size != train[1]:
            raise DataError(
                f"{path}: the training images are {train[1][0]}×{train[1][1]} pixels "
                f"and the {part} images {size[0]}×{size[1]}; they must have the same size"
            )


def _note_sizes(train_labels: Bytes, names: tuple[str, ...], notes: list[str]) -> None:
    """Notes classes without training images, and classes of very different size."""
    sizes = np.bincount(train_labels, minlength=len(names))
    if empty := [name for name, size in zip(names, sizes, strict=True) if not size]:
        listed = ", ".join(empty[:3]) + (", …" if empty[3:] else "")
        notes.append(f"Classes without training images: {listed}.")
    if is_unbalanced(train_labels):
        largest, smallest = int(sizes.max()), int(sizes[sizes > 0].min())
        notes.append(
            f"The largest class has {largest:,} training images and the smallest {smallest:,}: "
            "balanced accuracy, the mean recall of all classes, says more than accuracy."
        )
