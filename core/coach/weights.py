"""Rules about the weights and the outputs of the layers."""

import math
from typing import TYPE_CHECKING

import numpy as np

from core.coach.facts import Facts
from core.coach.finding import Finding, Proposal, Seriousness
from core.coach.usual import (
    UNUSUAL,
    has_long_momentum,
    is_slow,
    lower_rate,
    restart_with_lower_rate,
    unusual_rate,
    usual_initialization,
    usual_rate,
    was_lowered,
)
from core.text import counted

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.inspection.histogram import Histogram

_LARGE = 4.0  # times the standard deviation of He's initialization
_SMALL = 0.25  # times it, of the layer with the fewest inputs
_SLOW_START = 100  # steps after which small weights have grown, unless they were too small
_DEAD = 0.75  # of the units of a layer
_SATURATED = 0.8  # of the outputs of a layer
_SATURATION = 61 / 64  # of the way from the middle of the activation's range to its end
_ENOUGH_IMAGES = 64  # in a batch, to call a unit dead
_ENOUGH_STEPS = 50


def zero_weights(f: Facts) -> Finding | None:
    """All weights started at 0, so all units of a layer stay equal."""
    if f.config.initialization != "zeros" or not f.config.hidden:
        return None
    evaluation = f.snapshot.evaluation
    if evaluation is not None:
        learns, result = (
            evaluation.accuracy > 0.6,
            f"the {evaluation.subset} accuracy is {evaluation.accuracy:.1%}",
        )
    else:
        learns = not f.loss > 0.6 * f.guessing
        result = f"the training loss is {f.loss:.2f} nats; guessing gives {f.guessing:.2f}"
    if learns:
        return None
    return Finding(
        "zero weights",
        Seriousness.ERROR,
        "the initial weights are all 0",
        f"The initial weights of all {len(f.config.hidden) + 1} layers are 0, and at step "
        f"{f.steps:,} {result}.",
        "With equal weights, all units of a layer compute the same and get the same gradient, so "
        "they stay equal. Random initial weights make them different.",
        Proposal("initialization", usual_initialization(f.config)),
    )


def large_weights(f: Facts) -> Finding | None:
    """The initial weights were drawn much too large, and the loss still suffers from it."""
    if f.config.initialization != "normal" or not f.config.hidden or f.snapshot.run is None:
        return None
    inputs = f.snapshot.run.dataset.train_images[0].size
    usual = math.sqrt(2 / inputs)
    if f.diverged and f.config.learning_rate > UNUSUAL * usual_rate(f.config):
        return None  # the loss suffers from the steps
    suffers = f.first_loss > 2 * f.guessing and f.loss > 0.5 * f.guessing
    if not suffers or f.config.deviation < _LARGE * usual:
        return None
    return Finding(
        "large weights",
        Seriousness.WARNING,
        "the initial weights are too large",
        f"They were drawn with the standard deviation {f.config.deviation:g}; for {inputs} inputs, "
        f"He initialization uses {usual:.2g}. The loss of the first batch was {f.first_loss:.3g} "
        f"nats; guessing gives {f.guessing:.2f}.",
        "Large weights make large outputs: the network is confidently wrong at first, and "
        "units that are far from 0 learn slowly or die. It takes many steps to undo this.",
        Proposal("initialization", usual_initialization(f.config)),
    )


def small_weights(f: Facts) -> Finding | None:
    """The initial weights were drawn much too small, and the loss is still high for this reason.

    Each step then changes the weights by a large share, at a usual learning rate too.
    """
    config, run = f.config, f.snapshot.run
    if config.initialization != "normal" or not config.hidden or config.batch_norm or run is None:
        return None
    inputs = min(run.dataset.train_images[0].size, *config.hidden)
    usual = math.sqrt(2 / inputs)
    unusual = is_slow(config) or config.learning_rate > UNUSUAL * usual_rate(config)
    suffers = f.own_steps >= _SLOW_START and f.loss > 0.5 * f.guessing
    if unusual or f.diverged or not suffers or config.deviation > _SMALL * usual:
        return None
    return Finding(
        "small weights",
        Seriousness.WARNING,
        "the initial weights are very small",
        f"They were drawn with the standard deviation {config.deviation:g}; for a layer of "
        f"{counted(inputs, 'input')}, He initialization uses {usual:.2g}. "
        f"{f.loss_words}; guessing gives {f.guessing:.2f}.",
        "Small weights make the outputs and gradients of each layer smaller than those of the "
        "layer before. The network learns slowly until they have grown.",
        Proposal("initialization", usual_initialization(config)),
    )


