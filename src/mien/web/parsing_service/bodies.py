"""What is sent, read into memory and nowhere else: nothing of a photo is to be found on this machine's disks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from mien.errors import UnreadablePhoto

ARRIVED = 60.0
"""Seconds for a whole body, however it trickles in: it holds a place in the queue."""

_FORM = 64 << 10
"""Bytes of a form around its photo."""


async def body(request: Request, limit: int) -> bytes:
    """The request's body of at most `limit` bytes. Raises `UnreadablePhoto`, or `HTTPException` if it is too slow."""
    _check(int(request.headers.get("content-length") or 0), limit)
    data = bytearray()
    async with _in_time():
        async for piece in request.stream():
            data += piece
            _check(len(data), limit)
    if not data:
        raise UnreadablePhoto("photo-empty", file="?")
    return bytes(data)


async def photo_of(request: Request, limit: int) -> UploadFile:
    """The file in the field `image` of a form, of at most `limit` bytes. Raises what the album's services do."""
    _check(int(request.headers.get("content-length") or 0), limit + _FORM)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise _missing()
    parser = _InMemory(request.headers, request.stream(), max_files=8, max_fields=8)
    try:
        async with _in_time():
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


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(ARRIVED):
            yield
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise UnreadablePhoto("photo-too-large", file="?", size=size >> 20, limit=limit >> 20)


def _missing() -> RequestValidationError:
    return RequestValidationError([{"type": "missing", "loc": ("body", "image")}])
