"""All panes, arranged as the window has room for them, and which of them has the focus."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Tab, Tabs

from core.history.snapshot import Snapshot
from tui.panes.confusion import Confusion
from tui.panes.curves.charts import Charts
from tui.panes.gallery import Gallery
from tui.panes.line_pane import LinePane
from tui.panes.settings.form import Form

_NARROW = 66  # below this width tabs have short titles

# Key, pane, title, short title.
_TABS = (
    (1, "charts", "Curves", "Curves"),
    (2, "confusion", "Confusion", "Matrix"),
    (3, "gallery", "Images", "Pics"),
    (4, "form", "Settings", "Set"),
    (5, "step", "Step", "Step"),
    (6, "network", "Network", "Net"),
)


def _step_pane() -> Widget:
    from tui.panes.step.step_pane import StepPane

    return StepPane()


def _network_pane() -> Widget:
    from tui.panes.network.network_pane import NetworkPane

    return NetworkPane()


# Imported and mounted when they are first shown.
_DETAIL_PANES: dict[str, Callable[[], Widget]] = {"step": _step_pane, "network": _network_pane}


_LOWER = ("confusion", "gallery")


class PaneLayout(Vertical):
    """The settings at the left; curves at the right, over the matrix and the images.

    One of the detail panes (step, network) can be open: in place of the matrix and the images, or
    beside them in a wide window. A medium window shows either the matrix or the images, a small one
    a single pane under tabs. The screen has the classes -small, -medium and -wide, and calls `fit`
    when they change.
    """

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    class PanesMounted(Message):
        """Sent once, when the main panes are mounted."""

    def __init__(self, form: Form) -> None:
        super().__init__(id="layout")
        self.gallery = Gallery()
        self._panes: dict[str, Widget] = {
            "form": form,
            "charts": Charts(id="charts"),
            "confusion": Confusion(),
            "gallery": self.gallery,
        }
        self._mounted = False  # the main panes
        self._selected = "charts"
        self._selected_main = "charts"  # of the main panes
        self._selected_lower = "gallery"  # of the matrix and the images
        self._detail: str | None = None  # the open detail pane

    def compose(self) -> ComposeResult:
        yield Horizontal(Vertical(Horizontal(id="lower"), id="right"), id="panes")

    def on_mount(self) -> None:
        # After the first frame: mounting the panes takes longer than everything else.
        self.call_after_refresh(self._mount_panes)

    async def _mount_panes(self) -> None:
        if not self.is_attached:  # the app has exited: there is no data
            return
        tabs = Tabs(*(Tab("", id=f"tab-{pane}") for _, pane, *_ in _TABS))
        tabs.can_focus = False
        with self.app.batch_update():
            await self.mount(tabs, before=0)
            for pane in self._panes.values():
                pane.data_bind(PaneLayout.snapshot)
            await self.query_one("#panes").mount(self._panes["form"], before=0)
            await self.query_one("#right").mount(self._panes["charts"], before=0)
            await self.query_one("#lower").mount(self._panes["confusion"], self.gallery)
            self._mounted = True
            self.fit()
            await self._mount_detail(self._selected)
        self.post_message(self.PanesMounted())

    def fit(self) -> None:
        """Arranges the panes for the size of the window."""
        for number, pane, title, short_title in _TABS:
            for tab in self.query(f"#tab-{pane}").results(Tab):
                narrow = self.screen.size.width < _NARROW
                tab.label = f"{number} {short_title if narrow else title}"
        self._select(self._detail or self._selected)

    async def run_in_pane(self, name: str, action: str) -> None:
        """Runs an action of a pane, whatever has the focus, or says that the pane is hidden.

        Does nothing before it is mounted.
        """
        pane = self._panes.get(name)
        if pane is None or not pane.is_attached:
            return
        maximized = self._pane_of(self.screen.maximized)
        if pane.display and maximized in (None, name):
            await self.app.run_action(action, pane)
        else:
            number, title = next((n, title) for n, pane, title, _ in _TABS if pane == name)
            self.notify(f"This pane is hidden; {number} shows it.", title=title, timeout=3)

    def show_pane(self, name: str) -> None:
        """Shows a pane and moves the focus to it."""
        self._select(name)
        if name not in self._panes:
            self.call_next(self._mount_detail, name)
            return
        pane, screen = self._panes[name], self.screen
        if pane.is_attached:
            if screen.maximized is not None:
                screen.maximize(pane)
            screen.set_focus(_first_focus(pane))

    def show_in_pane(self, name: str, action: str) -> None:
        """Shows a pane, and then runs an action of it."""
        self.show_pane(name)
        self.call_next(self.run_in_pane, name, action)  # after it is mounted

    def toggle_pane(self, name: str) -> None:
        """Shows a detail pane, or closes it if it is shown."""
        if self.is_shown(name):
            self._close_detail()
        else:
            self.show_pane(name)

    def toggle_full_screen(self) -> None:
        """Shows the focused or last selected pane alone, or all panes again."""
        screen = self.screen
        if screen.maximized is not None:
            screen.minimize()
        else:
            name = self._pane_of(screen.focused) or self._selected
            screen.maximize(self._panes.get(name, self._panes["charts"]))

    @property
    def can_leave(self) -> bool:
        """Whether a pane has the focus, or a detail pane is open."""
        return self.screen.focused is not None or self._detail is not None

    def leave(self) -> None:
        """Removes the focus. Also closes the detail pane if it or no pane had the focus."""
        if self._detail and self._pane_of(self.screen.focused) in (self._detail, None):
            self._close_detail()
        self.screen.set_focus(None)

    def is_shown(self, name: str) -> bool:
        """Whether a detail pane is open, and no other pane is maximized."""
        pane = self._panes.get(name)
        maximized = self.screen.maximized
        return pane is not None and self._detail == name and maximized in (None, pane)

    @property
    def visible_panes(self) -> list[Widget]:
        """The panes on the screen, and the charts and views in them."""
        panes = set(self._panes.values())
        return [
            widget
            for widget in self.query(Widget).results()
            if (widget in panes or isinstance(widget, LinePane)) and widget.is_on_screen
        ]

    @on(Tabs.TabActivated)
    async def _follow_tabs(self, event: Tabs.TabActivated) -> None:
        event.stop()
        # Not event.tab, which may be older than the last key.
        name = self.query_one(Tabs).active.removeprefix("tab-")
        self._select(name)
        await self._mount_detail(name)

    def _select(self, name: str) -> None:
        """Selects a pane, and shows and hides panes, containers and tabs accordingly."""
        self._selected = name
        if name in _DETAIL_PANES:
            self._detail = name
        else:
            self._selected_main = name
            if name in _LOWER:
                self._selected_lower = name
            if self.screen.has_class("-small") or (name in _LOWER and not self._is_wide):
                self._detail = None
        for tabs in self.query(Tabs):
            if tabs.query(f"#tab-{name}"):  # tabs are mounted after their bar
                tabs.active = f"tab-{name}"
        shown = self._shown
        for other, pane in self._panes.items():
            pane.display = other in shown
        # Not by classes of the screen: Textual would restyle all widgets.
        self.query_one("#lower").display = bool(shown - {"form", "charts"})
        self.query_one("#right").display = bool(shown - {"form"})
        maximized = self.screen.maximized
        if maximized is not None and self._pane_of(maximized) not in shown:
            self.screen.minimize()

    @property
    def _is_wide(self) -> bool:
        return self.screen.has_class("-wide")

    @property
    def _shown(self) -> set[str]:
        """The names of the panes that have a place in the window."""
        if self.screen.has_class("-small"):
            return {self._detail or self._selected}
        detail = {self._detail} if self._detail else set()
        if self._is_wide:
            return {"form", "charts", *_LOWER, *detail}
        lower = {self._selected_lower} if self.screen.has_class("-medium") else set(_LOWER)
        return {"form", "charts", *(detail or lower)}

    async def _mount_detail(self, name: str) -> None:
        """Mounts a detail pane after the main panes, if it is not mounted, and focuses it."""
        if not self.is_attached:  # the app exits
            return
        if name in _DETAIL_PANES and name not in self._panes and self._mounted:
            pane = self._panes[name] = _DETAIL_PANES[name]()
            pane.data_bind(PaneLayout.snapshot)
            await self.query_one("#lower").mount(pane)
            if self._detail == name:
                self.show_pane(name)

    def _close_detail(self) -> None:
        self._detail = None
        self.screen.set_focus(None)
        self._select(self._selected_main)

    def _pane_of(self, widget: Widget | None) -> str | None:
        """The name of the pane that a widget is or belongs to."""
        ancestors = widget.ancestors_with_self if widget else ()
        return next((name for name, pane in self._panes.items() if pane in ancestors), None)


def _first_focus(pane: Widget) -> Widget:
    """The widget that gets the focus when the pane is shown."""
    if pane.can_focus:
        return pane
    return getattr(pane, "first_focus", None) or pane.query("*:can-focus").first()
