"""Made-up figures that dress, stand and are photographed as people are, and questions about them."""

import random
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from mien.search.columns import FigureSeen, Person, PhotoSeen, day_number, person_key
from mien.search.query import Looks, Named, Query, Relation, Sought, Wears, When
from mien.traits.lexicon import entries
from mien.traits.traits import CUTS, VALUES

NAMES = ("Anna", "Ben", "王小明", "Chen", "Dora")
THINGS = ("top", "coat", "dress", "skirt", "trousers", "jeans", "shorts", "hat", "scarf", "bag", "shoes", "glasses")
COLOURS = ("black", "white", "grey", "blue", "red", "navy", "green", "beige", "pink", "yellow")
_UPPER = (("upper-clothes", 0.7), ("coat", 0.3))
_LOWER = (("pants", 0.45), ("jeans", 0.3), ("skirt", 0.12), ("shorts", 0.13))
_WORN = (("hat", 0.12), ("scarf", 0.05), ("shoes", 0.97), ("bag", 0.2), ("gloves", 0.02), ("socks", 0.2))
_COMMON = (0.25, 0.2, 0.12, 0.13, 0.06, 0.1, 0.04, 0.05, 0.03, 0.02)


def photos(n: int, chance: random.Random, people: int = 0) -> Iterator[tuple[PhotoSeen, list[FigureSeen]]]:
    """Photos until `n` figures are in them: mostly one to three people, seldom nobody or a crowd.

    Some are people of whom it is known who they are: the first of `NAMES`, or one of `people` others.
    """
    made = number = 0
    while made < n:
        crowd = chance.choices((0, 1, 2, 3, 4, 6, 12), (12, 40, 25, 10, 7, 5, 1))[0]
        crowd = min(crowd, n - made)
        yield photo(number, chance), [figure(k, crowd, chance, people) for k in range(crowd)]
        made, number = made + crowd, number + 1


def photo(number: int, chance: random.Random) -> PhotoSeen:
    day = day_number(date(2010, 1, 1)) + chance.randrange(16 * 365) if chance.random() < 0.95 else None
    hour = chance.randrange(7, 24) if day is not None and chance.random() < 0.9 else None
    where = (chance.uniform(-60, 70), chance.uniform(-180, 180)) if chance.random() < 0.6 else (None, None)
    return PhotoSeen(f"{number:064x}", chance.choice((4 / 3, 3 / 4, 3 / 2)), day, hour, *where)


def figure(k: int, of: int, chance: random.Random, people: int = 0) -> FigureSeen:
    width, height = min(0.3, 0.9 / of), chance.uniform(0.3, 0.8)
    x, y = (k + chance.uniform(-0.3, 0.3)) * 0.9 / of, chance.uniform(0, 1 - height)
    person, confidence = 0, 0.0
    if chance.random() < 0.6:
        at = min(int(chance.paretovariate(0.6)) - 1, len(NAMES) + people - 1)
        person = person_key(NAMES[at] if at < len(NAMES) else f"person {at}")
        confidence = 1.0 if chance.random() < 0.2 else round(chance.uniform(0.5, 1), 2)
    box = (max(x, 0), y, min(x + width, 1), y + height)
    return FigureSeen(k + 1, box, traits(chance), Person(person, confidence, chance.random() > 0.01))


def traits(chance: random.Random) -> dict[str, Any]:
    """As `to_json` writes them."""
    record: dict[str, Any] = {"height_ratio": 0.5, "aspect_ratio": 0.4}
    if chance.random() < 0.12:
        record["dress"] = _garment(chance, (("dress", 1.0),), ("sleeves", "hem"))
    else:
        if chance.random() < 0.97:
            record["upper"] = _garment(chance, _UPPER, ("sleeves",))
        if record.get("upper", {}).get("garment") == "coat" and chance.random() < 0.5:
            record["inner"] = _garment(chance, (("upper-clothes", 1.0),), ())
        if chance.random() < 0.7:
            record["lower"] = _garment(chance, _LOWER, ("hem",))
    for thing, likely in _WORN:
        if chance.random() < (0.5 if thing in ("shoes", "socks") else 0.9):
            record[thing] = _guess(chance, ("yes", "no"), "yes" if chance.random() < likely else "no")
            if record[thing]["value"] == "yes":
                record[thing]["colours"] = _colours(chance)
    for name, values in VALUES.items():
        if name not in record and chance.random() < 0.8:
            record[name] = _guess(chance, values[:-1], chance.choice(values[:-1]))
    return record


