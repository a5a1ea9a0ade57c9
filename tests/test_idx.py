"""Reading an IDX file: every array is read as written, every error is one sentence."""

import gzip
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import idx
from core.errors import DataError

ARRAY = np.arange(24, dtype=np.uint8).reshape(4, 3, 2)


@pytest.fixture
def fault(tmp_path):
    """The message about a file with the given content, checked to name it in one line."""

    def read(content, name="file"):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(DataError) as caught:
            idx.read(path, 3, "images")
        message = str(caught.value)
        assert message.startswith(str(path))
        assert "\n" not in message
        return message.removeprefix(str(path)).strip()

    return read


@given(
    shape=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    seed=st.integers(0, 2**32),
    suffix=st.sampled_from(["", ".gz"]),
)
def test_what_was_written_is_read(tmp_path_factory, idx_bytes, shape, seed, suffix):
    array = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    path = tmp_path_factory.getbasetemp() / f"round-trip{suffix}"
    content = idx_bytes(array)
    path.write_bytes(gzip.compress(content) if suffix else content)
    read = idx.read(path, len(shape), "images")
    assert read.dtype == np.uint8
    assert np.array_equal(read, array)


def test_a_file_of_something_else_is_not_idx(fault):
    assert fault(b"something else") == "is not an IDX file: it does not start with two zero bytes"


def test_an_empty_file_is_not_idx(fault):
    assert fault(b"").startswith("is not an IDX file")


def test_labels_in_place_of_images_have_the_wrong_magic_number(fault, idx_bytes):
    assert fault(idx_bytes(ARRAY[0, 0])) == (
        "has the wrong magic number 0x00000801; a file of images starts with 0x00000803"
    )


def test_an_unknown_type_of_values_is_a_wrong_magic_number(fault):
    assert "wrong magic number 0x00000f03" in fault(bytes((0, 0, 0xF, 3)) + bytes(100))


@pytest.mark.parametrize(
    ("code", "dtype"),
    [(8, "u1"), (9, "i1"), (0xB, ">i2"), (0xC, ">i4"), (0xD, ">f4"), (0xE, ">f8")],
)
def test_every_type_of_values_is_read(tmp_path, idx_bytes, code, dtype):
    array = ARRAY.astype(dtype)
    path = tmp_path / "file"
    path.write_bytes(bytes((0, 0, code)) + idx_bytes(array)[3:])
    assert np.array_equal(idx.read(path, 3, "images"), ARRAY)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"<!DOCTYPE html><html>", "a web page, not the file itself"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:", "a Git LFS pointer"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"PK\x03\x04", "a ZIP archive: unpack it first"),
    ],
)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_what_is_no_data_is_named(fault, start, name, ending):
    assert fault(start, f"file{ending}").startswith(f"is {name}")


def test_a_gzip_file_needs_no_ending(tmp_path, idx_bytes):
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(gzip.compress(idx_bytes(ARRAY)))
    assert np.array_equal(idx.read(path, 3, "images"), ARRAY)


def test_a_file_cut_in_its_header_is_truncated(fault, idx_bytes):
    assert fault(idx_bytes(ARRAY)[:10]) == "is truncated: its header is incomplete"


def test_a_file_cut_in_its_values_is_truncated(fault, idx_bytes):
    message = fault(idx_bytes(ARRAY)[:-1])
    assert message == "is truncated: 24 bytes should follow its header, but 23 do"


def test_more_than_2_gb_are_refused_by_the_header_before_they_are_read(fault):
    sizes = b"".join(size.to_bytes(4, "big") for size in (3_000_000, 28, 28))
    message = "takes 2.4 GB by its header, of 3,000,000 images; at most 2 GB can be read"
    assert fault(gzip.compress(b"\0\0\x08\x03" + sizes)) == message


def test_a_file_with_more_bytes_than_in_its_header_is_too_long(fault, idx_bytes):
    message = fault(idx_bytes(ARRAY) + b"\0")
    assert message == "is too long: 24 bytes should follow its header, but more do"


def test_a_header_may_claim_more_than_any_memory_holds(fault):
    assert "is truncated" in fault(bytes((0, 0, 8, 3)) + b"\xff" * 12)


def test_a_file_of_no_images_is_empty(fault, idx_bytes):
    assert fault(idx_bytes(ARRAY[:0])) == "is empty: its header says that it has 0 images"


def test_a_gz_that_is_not_gzip_has_its_own_message(fault, idx_bytes):
    assert fault(idx_bytes(ARRAY), "a.gz") == "is not a gzip file, although its name ends in .gz"


def test_a_cut_gz_is_truncated(fault, idx_bytes):
    zipped = gzip.compress(idx_bytes(ARRAY))
    assert fault(zipped[:-9], "a.gz") == "is truncated: its gzip data is incomplete"


def test_a_gz_with_a_wrong_checksum_is_damaged(fault, idx_bytes):
    zipped = bytearray(gzip.compress(idx_bytes(ARRAY)))
    zipped[-6] ^= 1
    assert fault(zipped, "a.gz") == "is damaged: it cannot be decompressed"


def test_a_directory_in_place_of_a_file_cannot_be_read(tmp_path):
    with pytest.raises(DataError, match="cannot be read: is a directory"):
        idx.read(tmp_path, 3, "images")


def test_sizes_without_a_product_are_refused(fault):
    """NumPy cannot make this shape, although it has no values."""
    message = fault(bytes((0, 0, 8, 3)) + b"\xff" * 8 + bytes(4))
    assert message.startswith("has no pixels")


def test_a_gz_of_several_members_is_read_as_one(tmp_path, idx_bytes):
    content = idx_bytes(ARRAY)
    path = tmp_path / "a.gz"
    members = (content[:9], content[9:20], content[20:])
    path.write_bytes(b"".join(map(gzip.compress, members)))
    assert np.array_equal(idx.read(path, 3, "images"), ARRAY)


def test_a_gz_with_something_else_after_its_end_is_damaged(fault, idx_bytes):
    assert fault(gzip.compress(idx_bytes(ARRAY)) + b"else", "a.gz").startswith("is damaged")


def test_a_gz_is_decompressed_only_as_far_as_its_header_promises(fault, idx_bytes):
    bomb = gzip.compress(idx_bytes(ARRAY) + bytes(100_000_000))
    tracemalloc.start()
    try:
        message = fault(bomb, "a.gz")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message == "is too long: 24 bytes should follow its header, but more do"
    assert peak < 1_000_000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="pipe, not a regular file"):
        idx.read(tmp_path / "pipe", 3, "images")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
def test_a_device_is_refused_even_through_a_link(tmp_path):
    (tmp_path / "link").symlink_to("/dev/zero")
    with pytest.raises(DataError, match="device or a pipe"):
        idx.read(tmp_path / "link", 3, "images")
