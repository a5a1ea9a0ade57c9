"""Textual's command palette, made safe against keys that arrive faster than it handles them."""

from contextlib import suppress
from typing import Any

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.worker import Worker


class Palette(CommandPalette):
    """The command palette; ignores keys while it closes or while its list is empty."""

    def _action_command_list(self, action: str) -> None:
        with suppress(NoMatches):
            if self.query_one(CommandList).option_count:
                super()._action_command_list(action)

    # The search may still report results, or that there are none, after the palette is closed.

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Closes it, without a word on a search that goes on."""
        self._stop_no_matches_countdown()
        return super().dismiss(result)

    def _start_no_matches_countdown(self, search_value: str) -> None:
        if self.is_active:
            super()._start_no_matches_countdown(search_value)

    def run_worker(self, *arguments: Any, **options: Any) -> Worker[Any]:
        """Starts a search, whose failure concerns nothing else."""
        return super().run_worker(*arguments, **(options | {"exit_on_error": False}))

    def _watch__list_visible(self) -> None:
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
