"""The line at the top: what the run is doing, how far it is, how well, how fast."""

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from core.events import Evaluation, Phase
from core.history.snapshot import Snapshot
from tui.drawing.bars import bar

_SIGNS = {
    Phase.LOADING: ("…", "text-muted"),
    Phase.PAUSED: ("‖", "text-warning"),
    Phase.RUNNING: ("▶", "text-success"),
    Phase.FINISHED: ("✓", "text-success"),
    Phase.DIVERGED: ("!", "text-error"),
    Phase.FAILED: ("!", "text-error"),
}
_GAP = "  "


class StatusBar(Static):
    """The phase, and as many figures as the window has room for."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    def watch_snapshot(self) -> None:
        self.show()

    def on_resize(self) -> None:
        self.show()

    def show(self) -> None:
        """Writes the line anew, as long as the window allows."""
        sign, color = _SIGNS[self.snapshot.phase]
        phase = f"{sign} {self.snapshot.phase.value}"
        parts = figures(self.snapshot, self.size.width - len(phase))
        line = Content.assemble((phase, f"bold ${color}"), *(_GAP + part for part in parts))
        self.update(line, layout=False)


def figures(snapshot: Snapshot, width: int) -> list[str]:
    """The figures that follow the phase, those that fit into `width` cells, in a fixed order."""
    config, run, step = snapshot.config, snapshot.run, snapshot.step
    if config is None or run is None:
        return ["reading the images"]
    share = step.position / step.of if step else 0.0
    epoch = f"epoch {step.epoch if step else 0}/{config.epochs}"
    rate = step.learning_rate if step else config.learning_rate
    # Where each figure stands in the line, in the order in which they are given room. A later
    # text for the same place is the longer one.
    wanted = [
        (3, epoch),
        (4, f"step {snapshot.steps:,}"),
        (0, _towards(snapshot)),
        (1, snapshot.progress and f"{snapshot.progress.what} {snapshot.progress.share:.0%}"),
        (2, snapshot.pace and f"slow motion, {snapshot.pace} batches/s"),
        (5, f"{run.evaluation_set} accuracy {_accuracy(snapshot.evaluation)}"),
        (6, snapshot.test_evaluation and _scored(snapshot.test_evaluation)),
        (7, f"{snapshot.speed:,.0f} images/s" if snapshot.speed and not snapshot.pace else None),
        (3, f"{epoch} {bar(share, 10)} {share:4.0%}"),
        (8, f"learning rate {rate:.3g}"),
    ]
    parts: dict[int, str] = {}
    for place, part in wanted:
        if part:
            candidate = parts | {place: part}
            if sum(len(_GAP) + len(text) for text in candidate.values()) <= width:
                parts = candidate
    return [parts[place] for place in sorted(parts)]


def _towards(snapshot: Snapshot) -> str | None:
    """Where the run is going to pause, and how far it is on its way."""
    if snapshot.goal is None:
        return None
    done = snapshot.goal.progress(snapshot.steps, snapshot.step.epochs if snapshot.step else 0.0)
    return f"to {snapshot.goal}" + (f" ({done:.0%})" if done is not None else "")


def _accuracy(evaluation: Evaluation | None) -> str:
    return f"{evaluation.accuracy:.2%}" if evaluation else "not yet known"


def _scored(test: Evaluation) -> str:
    return f"test {_accuracy(test)} at step {test.step:,}"
