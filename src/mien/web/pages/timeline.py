"""The timeline: all photos by month, newest first, piece by piece."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from mien.catalog import timeline
from mien.catalog.timeline import NEWEST, UNDATED, Place, Tile
from mien.language import text
from mien.web.album import ThisAlbum
from mien.web.pages.wording import counted, day_and_time, legible, month, month_name
from mien.web.rendering import render

router = APIRouter(include_in_schema=False)

FIRST_PIECE = 60
"""Photos: three screens of a desktop, so that the first page is there at once."""

PIECE = 120

UNDATED_PARAMETER = "undated"

PICTURES = "~/Pictures"
"""Where many systems keep photos; an example of what may be indexed."""

_MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True)
class Month:
    """Photos of one month that stand together: "2024-05", or `UNDATED`; how many the month has in all."""

    key: str
    words: str
    photos: str
    tiles: tuple[Tile, ...]


@router.get("/")
def page(
    request: Request,
    album: ThisAlbum,
    month: str | None = None,
    after: str | None = None,
) -> HTMLResponse:
    """The timeline from its start, or from the newest photo of a month; `after`: from any place, without scripts."""
    start = NEWEST if month is None else _start_of(month)
    start = start if after is None else place_at(after)
    everything = timeline.overview(album.library.catalog)
    with album.library.catalog.read() as connection:
        problems = timeline.count_problems(connection)
        tiles = timeline.older(connection, start, FIRST_PIECE + 1)
        newer = bool(tiles) and start != NEWEST and timeline.newer(connection, tiles[0].place, 1)
    return render(
        request,
        "timeline.html",
        overview=everything,
        years=_years(everything.months),
        problems=_problem_words(problems),
        photos=counted("photos", everything.photos),
        chosen=tiles[0].month or UNDATED_PARAMETER if tiles else None,
        pictures=PICTURES,
        month_name=month_name,
        before=str(tiles[0].place) if newer else None,
        **_piece(tiles, FIRST_PIECE, everything.months),
    )


@router.get("/timeline")
def piece(
    request: Request,
    album: ThisAlbum,
    after: str | None = None,
    before: str | None = None,
) -> HTMLResponse:
    """The photos after a place, or those before one: a piece of the page."""
    months = timeline.overview(album.library.catalog).months
    with album.library.catalog.read() as connection:
        if before is None:
            tiles = timeline.older(connection, NEWEST if after is None else place_at(after), PIECE + 1)
            return render(request, "tiles.html", before=None, **_piece(tiles, PIECE, months))
        tiles = timeline.newer(connection, place_at(before), PIECE + 1)
    is_all, tiles = len(tiles) <= PIECE, tiles[-PIECE:]
    return render(
        request,
        "tiles.html",
        tile_words=tile_words,
        groups=_months(tiles, months),
        before=None if is_all else str(tiles[0].place),
        after=None,
    )


@router.get("/problems")
def problems(request: Request, album: ThisAlbum) -> HTMLResponse:
    """The files that could not be read, each with the reason, and those that are not supported yet."""
    with album.library.catalog.read() as connection:
        found = timeline.problems(connection)
    rows = [(legible(problem.path), legible(problem.reason), problem.kind) for problem in found]
    return render(
        request,
        "problems.html",
        unreadable=[(path, reason) for path, reason, kind in rows if kind == "photo"],
        videos=[path for path, _, kind in rows if kind == "video"],
    )


def tile_words(tile: Tile) -> str:
    """What a photo's tile says to who cannot see it."""
    when = text("web.count.undated") if tile.taken_at is None else day_and_time(tile.taken_at)
    who = counted("people", tile.figures) if tile.figures else text("web.timeline.nobody")
    return text("web.timeline.photo", when=when, who=who)


def _piece(tiles: list[Tile], length: int, months: dict[str, int]) -> dict[str, Any]:
    """At most `length` photos of `tiles`, and the place after which there are more, if there are."""
    shown = tiles[:length]
    return {
        "tile_words": tile_words,
        "groups": _months(shown, months),
        "after": str(shown[-1].place) if len(tiles) > length else None,
    }


def _months(tiles: Iterable[Tile], months: dict[str, int]) -> list[Month]:
    return [
        # A photo that arrived just now may be in a month of its own.
        Month(key, month(key), counted("photos", max(months.get(key, 0), len(shown))), shown)
        for key, group in itertools.groupby(tiles, key=lambda tile: tile.month)
        for shown in [tuple(group)]
    ]


def _years(months: dict[str, int]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Year → its months: what they go by in addresses, in words, how many photos. Photos without a time come last."""
    entries = [
        (key[:4], (key or UNDATED_PARAMETER, month(key), f"{number:,}")) for key, number in months.items()
    ]  # fmt: skip
    return [(year, [entry for _, entry in group]) for year, group in itertools.groupby(entries, key=lambda e: e[0])]


def _problem_words(problems: dict[Any, int]) -> str | None:
    """What the timeline says of files that it does not show, if there are any."""
    if problems["photo"]:
        return text("web.timeline.unreadable", files=counted("files", problems["photo"]))
    return text("web.timeline.videos", videos=counted("videos", problems["video"])) if problems["video"] else None


def _start_of(month: str) -> Place:
    if month == UNDATED_PARAMETER:
        return Place.before(UNDATED)
    if not month:
        return NEWEST
    if not _MONTH.fullmatch(month):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Place.before(month)


def place_at(text: str) -> Place:
    """The place in the timeline that an address speaks of."""
    try:
        return Place.parse(text)
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
