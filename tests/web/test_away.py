"""An album whose photos are parsed on another machine says so, on every page, until that was read."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from mien.catalog.library import Library
from mien.errors import MienError
from mien.indexing.engine import FILE, choose
from mien.web.album import Album
from mien.web.app import create_app
from mien.web.background.keeper import Keeper, Status
from tests.web.conftest import ADDRESS, served

PAGE = {"Accept": "text/html"}
LEAVES = "Photos leave this machine"


@pytest.fixture
def album(library: Library) -> Iterator[Album]:
    """One that goes by whatever its library goes by."""
    with served(library, engine="") as album:
        yield album


def shown(client: TestClient, path: str = "/", language: str = "en") -> str:
    return client.get(path, headers={**PAGE, "Accept-Language": language}).text


@pytest.mark.parametrize("path", ["/", "/people", "/folders", "/docs", "/nothing"])
def test_every_page_says_where_photos_go_until_it_was_read(client: TestClient, library: Library, path: str) -> None:
    assert LEAVES not in shown(client, path)
    choose(library.folder, "https://desktop:8420")
    for language, words in {"en": LEAVES, "zh": "照片将离开本机"}.items():
        page = shown(client, path, language)
        assert page.count('class="away"') == 1
        assert words in page
        assert "desktop" in page
    (machine,) = re.findall(r'name="machine" value="(\w+)"', page)
    read = client.post("/away", data={"machine": machine}, headers={**PAGE, "Referer": f"{ADDRESS}{path}"})
    assert (read.status_code, read.headers["location"]) == (303, path)
    assert 'class="away"' not in shown(client, path)
    choose(library.folder, "https://cellar:8420")
    assert "cellar" in shown(client, path), "another machine is told of anew"


def test_programs_are_told_too(client: TestClient, library: Library) -> None:
    assert client.get("/status").json()["away"] is None
    choose(library.folder, "https://desktop:8420")
    assert LEAVES in client.get("/status").json()["away"]
    assert "desktop" in client.get("/status", headers={"Accept-Language": "zh"}).json()["away"]


@pytest.mark.parametrize(
    "engine", ["lite", "m2fp:bf16", "http://127.0.0.1:8420", "https://[::1]:1", "http://localhost:9"]
)
def test_what_stays_here_is_no_news(client: TestClient, library: Library, engine: str) -> None:
    choose(library.folder, engine)
    assert 'class="away"' not in shown(client)
    assert client.get("/status").json()["away"] is None
    assert ('id="engine"' in shown(client, "/folders")) == ("://" in engine)


def test_where_photos_may_not_go_none_are_said_to_go(
    client: TestClient, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MIEN_ENGINE_INSECURE", raising=False)
    choose(library.folder, "http://desktop:8420")
    assert 'class="away"' not in shown(client)
    monkeypatch.setenv("MIEN_ENGINE_INSECURE", "1")
    page = shown(client)
    assert LEAVES in page
    assert "not encrypted" in page


@pytest.mark.parametrize(
    "engine", ["https://<b>x</b>:8420", "https://\"onload='x':8420", "https://桌面.example:8420", "https://[::2]"]
)
def test_whatever_the_machine_is_called_it_is_only_words(client: TestClient, library: Library, engine: str) -> None:
    choose(library.folder, engine)
    for path in ("/", "/folders"):
        page = shown(client, path)
        assert "<b>x" not in page
        assert '"onload' not in page
    assert client.get("/status").status_code == 200


def test_an_engine_that_cannot_be_read_spoils_no_page(client: TestClient, library: Library) -> None:
    (library.folder / FILE).unlink()
    (library.folder / FILE).mkdir()
    assert client.get("/", headers=PAGE).status_code == 200
    assert 'class="away"' not in shown(client)


@pytest.mark.parametrize("machine", ["", "x", "a" * 16 + "\n", "A" * 16, "0" * 17, "é" * 16])
def test_only_marks_are_kept(client: TestClient, machine: str) -> None:
    assert client.post("/away", data={"machine": machine}).status_code == 422


def test_pages_of_other_sites_cannot_say_that_it_was_read(client: TestClient) -> None:
    assert client.post("/away", data={"machine": "0" * 16}, headers={"X-CSRF-Token": "guessed"}).status_code == 403


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (0.0, "just now", "正在"),
        (3.2, "in 5 s", "5 秒"),
        (59.9, "in 60 s", "60 秒"),
        (61.0, "in 2 min", "2 分钟"),
        (600.0, "in 10 min", "10 分钟"),
    ],
)
def test_when_an_engine_is_asked_for_again(
    client: TestClient, library: Library, monkeypatch: pytest.MonkeyPatch, seconds: float, en: str, zh: str
) -> None:
    choose(library.folder, "https://desktop:8420")
    lost = MienError("engine-away", engine="https://desktop:8420", reason="<i>no route</i>")
    monkeypatch.setattr(Keeper, "status", Status(error=lost, again=seconds))
    assert en in client.get("/status").json()["again"]
    assert zh in client.get("/status", headers={"Accept-Language": "zh"}).json()["again"]
    assert "&lt;i&gt;no route" in shown(client, "/folders")
    assert "cannot be used now" in shown(client, "/folders")
    monkeypatch.setattr(Keeper, "status", Status())
    assert client.get("/status").json()["again"] is None
    assert "cannot be used now" not in shown(client, "/folders")


def test_visitors_without_our_pages_learn_nothing(album: Album) -> None:
    stranger = TestClient(create_app(album), base_url="http://evil.example")
    assert stranger.get("/status").status_code == 421
