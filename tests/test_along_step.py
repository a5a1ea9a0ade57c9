"""The loss along a step: against direct computation, and the run stays as it is."""

import dataclasses

import numpy as np
import pytest
import traces

from core import Diverged, Trainer, loss_along_step
from core.data.dataset import Subset
from core.inspection.along_step import LossAlongStep
from core.training.timeline import Timeline

DROPOUT = traces.CONFIG.replace(dropout=0.3, flip=0.5, shift=1)


def walked(trainer, multiple):
    """The parameters of a run after that multiple of its next step, from the step itself."""
    before = trainer.checkpoint()
    trainer.step()
    change = trainer.network.parameters - before.parameters
    trainer.restore(before)
    trainer.network.parameters[:] = before.parameters + np.float32(multiple) * change


@pytest.mark.parametrize("values", [{}, {"batch_norm": True, "l2": 0.1}, {"optimizer": "adamw"}])
@pytest.mark.parametrize("place", [0, 16, 21])
def test_the_losses_are_those_of_runs_that_walked_so_far(tiny, values, place):
    """The next step of such a run says the loss of the same batch, with the same dropout."""
    config = DROPOUT.replace(**values, weight_decay=0.1 * ("optimizer" in values))
    trainer = traces.trained(config, tiny)
    along = loss_along_step(trainer)
    walked(trainer, along.multiples[place])
    evaluated = trainer.evaluate(trainer.evaluation_set).loss
    assert along.subset_losses[place] == pytest.approx(evaluated, rel=1e-5)
    assert along.batch_losses[place] == pytest.approx(trainer.step().loss, rel=1e-5)


def test_it_starts_with_the_loss_of_the_step_and_ends_a_step_on(tiny):
    """Bit for bit: at 1 the parameters are exactly those after the step."""
    trainer = traces.trained(traces.CONFIG, tiny)
    along = loss_along_step(trainer)
    assert along.subset_loss == trainer.evaluate(trainer.evaluation_set).loss
    step = trainer.step()
    assert (along.step, along.batch_loss) == (step.step, step.loss)
    [taken] = along.subset_losses[along.multiples == 1]
    assert taken == trainer.evaluate(trainer.evaluation_set).loss


def test_the_loss_has_no_label_smoothing_and_no_penalty(tiny):
    trainer = traces.trained(traces.EVERYTHING, tiny)
    assert loss_along_step(trainer).batch_loss == trainer.step().loss


def test_the_multiples_go_from_a_hundredth_to_a_hundred(tiny):
    along = loss_along_step(Trainer(traces.CONFIG, tiny))
    assert along.multiples[[0, -1]].tolist() == [0.01, 100]
    assert len(along.multiples) == len(along.batch_losses) == len(along.subset_losses) == 33
    assert along.size > 0
    assert (along.subset, along.images) == ("validation", 30)


def test_at_most_a_thousand_images_are_evaluated(make_dataset):
    trainer = Trainer(traces.CONFIG.replace(validation=1100), make_dataset(train=3300))
    along = loss_along_step(trainer)
    assert along.images == 1000
    whole = trainer.evaluation_set
    first = Subset(whole.name, whole.images, whole.labels, whole.indices[:1000])
    assert along.subset_loss == trainer.evaluate(first).loss


def test_without_validation_images_it_takes_the_test_set(tiny):
    along = loss_along_step(Trainer(traces.CONFIG.replace(validation=0), tiny))
    assert (along.subset, along.images) == ("test", 60)


@pytest.mark.parametrize("optimizer", traces.OPTIMIZERS)
def test_the_run_goes_on_as_if_nobody_had_asked(tiny, optimizer):
    decay = 0.1 * (optimizer == "adamw")
    config = traces.EVERYTHING.replace(optimizer=optimizer, weight_decay=decay)
    asked, straight = Trainer(config, tiny), Trainer(config, tiny)
    for _ in range(15):
        loss_along_step(asked)
        assert traces.everything(asked) == traces.everything(straight)
        assert asked.step().loss == straight.step().loss


