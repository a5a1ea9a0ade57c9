"""How the outputs of a network change with the pixels of a picture: gradients of its input."""

import numpy as np

from core.nn.batch_norm import BatchNorm
from core.nn.dropout import Dropout
from core.nn.network import Network
from core.types import Bytes, Floats


def column(network: Network, picture: Bytes | Floats) -> Floats:
    """Returns a picture (height, width) as an input of the network: (pixels, 1), 0 to 255."""
    return picture.reshape(-1, 1).astype(network.parameters.dtype)


def input_gradient(network: Network, dlogits: Floats) -> Floats:
    """Returns dL/dx of the last forward pass in inference: (pixels, m), for pixels x of 0..1.

    dlogits: (K, m), dL/dlogits. `Network.backward` would need a batch in training mode for batch
    normalization, and compute the gradients of all parameters.
    """
    delta = dlogits
    for layer in reversed(network.layers):
        if isinstance(layer, BatchNorm):  # μ and σ² are constants here
            delta = delta * layer.gamma / np.sqrt(layer.variance + layer.epsilon)
        elif not isinstance(layer, Dropout):
            delta = layer.backward(delta)
    scale = network.linears[0].scale
    return delta.copy() if scale is None else delta / scale  # from pixels of 0..255 to 0..1


def layer_outputs(network: Network, images: Floats) -> list[Floats]:
    """Returns the output of each layer in inference, the logits last: (n, m).

    images: (pixels, m). The arrays are valid until the next forward pass.
    """
    outputs: list[Floats] = []
    network.forward(images, observe=outputs.append)
    stages = (len(outputs) - 1) // max(len(network.sizes) - 2, 1)  # of a hidden layer
    return [*outputs[stages - 1 : -1 : stages], outputs[-1]] if stages else outputs


def softmax(logits: Floats) -> Floats:
    """Returns the probabilities of logits (K, m), by column."""
    powers = np.exp(logits - logits.max(axis=0))
    probabilities: Floats = powers / powers.sum(axis=0)
    return probabilities
