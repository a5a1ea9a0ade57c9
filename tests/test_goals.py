"""Where to go: what a person types becomes a goal, and a run knows when it is there."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from core.goals import Goal


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("epoch 5", Goal("epoch", 5)),
        ("Epoch5", Goal("epoch", 5)),
        ("step 1200", Goal("step", 1200)),
        ("1,200", Goal("step", 1200)),
        ("  7 ", Goal("step", 7)),
        ("0", Goal("step", 0)),
        ("85%", Goal("accuracy", 0.85)),
        ("87.5 %", Goal("accuracy", 0.875)),
        ("accuracy 0.9", Goal("accuracy", 0.9)),
        ("accuracy 90", Goal("accuracy", 0.9)),
        ("accuracy 100%", Goal("accuracy", 1.0)),
    ],
)
def test_what_people_type_is_understood(text, goal):
    assert Goal.parse(text) == goal


@pytest.mark.parametrize(
    "text", ["", "banana", "-3", "1.5", "epoch", "epoch 0", "step 5%", "0%", "101%", "nan"]
)
def test_anything_else_is_answered_by_an_example(text):
    with pytest.raises(ConfigError) as caught:
        Goal.parse(text)
    example = "enter a step, an epoch or an accuracy, for example step 1200, epoch 5 or 85%"
    assert str(caught.value) == example


@given(st.text())
def test_no_text_does_worse_than_to_be_refused(text):
    with suppress(ConfigError):
        assert Goal.parse(text).value >= 0


@given(
    st.one_of(
        st.builds(Goal, st.sampled_from(["step", "epoch"]), st.integers(1, 10**6).map(float)),
        st.builds(Goal, st.just("accuracy"), st.integers(1, 10_000).map(lambda n: n / 10_000)),
    )
)
def test_what_a_goal_is_called_is_understood_again(goal):
    again = Goal.parse(str(goal))
    assert (again.kind, again.value) == (goal.kind, pytest.approx(goal.value))


def test_a_step_is_reached_when_it_was_made():
    goal = Goal("step", 30)
    assert not goal.met(29, 0.9, 1.0)
    assert goal.met(30, 0.1, 0.0)
    assert goal.progress(15, 0.0) == 0.5


def test_an_epoch_is_reached_at_its_end():
    goal = Goal("epoch", 4)
    assert not goal.met(1000, 3.99, 1.0)
    assert goal.met(1, 4.0, 0.0)
    assert goal.progress(0, 3.0) == 0.75


def test_an_accuracy_is_reached_when_an_evaluation_shows_it_and_nobody_knows_how_far_it_is():
    goal = Goal("accuracy", 0.85)
    assert not goal.met(10**6, 100.0, 0.8499)
    assert goal.met(1, 0.1, 0.85)
    assert goal.progress(5, 5.0) is None


def test_to_the_start_there_is_no_progress_to_tell():
    assert Goal("step", 0).progress(30, 1.0) is None
