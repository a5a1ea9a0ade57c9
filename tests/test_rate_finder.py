"""The learning-rate finder."""

import json
import math
import os
import signal

import numpy as np
import pytest

from core import Config, ConfigError, Trainer, find_rate
from core.experiments.rate_finder import HIGHEST, LOWEST
from core.inspection.rate_curve import read_curve
from tui.__main__ import main

CONFIG = Config(hidden=(8,), batch_size=20, validation=20, epochs=3, dropout=0.2, flip=0.5)
RATES = np.geomspace(LOWEST, HIGHEST, 200)


def straight(data, config, steps):
    """The losses and parameters of a run that nobody looks into."""
    trainer = Trainer(config, data)
    losses = [trainer.step().loss for _ in range(steps)]
    return losses, trainer.network.parameters


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("before", [0, 13])
def test_the_run_goes_on_as_if_it_had_not_been_looked_into(tiny, optimizer, before):
    config = CONFIG.replace(optimizer=optimizer, batch_norm=True)
    trainer = Trainer(config, tiny)
    losses = [trainer.step().loss for _ in range(before)]
    found = find_rate(trainer)
    assert len(found.losses) > 10
    losses += [trainer.step().loss for _ in range(25 - before)]
    expected, parameters = straight(tiny, config, 25)
    assert losses == expected
    assert np.array_equal(trainer.network.parameters, parameters)


def test_its_batches_are_the_next_ones_with_growing_rates(tiny):
    trainer = Trainer(CONFIG, tiny)
    found = find_rate(trainer, batches=100)
    other = Trainer(CONFIG.replace(schedule="constant", epochs=100), tiny)
    for rate, loss in zip(np.geomspace(LOWEST, HIGHEST, 100)[:30], found.losses[:30], strict=True):
        other.change(learning_rate=float(rate))
        assert other.step().loss == loss


def test_the_real_images_are_learned_well_with_the_suggested_rate(fashion):
    config = Config(hidden=(32,), epochs=1, schedule="constant")
    found = find_rate(Trainer(config, fashion))
    assert found.cautious <= found.suggested
    trainer = Trainer(config.replace(learning_rate=found.suggested), fashion)
    while not trainer.finished:
        step = trainer.step()
    assert step.evaluation.accuracy > 0.8


def test_a_network_of_zeros_gets_no_suggestion_but_a_reason(tiny):
    found = find_rate(Trainer(CONFIG.replace(initialization="zeros"), tiny))
    assert found.suggested is found.cautious is None
    assert "does not fall at any learning rate" in found.reason
    assert "its weights are all 0 and get no gradient" in found.reason


def test_a_network_that_its_rate_has_ruined_is_not_said_to_have_weights_of_0(fashion):
    config = Config(hidden=(32,), initialization="orthogonal", learning_rate=0.5)
    trainer = Trainer(config.replace(schedule="constant"), fashion)
    while trainer.steps < 100:
        trainer.step()
    found = find_rate(trainer)
    assert found.suggested is None
    assert "all 0" not in found.reason
    assert "because all units of a layer are dead. Restart with a lower learning rate" in (
        found.reason
    )


def test_a_trained_network_is_told_where_its_loss_rises():
    losses = np.where(RATES < 0.1, 0.5, 0.5 + RATES)
    found = read_curve(RATES, losses, math.log(10))
    assert 0.01 < found.suggested < 0.1
    assert found.cautious < found.suggested
    assert "risen by half" in found.reason


def test_a_fall_between_two_rates_is_found_near_its_end():
    losses = np.interp(np.log10(RATES), [-4, -2, -1, 0], [2.3, 0.5, 0.5, 9])
    found = read_curve(RATES, losses, math.log(10))
    assert 0.005 < found.suggested < 0.03


def test_the_reason_writes_rates_as_people_do():
    losses = np.interp(np.log10(RATES), [-6, 1], [2.3, 0.5])
    found = read_curve(RATES, losses, math.log(10))
    assert found.reason.startswith("The training loss falls from 2.2")
    assert found.reason.endswith("Cautious: a tenth of 10, at most the suggested rate.")


