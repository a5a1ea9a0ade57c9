"""The run, and its step, from which another run continues with other data."""

from dataclasses import asdict, dataclass
from typing import Any

from core.text import printable

_MAX_NAME = 80  # characters


@dataclass(frozen=True, slots=True)
class Origin:
    """The other run, and where it was left.

    run: its name then. step, epochs, seconds: of it; epochs are whole ones, seconds are those spent
    in training steps.
    """

    run: str
    step: int
    epochs: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Returns the value of the key `origin` of the table `meta`."""
        return asdict(self)

    def __str__(self) -> str:
        return f"continues {self.run} after step {self.step:,}, with other data"

    def notice(self, data: str) -> str:
        """Returns a sentence for the moment when it begins. data: the name of its dataset."""
        return (
            f"{self.run} was trained on other data: a copy of it continues with {printable(data)} "
            f"after step {self.step:,}, and {self.run} does not change."
        )


def origin_from(value: object) -> Origin | None:
    """Returns what the table `meta` says; None for a run that started from step 0. Raises
    ValueError."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("run"), str):
        raise ValueError("its origin is not a run")
    numbers = [value.get(name) for name in ("step", "epochs", "seconds")]
    if not all(isinstance(n, int | float) and 0 <= n < 1 << 53 for n in numbers):
        raise ValueError("its origin is not a step of a run")
    step, epochs, seconds = map(float, numbers)  # type: ignore[arg-type]
    return Origin(printable(value["run"])[:_MAX_NAME], int(step), int(epochs), seconds)
