"""A trainer in a file: it continues as if it had never been saved."""

import dataclasses
import random
from contextlib import suppress

import numpy as np
import pytest
from test_timeline import CONFIGS, comparable, everything

from core.errors import RunError
from core.export.trainer_file import load_trainer, save_trainer
from core.training.trainer import Trainer


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.optimizer}{config.hidden}")
def test_a_loaded_trainer_goes_on_bit_for_bit(tiny, tmp_path, config):
    trainer = Trainer(config, tiny)
    for _ in range(20):
        trainer.step()
    trainer.change(learning_rate=0.02, batch_size=16)
    trainer.step()  # in the middle of an epoch
    save_trainer(trainer, tmp_path / "x.npz")
    loaded = load_trainer(tmp_path / "x.npz", tiny)
    assert everything(loaded) == everything(trainer)
    for _ in range(30):
        if trainer.finished:
            break
        assert comparable(loaded.step()) == comparable(trainer.step())
    assert everything(loaded) == everything(trainer)


def test_another_dataset_is_refused(tiny, make_dataset, tmp_path):
    save_trainer(Trainer(CONFIGS[0], tiny), tmp_path / "x.npz")
    with pytest.raises(RunError, match="was trained on other data, with the fingerprint"):
        load_trainer(tmp_path / "x.npz", make_dataset(seed=1))


def test_damaged_files_raise_nothing_else(tiny, tmp_path):
    save_trainer(Trainer(CONFIGS[1], tiny), tmp_path / "x.npz")
    content = (tmp_path / "x.npz").read_bytes()
    rng = random.Random(0)
    path = tmp_path / "bad.npz"
    for _ in range(150):
        bad = bytearray(content)
        if rng.random() < 0.3:
            del bad[rng.randrange(len(bad)) :]
        else:
            for _ in range(rng.randint(1, 4)):
                bad[rng.randrange(len(bad))] = rng.randrange(256)
        path.write_bytes(bad)
        with suppress(RunError):  # some bytes, as those of a seed, may have any value
            load_trainer(path, tiny)


def test_a_missing_file_and_another_kind_of_file(tiny, tmp_path):
    with pytest.raises(RunError, match="cannot be read: no such file"):
        load_trainer(tmp_path / "x.npz", tiny)
    (tmp_path / "x.npz").write_text("text")
    with pytest.raises(RunError, match=r"is not the file of a trainer: it is not an .npz file$"):
        load_trainer(tmp_path / "x.npz", tiny)
    np.savez(tmp_path / "x.npz", weights=np.zeros(3))
    with pytest.raises(RunError, match="is not the file of a trainer: save_trainer did not write"):
        load_trainer(tmp_path / "x.npz", tiny)
    other = Trainer(dataclasses.replace(CONFIGS[0], hidden=(3,)), tiny)
    save_trainer(other, tmp_path / "y.npz")
    assert load_trainer(tmp_path / "y.npz", tiny).network.sizes == (30, 3, 3)
