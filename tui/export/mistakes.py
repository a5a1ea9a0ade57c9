"""The most confident mistakes of a network, as a picture and as text."""

from base64 import b64encode
from collections.abc import Iterator

from rich.cells import set_cell_size

from core.data.dataset import Dataset
from core.events import Evaluation
from core.history.image_selection import ImageSelection
from tui.drawing.numbers import percent
from tui.drawing.pictures import ascii_rows, picture_size
from tui.export import png, svg

_COLUMNS, _ROWS = 6, 4
_IMAGE, _TILE, _CAPTION = 112, 140, 40  # pixels
_TEXT_COLUMNS, _TEXT_ROWS, _TEXT_LINES = 4, 3, 14


def as_svg(evaluation: Evaluation, dataset: Dataset, name: str) -> str:
    """Returns a picture of up to 24 mistakes. name: of the run."""
    rows = ImageSelection().rows(evaluation)
    title = (
        f"{name}, {evaluation.subset} set after step {evaluation.step:,}: "
        f"{len(rows):,} mistakes in {len(evaluation.labels):,} images, the most confident first"
    )
    elements = [svg.text(12, 20, title, font_weight="bold")]
    for place, row in enumerate(rows[: _COLUMNS * _ROWS].tolist()):
        down, across = divmod(place, _COLUMNS)
        corner = f"translate({12 + _TILE * across} {36 + (_IMAGE + _CAPTION) * down})"
        content = "\n".join(_tile(evaluation, dataset, row))
        elements.append(svg.element("g", content, transform=corner))
    lines = min(_ROWS, -(-len(rows) // _COLUMNS))
    height = 40 + (_IMAGE + _CAPTION) * lines
    return svg.document(24 + _TILE * _COLUMNS, height, f"Mistakes of {name}", elements)


def _tile(evaluation: Evaluation, dataset: Dataset, row: int) -> Iterator[str]:
    image = dataset.images(evaluation.subset)[evaluation.indices[row]]
    height, width = (float(side) * _IMAGE / max(image.shape) for side in image.shape)
    data = b64encode(png.from_gray(image)).decode()
    yield svg.element(
        "image",
        href=f"data:image/png;base64,{data}",
        width=width,
        height=height,
        style="image-rendering:pixelated",
    )
    for line, words in enumerate(_captions(evaluation, dataset, row)):
        yield svg.text(0, _IMAGE + 12 + 13 * line, words, font_size=10)


def _captions(evaluation: Evaluation, dataset: Dataset, row: int) -> tuple[str, str]:
    names = dataset.class_names
    probabilities, true = evaluation.probabilities[row], int(evaluation.labels[row])
    predicted = int(probabilities.argmax())
    return (
        f"pred {percent(float(probabilities[predicted]))} {names[predicted]}",
        f"true {percent(float(probabilities[true]))} {names[true]}",
    )


def as_text(evaluation: Evaluation, dataset: Dataset) -> str:
    """Returns up to 12 mistakes in characters: the denser, the brighter."""
    rows = ImageSelection().rows(evaluation)
    lines = [
        f"{len(rows):,} mistakes in {len(evaluation.labels):,} images of the {evaluation.subset} "
        f"set after step {evaluation.step:,}, the most confident first",
    ]
    shown = rows[: _TEXT_COLUMNS * _TEXT_ROWS].tolist()
    for start in range(0, len(shown), _TEXT_COLUMNS):
        tiles = [
            _text_tile(evaluation, dataset, row) for row in shown[start : start + _TEXT_COLUMNS]
        ]
        lines += ["", *("  ".join(parts).rstrip() for parts in zip(*tiles, strict=True))]
    return "\n".join(lines) + "\n"


def _text_tile(evaluation: Evaluation, dataset: Dataset, row: int) -> list[str]:
    image = dataset.images(evaluation.subset)[evaluation.indices[row]]
    size = picture_size(image.shape, _TEXT_LINES, 2 * _TEXT_LINES)
    lines = [*ascii_rows(image, *size), *_captions(evaluation, dataset, row)]
    return [set_cell_size(line, 2 * _TEXT_LINES) for line in lines]
