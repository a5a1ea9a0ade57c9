"""One image, enlarged, beside what two runs predict for it."""

from functools import partial

import numpy as np
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.strip import Strip

from core.data.dataset import Dataset
from core.errors import CoreError
from core.image_place import image_name
from core.runs.comparison import PredictionComparison
from core.runs.probabilities import probabilities
from core.text import capitalized
from core.types import Floats, Indices
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.text import beside, paragraph, styled
from tui.panes.line_pane import LinePane
from tui.panes.picture_toggle import PictureToggle
from tui.screens.background import in_background
from tui.screens.runs.compared import ComparedRun
from tui.screens.runs.images import predictions_of
from tui.screens.runs.marks import COLORS, GLYPHS
from tui.screens.runs.pair_table import LEGEND, PairTable, heads

_FACTS, _SHARE = 46, 0.45  # cells beside the image, and in a wide window the share of its width
_PICTURE = 10  # lines that are left to the image below the facts
_CLASSES = 3  # lines at least: the true class and two predicted ones

Computed = dict[int, Floats | str]
"""For run 0 and 1: the probabilities of all classes, or why they cannot be computed."""


class PairScreen(ModalScreen[int], PictureToggle):
    """Browses images of a comparison, in `rows`. Its result is the place of the last image.

    computed: what is known from before; what is computed in a thread is added.
    """

    BINDINGS = [
        Binding("escape,q,enter", "leave", "Close", key_display="esc"),
        Binding("right", "go(1)", "Next image", priority=True),
        Binding("left", "go(-1)", "Previous image", priority=True),
        Binding("i", "pictures", "Half-blocks or ASCII"),
        Binding("question_mark,f1", "app.help_on('Runs')", "Help", key_display="?"),
    ]

    place: reactive[int] = reactive(0, repaint=False)

    def __init__(
        self,
        runs: tuple[ComparedRun, ...],
        found: PredictionComparison,
        dataset: Dataset,
        rows: Indices,
        place: int,
        computed: Computed,
    ) -> None:
        super().__init__()
        self._runs, self._found, self._dataset = runs, found, dataset
        self._rows, self._computed = rows, computed
        self._closed = False
        self.set_reactive(PairScreen.place, place)

    def compose(self) -> ComposeResult:
        parts = self._runs, self._found, self._dataset, self._rows, self._computed
        yield PairPicture(*parts).data_bind(PairScreen.place, PairScreen.pictures)

    def on_mount(self) -> None:
        missing = [place for place in (0, 1) if place not in self._computed]
        try:
            in_background(self.app, partial(self._compute, missing))
        except RuntimeError as error:  # the system refuses a thread
            for place in missing:
                self._take(place, str(error))

    def on_unmount(self) -> None:
        self._closed = True

    def _compute(self, places: list[int]) -> None:
        for place in places:
            result: Floats | str | None
            try:
                result = probabilities(
                    self._runs[place].path,
                    self._found,
                    place,
                    self._dataset,
                    lambda fraction: not self._closed,
                )
            except (CoreError, MemoryError) as error:
                result = str(error) or "there is too little memory"
            if result is None:  # it was closed
                return
            self.app.call_later(self._take, place, result)

    def _take(self, place: int, result: Floats | str) -> None:
        self._computed[place] = result
        for pane in self.query(PairPicture):
            pane.redraw()

    def action_go(self, by: int) -> None:
        self.place = min(max(self.place + by, 0), len(self._rows) - 1)

    def action_leave(self) -> None:
        self.dismiss(self.place)


class PairPicture(LinePane):
    """The image, and for each run its prediction and the probabilities of the classes."""

    place: reactive[int] = reactive(0, repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)

    def __init__(
        self,
        runs: tuple[ComparedRun, ...],
        found: PredictionComparison,
        dataset: Dataset,
        rows: Indices,
        computed: Computed,
    ) -> None:
        super().__init__("pair-picture")
        self._runs, self._found, self._dataset = runs, found, dataset
        self._rows, self._computed = rows, computed

    def watch_place(self) -> None:
        self.redraw()

    def watch_pictures(self) -> None:
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        found, row = self._found, int(self._rows[self.place])
        index = int(found.indices[row])
        self.set_border(
            capitalized(image_name(found.subset, index)),
            f"{self.place + 1:,} of {len(self._rows):,}   ←→ image  i picture  Escape close",
        )
        image = self._dataset.images(found.subset)[index]
        narrow = width < 1.5 * _FACTS
        if narrow:
            facts = self._facts(row, width, height - _PICTURE)
            room = (height - len(facts) - 1, width)
        else:
            facts, room = [], (height, width - max(_FACTS, round(_SHARE * width)) - 2)
        size = picture_size(image.shape, max(room[0], 1), max(room[1], 1))
        drawn = picture(image, size, self.pictures, self.plain)
        if narrow:
            return [*facts, styled(("", self.plain)), *drawn]
        facts = self._facts(row, width - size[1] - 2, height)
        return beside(drawn, facts, size[1] + 2, self.plain)

    def _facts(self, row: int, width: int, height: int) -> list[Strip]:
        found, plain, muted = self._found, self.plain, self.muted
        true = found.class_names[int(found.labels[row])]
        lines = [styled(("true class  ", muted), (true, plain))]
        predictions = predictions_of(found, row)
        for at, (run, prediction) in enumerate(zip(self._runs, predictions, strict=True)):
            verdict = "✓ correct" if prediction.correct else "× mistake"
            lines += [
                styled(
                    (f"{GLYPHS[run.mark]} {run.name}", self.blended(COLORS[run.mark])),
                    (f"  after step {found.steps[at]:,}", muted),
                ),
                styled(("predicts    ", muted), (f"{prediction.name}  {verdict}", plain)),
            ]
        notes = [line for place in (0, 1) for line in paragraph(self._note(place), width, muted)]
        lines.append(styled(("", plain)))
        room = height - len(lines) - len(notes) - 2
        return [*lines, *self._table(row, width, room), *notes]

    def _note(self, place: int) -> str:
        """Why not all probabilities of a run are shown, or ""."""
        match self._computed.get(place):
            case None:
                return f"Computing the other probabilities of {self._runs[place].name}…"
            case str(fault):
                return f"The other probabilities of {self._runs[place].name} are missing: {fault}."
        return ""

    def _table(self, row: int, width: int, room: int) -> list[Strip]:
        """The probabilities of the classes, as many as there is room for, and what signs mean."""
        found, plain, muted = self._found, self.plain, self.muted
        label = int(found.labels[row])
        shares = np.full((2, len(found.class_names)), np.nan)
        shares[:, label] = found.true_probability[:, row]
        for place, computed in self._computed.items():
            if not isinstance(computed, str):
                shares[place] = computed[row]
        one, other = found.predicted[:, row].tolist()
        table = PairTable(found.class_names, label, (one, other), shares)
        bold = plain + Style(bold=True)
        styles = muted, *(self.blended(COLORS[run.mark]) for run in self._runs)
        names = [f"{GLYPHS[run.mark]} {run.name}" for run in self._runs]
        classes = table.classes(max(room, _CLASSES))
        lines = [styled(*zip(heads(width, names), styles, strict=True))]
        for at in classes:
            lines.append(styled((table.line(at, width), bold if table.is_marked(at) else plain)))
        hidden = int(np.isfinite(shares).any(axis=0).sum()) - len(classes)
        more = f"   {hidden} less probable" if hidden else ""
        return [*lines, styled((f"{LEGEND}{more}", muted))]
