"""Copies to hand out, in the browser: who is to be seen, a preview, a file, a zip."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from starlette.testclient import TestClient

from mien.catalog import details, listing
from mien.catalog.library import Library
from mien.indexing import deciding
from mien.indexing.indexer import index
from mien.indexing.stages import make_chain
from mien.web.album import Album
from mien.web.app import create_app
from tests.indexing.inline import Inline
from tests.web.conftest import ADDRESS, served


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, astronaut: NDArray[np.uint8]) -> Iterator[Album]:
    """A library of two photos of one woman, Eileen, as it is served with the real networks."""
    folder = tmp_path_factory.mktemp("sharing")
    (folder / "photos").mkdir()
    Image.fromarray(astronaut).save(folder / "photos" / "IMG_20240501_101530.png")
    Image.fromarray(astronaut[:420, :420]).save(folder / "photos" / "eileen.jpg", quality=95)
    with Library.open(folder / "library") as library:
        index(library, [folder / "photos"], engine="lite", jobs=1, executor=Inline(), make_chain=make_chain)
        for row in listing.people(library.catalog):
            deciding.name(library, row.person_id, "Eileen")
        with served(library, engine="lite", make_chain=make_chain) as album:
            yield album


@pytest.fixture
def visitor(real: Album) -> TestClient:
    headers = {"Origin": ADDRESS, "X-CSRF-Token": real.csrf, "Accept-Language": "en"}
    return TestClient(create_app(real), base_url=ADDRESS, headers=headers, follow_redirects=False)


@pytest.fixture
def photos(real: Album) -> dict[str, str]:
    """File name → photo id."""
    return {Path(row.photo).name: row.photo_id or "" for row in listing.photos(real.library.catalog)}


def person(real: Album) -> str:
    return listing.people(real.library.catalog)[0].person_id


def face(data: bytes) -> float:
    """How much the woman's face varies: much if it is seen."""
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("L"), float)
    return float(pixels[80:170, 190:260].std())


def test_the_page_asks_who_may_be_seen(real: Album, visitor: TestClient, photos: dict[str, str]) -> None:
    address = f"/share?photo={photos['eileen.jpg']}"
    page = visitor.get(address, headers={"accept": "text/html"}).text
    assert "Eileen" in page
    assert "checked" not in page
    assert page.count("/share/preview.jpg?") == 1
    chosen = visitor.get(f"{address}&chosen=1&keep={person(real)}", headers={"accept": "text/html"}).text
    assert "checked" in chosen
    assert visitor.get("/share").headers["location"] == "/"
    assert visitor.get("/share?photo=nothing").status_code == 404


def test_one_copy_is_a_file_and_hides_whoever_is_not_chosen(
    real: Album, visitor: TestClient, photos: dict[str, str]
) -> None:
    photo = photos["IMG_20240501_101530.png"]
    seen = visitor.post("/share/copies", data={"photo": photo, "keep": person(real)})
    hidden = visitor.post("/share/copies", data={"photo": photo})
    for answer in (seen, hidden):
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["content-disposition"] == 'attachment; filename="photo-001.png"'
        assert answer.headers["cache-control"] == "no-store"
    assert face(hidden.content) < 15 < 30 < face(seen.content)


def test_several_are_a_zip_of_neutral_names(visitor: TestClient, photos: dict[str, str]) -> None:
    answer = visitor.post("/share/copies", data={"photo": list(photos.values()), "style": "pixelate"})
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert sorted(entry.filename for entry in archive.infolist()) == ["photo-001.png", "photo-002.jpg"]
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert b"eileen" not in answer.content.lower()


def test_what_cannot_be_read_is_left_out_and_said_without_a_name(
    real: Album, visitor: TestClient, photos: dict[str, str]
) -> None:
    with real.library.catalog.read() as connection:
        photo = details.photo(connection, photos["eileen.jpg"])
    assert photo is not None
    original = Path(photo.files[0].path)
    aside = original.rename(original.with_suffix(".aside"))
    try:
        alone = visitor.post("/share/copies", data={"photo": photos["eileen.jpg"]})
        answer = visitor.post("/share/copies", data={"photo": list(photos.values()), "style": "fill"})
    finally:
        aside.rename(original)
    assert alone.status_code == 422
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert sorted(entry.split(".")[1] for entry in archive.namelist()) == ["png", "txt"]
    words = archive.read("refused.txt").decode()
    assert "1 of 2" in words
    assert "eileen" not in words


def test_what_is_decided_after_the_preview_holds(real: Album, visitor: TestClient, photos: dict[str, str]) -> None:
    wanted = {"photo": photos["IMG_20240501_101530.png"], "keep": person(real)}
    with real.library.catalog.read() as connection:
        shown = details.photo(connection, wanted["photo"])
    assert shown is not None
    (figure,) = (figure.figure_id for figure in shown.figures)
    deciding.reject(real.library, figure)
    try:
        assert face(visitor.post("/share/copies", data=wanted).content) < 15
    finally:
        deciding.undo(real.library)


def test_a_preview_is_small_and_none_is_made_of_what_is_unknown(visitor: TestClient, photos: dict[str, str]) -> None:
    page = visitor.get(f"/share?photo={photos['eileen.jpg']}", headers={"accept": "text/html"}).text
    (address,) = re.findall(r'src="(/share/preview[^"]*)"', page)
    preview = visitor.get(address.replace("&amp;", "&"))
    assert preview.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(preview.content)).size == (420, 420)
    for wrong in ("/share/preview.jpg", f"/share/preview.jpg?photo={'0' * 64}"):
        assert visitor.get(wrong).headers["content-type"] == "image/svg+xml"


def test_what_is_stale_takes_a_word(real: Album, visitor: TestClient, photos: dict[str, str]) -> None:
    photo = photos["eileen.jpg"]
    with real.library.catalog.read() as connection:
        before = connection.execute("SELECT faces_fingerprint FROM photos WHERE photo_id = ?", (photo,)).fetchone()[0]
    try:
        with real.library.catalog.write() as connection:
            connection.execute("UPDATE photos SET faces_fingerprint = 'old' WHERE photo_id = ?", (photo,))
        page = visitor.get(f"/share?photo={photo}", headers={"accept": "text/html"}).text
        assert "older version" in page
        assert visitor.post("/share/copies", data={"photo": photo}).status_code == 409
        assert visitor.post("/share/copies", data={"photo": photo, "anyway": "1"}).status_code == 200
    finally:
        with real.library.catalog.write() as connection:
            connection.execute("UPDATE photos SET faces_fingerprint = ? WHERE photo_id = ?", (before, photo))


def test_nothing_is_written_beside_originals(real: Album, visitor: TestClient, photos: dict[str, str]) -> None:
    with real.library.catalog.read() as connection:
        photo = details.photo(connection, photos["eileen.jpg"])
    assert photo is not None
    folder = Path(photo.files[0].path).parent
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    assert visitor.post("/share/copies", data={"photo": photos["eileen.jpg"]}).status_code == 200
    assert {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()} == before
