"""What is told of runs, and how they are asked for."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mien.catalog import listing, people, timeline
from mien.errors import MienError
from mien.indexing.progress import Progress
from mien.indexing.summary import Summary
from mien.language import speaking
from mien.web.album import Album
from mien.web.background import status as statuses
from mien.web.background.keeper import Keeper, Status
from mien.web.background.status import in_words
from tests.indexing import fake

QUIET = dict.fromkeys(
    ("phase", "words", "found", "done", "failed", "rate", "seconds_left", "file", "error", "again", "away")
) | {"following": False}

NOTHING = Summary(
    files=0, pictures=0, new=0, changed=0, unchanged=0, moved=0, missing=0, offline=0, absent=(), closed=(), read=0,
    photos=0, figures=0, faces=0, people=0, waiting=0, videos=0, errors=(), seconds=0,
)  # fmt: skip


def ended(client: TestClient) -> dict[str, Any]:
    """What is told once nothing is going on any more."""
    for _ in range(600):
        told: dict[str, Any] = client.get("/status").json()
        if told["state"] == "idle":
            return told
        time.sleep(0.1)
    raise AssertionError("it never ended")


def test_nothing_is_going_on(client: TestClient) -> None:
    response = client.get("/status")
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == QUIET | {"state": "idle", "photos": 10, "figures": 15, "people": 4, "summary": None}


def test_what_is_going_on(client: TestClient, album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = Progress("read", 120, 33, 2, 4.2345, 20.54321, os.fsdecode(b"/home/me/Pictures/caf\xe9.jpg"))
    last = Summary(**{**vars(NOTHING), "files": 7, "pictures": 7, "new": 2, "errors": (("a", MienError("x")),) * 3})
    monkeypatch.setattr(Keeper, "status", Status("running", progress, last))
    told = client.get("/status").json()
    assert told["file"].startswith("caf")
    assert (told["phase"], told["found"], told["done"], told["failed"]) == ("read", 120, 33, 2)
    assert (told["rate"], told["seconds_left"]) == (4.23, 20.5)
    assert told["words"] == "Finding people"
    assert told["summary"] == "new: 2, could not be read: 3"
    assert client.get("/status", headers={"Accept-Language": "zh"}).json()["words"] == "正在识别人物"
    assert "/home/me" not in json.dumps(told)


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (Status("elsewhere"), "words"),
        (Status(error=MienError("index-failed", reason="no space left")), "error"),
    ],
)
def test_what_hinders_is_said(client: TestClient, monkeypatch: pytest.MonkeyPatch, status: Status, key: str) -> None:
    monkeypatch.setattr(Keeper, "status", status)
    told = client.get("/status").json()
    assert told["state"] == status.state
    assert len(told[key]) > 20
    assert told["found"] is None


def test_a_catalog_that_cannot_be_read_is_told(client: TestClient, album: Album) -> None:
    album.library.catalog.close()
    for file in album.library.folder.glob("catalog.db*"):
        file.write_bytes(b"damaged" * 1000)
    told = client.get("/status").json()
    assert (told["state"], told["photos"]) == ("idle", None)
    assert "damaged" in told["error"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "No photos were found there."),
        ({"files": 3, "new": 3}, "No photos were found there."),
        ({"files": 3, "pictures": 3, "unchanged": 3}, "Nothing new."),
        ({"files": 3, "pictures": 3, "new": 2, "moved": 1}, "new: 2, moved: 1"),
        ({"missing": 4}, "deleted: 4"),
        ({"files": 1, "pictures": 1, "closed": ("a", "b")}, "folders that cannot be opened: 2"),
    ],
)
def test_a_run_in_words(changes: dict[str, Any], words: str) -> None:
    with speaking("en"):
        assert in_words(Summary(**{**vars(NOTHING), **changes})) == words
    with speaking("zh"):
        assert in_words(Summary(**{**vars(NOTHING), **changes})) != words


def test_counts_follow_the_library_and_are_not_made_too_often(
    client: TestClient, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    original = listing.count

    def count(connection: Any) -> dict[str, int]:
        counted.append(1)
        time.sleep(0.3)
        return original(connection)

    monkeypatch.setattr(listing, "count", count)
    for _ in range(5):
        client.get("/status")
    assert len(counted) == 1
    with album.library.catalog.write() as connection:
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
        connection.execute("UPDATE files SET state = 'missing' WHERE CAST(path AS TEXT) LIKE '%cake%'")
    assert client.get("/status").json()["photos"] == 10, "it was counted just now"
    monkeypatch.setattr(statuses, "RECOUNT", 0)
    assert client.get("/status").json()["photos"] == 9


def test_a_library_that_was_made_again_is_counted_again(
    client: TestClient, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its counters begin anew, and may stand where they stood before."""
    monkeypatch.setattr(statuses, "RECOUNT", 0)
    catalog = album.library.catalog
    assert client.get("/status").json()["photos"] == 10
    assert timeline.overview(catalog).photos == 10
    assert len(people.everybody(catalog)) == 4
    with catalog.read() as connection:
        counters = connection.execute("SELECT key, value FROM meta WHERE key IN ('generation', 'grouped')").fetchall()
    assert len(counters) == 2
    catalog.close()
    for file in album.library.folder.glob("catalog.db*"):
        file.unlink()
    with catalog.write() as connection:
        connection.executemany("INSERT INTO meta VALUES (?, ?)", counters)
    assert client.get("/status").json()["photos"] == 0
    assert timeline.overview(catalog).photos == 0
    assert people.everybody(catalog) == ()


