"""Files that killed programs leave in the directory of runs, and that nobody needs."""

import stat
import time
from contextlib import suppress
from pathlib import Path

from core.runs.names import SUFFIX, is_generated

DRAFT = ".new"  # added to the name of a file that becomes that of a run when it is complete
REMOVED = ".removed"  # added to the name of a deleted run, until its program ends
STARTING = 60.0  # seconds in which a program that was not killed begins to write
_LEFT = 86_400  # seconds, after which a draft and a deleted run have no program any more


def remove_leftovers(directory: Path) -> None:
    """Removes old drafts and deleted runs, and the empty files that only reserve a name."""
    for pattern, age in (
        (f"*{SUFFIX}{DRAFT}", _LEFT),
        (f"*{SUFFIX}{DRAFT}-journal", _LEFT),
        (f"*{SUFFIX}.*{REMOVED}", _LEFT),
        (f"*{SUFFIX}", STARTING),
    ):
        for path in directory.glob(pattern):
            with suppress(OSError):
                status = path.lstat()
                is_old = stat.S_ISREG(status.st_mode) and time.time() - status.st_mtime > age
                reserves = not status.st_size and is_generated(path.stem)
                if is_old and (reserves or path.suffix != SUFFIX):
                    path.unlink()
