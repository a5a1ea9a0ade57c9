"""The coach: each rule speaks in a real run that provokes it, and is silent in healthy ones."""

import math
from contextlib import suppress
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from core import Coach, Config, Diverged, Trainer, presets
from core.coach.facts import facts
from core.coach.finding import Finding, Proposal, Seriousness
from core.coach.finding_log import FindingLog
from core.coach.review import is_problem, review
from core.config.config import SETTINGS
from core.data.dataset import Dataset
from core.events import (
    Branch,
    BranchChanged,
    Change,
    Evaluation,
    LayersMeasured,
    Phase,
    PhaseChanged,
    RunMoved,
    RunStarted,
    Scored,
    Step,
)
from core.history.history import History
from core.history.snapshot import Snapshot
from core.inspection.layer_stats import layer_stats
from core.training.timeline import Timeline
from core.training.tracing import trace_step

SMALL = presets()["small"].config
LOOKS = (8, 16, 32, 64, 128, 256)  # the steps of an epoch at which the screen evaluates
ABOVE = "training above evaluation"  # a note that most runs have in their first epochs


class Watched:
    """A run with its coach, which looks as often as it does on the screen.

    images: at most so many of the validation images are evaluated. The training is the same.
    """

    def __init__(self, config, data, images=1000):
        self.trainer = Trainer(config, data)
        validation = self.trainer.evaluation_set
        self.trainer.evaluation_set = replace(validation, indices=validation.indices[:images])
        self.coach = Coach(self.trainer)
        self.said = {}  # finding by rule, as it was first made
        self.at = {}  # the step where it was
        self.together = []  # the findings of each look

    def train(self, steps):
        """Trains up to a step, and looks there as well."""
        trainer = self.trainer
        try:
            while trainer.steps < steps and not trainer.finished:
                self.step(looks=(*LOOKS, steps))
        except Diverged as error:
            self.coach.add(PhaseChanged(Phase.DIVERGED, str(error)))
            self._note(self.coach.findings())
        return self

    def step(self, looks=LOOKS):
        step = self.trainer.step()
        self.coach.add(step)
        if step.evaluation:
            self._note(self.coach.findings())
        elif step.step in looks:
            self._note(self.coach.evaluate())
        return step

    def _note(self, findings):
        self.together.append(findings)
        for finding in findings:
            self.said.setdefault(finding.rule, finding)
            self.at.setdefault(finding.rule, self.trainer.steps)

    @property
    def problems(self):
        return [rule for rule, finding in self.said.items() if is_problem(finding)]

    @property
    def reviewed(self):
        """What the rules find now, without measuring the layers anew."""
        return [finding.rule for finding in review(self.coach.snapshot())]

    @property
    def now(self):
        return [finding.rule for finding in self.coach.findings()]


@pytest.fixture(autouse=True)
def half_for_validation(monkeypatch):
    """Lets half of the images be for validation, so that few are left to train on."""
    monkeypatch.setattr("core.data.dataset._SMALL", 2)


@pytest.fixture(scope="module")
def few(fashion):
    """2,000 of the real images, so that an epoch is short."""
    return Dataset(
        fashion.train_images[:2000],
        fashion.train_labels[:2000],
        fashion.test_images[:500],
        fashion.test_labels[:500],
        fashion.class_names,
    )


@pytest.fixture(scope="module")
def trained(fashion):
    """Trains on the real images, each config once: a test does not change such a run."""
    return cache(lambda config, steps: Watched(config, fashion).train(steps))


def without(data, keep):
    """The data with only those training images that `keep` selects."""
    return Dataset(
        data.train_images[keep],
        data.train_labels[keep],
        data.test_images,
        data.test_labels,
        data.class_names,
    )


@pytest.mark.parametrize(
    ("changes", "rule", "proposed"),
    [
        ({"learning_rate": 1}, "rate too high", "learning_rate"),
        ({"initialization": "zeros"}, "zero weights", "initialization"),
    ],
)
def test_the_small_preset_gone_wrong_is_named_within_300_steps_and_a_restart_heals_it(
    fashion, changes, rule, proposed
):
    watched = Watched(SMALL.replace(**changes), fashion).train(300)
    assert watched.problems == [rule]
    proposal = watched.said[rule].proposal
    assert (proposal.setting, proposal.applies) == (proposed, "restart")
    trainer = Trainer(watched.trainer.config.replace(**{proposed: proposal.value}), fashion)
    while trainer.epochs < 2:
        step = trainer.step()
    assert step.evaluation.accuracy > 0.8


def begins_to_learn(watched, **change):
    """Makes a change that helps: the coach finds no problem while the loss is still high."""
    for made in watched.trainer.change(**change):
        watched.coach.add(made)
    watched.said.clear()
    for steps in (301, 303, 320, 420, 500):
        watched.train(steps)
        assert watched.problems == []


def test_a_rate_that_is_too_low_is_named_within_300_steps_and_from_the_next_batch_on_it_is_healed(
    fashion,
):
    config = SMALL.replace(learning_rate=1e-5)
    watched = Watched(config, fashion).train(300)
    assert watched.problems == ["rate too low"]
    proposal = watched.said["rate too low"].proposal
    assert proposal.describe(config) == "learning rate 1e-5 → 0.003 (next batch)"
    assert proposal.setting in SETTINGS
    begins_to_learn(watched, **{proposal.setting: proposal.value})
    watched.train(2 * 430)
    assert watched.coach.snapshot().evaluation.accuracy > 0.8


def test_a_network_that_begins_to_learn_after_clipping_is_not_said_to_guess(fashion):
    config = SMALL.replace(clip_norm=0.0001, optimizer="sgd")
    begins_to_learn(Watched(config, fashion).train(300), clip_norm=1.0)


@pytest.mark.parametrize(
    ("changes", "steps"),
    [({"epochs": 1}, 430), ({"epochs": 2}, 860), ({"schedule": "constant"}, 600)],
    ids=["one epoch", "two epochs", "constant"],
)
@pytest.mark.parametrize("seed", [0, 3])
def test_a_rate_that_has_ruined_the_network_stays_the_cause_when_the_schedule_has_lowered_it(
    fashion, changes, steps, seed
):
    config = SMALL.replace(learning_rate=1, seed=seed, **changes)
    watched = Watched(config, fashion).train(steps)
    assert watched.said.keys() <= {"diverged", "rate too high", ABOVE}
    last = watched.together[-1][0]
    assert last.rule == "rate too high"
    assert "with adam, 0.003 is usual" in last.evidence or "a step changes" in last.evidence.lower()
    assert last.proposal == Proposal("learning_rate", 0.003, restart=True)
    named = [any(f.proposal for f in found) for found in watched.together]
    assert all(named[named.index(True) :])


