"""One file from the hub to the disk: continued where it was interrupted, and checked against what the hub lists.

What arrives damaged is fetched once more from its beginning, and then given up.
"""

import re
from http.client import HTTPResponse
from pathlib import Path

from mien.errors import MienError, ModelError
from mien.models.hub import RemoteFile
from mien.models.partial import Part
from mien.models.registry import SHA256
from mien.models.transport import Interrupted, Patience, RangeRefused, chunks, content_length, persist, request

FETCHES = 2
"""Of the whole file, where what came is not what the hub lists."""

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


class Watch:
    """Told how a transfer goes. This one keeps silent."""

    def progress(self, done: int, total: int | None) -> None:
        """So many bytes are there."""

    def retrying(self, error: MienError, seconds: float) -> None:
        """`error` interrupted it, and it goes on in so many seconds."""


class _Damaged(Exception):
    """What comes is not what the hub lists; the reason is for people."""


def fetch(file: RemoteFile, target: Path, patience: Patience, watch: Watch) -> str:
    """Have `file` as `target`; what there is of it already is continued. The sha256 of what came, in hexadecimal.

    Raises `ModelError` if it comes damaged twice, and `MienError` if it cannot be had or written. Whatever ends this,
    `target` is whole or not there, and what has come is kept beside it (see `partial`).
    """
    fault = ""
    for _ in range(FETCHES):
        with Part(target, file) as part:
            try:
                _fill(part, file, patience, watch)
            except _Damaged as error:
                fault = str(error)
                part.discard()
                continue
            except Interrupted as error:
                done, total = (f"{n / 1e6:.1f}" for n in (part.done, file.size or 0))
                raise MienError(
                    "download-interrupted", file=file.name, done=done, total=total, reason=error.message()
                ) from error
            sha256 = part.sha256
            part.keep()
            return sha256
    raise ModelError("download-damaged", file=file.name, source=file.source, reason=fault)


def _fill(part: Part, file: RemoteFile, patience: Patience, watch: Watch) -> None:
    """Have all bytes in `part`. Raises `_Damaged` if they are not the right ones."""
    expected = persist(lambda: _receive(part, file, patience, watch), patience, watch.retrying, lambda: part.done)
    if expected is not None and part.sha256 != expected:
        raise _Damaged(f"sha256 {part.sha256[:16]}… ≠ {expected[:16]}…")


def _receive(part: Part, file: RemoteFile, patience: Patience, watch: Watch) -> str | None:
    """Ask once for what is missing. The sha256 that the whole must have, as far as anybody says."""
    if part.done and part.done == file.size and file.sha256:
        return file.sha256  # all had come, and the process was ended before it could say so
    headers = {}
    if part.done:
        headers["Range"] = f"bytes={part.done}-"
        if part.etag is not None:
            headers["If-Range"] = part.etag
    try:
        with request(file.url, headers, patience.timeout) as answer:
            total = _begin(part, file, answer)
            linked = answer.headers.get("X-Linked-ETag", "").strip('"').lower()
            expected = file.sha256 or (linked if SHA256.fullmatch(linked) else None)
            if expected is None and total is None:
                raise MienError("hub-unverifiable", file=file.name)
            watch.progress(part.done, total)
            for chunk in chunks(answer, patience):
                if part.done + len(chunk) > (total or file.max_bytes):
                    raise _Damaged(f"> {total or file.max_bytes} bytes")
                part.write(chunk)
                watch.progress(part.done, total)
    except RangeRefused:
        part.restart(None)  # the file is shorter than what is here: another one
        raise
    if total is not None and part.done < total:
        raise Interrupted("download-cut", done=f"{part.done / 1e6:.1f}", total=f"{total / 1e6:.1f}")
    return expected


def _begin(part: Part, file: RemoteFile, answer: HTTPResponse) -> int | None:
    """Bring `part` to where the body of `answer` goes on: all of it is kept, or none.

    The length of the whole in bytes, if it is told.
    """
    etag = answer.headers.get("ETag", "").strip()
    strong = etag if re.fullmatch(r'"[\x21\x23-\x7e]*"', etag) else None
    announced: int | None
    if answer.status == 206:
        told = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
        changed = part.done and part.etag is not None and strong is not None and strong != part.etag
        if told is None or int(told[1]) != part.done or changed:
            part.restart(None)
            raise Interrupted("download-elsewhere", file=file.name)
        announced = int(told[3]) if told[3] != "*" else None
    else:  # the whole file, as nothing was here, or it has changed, or this server knows no ranges
        announced = content_length(answer)
    if announced is not None and announced != (file.size or announced):
        raise _Damaged(f"{announced} ≠ {file.size} bytes")
    if announced is not None and announced > file.max_bytes:
        raise ModelError("download-too-large", file=file.name, megabytes=f"{announced / 1e6:.0f}")
    if answer.status != 206 or not part.done:
        part.restart(strong)
    return file.size or announced
