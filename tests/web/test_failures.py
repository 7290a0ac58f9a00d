"""What visitors are told, in their language, when something cannot be done; and never how the code looks inside."""

import logging
import re

import pytest
from fastapi import HTTPException
from starlette.testclient import TestClient

from mien.errors import LibraryError, MienError, ModelError, UnknownName, UnreadablePhoto, WorkerLost
from mien.language import messages
from mien.web import failures
from mien.web.album import Album
from mien.web.app import create_app
from tests.web.conftest import ADDRESS

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
CHINESE = re.compile("[\u4e00-\u9fff]")


def raising(album: Album, error: Exception) -> TestClient:
    """A visitor of an application whose route /raise raises `error`."""
    app = create_app(album)

    @app.get("/raise")
    def fail() -> None:
        raise error

    return TestClient(app, base_url=ADDRESS)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnknownName("no-such-person", reference="<script>"), 404),
        (UnknownName("ambiguous-person", reference="A", ids="1, 2"), 409),
        (UnknownName("name-empty"), 422),
        (UnknownName("nothing-to-undo"), 409),
        (UnreadablePhoto("photo-not-image", file="x.jpg"), 415),
        (UnreadablePhoto("photo-truncated", file="x.jpg"), 422),
        (UnreadablePhoto("photo-too-large", file="x.jpg", size=2000, limit=1024), 413),
        (LibraryError("index-running", folder="x"), 409),
        (LibraryError("catalog-damaged", file="x"), 503),
        (LibraryError("path-not-found", path="x"), 422),
        (ModelError("model-missing", file="x"), 503),
        (WorkerLost("worker-start"), 503),
        (MienError("stopped"), 503),
        (HTTPException(404), 404),
        (HTTPException(418), 418),
    ],
)
def test_errors_are_told_in_words(error: Exception, status: int, album: Album) -> None:
    visitor = raising(album, error)
    for language in ("en", "zh"):
        told = visitor.get("/raise", headers={"accept-language": language})
        assert told.status_code == status
        assert list(told.json()) == ["error"]
        assert bool(CHINESE.search(told.json()["error"])) == (language == "zh")
        page = visitor.get("/raise", headers={"accept-language": language, **PAGE})
        assert page.status_code == status
        assert "<html" in page.text
        assert "<script>" not in page.text.replace('<script src="', "")


def test_what_frameworks_say_is_put_into_our_words(client: TestClient) -> None:
    headers = {"content-type": "multipart/form-data", "accept-language": "zh"}
    for body in (b"", b"--x"):
        told = client.post("/language", content=body, headers=headers)
        assert 400 <= told.status_code < 500
        assert CHINESE.search(told.json()["error"])


@pytest.mark.parametrize("code", sorted(failures.STATUS))
def test_the_codes_are_those_of_errors(code: str) -> None:
    assert f"error.{code}" in messages()


def test_what_nobody_thought_of_is_logged_and_kept_from_visitors(
    album: Album, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = raising(album, ZeroDivisionError("secret"))
    for accept in ("*/*", "text/html"):
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            told = visitor.get("/raise", headers={"accept": accept})
        assert told.status_code == 500
        assert "content-security-policy" in told.headers
        assert "secret" not in told.text
        assert "Error" not in told.text
        trace = re.search(r"under ([0-9a-f]{8})", told.text)
        assert trace is not None
        assert trace[1] in caplog.text
        assert "secret" in caplog.text


@pytest.mark.parametrize(("data", "word"), [({}, "language"), ({"language": "tlh"}, "language")])
def test_a_form_that_is_wrong(data: dict[str, str], word: str, client: TestClient) -> None:
    told = client.post("/language", data=data)
    assert told.status_code == 422
    assert word in told.json()["error"]


def test_an_address_with_nothing_at_it(client: TestClient) -> None:
    assert client.get("/nothing").json()["error"] == messages()["web.failure.404"]["en"]
    assert "<html" in client.get("/nothing", headers=PAGE).text
    assert client.post("/nothing").status_code == 404
    assert client.get("/language").status_code == 405
