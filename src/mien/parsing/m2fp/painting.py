"""Bodies → label maps: every pixel has at most one owner, and shows one part of them.

A pixel goes to the strongest claim: probability of the person there × of the part there × how much of the part is that
person's. That is how Mask2Former (Cheng et al., CVPR 2022) resolves overlaps, here of pairs of person and part: so who
has an arm in front of somebody keeps it. All masks come from one network, so nothing else has to be settled.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.repairs import drop_islands
from mien.parsing.m2fp.bodies import Body
from mien.parsing.m2fp.overlaps import Region, common, within
from mien.parsing.m2fp.postprocessing import Instance
from mien.parsing.parse import BAG, PARTS

OUTSIDE = 0.3  # probability of a person on parts of theirs that reach out of their human mask
BARE = 0.3  # weight of a human mask where nothing is known of parts, against a part
ECLIPSED = 0.2  # share of a part within its figure, below which other parts have taken it away
SPECK = 0.02  # share of a part, below which a patch of it apart from the rest is a speck
GAP = 0.02  # of the figure's longer side (at least 2 px): pixels of no part, so near to one, belong to it
UNSURE = 0.5  # probability below which a label is uncertain


@dataclass(frozen=True, eq=False)
class Painting:
    """n figures on maps of H×W px: see `Parse` for the fields of the same names."""

    figures: NDArray[np.uint16]
    parts: NDArray[np.uint8]
    areas: NDArray[np.int32]
    confidences: NDArray[np.float32]
    uncertain: NDArray[np.float32]
    boxes: NDArray[np.float32]


def paint(bodies: Sequence[Body], width: int, height: int) -> Painting:
    """The maps of `width`×`height` px, figures numbered as the bodies are."""
    canvas = _Canvas(width, height)
    for number, body in enumerate(bodies, 1):
        human = body.human
        canvas.claim(human.region, human.probability * np.float32(BARE * body.score), number)
        for part, share in zip(body.parts, body.shares, strict=True):
            claim = _presence(human, part.region) * part.probability
            claim *= np.float32(body.score * share * part.score)
            canvas.claim(part.region, claim, number, part)
    n = len(bodies)
    painting = Painting(
        canvas.figures,
        canvas.parts,
        np.zeros((n, BAG + 1), np.int32),
        np.zeros((n, BAG + 1), np.float32),
        np.zeros(n, np.float32),
        np.zeros((n, 4), np.float32),
    )
    for i, body in enumerate(bodies):
        _finish(painting, i, body, canvas.certainty)
    return painting


class _Canvas:
    """The maps while they are painted; `strongest` is each pixel's claim, `certainty` its label's probability."""

    def __init__(self, width: int, height: int) -> None:
        self.figures, self.parts = np.zeros((height, width), np.uint16), np.zeros((height, width), np.uint8)
        self.certainty, self.strongest = np.zeros((2, height, width), np.float32)

    def claim(self, region: Region, claim: NDArray[np.float32], number: int, part: Instance | None = None) -> None:
        """Give a figure the pixels of the region where its claim is the strongest yet, as this part of it."""
        stronger = claim > self.strongest[region]
        np.copyto(self.strongest[region], claim, where=stronger)
        np.copyto(self.figures[region], number, where=stronger)
        np.copyto(self.parts[region], 0 if part is None else part.label, where=stronger)
        sure = np.float32(0) if part is None else part.probability * np.float32(part.certainty)
        np.copyto(self.certainty[region], sure, where=stronger)


def _presence(human: Instance, region: Region) -> NDArray[np.float32]:
    """How probable the person is at each px of a region: `OUTSIDE` where their mask is not."""
    presence = np.full((region[0].stop - region[0].start, region[1].stop - region[1].start), OUTSIDE, np.float32)
    here = common(human.region, region)
    known = presence[within(here, region)]
    np.maximum(known, human.probability[within(here, human.region)], out=known)
    return presence


def _finish(painting: Painting, i: int, body: Body, certainty: NDArray[np.float32]) -> None:
    """Repair a figure and measure it."""
    region = _extent(body)
    here = painting.figures[region]
    mine = here == i + 1
    left, top, across, down = cv2.boundingRect(mine.view(np.uint8))
    if not across:
        return
    near = slice(top, top + down), slice(left, left + across)
    mine, kinds = mine[near], np.where(mine[near], painting.parts[region][near], 0)
    whole = drop_islands(mine.view(np.uint8)) > 0
    here[near][mine & ~whole] = 0
    painting.parts[region][near][mine & ~whole] = 0
    kinds[~whole] = 0
    labels = _filled(_without_specks(_without_eclipsed(kinds, body)), whole)
    np.copyto(painting.parts[region][near], labels, where=whole)
    painting.areas[i] = np.bincount(labels[whole], minlength=BAG + 1)
    for part in body.parts:
        if painting.areas[i, part.label]:
            painting.confidences[i, part.label] = max(painting.confidences[i, part.label], part.score)
    doubtful = (certainty[region][near] < UNSURE) | (labels != kinds) | (labels == 0)
    size = int(np.count_nonzero(whole))
    painting.uncertain[i] = np.count_nonzero(doubtful & whole) / max(1, size)
    x, y, w, h = cv2.boundingRect(whole.view(np.uint8))
    x0, y0 = x + left + region[1].start, y + top + region[0].start
    height, width = painting.figures.shape
    painting.boxes[i] = np.array([x0, y0, x0 + w, y0 + h]) / (width, height, width, height)


def _extent(body: Body) -> Region:
    """The region that holds all of a body."""
    regions = [body.human.region, *(part.region for part in body.parts)]
    rows, columns = zip(*regions, strict=True)
    return (
        slice(min(s.start for s in rows), max(s.stop for s in rows)),
        slice(min(s.start for s in columns), max(s.stop for s in columns)),
    )


def _without_eclipsed(labels: NDArray[np.uint8], body: Body) -> NDArray[np.uint8]:
    """Parts of which next to nothing is left, as others have taken their place, were second guesses: they go."""
    counts = np.bincount(labels.ravel(), minlength=len(PARTS))
    wanted = np.zeros(len(PARTS))
    for part, share in zip(body.parts, body.shares, strict=True):
        wanted[part.label] = max(wanted[part.label], share * part.area)
    gone = counts < ECLIPSED * wanted
    gone[0] = False
    return np.where(gone[labels], np.uint8(0), labels) if gone.any() else labels


def _without_specks(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Patches of a part that are small and apart from the rest of it go."""
    cleaned = labels.copy()
    for label in np.flatnonzero(np.bincount(labels.ravel(), minlength=1)):
        if label == 0:
            continue
        mask = (labels == label).view(np.uint8)
        x, y, w, h = cv2.boundingRect(mask)
        here = slice(y, y + h), slice(x, x + w)
        count, ids, stats, _ = cv2.connectedComponentsWithStats(mask[here], connectivity=8)
        if count > 2:
            area = stats[:, cv2.CC_STAT_AREA]
            specks = area < SPECK * area[1:].sum()
            specks[0] = False
            cleaned[here][specks[ids]] = 0
    return cleaned


def _filled(labels: NDArray[np.uint8], whole: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Px of the figure without a part take that of the nearest labelled one, if it is near enough."""
    bare = whole & (labels == 0)
    if not bare.any() or not labels.any():
        return labels
    near = max(2.0, GAP * max(labels.shape))
    distance, nearest = cv2.distanceTransformWithLabels(
        (labels == 0).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    known = labels > 0
    kind_of = np.zeros(int(nearest.max()) + 1, np.uint8)
    kind_of[nearest[known]] = labels[known]
    return np.where(bare & (distance <= near), kind_of[nearest], labels)
