"""The paths of the included files: `assets/` is next to `core/`, in a checkout and in a wheel."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"
FASHION_MNIST = ASSETS / "fashion-mnist"
