"""The settings: described, checked when a config is created, written and read back."""

import dataclasses
import itertools
import math
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.config import SETTINGS, Config
from core.config.kinds import Choice, Flag, Real, Sizes, Whole
from core.config.settings import Group
from core.errors import ConfigError

WHOLE = {"batch_size": (1, 10**6), "epochs": (1, 10**6), "validation": (0, 10**6)}
WHOLE |= {"seed": (0, 2**32 - 1), "decay_epochs": (1, 10_000), "shift": (0, 100)}
WHOLE |= {"patience": (0, 10**6), "timeline_memory": (1, 65_536), "threads": (0, 64)}
# Larger bounds are technical: only the error about a larger value names them.
TECHNICAL = 1000
# The bounds, and which of them is excluded.
REAL = {
    "deviation": (0, 100, "low"),
    "learning_rate": (1e-30, 1e12, ""),
    "momentum": (0, 1, "high"),
    "beta2": (0, 1, "high"),
    "warmup": (0, 1000, ""),
    "decay_factor": (0, 1, "low"),
    "dropout": (0, 1, "high"),
    "weight_decay": (0, 10, ""),
    "l2": (0, 10, ""),
    "label_smoothing": (0, 1, "high"),
    "clip_norm": (0, 1e6, ""),
    "flip": (0, 1, ""),
    "erase": (0, 1, ""),
}
CHOICES = {
    "activation": ("relu", "leaky-relu", "elu", "gelu", "tanh", "sigmoid"),
    "initialization": (
        *("he", "he-uniform", "xavier", "xavier-uniform", "lecun", "lecun-uniform"),
        *("normal", "orthogonal", "zeros"),
    ),
    "optimizer": ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"),
    "schedule": ("constant", "step", "exponential", "cosine", "one-cycle", "plateau"),
}
# The other settings that one needs.
NEEDS = {"weight_decay": {"optimizer": "adamw"}}

right = {
    "hidden": st.lists(st.integers(1, 10_000), max_size=10).map(tuple),
    "batch_norm": st.booleans(),
    **{
        name: st.floats(low, high, exclude_min=open == "low", exclude_max=open == "high")
        for name, (low, high, open) in REAL.items()
    },
    **{name: st.integers(*ends) for name, ends in WHOLE.items()},
    **{name: st.sampled_from(words) for name, words in CHOICES.items()},
}
# Integers that no float holds have a test of their own.
small = st.integers(-(2**65), 2**65)
odd = st.none() | st.booleans() | st.binary(max_size=3) | st.dictionaries(small, small, max_size=2)
wrong = {
    "hidden": odd
    | small
    | st.text(max_size=9)
    | st.lists(st.integers(1, 9), min_size=11, max_size=20).map(tuple)
    | st.tuples(st.integers(1, 9), st.integers(max_value=0) | st.integers(10_001) | st.floats()),
    "batch_norm": st.none() | small | st.floats() | st.text(max_size=9),
    **{
        name: odd
        | st.text(max_size=9)
        | st.floats(max_value=low, exclude_max=open != "low")
        | st.floats(min_value=high, exclude_min=open != "high")
        | st.just(math.nan)
        | st.integers(max_value=low - (open != "low"))
        | st.integers(min_value=int(high) + (open != "high"), max_value=2**65)
        for name, (low, high, open) in REAL.items()
    },
    **{
        name: odd | st.floats() | st.integers(max_value=low - 1) | st.integers(min_value=high + 1)
        for name, (low, high) in WHOLE.items()
    },
    **{
        name: odd | small | st.floats() | st.text().filter(lambda text, w=words: text not in w)
        for name, words in CHOICES.items()
    },
}
kinds = {
    kind.__name__: [name for name in SETTINGS if isinstance(SETTINGS[name].kind, kind)]
    for kind in (Whole, Real, Choice, Flag, Sizes)
}
# What a kind does is tested on values of any of its settings; their ranges have tests of their own.
each_kind = pytest.mark.parametrize("names", kinds.values(), ids=kinds)


def config(name, value):
    """A config in which this setting can have this value."""
    return Config(**NEEDS.get(name, {}), **{name: value})


