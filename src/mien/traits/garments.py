"""Which garment is worn on the upper body, the lower body, or both (a dress): from parts alone."""

from dataclasses import dataclass

import numpy as np

from mien.traits.regions import LEGS, FigureView, ids
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

FULL_SHARE = 0.08
"""A garment that covers 8 % of the figure is judged without a discount for its size."""

DRESS_AGAINST_UPPER = 0.8
"""A dress must cover this much of what upper clothes cover, else its px are upper clothes read as a dress."""

TOP_OVER_SKIRT = 0.25
"""Upper clothes cover a quarter as much as the skirt below them, else they are a dress's collar or a coat's lining."""

TWO_NAMES = 0.6
"""When two names share one place and neither has 60 % of it, the parse is torn and the garment is "unknown"."""

LEAST_CONFIDENCE = 0.35
"""Below this the garment's kind is not told; its place and colours still are."""

SHORT_LEGS = 0.3
"""Shorts, if no pose is known: leg skin covers at least 30 % as much as the pants do."""


@dataclass(frozen=True)
class Worn:
    """One garment: where, what, how sure, and the parts whose px show it."""

    place: Place
    garment: Garment
    parts: tuple[int, ...]
    confidence: float


def worn(view: FigureView) -> tuple[Worn, ...]:
    """The garments of a figure; () if none is seen."""
    upper, coat, dress = (view.area(parts) if _counts(view, parts) else 0 for parts in (UPPER, COAT, DRESS))
    garments: list[Worn] = []
    below_top = _is_skirt(view, upper)
    whole = None
    if dress and dress >= DRESS_AGAINST_UPPER * upper and not below_top and not _is_top(view):
        whole = _garment(view, "dress", "dress", DRESS, rivals=UPPER)
    if whole and whole.garment == "dress":
        garments.append(whole)
        if coat:
            garments.append(_garment(view, "upper", "coat", COAT))
    elif upper or coat or dress:
        garments.append(_upper(view, upper, coat, 0 if below_top else dress))
    lower = _lower(view, dress_is_lower=dress > 0 and below_top)
    return (*garments, lower) if lower else tuple(garments)


def _upper(view: FigureView, upper: int, coat: int, dress: int) -> Worn:
    """The outer of coat and upper clothes is what is seen most of; a doubtful dress is something on the upper body."""
    if coat > upper:
        return _garment(view, "upper", "coat", COAT, rivals=UPPER)
    if dress > upper:
        return _garment(view, "upper", UNKNOWN, DRESS)
    return _garment(view, "upper", "upper-clothes", UPPER, rivals=COAT)


def _lower(view: FigureView, *, dress_is_lower: bool) -> Worn | None:
    pants, skirt = (view.area(parts) if _counts(view, parts) else 0 for parts in (PANTS, SKIRT))
    if dress_is_lower and not pants and not skirt:
        return _garment(view, "lower", UNKNOWN, DRESS)
    if not pants and not skirt:
        return None
    if skirt > pants:
        return _garment(view, "lower", "skirt", SKIRT, rivals=PANTS)
    return _garment(view, "lower", "shorts" if _are_shorts(view) else "pants", PANTS, rivals=SKIRT)


def _garment(
    view: FigureView, place: Place, garment: Garment, parts: tuple[int, ...], rivals: tuple[int, ...] = ()
) -> Worn:
    """With its confidence: the parts' own, less for a small region, an uncertain figure and a rival name."""
    area, rival = view.area(parts), view.area(rivals)
    purity = area / (area + rival)
    size = min(1.0, view.share(parts) / FULL_SHARE)
    confidence = view.confidence(parts) * (1 - view.uncertain / 2) * size**0.5
    if purity < TWO_NAMES:
        return Worn(place, UNKNOWN, parts + rivals, confidence)
    confidence *= purity
    return Worn(place, garment if confidence >= LEAST_CONFIDENCE else UNKNOWN, parts, confidence)


def _counts(view: FigureView, parts: tuple[int, ...]) -> bool:
    return view.area(parts) >= LEAST_PX and view.share(parts) >= LEAST_SHARE


def _level(view: FigureView, y: float) -> float | None:
    """A height on the trunk: 0 at the shoulders, 1 at the hips; None where no upright trunk is seen."""
    shoulders, hips = view.joint(11, 12), view.joint(23, 24)
    if shoulders is None or hips is None:
        return None
    across, down = hips - shoulders
    if down < 8 or abs(across) > down:
        return None
    return float((y - shoulders[1]) / down)


def _is_top(view: FigureView) -> bool:
    """Whether what is labelled a dress ends at the hips: a shirt or a jumper."""
    rows = view.rows(DRESS)
    bottom = _level(view, rows[1]) if rows else None
    return bottom is not None and bottom < 1.15 and _counts(view, PANTS + SKIRT)


def _is_skirt(view: FigureView, upper: int) -> bool:
    """Whether what is labelled a dress begins below the waist, under upper clothes: a skirt, or the rest of a dress."""
    rows = view.rows(DRESS)
    top = _level(view, rows[0]) if rows else None
    return upper >= TOP_OVER_SKIRT * view.area(DRESS) and top is not None and top > 0.6


def _are_shorts(view: FigureView) -> bool:
    """Pants that leave the shins bare. Along the limbs where a pose is known, so that it holds for the seated too."""
    bare: list[float] = []
    for hip, knee, ankle in ((23, 25, 27), (24, 26, 28)):
        thigh, shin = view.along(hip, knee), view.along(knee, ankle)
        if thigh is not None and shin is not None and np.isin(thigh, PANTS).mean() >= 0.3:
            on_body = np.count_nonzero(shin)
            if on_body >= 4:
                bare.append(float(np.isin(shin, LEGS).sum() / on_body))
    if bare:
        return float(np.mean(bare)) >= 0.5
    rows, legs = view.rows(PANTS), view.rows(LEGS)
    if rows is None or legs is None or legs[1] < rows[1]:
        return False
    return view.area(LEGS) >= SHORT_LEGS * view.area(PANTS)
