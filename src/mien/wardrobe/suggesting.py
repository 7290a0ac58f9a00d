"""Suggesting: what could be worn on a day, out of what the person's own photos show, each with its reasons."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, product
from typing import Literal, get_args

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

TOPS, BOTTOMS, DRESSES, COATS = ("upper-clothes",), ("pants", "jeans", "shorts", "skirt"), ("dress",), ("coat",)
THINGS = ("hat", "scarf")

Left = Literal["retired", "undated", "thing", "unclear", "season", "no-coats", "alone", "colours", "lately", "others"]
"""Why a garment is in no suggestion, in the order in which that is looked for:

- retired: the user said so
- undated: no photo that shows it says when that was
- thing: hats and scarves go with the weather, of which nothing is known
- unclear: too little of it is seen, as of a dress whose upper half nobody saw
- season: not seen at that time of the year
- no-coats: a coat, where most outfits of that time have none
- alone: nothing that would go above or below it was seen at that time of the year
- colours, lately: all that it could be worn with goes with it by no rule, or was worn with it just now
- others: what is suggested comes first
"""


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
    """What could be worn, and what not.

    Attributes:
        suggestions: best first.
        outfits: how many photos show of the occasion; None: none was asked for. Of fewer than `FEW` nothing was
            concluded.
        in_season: garments seen at that time of the year, of kinds that are known.
        left_out: all that is theirs and in no suggestion, by the reason; most often worn first.
    """

    suggestions: tuple[Suggestion, ...]
    outfits: int | None
    in_season: int
    left_out: Mapping[Left, tuple[Garment, ...]]


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
    barred = {garment.garment_id: _barred(garment, day) for garment in wardrobe.theirs}
    here = [garment for garment in wardrobe.theirs if barred[garment.garment_id] is None]
    tops, bottoms, dresses, coats = (
        [garment for garment in here if garment.kind in kinds][:MOST] for kinds in (TOPS, BOTTOMS, DRESSES, COATS)
    )
    if not _needs_coat(wardrobe, day):
        barred |= dict.fromkeys((coat.garment_id for coat in coats), "no-coats")
        coats = []
    bare = [*product(tops, bottoms), *((dress,) for dress in dresses)]
    combinations = [*((coat, *inner) for coat in coats for inner in bare), *bare]
    shown = [outfit for outfit in wardrobe.outfits if occasion in occasions(outfit)] if occasion else []
    worn_then = Counter(garment for outfit in shown for garment in outfit.garments) if len(shown) >= FEW else Counter()
    found, together = [], {garment.garment_id: set(garment.days) for garment in here}
    refused: dict[str, set[Left]] = defaultdict(set)
    for combination in combinations:
        rule = harmony(combination)
        last = max(set.intersection(*(together[garment.garment_id] for garment in combination)), default=None)
        if rule is None or (last is not None and abs((day - last).days) <= LATELY):
            for garment in combination:
                refused[garment.garment_id].add("colours" if rule is None else "lately")
            continue
        score, reasons = _weigh(combination, rule, last, day, occasion, worn_then)
        found.append((score + (combination[0] in coats), Suggestion(combination, reasons)))
    found.sort(key=lambda one: (-one[0], [garment.garment_id for garment in one[1].garments]))
    chosen = _varied([suggestion for _, suggestion in found], count)
    for garment in chain.from_iterable(suggestion.garments for _, suggestion in found):
        refused[garment.garment_id].add("others")
    for garment in here:
        if barred[garment.garment_id] is None:
            # The last of them: what could be worn, but for its colours, and but for having been worn.
            why = refused[garment.garment_id] or {"alone" if len(here) <= MOST else "others"}
            barred[garment.garment_id] = max(why, key=get_args(Left).index)
    suggested = {garment.garment_id for suggestion in chosen for garment in suggestion.garments}
    left_out: dict[Left, tuple[Garment, ...]] = {
        why: out
        for why in get_args(Left)
        if (out := tuple(g for g in wardrobe.theirs if barred[g.garment_id] == why and g.garment_id not in suggested))
    }
    return Advice(tuple(chosen), len(shown) if occasion else None, len(here), left_out)


def _barred(garment: Garment, day: date) -> Left | None:
    """Why this garment does not come into question, whatever it would be worn with."""
    if garment.is_retired:
        return "retired"
    if not garment.days:
        return "undated"
    if garment.kind in THINGS:
        return "thing"
    is_half = garment.kind in DRESSES and all(worn.layer == "lower" for worn in garment.worn)
    if is_half or garment.kind not in (*TOPS, *BOTTOMS, *DRESSES, *COATS):
        return "unclear"
    return None if _seen_near(garment, day) else "season"


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
    main = _main(combination)
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
        main = _main(suggestion.garments).garment_id
        if len(chosen) < count and main not in used:
            chosen.append(suggestion)
            used.add(main)
    return chosen


def _main(combination: Sequence[Garment]) -> Garment:
    """The top or the dress: what a combination is seen by."""
    return next(garment for garment in combination if garment.kind not in COATS)
