"""The values wanted for the settings, those sent and those of the run, and undo."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.config import SETTINGS, Config
from core.config.presets import presets
from core.errors import ConfigError
from tui.panes.settings.draft import PRESET, Draft


def test_a_change_is_wanted_until_it_is_undone():
    draft = Draft(Config(), "default")
    draft.change("learning_rate", 0.5)
    draft.change("hidden", (7,))
    assert draft.wanted == Config(learning_rate=0.5, hidden=(7,))
    assert draft.undo() == ["hidden"]
    assert draft.undo() == ["learning_rate"]
    assert draft.wanted == Config()
    assert draft.undo() == []


def test_undoing_a_preset_undoes_all_that_it_set():
    draft = Draft(Config(seed=3), "default")
    draft.change("preset", "notebook")
    assert (draft.preset, draft.wanted) == ("notebook", presets()["notebook"].config)
    names = draft.undo()
    assert names[0] == "preset"
    assert "hidden" in names
    assert (draft.preset, draft.wanted) == ("default", Config(seed=3))


def test_it_says_how_many_settings_differ_from_the_preset_and_names_some():
    draft = Draft(presets()["default"].config.replace(seed=3), "default")
    assert draft.description == '1 setting differs from the preset "default": seed.'
    for name, value in (("hidden", (9,)), ("dropout", 0.1), ("epochs", 7), ("patience", 2)):
        draft.change(name, value)
    assert draft.description.startswith('5 settings differ from the preset "default": ')
    assert draft.description.endswith(" and 2 more.")
    draft.adopt(presets()["small"].config.replace(seed=3))
    assert draft.description == '1 setting differs from the preset "small": seed.'


def test_values_that_clash_change_nothing():
    draft = Draft(Config(), "default")
    with pytest.raises(ConfigError, match="weight decay works only with adamw"):
        draft.change("weight_decay", 0.1)
    assert draft.wanted == Config()
    assert draft.undo() == []


def test_each_change_is_undone_by_itself():
    draft = Draft(Config(), "default")
    for value in (11, 12, 13):
        draft.change("epochs", value)
    for value in (12, 11, 10):
        assert draft.undo() == ["epochs"]
        assert draft["epochs"] == value
    assert draft.wanted == Config()


def test_undo_skips_refused_changes_and_changes_without_effect():
    draft = Draft(Config(), "default")
    draft.change("epochs", 20)
    draft.change("batch_size", 60_000)
    draft.refuse("batch_size")
    draft.change("seed", 1)
    draft.change("seed", 0)
    assert draft.undo() == ["seed"]
    assert draft["seed"] == 1
    assert draft.undo() == ["seed"]
    assert draft.undo() == ["epochs"]


def test_it_knows_what_differs_from_the_preset():
    default = presets()["default"]
    draft = Draft(default.config, "default")
    assert draft.is_preset
    assert draft.description == default.description + "."
    assert not draft.is_changed("seed")
    assert not draft.is_changed("label_smoothing")  # not 0, as in a Config without arguments
    draft.change("seed", 1)
    assert not draft.is_preset
    assert draft.is_changed("seed")
    draft.change("preset", "notebook")
    assert not any(draft.is_changed(name) for name in SETTINGS)


def test_a_changed_preset_is_not_described_as_if_it_was_not():
    default = presets()["default"]
    draft = Draft(default.config, "default")
    assert draft.description == f"{default.description}."
    draft.change("optimizer", "sgd")
    assert draft.description == '1 setting differs from the preset "default": optimizer.'


def test_a_live_change_is_sent_once_and_others_are_pending():
    draft = Draft(Config(), "default")
    draft.change("learning_rate", 0.5)
    draft.change("hidden", (7,))
    assert draft.pending == ["hidden", "learning_rate"]
    assert draft.send("learning_rate")
    assert not draft.send("learning_rate")
    assert not draft.send("hidden")
    assert not draft.send("momentum")
    assert not draft.send("preset")
    assert draft.pending == ["hidden"]


def test_a_sent_value_is_confirmed_by_the_config_of_the_run():
    draft = Draft(Config(), "default")
    draft.change("learning_rate", 0.5)
    draft.send("learning_rate")
    draft.change("learning_rate", 0.1)
    draft.send("learning_rate")
    draft.confirm(Config(learning_rate=0.5))  # the first one: the second is on its way
    assert draft.pending == []
    draft.confirm(Config(learning_rate=0.1))
    draft.confirm(Config(learning_rate=0.2))
    assert draft.pending == ["learning_rate"]


def test_a_new_run_does_not_get_the_values_sent_to_the_old_one():
    draft = Draft(Config(), "default")
    draft.change("learning_rate", 0.5)
    draft.send("learning_rate")
    draft.forget_sent()
    draft.confirm(Config())
    assert draft.pending == ["learning_rate"]
    assert draft.send("learning_rate")


def test_a_refused_value_gives_way_to_that_of_the_run():
    draft = Draft(Config(), "default")
    draft.confirm(Config(batch_size=64))
    draft.change("batch_size", 60_000)
    draft.send("batch_size")
    assert draft.refuse("batch_size") == {}
    assert draft["batch_size"] == 64
    assert draft.pending == []


def test_what_clashes_with_the_value_of_the_run_after_a_refusal_is_dropped_with_a_reason():
    draft = Draft(Config(validation=0), "default")
    draft.change("validation", 60_000)
    draft.change("patience", 3)
    draft.change("hidden", (7,))
    dropped = draft.refuse("validation")
    assert list(dropped) == ["patience"]
    assert dropped["patience"].startswith("patience 3 was dropped: patience needs validation image")
    assert draft.wanted == Config(validation=0, hidden=(7,))


def test_without_a_preset_it_takes_the_one_next_to_its_settings():
    assert Draft(presets()["small"].config.replace(dropout=0.1), "").preset == "small"
    assert Draft(presets()["best"].config, "").preset == "best"


def test_moving_brings_live_values_and_keeps_pending_and_sent_ones():
    draft = Draft(Config(), "default")
    draft.change("hidden", (7,))
    draft.change("momentum", 0.5)
    draft.send("momentum")
    draft.confirm(Config(learning_rate=0.5, batch_size=64, momentum=0.1))
    assert draft.follow_run() == (["learning_rate", "batch_size"], {})
    assert draft.wanted == Config(hidden=(7,), momentum=0.5, learning_rate=0.5, batch_size=64)
    assert draft.follow_run() == ([], {})


def test_moving_keeps_the_settings_of_a_preset_that_wait_for_a_restart():
    best = presets()["best"].config
    draft = Draft(Config(), "default")
    draft.change(PRESET, "best")
    draft.confirm(Config(learning_rate=0.5))
    draft.confirm(Config(learning_rate=0.4))
    assert draft.follow_run() == ([], {})
    assert (draft.preset, draft.wanted) == ("best", best)


def test_moving_drops_a_pending_value_that_clashes_and_says_why():
    draft = Draft(Config(), "default")
    draft.change("validation", 0)
    draft.change("seed", 5)
    draft.confirm(Config(patience=3, epochs=20))
    names, dropped = draft.follow_run()
    assert names == ["validation", "epochs", "patience"]
    assert list(dropped) == ["validation"]
    assert dropped["validation"].startswith("validation 0 was dropped: patience needs validation")
    assert draft.wanted == Config(patience=3, epochs=20, seed=5)


def test_values_that_fit_only_together_are_kept_together():
    draft = Draft(Config(batch_size=1), "default")
    draft.change("batch_size", 32)
    draft.send("batch_size")
    draft.change("batch_norm", True)
    draft.change("validation", 0)
    draft.confirm(Config(batch_size=1, patience=3))
    _, dropped = draft.follow_run()
    assert list(dropped) == ["validation"]
    assert draft.wanted == Config(batch_size=32, batch_norm=True, patience=3)


changes = st.one_of(
    st.tuples(st.just("preset"), st.sampled_from(sorted(presets()))),
    st.tuples(st.just("epochs"), st.integers(1, 4)),
    st.tuples(st.just("dropout"), st.sampled_from([0.0, 0.5])),
)


@given(st.lists(changes, max_size=12))
def test_undoing_everything_restores_the_start(steps):
    draft = Draft(Config(), "default")
    for name, value in steps:
        draft.change(name, value)
    for _ in steps:
        draft.undo()
    assert (draft.preset, draft.wanted) == ("default", Config())
    assert draft.undo() == []
