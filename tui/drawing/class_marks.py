"""The sign and the color of each class, or of each of several curves."""

GLYPHS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
COLORS = (
    *("primary", "accent", "success", "error", "foreground"),
    *("#9b6dd6", "#2fa39a", "#e0679a", "#a5764f", "secondary"),
)
"""Names of theme colors, or colors that are readable on light and dark."""


def glyph(number: int) -> str:
    """The sign of a class; from class 62 on they repeat."""
    return GLYPHS[number % len(GLYPHS)]


def color(number: int) -> str:
    """The color of a class; from class 10 on they repeat."""
    return COLORS[number % len(COLORS)]
