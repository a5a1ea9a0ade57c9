"""The layout of a traced step: for any network, any images and any size."""

import re

import numpy as np
import pytest
import traces
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from core.config.config import Config
from core.training.tracing import trace_step
from tui.ascii import to_ascii
from tui.drawing.pictures import Pictures
from tui.drawing.styles import Styles
from tui.drawing.text import flow
from tui.panes.step.ascii_notation import ascii_notation
from tui.panes.step.layout import StepView, layout_step
from tui.panes.step.stage_list import stage_list
from tui.panes.step.stage_panel import array_lines
from tui.panes.step.trace_details import TraceDetails
from tui.panes.step.value_bars import ClassValue, class_bars, unit_bars
from tui.panes.step.weight_panel import ratio_scale

STYLES = Styles(*[Style()] * 5)
ASCII_STYLES = STYLES._replace(ascii=True)
SIZES = [(1, 1), (10, 3), (48, 10), (62, 55), (78, 18), (118, 35), (198, 57)]


def lines(details, at, size=(118, 35), image=0, styles=STYLES, pictures=Pictures.ASCII):
    names = tuple(f"name {label}" for label in range(details.trace.classes))
    update = at == len(details.trace.stages) - 1 and not details.trace.diverged
    view = StepView(at, image, details.largest_change("W1") if update else None, names, pictures)
    return [strip.text for strip in layout_step(details, view, size, 0, styles).lines]


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
def test_every_stage_can_be_drawn_in_every_size(make_dataset, odd):
    config, options = ODD[odd]
    details = TraceDetails(traces.trace(config, make_dataset(train=140, **options), steps=1))
    last = len(details.trace.images) - 1
    kinds = tuple(Pictures)
    for at, stage in enumerate(details.plan):
        for number, size in enumerate(SIZES):
            # Each stage, and each size, with each kind of pictures.
            pictures = kinds[(at + number) % len(kinds)]
            shown = lines(details, at, size, last, pictures=pictures)
            assert not re.search(r"\bnan\b", "\n".join(shown))
        assert stage.title in "\n".join(shown)


@settings(max_examples=15)
@given(config=traces.configs)
def test_the_current_stage_is_shown_with_its_outputs(tiny, config):
    details = TraceDetails(traces.trace(config, tiny))
    for at, stage in enumerate(details.plan):
        shown = text(details, at, size=(198, 57))
        assert f"▶{at + 1:>3} {stage.title}" in shown
        if stage.kind != "update":
            for name in stage.outputs:
                assert f"\n{name} " in shown or f" {name} " in shown


@settings(max_examples=15)
@given(config=traces.configs)
@pytest.mark.filterwarnings("error")
def test_so_are_the_stages_of_a_step_that_diverges(tiny, config):
    trainer = traces.trained(config, tiny)
    trainer.network.parameters[:] *= np.float32(1e38)
    trainer.network.parameters[:3] = np.nan
    details = TraceDetails(trace_step(trainer))
    assert details.trace.diverged
    for at in range(len(details.trace.stages) + 1):
        for size in ((48, 10), (118, 35)):
            text(details, at, size)
    assert "The step does not reach this stage: diverged" in text(
        details, len(details.trace.stages)
    )


@settings(max_examples=15)
@given(config=traces.configs)
def test_in_ascii_every_character_has_a_replacement(tiny, config):
    details = TraceDetails(traces.trace(config, tiny))
    for at in range(len(details.plan)):
        shown = text(details, at, styles=ASCII_STYLES)
        without = shown.replace("?", "")
        assert to_ascii(without).isascii()
        assert "?" not in to_ascii(without)


def test_in_ascii_a_correct_prediction_is_a_word(tiny):
    details = TraceDetails(traces.trace(Config(hidden=(4,), batch_size=8), tiny))
    shown = [
        text(details, 0, image=image, styles=styles)
        for image in range(len(details.trace.images))
        for styles in (STYLES, ASCII_STYLES)
    ]
    verdicts = {
        line.split()[-1] for page in shown for line in page.splitlines() if "predicted" in line
    }
    assert verdicts <= {"✓", "ok", "×"}
    assert len(verdicts) == 3


def test_equations_in_ascii_are_not_ambiguous():
    assert ascii_notation("m ← β₁·m + (1 − β₁)·g, β1, b1", True) == (
        "m <- beta_1*m + (1 − beta_1)*g, beta1, b1"
    )
    assert ascii_notation("√(σ1² + ε) ⊙ Z1ᵀ", True) == "sqrt(sigma1^2 + eps) .* Z1'"
    assert (
        ascii_notation("α·g / (√1.5e-06 + ε), √v", True)
        == "alpha*g / (sqrt(1.5e-06) + eps), sqrt(v)"
    )
    assert ascii_notation("W1·X", False) == "W1·X"


def test_the_statistics_are_those_of_the_whole_array(tiny):
    details = TraceDetails(traces.trace(traces.CONFIG, tiny))
    A = details.trace.array("A1")
    summary = details.summary(2, "A1")
    assert summary.stride == 1
    assert summary.shape == (8, 32)
    shown = "\n".join(strip.text for strip in array_lines(summary, "A1", 90, 4, STYLES))
    assert f"mean {A.mean():.3g}" in shown
    assert f"{np.mean(A == 0):.0%} are zero (omitted)" in shown
    low, high = re.search(r"\n(\S+) ─+ (\S+)$", shown).groups()
    assert 0 <= float(low) <= A[A > 0].min() <= A.max() <= float(high) <= 2 * A.max()
    assert details.summary(2, "A1") is summary


