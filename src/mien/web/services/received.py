"""Photos that programs and pages send: the field `image` of a form."""

import asyncio
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.datastructures import UploadFile

from mien.errors import MienError, UnreadablePhoto, WorkerLost
from mien.photo.formats import HEADER_BYTES, FileKind, sniff_bytes
from mien.photo.limits import Limits
from mien.web.background.workers import Submit
from mien.web.failures import Failure

FIELD = "A photo: JPEG, PNG, HEIC, WebP, AVIF, TIFF, camera raw, … What it is, its content says."

REFUSALS: dict[int | str, dict[str, Any]] = {
    int(status): {"model": Failure, "description": words}
    for status, words in {
        HTTPStatus.BAD_REQUEST: "The file is empty, or the form is broken.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The file is too large, or the picture has too many pixels.",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The file is no photo.",
        HTTPStatus.UNPROCESSABLE_ENTITY: "There is no field `image` with a file, or the photo is damaged.",
        HTTPStatus.INTERNAL_SERVER_ERROR: "The photo could be read, but working on it failed.",
        HTTPStatus.SERVICE_UNAVAILABLE: "Too much is going on; `Retry-After` says in how many seconds to come again.",
    }.items()
}
"""How both services refuse; for the OpenAPI description."""

LOST = {"worker-died": "photo-crashes", "worker-slow": "photo-slow", "worker-memory": "photo-hungry"}
"""What is said of a photo that was more than a worker could take."""


def name_of(image: UploadFile) -> str:
    """The file's name without the folders that some browsers put before it; for its time, and for messages."""
    return re.split(r"[/\\]", image.filename or "")[-1]


async def check(image: UploadFile, limits: Limits) -> None:
    """See that this may be a photo, before it is given any more room. Raises `UnreadablePhoto`."""
    file, size = name_of(image) or "?", image.size or 0
    if size == 0:
        raise UnreadablePhoto("photo-empty", file=file)
    if size > limits.max_bytes:
        raise UnreadablePhoto("photo-too-large", file=file, size=size >> 20, limit=limits.max_bytes >> 20)
    kind = sniff_bytes(await image.read(HEADER_BYTES), name_of(image))
    await image.seek(0)
    if kind is not FileKind.PHOTO:
        raise UnreadablePhoto("photo-is-video" if kind is FileKind.VIDEO else "photo-not-image", file=file)


async def by_worker(submit: Submit, file: str, call: Callable[..., Any], /, *args: Any) -> Any:
    """What `call` answers in a worker process; `file` is named if that is lost. Raises `MienError`."""
    try:
        return await asyncio.wrap_future(submit(call, *args))
    except WorkerLost as error:
        if error.code not in LOST:
            raise
        raise MienError(LOST[error.code], **{**error.values, "file": file or "?"}) from error
