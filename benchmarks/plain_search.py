"""Search as one would write it first: plain Python that looks at every figure's JSON. The engine must agree with it."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mien.search import cells
from mien.search.columns import FigureSeen, PhotoSeen, date_of
from mien.search.conditions import (
    BLUE_DENIM,
    DENIM,
    DOUBTED,
    FAR,
    FAR_CHANCE,
    LARGE,
    NAVY,
    SPECK,
    UNLIKELY,
    UNSEEN,
    UNSEEN_DETAIL,
    UNTOLD,
    shown_by,
)
from mien.search.query import Condition, Either, Looks, Named, Query, Wears, When, names_in
from mien.search.standing import BETWEEN, FAR_BEHIND, NEAR, OUTERMOST, OVERLAP

PLACES = {
    "upper": ("upper", "inner", "dress"),
    "inner": ("upper", "inner", "dress"),
    "lower": ("lower", "dress"),
    "dress": ("upper", "lower", "dress"),
}
BARE = {"legs": ("legs", "bare"), "arms": ("arms", "bare"), "feet": ("shoes", "no")}


@dataclass(frozen=True)
class Plain:
    """The library as a list of photos with their figures; `memberships` by cell and name, 0–1."""

    photos: Sequence[tuple[PhotoSeen, Sequence[FigureSeen]]]
    memberships: Any
    people: Mapping[str, Sequence[int]]
    hidden: Sequence[int] = ()

    def search(self, query: Query) -> dict[str, float]:
        """The photos that answer, with how likely that is."""
        found = {photo.photo_id: self.chance(query, photo, figures) for photo, figures in self.photos}
        return {photo_id: chance for photo_id, chance in found.items() if chance >= UNLIKELY}

    def chance(self, query: Query, photo: PhotoSeen, figures: Sequence[FigureSeen]) -> float:
        everybody = [figure for figure in figures if figure.person.is_somebody]
        if not all(within(when, photo) for when in query.when):
            return 0.0
        if not (query.least or 0) <= len(everybody) <= (math.inf if query.most is None else query.most):
            return 0.0
        slots = [i for i, sought in enumerate(query.who) for _ in range(sought.least)]
        chance = {
            (i, k): self.fits(sought.conditions, figure) * foreground(sought.conditions, figure, figures)
            for i, sought in enumerate(query.who)
            for k, figure in enumerate(everybody)
        }
        showable = [k for k, figure in enumerate(everybody) if figure.person.key not in self.hidden]
        best, chosen = -1.0, ()
        for way in itertools.permutations(showable, len(slots)):
            likely = math.prod(chance[i, k] for i, k in zip(slots, way, strict=True))
            if likely > best and likely >= UNLIKELY and self.stand(query, slots, way, everybody, photo):
                best, chosen = likely, way
        if best < 0:
            return 0.0
        for i, sought in enumerate(query.who):
            if sought.most is not None:
                others = sorted((chance[i, k] for k in range(len(everybody))), reverse=True)[sought.most :]
                best *= 1 - max(others, default=0)
        if query.nobody_else:
            spare = [i for i, sought in enumerate(query.who) if sought.most is None or sought.most > sought.least]
            left = [k for k in range(len(everybody)) if k not in chosen]
            best *= min((max((chance[i, k] for i in spare), default=0) for k in left), default=1)
        return best

    def stand(
        self, query: Query, slots: Sequence[int], way: Sequence[int], figures: Sequence[FigureSeen], photo: PhotoSeen
    ) -> bool:
        for relation in query.relations:
            ones, others = (
                [k for i, k in zip(slots, way, strict=True) if i == which] for which in (relation.one, relation.other)
            )
            if (
                ones
                and others
                and not all(
                    outermost(relation.kind, a, figures)
                    if relation.kind in OUTERMOST
                    else any(a != b and stands(relation.kind, figures[a], figures[b], figures, photo) for b in others)
                    for a in ones
                )
            ):
                return False
        return True

    def fits(self, conditions: Sequence[Condition], figure: FigureSeen) -> float:
        each = [self.meets(condition, figure) for condition in conditions]
        return math.prod(each) ** 0.75 * min(each) ** 0.25 if len(each) > 1 else math.prod(each)

    def meets(self, condition: Condition, figure: FigureSeen) -> float:
        if isinstance(condition, Either):
            return max(self.fits(option, figure) for option in condition.options)
        if isinstance(condition, Named):
            keys = {key for name in condition.names for key in self.people.get(name, ())}
            if figure.person.key == 0:
                return 0.0 if condition.is_so else 1 - UNSEEN
            chance = round(figure.person.confidence * 100) / 100 if figure.person.key in keys else 0.0
            return chance if condition.is_so else 1 - chance
        if isinstance(condition, Looks):
            guesses = (
                [BARE[value] for value in condition.values]
                if condition.aspect == "bare"
                else [(condition.aspect, value) for value in condition.values]
            )
            there = [figure.traits[guess]["chances"] for guess, _ in guesses if guess in figure.traits]
            if not any(there):
                return UNSEEN
            chances = [figure.traits.get(guess, {}).get("chances", {}).get(value, 0) for guess, value in guesses]
            chance = max(chances) if condition.aspect == "bare" else min(1, sum(chances))
            if condition.is_so and max(there[0].values()) < UNTOLD.get(condition.aspect, 0):
                chance *= DOUBTED
            return chance if condition.is_so else 1 - chance
        return self.wears(condition, figure.traits)

    def wears(self, condition: Wears, traits: Mapping[str, Any]) -> float:
        best, seen = 0.0, False
        for place, garments in shown_by(condition.things).items():
            record = traits.get(place, {})
            chances = record.get("chances", {})
            chance = min(1, sum(chances.get(garment, 0) for garment in garments or ("yes",)))
            seen |= bool(chances) if not garments else any("colours" in traits.get(p, {}) for p in PLACES[place])
            colours = record.get("colours", ())
            if garments == {"jeans"}:
                chance = self.jeans(chance, chances.get("pants", 0), colours)
            if (condition.colours or condition.pattern or condition.sleeves or condition.hem) and chance < UNLIKELY:
                chance = 0.0 if condition.is_so else chance
            if condition.colours:
                of_denim = condition.things == {"jeans"}
                chance *= max(self.coloured(sorted(names), colours, of_denim) for names in condition.colours)
            for cut in ("pattern", "sleeves", "hem"):
                if value := getattr(condition, cut):
                    guess = record.get(cut, {}).get("chances", {}) if garments else {}
                    chance *= guess.get(value, 0) if guess else UNSEEN_DETAIL
            best = max(best, chance)
        if not seen:
            return UNSEEN
        return best if condition.is_so else 1 - best

    def coloured(self, names: Sequence[str], colours: Sequence[Mapping[str, Any]], of_denim: bool) -> float:
        shares, each = self.seen(colours)
        if not any(shares):
            return UNSEEN_DETAIL
        called = [
            [self.blue_denim(row) if of_denim and name == "blue" else row[at(name)] for row in each] for name in names
        ]
        likely = [best if (best := max(ways)) >= UNLIKELY else 0.0 for ways in zip(*called, strict=True)]
        whole = sum(shares)
        chance = 0.0
        for least in likely:
            covered = sum(share for share, one in zip(shares, likely, strict=True) if one >= least) / whole
            chance = max(chance, least * min(1, max(0, (covered - SPECK) / (LARGE - SPECK))))
        if len(names) > 1:
            least = min(sum(s * one for s, one in zip(shares, ones, strict=True)) / whole for ones in called)
            chance *= min(1, least * 2 * len(names))
        return float(chance)

    def jeans(self, jeans: float, pants: float, colours: Sequence[Mapping[str, Any]]) -> float:
        if jeans + pants < UNLIKELY or not jeans:
            return jeans
        shares, each = self.seen(colours)
        lean = 0.0
        for share, row, colour in zip(shares, each, colours, strict=True):
            lightness = cells.centres(cells.quantised(colour["lab"]))[0]
            is_blue = self.blue_denim(row) / (1 + math.exp((NAVY - lightness) / 2))
            lean += share * (is_blue * math.log(DENIM["blue"]) + row[at("black")] * math.log(DENIM["black"]))
        odds = jeans / max(pants, 0.005) * math.exp(lean / max(1, sum(shares)))
        return (jeans + pants) * odds / (1 + odds)

    def blue_denim(self, row: Any) -> float:
        blue = BLUE_DENIM * row[at("blue")]
        return float(round(100 * blue / (blue + 1 - row[at("blue")])) / 100)

    def seen(self, colours: Sequence[Mapping[str, Any]]) -> tuple[list[int], list[Any]]:
        shares = [round(colour["share"] * 100) for colour in colours]
        return shares, [self.memberships[int(cells.quantised(colour["lab"]))] for colour in colours]


def at(name: str) -> int:
    return cells.names().index(name)


def foreground(conditions: Sequence[Condition], figure: FigureSeen, figures: Sequence[FigureSeen]) -> float:
    if not conditions or any(names_in(conditions)):
        return 1.0
    heights = [box[3] - box[1] for box in map(exact, figures)]
    ratio = (exact(figure)[3] - exact(figure)[1]) / max(1, *heights)
    child = figure.traits.get("age_group", {}).get("chances", {}).get("child", 0.0)
    return float(max(child, FAR_CHANCE, min(1, FAR_CHANCE + (1 - FAR_CHANCE) * (2 * ratio / FAR - 1))))


def within(when: When, photo: PhotoSeen) -> bool:
    if photo.day is None:
        return False
    day = date_of(photo.day)
    if when.days and not any((since or day) <= day <= (until or day) for since, until in when.days):
        return False
    if when.months and day.month not in when.months:
        return False
    if when.weekdays and day.weekday() not in when.weekdays:
        return False
    if when.hours is None:
        return True
    first, last = when.hours
    if photo.hour is None:
        return False
    return first <= photo.hour <= last if first <= last else photo.hour >= first or photo.hour <= last


def stands(kind: str, one: FigureSeen, other: FigureSeen, figures: Sequence[FigureSeen], photo: PhotoSeen) -> bool:
    a, b = exact(one), exact(other)
    if kind == "left of":
        return a[0] + a[2] < b[0] + b[2]
    (shorter, behind), (taller, _) = sorted(((a[3] - a[1], one), (b[3] - b[1], other)), key=lambda each: each[0])
    child = behind.traits.get("age_group", {}).get("chances", {}).get("child", 0) >= 0.5
    if taller > FAR_BEHIND * shorter and not child:
        return False
    gap = (max(a[0], b[0]) - min(a[2], b[2])) * photo.shape
    if gap > NEAR * shorter or min(a[3], b[3]) - max(a[1], b[1]) < OVERLAP * shorter or shorter <= 0:
        return False
    middles = sorted([a[0] + a[2], b[0] + b[2]])
    return not any(
        middles[0] < c[0] + c[2] < middles[1] and c[3] - c[1] >= BETWEEN * shorter for c in map(exact, figures)
    )


def outermost(kind: str, at: int, figures: Sequence[FigureSeen]) -> bool:
    one = exact(figures[at])
    others = [exact(figure) for k, figure in enumerate(figures) if k != at]
    others = [box for box in others if box[3] - box[1] >= BETWEEN * (one[3] - one[1])]
    beyond = [OUTERMOST[kind] * (box[0] + box[2]) < OUTERMOST[kind] * (one[0] + one[2]) for box in others]
    return bool(others) and not any(beyond)


def exact(figure: FigureSeen) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = (round(min(max(number, 0), 1) * 65535) for number in figure.box)
    return x0, y0, x1, y1
