"""The screen What if: fewer units and weights, corrupted images, confidence, and a map of images.

Training continues behind it. Only what is shown is computed, on a copy, by the training thread.
"""

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.screen import ModalScreen, Screen
from textual.widgets import ContentSwitcher, Tab, Tabs

from core.history.snapshot import Snapshot
from core.what_if.subject import Answer, Question
from tui.panes.key_bar import KeyBar
from tui.panes.picture_toggle import PictureToggle
from tui.panes.status_bar import StatusBar
from tui.screens.bindings import STEERING
from tui.screens.what_if.answer_pane import AnswerPane
from tui.screens.what_if.confidence import AnsweredChart, ReliabilityChart
from tui.screens.what_if.corrupted_images import RobustnessChart
from tui.screens.what_if.map import MapPane
from tui.screens.what_if.map_image import MapImage
from tui.screens.what_if.units import UnitRanking
from tui.screens.what_if.weights import NoiseChart, PruningChart
from tui.unbound_keys import NO_FURTHER

TABS = (
    ("units-tab", "Units"),
    ("weights-tab", "Weights"),
    ("images-tab", "Corrupted images"),
    ("confidence-tab", "Confidence"),
    ("map-tab", "Map"),
)
"""Id and title of each."""

_WITH_PICTURES = ("images-tab", "map-tab")
_NARROW = 100  # columns; below, a tab shows one of its two charts


