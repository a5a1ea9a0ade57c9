"""Completes options and names of runs in the shell, if argcomplete is installed and set up."""

import argparse
import os


def answer(parser: argparse.ArgumentParser) -> None:
    """Answers the shell and ends the program, if the shell asks what could follow."""
    if "_ARGCOMPLETE" not in os.environ:
        return
    import argcomplete

    argcomplete.autocomplete(parser)