@pytest.mark.parametrize(("text", "value"), [("1e2", 100), ("25E1", 250), ("1.5e1", 15)])
def test_a_whole_number_may_have_an_exponent(text, value):
    assert SETTINGS["batch_size"].parse(text) == value


@pytest.mark.parametrize("text", ["1e-1", "1.25e1", "1e999", "e", "1.0", "nan"])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(ConfigError, match="enter a whole number"):
        SETTINGS["batch_size"].parse(text)


def test_the_defaults_can_be_used():
    assert Config().as_dict() == {
        "hidden": (128, 64),
        "activation": "relu",
        "initialization": "he",
        "deviation": 1.0,
        "batch_norm": False,
        "optimizer": "adam",
        "learning_rate": 0.001,
        "batch_size": 128,
        "momentum": 0.9,
        "beta2": 0.999,
        "schedule": "constant",
        "warmup": 0.0,
        "decay_factor": 0.5,
        "decay_epochs": 5,
        "dropout": 0.0,
        "weight_decay": 0.0,
        "l2": 0.0,
        "label_smoothing": 0.0,
        "clip_norm": 0.0,
        "flip": 0.0,
        "shift": 0,
        "erase": 0.0,
        "validation": 5000,
        "epochs": 10,
        "patience": 0,
        "seed": 0,
        "threads": 0,
        "timeline_memory": 100,
    }


def test_the_settings_of_a_group_are_consecutive():
    groups = [setting.group for setting in SETTINGS.values()]
    in_order = list(dict.fromkeys(groups))
    assert set(in_order) == set(typing.get_args(Group))
    assert groups == sorted(groups, key=in_order.index)


def test_every_setting_describes_its_meaning_its_range_and_when_it_applies():
    assert sorted(name for names in kinds.values() for name in names) == sorted(SETTINGS)
    for name, setting in SETTINGS.items():
        assert len(setting.meaning.split()) >= 8, name
        assert setting.meaning.endswith("."), name
        assert setting.kind.range, name
        assert setting.applies in ("next batch", "restart"), name


def test_every_field_is_a_setting_under_the_field_s_name():
    assert list(SETTINGS) == [field.name for field in dataclasses.fields(Config)]
    assert SETTINGS["learning_rate"].label == "learning rate"


def test_a_config_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().seed = 1


@each_kind
@given(data=st.data())
def test_a_value_in_range_is_kept(names, data):
    name = data.draw(st.sampled_from(names))
    value = data.draw(right[name])
    assert getattr(config(name, value), name) == value


def refusal(name, value):
    """The message about a value that is not allowed."""
    low, high, *_ = (WHOLE | REAL).get(name, (0, 0))
    number = type(value) in (int, float)
    allowed = SETTINGS[name].kind.range
    if number and high >= TECHNICAL and value > high:
        allowed = f"at most {high:,.0f}"
    if number and low == 1e-30 and 0 < value < low:  # technical, too: 32 bits
        allowed = "at least 1e-30"
    return f"{SETTINGS[name].label}: enter {allowed}"


@each_kind
@given(data=st.data())
def test_a_wrong_value_is_refused_with_its_name_and_what_to_enter(names, data):
    name = data.draw(st.sampled_from(names))
    value = data.draw(wrong[name])
    with pytest.raises(ConfigError) as caught:
        config(name, value)
    assert caught.value.field == name
    assert str(caught.value) == refusal(name, value)


