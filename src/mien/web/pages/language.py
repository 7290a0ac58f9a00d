"""Choosing the language of the pages."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from mien.language import Language
from mien.web.guard import LANGUAGE_COOKIE

router = APIRouter()

YEAR = 365 * 86400
"""Seconds."""


@router.post("/language", include_in_schema=False)
def choose(request: Request, language: Annotated[Language, Form()]) -> RedirectResponse:
    """Keep the choice in a cookie, and go back to the page it was made on."""
    answer = RedirectResponse(came_from(request), HTTPStatus.SEE_OTHER)
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR, httponly=True, samesite="strict")
    return answer


def came_from(request: Request) -> str:
    """The page of ours that the request was sent from; the timeline, if that is not said."""
    root, referer = f"http://{request.headers['host']}", request.headers.get("referer", "")
    is_own = referer.startswith(f"{root}/") and not referer.startswith(f"{root}//")
    return referer.removeprefix(root) if is_own else "/"
