"""Saying who is who beside names: forms of the pages about a person, a photo and a question; undoing and redoing."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from mien.catalog import people, store
from mien.catalog.library import Library
from mien.errors import MienError, UnknownName
from mien.indexing import deciding
from mien.indexing.deciding import Decided
from mien.indexing.whereabouts import person_now
from mien.language import text
from mien.people.anchors import Anchor
from mien.people.history import last_undo
from mien.web.album import Album, ThisAlbum
from mien.web.pages.sameness import ask_whether_same
from mien.web.pages.wording import day_and_time
from mien.web.rendering import Json, render, wants_page

router = APIRouter(include_in_schema=False)

ROWS = 100
"""Of the history, on a page."""

Words = Annotated[str, Form(max_length=1000)]
Figures = Annotated[list[str], Form(default_factory=list, max_length=1000)]


@router.post("/decisions/confirm")
def confirm(request: Request, album: ThisAlbum, figure: Figures, person: Words, back: Words = "/people") -> Response:
    """These figures are this person."""
    decided = deciding.confirm(album.library, _chosen(figure), person, follow=False)
    return _answer(request, album, [decided], "confirm", back)


@router.post("/decisions/reject")
def reject(request: Request, album: ThisAlbum, figure: Figures, back: Words = "/people") -> Response:
    """These figures are not who they are held to be, nor will be."""
    return _answer(request, album, _each(album.library, deciding.reject, figure), "reject", back)


@router.post("/decisions/split")
def split(request: Request, album: ThisAlbum, figure: Figures, person: Words) -> Response:
    """These figures of this person are somebody else: one other person, whose page is shown."""
    decided = deciding.split(album.library, person, _chosen(figure), follow=False)
    return _answer(request, album, [decided], "split", _page_of(decided))


@router.post("/decisions/merge")
def merge(request: Request, album: ThisAlbum, person: Words, other: Words, same: Words = "") -> Response:
    """These two are one person. It takes `same`, the other's id, to say that they really are."""
    meant = deciding.meant(album.library, other)
    if same != meant != deciding.meant(album.library, person):
        return ask_whether_same(request, album, person, meant, "ask-join", {"person": person, "other": other})
    decided = deciding.merge(album.library, person, other, follow=False)
    return _answer(request, album, [decided], "merge", _page_of(decided))


@router.post("/decisions/hide")
def hide(request: Request, album: ThisAlbum, person: Words, hidden: Annotated[bool, Form()] = True) -> Response:
    """Keep a person from lists of people, or show them there again."""
    decided = deciding.hide(album.library, person, hidden, follow=False)
    return _answer(request, album, [decided], "hide" if hidden else "show", _page_of(decided))


@router.post("/decisions/contact")
def contact(request: Request, album: ThisAlbum, person: Words, contact: Annotated[bool, Form()] = True) -> Response:
    """Whether a person may be seen in what is shared."""
    decided = deciding.contact(album.library, person, contact, follow=False)
    return _answer(request, album, [decided], "contact" if contact else "no-contact", _page_of(decided))


@router.post("/decisions/born")
def born(request: Request, album: ThisAlbum, person: Words, day: Words = "", back: Words = "") -> Response:
    """A person's day of birth; none takes it away."""
    decided = deciding.born(album.library, person, _day(day), follow=False)
    return _answer(request, album, [decided], "born" if day else "not-born", back or _page_of(decided))


@router.post("/decisions/height")
def height(request: Request, album: ThisAlbum, person: Words, day: Words, cm: Words = "", back: Words = "") -> Response:
    """How tall a person was on a day; no height takes it away."""
    if (on := _day(day)) is None:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    decided = deciding.height(album.library, person, on, _cm(cm), follow=False)
    return _answer(request, album, [decided], "height" if cm else "not-height", back or _page_of(decided))


@router.post("/decisions/nobody")
def nobody(request: Request, album: ThisAlbum, figure: Figures, back: Words = "/") -> Response:
    """These figures are no people: a statue, a poster, a coat on a hook."""
    return _answer(request, album, _each(album.library, deciding.not_a_person, figure), "nobody", back)


@router.post("/decisions/draw")
def draw(
    request: Request,
    album: ThisAlbum,
    photo: Words,
    x0: Annotated[float, Form(ge=0, le=1)],
    y0: Annotated[float, Form(ge=0, le=1)],
    x1: Annotated[float, Form(ge=0, le=1)],
    y1: Annotated[float, Form(ge=0, le=1)],
) -> Response:
    """Somebody stands here whom Mien does not see. The box is in shares (0–1) of the upright photo."""
    decided = deciding.draw(album.library, photo, (x0, y0, x1, y1), follow=False)
    (place,) = map(Anchor.from_json, decided.entry.body["anchors"])
    with album.library.catalog.read() as connection:
        drawn = next((i for i, there in store.anchors(connection, photo, by_hand=True) if there.box == place.box), "")
    return _answer(request, album, [decided], "draw", f"/photos/{photo}?figure={drawn}")


