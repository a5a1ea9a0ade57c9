"""`fashion-tui data`: what is in a dataset, and how its files were interpreted."""

from typing import Any

import numpy as np
from rich.table import Table
from rich.text import Text

from core.data import duplicates
from core.data.dataset import Dataset
from core.data.reading import Reading
from core.runs.description import fingerprint
from core.types import Bytes
from tui.data_arguments import DataCommand
from tui.headless.console import make_console, readable_names
from tui.headless.json_text import as_json
from tui.headless.loading import load_data

_PARTS = ("training", "test")


def describe(command: DataCommand, reading: Reading) -> int:
    """Prints what is in the dataset; returns the exit code."""
    console = make_console(stderr=command.json)
    found = facts(load_data(command.path, reading, console))
    if command.json:
        print(as_json({"path": str(command.path), **found}, indent=2))
    else:
        console = make_console()
        for part in (_heading(found), _parts(found), _classes(found), _notes(found)):
            console.print(part, soft_wrap=isinstance(part, Text))
    return 0


def facts(data: Dataset) -> dict[str, Any]:
    """Returns the facts about a dataset."""
    repeated, differing = duplicates.repeated(data.train_images, data.train_labels)
    parts = ((data.train_images, data.train_labels), (data.test_images, data.test_labels))
    counts = [np.bincount(labels, minlength=len(data.class_names)) for _, labels in parts]
    return {
        "name": data.name,
        "format": data.kind,
        "fingerprint": fingerprint(data),
        "height": data.train_images.shape[1],
        "width": data.train_images.shape[2],
        "parts": {name: _facts(images) for name, (images, _) in zip(_PARTS, parts, strict=True)},
        "classes": [
            {"name": name, "training": int(train), "test": int(test)}
            for name, train, test in zip(data.class_names, *counts, strict=True)
        ],
        "repeated_training_images": repeated,
        "repeated_with_another_label": differing,
        "test_images_in_training": duplicates.in_both(data.train_images, data.test_images),
        "notes": list(data.decisions),
    }


def _facts(images: Bytes) -> dict[str, Any]:
    return {
        "images": len(images),
        "lowest": int(images.min()),
        "highest": int(images.max()),
        "mean": float(images.mean(dtype=np.float64)),
        "blank": int(np.count_nonzero(np.ptp(images.reshape(len(images), -1), axis=1) == 0)),
    }


def _heading(found: dict[str, Any]) -> Text:
    return Text(
        f"{found['name']}: {found['format']}, images of {found['height']}×{found['width']} pixels, "
        f"{len(found['classes'])} classes, SHA-256 {found['fingerprint'][:12]}…"
    )


def _parts(found: dict[str, Any]) -> Table:
    table = Table(title="Images and their pixels, 0 to 255", title_justify="left")
    table.add_column("set")
    for name in ("images", "lowest", "highest", "mean", "blank"):
        table.add_column(name, justify="right")
    for name, part in found["parts"].items():
        figures = (f"{part[key]:,}" for key in ("images", "lowest", "highest"))
        table.add_row(name, *figures, f"{part['mean']:.1f}", f"{part['blank']:,}")
    return table


def _classes(found: dict[str, Any]) -> Table:
    table = Table(title="Images of each class", title_justify="left")
    table.add_column("", justify="right")
    table.add_column("class")
    for name in _PARTS:
        table.add_column(name, justify="right")
    names = readable_names([row["name"] for row in found["classes"]])
    for number, (name, row) in enumerate(zip(names, found["classes"], strict=True)):
        table.add_row(str(number), Text(name), *(f"{row[part]:,}" for part in _PARTS))
    return table


def _notes(found: dict[str, Any]) -> Text:
    counts = found["repeated_training_images"], found["repeated_with_another_label"]
    lines = [*found["notes"], duplicates.describe(*counts)]
    if not found["test_images_in_training"]:
        lines.append("No test image is also a training image.")
    return Text("\n".join(lines))
