"""The people page and each person's own; naming and undoing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from mien.catalog import people
from mien.catalog.people import Appearance, PersonCard, Seen
from mien.catalog.timeline import NEWEST
from mien.errors import UnknownName
from mien.indexing import deciding, meaning
from mien.indexing.whereabouts import person_now
from mien.language import text
from mien.people.decisions import same_name
from mien.people.naming import LONGEST_NAME
from mien.web.album import Album, ThisAlbum
from mien.web.pages.sameness import ask_whether_same
from mien.web.pages.timeline import place_at, tile_words
from mien.web.pages.wording import counted, day, day_and_time, span, sure
from mien.web.rendering import Json, filled, render, wants_page

router = APIRouter(include_in_schema=False)

CARDS = 60
"""On a page, and in each piece that follows."""

PHOTOS = 60

UNSURE = 0.8
"""Guesses below this are marked."""

Part = Literal["named", "groups", "once"]
"""People with a name; those without who are seen in several photos, or in one."""


@dataclass(frozen=True)
class Section:
    """Some of the cards of a part, how many there are in all, and after which the rest comes, if there is any."""

    part: Part
    cards: Sequence[PersonCard]
    number: int
    after: str | None


@router.get("/people")
def page(
    request: Request, album: ThisAlbum, name: str = "", part: Part | None = None, after: str = "", hidden: bool = False
) -> HTMLResponse:
    """Everybody, or those whose name contains `name`; with `hidden`, those who are kept from this list instead.

    `part` and `after`: one part alone, from a card on.
    """
    name, follows = name.strip(), album.following.ensure()
    everybody = _listed(album, hidden)
    shown: list[Part] = ["named"] if name else ["named", "groups", "once"] if part is None else [part]
    sections = [_section(everybody, each, name, after if each == part else "") for each in shown]
    return render(
        request,
        "people.html",
        sections=sections,
        wanted=name,
        is_empty=not everybody,
        only_hidden=hidden,
        hidden=0 if hidden else len(_listed(album, hidden=True)),
        names=_names(album),
        follows=follows,
        error=album.trouble,
        **_WORDS,
    )


@router.get("/people/more")
def more(
    request: Request, album: ThisAlbum, part: Part, after: str = "", name: str = "", hidden: bool = False
) -> HTMLResponse:
    """Further cards of a part: a piece of the page."""
    section = _section(_listed(album, hidden), part, name, after)
    return render(request, "cards.html", section=section, wanted=name, only_hidden=hidden, **_WORDS)


@router.get("/people/{person_id}")
def person(
    request: Request, album: ThisAlbum, person_id: str, after: str | None = None, decision: str = ""
) -> Response:
    """One person and all their photos. `decision`: the one that was just made, to be taken back from here."""
    follows = album.following.ensure()
    card = people.person(album.library.catalog, person_id)
    if card is None:
        return RedirectResponse(_address(_now(album, person_id)), HTTPStatus.TEMPORARY_REDIRECT)
    return render(
        request,
        "person.html",
        card=card,
        names=_names(album),
        follows=follows,
        error=album.trouble,
        undo=deciding.last(album.library, decision),
        today=date.today().isoformat(),  # noqa: DTZ011 - the visitor's calendar is this computer's
        **_photos(album, card, after),
        **_WORDS,
    )


@router.get("/people/{person_id}/photos")
def photos(request: Request, album: ThisAlbum, person_id: str, after: str) -> HTMLResponse:
    """Further photos of a person: a piece of the page."""
    card = people.person(album.library.catalog, person_id)
    if card is None:
        raise UnknownName("person-gone")
    return render(request, "appearances.html", card=card, **_photos(album, card, after), **_WORDS)


@router.post("/people/{person_id}/name")
def name(
    request: Request,
    album: ThisAlbum,
    person_id: str,
    name: Annotated[str, Form()] = "",
    same: Annotated[str, Form()] = "",
) -> Response:
    """Say who somebody is. If another person has that name already, it takes `same`, that person's id, to say that they
    are one. The decision is kept at once; in large libraries people follow it later."""
    library = album.library
    now = _meant(album, person_id)
    other = deciding.namesake(library, now, name)
    if other is not None and same != other.person_id:
        return ask_whether_same(request, album, now, other.person_id, "ask", {"name": name})
    decision = deciding.name(library, now, name, follow=False).entry
    follows = album.following.ensure()
    named = decision.body["person_id"]
    if wants_page(request):
        return RedirectResponse(f"{_address(named)}?decision={decision.id}", HTTPStatus.SEE_OTHER)
    card = people.person(library.catalog, named)
    seen = counted("photos", card.photos if card else 0)
    return Json(
        {
            "decision": decision.id,
            "person_id": named,
            "name": decision.body["name"],
            "address": _address(named),
            "said": text("web.people.said", name=decision.body["name"], photos=seen),
            "card": filled(request, "card.html", card=card, **_WORDS) if card else None,
            "follows": follows,
        }
    )


def _section(everybody: Sequence[PersonCard], part: Part, name: str, after: str) -> Section:
    wanted = same_name(name)
    cards = [card for card in everybody if _part(card) == part and (not wanted or wanted in same_name(card.name or ""))]
    start = 0
    if after:
        start = next((i for i, card in enumerate(cards) if _order(card) > _parse_order(after)), len(cards))
    shown = cards[start : start + CARDS]
    has_more = start + CARDS < len(cards)
    return Section(part, shown, len(cards), " ".join(map(str, _order(shown[-1]))) if has_more else None)


def _listed(album: Album, hidden: bool) -> list[PersonCard]:
    """Everybody who is, or is not, kept from lists."""
    return [card for card in people.everybody(album.library.catalog, hidden=True) if card.hidden == hidden]


def _part(card: PersonCard) -> Part:
    if card.name is not None:
        return "named"
    return "groups" if card.photos > 1 else "once"


def _order(card: PersonCard) -> tuple[int, str, str]:
    """A card's place among those of its part, which stand as `people.everybody` gives them."""
    return -card.figures, card.first or "~", card.person_id


