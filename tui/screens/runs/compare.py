"""The comparison of up to six runs: curves, settings, confusion matrices and images."""

from collections.abc import Sequence
from pathlib import Path

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Static

from core.data.dataset import Dataset
from core.errors import RunError
from tui.panes.curves.step_axis import ACROSS, Across
from tui.panes.key_bar import KeyBar
from tui.panes.line_pane import LinePane
from tui.screens.background import in_background
from tui.screens.runs.bands import SeedBand, are_seeds, has_bands, read_bands
from tui.screens.runs.compared import Compared, read
from tui.screens.runs.difference import Difference
from tui.screens.runs.images import PairImages
from tui.screens.runs.marks import COLORS, GLYPHS
from tui.screens.runs.overlay import OverlayChart
from tui.screens.runs.pair import Computed, PairScreen
from tui.screens.runs.settings import SettingsTable
from tui.screens.window_size import is_small


class CompareScreen(ModalScreen[None]):
    """Reads the marked runs in a thread, then shows them.

    marked: path and mark of each run. dataset: the one in memory, if any.
    """

    AUTO_FOCUS = "#overlay-accuracy"
    BINDINGS = [
        Binding("v", "next_pane", "Next pane"),
        Binding("x", "across", "Axis unit"),
        Binding("g", "group", "Seeds as one, or each run"),
        Binding("h", "whole", "After the initial drop or all", show=False),
        Binding("1", "show(0)", "Accuracy", show=False),
        Binding("2", "show(1)", "Loss", show=False),
        Binding("3", "show(2)", "Settings", show=False),
        Binding("4", "show(3)", "Confusion matrices", show=False),
        Binding("5", "show(4)", "Images", show=False),
        Binding("question_mark,f1", "app.help_on('Runs')", "Help", key_display="?"),
        Binding("escape,q,c", "leave", "Close", key_display="esc"),
    ]

    compared: reactive[Compared | None] = reactive(None, repaint=False)
    bands: reactive[tuple[SeedBand, ...]] = reactive((), repaint=False)
    across: reactive[Across] = reactive("steps", repaint=False)
    whole: reactive[bool] = reactive(False, repaint=False)

    def __init__(self, marked: Sequence[tuple[Path, int]], dataset: Dataset | None) -> None:
        super().__init__()
        self._marked, self._dataset = marked, dataset
        self._shown = 0
        self._computed: Computed = {}
        self._bands: tuple[SeedBand, ...] = ()  # when they were read

    def compose(self) -> ComposeResult:
        shared = CompareScreen.compared
        yield Static("Reading the runs…", id="compare-legend")
        with Container(id="compare-panes"):
            axes = CompareScreen.bands, CompareScreen.across, CompareScreen.whole
            yield OverlayChart("accuracy").data_bind(shared, *axes)
            yield OverlayChart("loss").data_bind(shared, *axes)
            yield SettingsTable().data_bind(shared)
            yield Difference().data_bind(shared)
            yield PairImages().data_bind(shared)
        yield KeyBar()

    def on_mount(self) -> None:
        self._mark_shown()
        in_background(self.app, self._read)

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(is_small(width, height), "-small")

    def _read(self) -> None:
        try:
            compared = read(self._marked, self._dataset)
        except RunError as error:
            self.app.call_later(self._say, str(error))
            return
        bands = read_bands(compared) if are_seeds(compared) else ()
        self.app.call_later(self._show_runs, compared, bands)

    def _say(self, text: str) -> None:
        for legend in self.query("#compare-legend").results(Static):
            legend.update(Content(f"{text}."))

    def _show_runs(self, compared: Compared, bands: tuple[SeedBand, ...]) -> None:
        if not self._panes:  # it was closed in the meantime
            return
        self.compared = compared
        self.refresh_bindings()
        self.set_class(compared.predictions is None, "-no-pair")
        self._show_bands(bands)

    def _show_bands(self, bands: tuple[SeedBand, ...]) -> None:
        """Draws these bands, and the runs that are in none, with their names above."""
        compared = self.compared
        if compared is None or not self._panes:
            return
        self._bands = bands or self._bands
        self.bands = bands
        banded = {run.path for one in bands for run in one.runs}
        named = [(one.mean.mark, one.name) for one in bands]
        named += [(run.mark, run.name) for run in compared.runs if run.path not in banded]
        colors = self.app.theme_variables
        legend = [(f"{GLYPHS[mark]} {name}   ", colors[COLORS[mark]]) for mark, name in named]
        if compared.data:
            legend.append((f"! {compared.data}", colors["warning"]))
        self.query_one("#compare-legend", Static).update(Content.assemble(*legend))

    @property
    def _panes(self) -> list[LinePane]:
        return list(self.query("#compare-panes > *").results(LinePane))

    def action_across(self) -> None:
        self.across = ACROSS[(ACROSS.index(self.across) + 1) % len(ACROSS)]

    def action_group(self) -> None:
        """Draws the runs that differ only in their seed as one curve with a band, or each run.

        All kept runs with the same settings count, also those that are not marked.
        """
        compared = self.compared
        if compared is None:
            return
        if self.bands or self._bands:
            self._show_bands(() if self.bands else self._bands)
            return

        def work() -> None:
            self.app.call_later(self._show_bands, read_bands(compared))

        in_background(self.app, work)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "group":
            return self.compared is not None and has_bands(self.compared)
        return True

    def action_whole(self) -> None:
        """Switches between the values after the initial drop and all of them."""
        self.whole = not self.whole

    def action_next_pane(self) -> None:
        self.action_show((self._shown + 1) % len(self._panes))

    def action_show(self, place: int) -> None:
        self._shown = place
        self._mark_shown()
        self._panes[place].focus()

    def on_descendant_focus(self) -> None:
        if self.focused in self._panes:
            self._shown = self._panes.index(self.focused)

    def _mark_shown(self) -> None:
        for place, pane in enumerate(self._panes):
            pane.set_class(place == self._shown, "-shown")

    @on(PairImages.Opened)
    def _enlarge(self, event: PairImages.Opened) -> None:
        compared, images = self.compared, self.query_one(PairImages)
        if compared is None or compared.predictions is None or compared.dataset is None:
            return

        def restore(place: int | None) -> None:
            if place is not None:
                images.place = place

        screen = PairScreen(
            compared.runs,
            compared.predictions,
            compared.dataset,
            event.rows,
            event.place,
            self._computed,
        )
        self.app.push_screen(screen, restore)

    def action_leave(self) -> None:
        if self.app.screen is self:
            self.dismiss(None)
