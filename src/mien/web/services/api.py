"""The library for programs: the rows that `mien photos`, `mien figures`, `mien people` and `mien search` print."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from mien.catalog import listing
from mien.catalog.listing import FigureRow, PersonRow, PhotoRow
from mien.indexing import searching
from mien.language import current_language
from mien.search.explaining import FoundRow, row
from mien.search.wording import chips
from mien.web.album import ThisAlbum
from mien.web.rendering import Json

router = APIRouter(prefix="/api", tags=["library"])

Limit = Annotated[int, Query(ge=1, le=1000, description="How many rows to answer with, at most.")]
Offset = Annotated[int, Query(ge=0, le=1 << 62, description="How many rows to leave out: `next` of the answer before.")]


@dataclass(frozen=True)
class Photos:
    """`next` is the offset of the rows that follow; null if there are none."""

    photos: list[PhotoRow]
    next: int | None


@dataclass(frozen=True)
class Figures:
    """`next` is the offset of the rows that follow; null if there are none."""

    figures: list[FigureRow]
    next: int | None


@dataclass(frozen=True)
class People:
    """`next` is the offset of the rows that follow; null if there are none."""

    people: list[PersonRow]
    next: int | None


@dataclass(frozen=True)
class Found:
    """An answer.

    Attributes:
        total: how many photos answer the question, whether or not they are among `results`.
        near: photos that almost answer it.
        understood, not_understood: the question's parts, in words.
    """

    results: list[FoundRow]
    near: list[FoundRow]
    total: int
    understood: list[str]
    not_understood: list[str]


@router.get("/photos", summary="Photos", response_model=Photos, response_description="A page of rows.")
def photos(album: ThisAlbum, limit: Limit = 100, offset: Offset = 0) -> Response:
    """One row per file, by capture time; what could not be read has an `error` and no `photo_id`."""
    rows = listing.photos(album.library.catalog, limit=limit + 1, offset=offset)
    return _page("photos", rows, limit, offset)


@router.get("/figures", summary="Figures", response_model=Figures, response_description="A page of rows.")
def figures(
    album: ThisAlbum,
    person: Annotated[str | None, Query(description="Only those of this person (`person_id`).")] = None,
    photo: Annotated[str | None, Query(description="Only those in this photo (`photo_id`).")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """One row per person seen in a file, by capture time. Boxes are in pixels of the upright photo at full size.

    Who they are may be as it was before the last decisions, while `/status` says that it is `following`.
    """
    album.following.ensure()
    rows = listing.figures(album.library.catalog, person_id=person, photo_id=photo, limit=limit + 1, offset=offset)
    return _page("figures", rows, limit, offset)


@router.get("/people", summary="People", response_model=People, response_description="A page of rows.")
def people(album: ThisAlbum, limit: Limit = 100, offset: Offset = 0) -> Response:
    """One row per person, named or not; most figures first.

    They may be as they were before the last decisions, while `/status` says that it is `following`.
    """
    album.following.ensure()
    rows = listing.people(album.library.catalog, limit=limit + 1, offset=offset)
    return _page("people", rows, limit, offset)


@router.get("/search", summary="Search", response_model=Found, response_description="Photos, best first.")
def search(
    album: ThisAlbum,
    q: Annotated[str, Query(max_length=2000, description="A question in English or Chinese.")],
    limit: Limit = searching.LIMIT,
) -> Response:
    """Photos that answer a question such as "woman with a red scarf", each with who is meant in it, and why.

    What of the question is not understood is left out of account, and told.
    """
    album.following.ensure()
    answer = searching.search(album.library, q, limit=limit)
    paths = searching.paths(album.library, [one.photo_id for one in (*answer.results, *answer.near)])
    said = chips(answer.query, q, current_language()) if answer.query else ()
    found = Found(
        results=[row(one, paths.get(one.photo_id)) for one in answer.results],
        near=[row(one, paths.get(one.photo_id), near=True) for one in answer.near],
        total=answer.total,
        understood=[chip.label for chip in said if chip.kind != "missed"],
        not_understood=[q[start:end] for start, end in answer.query.not_understood] if answer.query else [],
    )
    return Json(asdict(found))


def _page(name: str, rows: Sequence[Any], limit: int, offset: int) -> Json:
    """A page of at most `limit` rows; one more says that there is a next."""
    return Json({name: [asdict(row) for row in rows[:limit]], "next": offset + limit if len(rows) > limit else None})
