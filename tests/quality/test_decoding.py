"""Odd, hostile and oriented files: everything that Pillow with libheif decodes is read, upright, with its time."""

import contextlib
import csv
import functools
import subprocess
import sys
import time
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
    assert not refused


_READER = """
import sys
from pathlib import Path
from mien.errors import UnreadablePhoto
from mien.photo.reading import read_photo
read = 0
for path in sys.stdin.read().split("\\0"):
    try:
        read_photo(Path(path))
        read += 1
    except UnreadablePhoto:
        pass
print(read)
"""


def test_reading_needs_little_memory(odd_files: dict[Path, dict[str, str]]) -> None:
    """One after the other in a process of its own, whose memory is looked at all the time."""
    reader = subprocess.Popen(
        [sys.executable, "-c", _READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert reader.stdin is not None
    assert reader.stdout is not None
    reader.stdin.write("\0".join(map(str, odd_files)))
    reader.stdin.close()
    watched, peak = psutil.Process(reader.pid), 0
    with contextlib.suppress(psutil.NoSuchProcess):
        while reader.poll() is None:
            peak = max(peak, watched.memory_info().rss)
            time.sleep(0.005)
    read = int(reader.stdout.read())
    print(f"\nmemory at its peak: {peak / 2**30:.2f} GiB, n = {len(odd_files)}, {read} of them read")
    assert read > 0.8 * len(odd_files)
    assert 2**26 < peak < 2**31


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
