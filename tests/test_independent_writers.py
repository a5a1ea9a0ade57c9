"""Files that other programs write, pandas and idx2numpy, where they are installed."""

import numpy as np
import pytest
from formats import squares

from core.data import dataset

IMAGES, LABELS = squares()
TEST_IMAGES, TEST_LABELS = squares(12, seed=1)


def check(data):
    assert np.array_equal(data.train_images, IMAGES)
    assert data.train_labels.tolist() == LABELS.tolist()
    assert np.array_equal(data.test_images, TEST_IMAGES)
    assert data.test_labels.tolist() == TEST_LABELS.tolist()


@pytest.mark.parametrize("index", [False, True])
def test_csv_files_of_pandas(tmp_path, index):
    pandas = pytest.importorskip("pandas")
    for part, images, labels in (("train", IMAGES, LABELS), ("test", TEST_IMAGES, TEST_LABELS)):
        frame = pandas.DataFrame(images.reshape(len(images), -1))
        frame.columns = [f"pixel{number + 1}" for number in frame.columns]
        frame.insert(0, "label", labels)
        frame.to_csv(tmp_path / f"shirts_{part}.csv", index=index)
    check(dataset.load(tmp_path / "shirts_train.csv"))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32", "float64"])
def test_idx_files_of_idx2numpy(tmp_path, dtype):
    idx2numpy = pytest.importorskip("idx2numpy")
    for part, images, labels in (("train", IMAGES, LABELS), ("t10k", TEST_IMAGES, TEST_LABELS)):
        paths = tmp_path / f"{part}-images.idx3-ubyte", tmp_path / f"{part}-labels.idx1-ubyte"
        idx2numpy.convert_to_file(str(paths[0]), images.astype(dtype))
        idx2numpy.convert_to_file(str(paths[1]), labels)
    check(dataset.load(tmp_path))
