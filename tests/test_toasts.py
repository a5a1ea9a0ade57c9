"""The toasts for events that the panes do not show."""

from dataclasses import replace

import pytest
from canned import evaluation, frame, run, run_started, screen, step, toasts, until
from textual.widgets._toast import Toast as ToastWidget

from core.config.config import Config
from core.config.presets import Preset
from core.events import Branch, Phase, PhaseChanged, Refused, RunMoved, Scored, Warned
from core.history.branch_history import BestEvaluation, Result
from core.history.snapshot import Snapshot
from core.runs.notices import KEPT_AGAIN
from tui.panes.curves.rate_chart import RateChart
from tui.panes.numbers_line import numbers
from tui.screens.training.toasts import Toast, about_start, ending, toast


def test_a_refused_command_is_a_warning():
    assert toast(Refused("step", "no way")) == Toast("No way", severity="warning")


def test_a_path_keeps_its_case():
    for path in ("b1/train-images", "b1\\train.csv", "shirts.csv:", "otter.run"):
        assert toast(Refused("run", f"{path} is empty")).message == f"{path} is empty"
    assert toast(Warned("the end. And more")).message == "The end. And more"


def test_only_a_phase_with_a_message_is_a_toast():
    finished = toast(PhaseChanged(Phase.FINISHED, "done"))
    assert finished == Toast("Done", "Finished", "information", 15)
    diverged = toast(PhaseChanged(Phase.DIVERGED, "loss is NaN"))
    assert diverged == Toast("Loss is NaN", "Diverged", "error", 15)
    assert toast(PhaseChanged(Phase.PAUSED)) is None


def test_a_message_that_names_the_phase_has_no_title_that_repeats_it():
    diverged = toast(PhaseChanged(Phase.DIVERGED, "diverged after step 7: the loss is not finite"))
    assert diverged == Toast("Diverged after step 7: the loss is not finite", "", "error", 15)


def test_a_test_score_has_its_images_and_step():
    score = toast(Scored(evaluation(30, 0.875, "test")))
    assert score.title == "Test set of 20 images"
    assert score.message == "Accuracy 87.5%, loss 0.250 after step 30"


def test_a_huge_loss_is_written_as_in_the_line_of_numbers():
    huge = replace(evaluation(30, 0.1), loss=3.68e36)
    assert "loss 3.7e36 " in toast(Scored(huge)).message
    shown = numbers(Snapshot(run=run_started(), result=Result.of(huge)), 120).plain
    assert "loss 3.7e36 " in shown
    assert "loss 123,457 " in toast(Scored(replace(huge, loss=123456.7))).message


def test_that_a_run_is_kept_again_is_no_warning():
    again = toast(Warned(KEPT_AGAIN))
    assert (again.title, again.severity) == ("", "information")


def test_a_new_run_says_whether_it_starts_from_the_same_weights():
    before = run_started(Config())

    def words(same_start, **changes):
        started = replace(before, config=Config(**changes), same_start=same_start)
        return about_start(started, before).message

    same = "Same initial weights"
    assert words(True, dropout=0.2) == f"{same} as the last run."
    assert words(True) == (
        f"{same} and settings as the last run, so it will give the same results."
    )
    without = replace(before, dataset=before.dataset.without([0]), same_start=True)
    assert about_start(without, before).message == f"{same} as the last run."
    assert words(False, seed=1, hidden=(5,), dropout=0.2) == (
        "New initial weights, because seed and hidden changed."
    )
    assert (
        about_start(before, before) is about_start(replace(before, same_start=True), None) is None
    )


def test_a_step_is_no_toast():
    assert toast(step(1)) is None


def ended(last, **others):
    """A run of 30 steps with this evaluation."""
    result = Result.of(last)
    return Snapshot(run=run_started(), step=step(30), evaluation=last, result=result, **others)


def test_the_end_of_another_branch_names_the_accuracy_recorded_there():
    warned = replace(evaluation(30, 0.1), warnings=("the network predicts only one class",))
    moved = replace(ended(warned), result=Result(30, 0.25, 0.9))
    message = ending(moved, ()).message
    assert message.startswith("Validation accuracy 90.0%")
    assert "Warning" not in message