@pytest.mark.parametrize(
    ("config", "steps", "rule"),
    [
        (Config(optimizer="sgd", learning_rate=0.001), 130, "rate too low"),
        (Config(hidden=(), learning_rate=0.15), 256, "rate too high"),
        (Config(optimizer="sgd", learning_rate=1e5), 10, "diverged"),
        (Config(learning_rate=0.1), 70, "dead units"),
        (Config(optimizer="momentum", learning_rate=0.5), 70, "dead units"),
        (Config(hidden=(32,), activation="tanh", learning_rate=0.1), 70, "saturated units"),
        (Config(hidden=(32,), activation="sigmoid", learning_rate=0.1), 70, "saturated units"),
        (Config(hidden=(32,), initialization="normal", deviation=1), 20, "large weights"),
        (presets()["notebook"].config, 20, "large weights"),
        (Config(optimizer="sgd", learning_rate=0.5, batch_size=8), 260, "batch too small"),
        (
            Config(hidden=(32,) * 5, activation="sigmoid", optimizer="sgd", learning_rate=0.1),
            260,
            "guesses",
        ),
        (
            Config(hidden=(32,), activation="leaky-relu", learning_rate=0.03, batch_size=4),
            600,
            "batch too small",
        ),
        (Config(hidden=(32,), batch_size=8192, epochs=5), 8, "batch too large"),
        (Config(hidden=(32,), batch_size=4, batch_norm=True), 9, "small normalized batch"),
        (Config(hidden=(32,), batch_size=100, validation=4999), 9, "last batch of one"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_run_that_goes_wrong_is_told_why(trained, config, steps, rule):
    watched = trained(config, steps)
    assert watched.said.keys() - {ABOVE} == {rule}
    finding = watched.said[rule]
    assert any(character.isdigit() for character in finding.evidence)
    proposal = finding.proposal
    assert proposal.value != getattr(config, proposal.setting)
    config.replace(**{proposal.setting: proposal.value})  # it is a valid value


def test_a_rate_far_too_low_is_named_at_the_end_of_a_schedule_too(fashion):
    config = SMALL.replace(learning_rate=6e-5, epochs=6)
    watched = Watched(config, fashion).train(6 * 430)
    assert watched.trainer.finished
    assert watched.now == ["rate too low"]


def test_clipping_that_stops_the_training_is_named_also_when_the_last_steps_change_nothing(
    fashion,
):
    config = SMALL.replace(optimizer="sgd", clip_norm=0.0001, epochs=2)
    watched = Watched(config, fashion)
    trainer = watched.trainer
    at_epochs = Coach(trainer)  # which never looks in between
    while not trainer.finished:
        at_epochs.add(watched.step())
        if trainer.steps % 100 == 0:
            watched.coach.evaluate()
    for coach in (watched.coach, at_epochs):
        [finding] = coach.findings()
        assert finding.title == "clipping makes the steps too small"
        assert finding.proposal.setting == "clip_norm"


def test_two_hidden_units_are_named_while_the_loss_still_falls_and_to_the_end(fashion):
    watched = Watched(SMALL.replace(hidden=(2,)), fashion).train(2 * 430)
    assert watched.problems == ["underfitting"]
    finding = watched.said["underfitting"]
    assert "Its hidden layer has 2 units." in finding.evidence
    assert finding.proposal == Proposal("hidden", (128, 64))
    watched.train(20 * 430)
    assert "underfitting" in watched.now


def test_a_loss_that_did_not_fall_is_said_to_have_hardly_changed(fashion, trained):
    low = SMALL.replace(optimizer="sgd", learning_rate=1e-5)
    found = Watched(low, fashion).train(300).said["rate too low"]
    assert "the training loss hardly changed: it was 2.97 and is 2.9" in found.evidence
    assert "The direction of the steps is right" not in found.reason
    slow = Config(optimizer="sgd", learning_rate=0.001)
    found = trained(slow, 130).said["rate too low"]
    assert "the training loss went only from 2." in found.evidence
    assert "The direction of the steps is right" in found.reason


def test_there_is_no_verdict_on_dropout_after_a_few_steps(fashion):
    watched = Watched(SMALL.replace(dropout=0.95), fashion).train(2 * 430)
    assert watched.problems == ["underfitting"]
    assert watched.at["underfitting"] == 64
    finding = watched.said["underfitting"]
    assert "Dropout is 0.95." in finding.evidence
    assert finding.proposal == Proposal("dropout", 0.2)


@pytest.mark.parametrize("dropout", [0.8, 0.9])
def test_much_dropout_and_not_the_rate_makes_the_loss_jump_and_is_named_to_the_end(
    fashion, dropout
):
    watched = Watched(SMALL.replace(dropout=dropout), fashion)
    for steps in range(50, 301, 10):
        watched.train(steps)
        assert watched.now == ["underfitting"]


def test_zeros_are_named_before_the_first_evaluation(few):
    trainer = Trainer(SMALL.replace(initialization="zeros", validation=1000), few)
    coach = Coach(trainer)
    coach.add(trainer.step())
    [finding] = coach.findings()
    assert "at step 1 the training loss is 2.30 nats; guessing gives 2.30" in finding.evidence


def test_a_loss_far_above_that_of_guessing_is_a_divergence(fashion):
    config = Config(hidden=(32,), optimizer="sgd", learning_rate=0.1, activation="elu")
    watched = Watched(config, fashion).train(20)
    watched.trainer.network.linears[-1].W[:] *= 100
    watched.trainer.change(learning_rate=1e-6)
    watched.train(100)
    assert watched.problems == ["diverged"]
    assert " nats, far above that of guessing, ln 10 = 2.30" in watched.said["diverged"].evidence


def test_a_momentum_far_too_high_and_not_the_rate_is_named_and_less_of_it_heals(fashion):
    config = SMALL.replace(optimizer="momentum", momentum=0.999, schedule="constant")
    watched = Watched(config, fashion).train(258)
    [finding] = watched.coach.findings()
    assert finding.title == "the momentum is too high"
    assert "Momentum is 0.999, so past gradients add up to a rate of 5." in finding.evidence
    assert finding.proposal == Proposal("momentum", 0.9)
    for change in watched.trainer.change(momentum=0.9):
        watched.coach.add(change)
    watched.train(2 * 430)
    assert watched.now in ([], [ABOVE])
    assert watched.coach.snapshot().evaluation.accuracy > 0.7  # it was 0.5 without the change


def test_a_momentum_that_has_spoiled_the_weights_is_lowered_with_a_restart(fashion):
    config = presets()["default"].config.replace(optimizer="nesterov", learning_rate=0.02)
    watched = Watched(config.replace(momentum=0.999), fashion).train(430)
    finding = watched.coach.findings()[0]
    assert finding.rule == "dead units"
    assert finding.evidence.startswith("Momentum is 0.999, so past gradients add up to a rate of")
    assert finding.proposal == Proposal("momentum", 0.9, restart=True)


def test_an_epoch_of_one_step_is_counted_as_one(few):
    config = SMALL.replace(batch_size=1000, validation=1000)
    found = Watched(config, few).train(4).said["batch too large"]
    assert "an epoch has 1 step and the whole run 20." in found.evidence


def test_a_loss_that_large_steps_keep_far_above_guessing_is_named_at_every_look(fashion):
    watched = Watched(SMALL.replace(optimizer="sgd", learning_rate=100), fashion)
    for steps in range(10, 201, 10):
        watched.train(steps)
        assert watched.now == ["diverged"]


def test_an_evaluation_far_above_guessing_counts_before_the_mean_of_the_batches_is(fashion):
    watched = Watched(SMALL.replace(schedule="constant"), fashion).train(128)
    watched.trainer.network.linears[-1].W[:] *= 100
    watched.train(129)
    snapshot = watched.coach.snapshot()
    [finding] = watched.coach.findings()
    assert finding.rule == "diverged"
    start = f"The validation loss is {snapshot.evaluation.loss:.3g} nats, far above"
    assert finding.evidence.startswith(start)


def test_a_large_learning_rate_is_written_as_in_messages(few):
    huge = SMALL.replace(optimizer="sgd", learning_rate=100_000.0, schedule="constant")
    said = Watched(huge, few).train(20).said
    assert "learning rate is set to 100,000, and the loss" in said["diverged"].evidence


def growing(losses, config, dataset):
    """Yields the number of steps and the history of a run that had these losses, at each step."""
    history = History()
    history.add(RunStarted(config, dataset, 1000, 55_000, "validation", 5000))
    for number, loss in enumerate(losses, 1):
        position = number * config.batch_size
        history.add(
            Step(number, 1, position, 55_000, config.batch_size, loss, 0.8, 0.01, 0.1, None)
        )
        yield number, history


def prepared(losses, config, dataset):
    """A snapshot of a run that had these losses."""
    *_, (_, history) = growing(losses, config, dataset)
    return history.snapshot()


@pytest.mark.parametrize("batch_size", [32, 128, 500])
def test_a_loss_that_jumps_more_than_the_choice_of_images_explains_is_a_rate_too_high(
    fashion, batch_size
):
    config = Config(learning_rate=0.01, batch_size=batch_size)
    noise = np.random.default_rng(0).standard_normal(150) / np.sqrt(batch_size)
    assert review(prepared(1 + noise, config, fashion)) == ()
    [finding] = review(prepared(1 + 3 * noise, config, fashion))
    assert finding.rule == "rate too high"
    assert "the training loss jumps by" in finding.evidence
    assert finding.proposal.value < 0.01


def test_a_loss_that_rises_again_is_a_rate_too_high(fashion):
    falls, rises = np.linspace(2.3, 0.5, 200), np.linspace(0.5, 1.4, 200)
    assert review(prepared(falls, Config(), fashion)) == ()
    [finding] = review(prepared([*falls, *rises], Config(), fashion))
    assert finding.evidence.startswith("The mean training loss of 50 batches rose from 0.")
    assert finding.rule == "rate too high"


@pytest.mark.parametrize("batch_size", [499, 111])
def test_a_small_last_batch_is_no_rate_too_high(few, batch_size):
    config = Config(hidden=(32,), validation=1000, batch_size=batch_size, epochs=400)
    assert Watched(config, few).train(130).problems == []


def test_one_batch_an_epoch_is_no_rate_too_high(tiny):
    config = Config(hidden=(32,), validation=100, batch_size=100, epochs=400)
    assert Watched(config, tiny).train(130).problems == []


@pytest.mark.parametrize("preset", ["small", "default"])
def test_small_initial_weights_and_not_the_rate_make_a_step_a_large_share_of_them(fashion, preset):
    config = presets()[preset].config.replace(initialization="he")
    healed = Watched(config, fashion).train(430)  # which has no use for a deviation
    assert healed.problems == []
    for deviation in (0.001, 0.03):
        config = config.replace(initialization="normal", deviation=deviation)
        watched = Watched(config, fashion)
        for steps in (100, 129, 172, 215, 258, 430):
            watched.train(steps)
        assert watched.problems == ["small weights"], deviation
        finding = watched.said["small weights"]
        assert "He initialization uses 0.45" in finding.evidence or preset == "default"
        assert finding.proposal == Proposal("initialization", "he")
        accuracy, before = (each.coach.snapshot().evaluation.accuracy for each in (healed, watched))
        assert accuracy > before + 0.03, deviation


def test_dead_units_stay_dead_when_the_rate_is_changed(fashion):
    run = Watched(Config(learning_rate=0.1), fashion).train(70)
    run.trainer.change(learning_rate=0.001)
    run.coach.add(run.trainer.step())
    [found] = run.coach.findings()
    assert found.rule == "dead units"
    assert found.proposal.describe(run.trainer.config) == "a restart with learning rate 0.001"


def test_dead_units_are_counted(trained):
    finding = trained(Config(learning_rate=0.1), 70).said["dead units"]
    silent = int(finding.title.split()[0])
    # The cause comes first, because a wide status line has only the first sentence.
    cause, found = finding.evidence.split(" In hidden layer ")
    assert cause == "The learning rate is 0.1; with adam, 0.003 is usual."
    assert found.endswith(f"{silent} of 128 units are 0 for every image of a batch of 128.")
    assert 96 <= silent <= 128
    assert finding.title == f"{silent} of 128 ReLU units are silent"
    assert finding.proposal.applies == "restart"  # what is dead stays so


def test_dead_units_are_found_though_the_layers_are_measured_only_at_the_end(fashion):
    trainer = Trainer(Config(learning_rate=0.1), fashion)
    coach = Coach(trainer)
    for _ in range(70):
        coach.add(trainer.step())
    assert coach.findings()[0].rule == "dead units"


def test_the_layers_are_measured_only_if_there_is_memory_for_it(fashion, monkeypatch):
    trainer = Trainer(Config(learning_rate=0.1), fashion)
    monkeypatch.setattr("core.training.limits.usable_memory", lambda: 4e6)
    coach = Coach(trainer)
    for _ in range(70):
        coach.add(trainer.step())
    assert "dead units" not in [finding.rule for finding in coach.findings()]
    assert coach.snapshot().layer_stats_history.stats == ()


def test_a_plateau_is_not_measured_across_a_change(few):
    config = Config(hidden=(16,), validation=1000, batch_size=20, epochs=40, schedule="constant")
    watched = Watched(config, few).train(1000)
    watched.trainer.change(dropout=0.35)  # the training loss is higher from now on
    watched.said.clear()
    watched.train(1000 + 7 * 50)
    assert "plateau" not in watched.said


def test_a_network_that_predicts_one_class_is_told_which(fashion):
    config = Config(hidden=(16,), activation="tanh")
    watched = Watched(config, fashion).train(160)
    assert watched.problems == []
    watched.trainer.network.parameters[:] = 0
    watched.trainer.network.linears[-1].b[3] = 9
    finding = watched.coach.evaluate()[0]
    assert finding.rule == "guesses"
    assert "predicts Dress for all 1,000 images" in finding.evidence
    assert "large or unsuitable initial weights." in finding.reason  # and no sigmoid layers


def test_a_normalized_batch_of_two_is_the_only_cause_named_for_guessing(fashion):
    watched = Watched(SMALL.replace(batch_norm=True, batch_size=2), fashion)
    for steps in range(20, 301, 20):
        watched.train(steps)
        assert [rule for rule in watched.now if rule != ABOVE] == ["small normalized batch"]
    [finding] = watched.coach.findings()
    assert "The validation accuracy is " in finding.evidence
    assert finding.proposal == Proposal("batch_size", 64)


def test_sigmoid_layers_are_named_as_a_cause_only_if_there_are_several(fashion):
    config = Config(
        hidden=(32,) * 5,
        activation="sigmoid",
        initialization="xavier",
        optimizer="sgd",
        learning_rate=0.1,
    )
    found = Watched(config, fashion).train(260).said["guesses"]
    assert found.reason.endswith(
        "Usual causes are steps that are too large or a gradient that vanishes in several sigmoid "
        "layers."
    )


def test_overfitting_names_the_best_epoch_and_hides_that_the_test_images_are_different(few):
    """Otherwise one line says that it overfits, and another that it does not."""
    config = Config(hidden=(64,), learning_rate=0.01, validation=1000, batch_size=50, epochs=30)
    watched = Watched(config, few).train(600)
    assert watched.problems == ["overfitting"]
    finding = watched.said["overfitting"]
    losses = watched.coach.snapshot().evaluation_curves["loss"]
    best = int(losses.last[losses.low.argmin()])
    assert finding.title == f"overfitting since epoch {math.ceil(best / 20)}"
    assert finding.proposal.setting == "dropout"
    others = replace(few, test_images=255 - few.test_images)
    watched.coach.add(Scored(watched.trainer.evaluate(others.test)))
    assert watched.now == ["overfitting"]


def test_overfitting_that_goes_on_is_named_after_each_epoch(fashion):
    images, labels = fashion.train_images[:3000], fashion.train_labels[:3000]
    config = Config(validation=1000, batch_size=50, learning_rate=0.002, epochs=60)
    watched = Watched(config, replace(fashion, train_images=images, train_labels=labels))
    while "overfitting" not in watched.said:
        watched.train(watched.trainer.steps + 40)
    for _ in range(15):
        watched.train(watched.trainer.steps + 40)
        assert watched.now == ["overfitting"]


def test_losses_that_an_unusual_rate_throws_about_are_not_called_overfitting(few):
    config = Config(
        hidden=(30, 10),
        learning_rate=0.03,
        validation=1000,
        batch_size=50,
        schedule="constant",
        epochs=40,
    )
    watched = Watched(config, few)
    found = set()
    for epoch in range(1, 41):
        watched.train(20 * epoch)
        found |= {finding.rule for finding in watched.together[-1]}
    assert "overfitting" not in found


def test_a_network_that_guesses_because_of_momentum_is_told_to_lower_it(fashion):
    config = SMALL.replace(optimizer="momentum", learning_rate=0.02, momentum=0.999)
    finding = Watched(config, fashion).train(3200).coach.findings()[0]
    assert (finding.rule, finding.proposal) == ("guesses", Proposal("momentum", 0.9, restart=True))
    assert "Momentum is 0.999" in finding.reason


def test_a_network_that_guesses_after_batches_of_one_gets_larger_ones(fashion):
    config = SMALL.replace(batch_size=1, schedule="constant", optimizer="sgd", learning_rate=0.1)
    finding = Watched(config, fashion).train(1000).coach.findings()[0]
    assert (finding.rule, finding.proposal) == ("guesses", Proposal("batch_size", 64, restart=True))
    assert "batches that are too small for the rate" in finding.reason


def test_rare_classes_that_are_not_predicted_are_no_guessing(fashion):
    labels = fashion.train_labels
    kept = np.concatenate(
        [np.flatnonzero(labels == digit)[: 6000 if digit < 2 else 20] for digit in range(10)]
    )
    data = replace(fashion, train_images=fashion.train_images[kept], train_labels=labels[kept])
    watched = Watched(SMALL.replace(schedule="constant"), data, images=5000).train(150)
    assert watched.coach.snapshot().evaluation.accuracy > 0.9
    assert watched.problems == []
    assert "imbalanced labels" in [noted.finding.rule for noted in watched.coach.log.now]


def test_a_rate_far_too_low_stays_named_while_the_gradient_grows(fashion):
    watched = Watched(SMALL.replace(optimizer="sgd", learning_rate=0.001), fashion)
    for steps in range(150, 1050, 50):
        watched.train(steps)
        assert [noted.finding.rule for noted in watched.coach.log.now] == ["rate too low"]


def test_steps_that_throw_both_losses_about_are_not_called_overfitting(fashion):
    config = SMALL.replace(optimizer="nesterov", momentum=0.999, schedule="constant")
    watched = Watched(config, fashion, images=5000)
    for steps in range(60, 3 * 430, 60):
        watched.train(steps)
        assert "overfitting" not in watched.now
    assert "momentum too high" in [noted.finding.rule for noted in watched.coach.log.past]


def test_mirrored_training_images_are_named_and_not_called_overfitting(fashion):
    watched = Watched(SMALL.replace(flip=1), fashion, images=5000).train(3 * 430)
    assert watched.problems == watched.now == ["mirrored images"]
    assert watched.said["mirrored images"].proposal == Proposal("flip", 0.5)
    watched.trainer.change(flip=0.5)
    watched.train(4 * 430)
    assert watched.now in ([], [ABOVE])
    assert watched.coach.snapshot().evaluation.accuracy > 0.8


def test_random_labels_that_are_learned_are_overfitting_and_no_guessing():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 1000, 6, 6), np.uint8)
    labels = rng.integers(0, 40, (2, 1000)).astype(np.uint8)
    names = tuple(map(str, range(40)))
    data = Dataset(images[0], labels[0], images[1], labels[1], names)
    config = Config(hidden=(128,), learning_rate=0.01, validation=300, batch_size=50, epochs=60)
    watched = Watched(config, data).train(700)
    assert watched.now == ["overfitting"]


@pytest.mark.parametrize(
    ("changes", "proposed"),
    [
        ({"hidden": (), "flip": 0.5, "shift": 2}, ("hidden", (128, 64))),
        ({"hidden": (32,), "l2": 0.2}, ("l2", 1e-4)),
        ({"hidden": (32,), "dropout": 0.8}, ("dropout", 0.2)),
    ],
)
def test_a_network_that_cannot_fit_more_is_told_what_limits_it(few, changes, proposed):
    config = Config(learning_rate=0.003, validation=1000, batch_size=20, epochs=60, **changes)
    watched = Watched(config, few).train(1000)
    assert watched.problems == ["underfitting"]
    proposal = watched.said["underfitting"].proposal
    assert (proposal.setting, proposal.value) == proposed


@pytest.mark.parametrize(
    ("changes", "limit", "proposed"),
    [
        ({"hidden": (64, 2)}, "have 64 and 2 units.", ("hidden", (128, 64))),
        ({"erase": 1, "shift": 14}, "Shift is 14, and the images have 28×28", ("shift", 2)),
        ({"optimizer": "adamw", "weight_decay": 10}, "decay is 10.", ("weight_decay", 0.01)),
    ],
)
def test_a_network_that_cannot_fit_is_named_while_its_loss_still_falls(
    fashion, changes, limit, proposed
):
    watched = Watched(SMALL.replace(**changes), fashion).train(2 * 430)
    assert watched.problems == ["underfitting"]
    finding = watched.said["underfitting"]
    assert limit in finding.evidence
    assert (finding.proposal.setting, finding.proposal.value) == proposed


def test_far_too_strong_a_penalty_is_not_called_guessing(fashion):
    watched = Watched(presets()["default"].config.replace(l2=10), fashion).train(512)
    assert watched.problems == ["underfitting"]
    assert watched.said["underfitting"].proposal.setting == "l2"


@pytest.mark.parametrize(
    "changes",
    [{"erase": 1, "shift": 14}, {"optimizer": "adamw", "weight_decay": 10}],
    ids=["augmentation", "weight decay"],
)
def test_the_change_for_far_too_strong_a_setting_heals_at_the_next_batch(fashion, changes):
    config = presets()["default"].config.replace(**changes)
    watched = Watched(config, fashion).train(2 * 430)
    proposal = watched.said["underfitting"].proposal
    assert proposal.applies == "next batch"
    before = watched.coach.snapshot().evaluation.accuracy
    watched.trainer.change(**{proposal.setting: proposal.value})
    watched.train(2 * 430 + 215)
    assert watched.now in ([], ["training above evaluation"])
    assert watched.coach.snapshot().evaluation.accuracy > before + 0.08


@pytest.mark.parametrize(
    "changes",
    [{"erase": 1}, {"shift": 4, "flip": 0.5}, {"optimizer": "adamw", "weight_decay": 1}],
    ids=["erase", "shift", "weight decay"],
)
def test_a_strong_setting_with_which_the_network_learns_is_no_problem(fashion, changes):
    assert Watched(SMALL.replace(**changes), fashion).train(2 * 430).problems == []


def after_epochs(losses, config, dataset):
    """Yields the number and the history of a run with these training losses, after each epoch."""
    images = len(dataset.train_images)
    history = History()
    history.add(RunStarted(config, dataset, 1000, images, "validation", 5000))
    labels = np.arange(5000, dtype=np.uint8) % 10
    probabilities = np.eye(10, dtype=np.float32)[labels]
    for epoch, loss in enumerate(losses, 1):
        step = epoch * config.batches(images)
        evaluation = Evaluation(
            step, "validation", loss, 0.7, np.arange(5000), labels, probabilities
        )
        history.add(
            Step(
                step,
                epoch,
                images,
                images,
                config.batch_size,
                loss,
                0.7,
                config.learning_rate,
                0.1,
                evaluation,
                loss,
                0.7,
            )
        )
        yield epoch, history


def test_a_loss_that_falls_slowly_is_no_plateau(fashion):
    """As in the notebook, whose loss falls by 3% in three epochs: a lower rate makes it slower."""
    config = presets()["notebook"].config.replace(initialization="he")
    slow = [2.3 * 0.989**epoch for epoch in range(120)]
    noise = 1 + 0.005 * np.random.default_rng(0).standard_normal(300)
    slower = noise * [0.42 + math.exp(-epoch / 80) for epoch in range(300)]
    for losses in (slow, slower):
        for epoch, history in after_epochs(losses, config, fashion):
            if epoch % 7 == 5:
                assert review(history.snapshot()) == ()


@pytest.mark.parametrize(("learning_rate", "fall"), [(0.1, 1.0), (0.5, 0.997)])
def test_a_loss_that_swings_around_a_level_or_hardly_falls_at_a_high_rate_is_a_plateau(
    fashion, learning_rate, fall
):
    config = presets()["notebook"].config.replace(initialization="he", learning_rate=learning_rate)
    swing = 0.01 if fall == 1 else 0
    losses = [2.3, 1.4, 1.0] + [0.7 * fall**n * (1 + swing * (-1) ** n) for n in range(12)]
    *_, (_, history) = after_epochs(losses, config, fashion)
    [found] = review(history.snapshot())
    assert found.rule == "plateau"
    assert found.evidence.startswith("The mean training loss of 3 epochs was 0.")
    assert found.proposal.value == learning_rate / 5


def test_steps_that_are_too_long_at_the_end_are_a_plateau(few):
    config = Config(
        hidden=(24,), learning_rate=0.01, shift=6, validation=1000, batch_size=20, epochs=60
    )
    watched = Watched(config, few).train(1000)
    assert watched.problems == ["plateau"]
    assert watched.said["plateau"].proposal.value == pytest.approx(0.002)


@pytest.mark.parametrize("schedule", ["step", "exponential"])
def test_a_schedule_that_has_ended_too_soon_is_named_with_its_epoch(few, schedule):
    config = Config(
        hidden=(16,), schedule=schedule, decay_epochs=1, decay_factor=0.05, validation=1000
    )
    watched = Watched(config, few).train(25)
    assert watched.problems == ["schedule ended"]
    assert "of 10, the learning rate fell below 1%" in watched.said["schedule ended"].evidence


@pytest.mark.parametrize("schedule", ["step", "exponential"])
def test_a_schedule_that_ended_too_soon_is_named_at_the_end_of_the_run_too(few, schedule):
    config = Config(
        hidden=(16,), schedule=schedule, decay_epochs=1, decay_factor=0.001, validation=1000
    )
    trainer = Trainer(config, few)
    coach = Coach(trainer)
    while not trainer.finished:  # no other look, as in a run without a screen
        coach.add(trainer.step())
    [finding] = [found for found in coach.findings() if found.rule == "schedule ended"]
    assert (finding.proposal.value, finding.proposal.restart) == ("cosine", True)


def test_epochs_that_are_added_at_the_end_of_cosine_have_no_rate_which_is_said(few):
    config = Config(hidden=(16,), schedule="cosine", validation=1000, batch_size=500, epochs=30)
    watched = Watched(config, few).train(60)
    assert watched.problems == []
    watched.trainer.change(epochs=31)
    watched.train(62)
    assert watched.problems == ["schedule ended"]
    for change in watched.trainer.change(epochs=watched.said["schedule ended"].proposal.value):
        watched.coach.add(change)
    assert watched.now == []  # the next batch has a higher rate already
    assert watched.trainer.learning_rate > 0.4 * config.learning_rate
    watched.train(80)
    assert watched.now == []


def test_the_end_of_cosine_and_one_cycle_is_as_planned(few):
    for schedule in ("cosine", "one-cycle"):
        config = Config(hidden=(16,), schedule=schedule, validation=1000, batch_size=50, epochs=3)
        assert Watched(config, few).train(60).problems == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dropout": 0.5}, "Dropout switches off 50% of the hidden outputs"),
        ({"flip": 0.5, "shift": 4}, "Training images are changed at random"),
        ({"flip": 0.01, "erase": 0.05}, "the mean over the epoch"),
        ({}, "the mean over the epoch"),
    ],
)
def test_a_training_loss_above_the_evaluation_loss_is_explained_and_no_problem(
    fashion, changes, reason
):
    config = Config(hidden=(16,), batch_size=256, **changes)
    watched = Watched(config, fashion).train(215)
    assert list(watched.said) == [ABOVE]
    finding = watched.said[ABOVE]
    assert finding.reason.startswith(reason) or reason in finding.reason
    assert finding.seriousness is Seriousness.NOTE
    assert finding.title == "training loss above validation loss: no bug"


