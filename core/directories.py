"""Where the program keeps files of its own: the runs, and beside them a cache."""

import os
from pathlib import Path

from platformdirs import user_data_path

VARIABLE = "FASHION_TUI_RUNS"
"""The environment variable that names another directory of runs."""


def default_directory() -> Path:
    """Returns where runs are kept: FASHION_TUI_RUNS, or a directory of the user's data."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen).expanduser() if chosen else user_data_path("fashion-tui", False) / "runs"


def cache_directory() -> Path:
    """Returns where the pictures that were read from a folder are kept."""
    return default_directory() / "cache"
