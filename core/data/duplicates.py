"""Counts images that occur more than once, byte for byte."""

from hashlib import blake2b

import numpy as np

from core.types import Bytes


def in_both(train_images: Bytes, test_images: Bytes) -> int:
    """Returns how many test images are also training images."""
    digests = [_digest(image) for image in test_images]
    found = set(digests).intersection(map(_digest, train_images))
    return sum(digest in found for digest in digests)


def repeated(images: Bytes, labels: Bytes) -> tuple[int, int]:
    """Returns how many images equal an earlier one, and how many of them have another label."""
    first: dict[bytes, int] = {}
    count = differing = 0
    for image, label in zip(images, labels.tolist(), strict=True):
        key = _digest(image)
        if key in first:
            count += 1
            differing += first[key] != label
        else:
            first[key] = label
    return count, differing


def describe(count: int, differing: int) -> str:
    """Returns a line for the user about what `repeated` counts."""
    if not count:
        return "No duplicate training images."
    return f"Duplicate training images: {count:,}, {differing:,} of them with a different label."


def _digest(image: Bytes) -> bytes:
    return blake2b(np.ascontiguousarray(image).data, digest_size=16).digest()
