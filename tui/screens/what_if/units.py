"""All units of the network, ranked by how much accuracy drops without them."""

from collections.abc import Sequence

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from core.what_if.subject import Answer, Question
from core.what_if.unit_worth import UnitWorth, unit_worth
from tui.drawing.bars import bar
from tui.drawing.numbers import fit
from tui.drawing.text import longest, styled
from tui.panes.network.switched_off_text import losers, points
from tui.screens.what_if.answer_pane import AnswerPane

_INTRO = "How much does accuracy drop when one unit is off?"
_MOST = 500  # rows
_BAR, _SHORT_BAR = 12, 6


class UnitRanking(AnswerPane):
    """A row for each hidden unit, or for each class if there are none; the best one first."""

    HINT = "↑↓ scroll"
    KIND = UnitWorth

    def __init__(self) -> None:
        super().__init__("ranking")
        self.border_title = "Accuracy drop without each unit (points)"
        self.border_subtitle = "On the main screen, O in the network view switches units off"

    @property
    def question(self) -> Question[Answer]:
        return unit_worth

    def draw(self, width: int, height: int) -> list[Strip]:
        found, run = self.snapshot.answer(UnitWorth), self.snapshot.run
        if found is None or run is None:
            return [*self.texts([_INTRO], width), *self.state(width)]
        names = run.dataset.class_names
        lines = [*self.texts([self.claim(found.summary)], width), *self.state(width)]
        last = len(found.worth) - 1
        ranked = found.ranked
        classes = [(last, int(unit)) for unit in np.argsort(-found.worth[last], kind="stable")]
        shown = ranked[:_MOST] if ranked else classes
        largest = max((abs(float(found.worth[layer][unit])) for layer, unit in shown), default=0)
        cells = _BAR if width >= 100 else _SHORT_BAR
        head = f"{'rank':>5}  {'unit':>12} {'layer':>5}  {'drop':>6}  {'':{cells}}  "
        head += longest(("recall change (points)", "recall change"), width - cell_len(head))
        lines.append(styled((head[:width], self.muted)))
        for rank, (layer, unit) in enumerate(shown, start=1):
            worth = float(found.worth[layer][unit])
            name = fit(names[unit], 12) if layer == last else f"{unit:>12}"
            figure = points(worth) if abs(worth) >= 5e-5 else "0.0"
            drawn = bar(worth / largest if largest else 0.0, cells)
            losses = found.losses(layer, unit)
            style = self.plain if worth > 0 else self.muted
            row = f"{rank:>5,}  {name} {layer + 1:>5}  {figure:>6}  {drawn}  "
            row += _fitting(losses, names, width - cell_len(row))
            lines.append(styled((row, style)).crop(0, width))
        if len(ranked) > _MOST:
            more = f"and {len(ranked) - _MOST:,} units with a smaller drop"
            lines.append(styled((more, self.muted)))
        return lines


def _fitting(losses: Sequence[tuple[int, float]], names: Sequence[str], width: int) -> str:
    """The classes that lose most, three or as many as fit."""
    forms = (losers(losses[:count], names) for count in range(3, 0, -1))
    return next((form for form in forms if cell_len(form) <= width), "")
