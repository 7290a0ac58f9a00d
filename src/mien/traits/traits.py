"""The values this room gives out: what can be said of a figure, each with a confidence."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args

UNKNOWN: Final = "unknown"

Place = Literal["upper", "lower", "dress"]
Garment = Literal["upper-clothes", "coat", "dress", "skirt", "pants", "shorts", "unknown"]

VALUES: dict[str, tuple[str, ...]] = {
    "hat": ("yes", "no", UNKNOWN),
    "glasses": ("yes", "no", UNKNOWN),  # of any kind: sunglasses and clear ones
    "scarf": ("yes", "no", UNKNOWN),
    "bag": ("yes", UNKNOWN),  # that someone carries none cannot be seen
    "shoes": ("yes", "no", UNKNOWN),  # "no" is barefoot
    "hair": ("black", "brown", "blond", "red", "grey", "white", UNKNOWN),
    "style": ("feminine", "masculine", UNKNOWN),  # a guess at an appearance, not at who someone is
    "age_group": ("child", "adult", UNKNOWN),
}
"""The closed list of each guess."""


@dataclass(frozen=True)
class Colour:
    """One colour of a region: its name in the lexicon, CIELAB (D65) and its share of the region, 0–1."""

    name: str
    lab: tuple[float, float, float]
    share: float


@dataclass(frozen=True)
class Clothing:
    """One garment: what it is, up to three colours (largest share first), and how sure that is (0–1)."""

    garment: Garment
    colours: tuple[Colour, ...]
    confidence: float


@dataclass(frozen=True)
class Guess:
    """One value of a closed list (`VALUES`), or "unknown", with its confidence, 0–1."""

    value: str
    confidence: float


@dataclass(frozen=True)
class Traits:
    """What can be said of one figure. What is not seen is absent, not invented.

    A guess is absent where its place is not seen (no feet in the picture: no "shoes"), and "unknown" where the
    place is seen but nothing sure can be said. A garment may be "unknown" while its place and colours are given.

    Attributes:
        clothing: by place: "upper", "lower", "dress".
        guesses: by name: the keys of `VALUES`.
        height_ratio: height of the figure's box over the photo's height.
        aspect_ratio: width of the figure's box over its height, in px.
    """

    height_ratio: float
    aspect_ratio: float
    clothing: dict[Place, Clothing] = field(default_factory=dict)
    guesses: dict[str, Guess] = field(default_factory=dict)


def to_json(traits: Traits) -> dict[str, Any]:
    """The contract of `mien figures --json`; `from_json` reads it back."""
    clothing: dict[str, Any] = {
        place: {
            "garment": worn.garment,
            "colours": [{"name": c.name, "lab": list(c.lab), "share": c.share} for c in worn.colours],
            "confidence": worn.confidence,
        }
        for place, worn in traits.clothing.items()
    }
    guesses = {name: {"value": g.value, "confidence": g.confidence} for name, g in traits.guesses.items()}
    return {
        **clothing,
        **guesses,
        "height_ratio": traits.height_ratio,
        "aspect_ratio": traits.aspect_ratio,
    }


def from_json(record: dict[str, Any]) -> Traits:
    """The traits that `to_json` wrote. Raises `KeyError` where something is missing."""
    clothing: dict[Place, Clothing] = {}
    for place in get_args(Place):
        if worn := record.get(place):
            colours = tuple(Colour(c["name"], _lab(c["lab"]), c["share"]) for c in worn["colours"])
            clothing[place] = Clothing(worn["garment"], colours, worn["confidence"])
    return Traits(
        height_ratio=record["height_ratio"],
        aspect_ratio=record["aspect_ratio"],
        clothing=clothing,
        guesses={name: Guess(**record[name]) for name in VALUES if name in record},
    )


def _lab(values: list[float]) -> tuple[float, float, float]:
    return cast("tuple[float, float, float]", tuple(values))
