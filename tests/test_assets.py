"""The included files: the complete Fashion-MNIST, with its license."""

import hashlib

import numpy as np
import pytest

from core.assets import FASHION_MNIST

ARRAYS = {
    "train_images": (
        (60_000, 28, 28),
        "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
    ),
    "train_labels": (
        (60_000,),
        "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
    ),
    "test_images": (
        (10_000, 28, 28),
        "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
    ),
    "test_labels": (
        (10_000,),
        "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
    ),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_every_byte_is_as_zalando_published_it(fashion, name):
    array = getattr(fashion, name)
    shape, digest = ARRAYS[name]
    assert array.shape == shape
    assert hashlib.sha256(array.tobytes()).hexdigest() == digest


def test_the_images_stay_bytes_for_a_quarter_of_the_memory(fashion):
    assert {getattr(fashion, name).dtype for name in ARRAYS} == {np.dtype(np.uint8)}


def test_the_classes_are_named_in_the_order_of_their_labels(fashion):
    assert fashion.class_names == (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    )


def test_every_class_has_as_many_images_as_the_others(fashion):
    assert np.bincount(fashion.train_labels).tolist() == [6000] * 10
    assert np.bincount(fashion.test_labels).tolist() == [1000] * 10


def test_the_license_and_the_origin_are_next_to_the_images():
    license = (FASHION_MNIST / "LICENSE").read_text(encoding="utf-8")
    assert "MIT" in license
    assert "Zalando SE" in license
    assert "zalandoresearch/fashion-mnist" in (FASHION_MNIST / "README.md").read_text("utf-8")
