"""Textual's command palette, made safe against keys that come faster than it answers."""

from contextlib import suppress

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches


class Palette(CommandPalette):
    """The same palette; a key that comes while it closes, or on an empty list, does nothing."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Once: a second Enter or Escape may arrive while the first is still closing it."""
        return super().dismiss(result) if self.is_current else AwaitComplete()

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).option_count:
            super()._action_command_list(action)

    # Its search goes on for a moment after it was closed.

    def _watch__list_visible(self) -> None:
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
