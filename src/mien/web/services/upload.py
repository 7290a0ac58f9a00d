"""`POST /upload`, the article's album service."""

import asyncio
import json
import os
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from mien.catalog import details, listing
from mien.catalog.details import PhotoDetails
from mien.catalog.library import Library
from mien.catalog.listing import FigureRow
from mien.errors import LibraryError, MienError
from mien.language import text
from mien.photo.limits import Limits
from mien.web.album import Album, ThisAlbum
from mien.web.failures import Failure, answer, status_of
from mien.web.rendering import Json, wants_page
from mien.web.services.received import FIELD, REFUSALS, by_worker, check, name_of
from mien.web.services.uploads import Kept, examine

router = APIRouter(tags=["services"])

PATIENCE = 60.0
"""Seconds after which somebody who waits is told that the photo is kept, and its people are found later."""


@dataclass(frozen=True)
class Uploaded:
    """A photo of the library, and who is on it."""

    photo_id: str
    name: Annotated[str, Field(description="The file's name in the library.")]
    known: Annotated[bool, Field(description="It was in the library before, and is not kept twice.")]
    photo: Annotated[str, Field(description="The address of its page.")]
    width: Annotated[int, Field(description="px, upright.")]
    height: int
    taken_at: Annotated[str | None, Field(description="ISO 8601: a time, or a date where only that is known.")]
    figures: Annotated[
        list[FigureRow],
        Field(
            description="Who is on it. `person_id` is null for whoever belongs to nobody, and in a large library until"
            " people are grouped: ask `/api/figures` later."
        ),
    ]


@dataclass(frozen=True)
class Waiting:
    """A photo of the library whose turn comes later."""

    photo_id: str
    name: str
    known: bool
    photo: Annotated[str, Field(description="The address of its page, once its turn has come.")]
    waiting: Annotated[str, Field(description="Why, in words.")]


@router.post(
    "/upload",
    summary="Add a photo to the library",
    response_model=Uploaded,
    responses={
        202: {"model": Waiting, "description": "It is kept; the people in it are found later."},
        **REFUSALS,
        507: {"model": Failure, "description": "The disk is full."},
    },
)
async def upload(
    request: Request,
    album: ThisAlbum,
    image: Annotated[list[UploadFile], File(description=FIELD)],
) -> Response:
    """Keep a photo as a new file of the library, and say who is on it. A photo that the library has is not kept twice.

    If there are several fields `image`, the answer is `{"photos": […]}`, with all this for each of them, in their
    order; those that failed have an `error` instead.

    If the photo is sound but working on it fails, that is an error (500), and the photo stays in the library, where
    it is tried again with the next version. Of anything that is no sound photo nothing is kept.
    """
    if len(image) > 1:
        return await _several(request, album, image)
    told = await _told(album, *await _taken_in(album, image[0]))
    if wants_page(request):
        return RedirectResponse(told.photo if isinstance(told, Uploaded) else "/", HTTPStatus.SEE_OTHER)
    return Json(asdict(told), HTTPStatus.OK if isinstance(told, Uploaded) else HTTPStatus.ACCEPTED)


async def _several(request: Request, album: Album, images: list[UploadFile]) -> Response:
    """All are stored first, so that none waits for the people of another to be found."""
    arrived: list[tuple[str, Kept, Future[None] | None] | MienError] = []
    for image in images:
        try:
            arrived.append(await _taken_in(album, image))
        except MienError as error:
            arrived.append(error)
    told: list[Uploaded | Waiting | MienError] = []
    for one in arrived:
        try:
            told.append(one if isinstance(one, MienError) else await _told(album, *one))
        except MienError as error:
            told.append(error)
    errors = [one for one in told if isinstance(one, MienError)]
    if wants_page(request):
        if not errors:
            return RedirectResponse("/", HTTPStatus.SEE_OTHER)
        reasons = " ".join(error.message() for error in errors)
        kept = len(told) - len(errors)
        words = text("web.upload-service.some-failed", kept=kept, total=len(told), reasons=reasons)
        return answer(request, status_of(errors[0]), words)
    photos = [asdict(Failure(one.message()) if isinstance(one, MienError) else one) for one in told]
    return Json({"photos": photos}, status_of(errors[0]) if len(errors) == len(told) else HTTPStatus.OK)


async def _taken_in(album: Album, image: UploadFile) -> tuple[str, Kept, Future[None] | None]:
    """The photo's id, where it is kept, and when it will have been worked on, if it was not."""
    name = name_of(image)
    await check(image, Limits())
    arrived = album.uploads.expect()
    try:
        await run_in_threadpool(album.uploads.receive, image.file, arrived)
        examined = await by_worker(album.keeper.submit, name, examine, str(arrived), name)
        kept = await run_in_threadpool(album.uploads.keep, arrived, name, examined)
    finally:
        album.uploads.drop(arrived)
    photo = await run_in_threadpool(_photo, album.library, examined.photo_id)
    is_done = kept.known and photo is not None and photo.parse is not None
    return examined.photo_id, kept, None if is_done else album.keeper.bring(kept.path)


async def _told(album: Album, photo_id: str, kept: Kept, done: Future[None] | None) -> Uploaded | Waiting:
    """What is known of a photo once it has been worked on."""
    name, page = kept.path.name, f"/photos/{photo_id}"
    try:
        if done is not None:
            await asyncio.wait_for(asyncio.wrap_future(done), PATIENCE)
    except TimeoutError:
        return Waiting(photo_id, name, kept.known, page, text("web.upload-service.later"))
    except MienError as error:
        if isinstance(error, LibraryError) and error.code == "index-running":
            return Waiting(photo_id, name, kept.known, page, text("web.upload-service.elsewhere"))
        raise MienError("upload-kept", file=name, reason=error.message()) from error
    return await run_in_threadpool(_found, album, photo_id, kept, page)


def _found(album: Album, photo_id: str, kept: Kept, page: str) -> Uploaded:
    """Raises `MienError` if working on the photo failed."""
    photo = _photo(album.library, photo_id)
    if photo is None or photo.parse is None:
        raise _failure(album.library, kept.path)
    album.following.ensure()
    rows = listing.figures(album.library.catalog, photo_id=photo_id)
    figures = [row for row in rows if row.photo == rows[0].photo]  # once, however many files the photo has
    return Uploaded(photo_id, kept.path.name, kept.known, page, photo.width, photo.height, photo.taken_at, figures)


def _photo(library: Library, photo_id: str) -> PhotoDetails | None:
    with library.catalog.read() as connection:
        return details.photo(connection, photo_id)


def _failure(library: Library, path: Path) -> MienError:
    """Why the photo in this file was not understood."""
    with library.catalog.read() as connection:
        row = connection.execute("SELECT error FROM files WHERE path = ?", (os.fsencode(path),)).fetchone()
    if row is None or row[0] is None:  # somebody took the file away meanwhile
        return MienError("photo-missing", file=path)
    return MienError.from_record(json.loads(row[0]))
