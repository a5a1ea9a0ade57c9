"""What is in a dataset, by class: which images each part of a run has, and their mean."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.data import duplicates
from core.data.dataset import Dataset
from core.types import Bytes, Indices


@dataclass(frozen=True, slots=True, eq=False)
class DataOverview:
    """The parts of a dataset in a run with K classes.

    parts: for "training", maybe "validation", and "test", the indices into
    `Dataset.images(part)`, in order.
    counts: for each of them (K,), the images of each class.
    means: (K, height, width) uint8, the mean of the training images of each class; black for a
    class without any.
    repeated: how many training images in the file equal an earlier one; differing: how many of
    these have another label.
    """

    parts: Mapping[str, Indices]
    counts: Mapping[str, Indices]
    means: Bytes
    repeated: int
    differing: int


def data_overview(
    dataset: Dataset, evaluation_set: str, evaluation_indices: Indices
) -> DataOverview:
    """Looks at all images once. evaluation_set, evaluation_indices: as in `RunStarted`."""
    rest = np.arange(len(dataset.train_labels))
    parts: dict[str, Indices] = {}
    if evaluation_set == "validation":
        rest = np.setdiff1d(rest, evaluation_indices)
        parts["validation"] = evaluation_indices
    if dataset.left_out:
        rest = np.setdiff1d(rest, dataset.left_out)
    parts = {"training": rest, **parts, "test": np.arange(len(dataset.test_labels))}
    classes = len(dataset.class_names)
    counts = {
        part: np.bincount(dataset.labels(part)[indices], minlength=classes)
        for part, indices in parts.items()
    }
    labels = dataset.train_labels[rest]
    means = np.zeros((classes, *dataset.train_images.shape[1:]), np.uint8)
    for label in np.unique(labels).tolist():
        images = dataset.train_images[rest[labels == label]]
        means[label] = np.rint(images.sum(axis=0, dtype=np.uint64) / len(images))
    repeated, differing = duplicates.repeated(dataset.train_images, dataset.train_labels)
    return DataOverview(parts, counts, means, repeated, differing)
