"""The network pane: its layers, its units or histograms, one view at a time.

It requests the traces and surveys that it shows, and only while it is visible.
"""

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer

from core.events import Phase
from core.history.snapshot import Snapshot
from core.what_if.subject import Answer, Question
from core.what_if.switched_off import SwitchedOff, Units, switched_off
from core.what_if.unit_worth import UnitWorth, unit_worth
from tui.delay import call_after
from tui.panes.network.histograms_view import HistogramKind, HistogramsView
from tui.panes.network.layers_view import LayersView
from tui.panes.network.network_view import NetworkView
from tui.panes.network.survey_requests import SurveyRequests
from tui.panes.network.unit_order import UnitOrder
from tui.panes.network.unit_view import UnitView
from tui.panes.network.units_view import UnitsView
from tui.panes.picture_toggle import PICTURES, PictureToggle
from tui.panes.question_requests import QuestionRequests
from tui.panes.trace_requests import TraceRequests
from tui.preferences import Preferences, follow, remember
from tui.unbound_keys import NO_FURTHER

_VIEWS = ("layers", "units", "histograms")
_OF_UNITS = ("units", "unit")
_TRACE_INTERVAL = 1.0  # seconds between two traces while training runs
_SURVEY_DELAY = 0.3  # seconds without a step before the units are surveyed
_MAX_SHARE = 0.05  # of the time that each question may take while training runs


