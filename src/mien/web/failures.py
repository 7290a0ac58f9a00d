"""What visitors are told when something cannot be done: a page for people, `{"error": …}` for programs."""

import errno
import tempfile
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from mien.errors import DecisionConflict, LibraryError, MienError, UnknownName, UnreadablePhoto
from mien.language import messages, text
from mien.people.history import Contradicted
from mien.web.rendering import Json, render, wants_page

STATUS = {
    "already-undone": HTTPStatus.CONFLICT,
    "ambiguous-person": HTTPStatus.CONFLICT,
    "disk-full": HTTPStatus.INSUFFICIENT_STORAGE,
    "folder-unknown": HTTPStatus.NOT_FOUND,
    "index-running": HTTPStatus.CONFLICT,
    "library-disk-full": HTTPStatus.INSUFFICIENT_STORAGE,
    "name-empty": HTTPStatus.UNPROCESSABLE_ENTITY,
    "name-too-long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "no-folders": HTTPStatus.NOT_FOUND,
    "nothing-chosen": HTTPStatus.UNPROCESSABLE_ENTITY,
    "nothing-to-index": HTTPStatus.CONFLICT,
    "not-last-decision": HTTPStatus.CONFLICT,
    "nothing-to-undo": HTTPStatus.CONFLICT,
    "page-outdated": HTTPStatus.FORBIDDEN,
    "path-in-library": HTTPStatus.UNPROCESSABLE_ENTITY,
    "path-not-found": HTTPStatus.UNPROCESSABLE_ENTITY,
    "path-pseudo": HTTPStatus.UNPROCESSABLE_ENTITY,
    "path-relative": HTTPStatus.UNPROCESSABLE_ENTITY,
    "photo-crashes": HTTPStatus.INTERNAL_SERVER_ERROR,
    "photo-empty": HTTPStatus.BAD_REQUEST,
    "photo-hungry": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "photo-is-video": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "photo-not-image": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "photo-not-understood": HTTPStatus.INTERNAL_SERVER_ERROR,
    "photo-out-of-memory": HTTPStatus.SERVICE_UNAVAILABLE,
    "photo-slow": HTTPStatus.INTERNAL_SERVER_ERROR,
    "photo-raw-needs-extra": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "photo-too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "photo-too-many-pixels": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "remote-photo-refused": HTTPStatus.INTERNAL_SERVER_ERROR,
    "remote-protocol": HTTPStatus.CONFLICT,
    "share-stale": HTTPStatus.CONFLICT,
    "share-recognisable": HTTPStatus.CONFLICT,
    "share-uncertain": HTTPStatus.CONFLICT,
    "share-unfollowed": HTTPStatus.CONFLICT,
    "share-unparsed": HTTPStatus.CONFLICT,
    "token-missing": HTTPStatus.FORBIDDEN,
    "worker-died": HTTPStatus.INTERNAL_SERVER_ERROR,
    "worker-memory": HTTPStatus.INTERNAL_SERVER_ERROR,
    "worker-slow": HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Error code → status, where it is not that of the error's kind."""

COME_AGAIN = {"too-busy": 5, "closing": 30}
"""Error code → after how many seconds it is worth while to ask again."""

STATUS_OF_KIND: dict[type[MienError], HTTPStatus] = {
    DecisionConflict: HTTPStatus.CONFLICT,
    UnknownName: HTTPStatus.NOT_FOUND,
    UnreadablePhoto: HTTPStatus.UNPROCESSABLE_ENTITY,
    LibraryError: HTTPStatus.SERVICE_UNAVAILABLE,
    MienError: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True)
class Failure:
    """What programs are told: what happened and what to do, in words."""

    error: str


def answer(request: Request, status: int, words: str) -> Response:
    """The error `words`, as a page if the visitor is a browser that shows one, else as JSON."""
    if wants_page(request):
        return render(request, "error.html", status=status, message=words)
    return Json({"error": words}, status)


def install(app: FastAPI) -> None:
    """Have `app` answer errors in these ways."""

    @app.exception_handler(MienError)
    async def _error(request: Request, error: MienError) -> Response:
        response = answer(request, status_of(error), words_of(error))
        if error.code in COME_AGAIN:
            response.headers["Retry-After"] = str(COME_AGAIN[error.code])
        return response

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, _complaint(error))

    @app.exception_handler(HTTPException)
    async def _refused(request: Request, error: HTTPException) -> Response:
        if getattr(error.__cause__, "errno", None) in (errno.ENOSPC, errno.EDQUOT):  # a form's files lie there first
            return await _error(request, MienError("disk-full", folder=tempfile.gettempdir()))
        response = answer(request, error.status_code, _words(error.status_code))
        response.headers.update(error.headers or {})
        return response


def words_of(error: MienError) -> str:
    """What an error says on a page: where it tells on the command line what to type, what to do here."""
    key = f"web.error.{error.code}"
    if key not in messages():
        return error.message()
    said = {"said": error.said()} if isinstance(error, Contradicted) else {}
    return text(key, language=None, **error.values, **said)


def status_of(error: MienError) -> int:
    """The status that an error is answered with."""
    kinds = (STATUS_OF_KIND[kind] for kind in type(error).__mro__ if kind in STATUS_OF_KIND)
    return STATUS.get(error.code) or next(kinds)


def _complaint(error: RequestValidationError) -> str:
    """What is wrong with the first field that is."""
    first = error.errors()[0]
    key = "missing" if first["type"] == "missing" else "invalid"
    return text(f"web.failure.{key}", field=next(part for part in reversed(first["loc"]) if isinstance(part, str)))


def _words(status: int) -> str:
    """What an HTTP status means here. What frameworks say beside it is for programmers, and in English."""
    key = f"web.failure.{status}"
    return text(key if key in messages() else "web.failure.other", status=status)