def test_a_training_loss_above_the_evaluation_loss_is_explained_as_long_as_it_is_shown(fashion):
    watched = Watched(SMALL, fashion)
    evidence = {}
    for step in (100, 215, 430, 431, 432, 440, 479, 480, 500, 501, 600):
        watched.train(step)
        snapshot = watched.coach.snapshot()
        [finding] = [found for found in watched.coach.findings() if found.rule == ABOVE]
        evidence[step] = finding.evidence
        if step in (215, 430, 500):
            assert f"training loss is {snapshot.epoch_loss:.3f}, and the" in finding.evidence
        assert f"is {snapshot.result.loss:.3f}." in finding.evidence
        assert "the mean over the epoch" in finding.reason
    assert evidence[215].startswith("In epoch 1, after 215 steps, the mean training loss is 1.2")
    assert evidence[431].startswith("In epoch 1, the mean training loss is 0.9")
    assert "the validation loss after step 431 is 0.6" in evidence[431]
    assert evidence[500].startswith("In epoch 2, after 70 steps, the mean training loss is 0.5")
    for _ in range(150):  # in which the mean falls to the loss of the last evaluation
        watched.coach.add(watched.trainer.step())
        assert ABOVE in watched.reviewed
    snapshot = watched.coach.snapshot()
    assert snapshot.epoch_loss < 1.01 * snapshot.result.loss + 0.03