def test_the_suggestion_is_a_setting_of_which_the_schedule_uses_the_rate_that_was_found(tiny):
    config = CONFIG.replace(schedule="one-cycle", learning_rate=0.02)
    trainer = Trainer(config, tiny)
    at_start = find_rate(trainer)
    plain = find_rate(Trainer(config.replace(schedule="constant"), tiny))
    assert (at_start.share, at_start.suggested) == (1, plain.suggested)  # the rise is ahead
    for _ in range(18):
        trainer.step()
    found, used = find_rate(trainer), trainer.learning_rate / 0.02
    assert used < 0.5
    assert found.share == pytest.approx(used)
    assert f"uses at most {used:.0%} of the setting" in found.reason
    trainer.change(schedule="constant")
    assert found.suggested == pytest.approx(find_rate(trainer).suggested / used, rel=0.06)


def test_at_the_end_of_a_schedule_no_setting_gives_the_rate():
    found = read_curve(RATES, np.interp(np.log10(RATES), [-6, 1], [2.3, 0.5]), math.log(10))
    late = found.for_schedule(0.001, "cosine")
    assert late.suggested is late.cautious is None
    assert "uses less than 1% of the learning rate" in late.reason
    assert "suggested one" not in late.reason  # there is none


def test_it_can_be_canceled(tiny):
    fractions = []

    def stop_half_way(fraction):
        fractions.append(fraction)
        return fraction < 0.1

    assert find_rate(Trainer(CONFIG, tiny), should_continue=stop_half_way) is None
    assert fractions[0] == 0
    assert fractions[-1] == pytest.approx(0.1)


@pytest.mark.parametrize("batches", [0, 99, 301, 150.5, "200"])
def test_the_number_of_batches_has_limits(tiny, batches):
    with pytest.raises(ConfigError, match="from 100 to 300"):
        find_rate(Trainer(CONFIG, tiny), batches)


@pytest.mark.parametrize("images", [9, 74])
def test_it_works_on_few_images(make_dataset, images):
    data = make_dataset(train=images, test=3)
    found = find_rate(Trainer(CONFIG.replace(validation=1, batch_size=4), data))
    assert found.reason


def test_the_command_prints_the_suggestion_and_writes_it_as_json(tiny_options, tmp_path, capsys):
    options = [option for option in tiny_options if option != "--no-keep"]
    path = tmp_path / "rate.json"
    assert main(["find-rate", *options, "--json", str(path)]) == 0
    found = json.loads(path.read_text())
    assert list(found) == ["suggested", "cautious", "reason", "rates", "losses"]
    assert len(found["rates"]) == len(found["losses"]) > 10
    printed = capsys.readouterr().out
    assert f"suggested learning rate: {found['suggested']:g}" in printed
    assert main(["find-rate", *options, "--json", str(path)]) == 2  # it exists
    capsys.readouterr()
    assert main(["find-rate", *options, "--at", "5", "dropout=0.1"]) == 2
    assert "--at cannot be used with find-rate" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_a_search_that_ctrl_c_ends_says_that_nothing_was_found(
    tiny_options, tmp_path, called, monkeypatch
):
    def interrupted(trainer, should_continue):
        assert should_continue(0.25)
        os.kill(os.getpid(), signal.SIGINT)
        assert not should_continue(0.5)

    monkeypatch.setattr("tui.headless.find_rate.find_rate", interrupted)
    done = called("find-rate", *tiny_options, "--json", str(tmp_path / "rate.json"))
    assert done.returncode == 130
    assert done.stderr == (
        "fashion-tui: no learning rate was found: interrupted when 50% was done\n"
    )
    assert not (tmp_path / "rate.json").exists()


def test_the_help_of_find_rate_offers_only_what_it_takes(called):
    text = called("find-rate", "--help").stdout
    assert "--at" not in text
    assert "--no-keep" not in text
    assert "is kept as a copy" not in " ".join(text.split())


def test_a_network_whose_first_batch_diverges_at_any_rate_has_no_suggestion(tiny):
    trainer = Trainer(CONFIG, tiny)
    trainer.network.parameters[:] = 1e30
    found = find_rate(trainer)
    assert (len(found.losses), found.suggested) == (0, None)
    assert found.reason.startswith("The loss diverges at once.")
