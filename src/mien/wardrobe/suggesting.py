"""Suggesting: what could be worn on a day, out of what the person's own photos show, each with its reasons."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import get_args

from mien.wardrobe.harmony import Harmony, accents, harmony
from mien.wardrobe.recognising import Garment, Occasion, Outfit, Wardrobe

OCCASIONS: tuple[Occasion, ...] = get_args(Occasion)

EVENING = 18
"""Hour from which a moment is of the evening."""

COMPANY = 4
"""Figures in one photo from which it was an occasion in company."""

FEW = 5
"""Outfits that photos must show of an occasion before anything is concluded from them."""

LATELY = 14
"""Days within which a combination was worn lately, and so is not suggested."""

RESTED = 3
"""Days within which a top or a dress was worn just now."""

COUNT = 4
"""Suggestions given at once."""

MOST = 40
"""Garments of a kind that are considered, those first that were worn most."""

TOPS, DRESSES, COATS = ("upper-clothes", "unknown"), ("dress",), ("coat",)


@dataclass(frozen=True)
class Reason:
    """Why a combination is suggested: a text `wardrobe.reason.<code>`, and what it speaks of.

    Attributes:
        garments: that it is about.
        count, of: numbers of it.
        day: a day of it.
    """

    code: str
    garments: tuple[Garment, ...] = ()
    count: int = 0
    of: int = 0
    day: date | None = None


@dataclass(frozen=True)
class Suggestion:
    """Garments to be worn together, outer ones first; at least one."""

    garments: tuple[Garment, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Advice:
    """Suggestions, best first, and what is known of the occasion: how many `outfits` photos show of it (None: none was
    asked for). Of fewer than `FEW` nothing was concluded. `months`: garments seen in that season."""

    suggestions: tuple[Suggestion, ...]
    outfits: int | None
    in_season: int


def occasions(outfit: Outfit) -> set[Occasion]:
    """What the time and the number of people say of a moment."""
    found: set[Occasion] = {"company"} if outfit.company >= COMPANY else set()
    if outfit.first is not None:
        found.add("weekend" if outfit.first.weekday() >= 5 else "weekday")
        if outfit.first.hour >= EVENING:
            found.add("evening")
    return found


def suggest(wardrobe: Wardrobe, day: date, occasion: Occasion | None = None, count: int = COUNT) -> Advice:
    """What could be worn on `day`. Nothing retired, nothing that is not theirs, nothing that photos show in other
    seasons only, no colours that go together by no rule, and no combination that was worn lately."""
    here = [garment for garment in wardrobe.theirs if not garment.is_retired and _seen_near(garment, day)]
    by_kind = {
        kinds: [garment for garment in here if garment.kind in kinds and garment.layer == "body"][:MOST]
        for kinds in (TOPS, DRESSES, COATS)
    }
    lower = [garment for garment in here if garment.layer == "lower"][:MOST]
    bare = [*product(by_kind[TOPS], lower), *((dress,) for dress in by_kind[DRESSES])]
    coats = by_kind[COATS] if _needs_coat(wardrobe, day) else []
    combinations = [*((coat, *inner) for coat in coats for inner in bare), *bare]
    shown = [outfit for outfit in wardrobe.outfits if occasion in occasions(outfit)] if occasion else []
    worn_then = Counter(garment for outfit in shown for garment in outfit.garments) if len(shown) >= FEW else Counter()
    found, together = [], {garment.garment_id: set(garment.days) for garment in here}
    for combination in combinations:
        rule = harmony(combination)
        last = max(set.intersection(*(together[garment.garment_id] for garment in combination)), default=None)
        if rule is None or (last is not None and abs((day - last).days) <= LATELY):
            continue
        score, reasons = _weigh(combination, rule, last, day, occasion, worn_then)
        found.append((score + (combination[0] in coats), Suggestion(combination, reasons)))
    found.sort(key=lambda one: (-one[0], [garment.garment_id for garment in one[1].garments]))
    chosen = _varied([suggestion for _, suggestion in found], count)
    return Advice(tuple(chosen), len(shown) if occasion else None, len(here))


def _seen_near(garment: Garment, day: date) -> int:
    """On how many days photos show it within a month of that time of the year, in whatever year."""
    return sum(min((worn.month - day.month) % 12, (day.month - worn.month) % 12) <= 1 for worn in garment.days)


def _needs_coat(wardrobe: Wardrobe, day: date) -> bool:
    """Whether most outfits that photos show at that time of the year have a coat."""
    coats = {garment.garment_id for garment in wardrobe.theirs if garment.kind in COATS}
    then = [
        bool(coats & set(outfit.garments))
        for outfit in wardrobe.outfits
        if outfit.first is not None
        and min((outfit.first.month - day.month) % 12, (day.month - outfit.first.month) % 12) <= 1
    ]
    return sum(then) * 2 > len(then)


def _weigh(
    combination: Sequence[Garment],
    rule: Harmony,
    last: date | None,
    day: date,
    occasion: Occasion | None,
    worn_then: Counter[str],
) -> tuple[float, tuple[Reason, ...]]:
    """How good a combination is, and why: colours, how long ago, what photos show of the season and the occasion."""
    score = {"neutral": 0.6, "accent": 1.0, "near": 0.8, "opposite": 0.7}[rule]
    code = "colours-alone" if len(combination) == 1 else f"colours-{rule}"
    reasons = [Reason(code, tuple(accents(combination)))]
    main = combination[-2] if len(combination) > 1 and combination[-1].layer == "lower" else combination[-1]
    rest = (day - main.days[-1]).days
    score += min(max(rest, 0), 365) / 365 - (1.0 if 0 <= rest <= RESTED else 0.0)
    if last is not None:
        score += 0.3  # they were worn together: to the owner's taste
    if len(combination) > 1:
        reasons.append(Reason("never-together") if last is None else Reason("last-together", day=last))
    reasons.append(Reason("last-worn", (main,), day=main.days[-1]))
    times = _seen_near(main, day)
    reasons.append(Reason("season", (main,), count=times, of=len(main.days)))
    score += 0.3 * times / len(main.days)
    if occasion and worn_then:
        then = worn_then[main.garment_id]
        score += 2.0 * (then + 0.5) / (main.times + 1)
        if then:
            reasons.append(Reason(f"occasion-{occasion}", (main,), count=then, of=main.times))
    return score, tuple(reasons)


def _varied(suggestions: Sequence[Suggestion], count: int) -> list[Suggestion]:
    """The best ones, without the same top or dress twice."""
    chosen: list[Suggestion] = []
    used: set[str] = set()
    for suggestion in suggestions:
        mains = {g.garment_id for g in suggestion.garments if g.layer == "body" and g.kind not in COATS}
        if len(chosen) < count and not mains & used:
            chosen.append(suggestion)
            used |= mains
    return chosen
