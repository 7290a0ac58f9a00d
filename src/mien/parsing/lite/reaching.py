"""A person reaches to all four sides of their box, which the part network does not know."""

import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import BAG

COVERED = 0.7
"""Share of the box that is reached by whoever it is drawn around, and by hardly anybody exactly (the prior is that of
Lempitsky et al., Image Segmentation with a Bounding Box Prior, ICCV 2009): below it the network has taken a part of the
person for the background."""

STEPS = (0.5, 1.0, 1.5)
"""Log-odds that the background is lowered by: the least that suffices."""

STRAY = 0.02  # of the box's width or height: fewer px in a row or column do not reach it


def reach(probabilities: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The same with the background lowered within the box, if the person would otherwise stay short of it.

    Args:
        probabilities: (21, h, w); background, 19 parts, bag.
        inside: (h, w); where the box is.
    """
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not len(rows) or not len(columns):
        return probabilities
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    background, bag = probabilities[0][box], probabilities[BAG][box]
    person = 1 - background - bag
    if _covered(person > background + bag) >= COVERED:
        return probabilities
    factor = next(
        (f for f in np.exp(-np.array(STEPS)) if _covered(person > f * background + bag) >= COVERED), np.exp(-STEPS[-1])
    )
    lowered = probabilities.copy()
    lowered[0][box] *= np.float32(factor)
    lowered[(slice(None), *box)] *= 1 / (1 - np.float32(1 - factor) * background)
    return lowered


def _covered(mask: NDArray[np.bool_]) -> float:
    """Share of the frame that the box around a mask covers."""
    height, width = mask.shape
    rows, columns = np.flatnonzero(mask.sum(1) > STRAY * width), np.flatnonzero(mask.sum(0) > STRAY * height)
    if not len(rows) or not len(columns):
        return 0.0
    return float((rows[-1] - rows[0] + 1) / height * (columns[-1] - columns[0] + 1) / width)
