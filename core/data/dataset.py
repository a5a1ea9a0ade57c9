"""A dataset of images and labels, loaded from files and split into subsets.

The class names come from `labels.txt` beside the files, one name per line, or from the files;
without them, they are the numbers of the classes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from core.assets import FASHION_MNIST
from core.data import class_names, formats, preparation
from core.data.reading import Reading, Report
from core.data.sampling import is_unbalanced, stratified
from core.errors import ConfigError, DataError
from core.text import printable
from core.types import Bytes, Indices, ignore

_NAMED = 10  # of the images that are left out, in a sentence
_SMALL = 3  # a set is small if more than a third of it would be for validation


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
    notes: a sentence for each decision made when the files were read.
    kind: the format of the files. name: of the set. reading: how its files were read.
    """

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    kind: str = ""
    name: str = ""
    reading: Reading = field(default_factory=Reading)

    @property
    def left_out(self) -> tuple[int, ...]:
        """The numbers of the training images that no run trains on or is validated on."""
        return self.reading.left_out

    @property
    def decisions(self) -> tuple[str, ...]:
        """The notes, and a sentence about the images that are left out."""
        if not self.left_out:
            return self.notes
        shown = ", ".join(f"#{number}" for number in self.left_out[:_NAMED])
        more = f" and {len(self.left_out) - _NAMED:,} more" if self.left_out[_NAMED:] else ""
        return (*self.notes, f"Training images left out: {len(self.left_out):,} ({shown}{more}).")

    def without(self, left_out: Iterable[int]) -> "Dataset":
        """Returns this dataset without the training images of these numbers, from 0. They replace
        those that are left out now. Raises DataError if there is no such image.
        """
        reading = replace(self.reading, left_out=tuple(map(int, left_out)))
        if reading.left_out and reading.left_out[-1] >= len(self.train_labels):
            raise DataError(
                f"there is no image #{reading.left_out[-1]} to leave out; the training images of "
                f"{self.name} have the numbers 0 to {len(self.train_labels) - 1:,}"
            )
        return replace(self, reading=reading)

    @cached_property
    def is_unbalanced(self) -> bool:
        """Whether the classes have very different numbers of training images."""
        return is_unbalanced(self.train_labels)

    @property
    def test(self) -> Subset:
        return Subset("test", self.test_images, self.test_labels, np.arange(len(self.test_images)))

    @property
    def is_fashion_mnist(self) -> bool:
        """Whether it is the whole of Fashion-MNIST, by its class names and sizes."""
        names, _ = class_names.read(FASHION_MNIST)
        sizes = len(self.train_labels), len(self.test_labels)
        return self.class_names == names and sizes == (60_000, 10_000)

    def images(self, subset: str) -> Bytes:
        """Returns the array that the indices of the subset with this name refer to."""
        return self.test_images if subset == "test" else self.train_images

    def labels(self, subset: str) -> Bytes:
        """Returns the labels of those images."""
        return self.test_labels if subset == "test" else self.train_labels

    def validation_size(self, wanted: int) -> int:
        """Returns how many training images to set aside for validation: `wanted`, or a tenth of
        them if that is more than a third.
        """
        total = len(self.train_labels)
        return wanted if wanted <= total // _SMALL else max(1, total // 10)

    def split(self, validation_size: int, rng: np.random.Generator) -> tuple[Subset, Subset]:
        """Returns the training set and the evaluation set.

        The evaluation set is `validation_size` of the training images, the same share of each
        class; if that is 0, it is the test set. Images that are left out are removed after the
        split, so that all others stay in the same set. Raises ConfigError if no image would be left
        to train on or to validate on.
        """
        total = len(self.train_labels)
        if validation_size >= total:
            raise ConfigError(
                "validation",
                f"validation: enter a number below {total:,}, the number of training images",
            )
        chosen = stratified(self.train_labels, validation_size, rng)
        rest = np.setdiff1d(np.arange(total), chosen, assume_unique=True)
        if self.left_out:
            chosen, rest = (np.setdiff1d(kept, self.left_out) for kept in (chosen, rest))
            if not len(rest) or (validation_size and not len(chosen)):
                where = "validation set" if len(rest) else "training set"
                raise ConfigError("validation", f"all images of the {where} are left out")
        training_set = Subset("training", self.train_images, self.train_labels, rest)
        if validation_size == 0:
            return training_set, self.test
        return training_set, Subset("validation", self.train_images, self.train_labels, chosen)


def load(
    path: str | Path = FASHION_MNIST, reading: Reading | None = None, report: Report = ignore
) -> Dataset:
    """Loads the dataset in a directory or file. Raises DataError if it cannot be used.

    reading: what the files do not say. report: called with the share that is read, 0..1.
    """
    path, reading = Path(path), reading or Reading()
    found = formats.find(path, reading, report)
    notes = list(found.notes)
    images, labels, names = preparation.prepare(found, path, reading, notes)
    for array in (*images.values(), *labels.values()):
        array.flags.writeable = False
    return Dataset(
        images["train"],
        labels["train"],
        images["test"],
        labels["test"],
        names,
        tuple(map(printable, notes)),
        found.kind,
        printable(found.name or path.absolute().name),
        reading,
    ).without(reading.left_out)
