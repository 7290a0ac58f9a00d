"""The folders that the library keeps up with: which there are, and to add or to forget one."""

import os
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from mien.catalog import timeline
from mien.indexing import forgetting
from mien.parsing.remote.address import is_address
from mien.web.album import ThisAlbum
from mien.web.pages.timeline import PICTURES
from mien.web.pages.wording import counted, legible
from mien.web.rendering import render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Folder:
    """A folder or file that was asked for.

    Attributes:
        key: its path as forms send it; not all paths are Unicode.
        path: as it is shown.
        photos: how many it has, in words.
        is_there: whether its drive is there now.
    """

    key: str
    path: str
    photos: str
    is_there: bool


@router.get("/folders")
def folders(request: Request, album: ThisAlbum) -> HTMLResponse:
    """All folders, and the ways to add one and to forget one."""
    known, status, service = forgetting.folders(album.library), album.keeper.status, album.engine
    with album.library.catalog.read() as connection:
        photos = [counted("photos", timeline.count_within(connection, path)) for path in known]
    return render(
        request,
        "folders.html",
        folders=[
            Folder(_key(path), legible(path), words, os.path.exists(path))  # noqa: PTH110
            for path, words in zip(known, photos, strict=True)
        ],
        pictures=PICTURES,
        is_running=status.state == "running",
        service=service if is_address(service) else None,
        lost=None if status.again is None or status.error is None else status.error.message(),
    )


@router.post("/folders/forget")
def forget(album: ThisAlbum, folder: Annotated[str, Form()]) -> RedirectResponse:
    """Keep up with a folder no longer; originals are left alone. One that is not known any more is no error."""
    for path in forgetting.folders(album.library):
        if _key(path) == folder:
            forgetting.forget(album.library, path)
    return RedirectResponse("/folders", HTTPStatus.SEE_OTHER)


def _key(path: str) -> str:
    return os.fsencode(path).hex()
