"""The commands and their options, one for each setting, made from its description."""

import argparse
from typing import Any

from core.config.config import SETTINGS
from core.config.presets import included, presets
from core.config.settings import GROUPS
from core.version import __version__
from tui import data_arguments, runs_arguments, sweep_arguments
from tui.argument_parser import ArgumentParser
from tui.runs_arguments import complete_names


def make_parser() -> ArgumentParser:
    """Returns the parser of `fashion-tui`, with those of its commands."""
    options = ArgumentParser(add_help=False)
    _add_options(options)
    parser = ArgumentParser(
        "fashion-tui",
        "Watch a neural network written in plain NumPy learn Fashion-MNIST. Without a command, it "
        "opens the screen.",
        (
            "fashion-tui",
            "fashion-tui --resume",
            "fashion-tui some/where/swift-otter.run",
            "fashion-tui --preset small --learning-rate 0.01",
        ),
        parents=[options],
    )
    parser.add_argument(
        "--ascii",
        action=argparse.BooleanOptionalAction,
        help="draw with ASCII characters only (default: if the locale has no others)",
    )
    parser.add_argument(
        "--pictures",
        choices=("ascii", "blocks"),
        default=argparse.SUPPRESS,
        help="draw images with characters or half-blocks (default: the last choice, or whichever "
        "suits the terminal)",
    )
    parser.add_argument(
        "--theme",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="color theme, such as fashion-light (default: the last choice, or fashion-dark)",
    )
    parser.add_argument("--version", action="version", version=f"fashion-tui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    train = commands.add_parser(
        "train",
        help="train without a screen",
        about="Train a network without a screen, then print its results on the test set.",
        examples=(
            "fashion-tui train --preset small --epochs 5 --json run.jsonl",
            "fashion-tui train --at 800 learning-rate=0.001 --at 1000 dropout=0.1 l2=0.0001",
            "fashion-tui train --resume swift-otter --epochs 20",
            "fashion-tui train --preset small --seeds 5",
        ),
        parents=[options],
    )
    train.add_argument(
        "--seeds",
        metavar="N",
        help="train N runs of these settings, with seeds from --seed on, and show the mean and "
        "range of their best validation accuracies",
    )
    train.add_argument(
        "--until",
        metavar="STEP",
        help="stop after this step of the run; --resume continues it (default: after all epochs)",
    )
    _add_json(
        train,
        "one JSON object per line: at the start, after each epoch (with --seeds, after each run) "
        "and at the end",
    )
    one_moment = ArgumentParser(add_help=False)
    _add_options(one_moment, trains=False)
    finder = commands.add_parser(
        "find-rate",
        help="suggest a learning rate",
        about="Suggest a learning rate. A copy of the network trains on up to 200 batches while "
        "the rate grows from 0.000001 to 10, and the loss shows which rates train well.",
        examples=(
            "fashion-tui find-rate --preset small",
            "fashion-tui find-rate --resume swift-otter --json -",
        ),
        parents=[one_moment],
    )
    _add_json(finder, "a JSON object: suggested, cautious, reason, rates and losses")
    new_runs = ArgumentParser(add_help=False)
    _add_options(new_runs, resumes=False)
    sweep = sweep_arguments.add_to(commands, [new_runs])
    _add_json(sweep, "one JSON object per line: for each trial of the study, and at the end")
    commands.add_parser(
        "presets",
        help="list the presets",
        about="List the presets: named settings to start from, those of the program and your own.",
        examples=("fashion-tui presets",),
    )
    data_arguments.add_to(commands)
    runs_arguments.add_to(commands)
    _add_export(commands)
    _add_classify(commands)
    return parser


def _add_json(parser: ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--json",
        metavar="FILE",
        help=f"write {what}. With - it goes to standard output and everything else to standard "
        "error",
    )
    parser.add_argument("--force", action="store_true", help="let --json overwrite a log")


