"""Small datasets, and how they are written as IDX files."""

import gzip

import numpy as np

from core.data.dataset import Dataset

HOSTILE_NAMES = (
    *("[/]", "[/x]", "[@click=app.quit]x[/]", ":cat:", "back\\"),
    *("\x1b]0;title\x07\x1b[31mred", "\x1b[2J", "\u202eright to left", "\u0301"),
    *("long " * 60, "[b"),
)
"""Class names as nobody would choose them: markup, escape sequences, and more."""


def make_dataset(train=200, test=60, classes=3, shape=(6, 5), seed=0):
    """Makes noisy copies of one random picture a class: easy to learn."""
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (classes, *shape))

    def draw(count):
        labels = np.arange(count) % classes
        images = pictures[labels] + rng.integers(-60, 61, (count, *shape))
        return images.clip(0, 255).astype(np.uint8), labels.astype(np.uint8)

    names = tuple(str(label) for label in range(classes))
    return Dataset(*draw(train), *draw(test), names)


def idx_bytes(array):
    """The IDX file that holds an array of bytes, written from the format's description."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes((0, 0, 8, array.ndim)) + sizes + array.tobytes()


def write_directory(directory, data, zipped=False, names=None):
    """Writes a dataset into a directory as four IDX files, plain or .gz; returns the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, array in {
        "train-images-idx3-ubyte": data.train_images,
        "train-labels-idx1-ubyte": data.train_labels,
        "t10k-images-idx3-ubyte": data.test_images,
        "t10k-labels-idx1-ubyte": data.test_labels,
    }.items():
        content = idx_bytes(array)
        if zipped:
            (directory / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (directory / name).write_bytes(content)
    if names is not None:
        (directory / "labels.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    return directory
