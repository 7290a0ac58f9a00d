"""What is sent, read into memory and nowhere else: nothing of a photo is to be found on this machine's disks."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from mien.errors import UnreadablePhoto

ARRIVED = 60.0
"""Seconds for a whole body, however it trickles in: it holds a place in the queue."""

_FORM = 64 << 10
"""Bytes of a form around its photo."""


async def body(request: Request, limit: int) -> bytes:
    """The request's body of at most `limit` bytes. Raises `UnreadablePhoto`, or `HTTPException` if it is too slow."""
    data = bytearray()
    async with _arriving():
        async for piece in _pieces(request, limit):
            data += piece
    if not data:
        raise UnreadablePhoto("photo-empty", file="?")
    return bytes(data)


async def photo_of(request: Request, limit: int) -> UploadFile:
    """The file in the field `image` of a form, of at most `limit` bytes. Raises what the album's services do."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise _missing()
    parser = _InMemory(request.headers, _pieces(request, limit + _FORM), max_files=8, max_fields=8)
    try:
        async with _arriving():
            form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
    photos = [photo for photo in form.getlist("image") if isinstance(photo, UploadFile)]
    if not photos:
        raise _missing()
    if len(photos) > 1:
        raise UnreadablePhoto("one-photo-only")
    return photos[0]


class _InMemory(MultiPartParser):
    """Starlette's, which writes larger files to the disk for a while."""

    spool_max_size = 1 << 40


async def _pieces(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes. Raises `UnreadablePhoto` once it is longer than `limit` bytes, or said to be."""
    size = int(request.headers.get("content-length") or 0)
    arrived = 0
    if size <= limit:
        async for piece in request.stream():
            arrived += len(piece)
            if arrived > limit:
                break
            yield piece
    if max(size, arrived) > limit:
        raise UnreadablePhoto("photo-too-large", file="?", size=max(size, arrived) >> 20, limit=limit >> 20)


@asynccontextmanager
async def _arriving() -> AsyncIterator[None]:
    """Raises `HTTPException` if what is read in this block does not come, or not in time."""
    try:
        async with asyncio.timeout(ARRIVED):
            yield
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
    except ClientDisconnect:  # nobody is there to read this
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None


def _missing() -> RequestValidationError:
    return RequestValidationError([{"type": "missing", "loc": ("body", "image")}])
