"""Tries to make each fault that once occurred occur again, with the installed command.

    python tests/faults.py
    python tests/faults.py --only A1

Not part of the suite, which has a test of each: here the faults are provoked as they were found,
many times, in real terminals. It prints a table, and ends with code 1 if one occurred.
"""

import argparse
import sys
import tempfile
import traceback

import faults_in_core  # noqa: F401
import faults_in_files  # noqa: F401
import faults_of_resources  # noqa: F401
import faults_of_sessions  # noqa: F401
import faults_on_screen  # noqa: F401
from fault_list import FAULTS
from rich.console import Console
from rich.table import Table


def attempt(fault, tries):
    """Returns how often it survived, and the last note."""
    survived, note = 0, ""
    for number in range(tries):
        try:
            note = fault.provoke(number) or note
            survived += 1
        except Exception as error:
            print(f"{fault.name}, try {number}:", file=sys.stderr)
            traceback.print_exc()
            note = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return survived, note


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="the beginning of a name, such as A or A3")
    parser.add_argument("--tries", type=int, help="of each, instead of its own number")
    arguments = parser.parse_args()
    table = Table("fault", "description", "tries", "survived", "failed", "note")
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        tempfile.tempdir = directory
        for fault in sorted(FAULTS, key=lambda fault: fault.name):
            if fault.name.startswith(arguments.only):
                tries = arguments.tries or fault.tries
                survived, note = attempt(fault, tries)
                print(f"{fault.name} {survived}/{tries} {note}", file=sys.stderr, flush=True)
                failed += tries - survived
                counts = (tries, survived, tries - survived)
                table.add_row(fault.name, fault.description, *map(str, counts), note)
    Console(markup=False, emoji=False).print(table)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