def test_a_very_large_array_is_sampled_and_labeled_so(make_dataset):
    config = CONFIG.replace(hidden=(10_000,), batch_size=70)
    details = TraceDetails(traces.trace(config, make_dataset(), steps=0))
    summary = details.summary(1, "Z1")
    assert summary.stride == 3
    shown = "\n".join(strip.text for strip in array_lines(summary, "Z1", 90, 4, STYLES))
    assert "sample of 1 in 3 values" in shown


def test_units_are_bars_up_and_down_on_one_scale():
    drawn = unit_bars(np.array([1.0, 0.0, -1.0, 0.5]), 8, 4, ascii_only=False)
    assert drawn.units_per_bar == 1
    assert drawn.rows == ["█       ", "█     █ ", "    █   ", "    █   "]


def test_with_more_units_than_columns_the_extremes_are_shown():
    values = np.zeros(1000)
    values[501], values[502] = 3, -3
    drawn = unit_bars(values, 10, 2, ascii_only=True)
    assert drawn.units_per_bar == 100
    assert drawn.rows == ["     #    ", "     #    "]


@given(
    values=st.lists(st.floats(width=32), min_size=1, max_size=50),
    width=st.integers(1, 60),
    height=st.integers(1, 9),
)
@pytest.mark.filterwarnings("error")
def test_bars_keep_their_width_and_height_for_any_values(values, width, height):
    drawn = unit_bars(np.array(values, np.float32), width, height, ascii_only=False)
    assert len(drawn.rows) == height
    assert all(len(row) <= width for row in drawn.rows)


def test_class_bars_go_to_both_sides():
    classes = [ClassValue("up", 2.0, "2"), ClassValue("down", -1.0, "-1", "◀ predicted")]
    drawn = [strip.text for strip in class_bars(classes, 49, 10, STYLES)]
    assert [row.count("━") for row in drawn] == [10, 5]
    assert drawn[1].endswith("-1 ◀ predicted")


def test_of_many_classes_the_marked_and_the_largest_are_shown():
    classes = [ClassValue(f"class {of}", of / 100, str(of)) for of in range(64)]
    classes[3] = classes[3]._replace(mark="◀ true")
    shown = "\n".join(strip.text for strip in class_bars(classes, 60, 5, STYLES))
    assert "class 3 " in shown
    assert "class 63" in shown
    assert "class 30" not in shown
    assert "and 60 more classes" in shown


def test_the_list_always_shows_the_current_stage(tiny):
    details = TraceDetails(traces.trace(CONFIG.replace(hidden=(3,) * 10), tiny, steps=1))
    plan = details.plan
    for at in (0, 20, len(plan) - 1):
        shown = [strip.text for strip in stage_list(plan, len(plan), at, 5, STYLES)]
        assert len(shown) == 5
        assert sum(line.startswith("▶") for line in shown) == 1


def test_a_list_that_is_cut_says_how_many_stages_are_left_out(tiny):
    plan = TraceDetails(traces.trace(CONFIG, tiny, steps=1)).plan
    first, *_, last = stage_list(plan, len(plan), len(plan) - 1, 3, STYLES)
    assert first.text.endswith(f"↑ {len(plan) - 3} more")
    assert "more" not in last.text
    assert stage_list(plan, len(plan), 0, 3, STYLES)[-1].text.endswith(f"↓ {len(plan) - 3} more")
    assert "more" not in "".join(line.text for line in stage_list(plan, 3, 0, 99, STYLES))


def test_the_last_stage_takes_the_empty_line_below_the_list(tiny):
    details = TraceDetails(traces.trace(CONFIG.replace(hidden=(8, 8)), tiny, steps=1))
    names, count = tuple("abcdefghij"), len(details.plan)
    view = StepView(0, 0, None, names, Pictures.ASCII)
    laid_out = [layout_step(details, view, (60, height), 0, STYLES) for height in range(24, 60)]
    assert count in {layout.list_rows for layout in laid_out}
    assert count - 1 not in {layout.list_rows for layout in laid_out}


def test_a_low_pane_has_no_list(tiny):
    details = TraceDetails(traces.trace(CONFIG, tiny, steps=1))
    assert lines(details, 1, (78, 18))[0].startswith("Z1 = W1·X + b1")
    assert "▶" not in text(details, 1, (78, 18))
    assert "▶  2 forward 1: linear" in text(details, 1, (78, 30))


def test_the_list_stays_in_place_while_the_rest_scrolls(tiny):
    details = TraceDetails(traces.trace(CONFIG, tiny, steps=1))
    view = StepView(1, 0, None, tuple("abcdefghij"), Pictures.ASCII)
    scrolled = [row.text for row in layout_step(details, view, (78, 30), 5, STYLES).lines[5:]]
    assert scrolled[1].startswith("▶  2 forward 1: linear")
    assert "Z1 = " not in "".join(scrolled)


def test_in_a_low_and_wide_pane_the_image_is_beside_the_stage(tiny):
    details = TraceDetails(traces.trace(CONFIG, tiny, steps=1))
    for at in range(len(details.plan) - 1):
        assert f"image 1 of {len(details.trace.images)}" in lines(details, at, (86, 18))[0]


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
def test_the_scale_marks_the_ratio_and_the_healthy_one(ratio, drawn):
    assert ratio_scale(ratio, 7) == drawn


def test_flow_does_not_split_items():
    shown = [strip.text for strip in flow(["mean 1", "deviation 2", "zeros 3%"], 22, Style())]
    assert shown == ["mean 1   deviation 2", "zeros 3%"]
