"""Values as JSON that every program reads: what is not a finite number is null, and what is not
text, such as a byte in the name of a file, becomes a replacement character."""

import json
import math
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


def as_json(value: Any, indent: int | None = None) -> str:
    """Returns the text. indent: spaces of each level, on lines of their own; None: one line."""
    return json.dumps(_finite(value), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return None
        case str():
            return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
    return value
