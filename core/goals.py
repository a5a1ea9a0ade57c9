"""Goals: pause a run at a step, at an epoch, or at an accuracy.

A goal is parsed from the user's text and checked after each batch.
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
    """A point of the run at which to pause.

    kind: "step" or "epoch", with its number as `value`; or "accuracy", with the accuracy to reach
    on the evaluation set, above 0 and at most 1, as `value`.
    """

    kind: Literal["step", "epoch", "accuracy"]
    value: float

    @classmethod
    def parse(cls, text: str) -> "Goal":
        """Parses "epoch 5", "step 1200", "1200" (a step), "85%" or "accuracy 0.85".

        Step 0 is the start of the run. Raises ConfigError on anything else.
        """
        words = text.strip().lower().replace(",", "").replace("_", "")
        match = _FORMS.fullmatch(words)
        if not match:
            raise _error()
        number = float(match["number"])
        if match["kind"] == "accuracy" or (match["percent"] and not match["kind"]):
            share = number / 100 if match["percent"] or number > 1 else number
            if not 0 < share <= 1:
                raise _error()
            return cls("accuracy", share)
        epoch = match["kind"] == "epoch"
        if match["percent"] or not number.is_integer() or number < epoch:
            raise _error()
        return cls("epoch" if epoch else "step", number)

    def met(self, steps: int, epochs: float, accuracy: float) -> bool:
        """Whether to pause after so many steps and epochs, at this accuracy."""
        return self._done(steps, epochs, accuracy) >= self.value

    def progress(self, steps: int, epochs: float) -> float | None:
        """Returns the progress from the start of the run to the goal, 0 to 1; None if unknown."""
        if self.kind == "accuracy" or not self.value:
            return None
        return min(self._done(steps, epochs, 0.0) / self.value, 1.0)

    def _done(self, steps: int, epochs: float, accuracy: float) -> float:
        return {"step": steps, "epoch": epochs, "accuracy": accuracy}[self.kind]

    def __str__(self) -> str:
        if self.kind == "accuracy":
            return f"accuracy {self.value:.4g}" if self.value < 0.001 else f"{self.value:.2%}"
        return f"{self.kind} {self.value:,.0f}"


def _error() -> ConfigError:
    return ConfigError(
        "goal",
        "Enter a step, an epoch or an accuracy, for example step 1200, epoch 5 or 85%",
    )
