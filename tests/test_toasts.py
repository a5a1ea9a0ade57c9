"""The toasts for events that the panes do not show."""

from canned import evaluation, screen, step, toasts

from core.events import Phase, PhaseChanged, Refused, Scored
from tui.screens.toasts import Toast, toast


def test_a_refused_command_is_a_warning():
    assert toast(Refused("step", "no way")) == Toast("No way", severity="warning")


def test_only_a_phase_with_a_message_is_a_toast():
    finished = toast(PhaseChanged(Phase.FINISHED, "done"))
    assert finished == Toast("Done", "Finished", "information", 15)
    diverged = toast(PhaseChanged(Phase.DIVERGED, "loss is NaN"))
    assert diverged == Toast("Loss is NaN", "Diverged", "error", 15)
    assert toast(PhaseChanged(Phase.PAUSED)) is None


def test_a_message_that_names_the_phase_has_no_title_that_repeats_it():
    diverged = toast(PhaseChanged(Phase.DIVERGED, "diverged at step 7: the loss is not finite"))
    assert diverged == Toast("Diverged at step 7: the loss is not finite", "", "error", 15)


def test_a_test_score_has_its_images_and_step():
    score = toast(Scored(evaluation(30, 0.875, "test")))
    assert score.title == "Test set"
    assert score.message == "Accuracy 87.50%, loss 0.2500 on 20 images, after step 30"


def test_a_step_is_no_toast():
    assert toast(step(1)) is None


async def test_a_toast_takes_the_place_of_one_that_says_the_same():
    async with screen() as pilot:
        for message in ("Nothing to undo.", "Nothing to undo.", "Saved.", "Nothing to undo."):
            pilot.app.notify(message)
            await pilot.pause()
        assert toasts(pilot) == ["Saved.", "Nothing to undo."]
