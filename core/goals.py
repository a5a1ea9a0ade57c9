"""Where a run should pause: after a step, after an epoch, or when it has become good enough.

What a person types and what the training thread asks after each batch are one small value.
"""

import re
from dataclasses import dataclass
from typing import Literal

from core.errors import ConfigError

_FORMS = re.compile(
    r"(?P<kind>step|epoch|accuracy)?\s*(?P<number>\d+(\.\d+)?|\.\d+)\s*(?P<percent>%)?"
)


@dataclass(frozen=True, slots=True)
class Goal:
    """kind "step" or "epoch": pause after the one of that number; "accuracy": pause when the
    held-out accuracy is at least `value`, a share above 0 and at most 1."""

    kind: Literal["step", "epoch", "accuracy"]
    value: float

    @classmethod
    def parse(cls, text: str) -> "Goal":
        """Reads "epoch 5", "step 1200", "85%" or "accuracy 0.85"; a bare number is a step, step 0
        the start.

        Raises ConfigError, in a sentence, on anything else.
        """
        words = text.strip().lower().replace(",", "").replace("_", "")
        found = _FORMS.fullmatch(words)
        if not found:
            raise _error(text)
        number = float(found["number"])
        if found["kind"] == "accuracy" or (found["percent"] and not found["kind"]):
            share = number / 100 if found["percent"] or number > 1 else number
            if not 0 < share <= 1:
                raise _error(text)
            return cls("accuracy", share)
        epoch = found["kind"] == "epoch"
        if found["percent"] or not number.is_integer() or number < epoch:
            raise _error(text)
        return cls("epoch" if epoch else "step", number)

    def met(self, steps: int, epochs: float, accuracy: float) -> bool:
        """Whether to pause after so many steps and epochs, with this held-out accuracy."""
        return self._done(steps, epochs, accuracy) >= self.value

    def progress(self, steps: int, epochs: float) -> float | None:
        """How far the run is on its way from its start to here, 0..1; None if nobody can know."""
        if self.kind == "accuracy" or not self.value:
            return None
        return min(self._done(steps, epochs, 0.0) / self.value, 1.0)

    def _done(self, steps: int, epochs: float, accuracy: float) -> float:
        return {"step": steps, "epoch": epochs, "accuracy": accuracy}[self.kind]

    def __str__(self) -> str:
        if self.kind == "accuracy":
            return f"accuracy {self.value:.4g}" if self.value < 0.001 else f"{self.value:.2%}"
        return f"{self.kind} {self.value:,.0f}"


def _error(text: str) -> ConfigError:
    return ConfigError(
        "goal",
        f"go to must be like epoch 5, step 1200 or 85%, got {text.strip()[:40] or 'nothing'}",
    )