@pytest.mark.parametrize(("name", "ends"), WHOLE.items())
def test_a_range_of_whole_numbers_ends_where_it_says(name, ends):
    low, high = ends
    words = f"of at least {low}" if high >= TECHNICAL else f"from {low} to {high}"
    assert SETTINGS[name].kind.range == f"a whole number {words}"
    for value in ends:
        assert getattr(Config().replace(**{name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(ConfigError) as caught:
            Config(**{name: value})
        assert str(caught.value) == refusal(name, value)


@pytest.mark.parametrize(("name", "ends"), REAL.items())
def test_a_range_of_numbers_says_which_of_its_bounds_it_includes(name, ends):
    low, high, open = ends
    words = {
        "": f"from {low:g} to {high:g}",
        "low": f"above {low:g} and at most {high:g}",
        "high": f"of at least {low:g} and below {high:g}",
    }[open]
    if high >= TECHNICAL:
        words = f"above {low:g}" if open == "low" else f"of at least {low:g}"
    if low == 1e-30:
        words = "above 0"
    kind = SETTINGS[name].kind
    assert kind.range == f"a number {words}, for example {kind.write(kind.example)}"
    assert kind.allows(kind.example)
    just = {"low": math.nextafter(low, -1), "high": math.nextafter(high, math.inf)}
    for end, value in (("low", low), ("high", high)):
        if end == open:
            just[end] = value
        else:
            assert getattr(config(name, value), name) == value
        with pytest.raises(ConfigError) as caught:
            config(name, just[end])
        assert str(caught.value) == refusal(name, just[end])


@pytest.mark.parametrize(("name", "words"), CHOICES.items())
def test_a_choice_takes_each_of_its_options(name, words):
    assert set(SETTINGS[name].kind.options) == set(words)
    for word in words:
        assert getattr(config(name, word), name) == word


@each_kind
@given(data=st.data())
def test_a_written_value_is_read_back(names, data):
    name = data.draw(st.sampled_from(names))
    value = data.draw(right[name])
    assert SETTINGS[name].parse(SETTINGS[name].write(value)) == value


@each_kind
@given(
    data=st.data(),
    text=st.text(max_size=60) | st.from_regex(r"\s*[-+0-9.,eE_infa ]{1,12}"),
)
def test_any_text_is_a_value_in_range_or_refused_in_words(names, data, text):
    name = data.draw(st.sampled_from(names))
    setting, message = SETTINGS[name], None
    try:
        value = setting.parse(text)
    except ConfigError as error:
        message = str(error)
    if message is None:
        assert getattr(config(name, value), name) == value
    else:
        try:
            value = setting.kind.parse(text)
        except (ValueError, KeyError):
            value = text
        assert message == refusal(name, value)


@each_kind
@given(data=st.data(), up=st.booleans())
def test_the_next_value_is_in_range_and_on_the_right_side(names, data, up):
    name = data.draw(st.sampled_from(names))
    value = data.draw(right[name])
    moved = SETTINGS[name].kind.next_value(value, up)
    assert getattr(config(name, moved), name) == moved
    if name in REAL or name in WHOLE:
        assert moved >= value if up else moved <= value


@each_kind
@given(data=st.data(), steps=st.lists(st.booleans(), max_size=40), up=st.booleans())
def test_the_next_value_and_back_is_no_change_between_round_numbers(names, data, steps, up):
    name = data.draw(st.sampled_from(names))
    kind = SETTINGS[name].kind
    value = kind.next_value(getattr(Config(), name), True)
    for step in steps:
        value = kind.next_value(value, step)
    moved = kind.next_value(value, up)
    assert moved == value or kind.next_value(moved, not up) == value


def check_next_values(setting, texts, up):
    for text, next_text in itertools.pairwise(texts):
        assert setting.write(setting.kind.next_value(setting.parse(text), up)) == next_text


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("learning_rate", "0.001 0.002 0.005 0.01 0.02"),
        ("learning_rate", "0.003 0.005"),
        ("batch_size", "60 64 128 256"),
        ("epochs", "10 11 12"),
        ("momentum", "0 0.5 0.8 0.9 0.95 0.98 0.99"),
        ("dropout", "0 0.05 0.1 0.15 0.2 0.25 0.3 0.35"),
        ("dropout", "0.95 0.95"),
        ("flip", "0.95 1 1"),
        ("warmup", "0.2 0.5 1"),
        ("weight_decay", "0 0.0001 0.0002 0.0005"),
        ("clip_norm", "0 0.1 0.2 0.5 1"),
        ("validation", "4999 5000 6000"),
        ("seed", "4294967294 4294967295 4294967295"),
        ("hidden", "100,64 100,128 100,256"),
        ("hidden", "none none"),
        ("schedule", "cosine exponential step constant constant"),
        ("batch_norm", "no yes yes"),
    ],
)
def test_the_next_values_up_are_round_numbers(name, values):
    check_next_values(SETTINGS[name], values.split(), up=True)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("learning_rate", "0.003 0.002 0.001 0.0005"),
        ("batch_size", "100 64 32 16"),
        ("epochs", "2 1 1"),
        ("dropout", "0.3 0.25 0.2 0.15 0.1 0.05 0 0"),
        ("l2", "2e-5 1e-5 0 0"),
        ("deviation", "0.02 0.01 0.01"),
        ("validation", "999 0 0"),
    ],
)
def test_the_next_values_down_are_the_same_numbers(name, values):
    check_next_values(SETTINGS[name], values.split(), up=False)


