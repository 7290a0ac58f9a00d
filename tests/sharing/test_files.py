"""New files: whole or not there, none in the place of another."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.sharing.files import lies_in, numbered, write_new


@pytest.fixture(params=["links", "no links"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """On a file system with hard links, and on one without."""
    if request.param == "no links":

        def refuse(*_: object) -> None:
            raise OSError(1, "no links here")

        monkeypatch.setattr(os, "link", refuse)
    return tmp_path / "new" / "folder"


def test_names_are_neutral_and_none_is_given_twice(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "photo-002.jpg").write_bytes(b"mine")
    written = [write_new(folder, numbered(".jpg"), content).name for content in (b"1", b"2", b"3")]
    assert written == ["photo-001.jpg", "photo-003.jpg", "photo-004.jpg"]
    assert (folder / "photo-002.jpg").read_bytes() == b"mine"
    assert sorted(file.name for file in folder.iterdir()) == [
        "photo-001.jpg",
        "photo-002.jpg",
        "photo-003.jpg",
        "photo-004.jpg",
    ]


def test_a_name_that_is_taken_is_left_alone(folder: Path) -> None:
    write_new(folder, iter(["a.jpg"]), b"first")
    with pytest.raises(MienError) as refused:
        write_new(folder, iter(["a.jpg"]), b"second")
    assert refused.value.code == "file-there"
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {"a.jpg": b"first"}


def test_a_link_that_leads_nowhere_is_taken_too(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "a.jpg").symlink_to(folder / "elsewhere.jpg")
    with pytest.raises(MienError):
        write_new(folder, iter(["a.jpg"]), b"x")
    assert not (folder / "elsewhere.jpg").exists()


def test_who_is_interrupted_leaves_nothing(folder: Path) -> None:
    def names() -> Iterator[str]:
        raise KeyboardInterrupt
        yield ""

    with pytest.raises(KeyboardInterrupt):
        write_new(folder, names(), b"x" * 1000)
    assert list(folder.iterdir()) == []


def test_a_disk_that_is_full_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MienError) as refused:
        write_new(folder, numbered(".jpg"), b"x" * 1000)
    assert refused.value.code == "file-unwritable"
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MienError) as refused:
        write_new(tmp_path / "file", numbered(".jpg"), b"x")
    assert refused.value.code == "file-unwritable"


def test_whether_a_place_lies_in_a_folder_by_whatever_name(tmp_path: Path) -> None:
    album, other = tmp_path / "album", tmp_path / "album2"
    album.mkdir()
    other.mkdir()
    (tmp_path / "link").symlink_to(album)
    for inside in (album, album / "new" / "er", tmp_path / "link", other / ".." / "album", tmp_path / "link" / "x"):
        assert lies_in(inside, album), inside
    for outside in (tmp_path, other, other / "album", tmp_path / "none"):
        assert not lies_in(outside, album), outside
    assert not lies_in(tmp_path / "none" / "x", tmp_path / "none")
