"""The network of a run as a script of a page that needs only NumPy, with its arrays in a file."""

import io

import numpy as np

from core.export.model import Model
from core.nn.batch_norm import BatchNorm

_ACTIVATIONS = {
    "relu": "np.maximum(z, 0)",
    "leaky-relu": "np.maximum(z, np.float32(0.01) * z)",
    "elu": "np.where(z > 0, z, np.expm1(np.minimum(z, 0)))",
    "gelu": "z * (1 + np.tanh(0.7978845608 * z * (1 + 0.044715 * z * z))) / 2",
    "tanh": "np.tanh(z)",
    "sigmoid": "(1 + np.tanh(z / 2)) / 2",
}

_BATCH_NORM = f"""\
        inverse = 1 / np.sqrt(ARRAYS[f"variance{{n}}"] + {BatchNorm.epsilon})
        z = (z - ARRAYS[f"mean{{n}}"]) * inverse * ARRAYS[f"gamma{{n}}"] + ARRAYS[f"beta{{n}}"]
"""

_HIDDEN = """\
    for n in range(1, LAYERS):
        z = a @ ARRAYS[f"W{{n}}"].T + ARRAYS[f"b{{n}}"]
{batch_norm}        a = activation(z)
"""

_SCRIPT = '''\
"""A trained network in plain NumPy, exported by fashion-tui: {description}.

It needs the file of the same name that ends in .npz beside it. As a module:

    probabilities(images)  # (m, {height}, {width}) uint8, 0 to 255 -> (m, {classes}), 0 to 1
    predict(images)        # -> (m,), the most probable class of each image

As a program, it prints the predictions for the images in IDX files, plain or gzipped:

    python SCRIPT.py t10k-images-idx3-ubyte.gz
"""

import gzip
import sys
import zlib
from pathlib import Path

import numpy as np

NAME = {name!r}
CLASSES = {class_names}
LAYERS = {layers}
with np.load(Path(__file__).with_suffix(".npz")) as file:
    ARRAYS = {{name: file[name] for name in file.files}}


{activation}def probabilities(images):
    """The probability of each class, softmax of the logits."""
    a = images.reshape(len(images), {pixels}) / np.float32(255)
{hidden}    logits = a @ ARRAYS[f"W{{LAYERS}}"].T + ARRAYS[f"b{{LAYERS}}"]
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def predict(images):
    """The most probable class of each image, an index of CLASSES."""
    return probabilities(images).argmax(axis=1)


def read_idx(path):
    """The images in an IDX file: 16 bytes of header, then a byte for each pixel."""
    data = Path(path).read_bytes()
    data = gzip.decompress(data) if data[:2] == b"\\x1f\\x8b" else data
    magic, count, *shape = np.frombuffer(data[:16].ljust(16, b"\\0"), ">u4").tolist()
    if (magic, shape) != (0x803, [{height}, {width}]) or len(data) != 16 + count * {pixels}:
        raise ValueError("it is not an IDX file of images of {height} x {width} bytes")
    return np.frombuffer(data, np.uint8, offset=16).reshape(-1, {height}, {width})


if __name__ == "__main__":
    if not sys.argv[1:]:
        print(__doc__)
    for path in sys.argv[1:]:
        try:
            images = read_idx(path)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            print(f"{{path}} cannot be used: {{error}}", file=sys.stderr)
            sys.exit(2)
        for number in predict(images):
            print(CLASSES[number])
'''

_ACTIVATION = '''\
def activation(z):
    """{name}, after each hidden layer."""
    return {formula}


'''


def as_script(model: Model) -> bytes:
    """Returns the script, which reads its arrays from the file of `as_npz` beside it; UTF-8."""
    layers = len(model.network.linears)
    hidden = activation = ""
    if layers > 1:
        hidden = _HIDDEN.format(batch_norm=_BATCH_NORM if model.has_batch_norm else "")
        activation = _ACTIVATION.format(
            name=model.activation, formula=_ACTIVATIONS[model.activation]
        )
    names = "".join(f"    {name!r},\n" for name in model.class_names)
    height, width = model.shape
    text = _SCRIPT.format(
        description=model.description,
        name=model.name,
        class_names=f"[\n{names}]",
        classes=len(model.class_names),
        layers=layers,
        pixels=height * width,
        height=height,
        width=width,
        activation=activation,
        hidden=hidden,
    )
    return text.encode()


def as_npz(model: Model) -> bytes:
    """Returns the arrays of the network as an .npz file; see Model.arrays for their names."""
    out = io.BytesIO()
    np.savez(out, **model.arrays())  # type: ignore[arg-type]
    return out.getvalue()
