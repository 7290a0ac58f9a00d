"""The search page: chips of what was understood, photos with reasons, an address that can be kept."""

import html
import re
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from mien.catalog.library import Library
from mien.indexing import deciding
from mien.people.anchors import Box
from mien.web.album import Album
from mien.web.pages.framing import frames


def shown(page: str, key: str = "photo") -> list[str]:
    """The ids of the photos on a page, in its order."""
    return re.findall(rf'id="{key}-([0-9a-f]+)"', page)


def chips(page: str) -> dict[str, str]:
    """What each chip says → where it leads when it is removed."""
    found = re.findall(
        r'<li class="chip[^>]*>\s*<a class="chip-words"[^>]*>(.*?)</a>\s*<a class="chip-remove" href="(.*?)"', page
    )
    return {html.unescape(said): html.unescape(address) for said, address in found}


@pytest.fixture
def anna(library: Library) -> str:
    """The id of the person who is in most photos, by name."""
    with library.catalog.read() as connection:
        (person,) = connection.execute(
            "SELECT person_id FROM membership GROUP BY person_id ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
    return deciding.name(library, person, "Anna").person_ids[0]


@pytest.mark.parametrize("question", ["three people", "三个人的照片", "３ people"])
def test_photos_that_answer_and_what_was_understood(client: TestClient, question: str) -> None:
    page = client.get("/search", params={"q": question}).text
    assert len(shown(page)) == 2  # the party and the street
    assert list(chips(page)) == ["people in the photo: exactly 3"]
    assert "2 photos" in page


def test_a_name_a_time_and_whom_they_are_with(client: TestClient, anna: str) -> None:
    everywhere = shown(client.get("/search?q=Anna").text)
    assert len(everywhere) == 7
    of_may = client.get("/search", params={"q": "Anna, May 2024"}).text
    assert set(shown(of_may)) < set(everywhere)
    assert len(shown(of_may)) == 2
    assert re.search(r"/photos/[0-9a-f]+\?figure=", of_may)
    said = chips(of_may)
    assert [label for label in said if "Anna" in label]
    (without,) = [address for label, address in said.items() if "2024" in label]
    assert len(shown(client.get(without).text)) == 7


def test_who_is_meant_is_marked_in_the_photo(client: TestClient, anna: str) -> None:
    page = client.get("/search", params={"q": "Anna with somebody"}).text
    for photo in re.findall(r'<li class="found-one".*?</li>', page, re.DOTALL):
        assert photo.count("places-shade") == 2
        assert ">1</text>" in photo
        assert ">2</text>" in photo


def test_near_misses_say_what_they_are_not(client: TestClient, anna: str) -> None:
    page = client.get("/search", params={"q": "Anna, three people, 2022"}).text
    assert not shown(page)
    near = page[page.index('id="near"') :]
    assert shown(near, "near")
    assert "badge-warning" in near


def test_what_is_not_understood_is_said(client: TestClient) -> None:
    page = client.get("/search", params={"q": "three people with a flurbish"}).text
    assert [label for label in chips(page) if "flurbish" in label]
    assert 'class="chip chip-missed"' in page


@pytest.mark.parametrize("question", ["flurbish", "戴帽子的人 2011", "<script>alert(1)</script>", "a" * 10_000, "🙂"])
def test_no_answer_is_a_page_with_something_to_try(client: TestClient, question: str) -> None:
    answer = client.get("/search", params={"q": question})
    assert answer.status_code == 200
    assert not shown(answer.text)
    assert "No photo answers this" in answer.text
    assert "<script>alert" not in answer.text
    assert answer.text.count('href="/search?q=') >= 3


def test_without_a_question_it_says_what_can_be_asked(client: TestClient, anna: str) -> None:
    for address in ("/search", "/search?q=%20"):
        page = client.get(address).text
        assert "Anna" in page
        assert 'id="question"' in page
    chinese = client.get("/search", headers={"Accept-Language": "zh"}).text
    assert "戴红色围巾的女人" in chinese


def test_the_example_about_somebody_has_photos(client: TestClient, anna: str) -> None:
    page = client.get("/search").text
    (example,) = [html.unescape(href) for href in re.findall(r'<li><a href="(/search\?q=.*?)"', page) if "Anna" in href]
    assert shown(client.get(example).text)


def test_every_example_is_understood_whole(client: TestClient, anna: str) -> None:
    for language in ("en", "zh"):
        page = client.get("/search", headers={"Accept-Language": language}).text
        examples = [html.unescape(href) for href in re.findall(r'<li><a href="(/search\?q=.*?)"', page)]
        assert len(examples) == 4
        for example in examples:
            asked = client.get(example).text
            assert "chip-missed" not in asked
            assert chips(asked)


def test_more_results_are_a_link_away(client: TestClient) -> None:
    page = client.get("/search", params={"q": "somebody", "limit": 3}).text
    assert len(shown(page)) == 3
    (more,) = re.findall(r'href="(/search\?q=somebody&amp;limit=63#photo-[0-9a-f]+)"', page)
    assert len(shown(client.get(html.unescape(more)).text)) == 9


def test_figures_that_look_alike(client: TestClient, album: Album) -> None:
    with album.library.catalog.read() as connection:
        (figure, photo) = connection.execute("SELECT figure_id, photo_id FROM figures LIMIT 1").fetchone()
    assert f"/search?like={quote(figure)}" in client.get(f"/photos/{photo}").text
    for what in ("outfit", "garment", "colour"):
        page = client.get("/search", params={"like": figure, "what": what})
        assert page.status_code == 200
        assert photo not in shown(page.text)
    assert client.get("/search?like=nobody-1").status_code == 404
    assert client.get("/search", params={"like": figure, "what": "face"}).status_code == 422


def test_suggestions_go_on_from_what_is_written(client: TestClient, anna: str) -> None:
    assert client.get("/search/complete?q=ann").json()[0]["text"].strip() == "Anna"
    assert client.get("/search/complete?q=").json() == []
    assert any("围巾" in one["label"] for one in client.get("/search/complete", params={"q": "围"}).json())


def test_every_page_has_the_search_box(client: TestClient) -> None:
    for address in ("/", "/people", "/review", "/history", "/folders", "/docs", "/search?q=Anna", "/nowhere"):
        page = client.get(address, headers={"Accept": "text/html"}).text
        assert 'action="/search" role="search" id="ask"' in page


def test_programs_get_the_rows_of_the_command_line(client: TestClient, anna: str) -> None:
    found = client.get("/api/search", params={"q": "Anna with a flurbish, May 2024", "limit": 1}).json()
    assert set(found) == {"results", "near", "total", "understood", "not_understood"}
    assert (len(found["results"]), found["total"]) == (1, 2)
    assert set(found["results"][0]) == {"photo", "photo_id", "figure_ids", "score", "why", "near", "missed"}
    assert found["results"][0]["photo"].endswith(".png")
    assert found["not_understood"] == ["flurbish"]
    assert "Anna" in found["understood"]
    assert client.get("/api/search").status_code == 422
    assert client.get("/api/search", params={"q": "x" * 2001}).status_code == 422


def test_others_in_the_photo_are_darker_than_who_is_meant(client: TestClient, anna: str) -> None:
    found = re.findall(r'<li class="found-one".*?</li>', client.get("/search?q=Anna").text, re.DOTALL)
    crowds = [photo for photo in found if 'class="others"' in photo]
    assert 0 < len(crowds) < len(found)  # she is alone in some
    for photo in crowds:
        (mask,) = re.findall(r'<mask id="(.*?)"', photo)
        assert f'mask="url(#{mask})"' in photo


def test_names_from_right_to_left_leave_the_words_around_them_in_place(
    client: TestClient, library: Library, anna: str
) -> None:
    deciding.name(library, anna, "ليلى حداد")
    page = client.get("/search", params={"q": "ليلى حداد"}).text
    assert "known as \u2068ليلى حداد\u2069" in page


def test_a_chip_says_where_its_words_stand(client: TestClient, anna: str) -> None:
    page = client.get("/search", params={"q": "🙂 Anna, May 2024"}).text
    places = dict(re.findall(r'class="chip-words" href="#question" data-spans="([^"]*)"[^>]*>(.*?)</a>', page))
    assert places["2-6 "] == "Anna"


@pytest.mark.parametrize("boxes", [[], [(0.0, 0.0, 1.0, 1.0)], [(0.2, 0.3, 0.21, 0.32)], [(0.5, 0.5, 0.8, 0.9)] * 2])
@pytest.mark.parametrize("size", [(3000, 2000), (1000, 3000)])
def test_frames_are_in_the_photo_and_their_numbers_apart(boxes: list[Box], size: tuple[int, int]) -> None:
    found = frames(boxes, *size)
    assert len(found) == len(boxes)
    for frame, (x0, y0, x1, y1) in zip(found, boxes, strict=True):
        assert 0 < frame.box[0] <= max(x0, frame.box[0]) < min(x1, frame.box[2]) <= frame.box[2] < 1
        assert 0 < frame.box[1] <= max(y0, frame.box[1]) < min(y1, frame.box[3]) <= frame.box[3] < 1
        assert 0 < frame.y <= 1
    assert len({(frame.x, frame.y) for frame in found}) == len(found)
