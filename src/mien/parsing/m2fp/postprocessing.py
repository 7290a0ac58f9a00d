"""Queries → the parts and people that the network is sure of: the published post-processing, done lazily.

The published computation enlarges every query's mask twice, to the padded input and then to the photo, and drops most
of them afterwards. Here only what is kept is enlarged, with the same outcome:

- a query's final score is at most its class score, so the class scores alone tell which can be kept at all;
- both enlargements are linear and separable, so they are one product A·m·Bᵀ with small matrices;
- a pixel can be positive only where a positive cell has a part in it, so the rest of the photo is left out.

Source: M2FP (Yang et al., *Deep Learning Technique for Human Parsing: A Survey and Outlook*, arXiv:2301.00394) as
published. The score, class probability × mean mask probability, is Mask2Former's (Cheng et al., CVPR 2022).
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.parsing.m2fp.queries import Queries
from mien.parsing.parse import PARTS

HUMAN = len(PARTS)
"""The class of whole people; those before it are CIHP's 20 labels."""

CANDIDATES = 100
"""So many pairs of query and class, those of the highest class scores, are looked at."""

LEAST = 0.1
"""The score that a part needs, and that a human has to exceed: the published pipeline's, its asymmetry included."""

CELL = 4  # px of the padded input per cell of a mask


@dataclass(frozen=True, eq=False)
class Instance:
    """One part of somebody, or somebody as a whole, in a map of the photo.

    Attributes:
        query: which query saw it. A query may have seen several classes in one mask.
        label: 1–19, a CIHP part; or `HUMAN`.
        certainty: 0–1; probability of the class.
        score: 0–1; `certainty` × the mask's mean probability.
        region: the rows and columns of the map in which all of the mask lies.
        probability: float32 (h, w), of that region; of the mask, above 0.5 in it and 0 outside.
        area: px of the mask.
    """

    query: int
    label: int
    certainty: float
    score: float
    region: tuple[slice, slice]
    probability: NDArray[np.float32]
    area: int

    @functools.cached_property
    def mask(self) -> NDArray[np.bool_]:
        """bool (h, w), of the region."""
        return self.probability > 0


def find_instances(queries: Queries, width: int, height: int) -> list[Instance]:
    """All parts and people of a photo, best first, in a map of `width`×`height` px: any size of the photo's shape.

    Equal to the published `part_outputs` and `human_outputs`, but for rounding where a logit or a score lies on its
    threshold. Masks may overlap.
    """
    probabilities = _softmax(queries.logits)[:, :-1]
    classes = probabilities.shape[1]
    best = np.argsort(-probabilities, axis=None, kind="stable")[:CANDIDATES]
    rows = _Axis.of(queries.masks.shape[1], queries.size[1], height)
    columns = _Axis.of(queries.masks.shape[2], queries.size[0], width)
    masks: dict[int, _Mask] = {}
    found: list[Instance] = []
    for query, label in zip(*divmod(best, classes), strict=True):
        certainty = probabilities[query, label]
        if label == 0 or not certainty >= LEAST:
            continue
        if query not in masks:
            masks[query] = _enlarged(queries.masks[query], rows, columns)
        mask = masks[query]
        score = certainty * mask.mean
        if score > LEAST or (score == np.float32(LEAST) and label != HUMAN):
            found.append(
                Instance(int(query), int(label), float(certainty), float(score), mask.region, mask.values, mask.area)
            )
    return sorted(found, key=lambda instance: -instance.score)


@dataclass(frozen=True, eq=False)
class _Mask:
    """Where in the map a mask is, its probability there, 0 where it is not, their mean, and its area in px."""

    region: tuple[slice, slice]
    values: NDArray[np.float32]
    mean: np.float32
    area: int


def _enlarged(cells: NDArray[np.float32], rows: "_Axis", columns: "_Axis") -> _Mask:
    positive = cells > 0
    down, source_rows = rows.reach(np.any(positive, axis=1))
    across, source_columns = columns.reach(np.any(positive, axis=0))
    logits = rows.weights[down, source_rows] @ cells[source_rows, source_columns]
    logits = np.asarray(logits @ columns.weights[across, source_columns].T, np.float32)
    inside = logits > 0
    certain = np.asarray(1 / (1 + np.exp(-logits[inside])), np.float32)
    values = np.zeros_like(logits)
    values[inside] = certain
    mean = np.float32(certain.sum() / (np.float32(len(certain)) + np.float32(1e-6)))
    return _Mask((down, across), values, mean, len(certain))


@dataclass(frozen=True, eq=False)
class _Axis:
    """How one side of the map comes from one side of a mask.

    Attributes:
        weights: float32 (n, cells); each px of the map as a mean of cells.
        first, last: intp (n,); the cells that have a part in each px.
    """

    weights: NDArray[np.float32]
    first: NDArray[np.intp]
    last: NDArray[np.intp]

    @staticmethod
    @functools.lru_cache(maxsize=8)
    def of(cells: int, inside: int, wanted: int) -> "_Axis":
        """From `cells` to the padded input, of which `inside` px are the photo; and from these to `wanted` px."""
        weights = bilinear(inside, wanted) @ bilinear(cells, CELL * cells)[:inside]
        parts = weights > 0
        return _Axis(weights.astype(np.float32), parts.argmax(1), cells - 1 - parts[:, ::-1].argmax(1))

    def reach(self, positive: NDArray[np.bool_]) -> tuple[slice, slice]:
        """The px of the map in which any of these cells, bool (cells,), has a part; and all cells they come from."""
        cells = np.flatnonzero(positive)
        if not len(cells):
            return slice(0, 0), slice(0, 0)
        start = int(np.searchsorted(self.last, cells[0]))
        end = int(np.searchsorted(self.first, cells[-1], side="right"))
        if start >= end:
            return slice(0, 0), slice(0, 0)
        return slice(start, end), slice(int(self.first[start]), int(self.last[end - 1]) + 1)


def bilinear(source: int, wanted: int) -> NDArray[np.float64]:
    """Interpolation between the centres of `source` px that lie on either side: the matrix (wanted, source).

    PyTorch's `interpolate(mode="bilinear", align_corners=False)`, which does not smooth when it shrinks.
    """
    places = np.clip((np.arange(wanted) + 0.5) * (source / wanted) - 0.5, 0, source - 1)
    left = np.floor(places).astype(int)
    share = places - left
    matrix = np.zeros((wanted, source))
    matrix[np.arange(wanted), left] = 1 - share
    matrix[np.arange(wanted), np.minimum(left + 1, source - 1)] += share
    return matrix


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(raised / raised.sum(1, keepdims=True), np.float32)
