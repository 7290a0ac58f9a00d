"""The timeline: every photo once, by month, whatever is in the library and whoever looks."""

import re
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mien.catalog import store
from mien.catalog.library import Library
from mien.catalog.store import FileStat
from mien.errors import UnreadablePhoto
from mien.indexing.indexer import index
from mien.web.album import Album
from mien.web.app import create_app
from mien.web.pages import timeline
from tests.indexing.fake import make_fake, photo_of
from tests.indexing.inline import Inline
from tests.web.conftest import ADDRESS


def tiles(page: str) -> list[str]:
    """The photos of a page or piece, in their order."""
    return re.findall(r'id="photo-([0-9a-f]{64})"', page)


def months(page: str) -> list[str]:
    return re.findall(r'class="month" data-month="([^"]*)"', page)


def following(page: str, which: str = "more") -> str | None:
    """Where the next piece is, as the page says."""
    link = re.search(rf'class="button {which}" href="[^"]*" data-fragment="([^"]*)"', page)
    return link and link[1].replace("&amp;", "&")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of three photos."""
    monkeypatch.setattr(timeline, "FIRST_PIECE", 3)
    monkeypatch.setattr(timeline, "PIECE", 3)


def test_an_empty_album_says_how_photos_come_into_it(empty: Album) -> None:
    client = TestClient(create_app(empty), base_url=ADDRESS)
    for language, words in (("en", "Find the people in your photos"), ("zh", "找出照片中的人物")):
        page = client.get("/", headers={"Accept-Language": language})
        assert page.status_code == 200
        assert words in page.text
        assert 'action="/index"' in page.text
        assert "mien index" in page.text
    assert client.get("/timeline").text.strip() == ""
    assert "Every file could be read." in client.get("/problems", headers={"Accept-Language": "en"}).text


def test_photos_stand_by_month_the_newest_first(client: TestClient) -> None:
    page = client.get("/").text
    assert len(tiles(page)) == len(set(tiles(page))) == 10
    assert months(page) == ["2024-05", "2024-03", "2023-09", "undated"]
    assert "10 photos" in page
    assert 'href="/photos/' + tiles(page)[0] in page
    assert f'src="/pictures/{tiles(page)[0]}/thumbnail.jpg"' in page
    assert following(page) is None


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["May 2024", "Date unknown", "18 May 2024, 20:00, 3 people", "1 person", "nobody in it", "3 photos"]),
        ("zh", ["2024年5月", "日期未知", "2024年5月18日 20:00，3 个人", "1 个人", "没有人物", "3 张照片"]),
    ],
)
def test_months_and_photos_are_told_in_the_visitors_words(client: TestClient, language: str, words: list[str]) -> None:
    page = client.get("/", headers={"Accept-Language": language}).text
    for each in words:
        assert each in page


def test_every_piece_leads_to_the_next(client: TestClient, small: None) -> None:
    page = client.get("/").text
    met, seen = tiles(page), months(page)
    while (address := following(page)) is not None:
        page = client.get(address).text
        met += tiles(page)
        seen += months(page)
    assert len(met) == len(set(met)) == 10
    assert sorted(seen, key=lambda month: "" if month == "undated" else month, reverse=True) == seen
    assert "3 photos" in client.get("/").text, "a month says how many it has in all"


def test_it_goes_on_without_scripts(client: TestClient, small: None) -> None:
    met: list[str] = []
    address: str | None = "/"
    while address is not None:
        page = client.get(address).text
        met += tiles(page)
        link = re.search(r'class="button more" href="([^"]*)"', page)
        address = link and link[1].replace("&amp;", "&")
    assert len(met) == len(set(met)) == 10


def test_a_month_begins_the_page_and_leads_back_to_newer_ones(client: TestClient, small: None) -> None:
    everything = [photo for page in pages(client) for photo in tiles(page)]
    page = client.get("/?month=2023-09").text
    assert months(page)[0] == "2023-09"
    assert '<option value="2023-09" selected>' in page
    back: list[str] = []
    address = following(page, "newer")
    while address is not None:
        piece = client.get(address).text
        back = tiles(piece) + back
        address = following(piece, "newer")
    assert back == everything[: everything.index(tiles(page)[0])]
    assert following(client.get("/?month=2024-05").text, "newer") is None
    assert months(client.get("/?month=undated").text) == ["undated"]


def pages(client: TestClient) -> list[str]:
    found = [client.get("/").text]
    while (address := following(found[-1])) is not None:
        found.append(client.get(address).text)
    return found


def test_photos_that_arrive_meanwhile_disturb_nothing(
    client: TestClient, library: Library, tmp_path: Path, small: None
) -> None:
    before = [photo for page in pages(client) for photo in tiles(page)]
    first = client.get("/").text
    photo_of(tmp_path / "new" / "late.png", {"eve": 10}, shade=200)
    photo_of(tmp_path / "new" / "IMG_20240518_210000.png", {"eve": 60}, shade=210)
    photo_of(tmp_path / "new" / "IMG_20250101_000000.png", {"eve": 90}, shade=220)
    index(library, [tmp_path / "new"], engine="fake", jobs=1, executor=Inline(), make_chain=make_fake)
    met, page = tiles(first), first
    while (address := following(page)) is not None:
        page = client.get(address).text
        met += tiles(page)
    assert [photo for photo in met if photo in before] == before
    assert len(met) == len(set(met))
    assert len(tiles(client.get("/").text + client.get("/timeline").text)) > 0
    assert months(client.get("/").text)[0] == "2025-01"
    assert "13 photos" in client.get("/").text


@pytest.mark.parametrize(
    "address",
    [
        "/?month=2024",
        "/?month=x",
        "/?month=2024-05-18",
        "/?month=../../etc",
        "/?after=x",
        "/timeline?after=",
        "/timeline?before=1",
    ],
)
def test_what_is_no_place_is_not_found(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "address", ["/?month=", "/?month=1066-10", "/?after=~", "/timeline?after=9999~~~", "/timeline?before=~"]
)
def test_odd_places_are_places(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 200


def test_files_that_cannot_be_read_are_told_of(client: TestClient, photos: Path) -> None:
    page = client.get("/").text
    assert "Not readable: 1 file" in page
    assert 'href="/problems"' in page
    listed = client.get("/problems").text
    assert str(photos / "broken.jpg") in listed
    assert "is damaged" in listed
    assert "Videos" not in listed
    assert "无法读取：1 个文件" in client.get("/", headers={"Accept-Language": "zh"}).text


def test_names_of_files_are_only_words(library: Library, client: TestClient) -> None:
    name = "/<script>alert(1)</script>\udc80\n\u202e.jpg"
    error = UnreadablePhoto("photo-empty", file=name)
    with library.catalog.write() as connection:
        store.put_file(connection, FileStat(name, 1, 1, "v", "1"), "photo", "r", error=error)
        store.put_file(connection, FileStat("/film.mp4", 1, 1, "v", "2"), "video", "r")
    page = client.get("/problems").text
    assert "<script>alert" not in page
    assert page.count("/&lt;script&gt;alert(1)&lt;/script&gt;\ufffd\ufffd") == 2, "the path, and the reason that has it"
    assert "film.mp4" in page
    assert "Videos (1)" in page


def test_photos_on_a_drive_that_is_away_are_shown_as_such(client: TestClient, library: Library) -> None:
    assert "Drive not connected" not in client.get("/").text
    with library.catalog.write() as connection:
        connection.execute("UPDATE files SET state = 'offline' WHERE CAST(path AS TEXT) LIKE '%beach%'")
        store.bump(connection)
    assert client.get("/").text.count("Drive not connected") == 1
    with library.catalog.write() as connection:
        connection.execute("UPDATE files SET state = 'missing' WHERE CAST(path AS TEXT) LIKE '%beach%'")
        store.bump(connection)
    page = client.get("/").text
    assert len(tiles(page)) == 9
    assert "9 photos" in page


def test_a_copy_is_no_second_photo(client: TestClient, library: Library, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    shutil.copy(photos / "cake.png", tmp_path / "copies" / "IMG_20200101_000000.png")
    index(library, [tmp_path / "copies"], engine="fake", jobs=1, executor=Inline(), make_chain=make_fake)
    page = client.get("/").text
    assert len(tiles(page)) == 10
    assert "2020-01" not in months(page)


def test_nothing_stands_in_a_page_that_the_browser_would_refuse(client: TestClient) -> None:
    """Scripts and styles come from files of ours only."""
    for address in ("/", "/timeline", "/problems", "/?month=undated"):
        page = client.get(address).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", page)
