"""A step that was taken apart, laid out as lines: of any network, any images, any room."""

import re

import numpy as np
import pytest
import traces
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from core.config.config import Config
from core.inspection.tracing import trace_step
from tui.ascii import to_ascii
from tui.drawing.pictures import Pictures
from tui.drawing.styles import Styles
from tui.drawing.text import flow
from tui.panes.step.ascii_equations import spell_ascii
from tui.panes.step.layout import StepView, lay_out
from tui.panes.step.stage_list import stage_list
from tui.panes.step.stage_panel import figures
from tui.panes.step.trace_details import TraceDetails
from tui.panes.step.value_bars import BarRow, columns, rows
from tui.panes.step.weight_panel import scale

INKS = Styles(*[Style()] * 5)
IN_ASCII = INKS._replace(ascii=True)
SIZES = [(1, 1), (10, 3), (48, 10), (62, 55), (78, 18), (118, 35), (198, 57)]


def lines(found, at, size=(118, 35), image=0, styles=INKS, pictures=Pictures.RAMP):
    names = tuple(f"name {label}" for label in range(found.trace.classes))
    update = at == len(found.trace.stages) - 1 and not found.trace.diverged
    view = StepView(at, image, found.largest("W1") if update else None, names, pictures)
    return [strip.text for strip in lay_out(found, view, size, 0, styles).lines]


def text(*arguments, **values):
    return "\n".join(lines(*arguments, **values))


