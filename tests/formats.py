"""Datasets in other formats than ours, written by others: the csv module, NumPy and Pillow."""

import csv

import numpy as np


def write_csv(path, images, labels, header=True, names=None):
    """Writes what Kaggle has: a label and the pixels in each line."""
    rows = images.reshape(len(images), -1)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if header:
            writer.writerow(["label", *(f"pixel{n}" for n in range(1, rows.shape[1] + 1))])
        for label, row in zip(labels.tolist(), rows.tolist(), strict=True):
            writer.writerow([names[label] if names else label, *row])
    return path


def write_pictures(directory, images, labels, names, ending="png", convert=None):
    """Writes a folder of pictures for each class."""
    from PIL import Image

    for number, (image, label) in enumerate(zip(images, labels.tolist(), strict=True)):
        folder = directory / names[label]
        folder.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(image)
        (convert(picture) if convert else picture).save(folder / f"{number:04}.{ending}")
    return directory


def digits():
    """Digits of 8×8 pixels from 0 to 16, as scikit-learn has them."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return found.images, found.target


def squares(count=60, classes=3, side=6, seed=0):
    """Square images to read: random bytes, but all values occur."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, side, side)).astype(np.uint8)
    images[0].flat[:2] = 0, 255
    return images, (np.arange(count) % classes).astype(np.uint8)
