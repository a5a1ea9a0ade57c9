"""What the screen can ask about a picture, for `Session.examine`."""

from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.training.trainer import Trainer
from core.types import Bytes, ShouldContinue
from tui.run.inspector import ExaminationTask

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.inspection.adversarial_example import AdversarialExample
    from core.inspection.best_picture import BestPicture
    from core.inspection.nearest_images import NearestImages
    from core.inspection.reasons import Reasons


def adversarial(picture: Bytes) -> ExaminationTask:
    """The adversarial example of a picture."""

    def work(trainer: Trainer, should_continue: ShouldContinue) -> "AdversarialExample":
        from core.inspection.adversarial_example import adversarial_example

        _check(trainer, picture)
        return adversarial_example(trainer.network, picture, trainer.steps)

    return work


def best(label: int, shape: tuple[int, int]) -> ExaminationTask:
    """The network's best picture of a class, of this (height, width)."""

    def work(trainer: Trainer, should_continue: ShouldContinue) -> "BestPicture | None":
        from core.inspection.best_picture import best_picture

        if shape[0] * shape[1] != trainer.network.sizes[0] or label >= trainer.network.sizes[-1]:
            raise _other_data()
        return best_picture(trainer.network, label, shape, trainer.steps, should_continue)

    return work


def why(picture: Bytes, label: int | None) -> ExaminationTask:
    """The effect of the pixels on the predicted class and on the class `label`.

    label: None for the second most probable class, which is also taken if `label` is predicted.
    """

    def work(trainer: Trainer, should_continue: ShouldContinue) -> "Reasons":
        from core.inspection.reasons import reasons

        _check(trainer, picture)
        [shares] = trainer.network.probabilities(picture[None])
        first, second = shares.argsort(kind="stable")[::-1][:2].tolist()
        other = second if label is None or label == first or label >= len(shares) else label
        return reasons(trainer.network, picture, (first, other), trainer.steps)

    return work


def nearest(picture: Bytes, without: int | None) -> ExaminationTask:
    """The training images nearest to a picture. without: the number of an image to skip."""

    def work(trainer: Trainer, should_continue: ShouldContinue) -> "NearestImages | None":
        from core.inspection.nearest_images import nearest_images

        _check(trainer, picture)
        return nearest_images(
            trainer.network,
            trainer.training_set,
            picture,
            without,
            trainer.steps,
            should_continue,
        )

    return work


def _check(trainer: Trainer, picture: Bytes) -> None:
    if picture.size != trainer.network.sizes[0]:
        raise _other_data()


def _other_data() -> ConfigError:
    return ConfigError("picture", "the run has images of another size now")
