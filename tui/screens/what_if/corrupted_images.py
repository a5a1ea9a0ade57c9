"""The accuracy on corrupted images, as one chart."""

import numpy as np
from rich.style import Style
from textual.strip import Strip

from core.what_if.corruptions import CORRUPTIONS, SEVERITIES
from core.what_if.robustness import Robustness, robustness
from core.what_if.subject import Answer, Question
from tui.drawing.class_marks import color
from tui.drawing.line_chart import ChartCurve
from tui.drawing.pictures import picture
from tui.drawing.text import beside, styled
from tui.drawing.tile_grid import TileGrid
from tui.panes.picture_toggle import PictureToggle
from tui.screens.what_if.answer_pane import AnswerPane

_INTRO = "How accurate is the network on corrupted images?"
_TABLE = 56  # cells of the table beside the chart
_MIN_CHART = 50
_EXAMPLE, _SHOWN = (8, 16), 3  # lines and cells of an example, and its severity


class RobustnessChart(AnswerPane, PictureToggle):
    """A curve for each kind of corruption over its severity; beside it what the severities are."""

    KIND = Robustness

    def __init__(self) -> None:
        super().__init__("robustness")
        self.border_title = "Corrupted images"

    def watch_pictures(self) -> None:
        self.redraw()

    @property
    def question(self) -> Question[Answer]:
        return robustness

    def scope(self, answer: Answer) -> str:
        found = self.snapshot.answer(Robustness)
        run = self.snapshot.run
        images = f"{found.images:,}" if found else ""
        return f"{images} {run.evaluation_set if run else ''} images{self.when(answer.step)}"

    def draw(self, width: int, height: int) -> list[Strip]:
        found = self.snapshot.answer(Robustness)
        if found is None:
            return [*self.texts([_INTRO], width), *self.state(width)]
        lines = self.head(self.claim(found.summary or _INTRO, found.images), width, height)
        styles = [self.colored(color(number)) for number in range(len(CORRUPTIONS))]
        signs = [corruption.name[0] for corruption in CORRUPTIONS]
        wide = width >= _TABLE + _MIN_CHART
        if not wide:
            named = [corruption.name for corruption in CORRUPTIONS]
            lines += self.legend(list(zip(signs, named, styles, strict=True)), width)
        room = width - _TABLE - 2 if wide else width, height - len(lines)
        severities = np.arange(1 + SEVERITIES).astype(np.float64)
        rows = list(zip(found.accuracy, styles, signs, strict=True))
        curves = [ChartCurve(severities, row, style, sign) for row, style, sign in rows]
        curves += [
            ChartCurve(severities, row, style, sign, joined=False) for row, style, sign in rows
        ]
        top = float(np.nanmax(found.accuracy))
        places = [(float(severity), str(severity)) for severity in range(1 + SEVERITIES)]
        ranges = (0.0, float(SEVERITIES)), (0.0, max(top, 0.1))
        titles = "severity, 0: the images as they are", self.accuracy
        clean = float(found.accuracy[0, 0])
        drawn = self.chart(curves, ranges, titles, room, baseline=clean, places=places)
        if wide:
            side = self._table(found, styles, signs)
            side += self._examples(room[1] - len(side), styles)
            drawn = beside(drawn, side, room[0] + 2, self.plain)
        return lines + drawn

    def _examples(self, height: int, styles: list[Style]) -> list[Strip]:
        """What each corruption does to one image, if there is room."""
        run, evaluation = self.snapshot.run, self.snapshot.evaluation
        if run is None or evaluation is None:
            return []
        index = evaluation.indices[:1]
        image = run.dataset.images(evaluation.subset)[index]
        grid, size = TileGrid.of_pictures((_TABLE, height - 2), image.shape[1:], _EXAMPLE, (1, 14))
        if grid.tiles < len(CORRUPTIONS):
            return []
        tiles = []
        for corruption, style in zip(CORRUPTIONS, styles, strict=True):
            level = corruption.levels[_SHOWN - 1]
            [corrupted] = corruption.function(image, level, np.random.default_rng(0))
            drawn = picture(corrupted, size, self.pictures, self.plain)
            lines = [*drawn, styled((corruption.name, style))]
            tiles.append([line.adjust_cell_length(grid.width, self.plain) for line in lines])
        what = f"image #{int(index[0])} at severity {_SHOWN}:"
        return [
            styled(("", self.plain)),
            styled((what, self.muted)),
            *grid.lines(tiles, self.plain),
        ]

    def _table(self, found: Robustness, styles: list[Style], signs: list[str]) -> list[Strip]:
        """For each corruption its levels and the mean accuracy."""
        lines = [styled((f"{'':2}{'':11}{'mean':>5}  severity 1 to 5", self.muted))]
        for corruption, mean, style, sign in zip(
            CORRUPTIONS, found.mean, styles, signs, strict=True
        ):
            figure = f"{mean:.0%}" if np.isfinite(mean) else ""
            lines.append(
                styled(
                    (f"{sign} {corruption.name:11}{figure:>5}  ", style),
                    (corruption.meaning, self.plain),
                )
            )
        mean = float(found.mean.mean())
        overall = f"{mean:.1%}" if np.isfinite(mean) else ""
        lines.append(styled((f"  {'all':11}{overall:>5}", self.plain)))
        return lines
