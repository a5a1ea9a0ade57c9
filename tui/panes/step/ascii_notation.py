"""Equations in ASCII, with names in place of the symbols.

Replacing character by character would turn β₁ into b1, which is a bias, and Z1² into Z12.
"""

import re

_ROOT = re.compile(r"√(\d[\d.]*(?:e[-+]\d+)?|\w+)")  # a root without parentheses
_NAMES = {
    "⊙": ".*",
    "·": "*",
    "¼": "0.25",
    "½": "0.5",
    "ᵀ": "'",
    "²": "^2",
    "³": "^3",
    "√": "sqrt",
    "Σₖ": "sum_k",
    "Σ": "sum",
    "₁": "_1",
    "₂": "_2",
    "‖": "|",
    "←": "<-",
    "→": "->",
    "…": "...",
    "∞": "inf",
    "Ẑ": "Zhat",
    "ℓ": "loss",
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "ε": "eps",
    "θ": "theta",
    "λ": "lambda",
    "μ": "mu",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
}


def ascii_notation(text: str, ascii_only: bool) -> str:
    """Returns the text with its symbols spelled out if `ascii_only`, otherwise unchanged."""
    if ascii_only and not text.isascii():
        text = _ROOT.sub(r"√(\1)", text)
        for symbol, name in _NAMES.items():
            text = text.replace(symbol, name)
    return text