def dead_units(f: Facts) -> Finding | None:
    """Most ReLU units of a hidden layer are 0 for every image of a batch."""
    if not f.all_stats or f.all_stats[-1].images < _ENOUGH_IMAGES:
        return None
    if f.all_stats[-1].step - f.start < _ENOUGH_STEPS:
        return None
    worst, share, units = 0, 0.0, (0, 0)
    for number, layer in enumerate(f.hidden, 1):
        if layer.silent is not None and layer.silent / layer.shape[0] > share:
            units = layer.silent, layer.shape[0]
            worst, share = number, layer.silent / layer.shape[0]
    if share < _DEAD:
        return None
    silent, size = units
    too_fast = f.config.learning_rate > usual_rate(f.config) or was_lowered(f)
    too_fast = too_fast or has_long_momentum(f.config)
    return Finding(
        "dead units",
        Seriousness.ERROR if silent == size else Seriousness.WARNING,
        f"{silent} of {size} ReLU units are silent",
        f"{unusual_rate(f)} In hidden layer {worst}, {silent} of {size} units are 0 for every "
        f"image of a batch of {f.all_stats[-1].images}.".lstrip(),
        "A ReLU that is 0 for every image is dead: its gradient is 0, so its weights no longer "
        "change. Steps that are too large push units there; a restart with smaller steps or with "
        "leaky-relu, which is never flat, prevents it.",
        restart_with_lower_rate(f) if too_fast else Proposal("activation", "leaky-relu"),
    )


def saturated_units(f: Facts) -> Finding | None:
    """Nearly all outputs of a tanh or sigmoid layer are at the ends of the activation's range."""
    if f.config.activation not in ("tanh", "sigmoid") or f.own_steps < _ENOUGH_STEPS:
        return None
    shares = [_saturation(layer.activations, f.config.activation) for layer in f.hidden]
    if not shares or max(shares) < _SATURATED:
        return None
    share, layer = max(shares), shares.index(max(shares)) + 1
    ends = "-1 or 1" if f.config.activation == "tanh" else "0 or 1"
    if f.config.initialization == "normal":
        proposal = Proposal("initialization", "xavier")
    elif f.config.learning_rate > UNUSUAL * usual_rate(f.config) or was_lowered(f):
        proposal = restart_with_lower_rate(f)  # weights that have grown stay large
    elif f.config.batch_norm or f.config.learning_rate > usual_rate(f.config):
        proposal = Proposal("learning_rate", lower_rate(f.config))
    else:
        proposal = Proposal("batch_norm", True)
    return Finding(
        "saturated units",
        Seriousness.WARNING,
        f"{f.config.activation} units are saturated",
        f"{unusual_rate(f)} In hidden layer {layer}, {share:.0%} of the outputs are close to "
        f"{ends}.".lstrip(),
        f"There the curve of {f.config.activation} is flat, so hardly any gradient passes through "
        "and the layers before it learn slowly. Smaller weights keep its inputs near 0.",
        proposal,
    )


def _saturation(histogram: "Histogram", activation: str) -> float:
    """The share of the outputs at the ends of the range of tanh or sigmoid."""
    counts = histogram.counts
    if not len(counts):
        return histogram.zeros if activation == "sigmoid" else 0.0
    centers = (histogram.first + 0.5 + np.arange(len(counts))) * histogram.width
    if activation == "sigmoid":
        centers = 2 * centers - 1
    outside = abs(centers) > _SATURATION
    share = float(counts[outside].sum() / counts.sum())
    return share * (1 - histogram.zeros) + (histogram.zeros if activation == "sigmoid" else 0.0)