class NetworkPane(Vertical, PictureToggle):
    """Shows the network by a trace of the next step and a survey of all units."""

    ALLOW_MAXIMIZE = True
    BINDING_GROUP_TITLE = "Network"
    BINDINGS = [
        Binding("v", "view", "Layers, units or histograms", show=False),
        Binding("l", "layer", "Units of the next layer", show=False),
        Binding("o", "order", "Order of the units", show=False),
        Binding("O", "switch_off", "What if this unit were off? Or on again", show=False),
        Binding("i", "pictures", "Half-blocks or ASCII", show=False),
        Binding("z", "thumbnails", "Units: thumbnails or full size", show=False),
        Binding("m", "numbers", "Weights, gradients or activations", show=False),
    ]

    class TraceRequested(Message):
        """Request to trace the next step."""

    class SurveyRequested(Message):
        """Request to measure every unit on all training images."""

    class Asked(Message):
        """Request to answer a question of core.what_if."""

        def __init__(self, question: Question[Answer]) -> None:
            super().__init__()
            self.question = question

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    view: reactive[str] = reactive("layers", repaint=False)
    depth: reactive[int] = reactive(0, repaint=False)
    unit: reactive[int | None] = reactive(None, repaint=False)
    order: reactive[UnitOrder] = reactive(UnitOrder.NORM, repaint=False)
    numbers: reactive[HistogramKind] = reactive(HistogramKind.WEIGHTS, repaint=False)
    thumbnails: reactive[bool] = reactive(True, repaint=False)
    off: reactive[Units] = reactive(Units(), repaint=False)
    """The units that are switched off in the What if answers; the run has them all."""

    def __init__(self) -> None:
        super().__init__(id="network")
        self._worth_requests = QuestionRequests(_MAX_SHARE)
        self._off_requests = QuestionRequests(_MAX_SHARE)
        self._trace_requests = TraceRequests()
        self._survey_requests = SurveyRequests()
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        shared = NetworkPane.snapshot, NetworkPane.depth, NetworkPane.unit
        yield LayersView().data_bind(*shared)
        drawn = NetworkPane.order, NetworkPane.pictures
        yield UnitsView().data_bind(*shared, *drawn, NetworkPane.thumbnails, NetworkPane.off)
        yield UnitView().data_bind(*shared, *drawn, NetworkPane.off)
        yield HistogramsView().data_bind(*shared, NetworkPane.numbers)

    def on_mount(self) -> None:
        follow(self, self._follow_preferences)
        self._show()

    def _follow_preferences(self, preferences: Preferences) -> None:
        self.thumbnails = preferences.thumbnails

    def on_show(self) -> None:
        self._request()

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.run is not before.run:
            self._select(self.depth, None)
            self.off = Units()
        self._request()

    def watch_view(self) -> None:
        self._show()
        self._ask()

    def action_view(self) -> None:
        """Cycle through layers, units and histograms."""
        at = _VIEWS.index("units" if self.view == "unit" else self.view)
        self.view = _VIEWS[(at + 1) % len(_VIEWS)]

    def action_show(self, view: str) -> None:
        """Show one of the views."""
        self.view = view

    def action_layer(self) -> None:
        """Select the next layer, after the last one the first; the histograms show all of them."""
        layers = len(self.snapshot.config.hidden) + 1 if self.snapshot.config else 1
        if self.view == "histograms":
            self.view = "units"
        elif layers == 1:
            self.notify("This network has one layer.", title=NO_FURTHER, timeout=2)
        self._select((self.depth + 1) % layers, None)

    def action_thumbnails(self) -> None:
        remember(self, thumbnails=not self.thumbnails)
        if not self.shows_pictures:
            size = "thumbnails" if self.thumbnails else "in full size"
            self.notify(f"Units and images are {size} now.", title=PICTURES, timeout=3)

    @property
    def shows_pictures(self) -> bool:
        return self.view in _OF_UNITS

    def action_order(self) -> None:
        """Order the units in another way; without them, show them."""
        if self.view not in _OF_UNITS:
            self.view = "units"
            return
        self.order, self.unit = self.order.next(), None
        self._ask()

    def action_switch_off(self) -> None:
        """Switch the selected unit off or on again, for the What if answers; without one, show the
        units."""
        if self.view not in _OF_UNITS:
            self.view = "units"
            return
        view = self.query_one(f"#{self.view}", NetworkView)
        order = view.ranked(self.order)
        if len(order):
            unit = int(order[view.place(order)])
            self.unit = unit  # it stays selected, whatever the order becomes
            self.off = self.off ^ {(self.depth, unit)}
            self._ask()

    def action_numbers(self) -> None:
        """Show histograms of other numbers; without histograms, show them."""
        if self.view != "histograms":
            self.view = "histograms"
            return
        self.numbers = self.numbers.next()

    @on(NetworkView.Selected)
    def _change_selection(self, event: NetworkView.Selected) -> None:
        self._select(event.layer, event.unit)

    @on(NetworkView.ViewRequested)
    def _change_view(self, event: NetworkView.ViewRequested) -> None:
        self.view = event.view

    def _select(self, layer: int, unit: int | None) -> None:
        config = self.snapshot.config
        last = len(config.hidden) if config else 0
        self.depth, self.unit = min(max(layer, 0), last), unit

    def _show(self) -> None:
        """Show only the current view; it takes over the focus from the one before."""
        views = self.query(NetworkView)
        focused = any(view.has_focus for view in views)
        for view in views:
            shown = view.id == self.view
            view.display = view.can_focus = shown
            if shown and focused:
                view.focus()

    def _request(self) -> None:
        """Request the trace and the survey that are missing, once for each state of the run."""
        snapshot = self.snapshot
        busy = snapshot.phase in (Phase.LOADING, Phase.FAILED) or snapshot.progress is not None
        if snapshot.run is None or busy or not self.is_on_screen:
            return
        self._ask()
        if self._trace_requests.is_due(snapshot, interval=_TRACE_INTERVAL):
            self.post_message(self.TraceRequested())
        if snapshot.phase is Phase.RUNNING:
            self._request_survey()
        elif self._survey_requests.is_missing(snapshot):
            if self._timer is not None:
                self._timer.stop()
            self._timer = call_after(self, _SURVEY_DELAY, self._survey_at_rest)

    def _ask(self) -> None:
        """Ask what the views show: what the units are worth, and the network without some."""
        snapshot = self.snapshot
        if self.view not in _OF_UNITS or not (self.is_on_screen and self.screen.is_current):
            return
        last = snapshot.answers.get(UnitWorth)
        if self.order is UnitOrder.WORTH and self._worth_requests.is_due(snapshot, None, last):
            self.post_message(self.Asked(unit_worth))
        found = snapshot.answer(SwitchedOff)
        is_of_others = found is not None and found.off != self.off
        last = None if is_of_others else snapshot.answers.get(SwitchedOff)
        if self.off and self._off_requests.is_due(snapshot, self.off, last):
            self.post_message(self.Asked(partial(switched_off, units=self.off)))

    def _survey_at_rest(self) -> None:
        self._timer = None
        if self.snapshot.phase is not Phase.RUNNING and self.is_on_screen:
            self._request_survey()

    def _request_survey(self) -> None:
        if self._survey_requests.is_due(self.snapshot):
            self.post_message(self.SurveyRequested())
