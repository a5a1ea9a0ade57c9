"""The number of BLAS threads: one for a small network, and what the user has set stays."""

import subprocess
import sys
from pathlib import Path

import pytest

import core
from core.training.blas_threads import VARIABLES

PROGRAM = """
import numpy as np
from threadpoolctl import ThreadpoolController
from core import Config, Dataset, Trainer

def threads():
    return [library.num_threads for library in blas]

images, labels = np.zeros((4, 2, 2), np.uint8), np.arange(4, dtype=np.uint8) % 2
data = Dataset(images, labels, images, labels, ("a", "b"))
blas = ThreadpoolController().select(user_api="blas").lib_controllers
for library in blas:
    library.set_num_threads(2)
print(*threads())
for hidden in ((8,), (800, 800), (8,)):
    Trainer(Config(hidden=hidden, batch_size=2, validation=0), data)
    print(*threads())
"""


@pytest.mark.parametrize(("variable", "expected"), [(None, "2121"), (VARIABLES[-1], "2222")])
def test_a_small_network_uses_one_thread_unless_the_user_chose(environment, variable, expected):
    environment = {name: value for name, value in environment.items() if name not in VARIABLES}
    environment |= {variable: "2"} if variable else {}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        cwd=Path(core.__file__).parent.parent,
        timeout=60,
    )
    assert done.stderr == ""
    found = done.stdout.split("\n")[:4]
    if not found[0]:
        pytest.skip("BLAS has no threads here")
    assert [line.split()[0] for line in found] == list(expected)
