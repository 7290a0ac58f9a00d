"""`mien wardrobe PERSON`: what somebody wears, what they wore when, and what they could wear."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from mien.catalog.library import Library
from mien.cli.options import Day, json_option, library_option
from mien.cli.output import print_rows, print_table, say, tell
from mien.indexing import dressing
from mien.indexing.deciding import up_to_date
from mien.indexing.dressing import Dressed
from mien.language import listed, text
from mien.traits.lexicon import display_name
from mien.wardrobe.recognising import Garment, Occasion, Outfit
from mien.wardrobe.statistics import SEASONS, statistics
from mien.wardrobe.suggesting import FEW, OCCASIONS, Advice, suggest
from mien.wardrobe.wording import garment_words, reason_words, season_words

SHOWN = 10
"""Rows of a table that only says what there is most of."""


@click.command(help=text("cli.wardrobe.help"), short_help=text("cli.wardrobe.summary"))
@click.argument("person", required=False)
@click.option("--family", is_flag=True, help=text("cli.wardrobe.family"))
@click.option("--suggest", "wants_advice", is_flag=True, help=text("cli.wardrobe.suggest"))
@click.option("--on", "day", type=Day(), metavar="DAY", help=text("cli.wardrobe.on"))
@click.option("--occasion", type=click.Choice(OCCASIONS), help=text("cli.wardrobe.occasion"))
@library_option
@json_option
def command(
    person: str | None,
    family: bool,
    wants_advice: bool,
    day: date | None,
    occasion: Occasion | None,
    library_folder: Path | None,
    as_json: bool,
) -> None:
    if (person is None) != family:
        raise click.UsageError(text("cli.wardrobe.either"))
    if (day or occasion) and not wants_advice:
        raise click.UsageError(text("cli.wardrobe.only-suggest"))
    with Library.open(library_folder) as library:
        up_to_date(library)
        people = dressing.family(library) if person is None else [dressing.dressed(library, person)]
    if wants_advice:
        on = day or date.today()  # noqa: DTZ011 - the user's calendar is this computer's
        for who in people:
            _advise(who, suggest(who.wardrobe, on, occasion), as_json, is_one=not family)
        if not as_json:
            say(text("wardrobe.advice.about"))
    elif as_json:
        print_rows(row for who in people for row in rows(who))
        print_rows(_statistics(people))
    else:
        _tell(people, is_one=not family)


def rows(who: Dressed) -> list[dict[str, Any]]:
    """Garments, most often worn first, then outfits by time."""
    return [
        *({"kind": "garment", **_person(who), **_garment(garment)} for garment in who.wardrobe.garments),
        *({"kind": "outfit", **_person(who), **_outfit(outfit)} for outfit in who.wardrobe.outfits),
    ]


def _person(who: Dressed) -> dict[str, Any]:
    return {"person_id": who.person_id, "person": who.name}


def _garment(garment: Garment) -> dict[str, Any]:
    return {
        "garment_id": garment.garment_id,
        "name": garment.name,
        "words": garment_words(garment),
        "garment": garment.kind,
        "colours": [{"name": c.name, "lab": list(c.lab), "share": c.share} for c in garment.colours],
        **{cut: garment.cuts.get(cut) for cut in ("pattern", "sleeves", "hem")},
        "times": garment.times,
        "days": [day.isoformat() for day in garment.days],
        "retired": garment.is_retired,
        "theirs": garment.is_theirs,
        "seen": [glimpse.glimpse_id for glimpse in garment.glimpses],
    }


def _outfit(outfit: Outfit) -> dict[str, Any]:
    first, last = (None if at is None else at.isoformat() for at in (outfit.first, outfit.last))
    return {
        "first": first,
        "last": last,
        "garments": list(outfit.garments),
        "photos": list(outfit.photos),
        "company": outfit.company,
    }


def _statistics(people: list[Dressed]) -> list[dict[str, Any]]:
    """Of all of them together."""
    found = statistics([who.wardrobe for who in people])
    return [
        *({"kind": "unseen", "garment_id": one.garment_id, "last": one.days[-1].isoformat()} for one in found.unseen),
        *(
            {
                "kind": "pair",
                "garments": [pair.one.garment_id, pair.other.garment_id],
                "times": pair.times,
                "last": None if pair.last is None else pair.last.isoformat(),
            }
            for pair in found.pairs
        ),
        *(
            {"kind": "colour", "months": list(months), "name": shade.name, "share": round(shade.share, 3)}
            for months, shades in zip(SEASONS, found.seasons, strict=True)
            for shade in shades
        ),
    ]


def _tell(people: list[Dressed], *, is_one: bool) -> None:
    garments = [(who, garment) for who in people for garment in who.wardrobe.garments]
    if is_one and people[0].unsure:
        say(text("cli.wardrobe.unsure", n=people[0].unsure))
    if not garments:
        say(text("cli.wardrobe.none" if is_one else "cli.wardrobe.nobody"))
        return
    headings = [] if is_one else [text("cli.wardrobe.person")]
    headings += [text(f"cli.wardrobe.{name}") for name in ("garment", "times", "first", "last", "said", "id")]
    print_table(
        headings,
        ((*([] if is_one else [who.name or ""]), *_row(garment)) for who, garment in garments),
    )
    found = statistics([who.wardrobe for who in people])
    whose = {garment.garment_id: "" if is_one else f"{who.name}: " for who, garment in garments}
    if found.unseen:
        tell("\n" + text("cli.wardrobe.unseen"))
        for garment in found.unseen[:SHOWN]:
            tell(f"  {garment.days[-1].isoformat()}  {whose[garment.garment_id]}{garment_words(garment)}")
    if found.pairs:
        tell("\n" + text("cli.wardrobe.pairs"))
        for pair in found.pairs[:SHOWN]:
            both = f"{garment_words(pair.one)} + {garment_words(pair.other)}"
            tell(f"  {pair.times} × {whose[pair.one.garment_id]}{both}")
    if any(found.seasons):
        tell("\n" + text("cli.wardrobe.colours"))
        for season, shades in enumerate(found.seasons):
            if shades:
                words = (f"{display_name(shade.name)} {shade.share:.0%}" for shade in shades[:5])
                tell(f"  {season_words(season)}: {', '.join(words)}")


def _row(garment: Garment) -> tuple[object, ...]:
    days = garment.days or ("", "")
    said = [text("cli.wardrobe.retired")] if garment.is_retired else []
    said += [] if garment.is_theirs else [text("cli.wardrobe.not-theirs")]
    return garment_words(garment), garment.times, days[0], days[-1], ", ".join(said), garment.garment_id


def _advise(who: Dressed, advice: Advice, as_json: bool, *, is_one: bool) -> None:
    if as_json:
        print_rows(
            {
                "kind": "suggestion",
                **_person(who),
                "garments": [garment.garment_id for garment in one.garments],
                "words": [garment_words(garment) for garment in one.garments],
                "reasons": [reason_words(reason) for reason in one.reasons],
            }
            for one in advice.suggestions
        )
        print_rows(
            {
                "kind": "left-out",
                **_person(who),
                "garment_id": garment.garment_id,
                "words": garment_words(garment),
                "reason": why,
                "said": text(f"wardrobe.left-out.{why}"),
            }
            for why, garments in advice.left_out.items()
            for garment in garments
        )
        return
    whose = "" if is_one else f"{who.name}: "
    if whose and (advice.suggestions or advice.left_out):
        tell(f"\n{who.name}")
    for one in advice.suggestions:
        tell(" + ".join(garment_words(garment) for garment in one.garments))
        for reason in one.reasons:
            tell(f"  – {reason_words(reason)}")
    if not advice.suggestions:
        say(whose + text("wardrobe.advice.none", n=advice.in_season))
    if advice.left_out:
        tell("\n" + text("wardrobe.left-out.title"))
        for why, garments in advice.left_out.items():
            more = text("cli.wardrobe.more", n=len(garments) - SHOWN) if len(garments) > SHOWN else ""
            words = listed([*map(garment_words, garments[:SHOWN])]) + more
            tell("  " + text("cli.wardrobe.left-out", why=text(f"wardrobe.left-out.{why}"), garments=words))
    if advice.outfits is not None:
        key = "known" if advice.outfits >= FEW else "unknown"
        say(whose + text(f"wardrobe.advice.{key}", n=advice.outfits, least=FEW))
