"""Odd, hostile and oriented files: everything that Pillow with libheif decodes is read, upright, with its time."""

import csv
import functools
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from PIL import Image

from mien.errors import UnreadablePhoto
from mien.photo.photo import Photo
from mien.photo.reading import read_photo

pytestmark = pytest.mark.quality


@functools.cache
def _plain_pillow_decodes(path: Path) -> bool:
    import pi_heif

    pi_heif.register_heif_opener()
    try:
        with Image.open(path) as image:
            image.load()
    except Exception:
        return False
    return True


@functools.cache
def _read(path: Path) -> Photo | UnreadablePhoto:
    try:
        return read_photo(path)
    except UnreadablePhoto as error:
        return error


@pytest.fixture(scope="module")
def odd_files(quality_data: Path) -> dict[Path, dict[str, str]]:
    """File → its row in `labels.csv`: exif_time, exif_orientation, …"""
    folder = quality_data / "robust"
    with (folder / "labels.csv").open(newline="") as table:
        return {folder / row["file"]: row for row in csv.DictReader(table)}


def test_everything_that_can_be_decoded_is_read(odd_files: dict[Path, dict[str, str]]) -> None:
    decodable = [path for path in odd_files if _plain_pillow_decodes(path)]
    refused = [str(_read(path)) for path in decodable if isinstance(_read(path), UnreadablePhoto)]
    beyond = [path for path in odd_files if path not in decodable and isinstance(_read(path), Photo)]
    print(
        f"\ndecoding: {len(decodable) - len(refused)} of n = {len(decodable)} that Pillow decodes, {len(beyond)} more"
    )
    used = psutil.Process().memory_info()
    peak = max(used.rss, getattr(used, "peak_wset", 0)) / 2**30
    print(f"memory after reading them all: {peak:.2f} GiB")
    assert peak < 2
    assert not refused


def test_capture_times_are_carried(odd_files: dict[Path, dict[str, str]]) -> None:
    timed = {path: row["exif_time"] for path, row in odd_files.items() if row["exif_time"]}
    missing, other = [], []
    for path, written in timed.items():
        photo = _read(path)
        if isinstance(photo, UnreadablePhoto) and not _plain_pillow_decodes(path):
            continue
        taken = photo.metadata.taken if isinstance(photo, Photo) else None
        if taken is None:
            missing.append(f"{path.name}: {written}")
        elif taken.isoformat()[:16] != f"{written[:10].replace(':', '-')}T{written[11:16]}":
            other.append(f"{path.name}: {written}, {taken.isoformat()} by {taken.source}")
    print(f"\ncapture times: {len(timed) - len(missing)} of n = {len(timed)}; not carried: {missing}; others: {other}")
    assert len(missing) <= 0.05 * len(timed)
    assert len(missing) + len(other) <= 0.1 * len(timed)  # a better witness than EXIF's last change may tell another


def test_eight_orientations_show_one_picture(quality_data: Path) -> None:
    paths = sorted((quality_data / "robust" / "exif-orientation").glob("*.jpg"))
    shown = [_small(_read(path)) for path in paths]
    differences = [float(np.abs(one - shown[0]).mean()) for one in shown]
    print(f"\norientation: n = {len(paths)}, largest mean difference {max(differences):.2f} of 255")
    assert len(paths) == 9
    assert max(differences) < 2


def _small(photo: Photo | UnreadablePhoto) -> np.ndarray:
    assert isinstance(photo, Photo)
    return cv2.resize(photo.pixels, (96, 144), interpolation=cv2.INTER_AREA).astype(np.int16)
