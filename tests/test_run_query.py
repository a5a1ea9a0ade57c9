"""Filters of runs: every word and term must be met."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.config import SETTINGS, Config
from core.config.kinds import Real, Whole
from core.errors import ConfigError
from core.events import Phase
from core.runs.query import parse
from core.runs.summary import RunSummary

OTTER = RunSummary(
    branches=1,
    path=Path("swift-otter.run"),
    name="swift-otter",
    notes="Wide, for Ada",
    star=True,
    config=Config(optimizer="adam", learning_rate=0.01, batch_size=64),
    changed=(),
    data="fashion-mnist",
    fingerprint="f" * 64,
    parameters=109_386,
    step=2150,
    epochs=5.0,
    best_accuracy=0.884,
    best_epochs=4.0,
    last_accuracy=0.88,
    test_accuracy=None,
    images_per_second=80_000.0,
    started=1e9,
    updated=1e9,
    phase=Phase.FINISHED,
    message="",
    opened_by=None,
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "otter",
        "OTTER adam",
        "star",
        "ada",
        "fashion",
        "finished",
        "fin one",
        "acc>0.88",
        "acc>88%",
        "acc=0.884",
        "acc<=88.4%",
        "adam acc>0.88 star",
        "lr=0.01",
        "lr<=1e-2",
        "learning-rate>0.001",
        "learning_rate!=0.1",
        "batch-size>=64",
        "steps>1000",
        "trained=5",
        "speed>50000",
        "parameters<200000",
        "data:mnist",
        "note:ada",
        "name:swift",
        "state:finished",
        "optimizer:ADAM",
        "hidden:128,64",
        "batch-norm:no",
        "batch-norm=no",
        "hidden=128,64",
        "hidden:128-64",
        "hidden=128-64",
        "hidden!=30-10",
        "optimizer!=sgd",
        "state=finished",
        "steps>=1,440",
        "steps < 3,440",
        "parameters>=100,000",
        "parameters<1,000,000.5",
        "batch-size<1,024",
        "seed!=1,000",
        "timeline-memory:100",
        "acc > 0.88",
        "lr <=0.01 steps> 1000",
        "lr:0.01",
    ],
)
def test_a_run_that_meets_the_filter_is_found(text):
    run = replace(OTTER, config=OTTER.config.replace(schedule="one-cycle"))
    assert parse(text)(run)


@pytest.mark.parametrize(
    "text",
    [
        "badger",
        "otter badger",
        "acc>0.89",
        "acc>88.4%",
        "lr<0.01",
        "batch-size:1,024",
        "batch-size=1,024",
        "steps>3,440",
        "steps<=2149",
        "test>0",  # it has none
        "test<1",
        "test!=0.5",
        "data:kmnist",
        "optimizer:adamw",
        "hidden:128",
        "hidden!=128-64",
        "acc > 0.89",
        "sgd",
    ],
)
def test_a_run_that_does_not_meet_the_filter_is_not_found(text):
    assert not parse(text)(OTTER)


def test_star_finds_only_runs_with_a_star():
    assert not parse("star")(replace(OTTER, star=False, name="starling"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("acc>", "filter acc>: enter a number, for example acc>0.88 or steps>=1000"),
        ("steps>1,44", "filter steps>1,44: enter a number"),
        ("acc>high", "filter acc>high: enter a number"),
        ("acc>nan", "enter a number"),
        ("acc>88", "enter an accuracy from 0 to 1, for example acc>0.88 or acc>88%"),
        ("lr<5%", "enter a number"),
        ("speeed>1", "filter speeed>1: did you mean speed?"),
        (
            "volume>1",
            "filter volume>1: volume is not a column or setting; enter one of acc, last, test",
        ),
        (">1", "enter one of acc, last, test, steps"),
        ("hidden>3", "hidden has no numbers to compare; enter one of acc"),
        ("optimizer:best", "optimizer: enter one of sgd, momentum"),
        ("colour:red", "colour is not a column or setting; enter one of name, note, data, state"),
    ],
)
def test_a_term_that_is_not_understood_says_what_to_enter(text, sentence):
    with pytest.raises(ConfigError) as caught:
        parse(f"otter {text}")
    assert sentence in str(caught.value)


@given(text=st.text())
def test_any_text_is_a_filter_or_is_refused(text):
    try:
        query = parse(text)
    except ConfigError:
        return
    assert query(OTTER) in (True, False)


term = st.builds(
    lambda name, sign, value: f"{name}{sign}{value}",
    st.sampled_from(["acc", "last", "test", "lr", "steps", "seed", "batch-size"]),
    st.sampled_from([">", ">=", "<", "<=", "=", "!="]),
    st.sampled_from([0, 0.01, 0.5, 0.884, 1]),
)
part = term | st.sampled_from(["star", "otter", "badger", "sgd", "data:mnist", "state:paused"])


@given(parts=st.lists(part, max_size=5), case=st.booleans())
def test_a_filter_is_met_if_each_of_its_parts_is(parts, case):
    text = " ".join(parts)
    each = [parse(one)(OTTER) for one in parts]
    assert parse(text.upper() if case else text)(OTTER) == all(each)


@given(
    name=st.sampled_from(
        [n for n, setting in SETTINGS.items() if isinstance(setting.kind, Real | Whole)]
    ),
    sign=st.sampled_from(["<", "<=", "=", "!=", ">=", ">"]),
    value=st.floats(0, 100) | st.integers(0, 100),
)
def test_a_number_is_compared_as_in_python(name, sign, value):
    own = getattr(OTTER.config, name)
    below, same = own < value, own == value
    expected = {
        "<": below,
        "<=": below or same,
        "=": same,
        "!=": not same,
        ">=": not below,
        ">": not (below or same),
    }
    assert parse(f"{name.replace('_', '-')}{sign}{value!r}")(OTTER) == expected[sign]