def test_a_training_loss_below_the_evaluation_loss_is_not_said_to_be_above(fashion):
    watched = Watched(SMALL.replace(schedule="constant"), fashion).train(2 * 430 + 100)
    snapshot = watched.coach.snapshot()
    assert snapshot.epoch_loss < snapshot.result.loss
    for _ in range(100):
        assert ABOVE not in watched.reviewed
        watched.coach.add(watched.trainer.step())


def test_averaging_is_no_reason_for_a_mean_above_the_loss_at_the_beginning_of_its_epoch(fashion):
    def evidence(at_first):
        history, labels = History(), np.zeros(1, np.uint8)
        history.add(RunStarted(Config(), fashion, 1000, 55_000, "validation", 5000))
        evaluated = {110: at_first, 180: 0.4}
        for number in range(1, 181):
            epoch, place = divmod(number - 1, 110)
            position = 500 * (place + 1)
            history.add(
                Step(number, epoch + 1, position, 55_000, 500, 0.5, 0.8, 0.001, 0.1, None, 0.5, 0.8)
            )
            if number in evaluated:
                loss, probabilities = evaluated[number], np.ones((1, 10), np.float32)
                history.add(
                    Evaluation(number, "validation", loss, 0.8, labels, labels, probabilities)
                )
        return [finding.evidence for finding in review(history.snapshot())]

    [found] = evidence(at_first=0.6)
    assert found.startswith("In epoch 2, after 70 steps, the mean training loss is 0.500")
    assert evidence(at_first=0.45) == []