@router.post("/undo")
def undo(
    request: Request,
    album: ThisAlbum,
    decision: Words,
    count: Annotated[int, Form(ge=1, le=1000)] = 1,
    back: Words = "",
) -> Response:
    """Take back the last `count` decisions that still hold, of which `decision` must be the last."""
    undone = deciding.undo(album.library, count, expected=decision, follow=False)
    follows = album.following.ensure()
    first = undone[-1].of or undone[-1].entry
    now = None
    if first.kind == "name":  # who was named is who was looked at, not the other who has that name
        with album.library.catalog.read() as connection:
            now = person_now(connection, first.body)
    now = now or next(iter(undone[-1].person_ids), None)
    address = _own(back) if back else "/people" if now is None else f"/people/{now}"
    if wants_page(request):
        return RedirectResponse(address, HTTPStatus.SEE_OTHER)
    name = first.body.get("name")
    said = text("web.people.taken-back", name=name) if name else text("web.decided.undone")
    return Json({"undone": first.id, "address": address, "said": said, "follows": follows})


@router.post("/redo")
def redo(request: Request, album: ThisAlbum, back: Words = "/history") -> Response:
    """Hold again what was taken back last."""
    return _answer(request, album, deciding.redo(album.library, follow=False), "redo", back)


@router.post("/history/{decision}/undo")
def take_back(request: Request, album: ThisAlbum, decision: str) -> Response:
    """Take back any decision, whatever was decided since."""
    undone = deciding.undo(album.library, only=decision, follow=False)
    return _answer(request, album, undone, "undone", "/history")


@router.get("/history")
def history(request: Request, album: ThisAlbum, whole: bool = False) -> HTMLResponse:
    """What was decided, newest first."""
    follows = album.following.ensure()
    rows = deciding.history(album.library, None if whole else ROWS + 1)
    return render(
        request,
        "history.html",
        rows=rows if whole else rows[:ROWS],
        has_more=len(rows) > ROWS and not whole,
        last=next((row.decision for row in rows if row.holds), None),
        can_redo=_can_redo(album.library),
        follows=follows,
        error=album.trouble,
        when=lambda at: day_and_time(at.astimezone().replace(tzinfo=None).isoformat()),
    )


def _can_redo(library: Library) -> bool:
    try:
        last_undo(library.journal.entries())
    except UnknownName:
        return False
    return True


def _each(library: Library, say: Callable[..., Decided], figures: Sequence[str]) -> list[Decided]:
    """Say it of each, or of none."""
    done: list[Decided] = []
    for figure in dict.fromkeys(_chosen(figures)):
        try:
            done.append(say(library, figure, follow=False))
        except MienError as error:
            if done and error.code == "nobody-else":  # all others of its group were told from it just now
                continue
            for decided in reversed(done):
                with contextlib.suppress(MienError):  # somebody else took it back meanwhile, or built on it
                    deciding.undo(library, only=decided.entry.id, follow=False)
            raise
    return done


def _answer(request: Request, album: Album, decided: Sequence[Decided], kind: str, back: str) -> Response:
    """What was said, where to go, and what takes it back: the last decision, and how many there were."""
    follows = album.following.ensure()
    address, last = _own(back), decided[-1].entry.id
    if wants_page(request):
        joint = "&" if "?" in address else "?"
        return RedirectResponse(f"{address}{joint}decision={last}", HTTPStatus.SEE_OTHER)
    names = _names(album, decided)
    said = text(f"web.decided.{kind}", name=names, n=len(decided))
    return Json({"decision": last, "count": len(decided), "said": said, "address": address, "follows": follows})


def _chosen(figures: Sequence[str]) -> Sequence[str]:
    if not figures:
        raise UnknownName("nothing-chosen")
    return figures


def _names(album: Album, decided: Sequence[Decided]) -> str:
    """What the people of these decisions are called."""
    ids = dict.fromkeys(person_id for one in decided for person_id in one.person_ids)
    cards = (people.person(album.library.catalog, person_id) for person_id in ids)
    known = [card.name for card in cards if card is not None and card.name is not None]
    return known[0] if known else text("web.people.somebody")


def _page_of(decided: Decided) -> str:
    return f"/people/{decided.person_ids[0]}" if decided.person_ids else "/people"


def _own(address: str) -> str:
    """A page of ours, whatever a form says."""
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_ours and address.isprintable() else "/"


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY) from error


def _cm(words: str) -> float | None:
    """A height as people write it, with a point or a comma."""
    try:
        return float(words.replace(",", ".")) if words else None
    except ValueError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY) from error
