"""The line at the top: the phase of the run, its progress, accuracy and speed."""

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from core.coach.finding_log import Noted
from core.coach.review import is_problem
from core.config.config import Config
from core.events import Evaluation, Phase, RunStarted
from core.history.snapshot import Snapshot
from core.text import counted
from tui.drawing.bars import bar
from tui.drawing.text import cut
from tui.panes.rate_texts import rate_texts

_SIGNS = {
    Phase.LOADING: ("…", "foreground"),
    Phase.PAUSED: ("‖", "text-warning"),
    Phase.RUNNING: ("▶", "text-success"),
    Phase.FINISHED: ("✓", "text-success"),
    Phase.DIVERGED: ("!", "text-error"),
    Phase.FAILED: ("!", "text-error"),
}
_GAP = "  "
_PROBLEM = "$text-warning"
_NAME = 40  # cells, at most
_SPEED = len("100,000")


class StatusBar(Static):
    """The phase, and as many figures as fit."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    coached: reactive[tuple[Noted, ...]] = reactive((), repaint=False)

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.run is not before.run:
            self.tooltip = _network(snapshot.run)
        self._update_line()

    def watch_coached(self) -> None:
        self._update_line()

    def on_resize(self) -> None:
        self._update_line()

    def _update_line(self) -> None:
        sign, color = _SIGNS[self.snapshot.phase]
        phase = f"{sign} {self.snapshot.phase.value}"
        parts = figures(self.snapshot, self.size.width - len(phase), self.coached)
        colored = ((_GAP + part, _PROBLEM if part.startswith("! ") else "") for part in parts)
        line = Content.assemble((phase, f"bold ${color}"), *colored)
        self.update(line, layout=False)


def figures(snapshot: Snapshot, width: int, coached: Sequence[Noted] = ()) -> list[str]:
    """The figures after the phase that fit in `width` cells, in a fixed order.

    Those that change while it trains keep their width, so that the others stay in place.

    coached: what the coach says, the most important first.
    """
    config, run, step = snapshot.config, snapshot.run, snapshot.step
    if config is None or run is None:
        read = f" {snapshot.progress.share:.0%}" if snapshot.progress else ""
        return [f"reading the images{read}"]
    share = step.position / step.epoch_size if step else 0.0
    # Rounded down: 100% is the end of the epoch.
    done = f"{100 * step.position // step.epoch_size:3}%" if step else "  0%"
    epochs = str(config.epochs)
    # As wide as at the end, so that what follows stays in place.
    epoch = f"epoch {step.epoch if step else 0}/{epochs}".ljust(len("epoch /") + 2 * len(epochs))
    last = len(f"step {_last_step(snapshot.steps, config, run):,}")
    name = -1, _name(snapshot)
    advice: Sequence[str | None] = _advice(coached[0], config) if coached else ()
    measured = snapshot.speed and not snapshot.pace
    speed = 7, f"{snapshot.speed:>{_SPEED},.0f} images/s" if measured else None
    # (place in the line, text), the most important first. A later text replaces an earlier one in
    # the same place, if it fits.
    candidates = [
        (3, epoch),
        (4, f"step {snapshot.steps:,}".ljust(last)),
        *((9, text) for text in advice[:-1] or _warning(snapshot)),
        (0, _goal(snapshot)),
        (1, snapshot.progress and f"{snapshot.progress.task} {snapshot.progress.share:.0%}"),
        (2, snapshot.pace and f"slow motion, {counted(snapshot.pace, 'batch')}/s"),
        (-1, snapshot.kept and snapshot.kept.note),
        (6, snapshot.test_evaluation and _test_score(snapshot.test_evaluation)),
        *((speed, name) if snapshot.phase is Phase.RUNNING else (name, speed)),
        (3, f"{epoch} {bar(share, 10)} {done}"),
        *((8, text) for text in reversed(rate_texts(snapshot))),
        *((9, text) for text in advice[-1:]),
    ]
    parts: dict[int, str] = {}
    for place, text in candidates:
        if text:
            extended = parts | {place: text}
            if sum(len(_GAP) + len(part) for part in extended.values()) <= width:
                parts = extended
    return [parts[place] for place in sorted(parts)]


def _last_step(steps: int, config: Config, run: RunStarted) -> int:
    """The step at which all epochs are over."""
    return max(steps, config.epochs * config.batches(run.training_images))


def _network(run: RunStarted | None) -> str | None:
    """What the run trains, and with how many threads; then what was decided about its data."""
    if run is None:
        return None
    threads = "1 thread" if run.step_threads == 1 else f"up to {run.step_threads} threads"
    return "\n".join((f"{run.parameters:,} parameters, trained by {threads}", *run.notes))


def _name(snapshot: Snapshot) -> str | None:
    """The name of the run, and whether it is read-only or not kept."""
    if snapshot.kept is None:
        return None
    name, note = cut(snapshot.kept.name, _NAME), snapshot.kept.note
    return f"{name} ({note})" if name and note else name or note


def _goal(snapshot: Snapshot) -> str | None:
    """The goal at which the run pauses, and the progress toward it."""
    if snapshot.goal is None:
        return None
    done = snapshot.goal.progress(snapshot.steps, snapshot.step.epochs if snapshot.step else 0.0)
    return f"to {snapshot.goal}" + (f" ({done:.0%})" if done is not None else "")


def _warning(snapshot: Snapshot) -> list[str]:
    """The most serious warning of the latest evaluation: the key that explains it, and the warning
    without the advice."""
    warnings = snapshot.evaluation.warnings if snapshot.evaluation else ()
    return ["! warning (n)", f"! {warnings[0].partition('; ')[0]}"] if warnings else []


def _advice(noted: Noted, config: Config) -> list[str]:
    """A finding of the coach: in a few words, and lastly with its first sentence of evidence.

    config: of the run. If it has what the coach proposes, only the restart is left.
    """
    finding, proposal = noted.finding, noted.finding.proposal
    title = f"{'!' if is_problem(finding) else 'i'} {finding.title}"
    waits = proposal and proposal.restart and getattr(config, proposal.setting) == proposal.value
    keys = "r restarts, k" if waits else "k"
    evidence = finding.evidence.partition(". ")[0].rstrip(".")
    return [f"{title} (k)", f"{title} ({keys})", f"{title}: {evidence} ({keys})"]


def _test_score(test: Evaluation) -> str:
    return f"test accuracy {test.accuracy:.1%} at step {test.step:,}"
