"""The few elements of SVG that the pictures of a run are made of."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from core.text import printable

FONTS = "'DejaVu Sans', Verdana, 'Segoe UI', sans-serif"
INK, GRAY, FAINT = "#1a1a1a", "#767676", "#d9d9d9"
BLUE, ORANGE, RED = "#0b62a4", "#b35900", "#b00020"


def document(width: float, height: float, title: str, elements: Iterable[str]) -> str:
    """Returns a picture of this size in pixels, on white."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="{FONTS}" font-size="12" fill="{INK}">'
    )
    background = element("rect", width=width, height=height, fill="white")
    return "\n".join((head, f"<title>{clean(title)}</title>", background, *elements, "</svg>\n"))


def element(name: str, content: str = "", **attributes: object) -> str:
    """Returns an element. content: SVG. In names of attributes, _ stands for -."""
    parts = [name]
    for key, value in attributes.items():
        text = f"{value:g}" if isinstance(value, float) else printable(str(value))
        parts.append(f"{key.replace('_', '-')}={quoteattr(text)}")
    return f"<{' '.join(parts)}>{content}</{name}>" if content else f"<{' '.join(parts)}/>"


def text(x: float, y: float, words: str, anchor: str = "start", **attributes: object) -> str:
    """Returns a line of text. y: of its base line; anchor: start, middle or end, which is at x."""
    return element("text", clean(words), x=x, y=y, text_anchor=anchor, **attributes)


def clean(words: str) -> str:
    """Returns text from outside, for the content of an element."""
    return escape(printable(words))
