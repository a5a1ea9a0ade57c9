"""The arguments of `fashion-tui data`, and the options that say how to read a dataset."""

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data import image_numbers
from core.data.reading import MAX_SIZE, SIZE, Reading
from core.directories import expanded
from core.errors import ConfigError, DataError
from tui.argument_parser import ArgumentParser

OPTIONS = ("subset", "size", "transpose", "leave_out")


@dataclass(frozen=True, slots=True)
class DataCommand:
    """The dataset to describe, and whether as JSON."""

    path: Path
    json: bool


def add_to(commands: Any) -> None:
    """Adds the command `data` to the commands of `fashion-tui`."""
    data = commands.add_parser(
        "data",
        help="show what is in a dataset",
        about="Show what is in a dataset and how its files were interpreted: sizes, classes, "
        "conversions and duplicates. If it cannot be used, one sentence says why, and the exit "
        "code is 2.",
        examples=(
            "fashion-tui data ~/pictures",
            "fashion-tui data fashion-mnist_train.csv",
            "fashion-tui data gzip/ --subset letters --json",
        ),
    )
    data.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        help="as for --data (default: the included Fashion-MNIST)",
    )
    add_reading(data)
    data.add_argument("--json", dest="as_json", action="store_true", help="print a JSON object")


def add_reading(parser: ArgumentParser) -> None:
    """Adds the options that say how to read a dataset."""
    parser.add_argument(
        "--subset",
        metavar="NAME",
        help="which of several sets in the directory, such as letters of EMNIST",
    )
    parser.add_argument(
        "--size",
        metavar="PIXELS",
        help=f"width and height of the images made from a folder of pictures (default: {SIZE})",
    )
    parser.add_argument(
        "--transpose",
        action=argparse.BooleanOptionalAction,
        help="transpose the images (default: only for EMNIST)",
    )
    parser.add_argument(
        "--leave-out",
        metavar="NUMBERS",
        help="training or validation images to leave out: their numbers in the training file, from "
        "0, such as 45592,17; or a file with a number at the start of each line",
    )


def reading(values: Mapping[str, Any]) -> Reading:
    """Returns how to read the dataset. Raises ConfigError if a value cannot be used."""
    given = {name: values[name] for name in OPTIONS if name in values}
    if "size" in given:
        text = given["size"]
        is_size = text.isascii() and text.isdecimal() and len(text) < 6
        if not is_size or not 1 <= int(text) <= MAX_SIZE:
            raise ConfigError("size", f"--size: enter a whole number from 1 to {MAX_SIZE}")
        given["size"] = int(text)
    if "leave_out" in given:
        given["left_out"] = _numbers(given.pop("leave_out"))
    return Reading(**given)


def path_and_reading(text: str) -> tuple[str, Reading]:
    """Returns the path of a dataset and how to read it, from a path with options after it.

    Raises ConfigError if they cannot be used.
    """
    path, *options = re.split(r"(?:^|\s+)(?=--)", text.strip())
    if not path:
        raise ConfigError("data", "enter the path of a dataset before its options")
    values: dict[str, Any] = {}
    for option in options:
        name, _, value = option.removeprefix("--").replace("=", " ", 1).partition(" ")
        value = value.strip()
        if name in ("subset", "size") and value:
            values[name] = value
        elif name in ("transpose", "no-transpose") and not value:
            values["transpose"] = name == "transpose"
        else:
            wanted = "--subset NAME, --size PIXELS, --transpose or --no-transpose"
            raise ConfigError("data", f"after the path, enter {wanted}")
    return path, reading(values)


def _numbers(text: str) -> tuple[int, ...]:
    """Returns the numbers in a list, or in a file. Raises ConfigError if they are none."""
    try:
        path = expanded(text)
        if image_numbers.is_list(text) or ("," in text and not os.path.exists(path)):
            return image_numbers.parse(text.split(","))
        return image_numbers.read(path)
    except DataError as error:
        raise ConfigError("leave_out", f"--leave-out: {error}") from error
