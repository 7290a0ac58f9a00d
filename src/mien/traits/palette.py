"""The few colours that a region of a photo shows, with their shares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.traits.cielab import ciede2000, srgb_to_lab

LEVELS = 32
"""Per channel of sRGB: px that fall into one cell count as one colour, their mean."""

TRIM = 0.02
"""The darkest and the lightest 2 % of a region are left out: deep shadows of folds, and highlights."""

CLUSTERS = 6
"""Clusters before merging: more than a palette keeps, so that a small vivid print is not averaged away."""

MERGE_BELOW = 7.0
"""ΔE₀₀ with k_L = 2, below which two clusters are one dyed colour under different light."""

MIN_SHARE = 0.08
"""A colour on less than 8 % of a region is a button, a seam or a mislabelled rim, not one of its colours."""

MAX_COLOURS = 3
ROUNDS = 12  # of Lloyd's iteration; the palettes of garments settle well before


@dataclass(frozen=True, eq=False)
class Swatches:
    """A region's px, gathered by colour.

    Attributes:
        lab: float64 (k, 3); CIELAB of each occupied cell's mean.
        counts: float64 (k,); px in each.
    """

    lab: NDArray[np.float64]
    counts: NDArray[np.float64]


def gather(pixels: NDArray[np.uint8]) -> Swatches:
    """Gather sRGB px, uint8 (m, 3). The order of the px has no influence, to the last bit: the sums are integers."""
    step = 256 // LEVELS
    r, g, b = (pixels[:, i] for i in range(3))
    cell = (r // step).astype(np.int32) * LEVELS**2 + (g // step).astype(np.int32) * LEVELS + b // step
    counts = np.bincount(cell, minlength=LEVELS**3)
    occupied = np.flatnonzero(counts)
    sums = np.stack([np.bincount(cell, weights=channel, minlength=LEVELS**3)[occupied] for channel in (r, g, b)], 1)
    found = counts[occupied].astype(np.float64)
    return Swatches(srgb_to_lab(sums / found[:, None]), found)


def trimmed(swatches: Swatches) -> Swatches:
    """Without the darkest and the lightest `TRIM` of the px."""
    order = np.argsort(swatches.lab[:, 0], kind="stable")
    ends = np.cumsum(swatches.counts[order])
    total = ends[-1] if len(ends) else 0.0
    starts = ends - swatches.counts[order]
    low, high = total * TRIM, total * (1 - TRIM)
    kept = np.clip(np.minimum(ends, high) - np.maximum(starts, low), 0, None)
    counts = np.zeros_like(swatches.counts)
    counts[order] = kept
    return Swatches(swatches.lab[counts > 0], counts[counts > 0])


def palette(swatches: Swatches) -> list[tuple[NDArray[np.float64], float]]:
    """Up to `MAX_COLOURS` colours: (CIELAB, share of the region's px), largest share first; [] for no px.

    Shares sum to at most 1: what belongs to no listed colour is left over.
    """
    kept = trimmed(swatches)
    if not len(kept.counts):
        return []
    centres, weights = _merged(*_clusters(kept))
    shares = weights / weights.sum()
    order = np.argsort(-shares, kind="stable")[:MAX_COLOURS]
    return [(centres[i], float(shares[i])) for i in order if shares[i] >= MIN_SHARE]


def _clusters(swatches: Swatches) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted k-means in CIELAB: centres (k, 3) and their px (k,).

    Seeded without chance: the commonest colour first, then always the cell that adds most to the error (the
    greedy form of k-means++; Arthur and Vassilvitskii, 2007).
    """
    lab, counts = swatches.lab, swatches.counts
    seeds = [int(np.argmax(counts))]
    nearest = ((lab - lab[seeds[0]]) ** 2).sum(axis=1)
    while len(seeds) < min(CLUSTERS, len(lab)) and nearest.max() > 0:
        seeds.append(int(np.argmax(nearest * counts)))
        nearest = np.minimum(nearest, ((lab - lab[seeds[-1]]) ** 2).sum(axis=1))
    centres = lab[seeds]
    for _ in range(ROUNDS):
        owner = ((centres**2).sum(axis=1) - 2 * lab @ centres.T).argmin(axis=1)  # lab² is the same for all
        weights = np.bincount(owner, weights=counts, minlength=len(centres)).astype(np.float64)
        sums = np.stack([np.bincount(owner, weights=counts * lab[:, i], minlength=len(centres)) for i in range(3)], 1)
        filled = weights > 0
        moved = np.where(filled[:, None], sums / np.maximum(weights, 1)[:, None], centres)
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres[filled], weights[filled]


def _merged(
    centres: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Join the two most similar clusters until all differ by `MERGE_BELOW`."""
    difference = ciede2000(centres[:, None], centres[None], lightness_factor=2.0)
    np.fill_diagonal(difference, np.inf)
    while len(centres) > 1:
        i, j = sorted(np.unravel_index(int(np.argmin(difference)), difference.shape))
        if difference[i, j] >= MERGE_BELOW:
            break
        both = weights[i] + weights[j]
        centres[i] = (centres[i] * weights[i] + centres[j] * weights[j]) / both
        weights[i] = both
        centres, weights = np.delete(centres, j, axis=0), np.delete(weights, j)
        difference = np.delete(np.delete(difference, j, axis=0), j, axis=1)
        changed = ciede2000(centres[i], centres, lightness_factor=2.0)
        changed[i] = np.inf
        difference[i], difference[:, i] = changed, changed
    return centres, weights
