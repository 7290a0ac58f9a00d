"""What people wear: their garments, what they wore when, what they could wear; and corrections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from itertools import groupby
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from mien.catalog import people
from mien.catalog.timeline import UNDATED
from mien.errors import UnknownName
from mien.indexing import deciding, dressing
from mien.indexing.deciding import Decided
from mien.indexing.dressing import Dressed
from mien.language import text
from mien.people.naming import LONGEST_NAME
from mien.traits.cielab import hex_colour
from mien.wardrobe import charts
from mien.wardrobe.recognising import Garment, Occasion, Outfit
from mien.wardrobe.statistics import statistics
from mien.wardrobe.suggesting import FEW, OCCASIONS, Advice, suggest
from mien.wardrobe.wording import garment_words, looks_words, reason_words
from mien.web.album import Album, ThisAlbum
from mien.web.pages.wording import counted, day, day_and_time, month
from mien.web.rendering import Json, render, wants_page

router = APIRouter(include_in_schema=False)

GARMENTS = 24
"""On a page at once; the others are folded away."""

MONTHS = 12
"""Of the calendar at once; `all` shows every one."""

FEW_ROWS = 8
"""Rows of what only says what there is most of."""

SEEN = 60
"""Places where a garment is seen that its panel shows, the latest ones."""

Words = Annotated[str, Form(max_length=1000)]


@dataclass(frozen=True)
class Month:
    """A month's outfits, newest first; `key`: YYYY-MM."""

    key: str
    words: str
    outfits: Sequence[tuple[Dressed, Outfit]]


@router.get("/wardrobe")
def family_page(request: Request, album: ThisAlbum, whole: bool = False, decision: str = "") -> HTMLResponse:
    """Of everybody with a name."""
    follows = album.following.ensure()
    found = dressing.family(album.library)
    return _page(request, album, found, follows, decision, whole=whole)


@router.get("/people/{person_id}/wardrobe")
def page(
    request: Request,
    album: ThisAlbum,
    person_id: str,
    garment: str = "",
    on: date | None = None,
    occasion: Occasion | Literal["any"] = "any",
    whole: bool = False,
    decision: str = "",
) -> HTMLResponse:
    """Of one person. `garment`: the one that is looked at; `on`, `occasion`: for what something is suggested; `whole`:
    all months; `decision`: the one that was just made."""
    follows = album.following.ensure()
    found = dressing.dressed(album.library, person_id)
    when = on or date.today()  # noqa: DTZ011 - the visitor's calendar is this computer's
    advice = suggest(found.wardrobe, when, None if occasion == "any" else occasion)
    return _page(
        request,
        album,
        [found],
        follows,
        decision,
        whole=whole,
        person=found,
        chosen=_chosen(found, garment),
        advice=advice,
        on=when.isoformat(),
        occasion=occasion,
    )


@router.post("/decisions/garment-name")
def name(request: Request, album: ThisAlbum, garment: Words, name: Words, back: Words = "") -> Response:
    """What a garment is called."""
    return _answer(request, album, dressing.name(album.library, garment, name), back)


@router.post("/decisions/garment-same")
def same(request: Request, album: ThisAlbum, garment: Words, other: Words, back: Words = "") -> Response:
    """Two garments are one."""
    return _answer(request, album, dressing.same(album.library, garment, other), back)


@router.post("/decisions/garment-different")
def different(request: Request, album: ThisAlbum, garment: Words, other: Words, back: Words = "") -> Response:
    """What is seen in one place is another garment."""
    return _answer(request, album, dressing.different(album.library, garment, other), back)


@router.post("/decisions/garment-retire")
def retire(
    request: Request, album: ThisAlbum, garment: Words, retired: Annotated[bool, Form()] = True, back: Words = ""
) -> Response:
    """Whether a garment is not worn any more."""
    return _answer(request, album, dressing.retire(album.library, garment, retired), back)


@router.post("/decisions/garment-not-theirs")
def not_theirs(
    request: Request, album: ThisAlbum, garment: Words, foreign: Annotated[bool, Form()] = True, back: Words = ""
) -> Response:
    """Whether a garment is not of whoever is seen in it."""
    return _answer(request, album, dressing.not_theirs(album.library, garment, foreign), back)


