"""A neural network, its training loop and its data, in NumPy alone. Knows no screen."""

__version__ = "0.1.0"