def test_dropout_is_no_reason_without_hidden_layers(fashion):
    config = Config(hidden=(), dropout=0.5, batch_size=256, learning_rate=0.001)
    assert "the mean over the epoch" in Watched(config, fashion).train(100).said[ABOVE].reason


@pytest.mark.parametrize(
    ("changes", "rule", "change"),
    [
        ({"l2": 1}, "underfitting", "l2 1 → 0.0001 (restart)"),
        ({"l2": 1, "learning_rate": 0.0006}, "underfitting", "l2 1 → 0.0001 (restart)"),
        (
            {"activation": "tanh", "learning_rate": 0.1},
            "saturated units",
            "learning rate 0.1 → 0.003 (restart)",
        ),
        (
            {"optimizer": "sgd", "learning_rate": 0.1, "clip_norm": 0.001},
            "rate too low",
            "clip norm",
        ),
    ],
)
def test_the_change_is_of_what_causes_it(few, changes, rule, change):
    config = Config(hidden=(16,), schedule="constant", validation=1000, batch_size=20, **changes)
    watched = Watched(config, few).train(350)
    finding = watched.coach.findings()[0]
    assert finding.rule == rule
    assert change in finding.proposal.describe(config)


def test_a_batch_of_one_is_too_small_also_when_the_weights_have_grown(fashion):
    config = SMALL.replace(batch_size=1, schedule="constant", learning_rate=0.02)
    watched = Watched(config, fashion).train(3000)
    assert watched.now == ["batch too small"]


