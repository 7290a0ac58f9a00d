"""What is being indexed, live; and asking for it."""

import math
import os
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from mien.catalog import listing, store
from mien.catalog.cache import Catalog
from mien.errors import LibraryError
from mien.indexing.indexer import check_place
from mien.indexing.summary import Summary
from mien.language import text
from mien.web.album import Album, ThisAlbum
from mien.web.rendering import Json, wants_page

router = APIRouter(tags=["library"])

COUNTED = ("new", "changed", "moved", "missing", "offline", "videos", "refined", "errors", "closed")
"""What a summary tells, if it is not nought."""

RECOUNT = 30
"""While photos come in, they are counted again after this many times as long as counting takes: at most 3 % of it."""


STEPS = (5, 10, 20, 30, 60)
"""Seconds that are told; not more often than that do the words change."""


@dataclass(frozen=True)
class Now:
    """What is going on, for people and programs that ask once a second."""

    state: Annotated[
        Literal["idle", "running", "elsewhere"],
        Field(description="`elsewhere`: another program indexes this library, and what was asked for here waits."),
    ]
    phase: Annotated[
        Literal["scan", "read", "refine", "group", "done"] | None,
        Field(
            description="Looking for files, reading photos, parsing them again with the better engine, "
            "working out who is who; null if not running."
        ),
    ]
    words: Annotated[str | None, Field(description="State and phase in words.")]
    found: Annotated[int | None, Field(description="Files that this run reads, as far as known.")]
    done: Annotated[int | None, Field(description="Files read so far.")]
    failed: Annotated[int | None, Field(description="Files of these that could not be read or understood.")]
    rate: Annotated[float | None, Field(description="Files per second.")]
    seconds_left: Annotated[float | None, Field(description="Until all are read.")]
    file: Annotated[str | None, Field(description="The name of the file that was read last.")]
    photos: Annotated[int | None, Field(description="In the library; null if that cannot be told now.")]
    figures: int | None
    people: int | None
    summary: Annotated[str | None, Field(description="What the last run since the start did, in words.")]
    error: Annotated[str | None, Field(description="Why the last run ended early, or people cannot follow, in words.")]
    again: Annotated[
        str | None,
        Field(description="An engine on another machine was lost: when it is asked for again, in words; else null."),
    ]
    away: Annotated[str | None, Field(description="That photos leave this machine, in words; null if they do not.")]
    following: Annotated[bool, Field(description="People are being worked out anew by what was decided since.")]


@router.get("/status", summary="What is being indexed", response_model=Now)
def status(album: ThisAlbum) -> Json:
    """Answered within milliseconds."""
    return Json(asdict(now(album)))


@router.post("/index", status_code=HTTPStatus.ACCEPTED, include_in_schema=False)
def index(
    request: Request,
    album: ThisAlbum,
    path: Annotated[
        str | None,
        Form(description="A folder or file on the computer that Mien runs on. Default: all that was indexed before."),
    ] = None,
) -> Response:
    """Have the people in photos found; answers at once, and `/status` tells how far that is.

    Photos are only ever read. A page's form is sent on to the timeline.
    """
    album.keeper.ask([_path(album, path)] if path and path.strip() else None)
    if wants_page(request):
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)
    return Json(asdict(now(album)), HTTPStatus.ACCEPTED)


@router.post("/index/stop", status_code=HTTPStatus.ACCEPTED, include_in_schema=False)
def stop(request: Request, album: ThisAlbum) -> Response:
    """End the run under way, soon; what is done is kept. A page's form is sent on to the folders."""
    album.keeper.stop()
    if wants_page(request):
        return RedirectResponse("/folders", HTTPStatus.SEE_OTHER)
    return Json(asdict(now(album)), HTTPStatus.ACCEPTED)


def now(album: Album) -> Now:
    """In the visitor's words."""
    keeper = album.keeper.status
    progress = keeper.progress if keeper.state == "running" else None
    counts: dict[str, Any] = {}
    error = keeper.error
    following = False
    try:
        counts = _tally(album.library.catalog).counts()
        following = not album.following.ensure(patience=0)
        error = error or (album.following.error if following else None)
    except LibraryError as damage:
        error = error or damage
    return Now(
        state=keeper.state,
        phase=None if progress is None else progress.phase,  # type: ignore[arg-type]
        words=_words(keeper.state, None if progress is None else progress.phase),
        found=None if progress is None else progress.found,
        done=None if progress is None else progress.done,
        failed=None if progress is None else progress.failed,
        rate=None if progress is None or progress.rate is None else round(progress.rate, 2),
        seconds_left=None if progress is None or progress.seconds_left is None else round(progress.seconds_left, 1),
        file=None if progress is None or progress.path is None else os.path.basename(progress.path),  # noqa: PTH119
        photos=counts.get("photos"),
        figures=counts.get("figures"),
        people=counts.get("people"),
        summary=None if keeper.last is None else in_words(keeper.last),
        error=None if error is None else error.message(),
        again=None if keeper.again is None else _again(keeper.again),
        away=None if album.away is None else text("remote.away", host=album.away.host),
        following=following,
    )


def in_words(summary: Summary) -> str:
    """What a run did."""
    if summary.absent:
        return text("error.path-absent", path=", ".join(summary.absent))
    if not summary.pictures and not summary.missing and not summary.offline:
        return text("web.status.no-photos")
    numbers = {name: getattr(summary, name) for name in COUNTED} | {
        "errors": len(summary.errors),
        "closed": len(summary.closed),
    }
    said = [text(f"web.status.summary.{name}", n=n) for name, n in numbers.items() if n]
    return text("web.status.comma").join(said) if said else text("web.status.nothing-new")


def _words(state: str, phase: str | None) -> str | None:
    if state == "elsewhere":
        return text("web.status.elsewhere")
    return None if phase is None else text(f"web.status.phase.{phase}")


def _again(seconds: float) -> str:
    """When an engine that was lost is asked for again."""
    if not seconds:
        return text("web.status.again-now")
    if seconds <= STEPS[-1]:
        return text("web.status.again-seconds", n=next(step for step in STEPS if seconds <= step))
    return text("web.status.again-minutes", n=math.ceil(seconds / 60))


def _path(album: Album, said: str) -> Path:
    """What somebody typed or pasted, as an absolute path that may be indexed. Raises `LibraryError`."""
    said = said.strip()
    if len(said) > 1 and said[0] == said[-1] and said[0] in "\"'":  # as file managers copy it
        said = said[1:-1]
    whole = os.path.expanduser(said)  # noqa: PTH111 (as on the command line)
    if not os.path.isabs(whole):  # noqa: PTH117
        raise LibraryError("path-relative", path=said, example=Path.home() / "Pictures")
    path = os.path.abspath(whole)  # noqa: PTH100
    if not os.path.exists(path):  # noqa: PTH110 (no error for what can be no path)
        raise LibraryError("path-not-found", path=path)
    check_place(album.library, path)
    return Path(path)


class _Tally:
    """How much there is in a library, counted again as seldom as will do."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._of: tuple[object, ...] | None = None
        self._counts: dict[str, int] = {}
        self._at = self._took = 0.0

    def counts(self) -> dict[str, int]:
        """Photos, figures, faces, people."""
        with self._catalog.read() as connection:
            of = store.marks(connection, "generation", "grouped")
            start = time.monotonic()
            if of != self._of and start >= self._at + RECOUNT * self._took:
                self._of, self._counts = of, listing.count(connection)
                self._at, self._took = start, time.monotonic() - start
        return self._counts


@lru_cache(maxsize=4)
def _tally(catalog: Catalog) -> _Tally:
    return _Tally(catalog)
