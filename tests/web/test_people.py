"""People: who is who, saying it, and taking it back; in anybody's words, whatever the names are."""

import re
import threading
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from mien.catalog import people as catalog
from mien.catalog.library import Library
from mien.errors import LibraryError
from mien.indexing import deciding, regroup
from mien.indexing.regroup import follows_decisions
from mien.web.album import Album
from mien.web.app import create_app
from mien.web.background import following
from mien.web.pages import people
from tests.web.conftest import ADDRESS

HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def ids(library: Library) -> dict[str, str]:
    """The four groups, by how often they are seen."""
    cards = sorted(catalog.everybody(library.catalog), key=lambda card: -card.figures)
    return dict(zip(("anna", "bob", "cem", "dana"), (card.person_id for card in cards), strict=True))


def shown(page: str) -> list[str]:
    return re.findall(r'person-card" data-person="([^"]*)"', page)


def name(client: TestClient, person: str, said: str, **more: str) -> Response:
    return client.post(f"/people/{person}/name", data={"name": said, **more}, headers=JSON)


def named(client: TestClient, person: str, said: str, **more: str) -> dict[str, Any]:
    answer = name(client, person, said, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_empty_album_has_nobody(empty: Album) -> None:
    client = TestClient(create_app(empty), base_url=ADDRESS)
    for language, words in (("en", "Nobody has been found yet"), ("zh", "还没有找到人物")):
        page = client.get("/people", headers={"Accept-Language": language})
        assert page.status_code == 200
        assert words in page.text
    assert client.get("/people/x").status_code == 404
    assert client.get("/people/more?part=groups").status_code == 200


def test_groups_ask_who_they_are_and_those_seen_once_come_last(client: TestClient, ids: dict[str, str]) -> None:
    page = client.get("/people").text
    assert shown(page) == list(ids.values())
    assert page.count("Who is this?") == 4
    assert "7 photos" in page
    assert "1 photo<" in page
    assert page.index("<details") < page.index(ids["dana"])
    assert page.index("Who are they?") < page.index(ids["anna"]) < page.index("<details")
    assert re.search(r'src="/pictures/figures/[^"]+/portrait.jpg"', page)
    chinese = client.get("/people", headers={"Accept-Language": "zh"}).text
    assert chinese.count("这是谁？") == 4
    assert "7 张照片" in chinese
    assert "2023–2024年" in chinese


@pytest.mark.parametrize(("room", "is_open"), [(4, True), (3, False)])
def test_those_seen_once_are_folded_only_where_they_are_many(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, room: int, is_open: bool
) -> None:
    monkeypatch.setattr(people, "CARDS", room)
    monkeypatch.setattr(people, "_part", lambda card: "once")
    folded = re.search(r"<details[^>]*>", client.get("/people").text)
    assert folded is not None
    assert folded[0].endswith(" open>") is is_open


def test_naming_says_what_was_done(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    answer = named(client, ids["anna"], "Anna")
    assert answer["said"] == "This is Anna: 7 photos"
    assert answer["follows"]
    assert answer["address"] == f"/people/{answer['person_id']}"
    assert answer["decision"] == library.journal.head
    assert shown(answer["card"]) == [answer["person_id"]]
    assert follows_decisions(library)
    page = client.get("/people").text
    assert shown(page)[0] == answer["person_id"]
    assert '<option value="Anna">' in page
    assert name(client, answer["person_id"], "安娜").json()["name"] == "安娜"


def test_a_name_is_taken_back(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    answer = named(client, ids["anna"], "Anna")
    back = client.post("/undo", data={"decision": answer["decision"]}, headers=JSON).json()
    assert back == {
        "undone": answer["decision"],
        "address": f"/people/{ids['anna']}",
        "said": "Taken back: Anna",
        "follows": True,
    }
    assert "Anna" not in client.get("/people").text
    assert client.get(answer["address"], follow_redirects=True).url.path == f"/people/{ids['anna']}"


def test_only_the_last_decision_is_taken_back(client: TestClient, ids: dict[str, str]) -> None:
    first, last = named(client, ids["anna"], "Anna"), named(client, ids["bob"], "Bob")
    refused = client.post("/undo", data={"decision": first["decision"]}, headers=JSON)
    assert refused.status_code == 409
    assert "Something else was decided since" in refused.json()["error"]
    for decision in (last, first):
        assert client.post("/undo", data={"decision": decision["decision"]}, headers=JSON).status_code == 200
    for decision, status, words in (
        (first["decision"], 409, "这个决定已经撤销了。"),
        ("x", 404, "此图库中没有这个决定。"),
    ):
        refused = client.post("/undo", data={"decision": decision}, headers={**JSON, "Accept-Language": "zh"})
        assert refused.status_code == status
        assert refused.json()["error"] == words


def test_who_has_a_namesake_is_asked_about_first(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    anna = named(client, ids["anna"], "Anna")
    head = library.journal.head
    asked = name(client, ids["dana"], " ANNA ")
    assert asked.status_code == 409
    assert asked.json() | {"key_figure": None} == {
        "ask": "Somebody is called Anna already, with 7 photos. Is this the same person?",
        "doubt": None,
        "same": anna["person_id"],
        "key_figure": None,
    }
    assert "side by side in 3 photos" in name(client, ids["bob"], "Anna").json()["doubt"]
    assert name(client, ids["dana"], "Anna", same=ids["bob"]).status_code == 409, "that is somebody else"
    assert library.journal.head == head, "nothing was decided yet"
    joined = named(client, ids["dana"], "Anna", same=anna["person_id"])
    assert joined["person_id"] == anna["person_id"]
    assert joined["said"] == "This is Anna: 8 photos"
    assert ids["dana"] not in shown(client.get("/people").text)


@pytest.mark.parametrize("said", ["", "   ", "\u202e\u200b", "x" * 201])
def test_what_is_no_name_is_refused_in_words(
    client: TestClient, library: Library, ids: dict[str, str], said: str
) -> None:
    for accept in (JSON, HTML):
        refused = client.post(f"/people/{ids['anna']}/name", data={"name": said}, headers=accept)
        assert refused.status_code == 422
        assert re.search("at least one visible character|at most 200 characters", refused.text)
    assert library.journal.entries() == ()


@pytest.mark.parametrize(
    ("said", "kept", "written"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        (
            '"><img src=x onerror=alert(1)>',
            '"><img src=x onerror=alert(1)>',
            "&#34;&gt;&lt;img src=x onerror=alert(1)&gt;",
        ),
        ("O'Neil & {{ csrf }}", "O'Neil & {{ csrf }}", "O&#39;Neil &amp; {{ csrf }}"),
        ("\u202eanna\u202c\n b", "anna b", "anna b"),
        ("安娜 " * 50, ("安娜 " * 50).strip(), ("安娜 " * 50).strip()),
        ("a" * 200, "a" * 200, "a" * 200),
        ("אנה", "אנה", "אנה"),
    ],
)
def test_any_name_is_only_a_name(client: TestClient, ids: dict[str, str], said: str, kept: str, written: str) -> None:
    answer = named(client, ids["anna"], said)
    assert answer["name"] == kept
    pages = [client.get(address, headers=HTML).text for address in ("/people", answer["address"])]
    asked = client.post(f"/people/{ids['bob']}/name", data={"name": said}, headers=HTML)
    assert asked.status_code == 409
    for page in (*pages, asked.text, answer["card"]):
        assert written in page
        if kept != written:
            assert kept not in page
    assert kept in client.get("/people", params={"name": kept[:20]}).text.replace(written, kept)


def test_names_are_found_however_they_are_written(client: TestClient, ids: dict[str, str]) -> None:
    anna, bob = named(client, ids["anna"], "Anna Müller"), named(client, ids["bob"], "王小明")
    for wanted, found in (("MÜLL", [anna]), ("小明", [bob]), ("ａｎｎａ", [anna]), ("x", [])):
        page = client.get("/people", params={"name": wanted}).text
        assert shown(page) == [person["person_id"] for person in found]
    assert "Nobody has such a name." in client.get("/people?name=x").text
    assert len(shown(client.get("/people?name=%20").text)) == 4


def test_cards_come_in_pieces(client: TestClient, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "CARDS", 1)
    for person in ("anna", "bob"):
        named(client, ids[person], person)
    for kind, address in (("data-fragment", "/people/more?part=named"), ("href", "/people?part=named")):
        met: list[str] = []
        following_piece: str | None = address
        while following_piece is not None:
            page = client.get(following_piece).text
            met += shown(page)
            link = re.search(rf'class="button more"[^>]* {kind}="([^"]*)"', page)
            following_piece = link and link[1].replace("&amp;", "&")
        assert len(met) == len(set(met)) == 2
    assert client.get("/people/more?part=named&after=x").status_code == 404
    assert client.get("/people/more?part=all").status_code == 422


def test_a_persons_page_tells_who_says_so(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    page = client.get(f"/people/{ids['anna']}").text
    assert "Somebody" in page
    assert "It may be wrong" in page
    assert page.count('class="tile"') == 7
    assert page.count(">Guess: ") == 7
    assert "7 photos · 2023 – 2024" in page
    assert re.search(r'href="/photos/[0-9a-f]{64}\?figure=[0-9a-f]{16}-\d+"', page)
    number = '"-?[0-9.]+"'
    assert len(re.findall(f"/><rect x={number} y={number} width={number} height={number} rx={number}/>", page)) == 7
    with library.catalog.write() as connection:
        connection.execute("UPDATE membership SET confidence = 0.55 WHERE figure_id = ?", (ids["anna"],))
    assert client.get(f"/people/{ids['anna']}").text.count(">Unsure: 55 %") == 1
    answer = named(client, ids["anna"], "Anna")
    page = client.get(answer["address"]).text
    assert page.count(">You said so<") == 7
    assert "It may be wrong" not in page
    assert "您确认过" in client.get(answer["address"], headers={"Accept-Language": "zh"}).text


def test_who_was_seen_once_is_not_said_to_be_certain(client: TestClient, ids: dict[str, str]) -> None:
    page = client.get(f"/people/{ids['dana']}").text
    assert "Guess: " not in page
    assert page.count('class="tile"') == 1


def test_all_photos_of_a_person_come_in_pieces(
    client: TestClient, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = re.findall(r'id="photo-([^"]*)"', client.get(f"/people/{ids['anna']}").text)
    monkeypatch.setattr(people, "PHOTOS", 2)
    for kind in ("data-fragment", "href"):
        met: list[str] = []
        address: str | None = f"/people/{ids['anna']}"
        while address is not None:
            page = client.get(address).text
            met += re.findall(r'id="photo-([^"]*)"', page)
            link = re.search(rf'class="button more"[^>]* {kind}="([^"]*)"', page)
            address = link and link[1].replace("&amp;", "&")
        assert met == whole
        assert len(whole) == 7
    assert client.get(f"/people/{ids['anna']}/photos?after=x").status_code == 404
    assert client.get("/people/nobody/photos?after=~").status_code == 404


def test_ids_lead_to_who_it_is_now(client: TestClient, ids: dict[str, str]) -> None:
    anna = named(client, ids["anna"], "Anna")
    answer = client.get(f"/people/{ids['anna']}")
    assert (answer.status_code, answer.headers["location"]) == (307, anna["address"])
    bob = named(client, ids["bob"], "Bob")
    joined = named(client, bob["person_id"], "Anna", same=anna["person_id"])
    assert joined["person_id"] == anna["person_id"]
    answer = client.get(bob["address"])
    assert (answer.status_code, answer.headers["location"]) == (307, anna["address"])
    assert named(client, ids["cem"], "Cem")["name"] == "Cem"
    assert named(client, ids["cem"], "Jim")["name"] == "Jim", "a page that was open before is about him too"


@pytest.mark.parametrize("person", ["x", "../../etc/passwd", "0" * 16 + "-1", "%00", "'; DROP TABLE people; --"])
def test_who_is_not_there_is_not_found(client: TestClient, library: Library, person: str) -> None:
    assert client.get(f"/people/{person}").status_code == 404
    refused = client.post(f"/people/{person}/name", data={"name": "Anna"}, headers=JSON)
    assert refused.status_code == 404
    if "/" not in person:
        for answer in (refused, client.get(f"/people/{person}", headers=HTML)):
            assert "This person is not in the album any more." in answer.text
    assert library.journal.entries() == ()


def test_it_works_without_scripts(client: TestClient, library: Library, ids: dict[str, str], csrf: str) -> None:
    client.headers.pop("X-CSRF-Token")

    def post(address: str, **form: str) -> Response:
        return client.post(address, data={"csrf": csrf, **form}, headers=HTML)

    page = client.get(f"/people/{ids['anna']}", headers=HTML).text
    assert f'action="/people/{ids["anna"]}/name"' in page
    answer = post(f"/people/{ids['anna']}/name", name="Anna")
    assert answer.status_code == 303
    page = client.get(answer.headers["location"], headers=HTML).text
    assert "This is Anna: 7 photos" in page
    decision = re.search(r'name="decision" value="([^"]*)"', page)
    assert decision is not None
    question = post(f"/people/{ids['dana']}/name", name="anna")
    assert question.status_code == 409
    same = re.search(r'name="same" value="([^"]*)"', question.text)
    assert same is not None
    joined = post(f"/people/{ids['dana']}/name", name="anna", same=same[1])
    assert joined.status_code == 303
    assert "This is Anna: 8 photos" in client.get(joined.headers["location"]).text
    assert 'action="/undo"' not in client.get(answer.headers["location"]).text, "that is not the last any more"
    assert post("/undo", decision=decision[1]).status_code == 409
    back = post("/undo", decision=joined.headers["location"].partition("=")[2])
    assert (back.status_code, back.headers["location"]) == (303, f"/people/{ids['dana']}")


def test_nothing_is_decided_for_somebody_elses_page(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    client.headers.pop("X-CSRF-Token")
    for address, form in ((f"/people/{ids['anna']}/name", {"name": "Anna"}), ("/undo", {"decision": "x"})):
        assert client.post(address, data=form).status_code == 403
        assert client.post(address, data={**form, "csrf": "guess"}).status_code == 403
        assert client.get(address).status_code in (404, 405)
    assert library.journal.entries() == ()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, album: Album) -> threading.Event:
    """Grouping takes until this is set, as in a large library; nobody waits for it."""
    done, original = threading.Event(), regroup.regroup

    def regroup_slowly(library: Library, **more: Any) -> None:
        while not done.wait(0.01):
            more["watch"]()
        original(library, **more)

    monkeypatch.setattr(following, "regroup", regroup_slowly)
    monkeypatch.setattr(following, "PATIENCE", 0.0)
    monkeypatch.setattr(following.Following.ensure, "__defaults__", (0.0,))
    return done


def ended(album: Album) -> bool:
    """Whether the people follow, before long."""
    return any(album.following.ensure(0.1) or threading.Event().wait(0.05) for _ in range(200))


def test_a_large_library_shows_a_name_at_once(
    client: TestClient, album: Album, ids: dict[str, str], slow: threading.Event
) -> None:
    anna = named(client, ids["anna"], "Anna")
    assert not anna["follows"]
    assert anna["said"] == "This is Anna: 7 photos"
    assert client.get("/status").json()["following"]
    page = client.get("/people").text
    assert shown(page)[0] == anna["person_id"]
    assert '<p class="notice">Working out anew who is who.' in page[page.index('id="parts"') :], (
        "it goes when they follow"
    )
    bob = named(client, ids["bob"], "Bob")
    assert set(shown(client.get("/people").text)[:2]) == {anna["person_id"], bob["person_id"]}
    back = client.post("/undo", data={"decision": bob["decision"]}, headers=JSON).json()
    assert not back["follows"]
    assert "Bob" not in client.get("/people").text
    slow.set()
    assert ended(album)
    assert not client.get("/status").json()["following"]
    assert "Anna" in client.get("/people").text
    assert ids["bob"] in shown(client.get("/people").text)


def test_pages_do_not_wait_twice(client: TestClient, album: Album, ids: dict[str, str], slow: threading.Event) -> None:
    def at_work() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "following"]

    named(client, ids["anna"], "Anna")
    (thread,) = at_work()
    for _ in range(5):
        assert not album.following.ensure(0.001)
    assert at_work() == [thread]
    album.following.close()
    assert at_work() == []
    assert not album.following.ensure(), "closed"


def test_who_cannot_follow_says_why(
    client: TestClient, album: Album, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise LibraryError("catalog-unusable", file="catalog.db", reason="disk full")

    with monkeypatch.context() as broken:
        broken.setattr(following, "regroup", full)
        anna = named(client, ids["anna"], "Anna")
        assert not anna["follows"]
        page = client.get("/people").text
        assert "What you said is kept, but" in page
        assert "disk full" in page
        assert "Anna" in page
    monkeypatch.setattr(following.time, "monotonic", lambda: 1e12)
    assert ended(album)
    assert "disk full" not in client.get("/people").text


def test_what_another_process_decided_is_followed(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    with Library.open(library.folder) as other:
        deciding.name(other, ids["anna"], "Anna", follow=False)
    assert not follows_decisions(library)
    assert "Anna" in client.get("/people").text
    assert follows_decisions(library)


def test_nothing_stands_in_a_page_that_the_browser_would_refuse(client: TestClient, ids: dict[str, str]) -> None:
    anna = named(client, ids["anna"], "Anna")
    for address in ("/people", "/people/more?part=groups", anna["address"], f"/people/{ids['bob']}", "/people?name=a"):
        page = client.get(address).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", page), address