def test_the_last_step_can_be_looked_at_again(tiny):
    run = Timeline(Trainer(traces.CONFIG.replace(epochs=1), tiny))
    while not run.trainer.finished:
        last = run.step()
    before = traces.everything(run.trainer)
    along = run.revisit(run.current_step - 1, loss_along_step)
    assert (along.step, along.batch_loss) == (last.step, last.loss)
    assert traces.everything(run.trainer) == before


def test_it_can_be_canceled_and_leaves_the_run_as_it_is(tiny):
    trainer = traces.trained(traces.EVERYTHING, tiny)
    before, fractions = traces.everything(trainer), []
    assert loss_along_step(trainer, lambda done: fractions.append(done) or done < 0.5) is None
    assert fractions[0] == 0
    assert 0.5 <= fractions[-1] < 0.6
    assert traces.everything(trainer) == before


def test_a_step_that_diverges_has_no_direction(tiny):
    trainer = traces.trained(traces.CONFIG, tiny)
    trainer.network.parameters[:] *= 1e30
    before = traces.everything(trainer)
    with pytest.raises(Diverged, match="diverged after step 7"):
        loss_along_step(trainer)
    assert traces.everything(trainer) == before


def test_losses_far_along_a_huge_step_are_no_numbers_and_the_summary_says_so(tiny):
    config = traces.CONFIG.replace(hidden=(8,) * 5, learning_rate=1e12, batch_size=150)
    along = loss_along_step(Trainer(config, tiny))
    assert np.isnan(along.batch_losses).any()
    assert "not finite" in along.reason + along.summary


def test_a_step_of_zero_length_says_so(tiny):
    config = traces.CONFIG.replace(learning_rate=1e-30, initialization="normal")
    along = loss_along_step(traces.trained(config, tiny, 0))
    assert along.size == 0
    assert along.summary == along.reason
    assert "changes no parameter" in along.reason


MULTIPLES = 10.0 ** (np.arange(-16, 17) / 8)


def curve(before, losses):
    return LossAlongStep(
        *(1, traces.CONFIG, 1.0, MULTIPLES, before),
        *(np.array(losses), "validation", 30, before, np.array(losses)),
    )


def bowl(best, low, high):
    """A curve with its lowest point at one of the multiples."""
    return low + (high - low) * np.abs(np.log10(MULTIPLES) - np.log10(best)) / 4


def test_the_summary_says_what_the_step_does_and_which_would_be_best():
    for losses, words in (
        (
            bowl(4.2, 0.3, 0.7),
            "lowers the batch loss from 0.412 to 0.362 nats. In this direction, ",
        ),
        (
            bowl(4.2, 0.3, 0.7),
            "direction, the lowest loss is 0.300, at about 4.2 times the step.",
        ),
        (bowl(0.1, 0.3, 0.9), "raises the batch loss from 0.412 to 0.450 nats"),
        (bowl(0.1, 0.3, 0.9), "the lowest loss is 0.300, at about 0.1 times the step"),
        (bowl(1, 0.3, 0.9), "its size is about the best"),
        (bowl(100, 0.3, 0.5), "is 0.300, at 100 times the step, the largest size tried."),
        (bowl(0.01, 0.3, 0.9), "at a hundredth of the step, the smallest size tried."),
        (bowl(1, 0.5, 0.9), "raises the batch loss from 0.412 to 0.500 nats"),
        (bowl(1, 0.5, 0.9), "no size lowers it"),
        (bowl(1, 0.41199, 0.9), "from 0.41200 to 0.41199"),
        (np.full(33, 0.412), "loss at 0.412 nats. In this direction, no size lowers it"),
        (0.412 - 1e-8 * MULTIPLES, "leaves the batch loss at 0.412 nats. In"),
        (0.412 - 1e-6 * MULTIPLES, "lowest loss is 0.4119"),
        (0.412 - 1e-9 * MULTIPLES, "no size up to 100 times the step lowers it noticeably"),
        (np.where(MULTIPLES < 1, 0.4, np.nan), "from 0.412 nats to a value that is not finite"),
        (np.full(33, np.nan), "not finite at any size"),
    ):
        assert words in curve(0.412, losses).summary, words


def test_a_curve_of_numbers_gives_no_reason_against_it():
    assert curve(0.4, bowl(1, 0.3, 0.9)).reason == ""
    assert dataclasses.replace(curve(0.4, bowl(1, 0.3, 0.9)), size=0.0).reason
