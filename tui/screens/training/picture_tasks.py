"""What the screens do with single pictures: draw on them, enlarge, examine and mark them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.dataset import Dataset
from core.directories import expanded
from core.errors import ConfigError, DataError
from core.events import RunStarted
from core.image_place import ImagePlace, image_name
from core.types import Bytes
from tui.panes.browsed import Browsed, Listed
from tui.run.session import Session
from tui.screens.background import in_background

if TYPE_CHECKING:
    from tui.screens.board.drawing import Drawing
    from tui.screens.doubtful import DoubtfulImages
    from tui.screens.examine.examined_picture import ExaminedPicture
    from tui.screens.training.screen import TrainingScreen

Select = Callable[[int | None], None]

# Screens are imported when they are needed, so that the program starts sooner.


class PictureTasks:
    """Opens the screens about pictures of the run on the training screen."""

    def __init__(self, training: "TrainingScreen", session: Session) -> None:
        self._training, self._session = training, session
        self._drawing: Drawing | None = None  # of the board, which may be opened again
        self._doubtful: DoubtfulImages | None = None  # None while they are not known yet
        self._images: Bytes | None = None  # those that they are images of

    @property
    def _run(self) -> RunStarted | None:
        run = self._training.snapshot.run
        if run is None:
            self._training.notify("The images are still loading.", timeout=3)
        return run

    def classify(self, picture: Bytes) -> None:
        self._session.classify(picture)

    def action_go_to(self) -> None:
        self._training.action_go_to()

    # The board

    def draw(self, picture: Bytes | None = None) -> None:
        """Opens the drawing board with the last drawing, or with a picture."""
        from tui.screens.board.board import BoardScreen
        from tui.screens.board.drawing import Drawing

        if (run := self._run) is None:
            return
        height, width = run.dataset.images("test").shape[1:]
        if self._drawing is None or self._drawing.shape != (height, width):
            self._drawing = Drawing((height, width))
        if picture is not None:
            self._drawing.load(picture)
        app = self._training.app
        if isinstance(app.screen, BoardScreen):
            app.screen.reload()
        else:
            app.push_screen(BoardScreen(self._training, self._drawing, self))

    def draw_on(self, subset: str, index: int) -> None:
        """Opens the drawing board with an image of a subset."""
        if (run := self._run) is not None:
            self.draw(run.dataset.images(subset)[index])

    def ask_for_file(self) -> None:
        """Asks for a picture file to draw on."""
        from tui.screens.runs.prompt import Prompt

        hint = "A path, such as ~/shirt.png. The picture is converted to grayscale and resized."
        prompt = Prompt("Picture file", "", hint, lambda text: "" if text else hint, "open")

        def answer(text: str | None) -> None:
            if text:
                self.draw_file(expanded(text))

        self._training.app.push_screen(prompt, answer)

    def draw_file(self, path: Path) -> None:
        """Opens the drawing board with a picture file, prepared as `fashion-tui classify` does."""
        if (run := self._run) is not None:
            images = run.dataset.images("test")
            in_background(self._training.app, partial(self._read_file, path, images))

    def _read_file(self, path: Path, images: Bytes) -> None:
        from core.data.picture_file import has_light_background, read_picture

        later, notify = self._training.app.call_later, self._training.notify
        try:
            light = has_light_background(images)
            found = read_picture(path, images.shape[1:], light=light)
        except DataError as error:
            later(partial(notify, str(error), severity="warning", timeout=10))
            return
        (width, height), (rows, columns) = found.size, found.pixels.shape
        how = "inverted to match the dataset" if found.inverted else "not inverted"
        made = f"converted to grayscale and resized to {columns}×{rows}, {how}"
        text = f"{path.name}: {width}×{height} pixels, {made}."
        later(self.draw, found.pixels)
        later(partial(notify, text, timeout=6))

    # Images of the dataset

    def open_image(
        self, browsed: Browsed, subset: str, index: int, select: Select | None = None
    ) -> None:
        """Enlarges an image. select: called with the last one that was shown."""
        from tui.screens.image import ImageScreen

        self._load_doubtful()
        screen = ImageScreen(self._training, browsed, subset, index, self)
        self._training.app.push_screen(screen, select)

    def open_place(self, place: ImagePlace) -> None:
        """Enlarges the image with a number; shows a toast if there is none."""
        if (run := self._run) is None:
            return
        import numpy as np

        try:
            subset, index = place.find(run)
        except ConfigError as error:
            self._training.notify(str(error), severity="warning")
            return
        part = run.evaluation_indices if subset == "validation" else None
        if part is None:
            part = np.arange(len(run.dataset.images(subset)))
        name = {"training": "training file", "validation": "validation set"}.get(subset, "test set")
        self.open_image(Listed(part, name), subset, index)

    def open_data(self) -> None:
        """Opens the data view."""
        from tui.screens.data.screen import DataScreen

        if self._run is None:
            self._training.notify("The images are still loading.", timeout=3)
            return
        self._load_doubtful()

        def leave_out(wanted: bool | None) -> None:
            if wanted:
                self._training.restart_without(tuple(sorted(self._training.doubtful)))

        screen = DataScreen(self._training, self.open_image, self)
        self._training.app.push_screen(screen, leave_out)

    # Examinations

    def examine_image(self, kind: str, subset: str, index: int) -> None:
        """Opens an examination of an image: "adversarial", "best" or "why"."""
        from tui.screens.examine.examined_picture import ExaminedPicture

        if (run := self._run) is None or index >= len(run.dataset.images(subset)):
            return
        data = run.dataset
        label = int(data.labels(subset)[index])
        number = None if subset == "test" else index
        name = f"{image_name(subset, index)}, {data.class_names[label]}"
        self.examine(kind, ExaminedPicture(data.images(subset)[index].copy(), name, label, number))

    def examine(self, kind: str, subject: "ExaminedPicture") -> None:
        """Opens an examination: "adversarial", "best" or "why"."""
        from tui.screens.examine.adversarial import AdversarialPane
        from tui.screens.examine.best_picture import BestPicturePane
        from tui.screens.examine.pane import ExaminePane
        from tui.screens.examine.screen import ExamineScreen
        from tui.screens.examine.why import WhyPane

        pane: ExaminePane
        if kind == "adversarial":
            pane = AdversarialPane(subject)
        elif kind == "best":
            pane = BestPicturePane(subject, subject.label or 0)
        else:
            pane = WhyPane(subject)
        screen = ExamineScreen(self._training, pane, self._session.examine)
        self._training.app.push_screen(screen)

    # Doubtful images

    def toggle_doubtful(self, subset: str, index: int) -> None:
        """Marks a training image as doubtful, or unmarks it."""
        if subset == "test":
            self._training.notify(
                "Only training and validation images can be marked; the test set stays "
                "unchanged so that results stay comparable.",
                timeout=6,
            )
            return
        self._load_doubtful()
        self._toggle(frozenset({index}))

    def _load_doubtful(self) -> None:
        """Begins to read the images of the current data that were marked before."""
        if (run := self._run) is not None and self._images is not run.dataset.train_images:
            self._images, self._doubtful = run.dataset.train_images, None
            self._training.doubtful = frozenset()
            in_background(self._training.app, partial(self._read_doubtful, run.dataset))

    def _read_doubtful(self, data: Dataset) -> None:
        from tui.screens.doubtful import DoubtfulImages

        report = partial(self._training.notify, severity="warning")
        kept = DoubtfulImages(self._session.runs, data, report)
        self._training.app.call_later(self._take_doubtful, data, kept, kept.read())

    def _take_doubtful(
        self, data: Dataset, kept: "DoubtfulImages", numbers: frozenset[int]
    ) -> None:
        if self._images is data.train_images:  # no other data were opened meanwhile
            toggled = self._training.doubtful  # while they were read
            self._doubtful, self._training.doubtful = kept, numbers
            if toggled:
                self._toggle(toggled)

    def _toggle(self, images: frozenset[int]) -> None:
        known = self._training.doubtful
        if self._doubtful is None:
            self._training.doubtful = known ^ images
        else:
            changes = images - known, images & known
            self._training.doubtful = self._doubtful.update(known, *changes)
