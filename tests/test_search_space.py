"""What `--set` searches: values, ranges, and what is refused."""

import math
from itertools import product

import pytest

from core import Config, ConfigError
from core.experiments.search_parser import parse
from core.experiments.search_space import SearchSpace, describe
from core.experiments.study_plan import StudyPlan, plan_from


def test_values_are_those_of_the_settings_and_a_grid_has_all_combinations():
    space = parse(["learning-rate=0.001,0.01", "hidden=64,128-64,none", "batch-norm=yes,no"])
    assert space.combinations == 12
    combinations = [tuple(one.values()) for one in space.grid()]
    assert combinations == list(product((0.001, 0.01), ((64,), (128, 64), ()), (True, False)))
    assert str(space) == ("learning rate 0.001, 0.01; hidden 64, 128-64, none; batch norm yes, no")
    assert describe(next(space.grid())) == "learning rate 0.001, hidden 64, batch norm yes"


def test_a_range_of_a_rate_is_logarithmic_and_one_of_a_fraction_is_not():
    rate, dropout, batch, shift = parse(
        ["learning-rate=0.0001..0.1", "dropout=0..0.5", "batch-size=32..512", "shift=1..4"]
    ).dimensions
    assert (rate.low, rate.high, rate.is_log, rate.is_whole) == (0.0001, 0.1, True, False)
    assert (dropout.is_log, dropout.is_whole) == (False, False)
    assert (batch.is_log, batch.is_whole) == (True, True)
    assert (shift.is_log, shift.is_whole) == (False, True)
    assert SearchSpace((rate,)).combinations == math.inf


def test_a_plan_is_the_same_after_json():
    space = parse(["hidden=64,128-64", "dropout=0..0.5", "optimizer=sgd,adam"])
    plan = plan_from(space, Config(), None, 30, "f" * 64)
    assert plan.sampler == "tpe"
    assert StudyPlan.from_json(plan.as_json()) == plan
    assert plan.differences(plan) == []


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ([], "enter what to search"),
        (["learning-rate"], "enter SETTING=VALUES in place of learning-rate"),
        (["lerning-rate=1,2"], "lerning-rate is not a setting; did you mean learning-rate?"),
        (["x=1"], "x is not a setting; fashion-tui sweep --help has them"),
        (["dropout="], "dropout: enter at least one value"),
        (["dropout=0.1,,0.2"], "dropout: enter at least one value, with one comma between two"),
        (["dropout=0.1,0.10"], "dropout: 0.1 is given twice"),
        (["dropout=0.1", "dropout=0.2"], "dropout is given twice; put all its values into one"),
        (["dropout=0,1"], "dropout: enter a number of at least 0 and below 1"),
        (
            ["dropout=0..1"],
            "dropout: enter a number of at least 0 and below 1, for example 0.2",
        ),
        (["dropout=0.5..0"], "the range 0.5..0 is reversed; enter 0..0.5"),
        (["dropout=0.5..0.5"], "the range 0.5..0.5 has one value; enter 0.5"),
        (["dropout=..0.5"], "dropout: enter both ends of the range ..0.5"),
        (["dropout=0..nan"], "dropout: enter a number"),
        (["batch-size=1.5..9"], "batch size: enter a whole number of at least 1, in place of 1.5"),
        (["optimizer=sgd..adam"], "optimizer has no range of numbers; enter its values"),
        (["hidden=8..64"], "hidden has no range of numbers"),
        (["hidden=8,0-x"], "joined by hyphens, for example 128-64, in place of 0-x"),
        (["threads=1,2"], "threads cannot be searched: the jobs share the threads"),
        (["validation=100,200"], "accuracies on other validation sets do not compare"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_sentence(texts, sentence):
    with pytest.raises(ConfigError) as caught:
        parse(texts)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("texts", "sampler", "trials", "sentence"),
    [
        (["dropout=0..0.5"], "grid", None, "a grid needs values, and dropout has a range"),
        (["dropout=0,0.1"], "grid", 5, "the grid has 2 combinations and trains each"),
        (["dropout=0,0.1"], "random", 10**6, "--trials: enter a number from 1 to 10,000"),
        (
            ["weight-decay=0,0.1"],
            None,
            None,
            "1 of 2 combinations cannot be trained, such",
        ),
        (["weight-decay=0..0.1"], None, 9, "weight decay works only with adamw"),
    ],
)
def test_a_contradiction_is_refused_before_anything_is_trained(texts, sampler, trials, sentence):
    with pytest.raises(ConfigError) as caught:
        plan_from(parse(texts), Config(), sampler, trials, "")
    assert sentence in str(caught.value)


def test_a_billion_combinations_are_refused_as_a_grid_and_drawn_from_by_other_samplers():
    thousand = ",".join(map(str, range(1, 1001)))
    space = parse([f"{name}={thousand}" for name in ("seed", "epochs", "decay-epochs")])
    assert space.combinations == 10**9
    with pytest.raises(ConfigError, match="the grid has 1,000,000,000 combinations, and a"):
        plan_from(space, Config(), None, None, "")
    assert plan_from(space, Config(), "tpe", None, "").trials == 20


def test_combinations_that_do_not_fit_the_data_are_refused():
    def fits(config):
        if config.batch_size > 100:
            raise ConfigError("batch_size", "batch size: enter at most 100")

    with pytest.raises(ConfigError, match="1 of 2 combinations cannot be trained, such as batch"):
        plan_from(parse(["batch-size=50,200"]), Config(), None, None, "", fits)
