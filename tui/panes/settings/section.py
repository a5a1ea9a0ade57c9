"""A group of settings under a heading that folds them away."""

from textual import on
from textual.binding import Binding
from textual.widgets import Collapsible

from tui.panes.settings.field import Field


class Section(Collapsible, inherit_css=False):
    """Some fields under their heading. Folded, it makes none of them and says how many are set.

    Without the CSS of Textual's own, whose :focus-within styles all fields anew at each Tab.
    """

    BINDINGS = [
        Binding("left", "fold(True)", "Fold", show=False),
        Binding("right", "fold(False)", "Unfold", show=False),
    ]

    def __init__(self, name: str, fields: list[Field], folded: bool) -> None:
        super().__init__(*([] if folded else fields), title=name, collapsed=folded)
        self._heading = name
        self._fields = fields
        self._summary = ""

    def summarize(self, changed: int, sign: str) -> None:
        """What the heading says of folded fields: how many are not at their defaults, a sign."""
        self._summary = (f" · {changed} set" if changed else "") + f" {sign}".rstrip()
        self._retitle()

    async def unfold(self) -> None:
        """Opens it; afterwards the fields are there."""
        self.collapsed = False
        await self._fill()

    def action_fold(self, folded: bool) -> None:
        self.collapsed = folded

    @on(Collapsible.Toggled)
    async def _follow(self, event: Collapsible.Toggled) -> None:
        event.stop()
        self._retitle()
        if not self.collapsed:
            await self._fill()

    async def _fill(self) -> None:
        if not self._fields[0].is_attached:
            await self.query_one(self.Contents).mount(*self._fields)

    def _retitle(self) -> None:
        self.title = self._heading + (self._summary if self.collapsed else "")
