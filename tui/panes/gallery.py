"""The garments that the network gets wrong, drawn in ASCII, most confident mistake first."""

from rich.style import Style
from textual.binding import Binding
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Evaluation
from core.history import Snapshot
from core.metrics import mistakes
from core.types import Bytes
from tui.drawing import ascii_rows, text_size
from tui.panes.drawn import Drawn, text

_GAP = 2
_CAPTION = 2


class Gallery(Drawn):
    """As many mistakes as fit; further ones on further pages."""

    BINDING_GROUP_TITLE = "Mistakes"
    # Not in the footer, where in 80 columns they would push the others out.
    BINDINGS = [
        Binding("right,pagedown", "page(1)", "Next mistakes", show=False),
        Binding("left,pageup", "page(-1)", "Previous mistakes", show=False),
    ]

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    page: reactive[int] = reactive(0, repaint=False)

    def __init__(self) -> None:
        super().__init__(id="gallery")
        self.border_title = "Mistakes"
        self.tooltip = (
            "Images taken for another class, those it was surest about first. "
            "The percentages are the probabilities that the network gave."
        )
        self._on_page = 1

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.evaluation is not before.evaluation:
            self.redraw()

    def watch_page(self) -> None:
        self.redraw()

    def action_page(self, by: int) -> None:
        evaluation = self.snapshot.evaluation
        if evaluation is not None:
            pages = -(-len(mistakes(evaluation)) // self._on_page)
            self.page = min(max(self.page + by, 0), max(pages - 1, 0))

    def draw(self, width: int, height: int) -> list[Strip]:
        evaluation, began = self.snapshot.evaluation, self.snapshot.began
        if evaluation is None or began is None:
            return []
        data = began.dataset
        images = data.test_images if evaluation.part == "test" else data.train_images
        rows, columns = text_size(images[0], max(8, width))
        while rows + _CAPTION > height and columns > 8:
            rows, columns = text_size(images[0], columns - 1)
        tile = max(columns, min(20, width))
        across = max(1, (width + _GAP) // (tile + _GAP))
        down = max(1, (height + 1) // (rows + _CAPTION + 1))
        self._on_page = across * down

        wrong = mistakes(evaluation)
        if len(wrong) == 0:
            self.border_title = f"Mistakes  none on {evaluation.part}, step {evaluation.step}"
            return [text(("Every image was recognised.", self.plain))]
        first = min(self.page * self._on_page, (len(wrong) - 1) // self._on_page * self._on_page)
        shown = wrong[first : first + self._on_page]
        self.border_title = (
            f"Mistakes  {first + 1:,}–{first + len(shown):,} of {len(wrong):,} "
            f"on {evaluation.part}, step {evaluation.step}"
        )
        lines: list[Strip] = []
        for start in range(0, len(shown), across):
            tiles = [
                self._tile(evaluation, int(row), data.class_names, images, (rows, columns), tile)
                for row in shown[start : start + across]
            ]
            for parts in zip(*tiles, strict=True):
                # Each tile but the last of a row is followed by a gap.
                *others, last = parts
                gapped = [part.adjust_cell_length(tile + _GAP, self.plain) for part in others]
                lines.append(Strip.join([*gapped, last]))
            lines.append(text(("", self.plain)))
        return lines[:-1]

    def _tile(
        self,
        evaluation: Evaluation,
        row: int,
        names: tuple[str, ...],
        images: Bytes,
        size: tuple[int, int],
        width: int,
    ) -> list[Strip]:
        """One image with its caption, every line `width` cells wide."""
        label, probabilities = int(evaluation.labels[row]), evaluation.probabilities[row]
        said = int(probabilities.argmax())
        muted = self.muted
        wrong = self.plain + Style(color=self.color("text-error").rich_color, bold=True)
        picture = ascii_rows(images[evaluation.indices[row]], *size)
        lines = [text((line, self.plain)) for line in picture]
        for word, name, share, style in (
            ("said", names[said], probabilities[said], wrong),
            ("true", names[label], probabilities[label], self.plain),
        ):
            room = width - len(word) - 6
            lines.append(
                text((f"{word} ", muted), (f"{name[:room]} ", style), (f"{share:.0%}", muted))
            )
        return [line.adjust_cell_length(width, self.plain) for line in lines]