def test_a_folder_is_asked_for(client: TestClient, tmp_path: Path) -> None:
    fake.photo_of(tmp_path / "new album" / "a.png", {"eve": 10}, shade=230)
    response = client.post("/index", data={"path": f' "{tmp_path / "new album"}" '})
    assert response.status_code == 202
    assert response.json()["state"] == "running", "so that pages begin to follow it"
    told = ended(client)
    assert (told["photos"], told["people"], told["summary"]) == (11, 5, "new: 1")


def test_what_is_known_is_looked_at_again(client: TestClient) -> None:
    assert client.post("/index").status_code == 202
    assert ended(client)["summary"] == "could not be read: 1"
    assert client.post("/index", data={"path": "  "}).status_code == 202


def test_a_run_is_stopped(client: TestClient, tmp_path: Path, album: Album) -> None:
    for number in range(30):
        fake.photo_of(tmp_path / "crowd" / f"{number}.png", {"eve": 10}, shade=number * 8)
    album.keeper.engine = "fake-slow"
    client.post("/index", data={"path": str(tmp_path / "crowd")})
    while client.get("/status").json()["phase"] != "read":
        time.sleep(0.02)
    assert client.post("/index/stop").status_code == 202
    told = ended(client)
    assert told["error"] is None
    assert told["photos"] < 40
    page = client.post("/index/stop", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/folders")


def test_a_form_is_sent_on(client: TestClient) -> None:
    response = client.post("/index", headers={"Accept": "text/html,*/*"})
    assert (response.status_code, response.headers["location"]) == (303, "/")


@pytest.mark.parametrize("path", ["Pictures", "./album", ".", "C:photos", "~nobody-of-this-name/x"])
def test_only_whole_paths_are_taken(
    client: TestClient, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pictures").mkdir()
    monkeypatch.chdir(tmp_path)
    refused = client.post("/index", data={"path": path})
    assert refused.status_code == 422
    assert "no whole path" in refused.json()["error"]
    assert "完整路径" in client.post("/index", data={"path": path}, headers={"Accept-Language": "zh"}).json()["error"]
    assert client.get("/status").json()["state"] == "idle"


def test_home(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.photo_of(tmp_path / "home" / "Pictures" / "a.png", {"eve": 10}, shade=230)
    monkeypatch.setenv("HOME" if os.name == "posix" else "USERPROFILE", str(tmp_path / "home"))
    assert client.post("/index", data={"path": "~/Pictures"}).status_code == 202
    assert ended(client)["summary"] == "new: 1"


def test_a_folder_without_photos_is_told(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear friend")
    assert client.post("/index", data={"path": str(tmp_path / "letters")}).status_code == 202
    assert ended(client)["summary"] == "No photos were found there."


WrongPath = Callable[[Album], str]


@pytest.mark.parametrize(
    "path",
    [
        lambda album: str(album.library.folder / "nowhere" / ".."),
        lambda album: str(album.library.folder),
        lambda album: str(album.library.folder / "cache"),
        lambda album: str(album.library.folder / "uploads" / ".." / "decisions.db"),
        lambda _: "/no/such/folder",
        lambda _: "~nobody-of-this-name/Pictures",
        lambda _: "a\0b",
        lambda _: "x" * 5000,
    ],
)
def test_a_wrong_path_is_refused(client: TestClient, album: Album, path: WrongPath) -> None:
    response = client.post("/index", data={"path": path(album)})
    assert (response.status_code, list(response.json())) == (422, ["error"]), response.text
    assert ended(client)["summary"] is None


def test_pages_of_other_sites_cannot_ask(client: TestClient, album: Album, tmp_path: Path) -> None:
    response = client.post("/index", data={"path": str(tmp_path)}, headers={"X-CSRF-Token": "guessed"})
    assert response.status_code == 403
    assert album.keeper.status.state == "idle"
