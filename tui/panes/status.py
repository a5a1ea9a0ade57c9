"""The line at the top: what the run is doing, how far it is, how fast, how well."""

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from core.events import Evaluation, Phase
from core.history import Snapshot
from tui.drawing import bar

_SIGNS = {
    Phase.LOADING: ("…", "text-muted"),
    Phase.PAUSED: ("‖", "text-warning"),
    Phase.RUNNING: ("▶", "text-success"),
    Phase.FINISHED: ("✓", "text-success"),
    Phase.DIVERGED: ("!", "text-error"),
    Phase.FAILED: ("!", "text-error"),
}


class Status(Static):
    """Phase, epoch, step, speed and the watched set; more where there is room."""

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
        line = Content.assemble((phase, f"bold ${color}"), *(f"  {part}" for part in parts))
        self.update(line, layout=False)


def figures(snapshot: Snapshot, width: int) -> list[str]:
    """The figures after the phase, most important first, as many as fit into `width` cells."""
    config, began, step = snapshot.config, snapshot.began, snapshot.step
    if config is None or began is None:
        return ["reading the images"]
    share = step.position / step.of if step else 0.0
    epoch = f"epoch {step.epoch if step else 0}/{config.epochs}"
    speed = f"{snapshot.speed:,.0f} images/s" if step else "– images/s"
    parts = [epoch, f"step {snapshot.steps}", speed, f"watching {began.watched}"]
    longer = {3: f"watching {began.watched}, accuracy {_accuracy(snapshot.evaluation)}"}
    if snapshot.scored:
        test = snapshot.scored
        longer[4] = f"test {_accuracy(test)} at step {test.step}"
    longer[0] = f"{epoch} {bar(share, 10)} {share:4.0%}"
    rate = step.learning_rate if step else config.learning_rate
    longer[5] = f"learning rate {rate:.3g}"
    for place, part in longer.items():
        candidate = [*parts[:place], part, *parts[place + 1 :]]
        if sum(len(p) + 2 for p in candidate) <= width:
            parts = candidate
    return parts


def _accuracy(evaluation: Evaluation | None) -> str:
    return f"{evaluation.accuracy:.2%}" if evaluation else "not yet known"
