"""How often the coach speaks in runs where nothing is wrong, and what it costs.

`python tests/benchmarks/coach.py` trains 50 runs of 900 steps with settings that are usual: the
presets with several seeds, and others drawn at random. A finding about a problem in one of them
is a false alarm. Notes, which explain what is all right, are counted apart. The coach looks as
often as it does on the screen. Takes several minutes. `--runs 10` trains fewer.
"""

import argparse
from time import thread_time

import numpy as np

from core import Config, Trainer, load, presets
from core.coach.coach import Coach
from core.coach.facts import facts
from core.coach.review import is_problem, review

STEPS = 900
PRESETS = ("default", "small", "sprint", "best")  # the notebook's first weights are too large
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
    """Trains; returns the steps at which rules spoke first, the coach's share of the time, and the
    accuracy."""
    trainer = Trainer(config, data)
    coach = Coach(trainer)
    said, cost = {}, 0.0
    while trainer.steps < STEPS and not trainer.finished:
        step = trainer.step()
        start = thread_time()
        coach.add(step)
        cost += thread_time() - start
        if step.step in LOOKS or step.evaluation:
            # The evaluations of an epoch's end belong to the run.
            findings = coach.findings() if step.evaluation else coach.look()
            for finding in findings:
                said.setdefault(finding.rule, (step.step, finding))
    accuracy = trainer.evaluate(trainer.evaluation_set).accuracy
    return said, cost / trainer.seconds, accuracy, coach.snapshot()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=50)
    count = parser.parse_args().runs
    data = load()
    alarms, notes, costs = 0, 0, []
    chosen = list(configs(max(count - len(PRESETS) * SEEDS, 0)))[:count]
    for name, config in chosen:
        said, cost, accuracy, snapshot = watch(config, data)
        problems = [f"{f.title} (step {at})" for at, f in said.values() if is_problem(f)]
        alarms += bool(problems)
        notes += len(said) - len(problems)
        costs.append(cost)
        described = f"{config.optimizer} {config.learning_rate:g}, batch {config.batch_size}"
        print(f"{name:10} {described:32} {accuracy:6.1%}  {'; '.join(problems) or '-'}", flush=True)
    start, repeats = thread_time(), 200
    for _ in range(repeats):
        facts(snapshot)
        review(snapshot)
    milliseconds = 1000 * (thread_time() - start) / repeats
    print(f"\n{alarms} of {len(chosen)} runs with a false alarm; {notes} notes")
    print(f"the coach without a screen: {np.median(costs):.2%} of the time of training (median)")
    print(f"one review of a snapshot: {milliseconds:.2f} ms; the screen makes two in a second")


if __name__ == "__main__":
    main()
