"""Which garments a figure wears on the upper body, the lower body, or both, and how likely each is."""

from collections.abc import Mapping
from dataclasses import dataclass

from mien.traits.chances import chances
from mien.traits.regions import FigureView, ids
from mien.traits.traits import UNKNOWN, Garment, Place

UPPER = ids("upper-clothes")
COAT = ids("coat")
DRESS = ids("dress")
PANTS = ids("pants")
SKIRT = ids("skirt")

LEAST_SHARE = 0.02
"""Of the figure's px. What covers less is a collar, a hem or a stray label, not a garment to speak of."""

LEAST_PX = 60
"""At the parse's resolution; the colours of fewer px are mostly rim."""

DRESS_AGAINST_UPPER = 0.8
"""A dress must cover this much of what upper clothes cover, else its px are upper clothes read as a dress."""

TOP_OVER_SKIRT = 0.25
"""Upper clothes cover a quarter as much as the skirt below them, else they are a dress's collar or a coat's lining."""

WAIST, HIPS = 0.6, 1.15
"""Levels (see `measures`) below which a skirt begins, and above which a top ends."""

TOP_OVER_TROUSERS = 0.3
"""What is left of a dress's chance if it ends at the hips, above trousers."""

TOLD = 0.5
"""Chance from which a garment is named; its place and colours are told anyway."""


@dataclass(frozen=True)
class Worn:
    """One garment: where, how likely it is what, and the parts whose px show it.

    Chances lack to 1 what it is likely that nobody wears it: a garment laid out, or a drawing.
    """

    place: Place
    parts: tuple[int, ...]
    chances: dict[Garment, float]

    @property
    def garment(self) -> Garment:
        """The likeliest, or "unknown"."""
        best = max(self.chances, key=lambda garment: self.chances[garment])
        return best if self.chances[best] >= TOLD else UNKNOWN

    @property
    def confidence(self) -> float:
        """The chance of the likeliest, 0–1."""
        return max(self.chances.values())


def worn(view: FigureView, measured: Mapping[str, float]) -> tuple[Worn, ...]:
    """The garments of a figure, outer ones first; () if none is seen. `measured`: its `measures`."""
    upper, coat, dress = (view.area(parts) if _counts(view, parts) else 0 for parts in (UPPER, COAT, DRESS))
    if not upper + coat + dress + view.area(PANTS + SKIRT):
        return ()
    coated, dressed = chances("coat", measured)["yes"], chances("dress", measured)["yes"]
    below_top = _is_skirt(view, upper, measured)
    is_top = _is_top(view, measured)
    is_whole = dress > 0 and dress >= DRESS_AGAINST_UPPER * upper and not below_top and not is_top
    dressed *= TOP_OVER_TROUSERS if is_top else 1.0
    top: dict[Garment, float] = {"upper-clothes": 1 - dressed, "dress": dressed}
    on_top = _mixed({"coat": 1.0}, top, coated)
    found: list[Worn] = []
    if coat and (is_whole or coat > upper or coated >= TOLD):
        found.append(Worn("upper", COAT, on_top))
        if upper and not is_whole:
            found.append(Worn("inner", UPPER, top))
    elif (upper or coat or dress) and not is_whole:
        over = DRESS if dress > upper and not below_top else UPPER + COAT
        found.append(Worn("upper", over, on_top))
    if is_whole:
        found.append(Worn("dress", DRESS, top))
    if lower := _lower(view, measured, dress_is_lower=dress > 0 and below_top):
        found.append(lower)
    somebody = chances("somebody", measured)["yes"]
    return tuple(Worn(g.place, g.parts, {kind: p * somebody for kind, p in g.chances.items()}) for g in found)


def _lower(view: FigureView, measured: Mapping[str, float], *, dress_is_lower: bool) -> Worn | None:
    pants, skirt = (view.area(parts) if _counts(view, parts) else 0 for parts in (PANTS, SKIRT))
    if not pants and not skirt:
        if not dress_is_lower:
            return None
        dressed = chances("dress", measured)["yes"]
        return Worn("lower", DRESS, {"dress": dressed, "skirt": 1 - dressed})
    kinds: dict[Garment, float] = {}
    for name, chance in chances("lower", measured).items():
        for garment, share in _of_cloth(name, measured).items():
            kinds[garment] = chance * share
    return Worn("lower", SKIRT if skirt > pants else PANTS, kinds)


def _of_cloth(name: str, measured: Mapping[str, float]) -> dict[Garment, float]:
    """Trousers may be jeans."""
    if name != "pants":
        return {name: 1.0}  # type: ignore[dict-item]
    denim = chances("jeans", measured)["yes"]
    return {"pants": 1 - denim, "jeans": denim}


def _mixed(one: dict[Garment, float], other: dict[Garment, float], chance: float) -> dict[Garment, float]:
    """Chances if `one` is so with this chance, else `other`."""
    return {
        **{garment: p * chance for garment, p in one.items()},
        **{garment: p * (1 - chance) for garment, p in other.items()},
    }


def _counts(view: FigureView, parts: tuple[int, ...]) -> bool:
    return view.area(parts) >= LEAST_PX and view.share(parts) >= LEAST_SHARE


def _is_top(view: FigureView, measured: Mapping[str, float]) -> bool:
    """Whether what is labelled a dress ends at the hips: a shirt or a jumper."""
    ends = measured["dress bottom levelled"] > 0 and measured["dress bottom level"] < HIPS
    return ends and _counts(view, PANTS + SKIRT)


def _is_skirt(view: FigureView, upper: int, measured: Mapping[str, float]) -> bool:
    """Whether what is labelled a dress begins below the waist, under upper clothes: a skirt, or the rest of a dress."""
    begins = measured["dress top levelled"] > 0 and measured["dress top level"] > WAIST
    return begins and upper >= TOP_OVER_SKIRT * view.area(DRESS)