@pytest.mark.parametrize(
    ("learning_rate", "rule", "proposal"),
    [
        (0.03, "batch too small", Proposal("batch_size", 64, restart=True)),
        (0.1, "rate too high", Proposal("learning_rate", 0.003, restart=True)),
    ],
)
def test_a_batch_of_two_stays_the_cause_at_the_end_of_the_schedule(
    few, learning_rate, rule, proposal
):
    config = SMALL.replace(batch_size=2, learning_rate=learning_rate, epochs=6, validation=1000)
    watched = Watched(config, few).train(3000)
    assert watched.trainer.finished
    [finding] = watched.coach.findings()
    assert (finding.rule, finding.proposal) == (rule, proposal)
    assert "with 2 images in a batch" in finding.evidence


def test_a_few_images_of_high_loss_at_a_usual_rate_are_no_rise(fashion):
    config = SMALL.replace(batch_size=2)
    losses = 0.6 + np.random.default_rng(0).standard_normal(2000) / np.sqrt(2)
    for steps, history in growing(losses, config, fashion):
        if steps >= 300 and steps % 25 == 0:
            assert review(history.snapshot()) == ()


def test_steps_that_are_far_too_large_and_not_the_initial_weights_are_to_blame(fashion):
    config = presets()["notebook"].config.replace(learning_rate=100_000)
    watched = Watched(config, fashion).train(50)
    assert watched.now == ["diverged"]


def test_labels_of_which_some_are_rare_are_named(fashion):
    labels = fashion.train_labels
    keep = np.flatnonzero((labels != 6) | (np.arange(len(labels)) % 10 == 0))[:20_000]
    watched = Watched(Config(hidden=(16,)), without(fashion, keep)).train(9)
    assert watched.said.keys() - {ABOVE} == {"imbalanced labels"}
    assert "Shirt 1" in watched.said["imbalanced labels"].evidence


def test_test_images_that_are_different_are_not_called_overfitting(fashion):
    watched = Watched(Config(hidden=(32,), epochs=1), fashion).train(430)
    keep = np.isin(fashion.test_labels, [2, 4, 6])  # pullover, coat and shirt
    for test, labels, problem, cause in (
        (255 - fashion.test_images, fashion.test_labels, True, "another source"),  # it only guesses
        (fashion.test_images[keep], fashion.test_labels[keep], False, "The classes differ"),
    ):
        data = replace(fashion, test_images=test, test_labels=labels)
        watched.coach.add(Scored(watched.trainer.evaluate(data.test)))
        finding = next(f for f in watched.coach.findings() if f.rule == "test below validation")
        assert is_problem(finding) is problem, cause
        assert "This is not overfitting" in finding.reason
        assert cause in finding.reason


def test_test_images_are_not_called_different_from_those_of_an_earlier_evaluation(fashion):
    watched = Watched(Config(hidden=(32,)), fashion).train(430)
    trainer, coach = watched.trainer, watched.coach
    trainer.change(learning_rate=1)
    for _ in range(5):
        coach.add(trainer.step())
    test = trainer.evaluate(fashion.test)
    assert test.accuracy < coach.snapshot().evaluation.accuracy - 0.1
    coach.add(Scored(test))
    assert "test below validation" not in watched.now


@pytest.mark.parametrize("preset", ["default", "small", "sprint", "best"])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_rule_finds_a_problem_in_a_preset(fashion, preset, seed):
    config = presets()[preset].config.replace(seed=seed)
    watched = Watched(config, fashion).train(64 if preset == "best" else 300)
    assert watched.said.keys() <= {ABOVE}


