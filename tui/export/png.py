"""PNG: one image of a dataset without any package, a whole picture from SVG with one."""

import zlib
from struct import pack

from core.errors import ExportError
from core.types import Bytes


def from_gray(image: Bytes) -> bytes:
    """Returns an image (height, width) uint8, 0 black, as a gray PNG. Source: RFC 2083."""
    height, width = image.shape
    rows = b"".join(b"\0" + row.tobytes() for row in image)  # 0: the row is not filtered
    header = pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def from_svg(picture: str) -> bytes:
    """Returns a picture at twice its size. Raises ExportError without the package resvg-py."""
    try:
        from resvg_py import svg_to_bytes
    except ImportError as error:
        raise ExportError(
            "PNG needs the package resvg-py; install it with: pip install 'fashion-tui[png]'"
        ) from error
    return bytes(svg_to_bytes(svg_string=picture, zoom=2))
