"""One image, enlarged, beside what two runs predict for it."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.strip import Strip

from core.data.dataset import Dataset
from core.runs.comparison import PredictionComparison
from core.types import Indices
from tui.drawing.bars import bar
from tui.drawing.pictures import Pictures, picture, picture_size
from tui.drawing.text import beside, styled
from tui.panes.line_pane import LinePane
from tui.panes.picture_toggle import PictureToggle
from tui.screens.runs.compared import ComparedRun
from tui.screens.runs.images import predictions_of
from tui.screens.runs.marks import COLORS, GLYPHS

_FACTS = 34  # cells
_BAR = 20


class PairScreen(ModalScreen[int], PictureToggle):
    """Browses images of a comparison, in `rows`. Its result is the place of the last image."""

    BINDINGS = [
        Binding("escape,q,enter", "leave", "Close", key_display="esc"),
        Binding("right", "go(1)", "Next image", priority=True),
        Binding("left", "go(-1)", "Previous image", priority=True),
        Binding("i", "pictures", "Half-blocks or ASCII"),
    ]

    place: reactive[int] = reactive(0, repaint=False)

    def __init__(
        self,
        runs: tuple[ComparedRun, ...],
        found: PredictionComparison,
        dataset: Dataset,
        rows: Indices,
        place: int,
    ) -> None:
        super().__init__()
        self._parts = runs, found, dataset, rows
        self.set_reactive(PairScreen.place, place)

    def compose(self) -> ComposeResult:
        yield PairPicture(*self._parts).data_bind(PairScreen.place, PairScreen.pictures)

    def action_go(self, by: int) -> None:
        self.place = min(max(self.place + by, 0), len(self._parts[3]) - 1)

    def action_leave(self) -> None:
        self.dismiss(self.place)


class PairPicture(LinePane):
    """The image, and for each run its prediction and the probability of the true class."""

    place: reactive[int] = reactive(0, repaint=False)
    pictures: reactive[Pictures] = reactive(Pictures.ASCII, repaint=False)

    def __init__(
        self,
        runs: tuple[ComparedRun, ...],
        found: PredictionComparison,
        dataset: Dataset,
        rows: Indices,
    ) -> None:
        super().__init__("pair-picture")
        self._runs, self._found, self._dataset, self._rows = runs, found, dataset, rows

    def watch_place(self) -> None:
        self.redraw()

    def watch_pictures(self) -> None:
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        found, row = self._found, int(self._rows[self.place])
        index = int(found.indices[row])
        files = "test" if found.subset == "test" else "training"
        self.set_border(
            f"Image #{index:,} of the {files} images, {found.subset} set",
            f"{self.place + 1:,} of {len(self._rows):,}   ←→ image  i picture  Escape close",
        )
        image = self._dataset.images(found.subset)[index]
        narrow = width < 2 * _FACTS
        facts = self._facts(row)
        room = (height - len(facts) - 1, width) if narrow else (height, width - _FACTS - 2)
        size = picture_size(image.shape, max(room[0], 1), max(room[1], 1))
        drawn = picture(image, size, self.pictures, self.plain)
        if narrow:
            return [*facts, styled(("", self.plain)), *drawn]
        return beside(drawn, facts, size[1] + 2, self.plain)

    def _facts(self, row: int) -> list[Strip]:
        found, plain, muted = self._found, self.plain, self.muted
        true = found.class_names[int(found.labels[row])]
        lines = [styled(("true class  ", muted), (true, plain))]
        predictions = predictions_of(found, row)
        for at, (run, prediction) in enumerate(zip(self._runs, predictions, strict=True)):
            mark = f"{GLYPHS[run.mark]} {run.name}"
            share = float(found.true_probability[at, row])
            verdict = "✓ correct" if prediction.correct else "× mistake"
            lines += [
                styled(("", plain)),
                styled((mark, self.blended(COLORS[run.mark]))),
                styled((f"after step {found.steps[at]:,}", muted)),
                styled(("predicts    ", muted), (prediction.name, plain)),
                styled(("            ", muted), (verdict, plain)),
                styled(("p(true)     ", muted), (f"{share:.1%}", plain)),
                styled((bar(share, _BAR), muted)),
            ]
        return lines
