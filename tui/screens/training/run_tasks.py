"""What the training screen does with kept runs: their list, and the file of its own run."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from core.config.config import Config
from tui.run.session import Session
from tui.screens.runs.arrangement import Arrangement

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.runs.summary import RunList
    from core.runs.trash import Trash
    from tui.screens.runs.screen import RunChoice
    from tui.screens.training.screen import TrainingScreen


class RunTasks:
    """Opens the list of kept runs. adopt: takes a config into the form."""

    def __init__(
        self, training: "TrainingScreen", session: Session, adopt: Callable[[Config], object]
    ) -> None:
        self._training, self._session, self._adopt = training, session, adopt
        self._arrangement = Arrangement()
        self._list: RunList | None = None  # once it was read, so that the screen opens at once

    def open(self) -> None:
        """Opens the list, and carries out what is chosen there."""
        from core.runs.summary import RunList
        from tui.screens.runs.screen import RunsScreen

        training, directory = self._training, self._session.runs
        if directory is None:
            training.notify("This program keeps no runs: it was started with --no-keep.")
            return
        if self._list is None:
            self._list = RunList(directory)
        training.app.clear_notifications()  # they would cover the dialog about a run
        run = training.snapshot.run
        dataset = run.dataset if run else None
        rename = self._session.rename
        screen = RunsScreen(self._list, dataset, rename, self._trash, self._arrangement)
        training.app.push_screen(screen, self._carry_out_choice)

    def carry_out(self, action: str) -> None:
        """Carries out one of RUN_COMMANDS for the run on the screen."""
        from tui.screens.runs.actions import RunActions

        training = self._training
        path = training.snapshot.kept.path if training.snapshot.kept else None
        if path is None:
            text = "This run has no file. A run gets one with its first step, if it is kept."
            training.notify(text)
            return
        app = training.app
        saved = partial(app.call_later, training.notify, f"Kept in {path.name}.")
        actions = RunActions(app, self._session.rename, self._trash, lambda _: saved())
        actions.read(path, getattr(actions, action))

    @property
    def _trash(self) -> "Trash":
        return self._training.app.trash  # type: ignore[attr-defined]

    def _carry_out_choice(self, choice: "RunChoice | None") -> None:
        if choice is None:
            return
        if choice.config is None:
            self._session.resume(choice.path)
            return
        self._adopt(choice.config)
        self._session.restart(choice.config)
        text = f"A new run with the settings that {choice.path.stem} ended with."
        self._training.notify(text)
