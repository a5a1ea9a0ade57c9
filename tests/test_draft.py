"""What a person wants of the settings, and taking it back, without a screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.config import Config
from core.config.presets import presets
from core.errors import ConfigError
from tui.panes.settings.draft import Draft


def test_a_change_is_wanted_until_it_is_taken_back():
    draft = Draft(Config(), "default")
    draft.change("learning_rate", 0.5)
    draft.change("hidden", (7,))
    assert draft.config == Config(learning_rate=0.5, hidden=(7,))
    assert draft.take_back() == ["hidden"]
    assert draft.take_back() == ["learning_rate"]
    assert draft.config == Config()
    assert draft.take_back() == []


def test_a_preset_is_taken_back_with_all_that_it_set():
    draft = Draft(Config(seed=3), "default")
    draft.change("preset", "notebook")
    assert (draft.preset, draft.config) == ("notebook", presets()["notebook"].config)
    names = draft.take_back()
    assert names[0] == "preset"
    assert "hidden" in names
    assert (draft.preset, draft.config) == ("default", Config(seed=3))


def test_values_that_clash_change_nothing():
    draft = Draft(Config(), "default")
    with pytest.raises(ConfigError, match="weight decay works with adamw"):
        draft.change("weight_decay", 0.1)
    assert draft.config == Config()
    assert draft.take_back() == []


def test_nudges_of_one_setting_in_a_row_are_one_change():
    draft = Draft(Config(), "default")
    for value in (11, 12, 13):
        draft.change("epochs", value, nudged=True)
    draft.change("patience", 1, nudged=True)
    draft.change("epochs", 14, nudged=True)
    draft.rest()
    draft.change("epochs", 15, nudged=True)
    assert draft.take_back() == ["epochs"]
    assert draft["epochs"] == 14
    assert draft.take_back() == ["epochs"]
    assert draft["epochs"] == 13
    assert draft.take_back() == ["patience"]
    assert draft.take_back() == ["epochs"]
    assert draft.config == Config()


def test_what_was_refused_or_came_to_nothing_is_no_change():
    draft = Draft(Config(), "default")
    draft.change("epochs", 20)
    draft.change("batch_size", 60_000)
    draft.refuse("batch_size", 128)
    draft.change("seed", 1)
    draft.change("seed", 0)
    assert draft.take_back() == ["seed"]
    assert draft["seed"] == 1
    assert draft.take_back() == ["seed"]
    assert draft.take_back() == ["epochs"]


def test_it_knows_whether_it_is_a_preset_or_a_default():
    default = presets()["default"]
    draft = Draft(default.config, "default")
    assert draft.is_preset
    assert draft.description == default.description + "."
    assert draft.is_default("seed")
    assert not draft.is_default("label_smoothing")
    draft.change("seed", 1)
    assert not draft.is_preset
    assert not draft.is_default("seed")


changes = st.one_of(
    st.tuples(st.just("preset"), st.sampled_from(sorted(presets())), st.booleans()),
    st.tuples(st.just("epochs"), st.integers(1, 4), st.booleans()),
    st.tuples(st.just("dropout"), st.sampled_from([0.0, 0.5]), st.booleans()),
)


@given(st.lists(changes, max_size=12))
def test_taking_everything_back_leads_to_the_start(steps):
    draft = Draft(Config(), "default")
    for name, value, nudged in steps:
        draft.change(name, value, nudged)
    for _ in steps:
        draft.take_back()
    assert (draft.preset, draft.config) == ("default", Config())
    assert draft.take_back() == []
