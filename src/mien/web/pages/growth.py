"""How a person grew: the chart, the photos behind every point, what was left out and why, and what can be said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from mien.catalog import people
from mien.catalog.stances import companions
from mien.growth import reasons
from mien.growth.chart import Chart, draw
from mien.growth.measuring import LeftOut, Point
from mien.growth.reasons import Reason
from mien.growth.references import SEXES, Sex, Source
from mien.growth.wording import age_words, height_words, method_words
from mien.indexing import deciding
from mien.indexing.growing import growth
from mien.language import text
from mien.web.album import ThisAlbum
from mien.web.pages.wording import counted, day
from mien.web.rendering import render

router = APIRouter(include_in_schema=False)

AT_ONCE = 120
"""Photos that one visit has looked at; the next visit goes on."""

SHOWN = 24
"""Photos of a kind that a page shows at once."""

Shown = Literal["girls", "boys", "both", "none"]


@dataclass(frozen=True)
class Group:
    """Figures that were left out for one reason."""

    words: str
    photos: str
    figures: Sequence[LeftOut]
    more: int


@router.get("/people/{person_id}/growth")
def page(
    request: Request, album: ThisAlbum, person_id: str, sex: Shown = "both", source: Source = "who", decision: str = ""
) -> HTMLResponse:
    """`sex`, `source`: whose reference curves are drawn. `decision`: the one that was just made."""
    follows = album.following.ensure()
    grown = growth(album.library, person_id, AT_ONCE)
    card = people.person(album.library.catalog, grown.person_id)
    name = grown.name or text("growth.method.somebody")
    sexes: Sequence[Sex] = SEXES if sex == "both" else () if sex == "none" else (sex,)
    chart = Chart(name, grown.born, grown.points, grown.measured, grown.curve, source, sexes)
    is_drawn = bool(grown.points or grown.measured)
    with album.library.catalog.read() as connection:
        beside = companions(connection, grown.person_id)
    newest = sorted(grown.points, key=lambda point: point.day, reverse=True)
    return render(
        request,
        "growth.html",
        person_id=grown.person_id,
        name=name,
        key_figure=None if card is None else card.key_figure,
        grown=grown,
        needs_ruler=not grown.left_out or any(one.reason in ("no-adult", "no-birth") for one in grown.left_out),
        charts=[_drawing(chart, size) for size in ("wide", "narrow")] if is_drawn else [],
        sex=sex,
        source=source,
        points=newest,
        shown=SHOWN,
        groups=_groups(grown.left_out),
        beside=[(one, called) for one, called in beside if one != grown.person_id],
        known={one for one, _ in beside if one in grown.names},
        undo=deciding.last(album.library, decision),
        today=date.today().isoformat(),  # noqa: DTZ011 - the visitor's calendar is this computer's
        address=f"/people/{grown.person_id}/growth",
        least=deciding.HEIGHTS[0],
        most=deciding.HEIGHTS[1],
        follows=follows,
        error=album.trouble,
        **_WORDS,
    )


def _drawing(chart: Chart, size: Literal["wide", "narrow"]) -> Any:
    return Markup(draw(chart, size, lambda point: f"#{_place(point)}"))  # noqa: S704 - escaped by `draw`


def _place(point: Point) -> str:
    """The name of a point's photo on the page."""
    return f"figure-{point.figure_id}"


def _groups(left_out: Sequence[LeftOut]) -> list[Group]:
    """By reason, those that leave out most first."""
    by_reason: dict[Reason, list[LeftOut]] = {}
    for one in reversed(left_out):
        by_reason.setdefault(one.reason, []).append(one)
    ordered = sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        Group(reasons.said(reason), counted("photos", len(figures)), figures[:SHOWN], max(0, len(figures) - SHOWN))
        for reason, figures in ordered
    ]


_WORDS: dict[str, Any] = {
    "day": day,
    "place_of": _place,
    "age_words": age_words,
    "height_words": height_words,
    "method_words": method_words,
}