class WhatIfScreen(ModalScreen[int], PictureToggle):
    """The tabs over the whole window.

    training: the screen whose `snapshot` it follows. ask, stop: begin and drop a question.
    enlarge: shows an image of a subset. tab: the first one. Its result is that shown last.
    """

    BINDINGS = [
        Binding("v", "other_chart", "Other chart", show=False),
        *(
            Binding(str(number), f"show({number - 1})", title, show=False)
            for number, (_, title) in enumerate(TABS, start=1)
        ),
        Binding("i", "pictures", "Half-blocks or ASCII", show=False),
        Binding("g", "app.steer('go_to')", "Go to", show=False),
        *STEERING,
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        Binding("escape,q,W", "leave", "Close", key_display="esc"),
    ]

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    tab: reactive[int] = reactive(0, repaint=False)
    second: reactive[bool] = reactive(False, repaint=False)
    """Whether a narrow window shows the second chart of a tab."""

    def __init__(
        self,
        training: Screen[None],
        ask: Callable[[Question[Answer]], None],
        stop: Callable[[Question[Answer]], None],
        enlarge: Callable[[str, int], None],
        tab: int = 0,
    ) -> None:
        super().__init__()
        self._training = training
        self._ask, self._stop, self._enlarge = ask, stop, enlarge
        self.set_reactive(WhatIfScreen.tab, tab)
        self._asked: list[AnswerPane] = []  # the panes that were shown last

    def compose(self) -> ComposeResult:
        yield StatusBar(id="status").data_bind(WhatIfScreen.snapshot)
        tabs = Tabs(*(Tab("", id=f"what-if-{name}") for name, _ in TABS))
        tabs.can_focus = False
        yield tabs
        map_pane = MapPane()
        image = MapImage(map_pane)
        groups = (
            (UnitRanking(),),
            (PruningChart(), NoiseChart()),
            (RobustnessChart(),),
            (ReliabilityChart(), AnsweredChart()),
            (map_pane, image),
        )
        with ContentSwitcher(initial=TABS[self.tab][0]):
            for (name, _), panes in zip(TABS, groups, strict=True):
                with Horizontal(id=name):
                    for pane in panes:
                        yield pane.data_bind(WhatIfScreen.snapshot)
        yield KeyBar()

    def on_mount(self) -> None:
        self.app.clear_notifications()  # they would cover the charts
        self.watch(self._training, "snapshot", self._follow)
        self._fit()

    def _follow(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def on_resize(self, event: events.Resize) -> None:
        self._fit()

    def watch_snapshot(self) -> None:
        self._ask_for_shown()

    def watch_tab(self) -> None:
        self._fit()

    def watch_second(self) -> None:
        self._fit()

    def watch_pictures(self) -> None:
        for image in self.query(MapImage):
            image.pictures = self.pictures

    @property
    def shows_pictures(self) -> bool:
        return TABS[self.tab][0] in _WITH_PICTURES

    def action_show(self, tab: int) -> None:
        if tab == self.tab:
            self.action_other_chart()
        else:
            self.set_reactive(WhatIfScreen.second, False)
            self.tab = tab

    def action_other_chart(self) -> None:
        """Shows the other chart of a tab that has two, if there is room for one only."""
        charts = [pane for pane in self.query(AnswerPane) if self._holds(pane)]
        if len(charts) < 2 or self.size.width >= _NARROW:
            self.notify("There is no other chart on this tab.", title=NO_FURTHER, timeout=2)
            return
        self.second = not self.second

    def action_help(self) -> None:
        from tui.screens.help import Help

        self.app.push_screen(Help("What if"))

    def action_leave(self) -> None:
        if self.app.screen is self:
            for pane in self._asked:
                self._drop(pane)
            self.dismiss(self.tab)

    @on(Tabs.TabActivated)
    def _show_tab(self) -> None:
        # Not the tab of the event: keys may have gone on to another one since.
        names = [f"what-if-{name}" for name, _ in TABS]
        active = self.query_one(Tabs).active
        if active in names:
            self.tab = names.index(active)

    @on(MapPane.Pointed)
    def _show_image(self) -> None:
        self.query_one(MapImage).redraw()

    @on(MapPane.LayerChosen)
    def _ask_for_layer(self) -> None:
        self._ask_for_shown()

    @on(MapPane.Opened)
    def _open_image(self, event: MapPane.Opened) -> None:
        self._enlarge(event.subset, event.index)

    def _fit(self) -> None:
        """Shows the tab, both of its charts if there is room, and moves the focus there."""
        if not self.query(ContentSwitcher):
            return
        is_narrow = self.size.width < _NARROW
        for number, (name, title) in enumerate(TABS, start=1):
            short = title.split()[-1].capitalize() if is_narrow else title
            self.query_one(f"#what-if-{name}", Tab).label = f"{number} {short}"
        name = TABS[self.tab][0]
        self.query_one(ContentSwitcher).current = name
        self.query_one(Tabs).active = f"what-if-{name}"
        charts = list(self.query(f"#{name} > AnswerPane").results(AnswerPane))
        chosen = charts[0]
        if len(charts) > 1:
            first, second = charts
            chosen, other = (second, first) if is_narrow and self.second else (first, second)
            other.display, chosen.display = not is_narrow, True
            chosen.border_subtitle = f"v: {other.border_title}" if is_narrow else ""
        self.set_focus(chosen)
        self._ask_for_shown()

    def _ask_for_shown(self) -> None:
        """Asks what the charts on the screen need, and drops what others asked."""
        if self.app.screen is not self:
            return
        panes = [pane for pane in self.query(AnswerPane) if pane.display and self._holds(pane)]
        for pane in self._asked:
            if pane not in panes:
                self._drop(pane)
        self._asked = panes
        for pane in panes:
            question, last = pane.question, pane.answered
            if question and pane.requests.is_due(self.snapshot, pane.about, last):
                self._ask(question)

    def _holds(self, pane: AnswerPane) -> bool:
        """Whether a pane belongs to the tab that is shown."""
        return pane.parent is not None and pane.parent.id == TABS[self.tab][0]

    def _drop(self, pane: AnswerPane) -> None:
        """Ends the work for a pane that is no longer shown, unless it is done."""
        question, last = pane.question, pane.answered
        if question and (
            last is None or last.answer.done < 1 or self.snapshot.steps != last.answer.step
        ):
            self._stop(question)
            pane.requests.forget()
