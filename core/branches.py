"""The tree of a run's branches: which branches lead to one, and where they part."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.events import Branch, Change

HISTORY_SHARE = 1 / 8
"""The share of a run's timeline memory that the curves and predictions of other branches may take.

The rest is for checkpoints.
"""


def path_to(branches: Sequence[Branch], number: int) -> Iterator[tuple[Branch, int]]:
    """Yields the branch with this number, its parent, and so on to the first branch.

    Each comes with the last of its steps on the path: its end, or the step where the next branch
    of the path leaves it. `branches[n]` is the branch with number n.
    """
    branch = branches[number]
    yield branch, branch.end
    while branch.parent is not None:
        fork, branch = branch.fork, branches[branch.parent]
        yield branch, fork


def owner(branches: Sequence[Branch], number: int, step: int) -> Branch:
    """Returns the branch on the path to this one that started last, up to a step of the path."""
    path = path_to(branches, number)
    return next(branch for branch, _ in path if branch.parent is None or step >= branch.fork)


def forks(branches: Sequence[Branch], number: int) -> list[int]:
    """Returns the steps where another branch leaves the path to this one, or joins it."""
    last_steps = {branch.number: last for branch, last in path_to(branches, number)}
    return [
        branch.fork
        for branch in branches
        if branch.parent is not None and branch.fork <= last_steps.get(branch.parent, -1)
    ]


def departures(branches: Sequence[Branch], number: int) -> dict[int, int]:
    """Returns, for every other branch, the step after which it is not on the path to this one."""
    last_steps = {branch.number: last for branch, last in path_to(branches, number)}
    return {
        branch.number: last_steps.get(branch.number, branch.fork)
        for branch in branches
        if branch.number != number
    }


def net_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Merges changes of one setting at one step, and drops those that leave it as it was."""
    merged: dict[tuple[int, str], Change] = {}
    for change in changes:
        key = change.step, change.field
        old = merged[key].old if key in merged else change.old
        merged[key] = replace(change, old=old)
    return tuple(change for change in merged.values() if change.old != change.new)