ODD = {
    "many classes": (CONFIG := Config(hidden=(8,), batch_size=70, validation=0), {"classes": 64}),
    "one pixel": (CONFIG, {"shape": (1, 1)}),
    "large images": (CONFIG.replace(batch_size=2), {"shape": (150, 120)}),
    "two classes": (CONFIG, {"classes": 2}),
    "deep": (CONFIG.replace(hidden=(3,) * 10, batch_norm=True, dropout=0.2, l2=0.1), {}),
    "no hidden layer": (CONFIG.replace(hidden=()), {}),
    "batch of one": (CONFIG.replace(batch_size=1), {}),
    "wide": (CONFIG.replace(hidden=(10_000,)), {}),
    "all zeros": (CONFIG.replace(initialization="zeros"), {}),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.filterwarnings("error")
def test_every_stage_fits_into_every_room(make_dataset, odd):
    config, options = ODD[odd]
    found = TraceDetails(traces.trace(config, make_dataset(train=140, **options), steps=1))
    last = len(found.trace.images) - 1
    for at, stage in enumerate(found.plan):
        for size in SIZES:
            for pictures in Pictures:
                shown = lines(found, at, size, last, pictures=pictures)
                assert not re.search(r"\bnan\b", "\n".join(shown))
        assert stage.title in "\n".join(shown)


@given(config=traces.configs)
def test_the_current_stage_is_told_with_what_comes_out_of_it(tiny, config):
    found = TraceDetails(traces.trace(config, tiny))
    for at, stage in enumerate(found.plan):
        shown = text(found, at, size=(198, 57))
        assert f"▶{at + 1:>3} {stage.title}" in shown
        if stage.kind != "update":
            for name in stage.outputs:
                assert f"\n{name} " in shown or f" {name} " in shown


@given(config=traces.configs)
@pytest.mark.filterwarnings("error")
def test_so_are_those_of_a_step_that_diverges(tiny, config):
    trainer = traces.trained(config, tiny)
    trainer.network.parameters[:] *= np.float32(1e38)
    trainer.network.parameters[:3] = np.nan
    found = TraceDetails(trace_step(trainer))
    assert found.trace.diverged
    for at in range(len(found.trace.stages) + 1):
        for size in ((48, 10), (118, 35)):
            text(found, at, size)
    assert "does not come to this stage: diverged" in text(found, len(found.trace.stages))


@given(config=traces.configs)
def test_in_ascii_every_character_has_its_counterpart(tiny, config):
    found = TraceDetails(traces.trace(config, tiny))
    for at in range(len(found.plan)):
        shown = text(found, at, styles=IN_ASCII)
        without = shown.replace("?", "")
        assert to_ascii(without).isascii()
        assert "?" not in to_ascii(without)


def test_equations_in_ascii_say_which_b_and_which_square_is_meant():
    assert spell_ascii("m ← β₁·m + (1 − β₁)·g, β1, b1", True) == (
        "m <- beta_1*m + (1 − beta_1)*g, beta1, b1"
    )
    assert spell_ascii("√(σ1² + ε) ⊙ Z1ᵀ", True) == "sqrt(sigma1^2 + eps) .* Z1'"
    assert (
        spell_ascii("α·g / (√1.5e-06 + ε), √v", True) == "alpha*g / (sqrt(1.5e-06) + eps), sqrt(v)"
    )
    assert spell_ascii("W1·X", False) == "W1·X"


def test_the_figures_of_an_array_are_those_of_all_its_numbers(tiny):
    found = TraceDetails(traces.trace(traces.CONFIG, tiny))
    A = found.trace.array("A1")
    summary = found.summary(2, "A1")
    assert summary.every == 1
    assert summary.shape == (8, 32)
    shown = "\n".join(strip.text for strip in figures(summary, "A1", 90, 4, INKS))
    assert f"mean {A.mean():.3g}" in shown
    assert f"zeros {np.mean(A == 0):.0%}, not drawn" in shown
    low, high = re.search(r"\n(\S+) ─+ (\S+)$", shown).groups()
    assert 0 <= float(low) <= A[A > 0].min() <= A.max() <= float(high) <= 2 * A.max()
    assert found.summary(2, "A1") is summary


def test_of_very_many_numbers_only_some_are_looked_at_and_it_says_so(make_dataset):
    config = CONFIG.replace(hidden=(10_000,), batch_size=70)
    found = TraceDetails(traces.trace(config, make_dataset(), steps=0))
    summary = found.summary(1, "Z1")
    assert summary.every == 3
    shown = "\n".join(strip.text for strip in figures(summary, "Z1", 90, 4, INKS))
    assert "one in 3 numbers looked at" in shown


def test_units_are_bars_up_and_down_on_one_scale():
    drawn = columns(np.array([1.0, 0.0, -1.0, 0.5]), 8, 4, ascii_only=False)
    assert drawn.units == 1
    assert drawn.rows == ["█       ", "█     █ ", "    █   ", "    █   "]


def test_of_more_units_than_columns_the_extremes_are_seen():
    values = np.zeros(1000)
    values[501], values[502] = 3, -3
    drawn = columns(values, 10, 2, ascii_only=True)
    assert drawn.units == 100
    assert drawn.rows == ["     #    ", "     #    "]


@given(
    values=st.lists(st.floats(width=32), min_size=1, max_size=50),
    width=st.integers(1, 60),
    height=st.integers(1, 9),
)
@pytest.mark.filterwarnings("error")
def test_bars_are_as_wide_and_high_as_they_may_be_whatever_the_numbers(values, width, height):
    drawn = columns(np.array(values, np.float32), width, height, ascii_only=False)
    assert len(drawn.rows) == height
    assert all(len(row) <= width for row in drawn.rows)


def test_classes_have_bars_to_both_sides():
    classes = [BarRow("up", 2.0, "2"), BarRow("down", -1.0, "-1", "◀ said")]
    drawn = [strip.text for strip in rows(classes, 44, 10, INKS)]
    assert [row.count("━") for row in drawn] == [10, 5]
    assert drawn[1].endswith("-1 ◀ said")


def test_of_many_classes_those_that_matter_are_seen():
    classes = [BarRow(f"class {of}", of / 100, str(of)) for of in range(64)]
    classes[3] = classes[3]._replace(said="◀ true")
    shown = "\n".join(strip.text for strip in rows(classes, 60, 5, INKS))
    assert "class 3 " in shown
    assert "class 63" in shown
    assert "class 30" not in shown
    assert "and 60 classes more" in shown


def test_the_list_keeps_the_current_stage_in_sight(tiny):
    found = TraceDetails(traces.trace(CONFIG.replace(hidden=(3,) * 10), tiny, steps=1))
    plan = found.plan
    for at in (0, 20, len(plan) - 1):
        shown = [strip.text for strip in stage_list(plan, len(plan), at, 5, INKS)]
        assert len(shown) == 5
        assert sum(line.startswith("▶") for line in shown) == 1


@pytest.mark.parametrize(
    ("ratio", "drawn"),
    [
        (-3.0, "···●···"),
        (-1.0, "···┼·●·"),
        (-9.0, "◀··┼···"),
        (-np.inf, "◀··┼···"),
        (np.inf, "···┼··▶"),
        (np.nan, "···┼···"),
    ],
)
def test_the_size_of_an_update_stands_on_a_scale_beside_the_healthy_one(ratio, drawn):
    assert scale(ratio, 7) == drawn


def test_words_that_belong_together_stay_together():
    shown = [strip.text for strip in flow(["mean 1", "deviation 2", "zeros 3%"], 22, Style())]
    assert shown == ["mean 1   deviation 2", "zeros 3%"]
