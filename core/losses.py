"""Softmax cross-entropy: how wrong the logits are, and in which direction to change them."""

import numpy as np

from core.types import Bytes, Floats


def softmax(logits: Floats) -> Floats:
    """Probabilities p = exp(z) / Σ exp(z) over the last axis, for logits: (batch, K).

    The largest logit is subtracted first, which changes nothing but keeps exp() finite.
    """
    p: Floats = np.subtract(logits, logits.max(axis=-1, keepdims=True))
    np.exp(p, out=p)
    p /= p.sum(axis=-1, keepdims=True)
    return p


def cross_entropy(logits: Floats, labels: Bytes) -> Floats:
    """The loss of each image, -log p[label] = log Σ exp(z) - z[label], in nats: (batch,).

    From the logits, so that no probability is ever rounded to 0 under the logarithm.
    """
    z = np.subtract(logits, logits.max(axis=-1, keepdims=True))
    chosen = z[np.arange(len(z)), labels]
    loss: Floats = np.log(np.exp(z, out=z).sum(axis=-1)) - chosen
    return loss


def cross_entropy_gradient(logits: Floats, labels: Bytes) -> Floats:
    """dL/dlogits of the mean loss over the batch, (softmax(z) - onehot(label)) / m: (batch, K)."""
    dlogits = softmax(logits)
    dlogits[np.arange(len(dlogits)), labels] -= 1
    dlogits /= len(dlogits)
    return dlogits
