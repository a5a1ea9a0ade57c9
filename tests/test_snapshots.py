"""What the screen looks like, as SVG pictures: `pytest --snapshot-update` after a wanted change."""

import pytest
from canned import CannedSession, frame, run

from core.config.config import Config
from tui.app import FashionApp


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
def test_the_screen_looks_as_before(snap_compare, size):
    app = FashionApp(CannedSession(*run()), Config(), "default")

    assert snap_compare(app, terminal_size=size, run_before=frame)
