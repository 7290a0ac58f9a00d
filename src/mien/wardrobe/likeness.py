"""How unlike two garments look, as far as they are seen: colours, kind, cut, pattern and texture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mien.traits.appearance import ANCHORS as SHADES
from mien.traits.cielab import ciede2000
from mien.traits.traits import CUTS, Colour

Reals = NDArray[np.float64]
Indices = NDArray[np.intp]


class Look(Protocol):
    """What is compared: a glimpse, or all of a moment."""

    @property
    def chances(self) -> Mapping[str, float]: ...
    @property
    def colours(self) -> tuple[Colour, ...]: ...
    @property
    def cuts(self) -> Mapping[str, Mapping[str, float]]: ...
    @property
    def shades(self) -> tuple[float, ...]: ...
    @property
    def texture(self) -> tuple[float, ...]: ...


KINDS = ("upper-clothes", "coat", "dress", "skirt", "pants", "jeans", "shorts", "hat", "scarf")

CONFUSED = {
    ("upper-clothes", "coat"): 0.5, ("upper-clothes", "dress"): 0.3, ("coat", "dress"): 0.15,
    ("skirt", "dress"): 0.3, ("pants", "jeans"): 0.7, ("pants", "shorts"): 0.2, ("skirt", "shorts"): 0.3,
    ("jeans", "shorts"): 0.1,
}  # fmt: skip
"""How well one kind may be another seen from elsewhere: an open shirt, a long top, dark denim."""

UNSEEN = 0.3
"""Hellinger distance where shades are not known: between that of one garment's and of two garments'."""

TEXTURE_SCALE = np.array([1.0, 0.3, 1.0, 1.0])
"""Differences of `traits.appearance`'s textures that are as great as they get."""

FOLDS = 2.0
"""k_L of CIEDE2000: light and folds change lightness more than a garment's colour (see `cielab`)."""

FEATURES = ("colour", "shades", "kind", "pattern", "hem", "texture", "dark")
WEIGHTS = np.array([6.7, 16.3, 6.7, 1.3, 1.5, 8.0, 4.0])
"""What a unit of each feature adds to the distance: a logistic regression on pairs of garments of 130 street photos,
each also cropped and in other light (Clothing Co-Parsing); see docs/wardrobe.md."""

DARK = (13.0, 38.0)
"""Lightness (CIELAB) of cloth that is as dark as black, and from which on it is not dark at all."""

ANCHORS = len(SHADES)
_MISSING = Colour("", (0.0, 0.0, 0.0), 0.0)


@dataclass(frozen=True, eq=False)
class Looks:
    """n looks as arrays: colours in CIELAB (n, 3, 3) with shares (n, 3) that sum to 1, chances of `KINDS` (n, 9), each
    cut's chances (n, values), shades (n, 29) and textures (n, 4). All 0, or NaN in textures, where it is not seen."""

    lab: Reals
    shares: Reals
    kinds: Reals
    cuts: Mapping[str, Reals]
    shades: Reals
    texture: Reals

    @classmethod
    def of(cls, looks: Sequence[Look]) -> "Looks":
        padded = [(*look.colours[:3], *[_MISSING] * (3 - len(look.colours[:3]))) for look in looks]
        shares = np.array([[c.share for c in colours] for colours in padded]).reshape(-1, 3)
        kinds = np.array([[look.chances.get(kind, 0.0) for kind in KINDS] for look in looks]).reshape(-1, len(KINDS))
        return cls(
            np.array([[c.lab for c in colours] for colours in padded], np.float64).reshape(-1, 3, 3),
            shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9),
            kinds / np.maximum(kinds.sum(axis=1, keepdims=True), 1e-9),
            {cut: _chances(cut, looks) for cut in CUTS},
            np.array([look.shades or (0.0,) * ANCHORS for look in looks], np.float64).reshape(-1, ANCHORS),
            np.array([look.texture or (np.nan,) * 4 for look in looks], np.float64).reshape(-1, 4),
        )

    def __len__(self) -> int:
        return len(self.shares)


def distances(looks: Looks, one: Indices, other: Indices) -> Reals:
    """How unlike looks one[i] and other[i] are: (m,), from 0 on."""
    return np.asarray(features(looks, one, other) @ WEIGHTS)


def features(looks: Looks, one: Indices, other: Indices) -> Reals:
    """What tells looks one[i] and other[i] apart, (m, `FEATURES`); 0 for what either does not show.

    Colours: ΔE₀₀ of each colour to the nearest one of the other look, by shares, in tens, as in daylight. Shades: the
    Hellinger distance of all px's colours as the camera saw them; `UNSEEN` where they are not known, as an inner
    garment's. Kind and cuts: the chance that they differ. Texture: mean difference, 0–1. Dark: 1 for two that are
    black, which most that look alike are without being one.
    """
    lab, shares = looks.lab, looks.shares
    apart = ciede2000(lab[one][:, :, None], lab[other][:, None], lightness_factor=FOLDS)
    there, here = shares[one] > 0, shares[other] > 0
    to_other = np.where(here[:, None, :], apart, np.inf).min(axis=2)
    to_one = np.where(there[:, :, None], apart, np.inf).min(axis=1)
    colour = (np.where(there, to_other * shares[one], 0).sum(1) + np.where(here, to_one * shares[other], 0).sum(1)) / 2
    kind = 1 - np.einsum("ij,jk,ik->i", looks.kinds[one], _KIN, looks.kinds[other])
    cuts = [_differs(looks.cuts[cut], one, other) for cut in ("pattern", "hem")]
    alike = (looks.shades[one] * looks.shades[other]).sum(axis=1)
    known = looks.shades[one].any(axis=1) & looks.shades[other].any(axis=1)
    shades = np.where(known, np.sqrt(np.clip(1 - alike, 0, 1)), UNSEEN)
    rough = np.minimum(np.abs(looks.texture[one] - looks.texture[other]) / TEXTURE_SCALE, 1).mean(axis=1)
    dark = np.clip((DARK[1] - (lab[..., 0] * shares).sum(axis=1)) / (DARK[1] - DARK[0]), 0, 1)
    found = [colour / 10, shades, kind, *cuts, np.nan_to_num(rough), dark[one] * dark[other]]
    return np.stack(found, axis=1)


def _differs(chances: Reals, one: Indices, other: Indices) -> Reals:
    """The chance that two differ; 0 where either is not seen."""
    same = (chances[one] * chances[other]).sum(axis=1)
    seen = (chances[one].sum(axis=1) > 0) & (chances[other].sum(axis=1) > 0)
    return np.where(seen, 1 - same, 0.0)


def _chances(cut: str, looks: Sequence[Look]) -> Reals:
    values = CUTS[cut][:-1]
    found = np.array([[look.cuts.get(cut, {}).get(value, 0.0) for value in values] for look in looks])
    found = found.reshape(-1, len(values))
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-9))


def _kin() -> Reals:
    kin = np.eye(len(KINDS))
    for (one, other), chance in CONFUSED.items():
        i, j = KINDS.index(one), KINDS.index(other)
        kin[i, j] = kin[j, i] = chance
    return kin


_KIN = _kin()
