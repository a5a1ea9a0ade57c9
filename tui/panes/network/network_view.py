"""The base of the views of the network pane, which show the same layer and unit."""

import numpy as np
from textual.message import Message
from textual.reactive import reactive

from core.events import Phase
from core.history.snapshot import Snapshot
from core.types import Floats, Indices
from core.what_if.switched_off import SwitchedOff, Units
from core.what_if.unit_worth import UnitWorth
from tui.panes.line_pane import LinePane
from tui.panes.network.switched_off_text import switched_off_forms
from tui.panes.network.unit_order import UnitOrder, ranked

_REDRAW_INTERVAL = 1.0  # seconds, while training runs at full speed


class NetworkView(LinePane):
    """Base class of the views.

    depth, unit: the indices of the selected layer and unit, from 0. The units of the last layer
    are the classes. off: the units that are switched off in the What if answers; the run has them
    all.
    """

    BINDING_GROUP_TITLE = "Network"

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    depth: reactive[int] = reactive(0, repaint=False)
    unit: reactive[int | None] = reactive(None, repaint=False)
    """Until you select a unit, it is None, and the first one in the current order is shown."""

    off: reactive[Units] = reactive(Units(), repaint=False)

    class Selected(Message):
        """Request to select a layer and one of its units, or its first one."""

        def __init__(self, layer: int, unit: int | None = None) -> None:
            super().__init__()
            self.layer, self.unit = layer, unit

    class ViewRequested(Message):
        """Request to show the view of this name."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        changed = _shown(before) != _shown(snapshot) or self.redraw_pending
        if changed or (self.off and before.steps != snapshot.steps):  # they name its step
            self.redraw_soon(_REDRAW_INTERVAL if snapshot.full_speed else 0.0)

    def watch_depth(self) -> None:
        self.redraw()

    def watch_unit(self) -> None:
        self.redraw()

    def watch_off(self) -> None:
        self.redraw()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def layer_name(self, layer: int) -> str:
        """The name of a layer, for example "layer 1, relu"."""
        run = self.snapshot.run
        assert run is not None
        last = layer == len(run.config.hidden)
        return f"layer {layer + 1}, {'logits' if last else run.config.activation}"

    def unit_name(self, layer: int, unit: int) -> str:
        """The name of a unit: "unit 7" for row 7 of W, or in the last layer the class."""
        run = self.snapshot.run
        assert run is not None
        last = layer == len(run.config.hidden)
        return run.dataset.class_names[unit] if last else f"unit {unit}"

    def weights(self) -> tuple[int, Floats] | None:
        """The weights of the selected layer, (units, inputs), and the step after which it had them.

        They are those of the last unit survey; in the first layer, those of the last trace if that
        is newer.
        """
        survey, trace = self.snapshot.survey, self.snapshot.trace
        if trace and not self.depth and (survey is None or survey.step < trace.step - 1):
            return trace.step - 1, trace.parameters_before["W1"]
        return (survey.step, survey.layers[self.depth].W) if survey else None

    def ranked(self, order: UnitOrder) -> Indices:
        """The indices of the layer's units in this order; empty if its weights are not known."""
        weights, survey, worth = self.weights(), self.snapshot.survey, self.worth
        if weights is None:
            return np.empty(0, np.intp)
        units = survey.layers[self.depth] if survey else None
        return ranked(order, weights[1], units, worth.worth[self.depth] if worth else None)

    @property
    def worth(self) -> UnitWorth | None:
        """What the units are worth, if that was measured."""
        return self.snapshot.answer(UnitWorth)

    def off_forms(self) -> list[str]:
        """What the network would do without the units that are off, the longest form first."""
        run, snapshot = self.snapshot.run, self.snapshot
        if run is None or not self.off:
            return []

        def name(layer: int, unit: int) -> str:
            named = self.unit_name(layer, unit)
            return named if layer == self.depth else f"{named} of layer {layer + 1}"

        return switched_off_forms(
            *(self.off, snapshot.answers.get(SwitchedOff), snapshot.steps, run.evaluation_set),
            *(name, run.dataset.class_names),
        )

    def place(self, order: Indices) -> int:
        """The position of the selected unit in an order; 0 if none is selected."""
        places = np.flatnonzero(order == self.unit)
        return int(places[0]) if len(places) else 0

    def _select(self, order: Indices, place: int, by: int = 1, what: str = "unit") -> None:
        """Requests to select the unit at a place of an order, or says why the cursor stays.

        by: in which direction it moved. what: of which things there is no further one.
        """
        if not len(order):
            self.notify_end(self.why_empty(f"The units are {self.why_not_measured}."))
            return
        if place == self.place(order):
            self.notify_end(f"This is the {'last' if by > 0 else 'first'} {what}.")
        self.post_message(self.Selected(self.depth, int(order[place])))

    def patterns(self, units: Indices) -> Floats:
        """The weight of each pixel for each of m units: (m, height, width).

        Above the first layer, see UnitSurvey.patterns.
        """
        survey, run, weights = self.snapshot.survey, self.snapshot.run, self.weights()
        assert run is not None
        assert weights is not None
        _, W = weights
        flat = survey.patterns(self.depth, units) if survey and self.depth else W[units]
        return flat.reshape(len(units), *run.dataset.train_images.shape[1:])

    @property
    def why_no_trace(self) -> str:
        """A sentence that says why no step is traced."""
        which = "last" if self.snapshot.phase is Phase.FINISHED else "next"
        return f"The {which} step is not traced yet: wait a moment."

    @property
    def why_not_measured(self) -> str:
        """Says of the units why there is no survey of them: at rest it is requested at once."""
        match self.snapshot.phase:
            case Phase.RUNNING:
                return "not measured yet: that happens when training pauses or an epoch ends"
            case Phase.LOADING | Phase.FAILED as phase:
                return f"not measured: the run is {phase.value}"
        return "being measured"

    def why_empty(self, reason: str) -> str:
        """A sentence that says why there is nothing to show; `reason` if there is a network."""
        if self.snapshot.run is None:
            return "There is no network yet."
        return reason


def _shown(snapshot: Snapshot) -> tuple[object, ...]:
    """The parts of a snapshot that make the views redraw."""
    answers = snapshot.answer(UnitWorth), snapshot.answer(SwitchedOff)
    return (
        snapshot.run,
        snapshot.layer_stats_history,
        snapshot.survey,
        snapshot.phase,
        snapshot.full_speed,
        *answers,
    )
