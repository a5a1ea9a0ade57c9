"""Names of runs, such as swift-otter: easy to say, to type and to remember."""

import re
import secrets
from pathlib import Path

from core.text import printable

SUFFIX = ".run"

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_MAX_COPIED = 70  # characters of a name that the name of a copy contains

_ADJECTIVES = """
amber bold brave brisk calm clever cosmic crisp eager early fair fancy gentle glad golden happy
honest humble jolly keen kind lively lucky lunar mellow merry mighty misty modest nimble noble
patient plucky polite proud quick quiet rapid ready rustic sandy sharp shiny silent silver smart
snowy solar steady sunny swift tidy tiny vivid warm wise witty young zesty
"""
_ANIMALS = """
badger beaver bison bobcat camel condor coyote crane dingo dolphin eagle egret falcon ferret finch
fox gecko gibbon hare hawk heron ibis iguana jackal jaguar koala lemur lion llama lynx macaw marten
meerkat mole moose narwhal newt ocelot orca oriole osprey otter owl panda puffin quail rabbit raven
robin salmon seal shrew stork swan tapir tiger toucan walrus weasel wombat
"""


def new_path(directory: Path, copy_of: str = "") -> Path:
    """Creates an empty file with a new name in the directory, and returns its path.

    copy_of: the name of the run that the new one copies. Raises OSError. Two programs never
    get the same name.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for attempt in range(1000):
        path = directory / f"{_copy(copy_of, attempt) if copy_of else new_name(attempt)}{SUFFIX}"
        try:
            path.open("x").close()
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"no free name for a run in {directory}")


def new_name(attempt: int = 0) -> str:
    """Returns a name that probably is free. attempt: with a number, from the 21st on."""
    name = "-".join(secrets.choice(words.split()) for words in (_ADJECTIVES, _ANIMALS))
    return f"{name}-{attempt}" if attempt > 20 else name


def _copy(name: str, attempt: int) -> str:
    original = re.sub(r"-copy(-\d+)?$", "", name)[:_MAX_COPIED]
    return f"{original}-copy-{attempt + 1}" if attempt else f"{original}-copy"


def shown_name(path: Path) -> str:
    """Returns the name of the run in a file, safe to print: a copied file can have any name."""
    return printable(path.stem)


def is_generated(name: str) -> bool:
    """Returns whether the program can have chosen this name for a new run or a copy."""
    words = f"({'|'.join(_ADJECTIVES.split())})-({'|'.join(_ANIMALS.split())})"
    return bool(re.fullmatch(rf"{words}(-\d+)?|.*-copy(-\d+)?", name))


def is_name(text: str) -> bool:
    """Returns whether a run can have this name: letters, digits, dots, hyphens, underscores.

    Names that Windows reserves for devices are not allowed, so that a file can go there.
    """
    usable = re.fullmatch(r"\w[\w.-]{0,79}", text) and not text.endswith(SUFFIX)
    return bool(usable) and not _RESERVED.fullmatch(text)
