"""The network of a run as safetensors: a header in JSON, then the arrays. It needs no package."""

import json
from struct import pack

import numpy as np

from core.export.model import Model


def as_safetensors(model: Model) -> bytes:
    """Returns the arrays of the network, for their names see Model.arrays, with the facts about it.

    Source: the format's description at huggingface.co/docs/safetensors.
    """
    header: dict[str, object] = {
        "__metadata__": {
            "run": model.name,
            "network": model.description,
            "activation": model.activation,
            "input": "the pixels of each image row by row, 0 to 255, divided by 255",
            "classes": json.dumps(model.class_names, ensure_ascii=False),
        }
    }
    parts, place = [], 0
    for name, array in model.arrays().items():
        data = np.ascontiguousarray(array, "<f4").tobytes()
        shape, offsets = list(array.shape), [place, place + len(data)]
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": offsets}
        parts.append(data)
        place += len(data)
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # so that the arrays are aligned
    return pack("<Q", len(text)) + text + b"".join(parts)