def _parse_order(text: str) -> tuple[int, str, str]:
    try:
        figures, first, person_id = text.split(" ")
        return int(figures), first, person_id
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None


def _photos(album: Album, card: PersonCard, after: str | None) -> dict[str, Any]:
    start = NEWEST if after is None else place_at(after)
    with album.library.catalog.read() as connection:
        found = people.appearances(connection, card.person_id, start, PHOTOS + 1)
    shown = found[:PHOTOS]
    return {"appearances": shown, "after": str(shown[-1].tile.place) if len(found) > PHOTOS else None}


def _meant(album: Album, person_id: str) -> str:
    """Who is to be named: a person by an id of now or then, or a figure that is nobody yet."""
    if people.person(album.library.catalog, person_id) is not None:
        return person_id
    with album.library.catalog.read() as connection:
        if meaning.is_nobody(connection, person_id):
            return person_id
    return _now(album, person_id)


def _now(album: Album, person_id: str) -> str:
    """Whom an id means that is nobody's any more: of an unnamed group it was a figure's.

    Raises `UnknownName` if that is nobody.
    """
    with album.library.catalog.read() as connection:
        now = people.person_of(connection, person_id)
        if now is None:
            said = [e.body for e in album.library.journal.entries() if e.body.get("person_id") == person_id]
            now = person_now(connection, said[-1]) if said else None
    if now is None or now == person_id:
        raise UnknownName("person-gone")
    return now


def _names(album: Album) -> list[str]:
    with album.library.catalog.read() as connection:
        return people.names(connection)


def _address(person_id: str) -> str:
    return f"/people/{person_id}"


def who(card: PersonCard) -> str:
    """A person's name; whoever has none is somebody."""
    return card.name or text("web.people.somebody")


def seen_words(seen: Seen) -> str:
    """Who says that this is the person, in short."""
    if seen.source == "decided":
        return text("web.person.decided")
    key = "guess" if seen.confidence >= UNSURE else "unsure"
    return text(f"web.person.{key}", percent=min(99, round(seen.confidence * 100)))


def appearance_words(appearance: Appearance) -> str:
    """What a photo's tile on a person's page says to who cannot see it, or asks for more."""
    when = appearance.tile.taken_at
    parts = [text("web.count.undated") if when is None else day_and_time(when)]
    parts += [
        text("web.person.decided-long")
        if seen.source == "decided"
        else text("web.person.guess-long", sure=sure(seen.confidence))
        for seen in appearance.seen
    ]
    return " · ".join(parts)


_WORDS: dict[str, Any] = {
    "counted": counted,
    "day": lambda words: day(date.fromisoformat(words)),
    "span": span,
    "who": who,
    "seen_words": seen_words,
    "appearance_words": appearance_words,
    "tile_words": tile_words,
    "unsure": UNSURE,
    "longest_name": LONGEST_NAME,
}