def test_any_hidden_layer_has_a_next_value():
    kind = SETTINGS["hidden"].kind
    assert kind.next_value((128, 64, 32), True, 0) == (256, 64, 32)
    assert kind.next_value((128, 64, 32), False, 1) == (128, 32, 32)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("hidden", "128,64", (128, 64)),
        ("hidden", " 30 , 10 ", (30, 10)),
        ("hidden", "none", ()),
        ("hidden", "0", ()),
        ("learning_rate", "1e-3", 0.001),
        ("optimizer", " SGD ", "sgd"),
        ("schedule", "One-Cycle", "one-cycle"),
        ("batch_norm", " Yes ", True),
        ("batch_norm", "no", False),
        ("seed", "4294967295", 2**32 - 1),
    ],
)
def test_text_is_read_as_a_person_writes_it(name, text, value):
    assert SETTINGS[name].parse(text) == value


@pytest.mark.parametrize(("rate", "text"), [(0.001, "0.001"), (1e-5, "1e-5"), (0.1 + 0.2, None)])
def test_a_rate_is_written_as_short_as_it_can_be_read_back(rate, text):
    assert SETTINGS["learning_rate"].write(rate) == (text or repr(rate))


@pytest.mark.parametrize(("hidden", "text"), [((128, 64), "128,64"), ((), "none")])
def test_no_hidden_layers_are_written_in_a_word(hidden, text):
    assert SETTINGS["hidden"].write(hidden) == text


def test_lists_and_whole_numbers_are_accepted_as_toml_and_json_write_them():
    config = Config(hidden=[20, 10], learning_rate=1)
    assert config.hidden == (20, 10)
    assert type(config.learning_rate) is float


def test_an_unknown_setting_is_refused_with_those_that_exist():
    with pytest.raises(ConfigError, match="gain is not a setting; the settings are hidden, "):
        Config().replace(gain=0.9)
    with pytest.raises(ConfigError, match=r"speed is not a setting; did you mean seed\?"):
        Config().replace(speed=0.9)


def test_a_rate_larger_than_any_float_is_refused():
    with pytest.raises(ConfigError, match="learning rate: enter at most 1,000,000,000,000"):
        Config(learning_rate=10**400)


def test_a_whole_number_of_many_digits_is_refused():
    with pytest.raises(ConfigError, match="seed: enter at most 4,294,967,295"):
        Config(seed=10**5000)


@pytest.mark.parametrize("optimizer", [o for o in CHOICES["optimizer"] if o != "adamw"])
def test_weight_decay_without_adamw_is_refused(optimizer):
    with pytest.raises(ConfigError) as caught:
        Config(weight_decay=0.01, optimizer=optimizer)
    assert caught.value.field == "weight_decay"
    assert f"works only with adamw, not with {optimizer}; use l2 instead" in str(caught.value)
    assert Config(l2=0.01, optimizer=optimizer).l2 == 0.01


def test_a_decimal_comma_is_answered_with_a_point():
    for text in ("0,5", ",5", "1,25", "0,005"):
        with pytest.raises(ConfigError, match=f"enter {text.replace(',', '.')}, with a decimal"):
            SETTINGS["learning_rate"].parse(text)
    with pytest.raises(ConfigError, match="a number above 0"):
        SETTINGS["learning_rate"].parse("1,000")  # perhaps a thousand


def test_a_whole_number_with_commas_as_in_messages_is_answered_without_them():
    for text in ("1,000", " 60,000", "1,000,000"):
        digits = text.strip().replace(",", "")
        with pytest.raises(ConfigError, match=f"batch size: enter {digits}, without commas"):
            SETTINGS["batch_size"].parse(text)
    for text in ("32,64", "0,100", "1,0000"):
        with pytest.raises(ConfigError, match="enter a whole number of at least 1"):
            SETTINGS["batch_size"].parse(text)
