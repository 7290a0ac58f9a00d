"""The values this room gives out: what can be said of a figure, each with a confidence."""

from dataclasses import dataclass, field
from typing import Literal

UNKNOWN = "unknown"

Garment = Literal["upper-clothes", "coat", "dress", "skirt", "pants", "shorts", "unknown"]


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
    """One value of a closed list, or "unknown", with its confidence, 0–1."""

    value: str
    confidence: float


@dataclass(frozen=True)
class Traits:
    """What can be said of one figure. What is not seen is absent, not invented.

    Attributes:
        clothing: by place: "upper", "lower", "dress".
        guesses: by name: "hat", "glasses", "scarf", "bag" ("yes"/"no"/"unknown"), "shoes", "hair", "style", "age_group".
        height_ratio: height of the figure's box over the photo's height.
        aspect_ratio: width of the figure's box over its height, in px.
    """

    height_ratio: float
    aspect_ratio: float
    clothing: dict[Literal["upper", "lower", "dress"], Clothing] = field(default_factory=dict)
    guesses: dict[str, Guess] = field(default_factory=dict)
