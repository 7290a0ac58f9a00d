"""The application: all routes, and what stands before them."""

import os

from fastapi import Depends, FastAPI
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

import mien
from mien.web import failures
from mien.web.access import Access
from mien.web.album import Album
from mien.web.background import status
from mien.web.guard import Guard, prove
from mien.web.pages import (
    away,
    decisions,
    docs,
    folders,
    growth,
    language,
    people,
    photos,
    review,
    search,
    sharing,
    timeline,
    wardrobe,
)
from mien.web.pictures import routes as pictures
from mien.web.rendering import STATIC
from mien.web.services import api, predict, upload

ROOMS = (
    timeline,
    photos,
    pictures,
    people,
    decisions,
    growth,
    wardrobe,
    review,
    sharing,
    search,
    folders,
    language,
    away,
    status,
    predict,
    upload,
    api,
    docs,
)


def create_app(album: Album, access: Access | None = None) -> FastAPI:
    """The application that serves `album` to those whom `access` lets in (default: this computer).

    Opening and closing the album is the caller's.
    """
    app = FastAPI(
        title="Mien",
        summary="A photo album that understands people, on your own computer.",
        version=mien.__version__,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(prove)],
        responses={"4XX": {"model": failures.Failure, "description": "It was not done, and why."}},
    )
    app.state.album = album
    app.add_middleware(Guard, access=access or Access())
    failures.install(app)
    app.mount("/static", _Static(directory=STATIC))
    for room in ROOMS:
        app.include_router(room.router)
    return app


class _Static(StaticFiles):
    """Files that browsers keep for good if asked for by version (see `rendering.static`), and else ask about."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        versioned = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable" if versioned else "no-cache"
        return response
