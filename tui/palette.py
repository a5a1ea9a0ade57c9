"""Textual's command palette, made safe against keys that arrive faster than it handles them."""

from contextlib import suppress
from typing import Any

from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.worker import Worker


class Palette(CommandPalette):
    """The command palette; ignores keys while it closes or while its list is empty."""

    def _action_command_list(self, action: str) -> None:
        with suppress(NoMatches):
            if self.query_one(CommandList).option_count:
                super()._action_command_list(action)

    # The search may still report results after the palette is closed.

    def run_worker(self, *arguments: Any, **options: Any) -> Worker[Any]:
        """Starts a search, whose failure concerns nothing else."""
        return super().run_worker(*arguments, **(options | {"exit_on_error": False}))

    def _watch__list_visible(self) -> None:
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
