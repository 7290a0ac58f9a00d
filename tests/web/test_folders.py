"""The page of folders: what is in the album, and what is to leave it."""

import os
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mien.catalog import listing
from mien.catalog.library import Library
from mien.indexing import roots
from mien.web.album import Album

PAGE = {"Accept": "text/html"}


def keys(page: str) -> list[str]:
    return re.findall(r'name="folder" value="(\w+)"', page)


def test_every_folder_is_told_with_its_photos(
    client: TestClient, photos: Path, library: Library, tmp_path: Path
) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 <b>")
    roots.remember(library.folder, [odd, str(library.uploads)])
    page = client.get("/folders", headers=PAGE).text
    assert str(photos) in page
    assert "10 photos" in page
    assert "&lt;b&gt;" in page
    assert page.count("not there now") == 1
    assert str(library.uploads) not in page
    assert client.post("/folders/forget", data={"folder": keys(page)[-1]}).status_code == 303
    assert odd not in roots.known(library.folder)


def test_a_folder_is_forgotten(client: TestClient, photos: Path, library: Library) -> None:
    before = {path: path.read_bytes() for path in photos.iterdir()}
    (key,) = keys(client.get("/folders", headers=PAGE).text)
    for _ in range(2):
        answer = client.post("/folders/forget", data={"folder": key}, headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/folders")
    assert listing.photos(library.catalog) == []
    assert "No folder is in the album yet" in client.get("/folders", headers=PAGE).text
    assert 'action="/index"' in client.get("/", headers=PAGE).text, "the album is empty"
    assert client.get("/status").json()["photos"] == 0
    assert {path: path.read_bytes() for path in photos.iterdir()} == before


def test_the_timeline_leads_there(client: TestClient) -> None:
    assert 'href="/folders"' in client.get("/", headers=PAGE).text


def test_not_while_it_is_being_indexed(client: TestClient, library: Library) -> None:
    (key,) = keys(client.get("/folders", headers=PAGE).text)
    with Library.open(library.folder) as other, other.indexing():
        refused = client.post("/folders/forget", data={"folder": key}, headers=PAGE)
    assert refused.status_code == 409
    assert "stop it" in refused.text
    assert listing.photos(library.catalog)


@pytest.mark.parametrize("address", ["/folders/forget", "/index/stop"])
def test_only_our_own_pages_ask_for_it(client: TestClient, library: Library, album: Album, address: str) -> None:
    del client.headers["X-CSRF-Token"]
    (key,) = keys(client.get("/folders", headers=PAGE).text)
    assert client.post(address, data={"folder": key}).status_code == 403
    assert listing.photos(library.catalog)
    assert client.post(address, data={"folder": key, "csrf": album.csrf}).status_code < 400
