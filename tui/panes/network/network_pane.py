"""The network's body: its layers, its units and how its numbers lie, one view at a time.

It asks for what it shows, and only while it is to be seen.
"""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer

from core.events import Phase
from core.history.snapshot import Snapshot
from tui.panes.network.histograms_view import HistogramsView, Quantity
from tui.panes.network.layers_view import LayersView
from tui.panes.network.network_view import NetworkView
from tui.panes.network.unit_order import UnitOrder
from tui.panes.network.unit_view import UnitView
from tui.panes.network.units_view import UnitsView
from tui.panes.picture_toggle import PictureToggle
from tui.panes.trace_requests import TraceRequests

_VIEWS = ("layers", "units", "histograms")
_APART = 1.0  # seconds between two steps taken apart while training runs
_REST = 0.3  # seconds without a step until all units are looked at
_SHARE = 0.05  # of the time in training is what looking at all units may take while it runs
_GUESS = 0.5  # epochs' time that it takes, before it is known


class NetworkPane(Vertical, PictureToggle):
    """What the step that comes next, taken apart, and a look at every unit tell of the network."""

    ALLOW_MAXIMIZE = True
    BINDING_GROUP_TITLE = "Network"
    BINDINGS = [
        Binding("v", "view", "Layers, units or histograms", show=False),
        Binding("l", "layer", "Units of the next layer", show=False),
        Binding("o", "order", "Order of the units", show=False),
        Binding("i", "pictures", "Half-blocks or ASCII", show=False),
        Binding("m", "numbers", "Weights, gradients or activations", show=False),
    ]

    class TraceRequested(Message):
        """The next step shall be taken apart."""

    class SurveyRequested(Message):
        """Every unit shall be looked at, on all training images."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    view: reactive[str] = reactive("layers", repaint=False)
    depth: reactive[int] = reactive(0, repaint=False)
    unit: reactive[int | None] = reactive(None, repaint=False)
    order: reactive[UnitOrder] = reactive(UnitOrder.NORM, repaint=False)
    numbers: reactive[Quantity] = reactive(Quantity.WEIGHTS, repaint=False)

    def __init__(self) -> None:
        super().__init__(id="network")
        self._trace_requests = TraceRequests()
        self._asked_survey: tuple[object, ...] = ()
        self._surveyed = (0.0, 0)  # seconds of training and epochs when it was last asked for
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        shared = NetworkPane.snapshot, NetworkPane.depth, NetworkPane.unit
        yield LayersView().data_bind(*shared)
        yield UnitsView().data_bind(*shared, NetworkPane.order, NetworkPane.pictures)
        yield UnitView().data_bind(*shared, NetworkPane.order, NetworkPane.pictures)
        yield HistogramsView().data_bind(*shared, NetworkPane.numbers)

    def on_mount(self) -> None:
        self._show()

    def on_show(self) -> None:
        self._ask()

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.run is not before.run:
            self._look_at(self.depth, None)
        self._ask()

    def watch_view(self) -> None:
        self._show()

    def action_view(self) -> None:
        """The layers, the units, the histograms, and again."""
        at = _VIEWS.index("units" if self.view == "unit" else self.view)
        self.view = _VIEWS[(at + 1) % len(_VIEWS)]

    def action_layer(self) -> None:
        """The next layer, from the last one the first."""
        layers = len(self.snapshot.config.hidden) + 1 if self.snapshot.config else 1
        self._look_at((self.depth + 1) % layers, None)

    def action_order(self) -> None:
        self.order, self.unit = self.order.next(), None

    def action_numbers(self) -> None:
        self.numbers = self.numbers.next()

    @on(NetworkView.Selected)
    def _point(self, event: NetworkView.Selected) -> None:
        self._look_at(event.layer, event.unit)

    @on(NetworkView.ViewRequested)
    def _enter(self, event: NetworkView.ViewRequested) -> None:
        self.view = event.view

    def _look_at(self, layer: int, unit: int | None) -> None:
        config = self.snapshot.config
        last = len(config.hidden) if config else 0
        self.depth, self.unit = min(max(layer, 0), last), unit

    def _show(self) -> None:
        """Puts the view in the place of the other ones, with the keys if one of them had them."""
        views = self.query(NetworkView)
        focused = any(each.has_focus for each in views)
        for each in views:
            shown = each.id == self.view
            each.display = each.can_focus = shown
            if shown and focused:
                each.focus()

    def _ask(self) -> None:
        """Asks for what is missing of what is to be seen, once for each moment of the run."""
        snapshot = self.snapshot
        quiet = snapshot.phase in (Phase.LOADING, Phase.FAILED) or snapshot.progress is not None
        if snapshot.run is None or quiet or not self.is_on_screen:
            return
        if self._trace_requests.is_due(snapshot, interval=_APART):
            self.post_message(self.TraceRequested())
        if snapshot.phase is Phase.RUNNING:
            self._ask_at_end_of_epoch()
        elif self._survey_is_missing:
            if self._timer is not None:
                self._timer.stop()
            self._timer = self.set_timer(_REST, self._ask_at_rest)

    @property
    def _survey_is_missing(self) -> bool:
        """Whether the last survey, asked for or come, is not of the network as it is."""
        snapshot = self.snapshot
        # The end may bring the best weights back, without a step.
        finished, survey = snapshot.phase is Phase.FINISHED, snapshot.survey
        come = survey is not None and survey.step == snapshot.steps and not finished
        return (*self._place, finished) != self._asked_survey and not come

    @property
    def _place(self) -> tuple[object, ...]:
        """Where the run stands: which run, and at which step, after how many ways there."""
        return self.snapshot.run, self.snapshot.move_count, self.snapshot.steps

    def _ask_at_rest(self) -> None:
        self._timer = None
        phase = self.snapshot.phase
        if phase is not Phase.RUNNING and self.is_on_screen and self._survey_is_missing:
            self._ask_survey()

    def _ask_at_end_of_epoch(self) -> None:
        """If it costs little of the time that went by since the last one."""
        step, survey = self.snapshot.step, self.snapshot.survey
        if step is None:
            return
        seconds, epochs = self._surveyed if survey else (0.0, 0)
        cost = survey.seconds if survey else _GUESS * step.seconds / step.epochs
        if int(step.epochs) > epochs and cost < _SHARE * (step.seconds - seconds):
            self._ask_survey()

    def _ask_survey(self) -> None:
        snapshot = self.snapshot
        self._asked_survey = (*self._place, snapshot.phase is Phase.FINISHED)
        if snapshot.step is not None:
            self._surveyed = snapshot.step.seconds, int(snapshot.step.epochs)
        self.post_message(self.SurveyRequested())
