"""Base class: a pane that shows the answer to a question about the network."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.color import Color
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Answered, Phase
from core.history.snapshot import Snapshot
from core.types import Floats
from core.what_if.subject import Answer, Question, too_few
from tui.contrast import GRAPHICS, legible
from tui.drawing.line_chart import AxisRange, ChartCurve, Mark, line_chart
from tui.drawing.text import paragraph, styled
from tui.panes.line_pane import LinePane
from tui.panes.question_requests import QuestionRequests

_TEXT_WIDTH = 100  # cells of a paragraph, at most
_GAP, _MORE = "   ", " …"
_MIN_ROWS = 11  # of a chart with its legend and the titles of its axes
_INTERVAL = 0.3  # seconds between two redraws while parts of an answer come

LegendEntry = tuple[str, str, Style]
"""Of a legend: sign, text, and the style of its curve."""


class AnswerPane(LinePane):
    """KIND: the type of the answer; None if the pane needs none, but an evaluation.

    max_share: of the time that the question may take while training runs.
    """

    KIND: ClassVar[type | None] = None

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    def __init__(self, id: str, max_share: float = 0.05) -> None:
        super().__init__(id=id)
        self.requests = QuestionRequests(max_share)

    @property
    def question(self) -> Question[Answer] | None:
        """What the pane asks; None if it shows only what is known anyway."""
        return None

    @property
    def about(self) -> object:
        """What distinguishes the question from others of its kind."""
        return None

    @property
    def answered(self) -> Answered | None:
        """The latest answer, of the question as it is now."""
        return self.snapshot.answers.get(self.KIND) if self.KIND else None

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if self._shown(before) != self._shown(snapshot):
            self.redraw_soon(_INTERVAL if snapshot.phase is Phase.RUNNING else 0.0)

    def _shown(self, snapshot: Snapshot) -> tuple[object, ...]:
        """The parts of a snapshot that the pane shows."""
        known: object = snapshot.evaluation
        if self.KIND is not None:
            known = snapshot.answers.get(self.KIND)
        # While training runs, "now" is as old as the answer: it is not worth a redraw.
        now = None if snapshot.phase is Phase.RUNNING else snapshot.steps
        return snapshot.run, known, now, snapshot.phase

    def state(self, width: int) -> list[Strip]:
        """The step of the network that was measured and the time it took, or the progress."""
        return paragraph(self._state_text(), min(width, _TEXT_WIDTH), self.muted)

    def _state_text(self) -> str:
        snapshot, found = self.snapshot, self.answered
        if snapshot.run is None:
            return "The images are still loading."
        if found is None:
            if snapshot.phase is Phase.FAILED:
                return "Not measured: the run has failed. On the main screen, n shows why."
            return "Being measured."
        done, seconds = found.answer.done, found.seconds
        if done < 1:
            return f"Measuring: {done:.0%}, about {max(seconds / done, 0.1):.1f} s in all."
        cost = f"{max(seconds, 0.1):.1f}\N{NO-BREAK SPACE}s"  # the unit stays on the line
        return f"{self.scope(found.answer)}; measured in about {cost}."

    def scope(self, answer: Answer) -> str:
        """On which images and after which step it was measured."""
        run = self.snapshot.run
        assert run is not None
        return f"{run.evaluation_images:,} {run.evaluation_set} images{self.when(answer.step)}"

    @property
    def accuracy(self) -> str:
        """The title of a vertical axis."""
        run = self.snapshot.run
        return f"{run.evaluation_set} accuracy" if run else "accuracy"

    def when(self, step: int) -> str:
        """ "after step 430", and if the run continues, where it is now."""
        trained = f", after step {step:,}" if step else ", before the first step"
        now = self.snapshot.steps
        return trained if now == step else f"{trained} (now {now:,})"

    @property
    def few(self) -> bool:
        """Whether the run is evaluated on too few images to claim anything."""
        run = self.snapshot.run
        return bool(run and too_few(run.evaluation_images))

    def claim(self, text: str, images: int | None = None) -> str:
        """The text, or that there are too few images to claim anything.

        images: how many were looked at; None: all that the run is evaluated on.
        """
        run = self.snapshot.run
        if images is None:
            images = run.evaluation_images if run else 0
        return too_few(images) or text

    def head(self, text: str, width: int, height: int) -> list[Strip]:
        """A sentence about what is shown, then the step of the network and the time it took.

        In a low pane only as much of it as leaves room for a chart.
        """
        lines, state = self.texts([text], width), self.state(width)
        room = max(height - _MIN_ROWS, 1)
        return [*lines, *state] if len(lines) + len(state) <= room else lines[:room]

    def texts(self, texts: Sequence[str], width: int) -> list[Strip]:
        """Sentences, a paragraph each."""
        strong = self.plain + Style(bold=True)
        return [
            line
            for text in texts
            if text
            for line in paragraph(text, min(width, _TEXT_WIDTH), strong)
        ]

    def legend(self, entries: Sequence[LegendEntry], width: int, most: int = 4) -> list[Strip]:
        """The entries in the style of their curves, in at most `most` lines; "…" if some are left
        out."""
        lines: list[list[tuple[str, Style]]] = [[]]
        used = 0
        for place, (sign, text, style) in enumerate(entries, start=1):
            cells = cell_len(sign) + 1 + cell_len(text)
            reserved = len(_MORE) if len(lines) == most and place < len(entries) else 0
            if used and used + len(_GAP) + cells + reserved > width:
                if len(lines) == most:
                    lines[-1].append((_MORE, self.muted))
                    break
                lines.append([])
                used = 0
            if used:
                lines[-1].append((_GAP, self.plain))
                used += len(_GAP)
            lines[-1].append((f"{sign} {text}", style))
            used += cells
        return [styled(*line) for line in lines]

    def chart(
        self,
        curves: Sequence[ChartCurve],
        ranges: tuple[AxisRange, AxisRange],
        titles: tuple[str, str],
        size: tuple[int, int],
        marks: Sequence[Mark] = (),
        baseline: float | None = None,
        places: Sequence[tuple[float, str]] | None = None,
    ) -> list[Strip]:
        """A chart in percent with the titles of its axes: horizontal, vertical."""
        width, height = size
        drawn = line_chart(
            *(curves, marks, ranges, (width, height - 2), self.glyphs, self.plain),
            *(baseline, True, places),
        )
        across, up = titles
        title = f"{across[:width]:^{width}}"
        return (
            [styled((up[:width], self.muted)), *drawn, styled((title, self.muted))] if drawn else []
        )

    def colored(self, name: str, faint: bool = False) -> Style:
        """A style in a theme color, or in a color like #9b6dd6. A faint one can still be seen."""
        color = Color.parse(self.app.theme_variables.get(name, name))
        if faint:
            color = legible(color, self.background_colors[1], 0.35, GRAPHICS)
        return self.plain + Style(color=color.rich_color)


def lowest(*values: Floats) -> float:
    """A round share below all values that are finite, for the start of a vertical axis: 0..0.9."""
    known = [float(value) for array in values for value in array.ravel() if value == value]
    return min(max(int(10 * min(known, default=0.0)), 0), 9) / 10
