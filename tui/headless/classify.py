"""`fashion-tui classify`: classifies picture files with the network of a kept run."""

import math

import numpy as np
from rich.table import Table
from rich.text import Text

from core.data.picture_file import PictureFile, has_light_background, read_picture
from core.errors import DataError, RunError
from core.inspection.classification import Classification, classify
from core.runs.run import Run
from core.text import printable
from tui.command_line import ClassifyOptions, Options
from tui.drawing.numbers import probability
from tui.exit_codes import FINISHED, OUTPUT_FAILED, USAGE_ERROR
from tui.headless.console import make_console, readable_names
from tui.headless.json_log import JsonLog
from tui.streams import print_error

_BAR = 30  # characters
_ROWS = 20  # classes of a table, at most


def classify_files(options: Options, asked: ClassifyOptions) -> int:
    """Prints the probabilities for each file; returns 2 if one of them cannot be read, else 0."""
    # A copy of the file, because another program may write to the run.
    with Run(asked.run, in_memory=True) as run:
        try:
            dataset = run.load_data(asked.data, asked.anyway)
        except RunError as error:
            raise RunError(f"{error}; add --anyway to use that data") from error
        network, step, name = run.network_at(run.step, dataset), run.step, run.name
        data_name = str(run.meta["data"].get("name", "?"))
        fingerprint = run.meta["data"]["fingerprint"]
    names = dataset.class_names
    height, width = dataset.images("test").shape[1:]
    light, faults = has_light_background(dataset.images("test")), 0
    with JsonLog(options.json, options.force) as log:
        console = make_console(stderr=log.to_stdout)
        data = f"{printable(data_name)}, SHA-256 {fingerprint[:12]}…"
        heading = f"Classified by {name} at step {step:,}, trained on {data}"
        for path in asked.files:
            try:
                picture = read_picture(path, (height, width), asked.invert, light)
            except DataError as error:
                print_error(str(error))
                faults += 1
                continue
            found = classify(network, picture.pixels, step)
            if heading:  # nothing is classified if no file can be read
                console.print(heading, soft_wrap=True)
                heading = ""
            console.print(f"\n{printable(str(path))}: {_made(picture)}", soft_wrap=True)
            console.print(_table(found, readable_names(names)))
            origin = {"run": name, "data": data_name, "fingerprint": fingerprint}
            log.write(file=str(path), **origin, **_as_object(found, picture, names))
        if faults:
            return USAGE_ERROR
        return OUTPUT_FAILED if log.failed else FINISHED


def _made(picture: PictureFile) -> str:
    """How the file became an image of the size of the data."""
    (width, height), (rows, columns) = picture.size, picture.pixels.shape
    what = f"{width}×{height} pixels, converted to grayscale and resized to {columns}×{rows}"
    return f"{what}, {'inverted to match the dataset' if picture.inverted else 'not inverted'}"


def _table(found: Classification, names: tuple[str, ...]) -> Table:
    """The probability of each class, the most probable first."""
    table = Table("class", box=None, pad_edge=False)
    table.add_column("probability", justify="right")
    table.add_column("")
    shares = found.probabilities
    order = np.argsort(-shares, kind="stable").tolist()
    for index in order[:_ROWS]:
        share = float(shares[index])
        text = probability(share)
        bar = "▇" * round(_BAR * share) if math.isfinite(share) else ""
        style = "bold" if index == found.predicted else ""
        table.add_row(Text(names[index], style), Text(text, style), bar)
    if len(order) > _ROWS:
        table.add_row(Text(f"and {len(order) - _ROWS} more"), "", "")
    return table


def _as_object(
    found: Classification, picture: PictureFile, names: tuple[str, ...]
) -> dict[str, object]:
    width, height = picture.size
    return {
        "step": found.step,
        "width": width,
        "height": height,
        "inverted": picture.inverted,
        "predicted": None if found.predicted is None else names[found.predicted],
        "probabilities": dict(zip(names, found.probabilities.tolist(), strict=True)),
    }
