"""The learning-rate finder: its progress, then its curve, and two rates to take."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widgets import ProgressBar, Static

from core.config.config import SETTINGS
from core.events import Phase
from core.history.snapshot import Snapshot
from core.inspection.rate_curve import FoundRate
from tui.contrast import GRAPHICS
from tui.drawing.glyphs import ASCII, UNICODE
from tui.drawing.line_chart import ChartCurve, Mark
from tui.drawing.log_chart import log_chart
from tui.drawing.numbers import percent
from tui.drawing.text import longest, styled
from tui.panes.line_pane import LinePane

_SEARCHES = (
    "A copy of the network trains on up to 200 batches while its learning rate grows from "
    "0.000001 to 10. The run itself waits and does not change."
)
_CEILING = 1.5  # times the loss at the start, at which the chart ends


class FindRate(ModalScreen[float | None]):
    """The dialog over the panes; returns the rate that was taken, or None.

    training: the screen whose `snapshot` it follows. start, stop: begin and cancel the search.
    """

    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("enter", "take_suggested", "Take the suggested rate", show=False),
        Binding("c", "take_cautious", "Take the cautious rate", show=False),
        Binding("question_mark,f1", "app.help_on('Learning rate')", "Help", show=False),
        Binding("escape,q,F", "leave", "Close", show=False),
    ]

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]

    def __init__(
        self, training: Screen[None], start: Callable[[], None], stop: Callable[[], None]
    ) -> None:
        super().__init__()
        self._training, self._start, self._stop = training, start, stop
        self._before: Snapshot = training.snapshot  # type: ignore[attr-defined]
        self._found: FoundRate | None = None

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Find a learning rate"
            box.border_subtitle = "Escape: stop"
            yield Static(_SEARCHES, id="rate-reason", markup=False)
            yield ProgressBar(total=1, show_eta=False)
            yield RateFinderChart()

    def on_mount(self) -> None:
        self.app.clear_notifications()  # they would cover the keys below the curve
        self._start()
        self.watch(self._training, "snapshot", self._follow)

    def _follow(self, snapshot: Snapshot) -> None:
        if self._found is not None:
            return
        if snapshot.found_rate is not self._before.found_rate and snapshot.found_rate is not None:
            self._show(snapshot.found_rate, snapshot)
        elif snapshot.phase is Phase.FAILED and self._before.phase is not Phase.FAILED:
            self._say(snapshot.message or "")
        elif snapshot.progress is not None:
            self.query_one(ProgressBar).update(progress=snapshot.progress.share)

    def _show(self, found: FoundRate, snapshot: Snapshot) -> None:
        """Shows the result of the search, and what the keys do with it."""
        self._found = found
        self.app.clear_notifications()  # also those about a run that started meanwhile
        self._say(
            f"{found.reason}{_schedule(found, snapshot)}" if found.suggested else found.reason
        )
        curve = self.query_one(RateFinderChart)
        curve.display = len(found.rates) > 1
        curve.found = found
        curve.redraw()
        write, config = SETTINGS["learning_rate"].write, snapshot.config
        if found.suggested is not None and config is not None:
            self.query_one(Vertical).border_subtitle = (
                f"Enter: take {write(found.suggested)}   c: take {write(found.cautious)}   "
                f"Escape: keep {write(config.learning_rate)}"
            )

    def _say(self, text: str) -> None:
        self.query_one("#rate-reason", Static).update(text)
        self.query_one(ProgressBar).display = False
        self.query_one(Vertical).border_subtitle = "Escape: close"

    def action_take_suggested(self) -> None:
        self._take(self._found.suggested if self._found else None)

    def action_take_cautious(self) -> None:
        self._take(self._found.cautious if self._found else None)

    def _take(self, rate: float | None) -> None:
        if rate is not None:
            self.dismiss(rate)
        elif self._found is None:
            self.notify("The search is not done yet.", timeout=3)
        else:
            self.notify("No learning rate was found.", timeout=3)

    def action_leave(self) -> None:
        if self._found is None:
            self._stop()
        self.dismiss(None)


class RateFinderChart(LinePane, can_focus=False):
    """The loss over the learning rate, with the two rates marked."""

    def __init__(self) -> None:
        super().__init__("rate-curve")
        self.found: FoundRate | None = None

    def draw(self, width: int, height: int) -> list[Strip]:
        found = self.found
        if found is None or not len(found.rates):
            return []
        glyphs = ASCII if self.ascii else UNICODE
        faint, strong = self.blended("foreground", 0.4, GRAPHICS), self.blended("primary")
        curves = [
            ChartCurve(found.rates, found.losses, faint, glyphs.batch, joined=False),
            ChartCurve(found.rates, found.smoothed, strong, glyphs.average),
        ]
        start = float(found.smoothed[0])
        # At least a tenth of the start up and down: noise should not look like a fall.
        low = min(float(found.smoothed.min()), 0.9 * start)
        high = max(min(float(found.smoothed.max()), _CEILING * start), 1.1 * start, low + 1e-3)
        forms: tuple[str, ...] = (
            "training loss (nats) by learning rate   "
            f"{glyphs.average} average of its neighbors   {glyphs.batch} of each batch",
            f"training loss (nats)  {glyphs.average} average of neighbors  "
            f"{glyphs.batch} each batch",
            f"{glyphs.average} average  {glyphs.batch} each batch",
        )
        if found.losses.max() > high:
            forms = *(f"{form}  (higher omitted)" for form in forms), forms[-1]
        legend = longest(forms, width)
        chart = log_chart(
            *(curves, self._marks(found), (low, high)),
            *((width, height - 1), glyphs, self.plain),
        )
        return [styled((legend, self.muted)), *chart]

    def _marks(self, found: FoundRate) -> list[Mark]:
        """The suggested rate, and the cautious one below it if it is another."""
        if found.suggested is None or found.cautious is None:
            return []
        write = SETTINGS["learning_rate"].write
        setting = "setting " if found.share < 1 else ""  # not the rate on the axis
        suggested, cautious = found.suggested * found.share, found.cautious * found.share
        text = f"suggested {setting}{write(found.suggested)}"
        if found.suggested == found.cautious:
            return [Mark(suggested, f"{text}, also cautious", self.blended("success"))]
        also = f"cautious {setting}{write(found.cautious)}"
        return [
            Mark(suggested, text, self.blended("success")),
            Mark(cautious, also, self.blended("warning")),
        ]


def _schedule(found: FoundRate, snapshot: Snapshot) -> str:
    """Says that the setting is not the rate in force, if the reason does not."""
    config = snapshot.config
    if config is None or found.suggested is None or found.share < 1:
        return ""
    time = snapshot.step.epochs if snapshot.step else 0.0
    share = config.scheduled_rate(time) / config.learning_rate
    if config.schedule == "plateau" or share > 0.99:
        return ""
    name = "warmup" if config.schedule == "constant" else f"{config.schedule} schedule"
    return f" At the next batch, the {name} uses {percent(share)} of the setting, later all of it."
