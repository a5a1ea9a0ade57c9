"""The command line: one option for each setting, made from the descriptions in core.config."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from core.assets import FASHION_MNIST
from core.config import config_file
from core.config.config import SETTINGS, Config
from core.config.presets import find as find_preset
from core.config.presets import included, presets
from core.config.settings import GROUPS
from core.errors import ConfigError
from core.runs.directory import default_directory, find
from core.runs.names import SUFFIX
from core.text import printable
from core.version import __version__
from tui import completion
from tui.run import plan
from tui.run.plan import Plan
from tui.run.resumption import Resumption
from tui.runs_arguments import RunsCommand, add_arguments, complete_names, with_action


@dataclass(frozen=True)
class ExportOptions:
    """What to export, and where to."""

    run: Path
    to: str | None  # None: only print the run as a command
    force: bool  # whether files may be overwritten
    anyway: bool  # whether the dataset may be another than that of the run
    data: Path | None  # None: where it was when the run started


@dataclass(frozen=True)
class Options:
    """The parsed arguments."""

    command: str  # "app", "train", "presets", "runs" or "export"
    preset: str
    config: Config
    data: Path
    json: str | None
    force: bool  # whether the file of `json` may be overwritten
    ascii: bool | None  # None: depends on the locale
    runs: Path | None  # the directory in which runs are kept; None: keep none
    resume: Resumption | None  # None: start a new run
    runs_command: RunsCommand | None = None  # of the command "runs"
    plan: Plan = field(default_factory=Plan)  # changes of settings after given steps
    export: ExportOptions | None = None  # of the command "export"


def parse(argv: Sequence[str] | None = None) -> Options:
    """Parses the arguments; exits with 2 on an unknown one, raises ConfigError on a bad value."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0].endswith(SUFFIX):  # fashion-tui FILE.run
        arguments.insert(0, "--resume")
    parser = _parser()
    completion.answer(parser)
    parsed = vars(parser.parse_args(arguments))
    # Before Python 3.13, argparse makes an empty list of the value "--".
    values = parsed | {name: "--" for name, value in parsed.items() if value == []}
    preset = find_preset(values.get("preset", "default"))
    start = preset.config
    if "config" in values:
        if "preset" in values:
            raise ConfigError("config", "--config has all settings; leave out --preset")
        start, _ = config_file.read(Path(os.path.expanduser(values["config"])))
    changes = {name: SETTINGS[name].parse(values[name]) for name in SETTINGS if name in values}
    data = Path(os.path.expanduser(values["data"])) if "data" in values else None
    runs = Path(os.path.expanduser(values["runs"])) if "runs" in values else default_directory()
    resume = None
    if "resume" in values:
        for name in ("preset", "config"):
            if name in values:
                message = f"--resume has the settings of the run; leave out --{name}"
                raise ConfigError("resume", message)
        if "at" in values:
            raise ConfigError("resume", "--at is for a new run; leave out --resume")
        path = find(runs, values["resume"])
        resume = Resumption(path, changes, data, values.get("anyway", False))
    export = _export(values, runs, data) if values.get("command") == "export" else None
    config = start if resume else start.replace(**changes)
    return Options(
        command=values.get("command") or "app",
        preset=preset.name,
        config=config,
        data=data or FASHION_MNIST,
        json=values.get("json"),
        force=values.get("force", False),
        ascii=values.get("ascii"),
        runs=runs if values.get("keep", True) else None,
        resume=resume,
        runs_command=RunsCommand.parsed(parsed) if "action" in parsed else None,
        plan=Plan(plan.parse(values.get("at", ()), config)),
        export=export,
    )


def _export(values: dict[str, Any], runs: Path, data: Path | None) -> ExportOptions:
    to = values.get("to")
    if (to is None) != values.get("as_command", False):
        raise ConfigError("to", "export: enter --to with a directory or file, or --as-command")
    return ExportOptions(
        run=find(runs, values.get("run", "")),
        to=to,
        force=values.get("force", False),
        anyway=values.get("anyway", False),
        data=data,
    )


