"""All panes, in the form that the window has room for, and which of them has the keys."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Grid, Horizontal, Vertical
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

_NARROW = 66  # below this width tabs have their short names

_TABS = (
    (1, "charts", "Curves", "Curves"),
    (2, "confusion", "Confusion", "Matrix"),
    (3, "gallery", "Images", "Pics"),
    (4, "form", "Settings", "Set"),
    (5, "step", "Step", "Step"),
    (6, "network", "Network", "Net"),
)


def _dissection() -> Widget:
    from tui.panes.step.step_pane import StepPane

    return StepPane()


def _body() -> Widget:
    from tui.panes.network.network_pane import NetworkPane

    return NetworkPane()


# Panes that are imported and made when first asked for, and shown one at a time: as a tab of a
# small window, as large as a usual window, beside the others in a wide one.
_FURTHER: dict[str, Callable[[], Widget]] = {"step": _dissection, "network": _body}


class PaneLayout(Vertical):
    """Four panes beside each other, or in a small window one at a time, under tabs; and one of
    the further ones.

    The screen has the classes -small and -wide, and calls `fit` when they change.
    """

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    class PanesMounted(Message):
        """Sent once, when all panes are mounted."""

    def __init__(self, form: Form) -> None:
        super().__init__(id="room")
        self.gallery = Gallery()
        self._panes: dict[str, Widget] = {
            "form": form,
            "charts": Charts(id="charts"),
            "confusion": Confusion(),
            "gallery": self.gallery,
        }
        self._furnished = False
        self._shown = self._home = "charts"  # the pane chosen last; but for further ones
        self._further: str | None = None  # the further pane that is open

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Grid(id="panes")
            yield Vertical(id="further")

    def on_mount(self) -> None:
        self.call_after_refresh(self._furnish)

    async def _furnish(self) -> None:
        """Brings in the panes: after the first refresh, for they take longer than all the rest."""
        if not self.is_attached:  # left already, for want of data
            return
        tabs = Tabs(*(Tab("", id=f"tab-{pane}") for _, pane, *_ in _TABS))
        tabs.can_focus = False
        with self.app.batch_update():
            await self.mount(tabs, before=0)
            form, *others = (
                self._panes[name] for name in ("form", "charts", "confusion", "gallery")
            )
            for pane in (form, *others):
                pane.data_bind(PaneLayout.snapshot)
            await self.query_one("#panes").mount(form, *others)
            self._furnished = True
            self.fit()
            await self._make(self._shown)
        self.post_message(self.PanesMounted())

    def fit(self) -> None:
        """Shows the panes in the form that the window now has room for."""
        for number, pane, name, short in _TABS:
            for tab in self.query(f"#tab-{pane}").results(Tab):
                tab.label = f"{number} {short if self.screen.size.width < _NARROW else name}"
        self._show(self._further or self._shown)

    def has(self, name: str) -> bool:
        """Whether the pane is there to act; a further one is not before it was first shown."""
        return name in self._panes and self._panes[name].is_attached

    async def ask(self, name: str, action: str) -> None:
        """Lets a pane act, whichever has the keys."""
        if self.has(name):
            await self.app.run_action(action, self._panes[name])

    def choose(self, name: str) -> None:
        """Shows the pane, if they are shown one at a time, and gives it the keys."""
        self._show(name)
        if name not in self._panes:
            self.call_next(self._make, name)
            return
        pane, screen = self._panes[name], self.screen
        if pane.is_attached:
            if screen.maximized is not None:
                screen.maximize(pane)
            target = pane if pane.can_focus else next(iter(pane.query("*:can-focus")), None)
            screen.set_focus(target)

    def enlarge(self) -> None:
        """Shows the pane that has the keys, or was chosen last, alone; or all of them again."""
        screen = self.screen
        if screen.maximized is not None:
            screen.minimize()
        elif self._covers:
            self._close()
        else:
            name = self._name_of(screen.focused) or self._shown
            screen.maximize(self._panes.get(name, self._panes["charts"]))

    def toggle(self, name: str) -> None:
        """Shows a further pane, or if it is to be seen, closes it."""
        if self.sees(name):
            self._close()
        else:
            self.choose(name)

    def leave(self) -> None:
        """Takes the keys from all panes; a further one that had them is closed."""
        if self._covers or self._name_of(self.screen.focused) == self._further is not None:
            self._close()
        self.screen.set_focus(None)

    def sees(self, name: str) -> bool:
        """Whether this further pane is open, and no other stands before it."""
        pane = self._panes.get(name)
        alone = self.screen.maximized
        return pane is not None and self._further == name and alone in (None, pane)

    @property
    def actors(self) -> list[Widget]:
        """The panes that are to be seen, and the charts and views in them."""
        panes = set(self._panes.values())
        found = self.query(Widget).results()
        return [
            one for one in found if (one in panes or isinstance(one, LinePane)) and one.is_on_screen
        ]

    @property
    def _covers(self) -> bool:
        """Whether a further pane is open in the place of all others."""
        return self._further is not None and not self.screen.has_class("-wide")

    @on(Tabs.TabActivated)
    async def _follow_tabs(self, event: Tabs.TabActivated) -> None:
        event.stop()
        # The tab that is active now: the event may be older than the last key.
        shown = self.query_one(Tabs).active.removeprefix("tab-")
        self._show(shown)
        await self._make(shown)

    def _show(self, shown: str) -> None:
        """Shows the pane in the form that the window has room for."""
        self._shown = shown
        if shown in _FURTHER:
            self._further = shown
        else:
            self._home = shown
            if not self.screen.has_class("-wide"):
                self._further = None
        for tabs in self.query(Tabs):
            if tabs.query(f"#tab-{shown}"):  # they come a little after their bar
                tabs.active = f"tab-{shown}"
        for name, pane in self._panes.items():
            pane.set_class(name == shown, "-shown")
            if name in _FURTHER:
                pane.display = name == self._further
        full = self._name_of(self.screen.maximized)
        if full is not None and (self._covers or (full in _FURTHER and full != self._further)):
            self.screen.minimize()
        # Not by classes of the screen: Textual would style all there is anew.
        self.query_one("#further").display = self._further is not None
        self.query_one("#panes").display = not self._covers

    async def _make(self, name: str) -> None:
        """Makes a further pane, once there are the others, and gives it the keys."""
        if name in _FURTHER and name not in self._panes and self._furnished:
            pane = self._panes[name] = _FURTHER[name]()
            pane.data_bind(PaneLayout.snapshot)
            await self.query_one("#further").mount(pane)
            if self._further == name:
                self.choose(name)

    def _close(self) -> None:
        """Closes the further pane."""
        self._further = None
        self.screen.set_focus(None)
        self._show(self._home)

    def _name_of(self, widget: Widget | None) -> str | None:
        """The pane that the widget is or belongs to."""
        around = widget.ancestors_with_self if widget else ()
        return next((name for name, pane in self._panes.items() if pane in around), None)
