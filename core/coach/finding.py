"""A finding of the coach: what it sees in a run, why that happens, and what to change."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from core.config.config import SETTINGS, Config


class Seriousness(IntEnum):
    """How serious a finding is. A note explains something that is not wrong."""

    NOTE = 0
    WARNING = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Proposal:
    """A setting and the value that the coach proposes for it.

    restart: whether the network should also start again, because the old value has spoiled it.
    """

    setting: str
    value: Any
    restart: bool = False

    @property
    def applies(self) -> str:
        """When the change helps: from the "next batch" on, or after a "restart"."""
        return "restart" if self.restart else SETTINGS[self.setting].applies

    def describe(self, config: Config, finished: bool = False) -> str:
        """Returns the change as text, such as "learning rate 1 → 0.005 (next batch)".

        If the config has the value already, only the restart is left. If the run has `finished`,
        it has no next batch without more epochs.
        """
        setting = SETTINGS[self.setting]
        before = getattr(config, self.setting)
        if before == self.value:
            return f"a {self.applies} with {setting.label} {setting.write(self.value)}"
        values = f"{setting.write(before)} → {setting.write(self.value)}"
        applies = self.applies
        if finished and applies == "next batch" and self.setting != "epochs":
            applies = "with more epochs or a restart"
        return f"{setting.label} {values} ({applies})"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule has found in a run.

    rule: the name of the rule. title: a few words for a line of the screen.
    evidence: the numbers behind it, in a sentence. reason: why it happens, in two sentences.
    proposal: a change that should help, or None if there is nothing to change.
    """

    rule: str
    seriousness: Seriousness
    title: str
    evidence: str
    reason: str
    proposal: Proposal | None = None
