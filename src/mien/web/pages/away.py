"""That photos leave this machine is told on every page, until the visitor has read it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from mien.web.album import TOLD
from mien.web.pages.language import YEAR, came_from

router = APIRouter()


@router.post("/away", include_in_schema=False)
def told(request: Request, machine: Annotated[str, Form(pattern="^[0-9a-f]{16}$")]) -> RedirectResponse:
    """Keep in a cookie that the visitor knows of this machine (`Address.mark`); another one is told of anew."""
    answer = RedirectResponse(came_from(request), HTTPStatus.SEE_OTHER)
    answer.set_cookie(TOLD, machine, max_age=YEAR, httponly=True, samesite="strict")
    return answer
