"""Deleted, or on a drive that is not plugged in?"""

from pathlib import Path

import pytest

from mien.catalog.store import FileStat, KnownFile
from mien.indexing.presence import Places, judge, volume_at, within


def seen_now(*paths: Path) -> dict[str, FileStat]:
    return {str(path): FileStat(str(path), 1, 1, volume_at(str(path)), "1") for path in paths}


def known(*files: Path, volume: str) -> dict[str, KnownFile]:
    return {
        str(path): KnownFile(FileStat(str(path), 1, 1, volume, "1"), "present", "photo", None, None, None, False, "")
        for path in files
    }


@pytest.mark.parametrize(
    ("there", "gone", "seen", "on_this_volume", "closed", "expected"),
    [
        ([], "a.jpg", [], True, [], "offline"),  # an empty folder may be the place of a drive
        (["b.jpg"], "a.jpg", ["b.jpg"], True, [], "missing"),
        (["b.jpg"], "a.jpg", ["b.jpg"], False, [], "offline"),  # the volume it was on is another one
        (["b.jpg"], "sub/a.jpg", ["b.jpg"], True, [], "missing"),  # with its folder
        (["b.jpg", "sub/"], "sub/a.jpg", ["b.jpg"], True, ["sub"], "offline"),  # who knows what is in there
        (["b.jpg"], "a.jpg", [], True, [], "missing"),  # the walk went elsewhere, but the root is there
    ],
)
def test_verdicts(
    tmp_path: Path,
    there: list[str],
    gone: str,
    seen: list[str],
    on_this_volume: bool,
    closed: list[str],
    expected: str,
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for name in there:
        (root / name).mkdir() if name.endswith("/") else (root / name).write_bytes(b"")
    here = volume_at(str(root / "x"))
    files = known(*(root / name for name in there if not name.endswith("/")), volume=here)
    absent = known(root / gone, volume=here if on_this_volume else "another")
    verdict = judge(
        absent.values(),
        files | absent,
        seen_now(*(root / name for name in seen)),
        [str(root)],
        [str(root / name) for name in closed],
    )
    assert verdict == {str(root / gone): expected}


def test_a_volume_with_a_new_number_is_known_by_its_other_files(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(b"")
    files = known(tmp_path / "a.jpg", tmp_path / "b.jpg", volume="before the restart")
    absent = [files[str(tmp_path / "a.jpg")]]
    verdict = judge(absent, files, seen_now(tmp_path / "b.jpg"), [str(tmp_path)], [])
    assert verdict == {str(tmp_path / "a.jpg"): "missing"}


def test_another_stick_under_the_number_of_one_that_is_away_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media, away, here = tmp_path / "media", tmp_path / "media" / "a" / "a.jpg", tmp_path / "media" / "b" / "b.jpg"
    here.parent.mkdir(parents=True)
    here.touch()
    files = known(away, here, volume="8:33")
    monkeypatch.setattr(
        "mien.indexing.presence.volume_at", lambda path: "8:33" if "b" in Path(path).parts[-2:] else "8:1"
    )
    seen = {str(here): FileStat(str(here), 1, 1, "8:33", "1")}
    assert judge([files[str(away)]], files, seen, [str(media)], []) == {str(away): "offline"}


def test_a_number_that_went_to_another_volume_proves_nothing(tmp_path: Path) -> None:
    away, here = tmp_path / "stick" / "a.jpg", tmp_path / "b.jpg"
    here.touch()
    now = volume_at(str(here))
    files = known(away, volume=now) | known(here, volume="before the restart")
    assert judge([files[str(away)]], files, seen_now(here), [str(tmp_path)], []) == {str(away): "offline"}


def test_a_drive_below_the_root_is_judged_by_itself(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(b"")
    (tmp_path / "stick").mkdir()
    files = known(tmp_path / "b.jpg", volume=volume_at(str(tmp_path / "b.jpg")))
    absent = known(tmp_path / "stick" / "a.jpg", volume="the stick")
    verdict = judge(absent.values(), files | absent, seen_now(tmp_path / "b.jpg"), [str(tmp_path)], [])
    assert list(verdict.values()) == ["offline"]


def test_a_root_that_is_gone_was_unplugged(tmp_path: Path) -> None:
    absent = known(tmp_path / "root" / "a.jpg", volume=volume_at(str(tmp_path / "x")))
    assert list(judge(absent.values(), absent, {}, [str(tmp_path / "root")], []).values()) == ["offline"]


def test_places(tmp_path: Path) -> None:
    root = str(tmp_path)
    places = Places([str(tmp_path / "a"), str(tmp_path / "a" / "b"), str(tmp_path / "file.jpg")])
    assert str(tmp_path / "a" / "b" / "c.jpg") in places
    assert str(tmp_path / "file.jpg") in places
    assert str(tmp_path / "ab" / "c.jpg") not in places
    assert str(tmp_path / "c.jpg") not in places
    assert places.outermost(str(tmp_path / "a" / "b")) == str(tmp_path / "a")
    assert within(root, root)
    assert not within(root + "x", root)