class _Parser(argparse.ArgumentParser):
    actions: Sequence[str] = ()
    """Of the command `runs`, which has one more level of commands."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuses unknown arguments here, so that the error names the command they belong to."""
        if self.actions:
            args = with_action(args, self.actions)
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return parsed, unknown

    def error(self, message: str) -> NoReturn:
        """Prints one line instead of the whole usage."""
        print(f"{self.prog}: {printable(message)} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    about = "Watch a neural network written in plain NumPy learn Fashion-MNIST."
    options = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    _add_options(options)
    parser = _Parser(
        "fashion-tui",
        description=f"{about} Without a command, it opens the screen.",
        parents=[options],
        allow_abbrev=False,
    )
    parser.add_argument(
        "--ascii",
        action=argparse.BooleanOptionalAction,
        help="draw with ASCII characters only (default: if the locale has no others)",
    )
    parser.add_argument("--version", action="version", version=f"fashion-tui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    train = commands.add_parser(
        "train",
        help="train without a screen",
        description="Train a network without a screen, then print its results on the test set.",
        parents=[options],
        allow_abbrev=False,
    )
    train.add_argument(
        "--json",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write one JSON object per line: at the start, after each epoch and at the end. "
        "With - they go to standard output and everything else to standard error",
    )
    train.add_argument(
        "--force",
        action="store_true",
        default=argparse.SUPPRESS,
        help="let --json overwrite a file",
    )
    commands.add_parser("presets", help="list the presets")
    runs = commands.add_parser(
        "runs",
        help="list, compare and manage the kept runs",
        description="List the kept runs, the latest first, or do something with them. Words and "
        'terms select runs: fashion-tui runs adam "acc>0.88".',
        allow_abbrev=False,
    )
    runs.actions = add_arguments(runs, _Parser)
    _add_export(commands)
    return parser


def _add_export(commands: Any) -> None:
    export = commands.add_parser(
        "export",
        help="write a kept run to files that other programs read",
        description="Write a kept run to files that other programs read.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    run = export.add_argument(
        "run", metavar="RUN", nargs="?", help="its name or file (default: the latest)"
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
        help="print one line that makes the run again, with its changes of settings",
    )
    export.add_argument("--force", action="store_true", help="overwrite files that exist")
    _add_places(export)


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="a directory with four IDX files named like MNIST's, plain or .gz, and an optional "
        "labels.txt with the class names (default: that of the kept run, or the included "
        "Fashion-MNIST)",
    )
    parser.add_argument(
        "--anyway",
        action="store_true",
        help="take a kept run although --data is not the dataset it was trained on",
    )
    parser.add_argument(
        "--runs",
        metavar="DIR",
        help="where runs are kept and found (default: FASHION_TUI_RUNS, or a directory of your "
        "user data)",
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
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
    _add_places(parser)
    resume = parser.add_argument(
        "--resume",
        metavar="RUN",
        nargs="?",
        const="",
        help="go on with a kept run: its name or file; without one, the latest. Settings that are "
        "given, too, are changed first",
    )
    resume.completer = complete_names  # type: ignore[attr-defined]
    parser.add_argument(
        "--at",
        nargs="+",
        action="append",
        metavar=("STEP", "SETTING=VALUE"),
        help="change settings after a step of the new run, such as --at 1200 learning-rate=0.003. "
        "Several settings of one --at change at once",
    )
    parser.add_argument(
        "--no-keep",
        dest="keep",
        action="store_false",
        help="do not keep the run in a file",
    )
    default = included()["default"].config
    groups = {group: parser.add_argument_group(group) for group in GROUPS}
    for name, setting in SETTINGS.items():
        value = setting.write(getattr(default, name))
        values = f"Value: {setting.kind.range} (default: {value})"
        groups[setting.group].add_argument(
            f"--{name.replace('_', '-')}",
            metavar="VALUE",
            help=f"{setting.meaning} {values}".replace("%", "%%"),
        )
