"""What fits in a window of a given size, as classes of a screen for the style sheet."""

# Windows of less than this width or height:
TOO_SMALL = (50, 16)
_SMALL = (110, 32)  # one pane at a time
_TWO_LINES = 24  # high; in a narrow window of this height, the numbers have two lines
_MEDIUM = 120  # wide; the matrix or the images, not both
_LOW = 38  # high; less for the matrix and the images
# Windows of at least this width or height:
_BROAD = 150  # the matrix has counts and recall
_WIDE = 180  # a detail pane has its own column
_TALL = 58  # twice as many rows of images


def is_small(width: int, height: int) -> bool:
    """Returns whether there is room for one pane at a time only."""
    return width < _SMALL[0] or height < _SMALL[1]


def size_classes(width: int, height: int) -> dict[str, bool]:
    """Returns the classes of the training screen, and whether each applies."""
    small = is_small(width, height)
    return {
        "-small": small,
        "-two-lines": width < _SMALL[0] and height >= _TWO_LINES,
        "-medium": width < _MEDIUM and not small,
        "-low": height < _LOW,
        "-broad": width >= _BROAD,
        "-wide": width >= _WIDE and not small,
        "-tall": height >= _TALL,
        "-too-small": width < TOO_SMALL[0] or height < TOO_SMALL[1],
    }
