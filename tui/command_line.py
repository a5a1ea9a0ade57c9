"""The command line: what the arguments ask for."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.assets import FASHION_MNIST
from core.config import config_file
from core.config.config import SETTINGS, Config
from core.config.presets import find as find_preset
from core.data.reading import Reading
from core.directories import default_directory, expanded
from core.errors import ConfigError
from core.runs.directory import check_directory, find
from core.runs.names import SUFFIX, is_name
from tui import completion, data_arguments
from tui.arguments import make_parser
from tui.data_arguments import DataCommand
from tui.run import plan
from tui.run.plan import Plan
from tui.run.resumption import Resumption
from tui.runs_arguments import RunsCommand

if TYPE_CHECKING:
    from tui.sweep_options import SweepOptions


@dataclass(frozen=True)
class ExportOptions:
    """What to export, and where to."""

    run: Path
    to: str | None  # None: only print the run as a command
    force: bool  # whether files may be overwritten
    anyway: bool  # whether the dataset may be another than that of the run
    data: Path | None  # None: where it was when the run started


@dataclass(frozen=True)
class ClassifyOptions:
    """Which pictures to classify, and by which run."""

    files: tuple[Path, ...]
    run: Path
    invert: bool | None  # whether the picture is inverted; None: if the background is light
    anyway: bool  # whether the dataset may be another than that of the run
    data: Path | None  # None: where it was when the run started


@dataclass(frozen=True)
class Options:
    """The parsed arguments."""

    command: str  # "app", or the command: "train", "find-rate", "runs", "classify" and so on
    preset: str
    config: Config
    data: Path
    json: str | None
    force: bool  # whether the file of `json` may be overwritten
    ascii: bool | None  # None: depends on the locale
    theme: str | None  # None: the one that was chosen last
    pictures: str | None  # "ascii" or "blocks"; None: those that were chosen last
    runs: Path | None  # the directory in which runs are kept; None: keep none
    resume: Resumption | None  # None: start a new run
    runs_command: RunsCommand | None = None  # of the command "runs"
    until: int | None = None  # the step after which `train` stops; None: after all epochs
    plan: Plan = field(default_factory=Plan)  # changes of settings after given steps
    export: ExportOptions | None = None  # of the command "export"
    classify: ClassifyOptions | None = None  # of the command "classify"
    reading: Reading = field(default_factory=Reading)  # how to read the data
    data_command: DataCommand | None = None  # of the command "data"
    sweep: "SweepOptions | None" = None  # of the command "sweep"
    seeds: int | None = None  # with how many seeds `train` repeats the run; None: one run


def parse(argv: Sequence[str] | None = None) -> Options:
    """Parses the arguments; exits with 2 on an unknown one, raises ConfigError on a bad value."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and _is_run_file(arguments[0]):  # fashion-tui FILE.run
        arguments.insert(0, "--resume")
    parser = make_parser()
    parser.hint = partial(_resume_hint, arguments)
    completion.answer(parser)
    parsed = vars(parser.parse_args(arguments))
    # Before Python 3.13, argparse makes an empty list of the value "--".
    values = parsed | {name: "--" for name, value in parsed.items() if value == []}
    if "at" in values:
        values["at"] = [option or ["--"] for option in values["at"]]
    preset = find_preset(values.get("preset", "default"))
    start = preset.config
    if "config" in values:
        if "preset" in values:
            raise ConfigError("config", "enter --config or --preset, not both")
        start, _ = config_file.read(expanded(values["config"]))
    changes = {name: SETTINGS[name].parse(values[name]) for name in SETTINGS if name in values}
    if values.get("data") == "" or (values.get("command"), values.get("path")) == ("data", ""):
        name = "data" if "path" in values else "--data"
        raise ConfigError("data", f"{name}: enter the path of a dataset")
    data = expanded(values["data"]) if "data" in values else None
    if values.get("runs") == "":
        raise ConfigError("runs", "--runs: enter a directory")
    runs = expanded(values["runs"]) if "runs" in values else default_directory()
    sweep = _sweep(values) if values.get("command") == "sweep" else None
    if values.get("action") == "list":
        check_directory(runs, must_exist="runs" in values)
    resume = None
    if "resume" in values:
        for name in ("preset", "config", *data_arguments.OPTIONS):
            if name in values:
                option = name.replace("_", "-")
                message = f"--resume has the settings of the run; leave out --{option}"
                raise ConfigError("resume", message)
        if "at" in values:
            raise ConfigError("resume", "--at is for a new run; leave out --resume")
        path = find(runs, values["resume"])
        resume = Resumption(path, changes, data, values.get("anyway", False))
    until = _until(values["until"]) if "until" in values else None
    export = _export(values, runs, data) if values.get("command") == "export" else None
    config = start if resume else start.replace(**changes)
    planned = Plan(plan.parse(values.get("at", ()), config))
    if until and planned.steps and planned.steps[-1] > until:
        raise ConfigError("until", f"--at {planned.steps[-1]} is after --until {until}")
    return Options(
        command=values.get("command") or "app",
        preset=preset.name,
        config=config,
        data=data or FASHION_MNIST,
        json=values.get("json"),
        force=values.get("force", False),
        ascii=values.get("ascii"),
        theme=values.get("theme"),
        pictures=values.get("pictures"),
        runs=runs if values.get("keep", True) else None,
        resume=resume,
        runs_command=RunsCommand.parsed(parsed) if "action" in parsed else None,
        until=until,
        plan=planned,
        export=export,
        classify=_classify(values, runs, data) if values.get("command") == "classify" else None,
        reading=data_arguments.reading(values),
        data_command=_data_command(values) if values.get("command") == "data" else None,
        sweep=sweep,
        seeds=_seeds(values),
    )


