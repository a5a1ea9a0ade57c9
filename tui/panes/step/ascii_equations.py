"""Equations for terminals that have no characters but those of ASCII, spelt as programmers do.

A character for a character would make a b1 of β₁, which is a bias, and a Z12 of Z1².
"""

import re

_ROOT = re.compile(r"√(\d[\d.]*(?:e[-+]\d+)?|\w+)")  # of what has no parentheses
_SPELT = {
    "⊙": ".*",
    "·": "*",
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


def spell_ascii(text: str, ascii_only: bool) -> str:
    """The text as it is, or with names in the place of signs that ASCII has not."""
    if ascii_only and not text.isascii():
        text = _ROOT.sub(r"√(\1)", text)
        for sign, name in _SPELT.items():
            text = text.replace(sign, name)
    return text
