"""The arguments of `fashion-tui sweep`."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from core.config.config import SETTINGS
from core.experiments.search_space import SAMPLERS
from tui.argument_parser import ArgumentParser


def add_to(commands: Any, parents: Sequence[ArgumentParser]) -> ArgumentParser:
    """Adds the command `sweep` to the commands of `fashion-tui`."""
    sweep: ArgumentParser = commands.add_parser(
        "sweep",
        help="train with several values of settings, and compare",
        about="Train runs with several values of some settings, each kept, and list the best. "
        "Needs the extra sweep: pip install 'fashion-tui[sweep]'.\n\n"
        "A sweep that was interrupted or killed continues with --study and its name. Programs that "
        "name the same study share its trials, on several machines with --storage.",
        examples=(
            "fashion-tui sweep --preset small --epochs 5 --set learning-rate=0.001,0.003,0.01 "
            "--set batch-size=64,256",
            "fashion-tui sweep --set learning-rate=0.0001..0.1 --set dropout=0..0.5 --trials 50 "
            "--prune",
            "fashion-tui sweep --study calm-crane --jobs 2",
        ),
        parents=list(parents),
    )
    searched = sweep.add_argument(
        "--set",
        action="append",
        metavar="SETTING=VALUES",
        help="what to search: values such as learning-rate=0.001,0.01, or a range such as "
        "dropout=0..0.5. Give it again for another setting. Layers are joined by hyphens: "
        "hidden=64,128-64",
    )
    searched.completer = _complete_settings  # type: ignore[attr-defined]
    sweep.add_argument(
        "--sampler",
        choices=SAMPLERS,
        default=argparse.SUPPRESS,
        help="grid trains all combinations; random draws them; tpe draws mostly near good results "
        "(default: grid, or tpe if there is a range)",
    )
    sweep.add_argument(
        "--trials", metavar="N", help="how many runs random and tpe train in all (default: 20)"
    )
    sweep.add_argument(
        "--jobs",
        metavar="N",
        help="train N runs at a time, each in a process with its share of the cores (default: 1)",
    )
    sweep.add_argument(
        "--prune",
        action="store_true",
        help="end a run early if, from its second epoch on, its best accuracy is below the median "
        "of at least five earlier trials",
    )
    sweep.add_argument(
        "--study",
        metavar="NAME",
        help="continue this study, or give a new one this name (default: a new name)",
    )
    sweep.add_argument(
        "--storage",
        metavar="URL",
        help="where studies are kept, such as postgresql://user@host/name (default: the file "
        "sweeps.db beside the runs)",
    )
    return sweep


def _complete_settings(prefix: str, **others: object) -> list[str]:
    """Returns what `--set` can begin with, for the shell; after the sign, the options."""
    option, equals, _ = prefix.partition("=")
    if not equals:
        return [f"{s.option}=" for s in SETTINGS.values() if s.option.startswith(prefix)]
    with suppress(KeyError, AttributeError):
        options: Sequence[str] = SETTINGS[option.replace("-", "_")].kind.options  # type: ignore
        return [f"{option}={text}" for text in options if f"{option}={text}".startswith(prefix)]
    return []
