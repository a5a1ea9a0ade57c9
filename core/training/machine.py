"""How much memory there is for this process: of the machine, its container, and its own limit."""

import os
import sys
from pathlib import Path

_UNKNOWN = 4_000_000_000  # bytes, if the system does not report it
_ROOT = Path("/")


def usable_memory(root: Path = _ROOT) -> float:
    """Returns the bytes of memory available to this process and others like it.

    root: where to look for /proc and /sys.
    """
    return min([_machine_memory(), _process_limit(), *_container_limits(root)])


def _machine_memory() -> float:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # for example, on Windows
        return _UNKNOWN
    return size if size > 0 else _UNKNOWN


def _process_limit() -> float:
    """The limit that `ulimit -v` sets."""
    if sys.platform == "win32":
        return float("inf")
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return float("inf") if limit == resource.RLIM_INFINITY else limit


def _container_limits(root: Path) -> list[float]:
    """The limits of the control groups of this process (Linux), such as those of a container.

    Version 2 has one tree of groups, version 1 one for memory. Within a container, its own group
    is usually at the top.
    """
    limits = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            tree, name = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            tree, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        group = tree / path.lstrip("/")
        for directory in (group, *group.parents):
            if directory.is_relative_to(tree):
                value = _read(directory / name).strip()
                limits += [float(value)] if value.isdigit() else []  # "max": no limit
    return limits


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
