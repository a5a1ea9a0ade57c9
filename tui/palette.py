"""Textual's command palette: the commands chosen last come first, and fast keys do not break it."""

from contextlib import suppress
from dataclasses import replace
from functools import partial
from inspect import isawaitable
from typing import Any

from textual import on
from textual.await_complete import AwaitComplete
from textual.command import Command, CommandList, CommandPalette, DiscoveryHit, Hit
from textual.css.query import NoMatches
from textual.widgets import Input, LoadingIndicator
from textual.worker import Worker

from tui.preferences import MAX_COMMANDS, kept, remember


class Palette(CommandPalette):
    """The command palette; ignores keys while it closes or while its list is empty.

    Before anything is typed, the commands that were chosen last come first. Enter waits for the
    answer to what is typed, or it would run a command of the list before.
    """

    _is_answered = False  # what is typed
    _is_submitted = False  # before the answer

    def _gather_commands(self, search_value: str) -> Worker[None]:
        self._is_answered = self._is_submitted = False
        return super()._gather_commands(search_value)

    @on(Input.Submitted)
    def _wait_for_answer(self, event: Input.Submitted) -> None:
        if not self._is_answered:
            event.stop()
            event.prevent_default()
            self._is_submitted = True

    def _refresh_command_list(
        self, command_list: CommandList, commands: list[Command], clear_current: bool
    ) -> None:
        recent = kept(self).commands
        places = {name: place for place, name in enumerate(recent)}
        # Among the hits of a search, Textual then sorts by the score.
        commands = sorted(commands, key=lambda each: places.get(str(each.hit.text), len(recent)))
        super()._refresh_command_list(command_list, commands, clear_current)
        self._is_answered = True
        if self._is_submitted:
            self._is_submitted = False
            self.call_later(self._select_or_command)

    def _action_command_list(self, action: str) -> None:
        with suppress(NoMatches):
            if self.query_one(CommandList).option_count:
                super()._action_command_list(action)

    # The search may still report results, or that there are none, after the palette is closed.

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Closes it, and ignores the results of a search that is still running."""
        self._stop_no_matches_countdown()
        hit = self._selected_command
        if hit is not None and self._supplied_providers is None:
            self._selected_command = replace(hit, command=partial(self._carry_out, hit))
        return super().dismiss(result)

    async def _carry_out(self, hit: Hit | DiscoveryHit) -> None:
        """Runs a command, and remembers it unless it returns False: then it did nothing."""
        result: Any = hit.command()
        if isawaitable(result):
            result = await result
        if result is not False:
            others = (name for name in kept(self).commands if name != str(hit.text))
            remember(self, commands=(str(hit.text), *others)[:MAX_COMMANDS])

    def _start_no_matches_countdown(self, search_value: str) -> None:
        if self.is_active:
            super()._start_no_matches_countdown(search_value)

    def run_worker(self, *arguments: Any, **options: Any) -> Worker[Any]:
        """Starts a search; if it fails, nothing else is affected."""
        return super().run_worker(*arguments, **(options | {"exit_on_error": False}))

    def _watch__list_visible(self) -> None:
        with suppress(NoMatches):
            super()._watch__list_visible()

    def _watch__show_busy(self) -> None:  # type: ignore[override]
        """As in Textual, but not as a coroutine, which nobody would await while the app ends."""
        for widget, name in ((LoadingIndicator, "--visible"), (CommandList, "--populating")):
            self.query(widget).set_class(self._show_busy, name)
