"""The included presets."""

from textwrap import wrap

import pytest

from core.config.config import Config
from core.config.presets import included, presets


def test_the_default_preset_comes_first_and_is_784_128_64_10_with_adam():
    assert next(iter(presets())) == "default"
    assert presets()["default"].config.hidden == (128, 64)
    assert presets()["default"].config.optimizer == "adam"


@pytest.mark.parametrize("name", presets())
def test_every_preset_has_its_name_and_a_description(name):
    preset = presets()[name]
    assert preset.name == name
    assert len(preset.description.split()) >= 5


@pytest.mark.parametrize("name", included())
def test_the_description_of_an_included_preset_fits_the_form(name):
    assert len(wrap(included()[name].description, 27)) <= 4


def test_the_notebook_preset_equals_the_notebook():
    assert presets()["notebook"].config == Config(
        hidden=(30, 10),
        initialization="normal",
        optimizer="sgd",
        learning_rate=0.1,
        batch_size=256,
        epochs=500,
        validation=0,
    )
