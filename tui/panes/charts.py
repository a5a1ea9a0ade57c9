"""The curves: loss and accuracy of training and of the watched images, over the steps."""

from time import monotonic
from typing import Literal

import numpy as np
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Phase
from core.history import Curve, Snapshot
from tui.drawing import thin
from tui.panes.drawn import Drawn
from tui.plotting import Line, Mark, plot, ticks

_SECONDS_BETWEEN_DRAWINGS = 0.25


class Charts(Horizontal):
    """Loss and accuracy side by side."""

    ALLOW_MAXIMIZE = True

    snapshot: reactive[Snapshot] = reactive(Snapshot())

    def compose(self) -> ComposeResult:
        yield Chart("loss").data_bind(Charts.snapshot)
        yield Chart("accuracy").data_bind(Charts.snapshot)


class Chart(Drawn):
    """One quantity over the steps.

    Every batch faint, its running average strong, the watched images as marked points. A
    vertical line stands where a setting was changed by hand.
    """

    BINDING_GROUP_TITLE = "Chart"

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    def __init__(self, quantity: Literal["loss", "accuracy"]) -> None:
        super().__init__(id=quantity)
        self.border_subtitle = "steps"
        self._quantity = quantity
        self._drawn_at = 0.0
        self.tooltip = (
            "Mean cross-entropy, in nats: how surprised the network is by the right answer. "
            "Lower is better."
            if quantity == "loss"
            else "Share of images recognised. Higher is better."
        )

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        # The curves need not follow every frame: drawing them takes milliseconds.
        now = monotonic()
        running = snapshot.phase is Phase.RUNNING
        if running and now - self._drawn_at < _SECONDS_BETWEEN_DRAWINGS:
            return
        self._drawn_at = now
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        snapshot = self.snapshot
        training, smoothed, watched = snapshot.training, snapshot.smoothed, snapshot.watched
        if training is None or smoothed is None or watched is None or snapshot.began is None:
            self.border_title = self._quantity.capitalize()
            return []
        part = snapshot.began.watched
        self.border_title = f"{self._quantity.capitalize()}  ─ training  ● {part}"
        if width < 20 or height < 5:
            return []
        plot_width = width - 6
        background = self.background_colors[1]
        strong, other = self.color("primary"), self.color("accent")
        faint = background.blend(strong, 0.35)
        raw = thin(training.steps, self._values(training), plot_width)
        mean = thin(smoothed.steps, self._values(smoothed), plot_width)
        marked = thin(watched.steps, self._values(watched), plot_width // 3)
        # Later lines cover earlier ones where they meet in a cell.
        lines = [
            Line(*raw, faint.rgb, "braille"),
            Line(*marked, background.blend(other, 0.6).rgb, "braille"),
            Line(*mean, strong.rgb, "braille"),
            Line(*marked, other.rgb, "●", joined=False),
        ]
        changed = background.blend(self.color("warning"), 0.7).rgb
        marks = [Mark(change.step, changed) for change in snapshot.changes]
        low, high = self._range(mean[1] + marked[1], raw[1])
        y_ticks = {y: self._label(y) for y in ticks(low, high, max(2, height // 3))}
        x_ticks = self._x_ticks(max(snapshot.steps, 10), plot_width)
        return plot(lines, marks, (width, height), x_ticks, (low, high), y_ticks, self.plain)

    def _values(self, curve: Curve) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return curve.loss if self._quantity == "loss" else curve.accuracy

    def _label(self, y: float) -> str:
        return f"{y:.4g}" if self._quantity == "loss" else f"{y:.0%}"

    def _range(self, strong: list[float], faint: list[float]) -> tuple[float, float]:
        """The whole of the strong curves, and the faint one but for its rarest outliers."""
        if not strong:
            return 0.0, 1.0
        typical = np.quantile(faint, (0.02, 0.98)).tolist() if faint else []
        low, high = min(strong + typical), max(strong + typical)
        pad = (high - low) * 0.05 or 0.05
        return max(0.0, low - pad), high + pad

    def _x_ticks(self, last: int, width: int) -> list[float]:
        inner = ticks(0, last, max(2, width // 9))
        # The axis ends where the run does; a tick too close to the end would run into its label.
        return [x for x in inner if x < last * 0.88] + [last]
