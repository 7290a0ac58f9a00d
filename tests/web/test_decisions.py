"""Saying who is who beside names: every form of the pages, with and without scripts, and the way back."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from mien.catalog import listing
from mien.catalog import people as catalog
from mien.catalog.library import Library
from mien.indexing import deciding, reviewing
from mien.people.questions import Question
from mien.web.album import Album
from mien.web.background.following import Asking

HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def ids(library: Library) -> dict[str, str]:
    """The four groups, by how often they are seen."""
    cards = sorted(catalog.everybody(library.catalog), key=lambda card: -card.figures)
    return dict(zip(("anna", "bob", "cem", "dana"), (card.person_id for card in cards), strict=True))


@pytest.fixture
def anna(library: Library, ids: dict[str, str]) -> str:
    """Her id, once she has a name."""
    return deciding.name(library, ids["anna"], "Anna").person_ids[0]


def figures_of(library: Library, person_id: str) -> list[str]:
    return [row.figure_id for row in listing.figures(library.catalog) if row.person_id == person_id]


def said(client: TestClient, kind: str, **form: Any) -> dict[str, Any]:
    answer = client.post(f"/decisions/{kind}", data=form, headers=JSON)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def shown(library: Library, figure: str) -> str | None:
    return next(row.person_id for row in listing.figures(library.catalog) if row.figure_id == figure)


def test_wrong_photos_are_rejected_and_taken_back_together(client: TestClient, library: Library, anna: str) -> None:
    wrong = figures_of(library, anna)[:2]
    answer = said(client, "reject", figure=wrong, back=f"/people/{anna}")
    assert answer["said"] == "Kept: this is somebody else"
    assert (answer["count"], answer["address"]) == (2, f"/people/{anna}")
    assert all(shown(library, figure) != anna for figure in wrong)
    back = client.post("/undo", data={"decision": answer["decision"], "count": 2}, headers=JSON)
    assert back.status_code == 200
    assert all(shown(library, figure) == anna for figure in wrong)


def test_of_several_photos_all_are_rejected_or_none(client: TestClient, library: Library, anna: str) -> None:
    wrong = figures_of(library, anna)[:2]
    answer = client.post("/decisions/reject", data={"figure": [*wrong, "nobody"]}, headers=JSON)
    assert answer.status_code == 404
    assert all(shown(library, figure) == anna for figure in wrong)
    assert [row.kind for row in deciding.history(library) if row.holds] == ["name"]


def test_a_whole_group_is_taken_apart(client: TestClient, library: Library, ids: dict[str, str]) -> None:
    """Once all others are told from the last one, there is nothing left to say of it."""
    group = sorted(set(figures_of(library, ids["cem"])))  # one photo has two files
    answer = said(client, "reject", figure=group, back="/people")
    assert answer["count"] == len(group) - 1
    deciding.up_to_date(library)
    now = [who for who in (shown(library, figure) for figure in group) if who is not None]
    assert len(set(now)) == len(now)
    assert client.post("/decisions/reject", data={"figure": group[:1]}, headers=JSON).status_code == 404


def test_photos_are_confirmed(client: TestClient, library: Library, anna: str) -> None:
    inferred = [
        row.figure_id
        for row in listing.figures(library.catalog)
        if row.person_id == anna and row.person_source == "inferred"
    ] or figures_of(library, anna)
    answer = said(client, "confirm", figure=inferred, person=anna, back="/people")
    assert answer["said"] == "Kept: this is Anna"
    rows = {row.figure_id: row for row in listing.figures(library.catalog)}
    assert all(rows[figure].person_source == "decided" for figure in inferred)


def test_photos_of_somebody_else_become_a_person_of_their_own(client: TestClient, library: Library, anna: str) -> None:
    others = figures_of(library, anna)[-2:]
    answer = said(client, "split", figure=others, person=anna)
    other = answer["address"].removeprefix("/people/")
    assert other != anna
    assert {shown(library, figure) for figure in others} == {other}
    page = client.get(answer["address"], headers=HTML)
    assert page.status_code == 200
    assert "Who is this?" in page.text


def test_two_people_are_joined(client: TestClient, library: Library, ids: dict[str, str], anna: str) -> None:
    dana = deciding.name(library, ids["dana"], "Dana").person_ids[0]
    form = {"person": dana, "other": "Anna"}
    head = library.journal.head
    asked = client.post("/decisions/merge", data=form, headers=JSON)
    assert asked.status_code == 409
    assert asked.json()["ask"] == "Is this the same person as Anna (7 photos)?"
    assert asked.json()["same"] == anna
    page = client.post("/decisions/merge", data=form, headers=HTML)
    assert page.status_code == 409
    assert 'action="/decisions/merge"' in page.text
    assert f'name="same" value="{anna}"' in page.text
    assert library.journal.head == head
    answer = said(client, "merge", **form, same=anna)
    joined = answer["address"].removeprefix("/people/")
    assert set(figures_of(library, joined)) >= set(figures_of(library, anna))
    assert len([card for card in catalog.everybody(library.catalog) if card.name is not None]) == 1


def test_who_is_hidden_is_in_no_list_but_is_found(client: TestClient, anna: str) -> None:
    assert said(client, "hide", person=anna, hidden="true")["said"] == "Hidden from lists: Anna"
    assert anna not in client.get("/people").text.replace(f"/people/{anna}?", "")
    hidden = client.get("/people?hidden=true").text
    assert f'data-person="{anna}"' in hidden
    assert "Hidden from lists of people" in client.get(f"/people/{anna}").text
    said(client, "hide", person=anna, hidden="false")
    assert f'data-person="{anna}"' in client.get("/people").text


def test_contacts_and_birthdays_are_kept(client: TestClient, anna: str) -> None:
    said(client, "contact", person=anna, contact="true")
    said(client, "born", person=anna, day="2015-03-04")
    page = client.get(f"/people/{anna}").text
    assert "Born 4 March 2015" in page
    assert 'value="2015-03-04"' in page
    assert ">Contact<" in page
    assert "生于2015年3月4日" in client.get(f"/people/{anna}", headers={"Accept-Language": "zh"}).text
    said(client, "contact", person=anna, contact="false")
    said(client, "born", person=anna, day="")
    page = client.get(f"/people/{anna}").text
    assert "Born 4 March" not in page
    assert ">Contact<" not in page


@pytest.mark.parametrize("day", ["yesterday", "2015-13-01", "0", "2015-02-30"])
def test_what_is_no_day_is_refused(client: TestClient, library: Library, anna: str, day: str) -> None:
    head = library.journal.head
    assert client.post("/decisions/born", data={"person": anna, "day": day}, headers=JSON).status_code == 422
    assert library.journal.head == head


def test_what_is_no_person_is_gone_from_everywhere_and_comes_back(
    client: TestClient, library: Library, ids: dict[str, str]
) -> None:
    (figure,) = figures_of(library, ids["dana"])
    photo = next(row.photo_id for row in listing.figures(library.catalog) if row.figure_id == figure)
    assert figure in client.get(f"/photos/{photo}").text
    answer = said(client, "nobody", figure=figure, back=f"/photos/{photo}")
    assert figure not in client.get(f"/photos/{photo}").text
    assert ids["dana"] not in client.get("/people").text
    client.post("/undo", data={"decision": answer["decision"]}, headers=JSON)
    assert figure in client.get(f"/photos/{photo}").text


def test_somebody_who_was_missed_is_drawn_and_named(client: TestClient, library: Library) -> None:
    photo = next(row.photo_id for row in listing.photos(library.catalog) if not row.figures)
    box = {"x0": "0.25", "y0": "0.125", "x1": "0.5", "y1": "0.75"}
    answer = said(client, "draw", photo=photo, **box)
    figure = re.search(r"\?figure=(.+)", answer["address"])
    assert figure is not None
    page = client.get(f"{answer['address']}&decision={answer['decision']}").text
    assert f'data-figure="{figure[1]}"' in page
    assert "somebody stands there, drawn by hand" in page
    named = client.post(f"/people/{figure[1]}/name", data={"name": "Eva"}, headers=JSON)
    assert named.status_code == 200, named.text
    assert "Eva" in client.get("/people").text
    for wrong in ({**box, "x1": "0.25"}, {**box, "x1": "1.5"}, {**box, "x1": "nan"}):
        refused = client.post("/decisions/draw", data={"photo": photo, **wrong}, headers=JSON)
        assert refused.status_code in (404, 422), refused.text


@pytest.mark.parametrize(("kind", "form"), [("born", {"day": "2001-02-03"}), ("contact", {}), ("hide", {})])
def test_who_takes_back_what_was_said_of_a_person_stays_with_them(
    client: TestClient, anna: str, kind: str, form: dict[str, str]
) -> None:
    decision = said(client, kind, person=anna, **form)["decision"]
    assert client.post("/undo", data={"decision": decision}, headers=JSON).json()["address"] == f"/people/{anna}"


def test_who_takes_people_apart_again_stays_with_the_first(
    client: TestClient, library: Library, ids: dict[str, str], anna: str
) -> None:
    for name in ("bob", "cem"):
        other = deciding.name(library, ids[name], name).person_ids[0]
        for one, two in ((anna, other), (other, anna)):
            decision = said(client, "merge", person=one, other=two, same=two)["decision"]
            back = client.post("/undo", data={"decision": decision}, headers=JSON)
            assert back.json()["address"] == f"/people/{one}"


def test_a_contradiction_is_refused_with_its_reason(client: TestClient, library: Library, anna: str) -> None:
    figure = figures_of(library, anna)[-1]
    said(client, "reject", figure=figure)
    head = library.journal.head
    refused = client.post("/decisions/confirm", data={"figure": figure, "person": anna}, headers=JSON)
    assert refused.status_code == 409
    assert "this is not Anna" in refused.json()["error"]
    assert library.journal.head == head


def test_the_history_takes_back_anything_and_redoes_the_last(client: TestClient, library: Library, anna: str) -> None:
    said(client, "hide", person=anna, hidden="true")
    page = client.get("/history", headers=HTML).text
    assert page.index("leave Anna out of lists") < page.index("this is Anna")
    (earlier,) = re.findall(r'action="/history/([^"/]+)/undo"', page)
    assert client.post(f"/history/{earlier}/undo", headers=HTML).status_code == 303
    page = client.get("/history", headers=HTML).text
    assert "is-undone" in page
    assert "Redo" in page
    assert client.post("/redo", headers=HTML).headers["location"].startswith("/history")
    assert "is-undone" not in client.get("/history", headers=HTML).text
    assert any(card.name == "Anna" for card in catalog.everybody(library.catalog, hidden=True))
    assert "您的决定" in client.get("/history", headers={**HTML, "Accept-Language": "zh"}).text


def test_every_form_works_without_scripts(client: TestClient, library: Library, anna: str, csrf: str) -> None:
    client.headers.pop("X-CSRF-Token")
    figure = figures_of(library, anna)[0]
    form = {"csrf": csrf, "person": anna, "figure": figure, "back": f"/people/{anna}"}
    answer = client.post("/decisions/reject", data=form, headers=HTML)
    assert answer.status_code == 303
    page = client.get(answer.headers["location"], headers=HTML).text
    assert 'action="/undo"' in page
    assert client.post("/decisions/reject", data={**form, "csrf": "x"}, headers=HTML).status_code == 403


@pytest.mark.parametrize(
    "back", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)", "/\n/"]
)
def test_no_form_leads_elsewhere(client: TestClient, library: Library, anna: str, back: str) -> None:
    form = {"figure": figures_of(library, anna)[0], "person": anna, "back": back}
    answer = client.post("/decisions/confirm", data=form, headers=HTML)
    assert answer.headers["location"].startswith("/?decision=")


@pytest.fixture
def question(library: Library, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Question:
    """The one that there is: whether Dana is Anna."""
    asked = Question(
        kind="same", figure=figures_of(library, ids["dana"])[0], other=figures_of(library, ids["anna"])[0],
        person_ids=(ids["dana"], ids["anna"]), probability=0.5, gain=1.0, figures=1,
    )  # fmt: skip
    monkeypatch.setattr(reviewing, "ask", lambda *arguments: (asked,))
    return asked


@pytest.mark.parametrize(("answer", "are_one"), [("same", True), ("different", False), ("unsure", False)])
def test_a_question_is_asked_once_and_its_answer_holds(
    client: TestClient, library: Library, question: Question, answer: str, are_one: bool
) -> None:
    page = client.get("/review", headers=HTML).text
    assert "Is this the same person?" in page
    assert "50 % likely" in page
    assert page.count("portrait.jpg") >= 2
    form = {"question": question.question_id, "answer": answer}
    answered = client.post("/review", data=form, headers=JSON)
    assert answered.status_code == 200, answered.text
    assert (shown(library, question.figure) == shown(library, question.other)) is are_one
    assert client.post("/review", data=form, headers=JSON).status_code == 404, "it is not asked any more"
    back = client.post("/undo", data={"decision": answered.json()["decision"]}, headers=JSON)
    assert back.status_code == 200
    assert shown(library, question.figure) != shown(library, question.other)


def test_without_scripts_an_answer_can_be_taken_back_from_the_next_question(
    client: TestClient, question: Question, csrf: str
) -> None:
    client.headers.pop("X-CSRF-Token")
    assert client.get("/review", headers=HTML).status_code == 200
    form = {"csrf": csrf, "question": question.question_id, "answer": "different"}
    answered = client.post("/review", data=form, headers=HTML)
    assert answered.status_code == 303
    assert 'action="/undo"' in client.get(answered.headers["location"], headers=HTML).text


def test_what_is_no_answer_is_refused(client: TestClient, library: Library, question: Question) -> None:
    head = library.journal.head
    client.get("/review")
    form = {"question": question.question_id, "answer": "perhaps"}
    assert client.post("/review", data=form, headers=JSON).status_code == 422
    assert library.journal.head == head


def test_where_nothing_is_to_be_asked_that_is_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "ask", lambda *arguments: ())
    assert "No questions now" in client.get("/review").text
    assert "现在没有问题" in client.get("/review", headers={"Accept-Language": "zh"}).text


def test_while_questions_are_prepared_the_page_says_so_and_asks_those_that_there_are(
    client: TestClient, album: Album, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, begun, go_on = reviewing.ask, threading.Event(), threading.Event()

    def slow(sightings: object, grouping: object, decisions: object, limit: int, watch: Callable[[], None]) -> Any:
        begun.set()
        while not go_on.wait(0.01):
            watch()
        return asked(sightings, grouping, decisions, limit, watch)

    monkeypatch.setattr(reviewing, "ask", slow)
    monkeypatch.setattr(Asking.ensure, "__defaults__", (0.0,))
    page = client.get("/review").text
    assert begun.wait(60)
    assert "are being prepared" in page
    assert "No questions now" not in page
    assert "正在准备问题" in client.get("/review", headers={"Accept-Language": "zh"}).text
    go_on.set()
    assert album.asking.ensure(60)
    page = client.get("/review").text
    assert question.question_id in page
    assert "being prepared" not in page
    begun.clear(), go_on.clear()
    deciding.hide(album.library, question.person_ids[0])
    page = client.get("/review").text
    assert question.question_id in page, "what was asked before is asked still"
    assert "More are being prepared" in page
    thread = album.asking._thread
    album.asking.close()
    assert thread is not None
    assert not thread.is_alive()


def test_questions_that_cannot_be_made_are_told(
    client: TestClient, album: Album, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "ask", lambda *_: 1 / 0)
    assert not album.asking.ensure(60)
    assert "ZeroDivisionError" in client.get("/review").text


@pytest.mark.parametrize("kind", ["confirm", "reject", "split", "nobody"])
def test_who_chose_nothing_is_told_so(client: TestClient, library: Library, anna: str, kind: str) -> None:
    head = library.journal.head
    answer = client.post(f"/decisions/{kind}", data={"person": anna}, headers=JSON)
    assert answer.status_code == 422
    assert "Nothing was chosen" in answer.json()["error"]
    assert library.journal.head == head


def test_errors_say_what_to_do_on_the_page(client: TestClient, library: Library, anna: str) -> None:
    figure = figures_of(library, anna)[-1]
    said(client, "reject", figure=figure)
    refused = [
        client.post("/decisions/confirm", data={"figure": figure, "person": anna}, headers=JSON),
        client.post("/decisions/merge", data={"person": anna, "other": "Nemo"}, headers=JSON),
        client.post("/decisions/reject", data={"figure": "nowhere"}, headers=JSON),
        client.post("/review", data={"question": "0123456789ab", "answer": "same"}, headers=JSON),
    ]
    for answer in refused:
        assert answer.status_code in (404, 409)
        assert "mien" not in answer.json()["error"], answer.text
    assert "What you said" in refused[0].json()["error"]
    assert "Nemo" in refused[1].json()["error"]
