"""`fashion-tui export`: writes a kept run to the files that the user asks for."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from core.config import config_file
from core.directories import expanded
from core.errors import ExportError
from core.export import files, metrics, script
from core.export.command import as_command, unfinished, unrepeatable
from core.export.onnx_model import as_onnx
from core.export.safetensors import as_safetensors
from core.export.source import Source
from core.export.tensorboard import as_events
from core.runs.run import Run
from core.text import capitalized, printable
from tui.command_line import ExportOptions
from tui.export import curves, matrix, mistakes, png, report
from tui.streams import print_error

Format = Callable[[Source], bytes]

_COMMAND = "command.txt"

_FORMATS: Mapping[str, Format] = {
    "metrics.csv": lambda source: metrics.as_csv(source.run),
    "metrics.jsonl": lambda source: metrics.as_json_lines(source.run),
    "config.toml": lambda source: _config(source.run),
    _COMMAND: lambda source: f"{as_command(source.run)}\n".encode(),
    "curves.svg": lambda source: curves.as_svg(source.run).encode(),
    "curves.txt": lambda source: curves.as_text(source.run).encode(),
    "matrix.svg": lambda source: _matrix(source).encode(),
    "matrix.txt": lambda source: matrix.as_text(
        source.evaluation, source.dataset.class_names
    ).encode(),
    "mistakes.svg": lambda source: _mistakes(source).encode(),
    "mistakes.txt": lambda source: mistakes.as_text(source.evaluation, source.dataset).encode(),
    "report.html": lambda source: report.as_html(source).encode(),
    "network.py": lambda source: script.as_script(source.model),
    "network.npz": lambda source: script.as_npz(source.model),
    "network.safetensors": lambda source: as_safetensors(source.model),
}
"""What a directory gets, by the name of the file."""

_EXTRAS: Mapping[str, Format] = {
    "metrics.tfevents": lambda source: as_events(source.run),
    "network.onnx": lambda source: as_onnx(source.model),
    "curves.png": lambda source: png.from_svg(curves.as_svg(source.run)),
    "matrix.png": lambda source: png.from_svg(_matrix(source)),
    "mistakes.png": lambda source: png.from_svg(_mistakes(source)),
}
"""What needs another package, and so is written only to a file of that name or ending."""

_COMPANIONS = {".py": ".npz"}
"""The ending of a file that another one needs beside it."""


def export(options: ExportOptions) -> None:
    """Writes the files and prints their names, or prints the command.

    Raises CoreError if that cannot be done.
    """
    with Run(options.run) as run:
        if options.to is None:
            print(as_command(run))
            if note := unfinished(run):
                print_error(f"note: {note}")
            return
        source = Source(run, options.data, options.anyway)
        for path in write(source, options.to, options.force):
            print(printable(str(path)))


def write(source: Source, to: str, force: bool = False) -> list[Path]:
    """Writes a run to a file, or to all files of a directory; returns their paths.

    The directory lacks that file for a run that no command repeats. to: as for the option.
    Raises CoreError, with nothing written, if one of them cannot be made.
    """
    formats = _chosen(to)
    if len(formats) > 1 and unrepeatable(source.run):
        formats = {path: make for path, make in formats.items() if path.name != _COMMAND}
    for path in formats:  # before anything that takes long
        files.check(path, force)
    contents = {path: make(source) for path, make in formats.items()}
    files.write(contents, force)
    return list(contents)


def fault(to: str) -> str:
    """Returns why a run cannot be written there, for a person on the screen; "" if it can."""
    try:
        for path in _chosen(to):
            files.check(path, force=False, advice="enter another place")
    except ExportError as error:
        return f"{capitalized(printable(str(error).removeprefix('--to: ')))}."
    return ""


def _config(run: Run) -> bytes:
    """The settings of the run, those in force at its current step."""
    description = f"As in the run {run.name} after {run.step:,} steps"
    return config_file.write(run.current_config, description).encode()


def _matrix(source: Source) -> str:
    return matrix.as_svg(source.evaluation, source.dataset.class_names, source.run.name)


def _mistakes(source: Source) -> str:
    return mistakes.as_svg(source.evaluation, source.dataset, source.run.name)


def _chosen(to: str) -> dict[Path, Format]:
    """Returns the formats by the path of the file. Raises ExportError if there is none."""
    if to in ("", "-"):
        raise ExportError("--to: enter a directory or a file")
    path = expanded(to)
    if os.path.isdir(path) or to.endswith(("/", os.sep)) or not path.suffix:
        return {path / name: make for name, make in _FORMATS.items()}
    make = _find(path.name)
    if other := _COMPANIONS.get(path.suffix.lower()):
        companion = path.with_suffix(other)
        return {path: make, companion: _find(companion.name)}
    return {path: make}


def _find(name: str) -> Format:
    """Returns the format of a file: that of this name, or the only one with its ending."""
    known = {**_FORMATS, **_EXTRAS}
    if name.lower() in known:
        return known[name.lower()]
    fitting = [other for other in known if Path(other).suffix == Path(name).suffix.lower()]
    if len(fitting) == 1:
        return known[fitting[0]]
    if fitting:
        raise ExportError(f"{name}: name it {' or '.join(fitting)}")
    endings = ", ".join(dict.fromkeys(Path(other).suffix for other in known))
    raise ExportError(
        f"{name}: enter a directory, which ends with /, or a file that ends with one of {endings}"
    )
