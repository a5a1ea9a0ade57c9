"""A dataset of images and labels, loaded from IDX files and split into subsets.

The class names come from `labels.txt` beside the files, one name per line; without that file, they
are the numbers of the classes.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.assets import FASHION_MNIST
from core.data import files, idx
from core.errors import ConfigError, DataError
from core.text import printable
from core.types import Bytes, Indices

_MAX_CLASSES = 64
_MAX_NAME = 40  # characters of a class name; the rest is cut off
_MAX_NAMES_BYTES = 2**16  # of labels.txt


@dataclass(frozen=True, eq=False)
class Subset:
    """Images to train on, to validate on or to test on: some of the images of one file.

    images: (N, height, width) uint8 and labels: (N,) uint8 of the whole file, not copied;
    indices: (n,) intp, the images that belong to this subset.
    """

    name: str
    images: Bytes
    labels: Bytes
    indices: Indices

    def __post_init__(self) -> None:
        self.indices.flags.writeable = False

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def pixels(self) -> int:
        return int(self.images[0].size)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test images with their labels and class names.

    images: (N, height, width) uint8; labels: (N,) uint8, each an index into `class_names`.
    """

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes
    class_names: tuple[str, ...]

    @property
    def test(self) -> Subset:
        return Subset("test", self.test_images, self.test_labels, np.arange(len(self.test_images)))

    def images(self, subset: str) -> Bytes:
        """Returns the array that the indices of the subset with this name refer to."""
        return self.test_images if subset == "test" else self.train_images

    def split(self, validation_size: int, rng: np.random.Generator) -> tuple[Subset, Subset]:
        """Returns the training set and the evaluation set.

        The evaluation set is `validation_size` of the training images, the same share of each
        class; if that is 0, it is the test set. Raises ConfigError if no image would be left to
        train on.
        """
        total = len(self.train_labels)
        if validation_size >= total:
            raise ConfigError(
                "validation",
                f"validation: enter a number below {total:,}, the number of training images",
            )
        chosen = _stratified(self.train_labels, validation_size, rng)
        rest = np.setdiff1d(np.arange(total), chosen, assume_unique=True)
        training_set = Subset("training", self.train_images, self.train_labels, rest)
        if validation_size == 0:
            return training_set, self.test
        return training_set, Subset("validation", self.train_images, self.train_labels, chosen)


def _stratified(labels: Bytes, count: int, rng: np.random.Generator) -> Indices:
    """Draws `count` indices in proportion to the classes (largest remainders), in order."""
    classes, sizes = np.unique(labels, return_counts=True)
    exact = sizes * count / len(labels)
    quota = np.floor(exact).astype(int)
    most_cut = np.argsort(quota - exact, kind="stable")[: count - quota.sum()]
    quota[most_cut] += 1
    drawn = [
        rng.choice(np.flatnonzero(labels == label), size, replace=False)
        for label, size in zip(classes, quota, strict=True)
    ]
    return np.sort(np.concatenate(drawn))


def load(directory: str | Path = FASHION_MNIST) -> Dataset:
    """Loads the dataset in `directory`. Raises DataError if it cannot be used."""
    directory = Path(directory)
    try:
        readable = directory.is_dir()
    except OSError:  # for example, if the name is too long
        readable = False
    if not readable:
        raise DataError(f"{directory} is not a directory, or it cannot be read")
    train_images = _images(directory, "train-images-idx3-ubyte")
    train_labels = _labels(directory, "train-labels-idx1-ubyte", train_images)
    test_images = _images(directory, "t10k-images-idx3-ubyte")
    test_labels = _labels(directory, "t10k-labels-idx1-ubyte", test_images)
    train_size, test_size = train_images.shape[1:], test_images.shape[1:]
    if train_size != test_size:
        raise DataError(
            f"{directory}: the training images are {train_size[0]}×{train_size[1]} pixels "
            f"and the test images {test_size[0]}×{test_size[1]}; they must have the same size"
        )
    highest = int(max(train_labels.max(), test_labels.max()))
    names = _class_names(directory, highest)
    return Dataset(train_images, train_labels, test_images, test_labels, names)


def _images(directory: Path, name: str) -> Bytes:
    return idx.read(_find(directory, name), 3, "images")


def _labels(directory: Path, name: str, images: Bytes) -> Bytes:
    path = _find(directory, name)
    labels = idx.read(path, 1, "labels")
    if len(labels) != len(images):
        raise DataError(
            f"{path} has {len(labels):,} labels for {len(images):,} images; "
            "it must have one label per image"
        )
    return labels


def _class_names(directory: Path, highest: int) -> tuple[str, ...]:
    path = directory / "labels.txt"
    names = tuple(str(label) for label in range(max(2, highest + 1)))
    source = f"{directory}: the labels have"
    if files.exists(path):
        names = _read_names(path)
        source = f"{path} names"
        if "" in names:
            raise DataError(f"{path} has no name in line {names.index('') + 1}")
        if highest >= len(names):
            raise DataError(
                f"{path} names {len(names)} classes, but the largest label is {highest}; "
                "labels count from 0"
            )
    if not 2 <= len(names) <= _MAX_CLASSES:
        raise DataError(f"{source} {len(names)} classes; there must be 2 to {_MAX_CLASSES}")
    return names


def _read_names(path: Path) -> tuple[str, ...]:
    """Returns one class name per line, each printable and not too long."""
    with files.opened(path) as file:
        content = file.read(_MAX_NAMES_BYTES + 1)
    if len(content) > _MAX_NAMES_BYTES:
        raise DataError(
            f"{path} is larger than {_MAX_NAMES_BYTES:,} bytes; it should have one class name "
            "per line"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    names = (printable(line.strip()) for line in text.rstrip().splitlines())
    return tuple(name if len(name) <= _MAX_NAME else name[: _MAX_NAME - 1] + "…" for name in names)


def _find(directory: Path, name: str) -> Path:
    for path in (directory / name, directory / f"{name}.gz"):
        if files.exists(path):
            return path
    raise DataError(f"{directory / name} is missing, and so is {name}.gz")
