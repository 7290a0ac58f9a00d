"""The walk: every file once, nothing opened, nothing of the system's own."""

import os
from pathlib import Path

import pytest

from mien.catalog.library import Library
from mien.indexing.scan import scan


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(*roots: Path, base: Path) -> list[str]:
    return [Path(path).relative_to(base).as_posix() for path in scan(map(str, roots)).files]


def test_nothing(tmp_path: Path) -> None:
    assert scan([]).files == {}
    assert found(tmp_path, base=tmp_path) == []


def test_files_come_once_and_in_order(tmp_path: Path) -> None:
    touch(*(tmp_path / name for name in ("b.jpg", "a/z.jpg", "a/a.jpg", "c/deep/er/x.png", "a.jpg")))
    expected = ["a.jpg", "a/a.jpg", "a/z.jpg", "b.jpg", "c/deep/er/x.png"]
    assert found(tmp_path, base=tmp_path) == expected
    assert found(tmp_path, tmp_path / "a", tmp_path / "b.jpg", base=tmp_path) == expected
    assert found(tmp_path / "b.jpg", base=tmp_path) == ["b.jpg"]


@pytest.mark.parametrize(
    "name",
    [
        ".git/a.jpg", ".thumbnails/a.jpg", "@eaDir/a.jpg", "__MACOSX/a.jpg", "$RECYCLE.BIN/a.jpg", "x/lost+found/a.jpg",
        "._a.jpg", "DCIM/.trashed-1700000000-IMG.jpg", "DCIM/.pending-1700000000-IMG.jpg",
    ],
)  # fmt: skip
def test_what_systems_leave_is_passed_over(tmp_path: Path, name: str) -> None:
    touch(tmp_path / name, tmp_path / "kept.jpg")
    assert found(tmp_path, base=tmp_path) == ["kept.jpg"]


def test_a_hidden_folder_named_by_the_user_is_meant(tmp_path: Path) -> None:
    touch(tmp_path / ".secret" / "a.jpg")
    assert found(tmp_path / ".secret", base=tmp_path) == [".secret/a.jpg"]


def test_a_library_among_the_photos_is_not_indexed(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg")
    with Library.open(tmp_path / "library") as library:
        library.blobs.write("thumbnails", "abcdef", b"x")
    assert found(tmp_path, base=tmp_path) == ["a.jpg"]


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege on Windows")
def test_links_are_followed_but_never_in_circles(tmp_path: Path) -> None:
    touch(tmp_path / "album" / "a.jpg", tmp_path / "outside" / "b.jpg")
    (tmp_path / "album" / "circle").symlink_to(tmp_path / "album")
    (tmp_path / "album" / "way out").symlink_to(tmp_path / "outside")
    (tmp_path / "album" / "broken.jpg").symlink_to(tmp_path / "nowhere")
    (tmp_path / "album" / "file.jpg").symlink_to(tmp_path / "outside" / "b.jpg")
    assert found(tmp_path / "album", base=tmp_path) == ["album/a.jpg", "album/file.jpg", "album/way out/b.jpg"]


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege on Windows")
@pytest.mark.parametrize(
    "asked", [["pics"], ["pics", "pics/all"], ["pics/all", "pics/zz2020"], ["pics/zz2020", "pics"]]
)
def test_a_folder_goes_by_its_own_name_not_by_a_links(tmp_path: Path, asked: list[str]) -> None:
    touch(tmp_path / "pics" / "zz2020" / "deep" / "a.jpg", tmp_path / "outside" / "b.jpg")
    (tmp_path / "pics" / "all").symlink_to(tmp_path / "pics" / "zz2020")
    (tmp_path / "outside" / "back").symlink_to(tmp_path / "pics" / "zz2020" / "deep")
    (tmp_path / "pics" / "aa").symlink_to(tmp_path / "outside")
    seen = found(*(tmp_path / name for name in asked), base=tmp_path)
    assert [name for name in seen if name.endswith("a.jpg")] == ["pics/zz2020/deep/a.jpg"]
    assert ("pics/aa/b.jpg" in seen) == ("pics" in asked)


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege on Windows")
def test_drives_that_number_no_files_are_walked_whole_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "a" / "a.jpg", tmp_path / "b" / "b.jpg")
    (tmp_path / "a" / "circle").symlink_to(tmp_path)
    original = Path.stat

    def numberless(path: Path, **options: bool) -> os.stat_result:
        return os.stat_result((*original(path, **options)[:1], 0, *original(path, **options)[2:]))

    monkeypatch.setattr(Path, "stat", numberless)
    assert found(tmp_path, base=tmp_path) == ["a/a.jpg", "b/b.jpg"]


def test_a_folder_that_cannot_be_looked_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "shut" / "b.jpg")
    original = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("shut"):
            raise PermissionError(13, "denied")
        return original(path)

    monkeypatch.setattr(os, "scandir", refuse)
    walk = scan([str(tmp_path)])
    assert [Path(path).name for path in walk.files] == ["a.jpg"]
    assert walk.closed == (str(tmp_path / "shut"),)


def test_what_is_told_of_a_file(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg")
    status = (tmp_path / "a.jpg").stat()
    for place in (tmp_path, tmp_path / "a.jpg"):
        stat = scan([str(place)]).files[str(tmp_path / "a.jpg")]
        assert (stat.size, stat.mtime_ns) == (status.st_size, status.st_mtime_ns)
        assert (stat.volume, stat.inode) == (str(status.st_dev), str(status.st_ino))