def _page(
    request: Request,
    album: Album,
    found: Sequence[Dressed],
    follows: bool,
    decision: str,
    *,
    whole: bool,
    person: Dressed | None = None,
    chosen: Garment | None = None,
    advice: Advice | None = None,
    **more: Any,
) -> HTMLResponse:
    card = None if person is None else people.person(album.library.catalog, person.person_id)
    outfits = [(one, outfit) for one in found for outfit in one.wardrobe.outfits]
    months = _months(outfits)
    return render(
        request,
        "wardrobe.html",
        person=person,
        name=(None if person is None else person.name) or text("web.wardrobe.somebody"),
        key_figure=None if card is None else card.key_figure,
        found=found,
        garments=[(one, garment) for one in found for garment in one.wardrobe.theirs],
        foreign=[(one, garment) for one in found for garment in one.wardrobe.garments if not garment.is_theirs],
        of={(one.person_id, g.garment_id): g for one in found for g in one.wardrobe.garments},
        owners={garment.garment_id: one.name for one in found for garment in one.wardrobe.garments},
        known=statistics([one.wardrobe for one in found]),
        charts=_charts(found),
        months=months if whole else months[:MONTHS],
        hidden_months=0 if whole else max(0, len(months) - MONTHS),
        chosen=chosen,
        seen=[] if chosen is None else list(reversed(chosen.glimpses))[:SEEN],
        advice=advice,
        undo=deciding.last(album.library, decision),
        address="/wardrobe" if person is None else f"/people/{person.person_id}/wardrobe",
        follows=follows,
        error=album.trouble,
        **{"on": "", "occasion": "any", **more},
        **_WORDS,
    )


def _chosen(found: Dressed, reference: str) -> Garment | None:
    """The garment that is meant, by any glimpse of it: what a garment goes by changes with what is said of it."""
    if not reference:
        return None
    for garment in found.wardrobe.garments:
        if reference in {glimpse.glimpse_id for glimpse in garment.glimpses}:
            return garment
    raise UnknownName("no-such-garment", reference=reference)


def _charts(found: Sequence[Dressed]) -> Mapping[str, Markup]:
    """By name; "" where there is nothing to draw."""
    known = statistics([one.wardrobe for one in found])
    return {
        "months": Markup(charts.months([outfit for one in found for outfit in one.wardrobe.outfits])),  # noqa: S704
        "seasons": Markup(charts.seasons(known.seasons)),  # noqa: S704 - escaped where it is drawn
    }


def _months(outfits: Sequence[tuple[Dressed, Outfit]]) -> list[Month]:
    def key(one: tuple[Dressed, Outfit]) -> str:
        return UNDATED if one[1].first is None else f"{one[1].first:%Y-%m}"

    dated = [one for one in outfits if one[1].first is not None]
    dated.sort(key=lambda one: (str(one[1].first), one[0].person_id), reverse=True)
    rest = [one for one in outfits if one[1].first is None]
    return [Month(name, month(name), tuple(group)) for name, group in groupby([*dated, *rest], key)]


def _answer(request: Request, album: Album, decided: Decided, back: str) -> Response:
    """Back to the page, which says what was said and takes it back."""
    person = decided.person_ids[0] if decided.person_ids else None
    address = back or ("/wardrobe" if person is None else f"/people/{person}/wardrobe")
    if not (address.startswith(("/people/", "/wardrobe")) and address.isprintable()):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    decision = decided.entry.id
    path, _, place = address.partition("#")
    joint = "&" if "?" in path else "?"
    if wants_page(request):
        address = f"{path}{joint}decision={decision}" + (f"#{place}" if place else "")
        return RedirectResponse(address, HTTPStatus.SEE_OTHER)
    said = deciding.told(album.library, [decision])[0].sentence()
    return Json({"decision": decision, "count": 1, "said": said, "address": address, "follows": True})


_WORDS: dict[str, Any] = {
    "counted": counted,
    "day": day,
    "day_and_time": lambda at: day_and_time(at.isoformat()),
    "fill": hex_colour,
    "few": FEW,
    "few_rows": FEW_ROWS,
    "garment_words": garment_words,
    "garments_shown": GARMENTS,
    "longest_name": LONGEST_NAME,
    "looks_words": looks_words,
    "occasions": ("any", *OCCASIONS),
    "reason_words": lambda reason: reason_words(reason, day),
    "undated": UNDATED,
}
