"""HEIC, as phones write it: turned by `irot` and `imir`, and by nothing else."""

import numpy as np
import pytest

from mien.photo.formats import FileKind, sniff_bytes
from mien.photo.key import photo_key
from mien.photo.reading import read_photo
from tests.photo.heic import heic
from tests.photo.pictures import STORED, corners, difference, exif

ORIENTATION = 0x0112


def _said(orientation: int = 1) -> bytes:
    block = exif(
        {ORIENTATION: orientation, 0x010F: "Apple"},
        {0x9003: "2020:01:02 03:04:05", 0x9011: "+08:00"},
        {1: "N", 2: (48.0, 30.0, 0.0), 3: "E", 4: (2.0, 15.0, 0.0)},
    )
    return block.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("exif_says", ["nothing", "the same", "something else"])
def test_every_orientation_comes_out_upright(orientation: int, exif_says: str) -> None:
    block = {"nothing": b"", "the same": _said(orientation), "something else": _said(9 - orientation)}[exif_says]
    photo = read_photo(heic(STORED[orientation](corners()), orientation, block))
    assert (photo.metadata.width, photo.metadata.height) == (96, 64)
    assert difference(photo.pixels, corners()) < 4


def test_what_it_says() -> None:
    photo = read_photo(heic(corners(), 1, _said()))
    assert photo.metadata.format == "HEIF"
    assert photo.metadata.camera == "Apple"
    assert photo.metadata.taken is not None
    assert photo.metadata.taken.isoformat() == "2020-01-02T03:04:05+08:00"
    assert photo.metadata.place is not None
    assert photo.metadata.place.latitude == pytest.approx(48.5)


def test_it_is_a_photo_under_any_name() -> None:
    assert sniff_bytes(heic(corners())[:512], "a.mov") is FileKind.PHOTO


def test_metadata_do_not_count_for_its_key() -> None:
    assert photo_key(heic(corners())) == photo_key(heic(corners(), 1, _said()))


def test_picture_and_turn_count_for_its_key() -> None:
    changed = corners()
    changed[:8, :8] = 0
    keys = [photo_key(heic(changed)), *(photo_key(heic(corners(), turn)) for turn in range(1, 9))]
    assert len(set(keys)) == 9


def test_reduced() -> None:
    photo = read_photo(heic(corners()), long_side=48)
    assert photo.pixels.shape == (32, 48, 3)
    assert difference(photo.pixels, np.asarray(corners(48, 32))) < 6
