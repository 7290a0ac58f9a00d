"""The few colours that a region of a photo shows, with their shares."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.traits.cielab import difference, srgb_to_lab

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
    one_of = np.eye(len(centres))
    weighted = counts[:, None] * lab
    for _ in range(ROUNDS):
        owner = ((centres**2).sum(axis=1) - 2 * lab @ centres.T).argmin(axis=1)  # lab² is the same for all
        owned = one_of[owner].T
        weights = owned @ counts
        filled = weights > 0
        moved = np.where(filled[:, None], owned @ weighted / np.maximum(weights, 1)[:, None], centres)
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres[filled], weights[filled]


def _merged(
    centres: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Join the two most similar clusters until all differ by `MERGE_BELOW`."""
    clusters = list(zip(map(tuple, centres.tolist()), weights.tolist(), strict=True))
    apart = {
        (one, other): difference(one[0], other[0], lightness_factor=2.0)
        for one, other in itertools.combinations(clusters, 2)
    }
    while apart and min(apart.values()) < MERGE_BELOW:
        one, other = min(apart, key=lambda pair: apart[pair])
        both = one[1] + other[1]
        mean = tuple((a * one[1] + b * other[1]) / both for a, b in zip(one[0], other[0], strict=True))
        clusters[clusters.index(one)] = joined = (mean, both)
        clusters.remove(other)
        apart = {pair: value for pair, value in apart.items() if not {one, other} & {*pair}}
        apart |= {
            (joined, left): difference(mean, left[0], lightness_factor=2.0) for left in clusters if left is not joined
        }
    return np.array([centre for centre, _ in clusters]), np.array([weight for _, weight in clusters])
