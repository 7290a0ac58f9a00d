"""What hair and clothes look like, as a vector: tells people apart within one moment, when nobody changes clothes."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.parsing.parse import Parse
from mien.photo.photo import Photo
from mien.traits.palette import Swatches, gather
from mien.traits.regions import SHOES, FigureView, figure_views, ids

# A dress is on both halves of the body, so that it compares with a top and a skirt of its colour; coat, top and
# dress are one region, as engines confuse their names.
REGIONS = {
    "top": ids("upper-clothes", "coat", "dress"),
    "bottom": ids("pants", "skirt", "dress"),
    "hair": ids("hair", "hat"),
    "shoes": (*SHOES, *ids("socks")),
}

WEIGHTS = np.array([1.0, 0.8, 0.4, 0.3])
"""How much each region says: large garments differ most between people, and are masked best."""

FULL_PX = np.array([1500.0, 1500.0, 600.0, 300.0])
"""Px from which a region counts fully; a few px of a sleeve say little."""

_LIGHTNESS = (8.0, 30.0, 52.0, 74.0, 96.0)
_TINTS = ((16.0, 4), (44.0, 8))  # (chroma, hues)


def _anchors() -> NDArray[np.float64]:
    """Points of CIELAB that share a region's px among them: greys, pale and vivid colours, three lightnesses."""
    points = [(lightness, 0.0, 0.0) for lightness in _LIGHTNESS]
    for chroma, hues in _TINTS:
        for angle in np.arange(hues) * 2 * np.pi / hues + np.pi / 8:
            points += [(lightness, chroma * np.cos(angle), chroma * np.sin(angle)) for lightness in (30.0, 65.0)]
    return np.array(points)


ANCHORS = _anchors()
"""float64 (29, 3), CIELAB."""

SOFTNESS = 14.0
"""Width of an anchor's Gaussian in CIELAB: about half the anchors' spacing, so that ±10 % of light moves px in part."""

BLOCK = 1 + len(ANCHORS)
LENGTH = len(REGIONS) * BLOCK
"""120 numbers: for each of `REGIONS` its visibility, 0–1, then the square roots of its px's shares at each of
`ANCHORS` (a unit vector; zeros if the region is not seen)."""


def appearance_vector(photo: Photo, parse: Parse) -> NDArray[np.float32]:
    """float32 (n, `LENGTH`), one row per figure; see `LENGTH` for the layout."""
    rows = [np.concatenate([_block(view, i) for i in range(len(REGIONS))]) for view in figure_views(photo, parse)]
    return np.array(rows, np.float32).reshape(len(parse), LENGTH)


def regions_of(vectors: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What vectors (n, `LENGTH`) say of each region: its visibility (n, 4), 0–1, and its colours (n, 4, 29).

    The Hellinger distance of two regions is √(1 − a·b) of their colours, which are unit vectors.
    """
    blocks = np.asarray(vectors, np.float64).reshape(-1, len(REGIONS), BLOCK)
    return blocks[..., 0], blocks[..., 1:]


def appearance_distance(one: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """How different two figures' clothes and hair look: 0 (the same) to 1; NaN if they share no visible region.

    Takes vectors of `appearance_vector`, (…, `LENGTH`), that broadcast against each other. Regions are compared by
    the Hellinger distance of their colours, weighted by what the region says and by the lesser visibility.
    """
    a = np.asarray(one, np.float64).reshape(*np.shape(one)[:-1], len(REGIONS), BLOCK)
    b = np.asarray(other, np.float64).reshape(*np.shape(other)[:-1], len(REGIONS), BLOCK)
    weights = WEIGHTS * np.minimum(a[..., 0], b[..., 0])
    alike = (a[..., 1:] * b[..., 1:]).sum(axis=-1)
    alike = np.where(alike > 1 - 1e-6, 1.0, alike)  # float32 rounding
    total = weights.sum(axis=-1)
    mean = (weights * np.sqrt(1 - alike)).sum(axis=-1) / np.where(total > 0, total, 1.0)
    return np.asarray(np.where(total > 0, mean, np.nan), np.float64)


def _block(view: FigureView, region: int) -> NDArray[np.float64]:
    parts = list(REGIONS.values())[region]
    block = np.zeros(BLOCK)
    if view.area(parts):
        swatches = gather(view.region(parts))
        block[0] = min(1.0, view.area(parts) / FULL_PX[region]) * view.confidence(parts)
        block[1:] = np.sqrt(_shares(swatches)) if block[0] else 0.0
    return block


def _shares(swatches: Swatches) -> NDArray[np.float64]:
    """The px's shares at each anchor, summing to 1; each colour is shared out among its near anchors."""
    squared = (ANCHORS**2).sum(axis=1) - 2 * swatches.lab @ ANCHORS.T  # less lab², the same for all anchors
    nearness = np.exp(((squared.min(axis=1, keepdims=True) - squared) / (2 * SOFTNESS**2)).astype(np.float32))
    nearness /= nearness.sum(axis=1, keepdims=True)
    return np.asarray(swatches.counts @ nearness / swatches.counts.sum(), np.float64)
