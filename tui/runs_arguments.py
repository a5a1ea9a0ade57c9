"""The arguments of `fashion-tui runs`: an action, or the words and terms of a filter."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.runs.directory import default_directory, paths
from core.runs.names import is_name


@dataclass(frozen=True, slots=True)
class RunsCommand:
    """What to do with the kept runs.

    action: "list", "show", "compare", "rm", "star", "unstar", "rename", "note" or "path".
    names: of the runs, or files. text: the new name, the notes, or the filter.
    json: whether to list in JSON. yes: whether to remove without asking.
    shows_notes: whether to show the notes instead of writing them.
    """

    action: str
    names: tuple[str, ...] = ()
    text: str = ""
    json: bool = False
    yes: bool = False
    shows_notes: bool = False

    @classmethod
    def parsed(cls, values: Mapping[str, Any]) -> "RunsCommand":
        return cls(
            values["action"],
            tuple(values.get("names", ())),
            " ".join(values.get("text", ())),
            values.get("as_json", False),
            values.get("yes", False),
            shows_notes=values["action"] == "note" and not values.get("text"),
        )


def with_action(arguments: Sequence[str], actions: Sequence[str]) -> list[str]:
    """Returns the arguments after `runs` with their action first, then the options.

    The action is `list` if they name none. `star` alone is a filter.
    """
    options: list[str] = []
    words = list(arguments)
    place = 0
    while place < len(words) and words[place] != "--":
        if words[place].startswith("-"):
            length = 2 if words[place] == "--runs" else 1
            options += words[place : place + length]
            del words[place : place + length]
        else:
            place += 1
    helps = bool({"-h", "--help"}.intersection(options))
    if not words and helps:
        return list(arguments)
    if words[:1] and words[0] in actions and (words != ["star"] or helps):
        return [words[0], *options, *words[1:]]
    return ["list", *options, *words]


def add_arguments(
    runs: argparse.ArgumentParser, parser_class: type[argparse.ArgumentParser]
) -> list[str]:
    """Adds the actions to the parser of `fashion-tui runs`; returns their names."""
    actions = runs.add_subparsers(dest="action", metavar="ACTION", parser_class=parser_class)

    def add(name: str, help: str, description: str = "") -> argparse.ArgumentParser:
        parser = actions.add_parser(
            name,
            help=help,
            description=description or f"{help[0].upper()}{help[1:]}.",
            allow_abbrev=False,
            argument_default=argparse.SUPPRESS,
        )
        parser.add_argument(
            "--runs",
            metavar="DIR",
            help="where runs are kept (default: FASHION_TUI_RUNS, or a "
            "directory of your user data)",
        )
        return parser

    listing = add(
        "list",
        "list the runs, the latest first (the default)",
        "List the kept runs, the latest first, or those that meet every word and term.",
    )
    listing.add_argument(
        "text",
        metavar="FILTER",
        nargs="*",
        help='a word, star, or a term such as "acc>0.88", '
        "lr=0.003, steps>=1000, optimizer:adam, state:finished or data:NAME",
    )
    listing.add_argument("--json", dest="as_json", action="store_true", help="print a JSON array")
    _add_names(add("show", "show settings, changes, results and branches of a run"))
    _add_names(add("compare", "compare the settings, results and predictions of 2 to 6 runs"), "+")
    remove = add("rm", "remove runs")
    _add_names(remove, "+")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    _add_names(add("star", "give runs a star: they are never removed to make room"), "+")
    _add_names(add("unstar", "take the star from runs"), "+")
    rename = add("rename", "give a run another name")
    _add_names(rename)
    rename.add_argument("text", metavar="NEW", nargs=1, help="the new name")
    note = add("note", 'write notes on a run; without text, show them; with "", remove them')
    _add_names(note)
    note.add_argument("text", metavar="TEXT", nargs="*", help="the notes")
    _add_names(add("path", "print the path of a run's file"))
    return list(actions.choices)


def complete_names(prefix: str, parsed_args: argparse.Namespace, **others: object) -> list[str]:
    """Returns the names of the runs that begin with a prefix, for the shell."""
    runs = getattr(parsed_args, "runs", None)
    directory = Path(os.path.expanduser(runs)) if runs else default_directory()
    names = (path.stem for path in paths(directory))
    return [name for name in names if name.startswith(prefix) and is_name(name)]


def _add_names(parser: argparse.ArgumentParser, nargs: str | int = 1) -> None:
    names = parser.add_argument("names", metavar="NAME", nargs=nargs, help="name or file of a run")
    names.completer = complete_names  # type: ignore[attr-defined]
