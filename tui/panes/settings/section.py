"""A group of settings under a heading that folds and unfolds it."""

from collections.abc import Collection
from typing import Any

from textual import on
from textual.binding import Binding
from textual.widgets import Collapsible

from core.config.settings import GROUPS
from tui.panes.settings.field import Field
from tui.preferences import kept, remember

_FOLDED, _UNFOLDED = "▸", "▾"


class Section(Collapsible, inherit_css=False):
    """Fields under a heading. It starts as the user has left it; before that, folded, unless there
    is room for all groups. The fields are mounted when it unfolds.

    Without Textual's CSS for it: the :focus-within there restyles all fields at each Tab.
    """

    HINT = "Enter fold or unfold"
    BINDINGS = [
        Binding("left", "fold(True)", "Fold", show=False),
        Binding("right", "fold(False)", "Unfold", show=False),
    ]

    def __init__(self, name: str, fields: list[Field]) -> None:
        super().__init__(
            title=name, collapsed=True, collapsed_symbol=_FOLDED, expanded_symbol=_UNFOLDED
        )
        self._heading = name
        self._fields = fields
        self._changed, self._sign = 0, ""
        self._roomy = False  # whether there is room for all groups
        self._folded: bool | None = None  # whether it was, while only some fields are shown

    @property
    def names(self) -> set[str]:
        """The names of its settings."""
        return {field.setting.name for field in self._fields}

    def summarize(self, changed: int, sign: str) -> None:
        """Sets what the heading of the folded group shows.

        changed: the number of settings that differ from the preset; sign: "*", "!" or none.
        """
        self._changed, self._sign = changed, sign
        self._update_title()

    def on_mount(self) -> None:
        self.collapsed = self._heading not in (kept(self).unfolded or ())

    def on_resize(self) -> None:
        self._update_title()

    async def unfold(self) -> None:
        """Unfolds the group and waits until its fields are mounted."""
        self.collapsed = False
        await self._mount_fields()

    async def show_only(self, names: Collection[str] | None) -> None:
        """Shows only these settings, unfolded, or nothing; None: all, folded as before."""
        if names is None:
            if self._folded is not None:
                self.collapsed, self._folded = self._folded, None
            names = self.names
        else:
            if self._folded is None:
                self._folded = self.collapsed
            if self.names.intersection(names):
                await self.unfold()
        for field in self._fields:
            field.display = field.setting.name in names
        self.display = any(field.display for field in self._fields)

    def adapt(self, roomy: bool) -> None:
        """Unfolds or folds it when there is or is not room for all groups, if the user has never
        done so."""
        if roomy != self._roomy:
            self._roomy = roomy
            if kept(self).unfolded is None:
                if self._folded is None:
                    self.collapsed = not roomy
                else:
                    self._folded = not roomy

    def scroll_visible(self, *arguments: Any, **options: Any) -> None:
        """Scrolls it into view, but not when it folds or unfolds without being touched."""
        if self.has_focus_within:
            super().scroll_visible(*arguments, **options)

    def action_fold(self, folded: bool) -> None:
        if self.collapsed != folded:
            self.collapsed = folded
            self._remember_fold()

    def on_collapsible_title_toggle(self) -> None:
        self.call_later(self._remember_fold)  # once Textual has done it

    def _remember_fold(self) -> None:
        """Remembers whether the user has it folded; a search does not count."""
        before = kept(self).unfolded
        if before is None:
            before = GROUPS if self._roomy else ()
        unfolded = set(before) - {self._heading}
        if not self.collapsed:
            unfolded.add(self._heading)
        remember(self, unfolded=tuple(group for group in GROUPS if group in unfolded))

    @on(Collapsible.Toggled)
    async def _toggled(self) -> None:
        self._update_title()
        if not self.collapsed:
            await self._mount_fields()

    async def _mount_fields(self) -> None:
        if not self._fields[0].is_attached:
            await self.query_one(self.Contents).mount(*self._fields)

    def _update_title(self) -> None:
        """Shows the longest form of the summary that fits in one line."""
        title = self._heading
        if self.collapsed:
            sign = f" {self._sign}".rstrip()
            counts = (
                f" · {self._changed} differ{'s' * (self._changed == 1)}",
                f" · {self._changed}",
            )
            titles = [title + count * bool(self._changed) + sign for count in counts]
            room = self.size.width - len(f"{_FOLDED} ")
            title = next((form for form in titles if len(form) <= room), titles[-1])
        self.title = title
