"""The experiments of the training screen: learning rates, sweeps, and what the network would do."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.config.config import Config
from core.history.image_selection import ImageKind, ImageSelection
from tui.panes.browsed import Evaluated
from tui.run.session import Session

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from tui.screens.training.main_sweep import MainSweep
    from tui.screens.training.picture_tasks import PictureTasks
    from tui.screens.training.screen import TrainingScreen


class ExperimentTasks:
    """Opens the screens of experiments.

    pictures: enlarges the images that they show. adopt: takes a config into the form.
    """

    def __init__(
        self,
        training: "TrainingScreen",
        session: Session,
        pictures: "PictureTasks",
        adopt: Callable[[Config], object],
    ) -> None:
        self._training, self._session = training, session
        self._pictures, self._adopt = pictures, adopt
        self._sweep: MainSweep | None = None
        self._what_if_tab = 0  # that was shown last

    def find_rate(self) -> None:
        """Opens the search for a learning rate, and enters the one that is taken there."""
        from tui.screens.find_rate import FindRate

        if self._is_loading:
            return
        training, session = self._training, self._session

        def take(rate: float | None) -> None:
            if rate is not None:
                training.enter("learning_rate", rate)

        screen = FindRate(training, session.find_rate, session.stop_finding_rate)
        training.app.push_screen(screen, take)

    def open_sweep(self, is_repetition: bool) -> None:
        """Opens the sweep screen, for a repetition with a sweep over seeds."""
        from tui.screens.training.main_sweep import MainSweep

        if self._sweep is None:
            self._sweep = MainSweep(self._training, self._session)
        self._sweep.open(is_repetition, self._adopt)

    def report_end_of_sweep(self) -> None:
        if self._sweep is not None:
            self._sweep.report_end()

    def stop_sweep(self) -> str:
        """Stops a sweep at the end of the program, and returns how to continue it, or ""."""
        return self._sweep.stop() if self._sweep is not None else ""

    def open_what_if(self, tab: int | None) -> None:
        """Opens the screen of questions about the network, with a tab or that shown last."""
        from tui.screens.what_if.screen import WhatIfScreen

        if self._is_loading:
            return
        training, session = self._training, self._session
        self._what_if_tab = self._what_if_tab if tab is None else tab

        def enlarge(subset: str, index: int) -> None:
            everything = Evaluated(ImageSelection(ImageKind.ALL))
            self._pictures.open_image(everything, subset, index)

        def note_tab(tab: int | None) -> None:
            self._what_if_tab = tab or 0

        asking = session.ask, session.stop_asking
        screen = WhatIfScreen(training, *asking, enlarge, self._what_if_tab)
        training.app.push_screen(screen, note_tab)

    @property
    def _is_loading(self) -> bool:
        """Whether there is no run yet; a toast says so."""
        if self._training.snapshot.run is not None:
            return False
        self._training.notify("The images are still loading.", timeout=3)
        return True
