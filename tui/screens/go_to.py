"""The question where to go: to an epoch, a step, or a held-out accuracy."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.validation import ValidationResult, Validator
from textual.widgets import Input, Label

from core.errors import ConfigError
from core.goals import Goal


class GoalValidator(Validator):
    """Whether a text says where to go, in the words of core."""

    def validate(self, value: str) -> ValidationResult:
        try:
            Goal.parse(value)
        except ConfigError as error:
            return self.failure(str(error))
        return self.success()


class GoTo(ModalScreen[Goal | None]):
    """Asks over the panes; left with a goal, or with None."""

    AUTO_FOCUS = "Input"
    BINDINGS = [Binding("escape", "leave", "Back", show=False)]

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Go to"
            box.border_subtitle = "Enter: go   Escape: back"
            yield Input(
                placeholder="epoch 5, step 1200 or 85%",
                compact=True,
                validators=[GoalValidator()],
                validate_on=["submitted"],
            )
            yield Label(
                "An epoch or a step (of the past, too); or a percentage, which trains until the "
                "held-out accuracy reaches it. space stops on the way.",
                id="goal-hint",
            )

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        result = event.validation_result
        if result is not None and not result.is_valid:
            hint = self.query_one("#goal-hint", Label)
            hint.add_class("-fault")
            hint.update(result.failure_descriptions[0])
        elif self.is_current:
            self.dismiss(Goal.parse(event.value))

    def action_leave(self) -> None:
        if self.is_current:
            self.dismiss(None)
