"""Whether the locale has only ASCII: known without Textual, which takes long to import."""

import locale
import os
import sys
from pathlib import Path


def locale_is_ascii() -> bool:
    """Returns whether the locale guarantees only ASCII, judging by the environment."""
    names = {name: os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG")}
    # In the C locale, Python turns its UTF-8 mode on and sets LC_CTYPE itself (PEP 538, PEP 540).
    if sys.flags.utf8_mode and names["LC_CTYPE"] in ("C.UTF-8", "C.utf8", "UTF-8"):
        names["LC_CTYPE"] = _at_start("LC_CTYPE")
    name = next(filter(None, names.values()), "")
    if not name or "utf" in name.lower():
        return False
    # In the C locale Python reports UTF-8, so its answer is no evidence there.
    return name in ("C", "POSIX") or "utf" not in locale.getpreferredencoding(False).lower()


def _at_start(variable: str) -> str:
    """Returns a variable as it was when the program started, if the system tells (Linux)."""
    try:
        lines = Path("/proc/self/environ").read_text(errors="replace").split("\0")
    except OSError:
        return ""
    return dict(line.partition("=")[::2] for line in lines).get(variable, "")
