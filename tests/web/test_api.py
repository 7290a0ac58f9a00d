"""The library for programs: the command line's rows, page by page."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mien.catalog import listing
from mien.indexing import deciding
from mien.indexing.indexer import index
from mien.web.album import Album
from tests.indexing.fake import make_fake
from tests.indexing.inline import Inline

LISTINGS: dict[str, Any] = {"photos": listing.photos, "figures": listing.figures, "people": listing.people}


@pytest.mark.parametrize("name", LISTINGS)
@pytest.mark.parametrize("limit", [1, 2, 4, 15, 1000])
def test_pages_add_up_to_the_rows_of_the_command_line(name: str, limit: int, client: TestClient, album: Album) -> None:
    rows, offset = [], 0
    while offset is not None:
        page = client.get(f"/api/{name}", params={"limit": limit, "offset": offset}).json()
        assert len(page[name]) <= limit
        rows += page[name]
        offset = page["next"]
    expected = [asdict(row) for row in LISTINGS[name](album.library.catalog)]
    assert rows == json.loads(json.dumps(expected))
    assert rows


@pytest.mark.parametrize("name", LISTINGS)
def test_an_empty_page_is_the_last(name: str, client: TestClient) -> None:
    assert client.get(f"/api/{name}", params={"offset": 10**6}).json() == {name: [], "next": None}


@pytest.mark.parametrize("name", LISTINGS)
@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "offset=-1", "offset=9223372036854775808"])
def test_what_cannot_be_a_page(name: str, query: str, client: TestClient) -> None:
    answer = client.get(f"/api/{name}?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["error"]


def test_figures_of_a_person_and_of_a_photo(client: TestClient, album: Album) -> None:
    anna = listing.people(album.library.catalog)[0].person_id
    rows = client.get("/api/figures", params={"person": anna}).json()["figures"]
    assert len({row["figure_id"] for row in rows}) == 7
    assert {row["person_id"] for row in rows} == {anna}
    photo = rows[0]["photo_id"]
    both = client.get("/api/figures", params={"person": anna, "photo": photo}).json()["figures"]
    assert both == [row for row in rows if row["photo_id"] == photo]
    assert len(client.get("/api/figures", params={"photo": photo}).json()["figures"]) == 3
    assert client.get("/api/figures", params={"person": "nobody"}).json()["figures"] == []


def test_a_decision_that_was_cut_short_is_followed(client: TestClient, album: Album) -> None:
    person = client.get("/api/people").json()["people"][0]["person_id"]
    deciding.name(album.library, person, "Anna")
    with album.library.catalog.write() as connection:  # as if the process had been killed after the decision
        connection.execute("DELETE FROM people")
        connection.execute("DELETE FROM membership")
        connection.execute("DELETE FROM meta")
    assert client.get("/api/people").json()["people"][0]["name"] == "Anna"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="this system has only names in Unicode")
def test_a_file_name_that_is_no_unicode(client: TestClient, album: Album, tmp_path: Path, photos: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / name).write_bytes((photos / "cake.png").read_bytes() + b"\0")
    index(album.library, [tmp_path / "new"], engine="fake", jobs=1, executor=Inline(), make_chain=make_fake)
    answer = client.get("/api/photos", params={"limit": 1000})
    assert str(tmp_path / "new" / name) in [row["photo"] for row in answer.json()["photos"]]
