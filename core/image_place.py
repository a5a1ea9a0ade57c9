"""An image named by its number, such as "#45592", "test #12" or "validation #3"."""

import re
from dataclasses import dataclass

from core.errors import ConfigError
from core.events import RunStarted

_FORM = re.compile(
    r"(?:(?P<part>image|training|train|validation|val|test)\s*(?:image\s*)?)?"
    r"(?P<sign>#)?\s*(?P<number>\d{1,15})(?:\s*\(validation set\))?"
)


@dataclass(frozen=True, slots=True)
class ImagePlace:
    """part: "training", by the number in the file, from 0, validation images included; "test"; or
    "validation", by the place in the validation set, from 0."""

    part: str
    number: int

    @classmethod
    def parse(cls, text: str) -> "ImagePlace | None":
        """Parses what a person typed: a number with # or with the name of a set before it, or with
        both. None if it is something else."""
        words = text.strip().lower().replace(",", "").replace("_", "")
        match = _FORM.fullmatch(words)
        if not match or not (match["part"] or match["sign"]):
            return None
        part = {"test": "test", "val": "validation", "validation": "validation"}
        return cls(part.get(match["part"] or "", "training"), int(match["number"]))

    def find(self, run: RunStarted) -> tuple[str, int]:
        """Returns the subset, and the index into its images. A training image may be in the
        subset "validation". Raises ConfigError if there is no such image."""
        data, evaluated = run.dataset, run.evaluation_indices
        has_validation = run.evaluation_set == "validation"
        if self.part == "validation" and not has_validation:
            raise ConfigError("image", "This run has no validation set; it is evaluated on test.")
        counts = {
            "training": len(data.train_labels),
            "test": len(data.test_labels),
            "validation": len(evaluated),
        }
        if self.number >= counts[self.part]:
            raise ConfigError(
                "image",
                f"There is no image #{self.number}: the {self.part} images have the numbers 0 to "
                f"{counts[self.part] - 1:,}.",
            )
        if self.part == "test":
            return "test", self.number
        if self.part == "validation":
            return "validation", int(evaluated[self.number])
        is_evaluated = has_validation and bool((evaluated == self.number).any())
        return ("validation" if is_evaluated else "training"), self.number

    def __str__(self) -> str:
        return f"{self.part} image #{self.number}"


def image_name(subset: str, index: int) -> str:
    """Names an image by its number in its file; validation images are in the training file."""
    if subset == "validation":
        return f"training image #{index} (validation set)"
    return f"{subset} image #{index}"
