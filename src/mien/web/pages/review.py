"""The review page: questions whose answers help most, one at a time."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from mien.catalog import people
from mien.indexing import deciding, reviewing
from mien.indexing.reviewing import Asked, Shown
from mien.language import text
from mien.people.anchors import Box
from mien.people.naming import LONGEST_NAME
from mien.web.album import ThisAlbum
from mien.web.pages.wording import day_and_time
from mien.web.rendering import Json, render, wants_page

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Glimpse:
    """One figure of a question: its place (0–1) in a photo of `width`×`height` px, who it is held to be, and when."""

    figure_id: str
    photo_id: str
    box: Box
    width: int
    height: int
    who: str
    when: str


@dataclass(frozen=True)
class QuestionView:
    """One question as the page asks it."""

    question_id: str
    words: str
    figure: Glimpse
    other: Glimpse
    percent: int
    why: str


@router.get("/review")
def page(request: Request, album: ThisAlbum, decision: str = "") -> HTMLResponse:
    """The question whose answer helps most. In a large library those that were made last are asked meanwhile.

    `decision`: the answer that was just given, to be taken back from here.
    """
    follows = album.following.ensure()
    is_prepared = album.asking.ensure()
    asked = reviewing.prepared(album.library, reviewing.KEPT)
    with album.library.catalog.read() as connection:
        names = people.names(connection)
    return render(
        request,
        "review.html",
        asked=_view(asked[0]) if asked else None,
        left=max(0, len(asked) - 1),
        undo=deciding.last(album.library, decision),
        names=names,
        longest_name=LONGEST_NAME,
        follows=follows,
        is_preparing=follows and not is_prepared,
        error=album.trouble or (None if album.asking.error is None else album.asking.error.message()),
    )


@router.post("/review")
def answer(
    request: Request, album: ThisAlbum, question: Annotated[str, Form()], answer: Annotated[reviewing.Said, Form()]
) -> Response:
    """Answer a question. People follow it as they follow every decision."""
    decided = reviewing.answer(album.library, question, answer, follow=False)
    follows = album.following.ensure()
    if wants_page(request):
        return RedirectResponse(f"/review?decision={decided.entry.id}", HTTPStatus.SEE_OTHER)
    said = text("web.decided.answer")
    return Json({"decision": decided.entry.id, "count": 1, "said": said, "address": "/review", "follows": follows})


def _view(asked: Asked) -> QuestionView:
    is_somebody = asked.question.kind != "same" and asked.other.name is not None
    words = text("web.review.is-it", name=asked.other.name) if is_somebody else text("web.review.same-person")
    percent = min(99, max(1, round(asked.question.probability * 100)))
    return QuestionView(asked.question_id, words, _glimpse(asked.figure), _glimpse(asked.other), percent, asked.why)


def _glimpse(shown: Shown) -> Glimpse:
    return Glimpse(
        figure_id=shown.figure_id,
        photo_id=shown.photo_id,
        box=shown.box,
        width=shown.width,
        height=shown.height,
        who=shown.name or text("web.people.somebody"),
        when=text("web.count.undated") if shown.taken_at is None else day_and_time(shown.taken_at),
    )
