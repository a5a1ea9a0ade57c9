"""The sweep of the main screen: opens its screen, and reports when it has ended."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.config.config import Config
from core.directories import default_directory
from core.experiments.proposals import SEEDS, seeds
from core.experiments.study_storage import known_studies
from core.experiments.sweep_state import SweepState
from core.text import printable
from tui.run.sweeping import Sweeping
from tui.screens.sweep.draft import SweepDraft, Where
from tui.screens.sweep.screen import SweepScreen
from tui.screens.sweep.words import ending

if TYPE_CHECKING:
    from tui.run.session import Session
    from tui.screens.training.screen import TrainingScreen

_TAKEN = "The settings of the trial are in the form. r starts a run with them, u undoes that."


class MainSweep:
    """Keeps a sweep, and what was entered for it, while its screen is closed."""

    def __init__(self, training: "TrainingScreen", session: "Session") -> None:
        self._training, self._session = training, session
        self._sweeping = Sweeping(lambda: training.post_message(training.SweepChanged()))
        self._draft = SweepDraft()
        self._reported: SweepState | None = None  # whose end was reported

    def open(self, is_repetition: bool, take: Callable[[Config], object]) -> None:
        """Opens the screen, for a repetition with a sweep over seeds that is ready to start.

        take: called with the settings of a trial to take into the form.
        """
        training, app = self._training, self._training.app
        run, base = training.snapshot.run, training.draft.wanted
        if run is None:
            training.notify("The images are still loading.", timeout=3)
            return
        draft = SweepDraft() if is_repetition else self._draft
        if is_repetition:
            draft.texts["seed"] = seeds(base.seed, SEEDS)

        def take_best(config: Config | None) -> None:
            if config is not None:
                take(config)
                training.notify(_TAKEN, timeout=8)

        runs = self._session.runs
        studies = known_studies(runs or default_directory())
        where = Where(self._session.data, run.dataset.reading, runs, studies)
        screen = SweepScreen(training, self._sweeping, draft, base, where, is_repetition)
        app.push_screen(screen, take_best)

    def report_end(self) -> None:
        """Says once how the sweep has ended, unless its screen shows it."""
        state = self._sweeping.state
        if state is not None and not state.is_active and state is not self._reported:
            self._reported = state
            if not isinstance(self._training.app.screen, SweepScreen):
                self._training.notify(ending(state), title="Sweep", timeout=10)

    def stop(self) -> str:
        """Stops the sweep at the end of the program, waits for its processes, and returns how to go
        on with it; "" if nothing is left."""
        was_active = self._sweeping.is_active
        self._sweeping.close()
        state, request = self._sweeping.state, self._sweeping.request
        if not was_active or state is None or request is None:
            return ""
        if state.plan is None and state.fault:
            return printable(f"The sweep {state.study} did not start: {state.fault}")
        if state.plan is not None and not state.left:
            return ""
        # Without a plan, the process is still opening the study, and ends after that.
        line = request.command(state.study)
        return printable(f"The sweep {state.study} was stopped. To continue: {line}")