def test_a_finding_is_forgotten_when_the_change_is_made_and_stays_in_the_past(fashion):
    watched = Watched(SMALL.replace(learning_rate=1), fashion).train(130)
    assert watched.now == ["rate too high"]
    watched.trainer.change(learning_rate=0.003)
    watched.train(131)
    assert watched.now == ["lowered too late"]
    [passed] = [noted for noted in watched.coach.log.past if noted.finding.rule != ABOVE]
    assert (passed.finding.rule, passed.since, passed.until) == ("rate too high", 128, 131)


def lowered(fashion, losses, learning_rate, raised_at=0, before=2.0):
    """What the coach finds after a rate of 1 was lowered after step 150, and these losses since.

    raised_at: the step after which the rate became 1. before: the loss of the first 150 steps.
    """
    config = Config(learning_rate=learning_rate if raised_at else 1)
    history = History()
    history.add(RunStarted(config, fashion, 1000, 55_000, "validation", 5000))
    for number, loss in enumerate([before] * 150 + losses, 1):
        position = number * config.batch_size
        history.add(
            Step(number, 1, position, 55_000, config.batch_size, loss, 0.8, 0.01, 0.1, None)
        )
        if number == raised_at:
            history.add(Change(number, "learning_rate", learning_rate, 1.0))
        if number == 150:
            history.add(Change(number, "learning_rate", 1.0, learning_rate))
    return review(history.snapshot())


def test_after_a_rate_far_too_high_a_restart_is_asked_for_until_the_loss_has_recovered(fashion):
    for losses in ([], [2.0], [2.0] * 60, [2.0] * 400):
        [found] = lowered(fashion, losses, 0.003)
        assert found.rule == "lowered too late"
        assert found.evidence.startswith("The learning rate was 1 before it was lowered to 0.003.")
        config = Config(learning_rate=0.003)
        assert found.proposal.describe(config) == "a restart with learning rate 0.003"
        assert found.proposal.applies == "restart"
    assert lowered(fashion, [2.0] * 30 + [0.6] * 60, 0.003) == ()
    assert lowered(fashion, [2.0], 1.0) == ()  # undone


@pytest.mark.parametrize(("lowered_to", "proposed"), [(0.005, 0.005), (1e-5, 0.003)])
def test_a_rate_that_was_lowered_little_or_too_far_does_not_hide_that_it_was_far_too_high(
    fashion, lowered_to, proposed
):
    for losses in ([], [2.0] * 60, [2.0] * 400):
        [found] = lowered(fashion, losses, lowered_to)
        assert found.rule == "lowered too late"
        assert found.proposal == Proposal("learning_rate", proposed, restart=True)


@pytest.mark.parametrize("raised_at", [142, 150])
def test_a_high_rate_that_made_no_steps_or_few_is_not_what_went_wrong(fashion, raised_at):
    assert lowered(fashion, [], 0.003, raised_at) == ()
    assert lowered(fashion, [2.0], 0.003, raised_at) == ()


def test_no_restart_is_asked_for_if_the_loss_was_low_before_the_rate_was_lowered(fashion):
    [found] = lowered(fashion, [], 0.003, raised_at=50)
    assert found.rule == "lowered too late"
    assert lowered(fashion, [], 0.003, raised_at=50, before=0.6) == ()


def test_a_finding_that_comes_back_under_the_same_settings_is_not_made_again(tiny, monkeypatch):
    trainer = Trainer(Config(hidden=(4,), batch_size=20, validation=20), tiny)
    coach, found = Coach(trainer), []
    monkeypatch.setattr("core.coach.finding_log.review", lambda snapshot: tuple(found))
    finding = Finding("plateau", Seriousness.WARNING, "the loss no longer falls", "1.", "Why.")
    news = []
    for spoken in ([finding], [], [finding]):
        coach.add(trainer.step())
        found[:] = spoken
        news += coach.log.follow(coach.snapshot())
    assert [noted.since for noted in news] == [1]
    assert [noted.since for noted in coach.log.now] == [1]
    assert coach.log.past == ()
    found.clear()
    coach.add(trainer.step())
    coach.log.follow(coach.snapshot())
    trainer.change(learning_rate=0.1)
    coach.add(trainer.step())
    found[:] = [finding]
    assert [noted.since for noted in coach.log.follow(coach.snapshot())] == [5]


class Travelled:
    """A run that can go to other steps and branches, watched as on the screen."""

    def __init__(self, config, data):
        self.timeline = Timeline(Trainer(config, data))
        self.history, self.log = History(), FindingLog()
        self.history.add(self.timeline.trainer.started())

    def look(self):
        trainer = self.timeline.trainer
        with suppress(Diverged):
            self.history.add(trainer.evaluate(trainer.evaluation_set))
            self.history.add(LayersMeasured(layer_stats(trace_step(trainer))))
        self.log.follow(self.history.snapshot())

    def train(self, step, every=50):
        """Trains to a step or divergence, and looks at each of some steps on the way."""
        self.history.add(PhaseChanged(Phase.RUNNING))
        while self.timeline.current_step < step:
            try:
                self.history.add(self.timeline.step())
            except Diverged as error:
                self.history.add(PhaseChanged(Phase.DIVERGED, str(error)))
                self.look()
                return
            if self.timeline.current_step % every == 0:
                self.look()

    def change(self, **values):
        branches = len(self.timeline.branches)
        changes = self.timeline.change(**values)
        if len(self.timeline.branches) > branches:
            self.history.add(self.timeline.moved())
        for change in changes:
            self.history.add(change)
        self.history.add(BranchChanged(self.timeline.branch))
        self.log.follow(self.history.snapshot())

    def moved(self):
        """Follows a move; the network is evaluated only after the first look there."""
        self.history.add(self.timeline.moved())
        self.history.add(PhaseChanged(Phase.PAUSED))
        self.log.follow(self.history.snapshot())
        self.look()

    def found(self):
        """What holds and what has passed, with the numbers, except those of the weights."""
        return [
            [(n.finding.rule, n.since, n.until, n.at, n.finding.title) for n in noted]
            for noted in (self.log.now, self.log.past)
        ]


def test_a_run_that_was_on_a_bad_branch_has_the_findings_of_one_that_never_was(few):
    config = SMALL.replace(learning_rate=1e-5, validation=500, epochs=60)
    straight, branched = Travelled(config, few), Travelled(config, few)
    for run in (straight, branched):
        run.train(200)
        run.change(learning_rate=0.003)
        run.train(500)
    before = branched.found()
    assert "rate too low" in [rule for rule, *_ in before[1]]
    branched.timeline.go_to(150)
    branched.moved()
    assert [rule for rule, *_ in branched.found()[0]] == ["rate too low"]
    branched.change(learning_rate=30.0)
    branched.train(300)
    bad = branched.found()
    assert {rule for rule, *_ in bad[0] + bad[1]} > {"rate too low"}
    branched.timeline.switch_branch(0)
    branched.moved()
    assert branched.found() == before
    for run in (straight, branched):
        run.train(800)
    assert branched.found() == straight.found()
    branched.timeline.switch_branch(1)
    branched.moved()
    assert branched.found() == bad


