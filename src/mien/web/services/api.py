"""The library for programs: the rows that `mien photos`, `mien figures` and `mien people` print, in pages."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from mien.catalog import listing
from mien.catalog.listing import FigureRow, PersonRow, PhotoRow
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


def _page(name: str, rows: Sequence[Any], limit: int, offset: int) -> Json:
    """A page of at most `limit` rows; one more says that there is a next."""
    return Json({name: [asdict(row) for row in rows[:limit]], "next": offset + limit if len(rows) > limit else None})
