"""What a network predicts for one picture that is in no dataset, such as a drawing. It does not
change the network: its parameters, its running averages and its gradient stay as they are.
"""

from dataclasses import dataclass

import numpy as np

from core.inspection.input_gradient import column, input_gradient, layer_outputs
from core.nn.blas_threads import one_blas_thread
from core.nn.network import Network
from core.types import Bytes, Floats, frozen


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """The prediction of a network for a picture.

    step: how many steps the network was trained for. picture: (height, width) uint8.
    probabilities: (K,), NaN if the numbers of the network are not finite.
    saliency: (height, width) |dL/dx| for the pixels x, which are 0..1; L is the loss if the
    predicted class were the true one.
    activity: the outputs of each hidden layer, (units,).
    """

    step: int
    picture: Bytes
    probabilities: Floats
    saliency: Floats
    activity: tuple[Floats, ...] = ()

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
        hidden = layer_outputs(network, column(network, picture))[:-1]
        activity = tuple(frozen(output[:, 0]) for output in hidden)
        dlogits = probabilities[:, None].copy()
        dlogits[probabilities.argmax()] -= 1
        saliency = np.abs(input_gradient(network, dlogits)).reshape(picture.shape)
    return Classification(step, frozen(picture), frozen(probabilities), frozen(saliency), activity)
