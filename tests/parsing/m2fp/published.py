"""The published post-processing, restated plainly: everything at full size, one step after the other.

Written from what the publication says and its programs do; slow on purpose. What the engine does lazily is held to it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.parsing.m2fp.queries import Queries

HUMAN = 20
CANDIDATES = 100


@dataclass(frozen=True, eq=False)
class Output:
    """A part or a human as published: its class, score and mask logits (h, w) at the size of the photo."""

    query: int
    category: int
    score: float
    logits: NDArray[np.floating]


def part_and_human_outputs(queries: Queries, width: int, height: int) -> tuple[list[Output], list[Output]]:
    """`part_outputs` and `human_outputs` for a photo of `width`×`height` px."""
    cells = queries.masks.shape[1:]
    masks = interpolate(queries.masks, 4 * cells[0], 4 * cells[1])
    masks = interpolate(masks[:, : queries.size[1], : queries.size[0]], height, width)
    scores = softmax(queries.logits)[:, :-1]
    classes = scores.shape[1]
    order = sorted(range(scores.size), key=lambda i: (-scores.ravel()[i], i))
    parts, humans = [], []
    for place in order[:CANDIDATES]:
        query, category = place // classes, place % classes
        positive = (masks[query] > 0).astype(np.float32)
        probability = 1 / (1 + np.exp(-masks[query]))
        score = scores[query, category] * (probability * positive).sum() / (positive.sum() + 1e-6)
        output = Output(query, category, float(score), masks[query])
        if category == HUMAN:
            if score > 0.1:
                humans.append(output)
        elif category != 0 and not score < 0.1:
            parts.append(output)
    return parts, humans


def interpolate(masks: NDArray[np.floating], height: int, width: int) -> NDArray[np.floating]:
    """Bilinear, pixel centres at .5, no smoothing: (q, h, w) → (q, height, width)."""
    return along(along(masks, 1, height), 2, width)


def along(masks: NDArray[np.floating], axis: int, wanted: int) -> NDArray[np.floating]:
    size = masks.shape[axis]
    lower, upper, share = [], [], []
    for i in range(wanted):
        place = max((i + 0.5) * size / wanted - 0.5, 0)
        lower.append(min(int(place), size - 1))
        upper.append(min(int(place) + 1, size - 1))
        share.append(place - lower[-1])
    shape = [1, 1, 1]
    shape[axis] = wanted
    weight = np.array(share, masks.dtype).reshape(shape)
    return masks.take(lower, axis) * (1 - weight) + masks.take(upper, axis) * weight


def softmax(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    raised = np.exp(logits - logits.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)
