"""Threads: large products are shared, the bits depend on nothing but the number of threads."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import core
from core.config.config import Config
from core.nn import thread_pool
from core.nn.blas_threads import VARIABLES, one_blas_thread, usable_cores
from core.nn.thread_pool import ThreadPool
from core.training.trainer import Trainer

LARGE = Config(hidden=(400, 200), batch_size=256, validation=0, batch_norm=True)


@pytest.fixture
def cores(monkeypatch):
    """Makes the teams believe in a number of cores."""

    def believe(number):
        monkeypatch.setattr(thread_pool, "usable_cores", lambda: number)

    return believe


def after_steps(config, data, threads=0, steps=3):
    trainer = Trainer(config, data, threads)
    for _ in range(steps):
        trainer.step()
    return trainer.network.parameters


@pytest.mark.parametrize("shape", [(512, 784, 256), (256, 784, 512), (333, 1000, 100)])
@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_a_product_in_parts_is_the_product(shape, threads):
    rows, inner, columns = shape
    rng = np.random.default_rng(0)
    a = rng.random((inner, rows)).T
    b = rng.random((columns, inner)).T
    out = np.full((rows, columns), np.nan)
    pool = ThreadPool(threads)
    assert pool.sharers(rows, inner, columns) <= threads
    assert pool.matmul(a, b, out) is out
    np.testing.assert_allclose(out, a @ b, rtol=1e-12)


def test_only_large_products_are_shared():
    pool = ThreadPool(4)
    assert pool.sharers(30, 784, 256) == 1
    assert pool.sharers(128, 784, 128) == 1
    assert pool.sharers(512, 784, 256) == 4
    assert ThreadPool(1).sharers(512, 784, 256) == 1


@pytest.mark.parametrize("length", [1, 16, 17, 1000, 250_001])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_ranges_of_the_parameters_cover_each_once(length, threads):
    ranges = ThreadPool(threads).ranges(length)
    places = [place for part in ranges for place in range(length)[part]]
    assert places == list(range(length))
    assert len(ranges) <= threads


def test_the_same_number_of_threads_gives_the_same_bits_on_any_number_of_cores(cores, fashion):
    runs = []
    for number in (1, 2, 4):
        cores(number)
        runs.append(after_steps(LARGE, fashion, threads=4))
    assert np.array_equal(runs[0], runs[1])
    assert np.array_equal(runs[0], runs[2])


def test_the_setting_overrides_the_number_of_cores(fashion):
    started = Trainer(LARGE.replace(threads=3), fashion).started()
    assert (started.threads, started.step_threads) == (3, 3)
    assert Trainer(LARGE, fashion).started().threads == usable_cores()
    small = LARGE.replace(threads=3, hidden=(8,), batch_size=20)
    assert Trainer(small, fashion).started().step_threads == 1


def test_the_calling_thread_does_what_the_others_have_not_begun(cores):
    """With no helper at all, as after a fork, everything is done nevertheless."""
    cores(1)
    done = []
    ThreadPool(8).run([lambda number=number: done.append(number) for number in range(8)])
    assert sorted(done) == list(range(8))


def test_tasks_run_in_other_threads_too(cores):
    cores(2)
    both = threading.Barrier(2)
    ThreadPool(2).run([lambda: both.wait(30)] * 2)


def test_what_a_task_raises_is_raised_after_all_have_ended(cores):
    cores(2)
    done = []

    def fail():
        raise MemoryError

    with pytest.raises(MemoryError):
        ThreadPool(2).run([fail, lambda: done.append(1), fail, lambda: done.append(2)])
    assert sorted(done) == [1, 2]


def test_overflow_in_another_thread_is_found_by_the_loop_without_a_warning(cores):
    cores(2)
    huge = np.full((600, 600), 1e30, np.float32)
    with np.errstate(all="ignore"):
        assert np.isinf(ThreadPool(2).matmul(huge, huge, np.empty_like(huge))).all()


def threads_of_blas():
    from threadpoolctl import ThreadpoolController

    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    return [library.num_threads for library in libraries]


PROGRAM = """
import numpy as np
from threadpoolctl import ThreadpoolController
from core import Config, Dataset, Trainer

images, labels = np.zeros((4, 2, 2), np.uint8), np.arange(4, dtype=np.uint8) % 2
data = Dataset(images, labels, images, labels, ("a", "b"))
blas = ThreadpoolController().select(user_api="blas").lib_controllers
for library in blas:
    library.set_num_threads(2)
trainer, inside = Trainer(Config(hidden=(8,), batch_size=2, validation=0), data), []
forward = trainer.network.forward

def watched(*arguments, **options):
    inside.extend(library.num_threads for library in blas)
    return forward(*arguments, **options)

trainer.network.forward = watched
trainer.step()
trainer.evaluate(data.test)
print(trainer.pool.threads, set(inside), {library.num_threads for library in blas})
"""


@pytest.mark.parametrize(("variable", "threads"), [(None, None), ("1", "1"), ("nonsense", None)])
def test_blas_has_one_thread_only_while_it_trains(environment, variable, threads):
    environment = {name: value for name, value in environment.items() if name not in VARIABLES}
    environment |= {VARIABLES[-1]: variable} if variable else {}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        cwd=Path(core.__file__).parent.parent,
        timeout=60,
    )
    assert done.stderr == ""
    number, inside = done.stdout.split(" ", 1)
    if inside.startswith("set()"):
        pytest.skip("BLAS has no threads here")
    assert inside.strip() == "{1} {2}"
    assert number == threads if threads else int(number) >= 1


def test_two_threads_of_a_program_may_train_at_a_time():
    before = threads_of_blas()
    first, second = one_blas_thread(), one_blas_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert all(number == 1 for number in threads_of_blas())
    second.__exit__(None, None, None)
    assert threads_of_blas() == before
