"""Saying who is who by hand: choosing photos, drawing somebody, joining two people, answering; and the way back."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from mien.catalog import listing, store
from mien.catalog.library import Library
from mien.indexing import deciding, reviewing
from mien.language import Language
from mien.people.questions import Question
from tests.browser.conftest import PHONE, WIDE, Visit
from tests.browser.serving import serving
from tests.browser.visitor import Visitor

ways = pytest.mark.parametrize(
    ("size", "language"), [(WIDE, "en"), (PHONE, "en"), (PHONE, "zh")], ids=["desktop", "phone", "phone zh"]
)


@pytest.fixture(scope="module")
def named(indexed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library in which the two people have names; whoever decides something there takes it back."""
    folder = shutil.copytree(indexed, tmp_path_factory.mktemp("named") / "library")
    with Library.open(folder) as library:
        anna, eva = (row.person_id for row in listing.people(library.catalog)[:2])
        deciding.name(library, anna, "Anna")
        deciding.name(library, eva, "Eva")
    return folder


@pytest.fixture(scope="module")
def decided(named: Path) -> Iterator[str]:
    """Where it is served."""
    with serving(named) as (_, address):
        yield address


def open_person(visitor: Visitor, name: str) -> None:
    visitor.go("/people")
    visitor.press(visitor.page.locator(".person-card").get_by_role("link", name=name, exact=True))
    visitor.page.wait_for_url(re.compile("/people/."))


def take_back(visitor: Visitor) -> None:
    """By the last toast; then there is one word of it, and nothing else to take back."""
    from playwright.sync_api import expect

    page, say = visitor.page, visitor.say
    undo = page.locator(".toast").get_by_role("button", name=say("web.people.undo"))
    expect(undo).to_have_count(1)
    visitor.press(undo)
    expect(undo).to_have_count(0)
    expect(page.locator(".toast", has_text=say("web.decided.undone"))).to_have_count(1)


@ways
def test_photos_are_chosen_and_said_to_be_somebody_else(
    size: tuple[int, int], language: Language, visit: Visit, decided: str
) -> None:
    from playwright.sync_api import expect

    visitor = visit(decided, size, language, is_touch=size == PHONE)
    page, say = visitor.page, visitor.say
    open_person(visitor, "Anna")
    photos = page.locator(".tile").count()
    switch = page.get_by_text(say("web.decide.choose"))
    for _ in range(2):
        visitor.press(switch)
        no = page.get_by_role("button", name=say("web.decide.no", name="Anna"))
        expect(no).to_be_disabled()
        visitor.press(page.locator(".tile a").first)
        expect(page.locator(".choose-count")).to_have_text(say("web.decide.chosen", n=1))
        visitor.press(no)
        expect(page.locator(".tile")).to_have_count(photos - 1)
        take_back(visitor)
        expect(page.locator(".tile")).to_have_count(photos)


@ways
def test_somebody_who_was_missed_is_framed(
    size: tuple[int, int], language: Language, visit: Visit, decided: str, named: Path
) -> None:
    from playwright.sync_api import expect

    with Library.open(named) as library:
        photo = next(row.photo_id for row in listing.photos(library.catalog) if not row.figures)
    visitor = visit(decided, size, language, is_touch=size == PHONE)
    page, say = visitor.page, visitor.say
    visitor.go(f"/photos/{photo}")
    visitor.press(page.locator("#draw"))
    box = page.locator("#photo").bounding_box()
    assert box is not None
    drag(visitor, *((box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in ((0.3, 0.2), (0.6, 0.8))))
    page.wait_for_url(re.compile("decision="))
    expect(page.locator(".drawing .figure")).to_have_count(1)
    expect(page.get_by_text(say("web.photo.by-hand"))).to_be_visible()
    visitor.press(page.locator(".said").get_by_role("button", name=say("web.people.undo")))
    expect(page.locator(".drawing .figure")).to_have_count(0)


@ways
def test_two_people_are_joined_once_that_is_sure(
    size: tuple[int, int], language: Language, visit: Visit, decided: str
) -> None:
    from playwright.sync_api import expect

    visitor = visit(decided, size, language, is_touch=size == PHONE, expected=frozenset({409}))
    page, say = visitor.page, visitor.say
    open_person(visitor, "Eva")
    title, dialog = page.get_by_role("heading", level=1), page.get_by_role("dialog")
    visitor.press(page.get_by_text(say("web.decide.more")))
    page.get_by_label(say("web.decide.merge")).fill("Anna")
    join = page.get_by_role("button", name=say("web.decide.merge-now"), exact=True)
    visitor.press(join)
    expect(dialog).to_contain_text("Anna")
    visitor.press(dialog.get_by_role("button", name=say("web.people.other"), exact=True))
    expect(dialog).to_be_hidden()
    expect(title).to_have_text("Eva")
    visitor.press(join)
    visitor.press(dialog.get_by_role("button", name=say("web.people.same"), exact=True))
    expect(page.locator(".toast", has_text=say("web.decided.merge", name="Eva"))).to_be_visible()
    take_back(visitor)
    expect(title).to_have_text("Eva")
    visitor.go("/people")
    for name in ("Anna", "Eva"):
        expect(page.locator(".person-card").get_by_role("link", name=name, exact=True)).to_be_visible()


@ways
def test_a_question_is_answered_and_the_answer_taken_back(
    size: tuple[int, int], language: Language, visit: Visit, own_library: Path
) -> None:
    from playwright.sync_api import expect

    asked = form_of(ask(own_library))
    with serving(own_library) as (_, address):
        visitor = visit(address, size, language, is_touch=size == PHONE)
        page, say = visitor.page, visitor.say
        visitor.go("/review")
        expect(page.get_by_role("heading", name=say("web.review.same-person"))).to_be_visible()
        expect(page.locator(asked)).to_have_count(1)
        if size == PHONE:
            visitor.press(page.get_by_role("button", name=say("web.review.different"), exact=True))
        else:
            page.keyboard.press("n")
        expect(page.locator(".toast", has_text=say("web.decided.answer")).first).to_be_visible()
        expect(page.locator(asked)).to_have_count(0)
        if size == PHONE:
            take_back(visitor)
        else:
            page.keyboard.press("u")
            expect(page.locator(".toast", has_text=say("web.decided.undone"))).to_have_count(1)
        visitor.go("/history")
        expect(page.locator(".history .is-undone")).to_have_count(1)


def form_of(question_id: str) -> str:
    """Where the page asks it."""
    return f"input[name=question][value='{question_id}']"


def ask(folder: Path) -> str:
    """Have one question there, about two people; its id."""
    with Library.open(folder) as library:
        people = [row.person_id for row in listing.people(library.catalog)[:2]]
        first, second = (listing.figures(library.catalog, person_id=person)[0].figure_id for person in people)
        question = Question("same", first, second, tuple(people), 0.5, 1.0, 1)
        with library.catalog.write() as connection:
            mark = f"{reviewing.VERSION} {store.marks(connection, 'grouped')[1]}"
            connection.execute("DELETE FROM questions")
            row = (0, question.question_id, json.dumps(asdict(question)))
            connection.execute("INSERT INTO questions VALUES (?, ?, ?)", row)
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('asked', ?)", (mark,))
    return question.question_id


def drag(visitor: Visitor, start: tuple[float, float], end: tuple[float, float]) -> None:
    """With a mouse or a finger."""
    page = visitor.page
    if not visitor.is_touch:
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(*end, steps=4)
        page.mouse.up()
        return
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> Any:
        return finger.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    touch("touchStart", start)
    touch("touchMove", ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    touch("touchMove", end)
    touch("touchEnd")