def _is_run_file(argument: str) -> bool:
    """Whether an argument is meant as a file: it has a directory and exists, or it ends so."""
    if argument.endswith(SUFFIX):
        return True
    return os.sep in argument and os.path.isfile(os.path.expanduser(argument))


def _resume_hint(arguments: Sequence[str], name: str) -> str | None:
    """Returns how to continue the run of this name, if there is one."""
    given = [after for option, after in pairwise(arguments) if option == "--runs"]
    given += [text[7:] for text in arguments if text.startswith("--runs=")]
    directory = expanded(given[-1]) if given else default_directory()
    if is_name(name) and (directory / f"{name}{SUFFIX}").is_file():
        return f"to continue the run {name}, enter fashion-tui --resume {name}"
    return None


def _sweep(values: dict[str, Any]) -> "SweepOptions":
    # Imported on demand: it takes a while, and the screen does not need it.
    from tui.sweep_options import SweepOptions

    return SweepOptions.parsed(values)


def _data_command(values: dict[str, Any]) -> DataCommand:
    path = values.get("path")
    as_json = values.get("as_json", False)
    return DataCommand(expanded(path) if path else FASHION_MNIST, as_json)


def _seeds(values: dict[str, Any]) -> int | None:
    """Returns how often to repeat the run. Raises ConfigError if it cannot be repeated."""
    if "seeds" not in values:
        return None
    for other in ("resume", "at", "until"):
        if other in values:
            raise ConfigError("seeds", f"--seeds trains whole runs; leave out --{other}")
    count = plan.step_from(values["seeds"])
    if count is None:
        from core.experiments.repeat import MOST  # only now, so that the screen appears sooner

        text = f"--seeds: enter a number from 1 to {MOST:,} in place of {values['seeds']}"
        raise ConfigError("seeds", text)
    return count


def _until(text: str) -> int:
    step = plan.step_from(text)
    if not step:
        raise ConfigError("until", "--until: enter a step of at least 1, for example 1200")
    return step


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


def _classify(values: dict[str, Any], runs: Path, data: Path | None) -> ClassifyOptions:
    if "" in values["files"]:
        raise ConfigError("files", "classify: enter the path of a picture")
    return ClassifyOptions(
        files=tuple(expanded(file) for file in values["files"]),
        run=find(runs, values.get("run", "")),
        invert=values.get("invert"),
        anyway=values.get("anyway", False),
        data=data,
    )
