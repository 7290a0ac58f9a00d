"""The values this room gives out: what can be said of a figure, each with a confidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args

UNKNOWN: Final = "unknown"

Place = Literal["upper", "inner", "lower", "dress"]
"""Where garments are worn; "inner" is what is seen of upper clothes under a coat."""

Thing = Literal["hat", "scarf", "shoes", "bag", "gloves", "socks"]
"""What else has colours: at a place of its own name."""

Garment = Literal["upper-clothes", "coat", "dress", "skirt", "pants", "jeans", "shorts", "unknown"]

VALUES: dict[str, tuple[str, ...]] = {
    "hat": ("yes", "no", UNKNOWN),
    "glasses": ("yes", "no", UNKNOWN),  # of any kind: sunglasses and clear ones
    "scarf": ("yes", "no", UNKNOWN),
    "bag": ("yes", "no", UNKNOWN),  # "no" is never said, as one may hang on the far side: it is but a chance
    "shoes": ("yes", "no", UNKNOWN),  # "no" is barefoot
    "gloves": ("yes", "no", UNKNOWN),
    "socks": ("yes", "no", UNKNOWN),
    "hair": ("black", "brown", "blond", "red", "grey", "white", UNKNOWN),
    "hair_length": ("long", "short", "none", UNKNOWN),  # long: below the chin
    "legs": ("bare", "covered", UNKNOWN),
    "arms": ("bare", "covered", UNKNOWN),
    "style": ("feminine", "masculine", UNKNOWN),  # a guess at an appearance, not at who someone is
    "age_group": ("child", "adult", UNKNOWN),
}
"""The closed list of each guess."""

CUTS: dict[str, tuple[str, ...]] = {
    "pattern": ("plain", "striped", "checked", "patterned", UNKNOWN),
    "sleeves": ("sleeveless", "short-sleeved", "long-sleeved", UNKNOWN),
    "hem": ("short", "long", UNKNOWN),  # short: above the knee
}
"""The closed list of each guess at a garment."""

LEAST_CHANCE = 0.01
"""Chances are given to this, and not given below it."""


@dataclass(frozen=True)
class Colour:
    """One colour of a region: its name in the lexicon, CIELAB (D65) and its share of the region, 0–1."""

    name: str
    lab: tuple[float, float, float]
    share: float


@dataclass(frozen=True)
class Guess:
    """One value of a closed list (`VALUES`, `CUTS`), or "unknown".

    Attributes:
        confidence: 0–1, the chance of the likeliest value.
        chances: how likely each value but "unknown" is; they sum to 1, but for rounding.
    """

    value: str
    confidence: float
    chances: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Clothing:
    """One garment, or thing that is worn.

    Attributes:
        garment: what it is; of a thing its name.
        colours: up to three, largest share first.
        confidence: 0–1, the chance of the likeliest garment.
        chances: how likely each garment is. What lacks to 1 is that nobody wears anything here.
        pattern, sleeves, hem: see `CUTS`; None where it is not seen, or the garment has none.
    """

    garment: Garment | Thing
    colours: tuple[Colour, ...]
    confidence: float
    chances: Mapping[str, float] = field(default_factory=dict)
    pattern: Guess | None = None
    sleeves: Guess | None = None
    hem: Guess | None = None


@dataclass(frozen=True)
class Traits:
    """What can be said of one figure. What is not seen is absent, not invented.

    A guess is absent where its place is not seen (no feet in the picture: no "shoes"), and "unknown" where the
    place is seen but nothing sure can be said. A garment may be "unknown" while its place and colours are given.

    Attributes:
        clothing: by place: `Place` and `Thing`.
        guesses: by name: the keys of `VALUES`.
        height_ratio: height of the figure's box over the photo's height.
        aspect_ratio: width of the figure's box over its height, in px.
    """

    height_ratio: float
    aspect_ratio: float
    clothing: dict[Place | Thing, Clothing] = field(default_factory=dict)
    guesses: dict[str, Guess] = field(default_factory=dict)


def rounded(chances: Mapping[Any, float]) -> dict[str, float]:
    """Chances as they are given out: likeliest first, to `LEAST_CHANCE`."""
    told = {value: round(float(chance), 2) for value, chance in sorted(chances.items(), key=lambda item: -item[1])}
    return {value: chance for value, chance in told.items() if chance >= LEAST_CHANCE}


def guess_of(chances: Mapping[str, float], least: float) -> Guess:
    """The likeliest value, if its chance is at least `least`. Raises `ValueError` if there is none."""
    value = max(chances, key=lambda value: chances[value])
    chance = float(chances[value])
    return Guess(value if chance >= least else UNKNOWN, round(chance, 2), rounded(chances))


def untold(guess: Guess) -> Guess:
    """The same chances, of which none is told."""
    return Guess(UNKNOWN, guess.confidence, guess.chances)


def to_json(traits: Traits) -> dict[str, Any]:
    """The contract of `mien figures --json`; `from_json` reads it back.

    A thing stands in one record with the guess of its name, which says whether it is worn.
    """
    record: dict[str, Any] = {}
    for place, worn in traits.clothing.items():
        if place in get_args(Thing):
            record[place] = {"colours": _colours(worn)}
            continue
        record[place] = {
            "garment": worn.garment,
            "colours": _colours(worn),
            "confidence": worn.confidence,
            "chances": dict(worn.chances),
        }
        for cut in CUTS:
            if guess := getattr(worn, cut):
                record[place][cut] = _guess(guess)
    for name, guess in traits.guesses.items():
        record[name] = {**_guess(guess), **record.get(name, {})}
    return {**record, "height_ratio": traits.height_ratio, "aspect_ratio": traits.aspect_ratio}


def from_json(record: Mapping[str, Any]) -> Traits:
    """The traits that `to_json` wrote. Raises `KeyError` where something is missing.

    Records of before there were chances are read too: what is left of a value's confidence is the others'.
    """
    guesses = {name: _read_guess(name, record[name]) for name in VALUES if name in record}
    clothing: dict[Place | Thing, Clothing] = {}
    for place in get_args(Place):
        if worn := record.get(place):
            clothing[place] = Clothing(
                garment=worn["garment"],
                colours=_read_colours(worn),
                confidence=worn["confidence"],
                chances=worn.get("chances", spread(worn["garment"], worn["confidence"], (worn["garment"],))),
                **{cut: _read_guess(cut, worn[cut]) for cut in CUTS if cut in worn},
            )
    for thing in get_args(Thing):
        if "colours" in record.get(thing, ()):
            clothing[thing] = worn_thing(thing, _read_colours(record[thing]), guesses[thing])
    return Traits(
        height_ratio=record["height_ratio"], aspect_ratio=record["aspect_ratio"], clothing=clothing, guesses=guesses
    )


def worn_thing(thing: Thing, colours: tuple[Colour, ...], guess: Guess) -> Clothing:
    """A thing that is worn, as likely as its guess says."""
    chance = guess.chances.get("yes", 0.0)
    return Clothing(thing, colours, chance, {thing: chance})


def _guess(guess: Guess) -> dict[str, Any]:
    return {"value": guess.value, "confidence": guess.confidence, "chances": dict(guess.chances)}


def _read_guess(name: str, record: Mapping[str, Any]) -> Guess:
    value, confidence = record["value"], record["confidence"]
    values = (VALUES.get(name) or CUTS[name])[:-1]
    return Guess(value, confidence, record.get("chances", spread(value, confidence, values)))


def spread(value: str, confidence: float, values: tuple[str, ...]) -> dict[str, float]:
    """Chances of `values` where only one value's is known; {} where none is."""
    if value == UNKNOWN:
        return {}
    others = [other for other in values if other != value]
    return {value: confidence, **{other: (1 - confidence) / len(others) for other in others}}


def _colours(worn: Clothing) -> list[dict[str, Any]]:
    return [{"name": c.name, "lab": list(c.lab), "share": c.share} for c in worn.colours]


def _read_colours(record: Mapping[str, Any]) -> tuple[Colour, ...]:
    return tuple(
        Colour(c["name"], cast("tuple[float, float, float]", tuple(c["lab"])), c["share"]) for c in record["colours"]
    )
