"""The Textual app: owns the session and the look; the training screen does the rest."""

import os
from pathlib import Path

from textual.app import App

from core.config import Config
from tui.panes.form import Form
from tui.screens.training import Training
from tui.session import Session
from tui.streams import complain


class FashionApp(App[str]):
    """Watch a neural network learn. Left with a sentence, it could not even begin.

    `ascii`: draw with the characters of ASCII alone, for terminals that have no others.
    """

    TITLE = "fashion-tui"
    CSS_PATH = "app.tcss"
    AUTO_FOCUS = None

    def __init__(
        self, session: Session, config: Config, preset: str, *, ascii: bool = False
    ) -> None:
        super().__init__()
        self.ascii = ascii
        self.session = session
        self._training = Training(session, Form(config, preset))

    def on_mount(self) -> None:
        self.push_screen(self._training)


def run(config: Config, preset: str, data: Path) -> int:
    """Shows the app until it is left; returns the exit code."""
    session = Session(config, data)
    app = FashionApp(session, config, preset)
    try:
        trouble = app.run()
    finally:
        idle = session.close()
    if trouble:
        complain(trouble)
    code = app.return_code or 0
    if not idle:
        # Python must not tear down NumPy under a thread that is in the middle of a long step.
        os._exit(code)
    return code
