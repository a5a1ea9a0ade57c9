"""The tree of branches: paths, forks, and changes merged by setting and step."""

from core.branches import departures, forks, net_changes, path_to
from core.events import Branch, Change
from core.history.snapshot import Snapshot
from tui.screens.branches import descriptions

# Branch 4 starts from 2, which starts from 0; branch 3 starts from 1.
BRANCHES = [
    Branch(number, parent, fork, 99)
    for number, parent, fork in [(0, None, 0), (1, 0, 10), (2, 0, 20), (3, 1, 30), (4, 2, 40)]
]


def test_the_path_to_a_branch_goes_back_to_the_first():
    path = [(branch.number, last) for branch, last in path_to(BRANCHES, 4)]
    assert path == [(4, 99), (2, 40), (0, 20)]
    assert [(branch.number, last) for branch, last in path_to(BRANCHES, 0)] == [(0, 99)]


def test_forks_are_those_on_the_path_to_a_branch():
    assert [forks(BRANCHES, number) for number in range(5)] == [
        [10, 20],
        [10, 30],
        [10, 20, 40],
        [10, 30],
        [10, 20, 40],
    ]


def test_other_branches_depart_where_they_leave_the_path():
    assert departures(BRANCHES, 4) == {0: 20, 1: 10, 2: 40, 3: 30}
    assert departures(BRANCHES, 0) == {1: 10, 2: 20, 3: 30, 4: 40}


def test_changes_of_one_setting_at_one_step_are_merged():
    changes = [
        Change(3, "l2", 0.0, 0.1),
        Change(3, "l2", 0.1, 0.2),
        Change(3, "momentum", 0.9, 0.5),
        Change(3, "momentum", 0.5, 0.9),
        Change(4, "l2", 0.2, 0.0),
    ]
    assert net_changes(changes) == (Change(3, "l2", 0.0, 0.2), Change(4, "l2", 0.2, 0.0))


def test_the_list_names_changes_from_the_value_that_was_trained_with_before():
    parent = Branch(0, None, 0, 410, ((Change(400, "learning_rate", 0.01, 30.0),),))
    changed = Branch(1, 0, 400, 410, ((Change(400, "learning_rate", 30.0, 0.1),),))
    undone = Branch(2, 0, 400, 410, ((Change(400, "learning_rate", 30.0, 0.01),),))
    listed = descriptions(Snapshot(branches=(parent, changed, undone)))
    first, second, third = (str(text).partition("\n")[2].strip() for text in listed)
    assert first == "learning rate 0.01 → 30 after step 400"
    assert second == "learning rate 0.01 → 0.1 after step 400"
    assert third == "learning rate 30 → 0.01 after step 400"
