"""An argument parser whose errors are one line, and whose help ends with examples."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from core.text import nearest, printable, suggestion


class ArgumentParser(argparse.ArgumentParser):
    """A parser of one command. Its arguments have no defaults, and no option can be abbreviated.

    about: what the command does, in paragraphs. examples: lines for a shell.
    """

    def __init__(
        self,
        prog: str | None = None,
        about: str = "",
        examples: Sequence[str] = (),
        **options: Any,
    ) -> None:
        super().__init__(
            prog,
            description=about,
            epilog="\n  ".join(("examples:" if examples[1:] else "example:", *examples)),
            formatter_class=_Formatter,
            argument_default=argparse.SUPPRESS,
            allow_abbrev=False,
            exit_on_error=False,
            **options,
        )
        self.prepare: Callable[[list[str]], list[str]] = list
        """What to do with the arguments before they are parsed."""
        self.hint: Callable[[str], str | None] = lambda name: None
        """What to do in place of a command of this name that does not exist; None: unknown."""
        self._given: list[str] = []

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuses unknown arguments here, so that the error names the command they belong to."""
        self._given = self.prepare(list(sys.argv[1:] if args is None else args))
        try:
            parsed, unknown = super().parse_known_args(self._given, namespace)
        except argparse.ArgumentError as error:
            self.error(self._described(error))
        if unknown:
            self.error(self._unknown(unknown[0]))
        return parsed, unknown

    def error(self, message: str) -> NoReturn:
        """Prints one line instead of the whole usage."""
        missing = message.removeprefix("the following arguments are required: ")
        if missing != message:
            message = f"missing argument{'s' if ',' in missing else ''} {missing}"
        print(f"{self.prog}: {printable(message)} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(2)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuses an unknown command. Before it, there may be an unknown option."""
        if action.choices is None or value in action.choices:
            return
        for argument in self._given[: self._given.index(value)]:
            if argument.startswith("--") and not self._knows(argument):
                self.error(self._unknown(argument))
        kind, names = str(action.metavar or action.dest).lower(), list(action.choices)
        is_command = isinstance(action, argparse._SubParsersAction)
        hint = (is_command and self.hint(value)) or suggestion(
            value, names, f"enter one of {', '.join(names)}"
        )
        option = next(iter(action.option_strings), None)
        what = f"{option}: there is no" if option else f"there is no {kind}"
        self.error(f"{what} {value}; {hint}")

    def _knows(self, option: str) -> bool:
        return option.partition("=")[0] in self._option_string_actions

    def _unknown(self, argument: str) -> str:
        if not argument.startswith("-"):
            return f"unexpected argument {argument}"
        option = argument.partition("=")[0]
        near = nearest(option[2:], [known[2:] for known in self._option_string_actions])
        return f"there is no option {option}{f'; did you mean --{near}?' if near else ''}"

    def _described(self, error: argparse.ArgumentError) -> str:
        """Returns what to enter, for an option without its value."""
        names = (error.argument_name or "").split("/")
        option = next((name for name in names if name.startswith("--")), names[0])
        action = self._option_string_actions.get(option)
        if action is None:
            return str(error)
        if not error.message.startswith("expected"):
            return f"{option} takes no value"
        values = action.metavar if isinstance(action.metavar, tuple) else (action.metavar,)
        return f"enter {' '.join(map(str, values))} after {option}"


class _Formatter(argparse.HelpFormatter):
    """Wraps each paragraph by itself, and leaves indented lines as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        lines = (
            line if line.startswith(" ") else fill(line, width, indent)
            for line in text.splitlines()
        )
        return "\n".join(lines)