def _garment(chance: random.Random, garments: Sequence[tuple[str, float]], cuts: Sequence[str]) -> dict[str, Any]:
    names, weights = zip(*garments, strict=True)
    guess = _guess(chance, names, chance.choices(names, weights)[0])
    record = {"garment": guess["value"], "colours": _colours(chance), **guess}
    del record["value"]
    for cut in ("pattern", *cuts):
        if chance.random() < 0.8:
            values = CUTS[cut][:-1]
            record[cut] = _guess(chance, values, chance.choices(values, [6, *[1] * (len(values) - 1)])[0])
    return record


def _guess(chance: random.Random, values: Sequence[str], value: str) -> dict[str, Any]:
    sure = round(chance.betavariate(5, 1.2), 2) if len(values) > 1 else round(chance.uniform(0.5, 1), 2)
    others = [other for other in values if other != value]
    chances = {value: sure, **{other: round((1 - sure) / len(others), 2) for other in others}}
    return {"value": value, "confidence": sure, "chances": {v: c for v, c in chances.items() if c >= 0.01}}


def _colours(chance: random.Random) -> list[dict[str, Any]]:
    found, left = [], 1.0
    by_name = {entry.name: entry.lab for entry in entries("colour")}
    for _ in range(chance.choices((1, 2, 3), (5, 3, 1))[0]):
        name = chance.choices(COLOURS, _COMMON)[0]
        lab = [round(float(x) + chance.gauss(0, 3), 1) for x in chance.choice(by_name[name].tolist())]
        share = round(left * chance.uniform(0.4, 0.95), 3)
        found.append({"name": name, "lab": lab, "share": share})
        left -= share
        if left < 0.1:
            break
    return found


def question(chance: random.Random, most_sought: int = 2) -> Query:
    """One of all kinds: garments, colours, looks, names, several people, relations, counts, negation, times."""
    who = tuple(sought(chance) for _ in range(chance.choices((0, 1, 2, 3), (1, 6, 3, 1))[0]))[:most_sought]
    present = [i for i, one in enumerate(who) if one.least]
    relations = ()
    if len(present) > 1 and chance.random() < 0.6:
        one, other = chance.sample(present, 2)
        relations = (Relation(chance.choice(("beside", "left of")), one, other),)
    timed = chance.random() < (0.3 if who else 0.8)
    few = chance.random() < 0.1
    return Query(
        who=who,
        relations=relations,
        least=chance.choice((1, 2)) if few else None,
        most=chance.choice((2, 3)) if few else None,
        nobody_else=bool(present) and chance.random() < 0.08,
        when=(_when(chance),) if timed else (),
    )


def sought(chance: random.Random) -> Sought:
    conditions = [condition(chance) for _ in range(chance.choices((0, 1, 2, 3), (1, 6, 4, 1))[0])]
    least, most = chance.choices(((1, None), (2, None), (1, 1), (2, 2), (0, 0)), (12, 2, 1, 1, 2))[0]
    if not conditions:
        least, most = max(least, 1), None
    return Sought(tuple(conditions), least, most)


def condition(chance: random.Random) -> Wears | Looks | Named:
    kind = chance.random()
    is_so = chance.random() < 0.85
    if kind < 0.2:
        return Named(frozenset(chance.sample(NAMES, chance.choice((1, 1, 2)))), is_so)
    if kind < 0.4:
        aspect, values = chance.choice(
            (("style", ("feminine", "masculine")), ("age_group", ("child", "adult")), ("hair", ("black", "blond")),
             ("hair_length", ("long", "short")), ("bare", ("legs", "arms", "feet")))
        )  # fmt: skip
        return Looks(aspect, frozenset({chance.choice(values)}), is_so)  # type: ignore[arg-type]
    thing = chance.choice(THINGS)
    colours: tuple[frozenset[str], ...] = ()
    if chance.random() < 0.7:
        colours = (frozenset(chance.sample(COLOURS, chance.choices((1, 2), (5, 1))[0])),)
        if chance.random() < 0.1:
            colours += (frozenset({chance.choice(COLOURS)}),)
    upper, hemmed = thing in ("top", "coat", "dress"), thing in ("dress", "skirt")
    return Wears(
        frozenset({thing}) if chance.random() < 0.9 else frozenset({thing, "hat"}),
        colours,
        pattern=chance.choice(("plain", "striped")) if chance.random() < 0.15 else None,
        sleeves="short-sleeved" if upper and chance.random() < 0.1 else None,
        hem="long" if hemmed and chance.random() < 0.2 else None,
        is_so=is_so,
    )


def _when(chance: random.Random) -> When:
    year = chance.randrange(2010, 2026)
    kind = chance.randrange(4)
    return When(
        days=((date(year, 6, 1), date(year, 8, 31)),) if kind < 2 else (),
        months=frozenset({6, 7, 8}) if kind == 2 else frozenset(),
        weekdays=frozenset({5, 6}) if kind == 3 or chance.random() < 0.1 else frozenset(),
        hours=chance.choice(((18, 23), (22, 4))) if chance.random() < 0.15 else None,
    )