def test_back_where_a_branch_diverged_the_divergence_is_still_found(few):
    run = Travelled(SMALL.replace(validation=500, optimizer="sgd", learning_rate=0.1), few)
    run.train(60)
    run.timeline.go_to(40)
    run.moved()
    run.change(learning_rate=1e12)
    run.train(60)
    diverged = run.found()
    assert [rule for rule, *_ in diverged[0]] == ["diverged"]
    run.timeline.go_to(40)
    run.moved()
    assert "diverged" not in [noted.finding.rule for noted in (*run.log.now, *run.log.past)]
    run.timeline.switch_branch(0)
    run.moved()
    assert "diverged" not in [noted.finding.rule for noted in (*run.log.now, *run.log.past)]
    run.timeline.switch_branch(1)
    run.moved()
    assert run.found() == diverged
    run.change(learning_rate=0.01)
    assert "diverged" not in [noted.finding.rule for noted in run.log.now]


def test_the_test_accuracy_of_another_branch_is_not_compared_with_the_validation_of_this_one(few):
    run = Travelled(SMALL.replace(validation=500, epochs=60), few)
    run.train(100)
    run.timeline.go_to(50)
    run.moved()
    run.change(learning_rate=30.0)
    run.train(100)
    trainer = run.timeline.trainer
    run.history.add(Scored(trainer.evaluate(trainer.dataset.test)))
    run.timeline.switch_branch(0)
    run.moved()
    assert [noted.finding.rule for noted in run.log.now] == [ABOVE]


def test_right_after_a_move_no_finding_has_the_numbers_of_where_the_run_was(few):
    run = Travelled(SMALL.replace(initialization="zeros", validation=500), few)
    run.train(100)
    [before] = run.log.now
    assert "at step 100 the validation accuracy is" in before.finding.evidence
    run.timeline.go_to(10)
    run.history.add(run.timeline.moved())
    assert run.history.snapshot().evaluation_is_outdated
    run.log.follow(run.history.snapshot())
    [noted] = run.log.now
    assert "at step 10 the training loss is" in noted.finding.evidence
    run.look()
    [noted] = run.log.now
    assert "at step 10 the validation accuracy is" in noted.finding.evidence


def test_far_back_in_a_long_run_the_coach_still_knows_the_last_losses(tiny):
    config = Config(epochs=3000, batch_size=20, validation=20)
    history, curve = History(), np.linspace(5.0, 1.0, 6000)
    history.add(RunStarted(config, tiny, 1000, 180, "validation", 20))
    for number, loss in enumerate(curve.tolist(), 1):
        history.add(Step(number, 1, 20, 180, 20, loss, 0.5, 0.001, 0.1, None))
    branches = (Branch(0, None, 0, 6000),)
    for step in (6000, 3000, 60):
        history.add(
            RunMoved(step, Step(step, 1, 20, 180, 20, 1, 0, 0, 0, None), config, 0, branches)
        )
        known = facts(history.snapshot())
        assert known.losses.tolist() == curve[max(0, step - 2048) : step].tolist()
        assert known.loss == curve[step - 50 : step].mean()


def test_a_look_at_the_same_step_replaces_the_one_before(tiny, monkeypatch):
    coach, found = Coach(Trainer(Config(hidden=(4,), batch_size=20, validation=20), tiny)), []
    monkeypatch.setattr("core.coach.finding_log.review", lambda snapshot: tuple(found))
    finding = Finding("plateau", Seriousness.WARNING, "the loss no longer falls", "1.", "Why.")
    news = []
    for spoken in ([finding], [], [finding], [finding], []):
        found[:] = spoken
        news += coach.log.follow(coach.snapshot())
    assert len(news) == 1
    assert (coach.log.now, coach.log.past) == ((), ())


def test_the_log_of_a_very_long_run_stays_small_and_keeps_when_findings_began(tiny, monkeypatch):
    trainer, found = Trainer(Config(hidden=(4,), batch_size=20, validation=20), tiny), []
    coach = Coach(trainer)
    monkeypatch.setattr("core.coach.finding_log.review", lambda snapshot: tuple(found))
    monkeypatch.setattr("core.coach.finding_log._MAX_LOOKS", 20)
    first, second = (
        Finding(rule, Seriousness.WARNING, rule, "1.", "Why.") for rule in ("first", "second")
    )
    for number in range(3, 100):
        found[:] = [first] if number < 40 else [first, second] if number < 60 else [second]
        coach.add(replace(trainer.step(), step=number))
        coach.log.follow(coach.snapshot())
    assert len(coach.log._looks[0]) <= 20
    assert [(n.finding.rule, n.since, n.until) for n in coach.log.now] == [("second", 40, None)]
    assert [(n.finding.rule, n.since, n.until) for n in coach.log.past] == [("first", 3, 60)]


def test_a_finding_is_made_once_however_often_the_coach_looks(fashion):
    watched = Watched(SMALL.replace(initialization="zeros"), fashion).train(20)
    first = watched.coach.noted()
    for _ in range(3):
        watched.coach.evaluate()
    assert watched.coach.noted() == first


def test_no_two_findings_at_a_time_propose_the_same_setting(fashion):
    config = Config(batch_size=3, learning_rate=0.1, batch_norm=True, validation=4999)
    watched = Watched(config, fashion).train(300)
    assert watched.together
    for findings in watched.together:
        settings = [f.proposal.setting for f in findings if f.proposal]
        assert len(settings) == len(set(settings))
        assert [f.seriousness for f in findings] == sorted(
            (f.seriousness for f in findings), reverse=True
        )


@pytest.mark.parametrize("changes", [{}, {"dropout": 0.3, "flip": 0.5, "batch_norm": True}])
def test_the_run_is_bit_for_bit_what_it_is_without_the_coach(few, changes):
    config = Config(hidden=(16,), validation=500, epochs=3, **changes)
    watched = Watched(config, few).train(30)
    alone = Trainer(config, few)
    while alone.steps < watched.trainer.steps:
        alone.step()
    assert np.array_equal(watched.trainer.network.parameters, alone.network.parameters)
    assert np.array_equal(watched.trainer.network.statistics, alone.network.statistics)
    assert watched.trainer.step().loss == alone.step().loss


def test_it_costs_less_than_a_hundredth_of_the_steps(fashion):
    """In numbers of looks, each of which takes about as long as some steps."""
    trainer = Trainer(Config(hidden=(32,), epochs=2), fashion)
    coach = Coach(trainer)
    while not trainer.finished:
        coach.add(trainer.step())
    assert (
        len(coach.snapshot().layer_stats_history.stats) <= 2
    )  # the first of which was made before training


def test_before_the_first_step_there_is_nothing_to_say(few):
    assert review(Snapshot()) == ()
    assert Coach(Trainer(Config(validation=500, initialization="zeros"), few)).findings() == ()


@pytest.mark.parametrize("changes", [{"batch_size": 1}, {"hidden": ()}, {"validation": 0}])
def test_unusual_settings_are_reviewed_without_an_error(tiny, changes):
    config = Config(**({"hidden": (4,), "batch_size": 20, "validation": 20} | changes))
    Watched(config, tiny).train(400)
