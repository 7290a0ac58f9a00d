"""The application: all routes, and what stands before them."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

import mien
from mien.web import people, photos, pictures, predict, status, timeline, upload
from mien.web.album import Album
from mien.web.pages import STATIC


def create_app(album: Album) -> FastAPI:
    """The application that serves `album`; opening and closing that is the caller's."""
    app = FastAPI(title="Mien", version=mien.__version__, docs_url=None, redoc_url=None)
    app.state.album = album
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for room in (timeline, photos, pictures, people, status, predict, upload):
        app.include_router(room.router)
    return app
