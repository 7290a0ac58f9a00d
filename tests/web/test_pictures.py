"""Pictures as the browser gets them: the right type, kept as long as they are true, and never an error page."""

import asyncio
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from mien.catalog import listing
from mien.catalog.library import Library
from mien.web.album import Album
from mien.web.app import create_app

NOBODY = "0" * 64


@pytest.fixture
def photo_id(library: Library) -> str:
    return next(row.photo_id for row in listing.photos(library.catalog) if row.photo_id and row.figures == 3)


@pytest.fixture
def figure_id(library: Library, photo_id: str) -> str:
    return listing.figures(library.catalog, photo_id=photo_id)[0].figure_id


def of_all_kinds(photo_id: str, figure_id: str) -> list[str]:
    return [f"{photo_id}/thumbnail.jpg", f"{photo_id}/preview.jpg", f"figures/{figure_id}/portrait.jpg"]


def test_pictures_are_jpegs_that_the_browser_keeps(client: TestClient, photo_id: str, figure_id: str) -> None:
    for picture in of_all_kinds(photo_id, figure_id):
        answer = client.get(f"/pictures/{picture}")
        assert answer.status_code == 200, picture
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.content.startswith(b"\xff\xd8")
        again = client.get(f"/pictures/{picture}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for caching in (answer.headers["cache-control"], again.headers["cache-control"]):
            assert caching.startswith("private")
            assert ("immutable" in caching) == ("portrait" not in picture)


def test_pictures_come_back_after_the_cache_was_deleted(
    client: TestClient, library: Library, photo_id: str, figure_id: str
) -> None:
    pictures = of_all_kinds(photo_id, figure_id)
    before = client.get(f"/pictures/{photo_id}/thumbnail.jpg").content
    shutil.rmtree(library.folder / "cache")
    assert [client.get(f"/pictures/{picture}").status_code for picture in pictures] == [200] * 3
    assert client.get(f"/pictures/{photo_id}/thumbnail.jpg").content == before
    assert library.blobs.read("thumbnails", photo_id) == before, "it is kept"


def test_a_portrait_changes_with_what_it_was_cut_from(client: TestClient, library: Library, figure_id: str) -> None:
    address = f"/pictures/figures/{figure_id}/portrait.jpg"
    before = client.get(address)
    with library.catalog.write() as connection:
        connection.execute(
            "UPDATE figures SET x1 = x1 + 0.1, face_x1 = face_x1 + 0.1 WHERE figure_id = ?", (figure_id,)
        )
    after = client.get(address, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]


@pytest.mark.parametrize(
    "address",
    [
        f"/pictures/{NOBODY}/thumbnail.jpg",
        f"/pictures/{NOBODY}/preview.jpg",
        "/pictures/figures/0000000000000000-1/portrait.jpg",
        f"/pictures/{NOBODY[:-1]}%00/thumbnail.jpg",
        f"/pictures/{NOBODY}0/thumbnail.jpg",
        f"/pictures/{NOBODY[:-1]}A/preview.jpg",
        "/pictures/figures/%ED%A0%80/portrait.jpg",
        "/pictures/figures/x'--/portrait.jpg",
    ],
)
def test_what_is_not_there_is_a_drawing(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "no-store"
    assert b"<svg" in answer.content


def test_no_id_leaves_the_cache(client: TestClient, library: Library, tmp_path: Path) -> None:
    secret = library.folder / "secret.jpg"
    secret.write_bytes(b"secret")
    for name in ("../secret", "..%2Fsecret", "....//secret", str(secret)[:-4]):
        assert b"secret" not in client.get(f"/pictures/{name}/thumbnail.jpg").content


def test_what_stands_in_is_not_kept(client: TestClient, library: Library, photo_id: str, figure_id: str) -> None:
    with library.catalog.write() as connection:
        connection.execute("UPDATE files SET path = CAST('/nowhere/' || path AS BLOB)")
    answer = client.get(f"/pictures/{photo_id}/preview.jpg")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "etag" not in answer.headers
    assert answer.content == library.blobs.read("thumbnails", photo_id)


def test_without_thumbnail_and_original_there_is_a_drawing(
    client: TestClient, library: Library, photo_id: str, figure_id: str
) -> None:
    library.blobs.drop("thumbnails", photo_id)
    with library.catalog.write() as connection:
        connection.execute("UPDATE files SET path = CAST('/nowhere/' || path AS BLOB)")
    for picture in of_all_kinds(photo_id, figure_id):
        assert client.get(f"/pictures/{picture}").headers["content-type"] == "image/svg+xml", picture


def test_who_leaves_takes_the_order_back(album: Album, photo_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        asked, left = asyncio.Event(), asyncio.Event()

        async def preview(_: str) -> None:
            asked.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                left.set()
                raise

        monkeypatch.setattr(album.studio, "preview", preview)
        messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            if messages:
                return messages.pop()
            await asked.wait()
            return {"type": "http.disconnect"}

        async def send(_: Message) -> None:
            return

        path = f"/pictures/{photo_id}/preview.jpg"
        scope = {
            "type": "http", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(),
            "query_string": b"", "headers": [(b"host", b"127.0.0.1")], "server": ("127.0.0.1", 80),
        }  # fmt: skip
        await asyncio.wait_for(create_app(album)(scope, receive, send), 20)
        assert left.is_set()

    asyncio.run(run())
