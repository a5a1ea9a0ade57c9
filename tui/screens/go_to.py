"""The go-to dialog: it asks for an epoch, a step, an accuracy or the number of an image."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.validation import ValidationResult, Validator
from textual.widgets import Input, Label

from core.errors import ConfigError
from core.goals import Goal
from core.image_place import ImagePlace

_EXAMPLES = "1200 (a step), epoch 5, 85% or #45592"


def beyond_end(goal: Goal, run_end: tuple[int, int] | None) -> str:
    """Says where the run ends, if that is before the goal; else "".

    run_end: its epoch and step, or None if it is unknown.
    """
    if run_end is None or goal.kind == "accuracy":
        return ""
    epochs, steps = run_end
    if goal.value <= (epochs if goal.kind == "epoch" else steps):
        return ""
    return f"The run ends earlier, at epoch {epochs:,}, step {steps:,}. Add epochs to continue it."


class GoalValidator(Validator):
    """Accepts the number of an image, and what `Goal.parse` accepts, with its error messages, up to
    the end of the run."""

    def __init__(self, run_end: tuple[int, int] | None) -> None:
        super().__init__()
        self._run_end = run_end

    def validate(self, value: str) -> ValidationResult:
        if ImagePlace.parse(value):
            return self.success()
        try:
            fault = beyond_end(Goal.parse(value), self._run_end)
        except ConfigError:
            fault = f"Enter an epoch, a step, an accuracy or an image, for example {_EXAMPLES}"
        return self.failure(fault) if fault else self.success()


class GoTo(ModalScreen[Goal | ImagePlace | None]):
    """The dialog over the panes; returns a goal, an image, or None if it is cancelled.

    evaluation_set: the images whose accuracy can be a goal, "validation" or "test". run_end: the
    last epoch and step, or None if they are unknown.
    """

    AUTO_FOCUS = "Input"
    BINDINGS = [Binding("escape", "leave", "Close", show=False)]

    def __init__(self, evaluation_set: str, run_end: tuple[int, int] | None) -> None:
        super().__init__()
        self._run_end = run_end
        self._evaluation_set = evaluation_set

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Go to"
            box.border_subtitle = "Enter: go   Escape: close"
            yield Input(
                placeholder=_EXAMPLES,
                compact=True,
                validators=[GoalValidator(self._run_end)],
                validate_on=["submitted"],
            )
            yield Label(
                "Enter a step, such as 1200, or epoch 5 (earlier ones too), or a "
                f"{self._evaluation_set} accuracy to train to, such as 85%. Space pauses on the "
                "way.\nTo open an image, enter its number: #45592 in the training set, test #12 or "
                "validation #3.",
                id="goal-hint",
                markup=False,
            )

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        result = event.validation_result
        if result is not None and not result.is_valid:
            hint = self.query_one("#goal-hint", Label)
            hint.add_class("-fault")
            hint.update(result.failure_descriptions[0])
        else:
            self.dismiss(ImagePlace.parse(event.value) or Goal.parse(event.value))

    def action_leave(self) -> None:
        self.dismiss(None)
