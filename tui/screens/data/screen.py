"""The data view over the whole window: what the images are and what was made of them.

It can be opened before the first step, and training continues behind it. All images are looked at
once, in a thread of its own.
"""

from collections.abc import Callable
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import DataTable, Static

from core.data import duplicates
from core.events import RunStarted
from core.history.snapshot import Snapshot
from core.inspection.data_overview import DataOverview, data_overview
from core.runs.description import fingerprint
from core.text import printable
from tui.panes.browsed import Listed
from tui.panes.key_bar import KeyBar
from tui.panes.picture_toggle import PictureToggle
from tui.screens.background import in_background
from tui.screens.data.classes import ClassTable
from tui.screens.data.samples import Samples
from tui.screens.image import ImageTasks

OpenImage = Callable[[Listed, str, int], None]
"""Enlarges the image of this index in a subset, one of some images."""


# It still follows the run while it closes, when it no longer has widgets: hence the loops over
# queries.


class DataScreen(Screen[bool], PictureToggle):
    """Counts, mean images and samples of each class. Its result is whether to start a run without
    the doubtful images.

    training: the screen whose `snapshot` and `doubtful` it follows. open_image, tasks: see there.
    """

    AUTO_FOCUS = "Samples"  # until there are rows in the table
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS = [
        Binding("escape,q,I", "leave", "Close", key_display="esc"),
        Binding("v", "part", "Next set"),
        Binding("l", "leave_out", "Leave out doubtful"),
        Binding("g", "go_to", "Go to"),
        Binding("tab", "app.focus_next", "Next pane", show=False),
        # Of the images, for when the table of classes has the focus.
        Binding("d", "doubtful", "Doubtful", show=False),
        Binding("i", "pictures", "Half-blocks or ASCII", show=False),
        Binding("z", "thumbnails", "Thumbnails or full size", show=False),
        Binding("question_mark,f1", "app.help_on('Data')", "Help", key_display="?"),
    ]

    doubtful: reactive[frozenset[int]] = reactive(frozenset[int](), repaint=False)

    def __init__(self, training: Screen[None], open_image: OpenImage, tasks: ImageTasks) -> None:
        super().__init__()
        self._training, self._open_image, self._tasks = training, open_image, tasks
        self._run: RunStarted | None = None
        self._overview: DataOverview | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="about-data", markup=False)
        with Horizontal():
            yield (table := ClassTable())
            table.display = False
            yield Samples().data_bind(DataScreen.pictures, DataScreen.doubtful)
        yield KeyBar()

    def on_mount(self) -> None:
        self.app.clear_notifications()
        self.watch(self._training, "snapshot", self._follow)
        self.watch(self._training, "doubtful", self._follow_doubtful)

    def on_resize(self) -> None:
        self.call_after_refresh(self._fill_table)

    def _follow(self, snapshot: Snapshot) -> None:
        run = snapshot.run
        if run is not None and run is not self._run:
            self._run, self._overview = run, None
            self._describe("…")
            in_background(self.app, partial(self._look, run))

    def _look(self, run: RunStarted) -> None:
        """Looks at the images, in a thread of its own."""
        overview = data_overview(run.dataset, run.evaluation_set, run.evaluation_indices)
        self.app.call_later(self._show, run, overview, fingerprint(run.dataset))

    def _show(self, run: RunStarted, overview: DataOverview, digest: str) -> None:
        if run is self._run:  # no other data were opened meanwhile
            self._overview = overview
            self._describe(f"{digest[:12]}…")
            for samples in self.query(Samples):
                samples.fill(run.dataset, overview)
            self._fill_table()

    def _fill_table(self) -> None:
        run, overview = self._run, self._overview
        if run is not None and overview is not None:
            data = run.dataset
            lists = len(self.doubtful), len(data.left_out)
            # Neither is there any more if the screen was closed meanwhile.
            for table, samples in zip(self.query(ClassTable), self.query(Samples), strict=False):
                only = samples.part if self.has_class("-narrow") else None
                is_first, table.display = not table.display, True
                table.show(overview, data.class_names, *lists, only)
                if is_first:
                    table.focus()

    def _describe(self, digest: str) -> None:
        """Writes what the dataset is and what was decided about it."""
        run, overview = self._run, self._overview
        assert run is not None
        data = run.dataset
        height, width = data.train_images.shape[1:]
        test = "" if run.evaluation_set == "test" else f"{len(data.test_labels):,} test images, "
        lines = [
            f"{data.name or 'data'}: {data.kind or 'arrays'}, {height}×{width} pixels, "
            f"{len(data.class_names)} classes; {run.training_images:,} training images, "
            f"{run.evaluation_images:,} {run.evaluation_set} images, {test}SHA-256 {digest}",
            *run.notes,
        ]
        if overview is not None and overview.repeated:
            lines.append(duplicates.describe(overview.repeated, overview.differing))
        text = "\n".join(printable(line) for line in lines)
        for about in self.query("#about-data").results(Static):
            about.update(Content(text))

    def _follow_doubtful(self, doubtful: frozenset[int]) -> None:
        self.doubtful = doubtful
        self._fill_table()

    @on(DataTable.RowHighlighted)
    def _select(self) -> None:
        self.query_one(Samples).shown = self.query_one(ClassTable).selected

    @on(DataTable.RowSelected)
    def _enter(self) -> None:
        self.query_one(Samples).focus()

    @on(Samples.ClassChosen)
    def _choose(self, event: Samples.ClassChosen) -> None:
        self.query_one(ClassTable).select(event.label)

    @on(Samples.Opened)
    def _open(self, event: Samples.Opened) -> None:
        self._open_image(Listed(event.indices, event.name), event.subset, event.index)

    @on(Samples.Doubted)
    def _doubt(self, event: Samples.Doubted) -> None:
        self._tasks.toggle_doubtful(event.subset, event.index)

    def action_part(self) -> None:
        if self._overview is not None:
            parts, samples = list(self._overview.parts), self.query_one(Samples)
            samples.part = parts[(parts.index(samples.part) + 1) % len(parts)]
            self._fill_table()

    def action_doubtful(self) -> None:
        self.notify(
            "d marks a single image: choose a class, press Tab and select an image.", timeout=3
        )

    def action_pictures(self) -> None:
        self.query_one(Samples).action_pictures()

    def action_thumbnails(self) -> None:
        self.query_one(Samples).action_thumbnails()

    def action_go_to(self) -> None:
        self._tasks.action_go_to()

    def action_leave_out(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)
