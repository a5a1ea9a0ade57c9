"""Goals: parsed from text, and met by a run."""

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
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ConfigError) as caught:
        Goal.parse(text)
    example = "Enter a step, an epoch or an accuracy, for example step 1200, epoch 5 or 85%"
    assert str(caught.value) == example


@given(st.text())
def test_any_text_is_a_goal_or_refused(text):
    with suppress(ConfigError):
        assert Goal.parse(text).value >= 0


@given(
    st.one_of(
        st.builds(Goal, st.sampled_from(["step", "epoch"]), st.integers(1, 10**6).map(float)),
        st.builds(Goal, st.just("accuracy"), st.integers(1, 10_000).map(lambda n: n / 10_000)),
    )
)
def test_the_text_of_a_goal_parses_to_the_same_goal(goal):
    again = Goal.parse(str(goal))
    assert (again.kind, again.value) == (goal.kind, pytest.approx(goal.value))


def test_a_step_is_met_after_it():
    goal = Goal("step", 30)
    assert not goal.met(29, 0.9, 1.0)
    assert goal.met(30, 0.1, 0.0)
    assert goal.progress(15, 0.0) == 0.5


def test_an_epoch_is_met_at_its_end():
    goal = Goal("epoch", 4)
    assert not goal.met(1000, 3.99, 1.0)
    assert goal.met(1, 4.0, 0.0)
    assert goal.progress(0, 3.0) == 0.75


def test_an_accuracy_is_met_by_an_evaluation_and_has_no_progress():
    goal = Goal("accuracy", 0.85)
    assert not goal.met(10**6, 100.0, 0.8499)
    assert goal.met(1, 0.1, 0.85)
    assert goal.progress(5, 5.0) is None


def test_step_0_has_no_progress():
    assert Goal("step", 0).progress(30, 1.0) is None
