"""Damaged run files: an export is whole, or it is refused in a sentence.

Run it as a program to try thousands of them: python tests/test_export_damaged.py 5000
"""

import random
import sys
import tempfile
import warnings
from pathlib import Path

import pytest
from test_kept_runs import kept
from test_run_files import damaged

from core.errors import CoreError
from core.export.source import Source
from core.runs.run import Run
from tui.export.export import _EXTRAS, _FORMATS


def export_damaged_files(path, data, seed, count):
    """Exports damaged copies in every format; returns how many worked, and how many did not."""
    content, rng, copy = path.read_bytes(), random.Random(seed), path.with_name("damaged.run")
    done = refused = 0
    for _ in range(count):
        copy.write_bytes(damaged(content, rng))
        formats = {**_FORMATS, **_EXTRAS}
        try:
            with Run(copy) as run:
                source = Source(run)
                source.dataset = data
                for name in rng.sample(sorted(formats), 3):
                    assert formats[name](source)
            done += 1
        except CoreError:
            refused += 1
    return done, refused


def test_damaged_files_are_exported_or_refused(tiny, tmp_path):
    for name in ("resvg_py", "onnx", "tensorboardX"):
        pytest.importorskip(name)
    done, refused = export_damaged_files(kept(tiny, tmp_path), tiny, 0, 30)
    assert done > 5
    assert refused > 5


if __name__ == "__main__":
    from datasets import make_dataset

    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as directory:
        data = make_dataset()
        path = kept(data, Path(directory))
        print(*export_damaged_files(path, data, random.random(), int(sys.argv[1])))
