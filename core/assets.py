"""Where the files lie that travel with the program: `assets/`, beside `core/`.

The wheel keeps the two side by side as the checkout does, so that one rule finds them in both.
"""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"
FASHION_MNIST = ASSETS / "fashion-mnist"
