"""The field of the preset."""

from typing import Any

from textual.content import Content

from core.config.kinds import Choice
from core.config.settings import Setting
from tui.panes.settings.draft import PRESET, Draft
from tui.panes.settings.field import Field, OnChange


class PresetField(Field):
    """The choice of the preset, which changes many settings."""

    def __init__(self, draft: Draft, change: OnChange) -> None:
        meaning = "Values for all settings that work well together."
        kind = Choice(tuple(draft.presets))
        super().__init__(Setting(PRESET, "run", kind, meaning, "restart"), draft, change)
        presets = draft.presets.values()
        self.tooltip = Content("\n".join(f"{p.name}: {p.description}." for p in presets))

    def _note(self, value: Any) -> str:
        """How many settings the preset would change."""
        count = self._draft.difference(value)
        return f"changes {count} setting{'s' * (count != 1)}" if count else "no change"
