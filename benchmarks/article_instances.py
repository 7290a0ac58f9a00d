"""The article's rule for making people of part masks, for comparison only: it merges neighbours and splits people.

Masks are taken in turn; each joins the first instance whose box it overlaps by IoU > 0.1, else starts a new one.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

OVERLAP = 0.1


def article_instances(masks: Sequence[NDArray[np.bool_]]) -> list[list[int]]:
    """The instances: for each, the indices of its masks. `masks`: bool (H, W) each; an empty one joins nobody.

    An instance's box grows with every mask it takes in, so the answer depends on the order of the masks.
    """
    instances: list[list[int]] = []
    boxes: list[tuple[int, int, int, int]] = []
    for index, mask in enumerate(masks):
        box = _box(mask)
        for k, other in enumerate(boxes):
            if _iou(box, other) > OVERLAP:
                instances[k].append(index)
                boxes[k] = min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])
                break
        else:
            instances.append([index])
            boxes.append(box)
    return instances


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 in px, the last two exclusive; all 0 for an empty mask."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _iou(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if union else 0.0
