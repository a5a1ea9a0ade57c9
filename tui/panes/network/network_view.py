"""A view into the network: one of several that stand in the same place, at a layer and a unit."""

import numpy as np
from textual.message import Message
from textual.reactive import reactive

from core.events import Phase
from core.history.snapshot import Snapshot
from core.types import Floats, Indices
from tui.panes.line_pane import LinePane
from tui.panes.network.unit_order import UnitOrder, ranked

_APART = 1.0  # seconds between two drawings while training runs flat out


class NetworkView(LinePane):
    """What all of these views share: the run, the layer and the unit that are looked at.

    depth, unit: the layer and its unit, from 0; the last layer's units are the classes.
    """

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    depth: reactive[int] = reactive(0, repaint=False)
    unit: reactive[int | None] = reactive(None, repaint=False)
    """None until one is chosen: then the first in the order of units."""

    class Selected(Message):
        """This layer shall be looked at, and this unit of it or its first."""

        def __init__(self, layer: int, unit: int | None = None) -> None:
            super().__init__()
            self.layer, self.unit = layer, unit

    class ViewRequested(Message):
        """Another view shall be shown, by its name."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if _seen(before) != _seen(snapshot) or self.redraw_pending:
            self.redraw_soon(_APART if snapshot.full_speed else 0.0)

    def watch_depth(self) -> None:
        self.redraw()

    def watch_unit(self) -> None:
        self.redraw()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def named(self, layer: int) -> str:
        """A layer in words, as "layer 1, relu"."""
        run = self.snapshot.run
        assert run is not None
        last = layer == len(run.config.hidden)
        return f"layer {layer + 1}, {'logits' if last else run.config.activation}"

    def unit_named(self, layer: int, unit: int) -> str:
        """A unit in words: its number, from 0 as in W, or the class that it stands for."""
        run = self.snapshot.run
        assert run is not None
        last = layer == len(run.config.hidden)
        return run.dataset.class_names[unit] if last else f"unit {unit}"

    def weights(self) -> tuple[int, Floats] | None:
        """(n, inputs) the weights of the layer, and the step after which they are so.

        Of the first layer the newest that are known; of others those that were surveyed.
        """
        survey, trace = self.snapshot.survey, self.snapshot.trace
        if trace and not self.depth and (survey is None or survey.step < trace.step - 1):
            return trace.step - 1, trace.parameters_before["W1"]
        return (survey.step, survey.layers[self.depth].W) if survey else None

    def ranked(self, order: UnitOrder) -> Indices:
        """The units of the layer in order; none if nothing is known of them."""
        found, survey = self.weights(), self.snapshot.survey
        if found is None:
            return np.empty(0, np.intp)
        return ranked(order, found[1], survey.layers[self.depth] if survey else None)

    def place(self, order: Indices) -> int:
        """Of the chosen unit among those."""
        places = np.flatnonzero(order == self.unit)
        return int(places[0]) if len(places) else 0

    def patterns(self, units: Indices) -> Floats:
        """(m, height, width) how the sums of these units depend on the pixels, as lines would."""
        survey, run, found = self.snapshot.survey, self.snapshot.run, self.weights()
        assert run is not None
        assert found is not None
        _, W = found
        flat = survey.patterns(self.depth, units) if survey and self.depth else W[units]
        return flat.reshape(len(units), *run.dataset.train_images.shape[1:])

    @property
    def no_step(self) -> str:
        """Why no step has been taken apart, in a sentence."""
        if self.snapshot.phase is Phase.FINISHED:
            return (
                "The run is over: there is no next step to take apart. b goes back to one, v shows "
                "the units."
            )
        return "No step has been taken apart yet: the next one is, in a moment."

    def nothing_yet(self, what: str) -> str:
        """Why there is nothing to show, in a sentence."""
        if self.snapshot.run is None:
            return "There is no network yet."
        return what


def _seen(snapshot: Snapshot) -> tuple[object, ...]:
    """What the views show of it, but for whether they may wait."""
    return snapshot.run, snapshot.past, snapshot.survey, snapshot.full_speed
