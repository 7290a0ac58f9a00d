"""The search page: a question, how it was understood, and the photos that answer it with the figures that are meant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from mien.catalog import details, timeline
from mien.catalog.timeline import Tile
from mien.indexing import searching
from mien.language import current_language, text
from mien.search.answering import Answer, Result
from mien.search.completion import complete
from mien.search.explaining import why
from mien.search.reasons import missed_text
from mien.search.resembling import What
from mien.search.wording import Chip, chips
from mien.web.album import Album, ThisAlbum
from mien.web.pages.framing import Frame, frames
from mien.web.pages.timeline import tile_words
from mien.web.pages.wording import counted, day_and_time, sure
from mien.web.rendering import Json, render

router = APIRouter(include_in_schema=False)

PIECE = 60
"""Results of a page; each "more" adds as many."""

MOST = 1000

SUGGESTIONS = 8

EXAMPLES = 4

_RIGHT_TO_LEFT = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+(?:[\s'’-]+[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+)*"
)


@dataclass(frozen=True)
class Found:
    """One result: the photo, those who are meant and where they stand, why, and how sure that is.

    `missed`: of a near miss, what alone is not as was asked. `is_crowd`: others are in the photo, too.
    """

    tile: Tile
    words: str
    figures: tuple[str, ...]
    frames: tuple[Frame, ...]
    is_crowd: bool
    when: str
    why: tuple[str, ...]
    sure: str
    missed: str


@router.get("/search")
def page(
    request: Request, album: ThisAlbum, q: str = "", like: str = "", what: What = "outfit", limit: int = PIECE
) -> HTMLResponse:
    """The answer to the question `q`, or figures that look `like` another one. Its address can be kept and shared."""
    album.following.ensure()
    limit = min(max(1, limit), MOST)
    question = q.strip()
    understood: tuple[Chip, ...] = ()
    answer: Answer | None = None
    if like:
        answer = searching.more_like(album.library, like, what, limit=limit)
    elif question:
        answer = searching.search(album.library, question, limit=limit)
        assert answer.query is not None
        understood = chips(answer.query, question, current_language())
    return render(
        request,
        "search.html",
        question=question,
        like=like,
        what=what,
        chips=understood,
        answer=answer,
        results=_found(album, answer.results) if answer else [],
        near=_found(album, answer.near) if answer else [],
        total="" if answer is None else counted("photos", answer.total),
        near_total="" if answer is None else counted("photos", len(answer.near)),
        more=limit + PIECE if answer and answer.total > limit and limit < MOST else None,
        examples=[] if answer and answer.results else _examples(album),
    )


@router.get("/search/complete")
def completions(album: ThisAlbum, q: str = "", at: int | None = None) -> Response:
    """How a question that is being written may go on; `at`: where the cursor stands."""
    names = searching.names(album.library)
    found = complete(q, len(q) if at is None else at, names, SUGGESTIONS)
    return Json([{"text": one.text, "label": one.label} for one in found])


def _found(album: Album, results: Iterable[Result]) -> list[Found]:
    results = list(results)
    with album.library.catalog.read() as connection:
        tiles = timeline.tiles(connection, {result.photo_id for result in results})
        boxes = details.boxes(connection, {i for result in results for i in result.figure_ids})
    return [
        Found(
            tile=tile,
            words=tile_words(tile),
            figures=result.figure_ids,
            frames=frames([boxes[i] for i in result.figure_ids if i in boxes], tile.width, tile.height),
            is_crowd=tile.figures > len(result.figure_ids) > 0,
            when=_when(result, tile),
            why=tuple(map(_isolated, why(result))),
            sure=sure(result.score) if result.missed is None else text("web.search.else", sure=sure(result.score)),
            missed="" if result.missed is None else _isolated(missed_text(result.missed)),
        )
        for result in results
        if (tile := tiles.get(result.photo_id))  # else it is gone since
    ]


def _when(result: Result, tile: Tile) -> str:
    """When the photo was taken, unless nobody knows, or a reason says so already."""
    is_said = any(reason.kind == "taken" for reason in result.why)
    return "" if tile.taken_at is None or is_said else day_and_time(tile.taken_at)


def _isolated(words: str) -> str:
    """Names that are written from right to left keep what stands behind them in its place (Unicode's isolates)."""
    return _RIGHT_TO_LEFT.sub("\u2068\\g<0>\u2069", words)


def _examples(album: Album) -> list[str]:
    """Questions to begin with, one of them about somebody of this library."""
    asked = [text(f"web.search.example.{i}") for i in range(1, EXAMPLES)]
    seen = searching.somebody_dated(album.library)
    if seen:
        asked.append(text("web.search.example.name", name=seen[0], year=seen[1]))
    return asked