def _add_export(commands: Any) -> None:
    export = commands.add_parser(
        "export",
        help="write a kept run to files that other programs read",
        about="Write a kept run, at its current step, to files that other programs read: "
        "metrics as .csv, .jsonl and .tfevents; curves, matrix and mistakes as .svg, .png and "
        ".txt; report.html; the network as .py with .npz, .onnx and .safetensors; "
        "the settings as .toml.",
        examples=(
            "fashion-tui export swift-otter --to otter/",
            "fashion-tui export swift-otter --to report.html",
            "fashion-tui export swift-otter --as-command",
        ),
    )
    run = export.add_argument(
        "run", metavar="RUN", nargs="?", help="name or file of the run (default: the latest)"
    )
    run.completer = complete_names
    export.add_argument(
        "--to",
        metavar="PATH",
        help="a directory, for everything that needs no other package; or a file, whose ending "
        "chooses what it contains",
    )
    export.add_argument(
        "--as-command",
        action="store_true",
        help="print one line that repeats the run, with its changes of settings",
    )
    export.add_argument("--force", action="store_true", help="overwrite files that exist")
    _add_places(export)


def _add_classify(commands: Any) -> None:
    classify = commands.add_parser(
        "classify",
        help="classify picture files with a kept run",
        about="Classify picture files with the network of a kept run, at its current "
        "step. A picture is converted to grayscale and resized to the size of the run's "
        "images, centered on their background color. It needs the extra images: pip install "
        "'fashion-tui[images]'.",
        examples=(
            "fashion-tui classify shirt.png",
            "fashion-tui classify --run swift-otter --json - *.jpg",
        ),
    )
    classify.add_argument("files", metavar="FILE", nargs="+", help="PNG, JPEG or other pictures")
    run = classify.add_argument(
        "--run", metavar="RUN", help="name or file of the run (default: the latest)"
    )
    run.completer = complete_names
    classify.add_argument(
        "--invert",
        action=argparse.BooleanOptionalAction,
        help="invert the picture (default: if the border of the picture is light and that of "
        "the images of the run is dark, or the other way round)",
    )
    _add_json(classify, "one JSON object per line, for each picture")
    _add_places(classify)


def _add_places(parser: ArgumentParser, has_run: bool = True, trains: bool = False) -> None:
    """has_run: whether it may start from a kept run; trains: whether it trains that run further."""
    copies = "; further training is kept as a copy" if trains else ""
    parser.add_argument(
        "--data",
        metavar="PATH",
        help="the images: a directory with IDX files named like MNIST's, a .csv or .npz file, or a "
        "directory with a folder of pictures for each class (default: those of the kept run, or "
        "the included Fashion-MNIST); fashion-tui data PATH shows what is in them",
    )
    parser.add_argument(
        "--anyway",
        action="store_true",
        help=f"use --data even if the run was trained on other data{copies}"
        if has_run
        else argparse.SUPPRESS,  # without effect
    )
    parser.add_argument(
        "--runs",
        metavar="DIR",
        help="where runs are kept and found (default: FASHION_TUI_RUNS, or a directory of your "
        "user data)",
    )


def _add_options(parser: ArgumentParser, resumes: bool = True, trains: bool = True) -> None:
    """resumes: whether it may start from a kept run; trains: whether it trains runs."""
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="named settings to start from; the options below override them. "
        f"One of {', '.join(presets())} (default: default)",
    )
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="settings to start from, in place of a preset: a TOML file such as export writes",
    )
    _add_places(parser, resumes, trains)
    data_arguments.add_reading(parser)
    if resumes:
        _add_resume(parser, trains)
    parser.add_argument(
        "--no-keep",
        dest="keep",
        action="store_false",
        help="do not keep the run in a file" if trains else argparse.SUPPRESS,  # without effect
    )
    default = included()["default"].config
    groups = {group: parser.add_argument_group(group) for group in GROUPS}
    for setting in SETTINGS.values():
        value = setting.write(getattr(default, setting.name))
        values = f"Value: {setting.kind.range} (default: {value})"
        groups[setting.group].add_argument(
            f"--{setting.option}",
            metavar="VALUE",
            help=f"{setting.meaning} {values}".replace("%", "%%"),
        )


def _add_resume(parser: ArgumentParser, trains: bool) -> None:
    resume = parser.add_argument(
        "--resume",
        metavar="RUN",
        nargs="?",
        const="",
        help="continue a kept run: its name or file; without one, the latest. Settings that "
        "you pass take effect first",
    )
    resume.completer = complete_names  # type: ignore[attr-defined]
    parser.add_argument(
        "--at",
        nargs="+",
        action="append",
        metavar=("STEP", "SETTING=VALUE"),
        help="change settings after a step of the new run, such as --at 1200 learning-rate=0.003. "
        "All settings of one --at change together"
        if trains
        else argparse.SUPPRESS,  # refused with a sentence
    )