@pytest.mark.parametrize(("best", "words"), [(0.8774, ""), (0.8812, ", best 88.1% in epoch 3")])
def test_the_end_of_a_run_names_the_best_evaluation_if_it_reads_otherwise(best, words):
    snapshot = ended(evaluation(30, 0.8771), best_evaluation=BestEvaluation(20, 3, best))
    said = ending(snapshot, ()).message.splitlines()[0]
    assert said == f"Validation accuracy 87.7%{words}"


def test_the_end_of_a_run_names_its_warning():
    warned = replace(evaluation(30, 0.1), warnings=("the network predicts only one class",))
    toast = ending(ended(warned), ())
    assert toast.severity == "warning"
    assert "Warning: the network predicts only one class." in toast.message.splitlines()


def test_what_the_preset_promises_is_said_only_about_its_data(fashion, tiny):
    preset = Preset("mine", "784-10: about 89%", Config())
    for data, config, is_said in (
        (fashion, Config(), True),
        (fashion, Config(epochs=3), False),  # the preset may be chosen, but waits for a restart
        (tiny, Config(), False),
    ):
        started = replace(run_started(), dataset=data)
        snapshot = replace(ended(evaluation(30, 0.8771), config=config), run=started)
        said = ending(snapshot, [preset]).message
        assert ("The preset: 784-10, about 89%." in said) == is_said


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_toasts_are_low_and_leave_the_timeline_of_a_small_window_visible(size):
    async with screen(*run(35), size=size, notifications=True) as pilot:
        pilot.app.notify("Accuracy 88.94%, loss 0.3370 after step 4,300", title="Test set")
        await until(pilot, lambda: bool(pilot.app.screen.query(ToastWidget)))
        shown = pilot.app.screen.query_one(ToastWidget).region
        assert shown.height == 2
        if size == (80, 24):
            assert shown.bottom <= pilot.app.screen.query_one(RateChart).region.y


async def test_a_toast_takes_the_place_of_one_that_says_the_same_and_a_divergence_has_one():
    async with screen(*run()) as pilot:
        for message in ("Nothing to undo.", "Nothing to undo.", "Saved.", "Nothing to undo."):
            pilot.app.notify(message)
            await pilot.pause()
        assert toasts(pilot) == ["Saved.", "Nothing to undo."]
        pilot.app.clear_notifications()

        for message in (
            "diverged after step 36: the loss",
            "diverged after step 36: the test loss",
        ):
            await frame(pilot, PhaseChanged(Phase.DIVERGED, message))
            [said] = toasts(pilot)  # and none of the coach
            assert said == f"D{message[1:]}"
        assert pilot.app.screen.coached[0].finding.rule == "diverged"
        assert "step" not in pilot.app.screen.coached[0].finding.evidence


async def test_back_at_the_end_the_accuracy_is_that_of_the_end():
    async with screen(*run(30), PhaseChanged(Phase.FINISHED)) as pilot:
        for to, phase in ((20, Phase.PAUSED), (30, Phase.FINISHED)):
            branches = (Branch(0, None, 0, 30),)
            await frame(pilot, RunMoved(to, step(to), Config(), 0, branches), PhaseChanged(phase))
            said = " ".join(toasts(pilot))
            assert ("Validation accuracy 85.3%" in said) == (to == 30)
            assert said.count("accuracy") == (to == 30)
            await frame(pilot, evaluation(to, 0.5))


async def test_what_is_said_of_a_state_of_the_run_goes_when_that_state_ends():
    async with screen() as pilot:
        for phase, said in (
            (Phase.DIVERGED, "diverged after step 36: the loss is not finite"),
            (Phase.FINISHED, None),
            (Phase.FINISHED, "stopped early"),
        ):
            await frame(pilot, PhaseChanged(phase, said))
            pilot.app.notify("Saved.")
            await pilot.pause()
            assert len(toasts(pilot)) == 2
            await frame(pilot, PhaseChanged(phase))  # it has not ended
            assert len(toasts(pilot)) == 2
            await frame(pilot, PhaseChanged(Phase.PAUSED))
            assert toasts(pilot) == ["Saved."]
            pilot.app.clear_notifications()

        # what is said at the end goes when the user moves to a pane, too
        await frame(pilot, PhaseChanged(Phase.FINISHED))
        await until(pilot, lambda: toasts(pilot))
        await pilot.press("3")
        await until(pilot, lambda: not toasts(pilot))
