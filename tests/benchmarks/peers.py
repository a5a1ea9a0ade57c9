"""The implementations that the trainer is compared with, on the same images and batch size.

A peer is a function that sets up a fresh network and returns a function that trains it: called
with a number of steps, that returns the speed in images per second.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from core.config.config import Config
from core.data.dataset import Dataset
from core.training.trainer import Trainer

Run = Callable[[int], float]
Peer = Callable[[Config, Dataset], Run]


@contextmanager
def threads(number: int) -> Iterator[None]:
    """A context in which BLAS, and PyTorch if it is loaded, use this many threads."""
    torch = sys.modules.get("torch")
    with threadpool_limits(number):
        if torch:
            torch.set_num_threads(number)
        yield


def ours(config: Config, data: Dataset) -> Run:
    """core.training.trainer; its clock excludes the evaluation at the end of an epoch."""
    trainer = Trainer(config, data)

    def run(steps: int) -> float:
        before = trainer.seconds
        images = sum(trainer.step().images for _ in range(steps))
        return images / (trainer.seconds - before)

    return run


def notebook(config: Config, data: Dataset) -> Run:
    """The original notebook's equations as written, in float64, one image per column."""
    X, labels, m = _columns(data), data.train_labels, config.batch_size
    rng = np.random.default_rng(config.seed)
    sizes = _sizes(config, data)
    W = [rng.normal(0, np.sqrt(2 / i), (o, i)) for i, o in pairwise(sizes)]
    b = [np.zeros((o, 1)) for o in sizes[1:]]

    def step() -> int:
        batch = np.random.choice(X.shape[1], m, replace=False)  # noqa: NPY002, as in the notebook
        A, Y = [X[:, batch]], np.eye(10)[labels[batch]].T
        for k in range(len(W) - 1):
            A.append(np.maximum(W[k] @ A[k] + b[k], 0))
        E = np.exp(W[-1] @ A[-1] + b[-1])
        dZ = E / E.sum(axis=0) - Y
        for k in reversed(range(len(W))):
            dW, db = dZ @ A[k].T / m, dZ.sum(axis=1, keepdims=True) / m
            if k:
                dZ = (W[k].T @ dZ) * (A[k] > 0)
            W[k] = W[k] - config.learning_rate * dW
            b[k] = b[k] - config.learning_rate * db
        return m

    return _timed(step)


def scikit_learn(config: Config, data: Dataset) -> Run:
    """MLPClassifier.partial_fit, up to an epoch per call: no score, tolerance or early stopping."""
    import sklearn
    from sklearn.neural_network import MLPClassifier

    X, y, m = _rows(data), data.train_labels, config.batch_size
    model = MLPClassifier(
        config.hidden,
        solver=config.optimizer,
        learning_rate_init=config.learning_rate,
        batch_size=m,
        momentum=0,
        nesterovs_momentum=False,
        alpha=0,
    )
    model.partial_fit(X[:m], y[:m], classes=np.unique(y))

    def run(steps: int) -> float:
        calls = -(-steps * m // len(X))
        part = slice(steps * m // calls)  # at most an epoch, without a short last batch
        start = perf_counter()
        # Otherwise it checks every pixel for NaN in each call.
        with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
            for _ in range(calls):
                model.partial_fit(X[part], y[part])
        return calls * part.stop / (perf_counter() - start)

    return run


def neural_network_digits(config: Config, data: Dataset) -> Run:
    """nn_digits.NeuralNetwork.train_step, with neither momentum nor weight decay."""
    from nn_digits.neural_net.network import NeuralNetwork

    X, Y, m = _rows(data), np.eye(10, dtype=np.float32)[data.train_labels], config.batch_size
    network = NeuralNetwork(_sizes(config, data), seed=config.seed)
    rng = np.random.default_rng(config.seed)

    def batches() -> Iterator[np.ndarray]:
        while True:
            order = rng.permutation(len(X))
            yield from (order[start : start + m] for start in range(0, len(X), m))

    following = batches()

    def step() -> int:
        batch = next(following)
        network.train_step(X[batch], Y[batch], config.learning_rate, momentum=0, l2=0)
        return len(batch)

    return _timed(step)


def pytorch(config: Config, data: Dataset) -> Run:
    """torch.nn.Sequential and the usual loop, without a DataLoader, which would be slower."""
    import torch

    X = torch.from_numpy(_rows(data))
    y = torch.from_numpy(data.train_labels.astype(np.int64))
    layers = []
    for n_in, n_out in pairwise(_sizes(config, data)):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    kind = torch.optim.SGD if config.optimizer == "sgd" else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=config.learning_rate)
    criterion = torch.nn.CrossEntropyLoss()

    def indices() -> Iterator[torch.Tensor]:
        while True:
            yield from torch.randperm(len(X)).split(config.batch_size)

    batches = indices()

    def step() -> int:
        batch = next(batches)
        optimizer.zero_grad()
        criterion(model(X[batch]), y[batch]).backward()
        optimizer.step()
        return len(batch)

    return _timed(step)


def products(config: Config, data: Dataset) -> Run:
    """Only the matrix products of a step: an upper limit for any trainer in NumPy."""
    m, sizes = config.batch_size, _sizes(config, data)
    rng = np.random.default_rng(config.seed)
    A = [rng.random((n, m), np.float32) for n in sizes]
    A[0] = _rows(data)[
        rng.permutation(len(data.train_images))[:m]
    ].T  # the layout of core.data.dataset.BatchLoader
    W = [rng.random((o, i), np.float32) for i, o in pairwise(sizes)]
    Z, dW, dA = ([np.empty_like(a) for a in arrays] for arrays in (A, W, A))

    def step() -> int:
        for k in range(len(W)):
            np.matmul(W[k], A[k], out=Z[k + 1])
        for k in reversed(range(len(W))):
            np.matmul(Z[k + 1], A[k].T, out=dW[k])
            if k:
                np.matmul(W[k].T, Z[k + 1], out=dA[k])
        return m

    return _timed(step)


def _timed(step: Callable[[], int]) -> Run:
    """Makes a run of a step function that returns the number of its images."""

    def run(steps: int) -> float:
        start = perf_counter()
        images = sum(step() for _ in range(steps))
        return images / (perf_counter() - start)

    return run


def _sizes(config: Config, data: Dataset) -> tuple[int, ...]:
    return (data.train_images[0].size, *config.hidden, len(data.class_names))


@cache
def _rows(data: Dataset) -> np.ndarray:
    """(60000, 784) float32 in [0, 1]."""
    return data.train_images.reshape(len(data.train_images), -1) / np.float32(255)


@cache
def _columns(data: Dataset) -> np.ndarray:
    """(784, 60000) float64 in [0, 1], with the values of a pixel contiguous, as from pandas."""
    return np.ascontiguousarray(data.train_images.reshape(len(data.train_images), -1).T) / 255
