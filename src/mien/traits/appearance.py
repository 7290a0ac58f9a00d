"""What hair and clothes look like, as a vector: tells people apart within one moment, when nobody changes clothes."""

import math

import cv2
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

TEXTURED = 2
"""Of so many regions, the first ones, the texture is looked at: hair is too much the same, shoes are too small."""

FINE, SPREAD = (1.0, 2.5), 0.1
"""Stripes, checks and prints: what lies between Gaussians of so many px, where a figure is `SIDE` px large (the root of
its area). `SPREAD`: share of a region's px that count as its brightest or darkest."""

SIDE = 48.0
LEAST_PX = 25
"""Px of a region at that size without which nothing is said of its texture."""

_SCALES = np.array([1.0, 0.3, 1.0, 1.0])  # differences that are as great as they get: two standard deviations

BLOCK = 1 + len(ANCHORS)
TEXTURE = len(_SCALES)
LENGTH = len(REGIONS) * BLOCK + TEXTURED * TEXTURE
"""128 numbers: for each of `REGIONS` its visibility, 0–1, then the square roots of its px's shares at each of
`ANCHORS` (a unit vector; zeros if the region is not seen). Then for each of the `TEXTURED` regions, as logarithms of
ratios: the contrast of its fine structure, how much more of it runs up and down than across, and how much brighter and
darker its extremes are than its middle; NaN if too little is seen."""


def appearance_vector(photo: Photo, parse: Parse) -> NDArray[np.float32]:
    """float32 (n, `LENGTH`), one row per figure; see `LENGTH` for the layout."""
    rows = [
        np.concatenate([*(_block(view, i) for i in range(len(REGIONS))), *(_texture(view, i) for i in range(TEXTURED))])
        for view in figure_views(photo, parse)
    ]
    return np.array(rows, np.float32).reshape(len(parse), LENGTH)


def regions_of(vectors: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """What vectors (…, `LENGTH`) say of each region: visibility (…, 4), 0–1, colours (…, 4, 29), textures (…, 4, 4)."""
    of = np.asarray(vectors, np.float64)
    shape, end = of.shape[:-1], len(REGIONS) * BLOCK
    blocks = of[..., :end].reshape(*shape, len(REGIONS), BLOCK)
    textures = np.full((*shape, len(REGIONS), TEXTURE), np.nan)
    textures[..., :TEXTURED, :] = of[..., end:].reshape(*shape, TEXTURED, TEXTURE)
    return blocks[..., 0], blocks[..., 1:], textures


def region_distance(
    alike: NDArray[np.float64], texture: NDArray[np.float64], other: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How different two regions look, 0–1: the Hellinger distance of their colours and, where they are known, the
    difference of their textures, half each.

    Args:
        alike: (…) the products of their colours, which are unit vectors.
        texture, other: (…, 4) their textures, which broadcast against each other.
    """
    colours = np.sqrt(1 - np.where(alike > 1 - 1e-6, 1.0, alike))  # float32 rounding
    textures = np.minimum(np.abs(texture - other) / _SCALES, 1).mean(axis=-1)
    return np.asarray(np.where(np.isnan(textures), colours, (colours + textures) / 2), np.float64)


def appearance_distance(one: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """How different two figures' clothes and hair look: 0 (the same) to 1; NaN if they share no visible region.

    Takes vectors of `appearance_vector`, (…, `LENGTH`), that broadcast against each other. Regions are compared by
    `region_distance`, weighted by what the region says and by the lesser visibility.
    """
    (seen, colours, textures), (seen_there, colours_there, textures_there) = regions_of(one), regions_of(other)
    weights = WEIGHTS * np.minimum(seen, seen_there)
    distance = region_distance((colours * colours_there).sum(axis=-1), textures, textures_there)
    total = weights.sum(axis=-1)
    mean = (weights * distance).sum(axis=-1) / np.where(total > 0, total, 1.0)
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


def _texture(view: FigureView, region: int) -> NDArray[np.float64]:
    """See `LENGTH`. Looked at at one size, so that somebody far away compares with the same one nearby."""
    mask = view.mask(list(REGIONS.values())[region])
    if np.count_nonzero(mask) < LEAST_PX:
        return np.full(TEXTURE, np.nan)
    scale = min(1.0, SIDE / math.sqrt(view.body))
    size = max(3, round(mask.shape[1] * scale)), max(3, round(mask.shape[0] * scale))
    light = cv2.cvtColor(cv2.resize(view.pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)[..., 0] / 2.55
    share = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    inside = np.asarray(cv2.erode((share > 0.9).astype(np.uint8), np.ones((3, 3), np.uint8)), np.uint8).view(np.bool_)
    if np.count_nonzero(inside) < LEAST_PX:
        return np.full(TEXTURE, np.nan)
    weight = inside.astype(np.float32)
    small, large = (
        cv2.GaussianBlur(light.astype(np.float32) * weight, (0, 0), sigma)
        / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)
        for sigma in FINE
    )
    across = np.abs(np.diff(light, axis=1))[inside[:, 1:] & inside[:, :-1]]
    down = np.abs(np.diff(light, axis=0))[inside[1:] & inside[:-1]]
    dark, middle, bright = np.quantile(light[inside], [SPREAD, 0.5, 1 - SPREAD])
    fine = float((small - large)[inside].std()) / max(float(light[inside].mean()), 8.0)
    return np.array(
        [
            math.log(0.02 + fine),
            math.log((across.mean() + 0.3) / (down.mean() + 0.3)) if len(across) and len(down) else 0.0,
            math.log((bright + 5) / (middle + 5)),
            math.log((middle + 5) / (dark + 5)),
        ]
    )
