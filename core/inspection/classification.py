"""What a network predicts for one picture that is in no dataset, such as a drawing.

The network only computes: its parameters, its running averages and its gradient stay as they are.
"""

from dataclasses import dataclass

import numpy as np

from core.nn.batch_norm import BatchNorm
from core.nn.blas_threads import one_blas_thread
from core.nn.dropout import Dropout
from core.nn.network import Network
from core.types import Bytes, Floats, frozen


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """The prediction of a network for a picture.

    step: how many steps the network was trained for. picture: (height, width) uint8.
    probabilities: (K,), NaN if the numbers of the network are not finite.
    saliency: (height, width) |dL/dx| for the pixels x, which are 0..1; L is the loss if the
    predicted class were the true one.
    """

    step: int
    picture: Bytes
    probabilities: Floats
    saliency: Floats

    @property
    def predicted(self) -> int | None:
        """The most probable class; None if the probabilities are not numbers."""
        return int(self.probabilities.argmax()) if np.isfinite(self.probabilities).all() else None


@one_blas_thread()
def classify(network: Network, picture: Bytes, step: int = 0) -> Classification:
    """Returns what the network predicts for a picture, as `Network.probabilities` does.

    Raises ValueError if the picture does not fit the network.
    """
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        [probabilities] = network.probabilities(picture[None])
        saliency = np.abs(_input_gradient(network, probabilities)).reshape(picture.shape)
    return Classification(step, frozen(picture), frozen(probabilities), frozen(saliency))


def _input_gradient(network: Network, probabilities: Floats) -> Floats:
    """dL/dx of the picture of the last forward pass: (pixels, 1), for the predicted class.

    Goes back through the layers as in inference. `Network.backward` would need a batch in training
    mode for batch normalization, and compute the gradients of all parameters.
    """
    delta = probabilities[:, None].copy()
    delta[probabilities.argmax()] -= 1
    for layer in reversed(network.layers):
        if isinstance(layer, BatchNorm):  # μ and σ² are constants here
            delta = delta * layer.gamma / np.sqrt(layer.variance + layer.epsilon)
        elif not isinstance(layer, Dropout):
            delta = layer.backward(delta)
    scale = network.linears[0].scale
    return delta if scale is None else delta / scale  # from pixels of 0..255 to 0..1
