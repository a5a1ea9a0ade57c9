"""What the rules of the coach look at, taken from a snapshot of the run."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.branches import net_changes
from core.config.config import Config
from core.events import Phase
from core.history.snapshot import Snapshot
from core.text import counted

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.inspection.layer_stats import LayerStats, NetworkStats

RECENT = 50
"""The number of last batches over which the loss is averaged."""

_LAST = 2048  # batches, of which the losses are looked at
_FELT = 10  # steps after which a learning rate that is far too high has done harm
_NOT_LEARNING = frozenset({"epochs", "patience"})  # settings that change no step


@dataclass(frozen=True)
class Facts:
    """A run that has started, and what the rules compute from it.

    since: the step of the last change of a setting. Earlier steps say nothing about the run as it
    is now.
    """

    snapshot: Snapshot
    config: Config
    classes: int
    epoch_size: int
    since: int

    @property
    def guessing(self) -> float:
        """The loss of equal probabilities, ln(classes), in nats."""
        return math.log(max(self.classes, 2))

    @property
    def steps(self) -> int:
        return self.snapshot.steps

    @property
    def start(self) -> int:
        """The step at which the run begins: 0, unless it continues from another with other data."""
        return self.snapshot.branches[0].fork

    @property
    def own_steps(self) -> int:
        """Batches that were trained since the start."""
        return self.steps - self.start

    @property
    def steps_since(self) -> int:
        return self.steps - self.since

    @property
    def epoch_steps(self) -> int:
        """Batches of an epoch."""
        return self.config.batches(self.epoch_size)

    @property
    def rate(self) -> float:
        """The learning rate of the last step."""
        rate = self.snapshot.learning_rate
        return self.config.learning_rate if rate is None else rate

    @property
    def diverged(self) -> bool:
        """Whether the next step with these settings diverges, as far as is known.

        It also does so after a move to the step after which the run has diverged.
        """
        snapshot = self.snapshot
        is_there_again = snapshot.diverged_at == self.steps > self.since
        return snapshot.phase is Phase.DIVERGED or is_there_again

    @cached_property
    def losses(self) -> NDArray[np.float64]:
        """The losses of the last batches since the last change: (n,), at most _LAST."""
        return self._losses_after(self.since)

    def _losses_after(self, step: int) -> NDArray[np.float64]:
        curve, whole = self.snapshot.recent_curves["loss"], self.snapshot.training_curves["loss"]
        if len(curve) < min(RECENT, len(whole)):  # the run went back to before those batches
            curve = whole
        is_batch = (curve.first > step) & (curve.first == curve.last)
        losses = curve.high[is_batch & np.isfinite(curve.high)]
        return losses[-_LAST:]

    @cached_property
    def loss(self) -> float:
        """The mean loss of the last RECENT batches since the last change; NaN if there is none."""
        return float(self.losses[-RECENT:].mean()) if len(self.losses) else math.nan

    @property
    def loss_words(self) -> str:
        """In words: "The mean training loss of the last 50 batches is 0.91 nats"."""
        batches = counted(min(len(self.losses), RECENT), "batch")
        return f"The mean training loss of the last {batches} is {self.loss:.2f} nats"

    @property
    def latest_loss(self) -> float:
        """The same; until there is a batch since the last change, of those before it."""
        losses = self.losses if len(self.losses) else self._losses_after(0)
        return float(losses[-RECENT:].mean()) if len(losses) else math.nan

    @cached_property
    def first_loss(self) -> float:
        """The loss of the first batch of the run."""
        curve = self.snapshot.training_curves["loss"]
        return float(curve.high[0]) if len(curve) else math.nan

    @cached_property
    def stats(self) -> "tuple[NetworkStats, ...]":
        """The layer statistics since the last change, the latest last.

        For what depends on the settings, such as the update.
        """
        return tuple(
            stats
            for stats in self.snapshot.layer_stats_history.stats
            if stats.step > self.since or self.since == self.start
        )

    @property
    def all_stats(self) -> "tuple[NetworkStats, ...]":
        """The layer statistics, also those before the last change, the latest last.

        For what depends on the network only: changing a setting does not wake a dead unit.
        """
        return self.snapshot.layer_stats_history.stats

    @property
    def hidden(self) -> "tuple[LayerStats, ...]":
        """The latest statistics of the hidden layers; empty if there are none."""
        return self.all_stats[-1].layers[:-1] if self.all_stats else ()

    @cached_property
    def _moving(self) -> "NetworkStats | None":
        """The latest statistics of a step that changed the weights.

        At the end of a schedule, a step may be too small for float32.
        """
        moving = (s for s in reversed(self.stats) if any(math.isfinite(n.ratio) for n in s.layers))
        return next(moving, None)

    @cached_property
    def ratios(self) -> NDArray[np.float64]:
        """log10(‖change of W‖ / ‖W‖) of each layer that the latest such step changed."""
        ratios = [layer.ratio for layer in self._moving.layers] if self._moving else []
        return np.array([ratio for ratio in ratios if math.isfinite(ratio)])

    @property
    def schedule_factor(self) -> float:
        """The learning rate of the last step, as a share of the setting."""
        return self.rate / self.config.learning_rate

    @cached_property
    def setting_ratios(self) -> NDArray[np.float64]:
        """The same ratios as they would be without the schedule."""
        rates = self.snapshot.training_curves["learning rate"]
        moving = self._moving
        measured = float(rates.nearest(moving.step + 1).high[0]) if moving else self.rate
        return self.ratios - math.log10(max(measured / self.config.learning_rate, 1e-9))

    @property
    def highest_rate_ahead(self) -> float:
        """The highest learning rate that the schedule still leads to."""
        step, epochs = self.snapshot.step, self.config.epochs
        now = step.epochs if step else 0.0
        times = np.linspace(now, epochs, 33)[:-1].tolist()
        return max(map(self.config.scheduled_rate, times))

    @cached_property
    def highest_rate(self) -> float:
        """The highest learning rate of the steps since the last change."""
        rates = self.snapshot.training_curves["learning rate"]
        made = rates.high[rates.last > self.since]
        return float(made.max()) if len(made) else self.rate

    @cached_property
    def highest_ratio(self) -> float:
        """The highest of the ratios of all layers since the last change; -inf if there is none."""
        ratios = [layer.ratio for stats in self.stats for layer in stats.layers]
        return max(filter(math.isfinite, ratios), default=-math.inf)

    @cached_property
    def epoch_losses(self) -> NDArray[np.float64]:
        """The mean training loss of each complete epoch: (n,)."""
        return self.snapshot.epoch_curves["loss"].high

    @cached_property
    def lowered_from(self) -> float | None:
        """The highest learning rate so far, if it was lowered by hand since; None otherwise.

        With another optimizer, a rate means something else, so only the current one counts; and
        only rates that were in force for some steps.
        """
        highest, since = 0.0, self.start
        for change in net_changes(self.snapshot.changes):
            if change.field == "learning_rate":
                if change.step - since >= _FELT:
                    highest = max(highest, float(change.old))
                since = change.step
            elif change.field == "optimizer":
                highest, since = 0.0, change.step
        return highest if highest > self.config.learning_rate else None

    def epoch_of(self, step: int) -> int:
        """Returns the epoch of a step; 0 at the start."""
        curve = self.snapshot.training_curves["epoch"].at(step)
        return int(curve.low[0]) if len(curve) else 0


def facts(snapshot: Snapshot) -> Facts | None:
    """Returns the facts of a snapshot, or None as long as there is no run or no step."""
    start = snapshot.branches[0].fork
    if snapshot.run is None or snapshot.config is None or snapshot.steps <= start:
        return None
    changes = [c.step for c in snapshot.changes if c.field not in _NOT_LEARNING]
    return Facts(
        snapshot,
        snapshot.config,
        len(snapshot.run.dataset.class_names),
        snapshot.run.training_images,
        max(changes, default=start),
    )
