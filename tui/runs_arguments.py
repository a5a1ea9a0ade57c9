"""The arguments of `fashion-tui runs`: an action, or the words and terms of a filter."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.directories import default_directory, expanded
from core.runs.directory import paths
from core.runs.names import is_name
from core.text import capitalized
from tui.argument_parser import ArgumentParser

ACTIONS = ("list", "show", "compare", "rm", "star", "unstar", "rename", "note", "path")

_FILTERS = """
Words and terms select runs; a run must match all of them:

  star            it has a star
  otter           the word is in its name, notes or dataset
  adam            a choice such as the optimizer, or the state, begins with it
  acc>0.88        best validation accuracy, compared by >, >=, <, <=, = or !=;
                  also last, test (accuracies), steps, trained (epochs),
                  speed (images per second) and parameters
  lr<=0.01        the learning rate at the start; also the other settings,
                  such as batch-size=64
  optimizer:adam  a setting at the start, such as hidden:128,64
  data:NAME       text in the name of the dataset; also name, note and state

Quote terms with < or >, because they mean something else to the shell."""


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


def add_to(commands: Any) -> None:
    """Adds the command `runs` with its actions to the commands of `fashion-tui`."""
    runs = commands.add_parser(
        "runs",
        help="list, compare and manage the kept runs",
        usage="fashion-tui runs [FILTER ...] [--json] [--runs DIR]\n"
        "       fashion-tui runs ACTION ...",
        about="List the kept runs, the latest first, or manage them. With --json, the "
        f"list is an array with an object for each run.\n{_FILTERS}",
        examples=(
            "fashion-tui runs",
            'fashion-tui runs adam "acc>0.88" --json',
            "fashion-tui runs show swift-otter",
            "fashion-tui runs show --help",
        ),
    )
    actions = runs.add_subparsers(dest="action", metavar="ACTION", prog="fashion-tui runs")

    def add(name: str, help: str, example: str, about: str = "") -> ArgumentParser:
        parser: ArgumentParser = actions.add_parser(
            name,
            help=help,
            about=about or f"{capitalized(help)}.",
            examples=(f"fashion-tui runs {example}",),
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
        'list adam "acc>0.88" --json',
        f"List the kept runs, the latest first.\n{_FILTERS}",
    )
    text = listing.add_argument(
        "text", metavar="FILTER", nargs="*", help="a word or term, see above"
    )
    text.completer = _complete_actions  # type: ignore[attr-defined]
    _add_json(listing, "an array with an object for each run")
    show = add("show", "show settings, changes, results and branches of a run", "show swift-otter")
    _add_names(show)
    _add_json(show, "an object")
    compare = add(
        "compare",
        "compare the settings, results and predictions of 2 to 6 runs",
        "compare swift-otter calm-crane",
    )
    _add_names(compare, "+")
    _add_json(compare, "an object")
    remove = add("rm", "remove runs", "rm swift-otter calm-crane")
    _add_names(remove, "+")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    star = "give runs a star: they are never removed to make room"
    _add_names(add("star", star, "star swift-otter"), "+")
    _add_names(add("unstar", "remove the star from runs", "unstar swift-otter"), "+")
    rename = add("rename", "give a run another name", "rename swift-otter wide-and-slow")
    _add_names(rename)
    rename.add_argument("text", metavar="NEW", nargs=1, help="the new name")
    note = add(
        "note",
        'write notes on a run; without text, show them; with "", remove them',
        'note swift-otter "twice as wide"',
    )
    _add_names(note)
    note.add_argument("text", metavar="TEXT", nargs="*", help="the notes")
    _add_names(add("path", "print the path of a run's file", "path swift-otter"))
    runs.prepare = partial(with_action, actions=ACTIONS)


def complete_names(prefix: str, parsed_args: argparse.Namespace, **others: object) -> list[str]:
    """Returns the names of the runs that begin with a prefix, for the shell."""
    runs = getattr(parsed_args, "runs", None)
    directory = expanded(runs) if runs else default_directory()
    names = (path.stem for path in paths(directory))
    return [name for name in names if name.startswith(prefix) and is_name(name)]


def _complete_actions(prefix: str, parsed_args: argparse.Namespace, **others: object) -> list[str]:
    """Returns the actions that begin with a prefix, for the shell: a first word may be one."""
    is_first = not getattr(parsed_args, "text", None)
    return [name for name in ACTIONS if is_first and name.startswith(prefix)]


def _add_json(parser: ArgumentParser, what: str) -> None:
    parser.add_argument("--json", dest="as_json", action="store_true", help=f"print {what} in JSON")


def _add_names(parser: ArgumentParser, nargs: str | int = 1) -> None:
    names = parser.add_argument("names", metavar="NAME", nargs=nargs, help="name or file of a run")
    names.completer = complete_names  # type: ignore[attr-defined]
