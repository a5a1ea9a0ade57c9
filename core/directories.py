"""Where files are: those that the user names, the runs, and beside them a cache."""

import os
from pathlib import Path

from platformdirs import user_data_path

VARIABLE = "FASHION_TUI_RUNS"
"""The environment variable that names another directory of runs."""


def expanded(path: str) -> Path:
    """Returns the path with ~ replaced by a home directory, if it is known."""
    return Path(os.path.expanduser(path))  # that of Path raises an error if it is not


def default_directory() -> Path:
    """Returns where runs are kept: FASHION_TUI_RUNS, or a directory of the user's data."""
    chosen = os.environ.get(VARIABLE)
    return expanded(chosen) if chosen else user_data_path("fashion-tui", False) / "runs"


def cache_directory() -> Path:
    """Returns where the pictures that were read from a folder are kept."""
    return default_directory() / "cache"
