"""Asking whether two people are one before they are joined: in a dialog, or as a page without scripts."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

from fastapi import Request
from fastapi.responses import Response

from mien.catalog import people
from mien.language import text
from mien.web.album import Album
from mien.web.pages.wording import counted
from mien.web.rendering import Json, render, wants_page


def ask_whether_same(
    request: Request,
    album: Album,
    person_id: str,
    other_id: str,
    why: Literal["ask", "ask-join"],
    form: Mapping[str, str],
) -> Response:
    """Whether a person is the other one, too: their pages would become one.

    `form`: what is sent again, with the other's id as `same`, if they are.
    """
    card = people.person(album.library.catalog, other_id)
    with album.library.catalog.read() as connection:
        together = people.side_by_side(connection, person_id, other_id)
    name = (card and card.name) or text("web.people.somebody")
    question = text(f"web.people.{why}", name=name, photos=counted("photos", card.photos if card else 0))
    doubt = text("web.people.together", photos=counted("photos", together)) if together else None
    if not wants_page(request):
        key_figure = card.key_figure if card else None
        return Json({"ask": question, "doubt": doubt, "same": other_id, "key_figure": key_figure}, HTTPStatus.CONFLICT)
    return render(
        request,
        "same.html",
        status=HTTPStatus.CONFLICT,
        person_id=person_id,
        form={**form, "same": other_id},
        question=question,
        doubt=doubt,
    )
