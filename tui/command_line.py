"""The command line: one option for each setting, made from its description in core.config."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from core import __version__
from core.assets import FASHION_MNIST
from core.config.config import SETTINGS, Config
from core.config.presets import presets
from core.config.settings import GROUPS
from core.errors import ConfigError


@dataclass(frozen=True)
class Options:
    """What a person asked for."""

    command: str  # "app", "train" or "presets"
    preset: str
    config: Config
    data: Path
    json: str | None
    ascii: bool | None  # None: as the locale says


def parse(argv: Sequence[str] | None = None) -> Options:
    """The options; exits with 2 and a sentence on an unknown one, ConfigError on a wrong value."""
    values = vars(_parser().parse_args(argv))
    known = presets()
    preset = values.get("preset", "default")
    if preset not in known:
        raise ConfigError("preset", f"preset must be one of {', '.join(known)}, got {preset}")
    changes = {name: SETTINGS[name].parse(values[name]) for name in SETTINGS if name in values}
    return Options(
        command=values.get("command") or "app",
        preset=preset,
        config=known[preset].config.replace(**changes),
        data=Path(os.path.expanduser(values.get("data", FASHION_MNIST))),
        json=values.get("json"),
        ascii=values.get("ascii"),
    )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence instead of the whole usage."""
        print(f"{self.prog}: {message} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    about = "Watch a neural network written in plain NumPy learn Fashion-MNIST."
    options = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    _add_options(options)
    parser = _Parser(
        "fashion-tui",
        description=f"{about} Without a command: with a screen.",
        parents=[options],
        allow_abbrev=False,
    )
    parser.add_argument(
        "--ascii",
        action=argparse.BooleanOptionalAction,
        help="draw the screen with the characters of ASCII alone (default: as the locale says)",
    )
    parser.add_argument("--version", action="version", version=f"fashion-tui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    train = commands.add_parser(
        "train",
        help="train without a screen",
        description=f"{about} Without a screen.",
        parents=[options],
        allow_abbrev=False,
    )
    train.add_argument(
        "--json",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write a JSON object a line for the start, each epoch and the end; - for "
        "standard output, which then holds nothing else",
    )
    commands.add_parser("presets", help="list the presets")
    return parser


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="the settings to start from, changed by the options below: "
        f"{', '.join(presets())} (default: default)",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="a directory with four IDX files named as MNIST's, plain or .gz, and perhaps a "
        "labels.txt (default: the Fashion-MNIST that came with the program)",
    )
    default = presets()["default"].config
    groups = {group: parser.add_argument_group(group) for group in GROUPS}
    for name, setting in SETTINGS.items():
        value = setting.write(getattr(default, name))
        groups[setting.group].add_argument(
            f"--{name.replace('_', '-')}",
            metavar="VALUE",
            help=f"{setting.meaning} {setting.kind.range} (default: {value})".replace("%", "%%"),
        )
