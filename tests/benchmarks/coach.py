"""How often the coach speaks in runs where nothing is wrong, and what it costs.

`python tests/benchmarks/coach.py` trains 50 runs of 900 steps with settings that are usual: the
presets with several seeds, and others drawn at random. A finding about a problem in one of them
is a false alarm. Notes, which explain what is all right, are counted apart. The coach looks as
often as it does on the screen. Takes several minutes. `--runs 10` trains fewer.
"""

import argparse
from time import thread_time

import tui  # noqa: F401 - before NumPy, because it sets one BLAS thread

# isort: split
import numpy as np

from core import Config, Trainer, load, presets
from core.coach.coach import Coach
from core.coach.review import is_problem, review

STEPS = 900
PRESETS = ("default", "small", "sprint", "best")  # the notebook's initial weights are too large
SEEDS = 4
RATES = {"sgd": 0.05, "momentum": 0.01, "nesterov": 0.01, "adam": 0.001, "rmsprop": 0.0005}
LOOKS = (8, 16, 32, 64, 128, 256, 512)


def configs(count):
    """The presets with several seeds, then settings at random; the same ones every time."""
    for seed in range(SEEDS):
        for name in PRESETS:
            yield name, presets()[name].config.replace(seed=seed)
    rng = np.random.default_rng(0)
    for number in range(count):
        activation = str(rng.choice(["relu", "leaky-relu", "elu", "gelu", "tanh", "sigmoid"]))
        hidden = [(32,), (64,), (128, 64), (100, 50), (64, 64, 32)][rng.integers(5)]
        if activation == "sigmoid":
            hidden = hidden[:1]  # several such layers hardly learn within these steps
        optimizer = str(rng.choice([*RATES, "adamw", "adagrad"]))
        rate = RATES.get(optimizer, 0.001 if optimizer == "adamw" else 0.01)
        yield (
            f"random {number + 1}",
            Config(
                hidden=hidden,
                activation=activation,
                initialization="xavier" if activation in ("tanh", "sigmoid") else "he",
                batch_norm=bool(rng.random() < 0.3),
                optimizer=optimizer,
                learning_rate=float(f"{rate * 3 ** rng.uniform(-1, 1):.1g}"),
                batch_size=int(rng.choice([32, 64, 128, 256])),
                schedule=str(rng.choice(["constant", "cosine", "one-cycle"])),
                dropout=float(rng.choice([0, 0, 0.1, 0.3])),
                label_smoothing=float(rng.choice([0, 0.05])),
                flip=float(rng.choice([0, 0.5])),
                epochs=int(rng.integers(2, 11)),
                seed=number,
            ),
        )


def watch(config, data):
    """Trains; returns the findings by rule with the step at which each was first made, the steps,
    and the trainer."""
    trainer = Trainer(config, data)
    coach, said, steps = Coach(trainer), {}, []
    while trainer.steps < STEPS and not trainer.finished:
        step = trainer.step()
        steps.append(step)
        coach.add(step)
        if step.step in LOOKS or step.evaluation:
            for finding in coach.findings() if step.evaluation else coach.evaluate():
                said.setdefault(finding.rule, (step.step, finding))
    return said, steps, trainer


def cost(steps, config, data):
    """The CPU time of a coach without a screen for these steps, as a share of their time.

    All of it, without the first look at the layers before training. The coach looks at the layers
    after an epoch only as long as this takes at most 0.2% of the time.
    """
    trainer = Trainer(config, data)
    coach = Coach(trainer)
    start = thread_time()
    for step in steps:
        coach.add(step)
    return (thread_time() - start) / steps[-1].seconds


def seconds_of_a_review(steps, trainer):
    """What the screen does twice a second."""
    coach = Coach(trainer)
    for step in steps:
        coach.add(step)
    snapshot, repeats = coach.snapshot(), 100
    start = thread_time()
    for _ in range(repeats):
        review(snapshot)
    return (thread_time() - start) / repeats


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=50)
    count = parser.parse_args().runs
    data = load()
    alarms, notes, costs, reviews = 0, 0, [], []
    chosen = list(configs(max(count - len(PRESETS) * SEEDS, 0)))[:count]
    for name, config in chosen:
        said, steps, trainer = watch(config, data)
        problems = [f"{f.title} (step {at})" for at, f in said.values() if is_problem(f)]
        alarms += bool(problems)
        notes += len(said) - len(problems)
        costs.append(cost(steps, config, data))
        reviews.append(seconds_of_a_review(steps, trainer))
        accuracy = trainer.evaluate(trainer.evaluation_set).accuracy
        described = f"{config.optimizer} {config.learning_rate:g}, batch {config.batch_size}"
        print(f"{name:10} {described:32} {accuracy:6.1%}  {'; '.join(problems) or '-'}", flush=True)
    print(f"\n{alarms} of {len(chosen)} runs with a false alarm; {notes} notes")
    print(f"a coach without a screen: {np.median(costs):.2%} of the time of training (median)")
    print(
        f"a review of a snapshot: {1000 * np.median(reviews):.2f} ms; on the screen, two a second"
    )


if __name__ == "__main__":
    main()
