"""Originals are only ever read, whatever visitors ask for."""

import hashlib
import time
from pathlib import Path

from starlette.testclient import TestClient

from mien.catalog import listing
from mien.web.album import Album
from tests.web.routes import ASKING, fill


def state_of(folder: Path) -> dict[str, tuple[str, int, int, int]]:
    """Every file and folder → what is in it, when that and its name or mode were changed last, and its mode."""
    states = {}
    for path in sorted([folder, *folder.rglob("*")]):
        status = path.stat()
        content = "" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()
        states[str(path)] = content, status.st_mtime_ns, status.st_ctime_ns, status.st_mode
    return states


def test_originals_are_as_they_were(client: TestClient, album: Album, photos: Path) -> None:
    before = state_of(photos)
    for path in ASKING:
        client.get(fill(path, album), headers={"accept": "text/html,*/*"})
    for row in listing.photos(album.library.catalog):
        for address in (f"/photos/{row.photo_id}", f"/pictures/{row.photo_id}/preview.jpg"):
            assert (client.get(address).status_code == 200) == (row.photo_id is not None)
    for row in listing.figures(album.library.catalog):
        assert client.get(f"/pictures/figures/{row.figure_id}/portrait.jpg").status_code == 200
    person = listing.people(album.library.catalog)[0].person_id
    assert client.post(f"/people/{person}/name", data={"name": "Anna"}).status_code == 200
    for path in sorted(photos.iterdir()):
        for service in ("/predict", "/upload"):
            answer = client.post(service, files={"image": (path.name, path.read_bytes())})
            assert (answer.status_code == 200) == (path.name != "broken.jpg"), answer.text
    assert client.post("/index").status_code == 202
    while client.get("/status").json()["state"] != "idle":
        time.sleep(0.02)
    assert state_of(photos) == before
