"""The library folder."""

import os
import stat
from pathlib import Path

import pytest

from mien.catalog.library import Library, default_location
from mien.errors import LibraryError


def test_a_new_library_is_made_private_to_its_owner(tmp_path: Path) -> None:
    with Library.open(tmp_path / "deep" / "er") as library:
        assert library.journal.entries() == ()
        assert {path.name for path in library.folder.iterdir()} == {"library.toml", "decisions.db"}
        if os.name == "posix":
            assert stat.S_IMODE(library.folder.stat().st_mode) == 0o700


def test_it_stays_the_same_library(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        library.journal.append("name", {"name": "Anna"})
        marker = (library.folder / "library.toml").read_text()
    with Library.open(tmp_path / "library") as library:
        assert len(library.journal.entries()) == 1
        assert (library.folder / "library.toml").read_text() == marker


def test_where_it_is_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_LIBRARY", str(tmp_path / "mine"))
    with Library.open() as library:
        assert library.folder == tmp_path / "mine"
    monkeypatch.delenv("MIEN_LIBRARY")
    assert default_location().parts[-2:] == ("mien", "library")


def test_an_existing_empty_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    Library.open(tmp_path / "empty").close()
    assert (tmp_path / "empty" / "library.toml").exists()


def test_a_lost_marker_is_no_lost_library(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        library.journal.append("name", {"name": "Anna"})
    (tmp_path / "library" / "library.toml").unlink()
    with Library.open(tmp_path / "library") as library:
        assert len(library.journal.entries()) == 1


def _file(folder: Path) -> None:
    folder.write_text("a file")


def _pictures(folder: Path) -> None:
    folder.mkdir()
    (folder / "holiday.jpg").write_bytes(b"")


def _newer(folder: Path) -> None:
    folder.mkdir()
    (folder / "library.toml").write_text("version = 99\n")


def _mangled(folder: Path) -> None:
    folder.mkdir()
    (folder / "library.toml").write_text("version = ")


def _below_a_file(folder: Path) -> None:
    folder.parent.rmdir()
    folder.parent.write_text("a file")


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (_file, "library-is-file"),
        (_pictures, "library-is-other"),
        (_newer, "library-newer"),
        (_mangled, "library-marker"),
        (_below_a_file, "library-unusable"),
    ],
)
def test_what_is_no_library_is_refused_and_left_alone(tmp_path: Path, prepare: object, code: str) -> None:
    folder = tmp_path / "above" / "folder"
    folder.parent.mkdir()
    prepare(folder)  # type: ignore[operator]
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(LibraryError) as raised:
        Library.open(folder)
    assert raised.value.code == code
    assert str(folder) in raised.value.message("en")
    assert str(folder) in raised.value.message("zh")
    assert sorted(tmp_path.rglob("*")) == before


def test_one_index_run_at_a_time(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as one, Library.open(tmp_path / "library") as two:
        with one.indexing(), pytest.raises(LibraryError, match="Another index run"), two.indexing():
            pass
        with two.indexing():
            pass


def test_a_local_disk_is_no_network_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    import psutil

    with Library.open(tmp_path / "library") as library:
        mounts = [SimpleNamespace(mountpoint=str(tmp_path.anchor), fstype="ext4")]
        monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)
        assert not library.on_network_drive
        mounts.append(SimpleNamespace(mountpoint=str(tmp_path), fstype="CIFS"))
        assert library.on_network_drive
