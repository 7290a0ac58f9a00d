"""Pictures themselves: thumbnails, previews, portraits. Where there is none, a neutral drawing stands in."""

import asyncio
import functools
import re
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response

from mien.web.album import ThisAlbum
from mien.web.pictures.studio import Shown, garment_of
from mien.web.rendering import STATIC

router = APIRouter(prefix="/pictures", include_in_schema=False)

PHOTO_ID = re.compile(r"[0-9a-f]{64}")
FIGURE_ID = re.compile(r"[0-9a-f]{16}-[0-9]{1,9}")

FOR_EVER = "private, max-age=31536000, immutable"
"""A photo's id is that of its pixels."""

ASK_AGAIN = "private, no-cache"
"""A figure's id stays while its box moves; and the original that a thumbnail stands in for may come back."""

GLANCE = 0.5
"""Seconds between two looks at whether who asked is still there."""

Made = TypeVar("Made")


@router.get("/{photo_id}/thumbnail.jpg")
async def thumbnail(photo_id: str, request: Request, album: ThisAlbum) -> Response:
    """The photo with a long side of at most 512 px."""
    known = PHOTO_ID.fullmatch(photo_id)
    jpeg = await _while_wanted(request, album.studio.thumbnail(photo_id)) if known else None
    return _absent() if jpeg is None else _answer(request, jpeg, f"thumbnail-{photo_id}", FOR_EVER)


@router.get("/{photo_id}/preview.jpg")
async def preview(photo_id: str, request: Request, album: ThisAlbum) -> Response:
    """The photo with a long side of at most 2048 px."""
    if not PHOTO_ID.fullmatch(photo_id):
        return _absent()
    tag = f"preview-{photo_id}"
    if _has(request, tag):
        return _unchanged(tag, FOR_EVER)
    picture = await _while_wanted(request, album.studio.preview(photo_id))
    return _picture(request, picture, tag, FOR_EVER)


@router.get("/figures/{figure_id}/portrait.jpg")
async def portrait(figure_id: str, request: Request, album: ThisAlbum) -> Response:
    """The square around the figure's head, at most 256 px a side."""
    known = FIGURE_ID.fullmatch(figure_id)
    sitter = await asyncio.to_thread(album.studio.sitter, figure_id) if known else None
    if sitter is None:
        return _absent()
    if _has(request, sitter.name):
        return _unchanged(sitter.name, ASK_AGAIN)
    picture = await _while_wanted(request, album.studio.portrait(sitter))
    return _picture(request, picture, sitter.name, ASK_AGAIN)


@router.get("/figures/{figure_id}/{place}.png")
async def garment(figure_id: str, place: str, request: Request, album: ThisAlbum) -> Response:
    """What the figure wears at that place (`people.statements.WEARABLE`), cut out, at most 320 px a side."""
    known = FIGURE_ID.fullmatch(figure_id)
    sitter = await asyncio.to_thread(album.studio.sitter, figure_id) if known else None
    name = None if sitter is None else garment_of(sitter, place)
    if sitter is None or name is None:
        return _absent()
    if _has(request, name):
        return _unchanged(name, ASK_AGAIN)
    picture = await _while_wanted(request, album.studio.garment(sitter, place))
    return _picture(request, picture, name, ASK_AGAIN, "image/png")


def _picture(
    request: Request, picture: Shown | None, tag: str, caching: str, media_type: str = "image/jpeg"
) -> Response:
    if picture is None:
        return _absent()
    if not picture.is_final:
        return Response(picture.jpeg, media_type=media_type, headers={"Cache-Control": ASK_AGAIN})
    return _answer(request, picture.jpeg, tag, caching, media_type)


def _answer(request: Request, jpeg: bytes, tag: str, caching: str, media_type: str = "image/jpeg") -> Response:
    if _has(request, tag):
        return _unchanged(tag, caching)
    return Response(jpeg, media_type=media_type, headers={"Cache-Control": caching, "ETag": f'"{tag}"'})


def _has(request: Request, tag: str) -> bool:
    return f'"{tag}"' in request.headers.get("if-none-match", "")


def _unchanged(tag: str, caching: str) -> Response:
    return Response(status_code=304, headers={"Cache-Control": caching, "ETag": f'"{tag}"'})


def _absent() -> Response:
    """Browsers show the body of a 404 that is a picture."""
    return Response(_drawing(), 404, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@functools.cache
def _drawing() -> bytes:
    return (STATIC / "absent.svg").read_bytes()


async def _while_wanted(request: Request, making: Coroutine[Any, Any, Made | None]) -> Made | None:
    """What is made, unless who asked for it leaves before: scrolling past a picture takes the order back."""
    task = asyncio.ensure_future(making)
    while not (await asyncio.wait([task], timeout=GLANCE))[0]:
        if await request.is_disconnected():
            task.cancel()
            return None
    return task.result()
