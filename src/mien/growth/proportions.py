"""How tall a child is by its proportions: a head is a fourth of a newborn, and a seventh or less of a grown person.

For want of a measured series that may be shipped, the proportions are those of the anatomists' canon (Stratz, Der
Körper des Kindes, 1903, as drawing books have had it since). With the median height of the age they give the size of a
typical head; a child of as many heads more is so much taller. That is rough, and its error is set accordingly.
"""

import numpy as np

from mien.growth.camera import Estimate
from mien.growth.references import YEAR, typical
from mien.growth.standing import Stance

HEADS = ((0, 4.0), (2, 5.0), (6, 6.0), (12, 7.0), (18, 7.5))
"""Age in years, and the height in heads from crown to chin."""

HAIR = 0.94
"""In photos a head ends with its hair: grown people measure 7.04 heads there, not 7.5 (see `docs/growth.md`)."""

CHILD = 0.06
"""Share by which one child's head is larger or smaller for its height than the canon says: the same in all photos."""
PHOTO = 0.06
"""Share by which one photo errs: hair, a chin that is lifted, a camera that looks down."""

BOUNDS = (3.0, 9.0)
"""Nobody has fewer heads, or more."""


def by_heads(figure: Stance, days: float) -> Estimate | None:
    """The height at an age of `days`; None where the chin is not seen, or the proportions are nobody's."""
    if figure.chin is None:
        return None
    tall, head = figure.foot[1] - figure.top[1], figure.chin[1] - figure.top[1]
    if head <= 0 or not BOUNDS[0] <= tall / head <= BOUNDS[1]:
        return None
    years, heads = zip(*HEADS, strict=True)
    size = float(typical(days)) / (HAIR * float(np.interp(days / YEAR, years, heads)))
    return Estimate(size * tall / head, float(np.hypot(CHILD, PHOTO)))
