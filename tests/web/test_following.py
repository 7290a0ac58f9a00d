"""People follow what was decided, beside the pages: once for everybody who asks, and not for ever if that fails."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from mien.catalog import listing
from mien.errors import MienError
from mien.indexing import deciding
from mien.indexing.regroup import METHODS
from mien.web.album import Album
from mien.web.background import following

ASKED = ["/api/figures", "/api/people", "/people", "/status"]


@pytest.fixture
def behind(album: Album) -> Iterator[Album]:
    """An album whose people do not follow the last decision."""
    person = listing.people(album.library.catalog)[0].person_id
    deciding.name(album.library, person, "Anna", follow=False)
    yield album
    album.following.close()


@pytest.fixture
def grouped(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Has one entry for each time that people are grouped."""
    times, group = list[Any](), METHODS["default"]

    def counted(*arguments: Any) -> Any:
        times.append(arguments)
        return group(*arguments)

    monkeypatch.setitem(METHODS, "default", counted)
    return times


def all_at_once(call: Callable[[], Any], times: int = 8) -> list[Any]:
    answers: list[Any] = []
    barrier = threading.Barrier(times)

    def ask() -> None:
        barrier.wait()
        answers.append(call())

    threads = [threading.Thread(target=ask) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("path", ASKED)
def test_people_are_grouped_once_for_all_who_ask(
    path: str, client: TestClient, behind: Album, grouped: list[Any]
) -> None:
    answers = all_at_once(lambda: client.get(path).status_code)
    assert answers == [200] * 8
    while not behind.following.ensure(60):
        pass
    assert len(grouped) == 1


@pytest.mark.parametrize("error", [RuntimeError("nobody thought of that"), MienError("index-failed", reason="that")])
@pytest.mark.parametrize("path", ASKED)
def test_what_fails_is_told_and_tried_again_later(
    path: str, error: Exception, client: TestClient, behind: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Any] = []

    def fail(*arguments: Any) -> Any:
        tried.append(arguments)
        raise error

    with monkeypatch.context() as broken:
        broken.setitem(METHODS, "default", fail)
        for _ in range(5):
            assert client.get(path).status_code == 200
            behind.following.ensure(60)
        assert len(tried) == 1
        told = client.get("/status").json()
        assert told["following"]
        assert "that" in told["error"]
    assert not behind.following.ensure(60), "not yet"
    monkeypatch.setattr(behind.following, "_not_before", 0.0)
    assert behind.following.ensure(60)
    told = client.get("/status").json()
    assert (told["following"], told["error"]) == (False, None)


def test_once_others_had_people_follow_nothing_is_wrong_any_more(
    client: TestClient, behind: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setitem(METHODS, "default", lambda *_: 1 / 0)
        behind.following.ensure(60)
        assert "ZeroDivisionError" in client.get("/people").text
    deciding.up_to_date(behind.library)
    assert "ZeroDivisionError" not in client.get("/people").text


def test_it_ends_while_people_are_grouped(behind: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def endless(sightings: object, decisions: object, watch: Callable[[], None]) -> Any:
        begun.set()
        while True:
            watch()

    monkeypatch.setitem(METHODS, "default", endless)
    assert not behind.following.ensure(0)
    assert begun.wait(60)
    thread = behind.following._thread
    behind.following.close()
    assert thread is not None
    assert not thread.is_alive()
    assert behind.following.error is None
    assert not behind.following.ensure(following.PATIENCE), "it is closed"
