"""Makes the screenshots in the README: `python assets/screenshots.py` in the checkout.

It trains the default preset in the real app, without a terminal, and saves the screen as SVG.
"""

import asyncio
import os
import re

from core.assets import ASSETS, FASHION_MNIST
from core.config.presets import presets
from tui.app import FashionApp
from tui.run.session import Session

# Local monospace fonts, because Textual's web fonts would need a download.
_FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


async def capture(name: str, size: tuple[int, int], epochs: int, *keys: str) -> None:
    """Saves the screen after `epochs` epochs and the given keys as assets/NAME.svg."""
    config = presets()["default"].config
    app = FashionApp(Session(config, FASHION_MNIST), config, "default")
    async with app.run_test(size=size, notifications=True) as pilot:
        while app.screen.snapshot.evaluation is None:  # type: ignore[attr-defined]
            await asyncio.sleep(0.05)
        for epoch in range(1, epochs + 1):
            await pilot.press("e")
            while app.screen.snapshot.evaluation.step < 430 * epoch:  # type: ignore[attr-defined]
                await asyncio.sleep(0.05)
        for key in keys:  # one by one, with pauses, as a user would
            await pilot.press(key)
            await asyncio.sleep(0.2)
        await asyncio.sleep(2)
        svg = app.export_screenshot(title="fashion-tui")
    app.session.close()
    svg = re.sub(r"@font-face {.*?}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;]*;", f"font-family: {_FONTS};", svg)
    path = ASSETS / f"{name}.svg"
    path.write_text(svg, encoding="utf-8")
    print(path)


async def main() -> None:
    await capture("training", (120, 40), 5)
    await capture("image", (120, 40), 5, *"3", "right", "right", "enter")
    await capture("curves", (120, 40), 5, "1", "l", "f", "end", *["left"] * 30)
    await capture("step", (120, 40), 5, "x", *["d"] * 12)
    await capture("units", (120, 40), 5, "6", "v", "f")


if __name__ == "__main__":
    os.environ["COLORTERM"] = "truecolor"  # in any terminal
    asyncio.run(main())
