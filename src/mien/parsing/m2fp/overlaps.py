"""How masks lie over each other; each is known on its own region of the map only."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.m2fp.postprocessing import Instance

Region = tuple[slice, slice]

ALIKE = 0.5  # IoU from which two masks show one thing
HELD = 0.8  # share of a mask within another, from which it is a piece of that one, or its second sight
BESIDE = 0.3  # share up to which a mask is beside another
CREDIBLE = 0.5  # score of a piece over that of the whole, from which two pieces are believed rather than the whole


SPARSE = 0.1  # share of its region that a mask fills, below which it may have specks far away
SPECK = 0.02  # share of a mask, below which a patch apart from the rest is a speck


def common(a: Region, b: Region) -> Region:
    """Where two regions meet; perhaps nowhere, then both slices are empty or one is."""
    rows = slice(max(a[0].start, b[0].start), min(a[0].stop, b[0].stop))
    columns = slice(max(a[1].start, b[1].start), min(a[1].stop, b[1].stop))
    return slice(rows.start, max(rows.start, rows.stop)), slice(columns.start, max(columns.start, columns.stop))


def within(region: Region, outer: Region) -> Region:
    """A region of the map as one of the crop `outer` that holds it."""
    (top, left) = outer[0].start, outer[1].start
    rows, columns = region
    return slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)


def without_specks(instance: Instance) -> Instance:
    """The same without tiny patches far from the rest: they make a mask's region large, and say nothing."""
    if instance.area >= SPARSE * instance.probability.size:
        return instance
    _, ids, stats, _ = cv2.connectedComponentsWithStats(instance.mask.view(np.uint8), connectivity=8)
    patches = stats[:, cv2.CC_STAT_AREA] >= SPECK * instance.area
    patches[0] = False
    kept = np.where(patches[ids], instance.probability, np.float32(0))
    left, top, width, height = cv2.boundingRect((kept > 0).view(np.uint8))
    rows, columns = (s.start for s in instance.region)
    region = slice(rows + top, rows + top + height), slice(columns + left, columns + left + width)
    kept = kept[top : top + height, left : left + width]
    return replace(instance, region=region, probability=kept, area=int(np.count_nonzero(kept)))


def shared(a: Instance, b: Instance) -> int:
    """Px that lie in both masks."""
    rows, columns = here = common(a.region, b.region)
    if rows.start == rows.stop or columns.start == columns.stop:
        return 0
    return int(np.count_nonzero(a.mask[within(here, a.region)] & b.mask[within(here, b.region)]))


def shares(ones: Sequence[Instance], others: Sequence[Instance]) -> NDArray[np.float64]:
    """The share of each of n masks that lies in each of m others, float64 (n, m)."""
    table = [[shared(one, other) / max(1, one.area) for other in others] for one in ones]
    return np.array(table, np.float64).reshape(len(ones), len(others))


def joined(better: Instance, worse: Instance) -> Instance:
    """Both masks as one instance; the worse one adds only what it is sure enough of."""
    rows, columns = (
        slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(better.region, worse.region, strict=True)
    )
    region = rows, columns
    probability = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.float32)
    weaker = worse.probability * np.float32(worse.score / better.score)
    probability[within(worse.region, region)] = np.where(weaker > 0.5, weaker, 0)
    here = within(better.region, region)
    np.maximum(probability[here], better.probability, out=probability[here])
    return replace(better, region=region, probability=probability, area=int(np.count_nonzero(probability)))


def distinct(instances: Sequence[Instance], two: Callable[[int, int], bool] | None = None) -> list[Instance]:
    """One instance per thing, best first: second sights and pieces are joined to the best one, sums of several go.

    Args:
        instances: of one class, best first.
        two: says of two of them by index, the smaller first, that they show two things for sure. Without it, only
            masks that lie beside each other do.
    """
    held = shares(instances, instances)
    areas = np.array([instance.area for instance in instances], np.float64)
    both = held * areas[:, None]
    iou = both / np.maximum(areas[:, None] + areas[None] - both, 1)
    things: dict[int, Instance] = {}
    for i, instance in enumerate(instances):
        if _is_sum(i, instances, held, two):
            continue
        same = [j for j in things if iou[i, j] >= ALIKE or max(held[i, j], held[j, i]) >= HELD]
        same = [j for j in same if not (two and two(*sorted((i, j), key=areas.__getitem__)))]
        if same:
            nearest = max(same, key=lambda j: iou[i, j])
            things[nearest] = joined(things[nearest], instance)
        else:
            things[i] = instance
    return list(things.values())


def _is_sum(
    i: int, instances: Sequence[Instance], held: NDArray[np.float64], two: Callable[[int, int], bool] | None
) -> bool:
    """Whether a mask holds two others that lie beside each other, show two things, and are sure enough."""
    pieces = [
        j
        for j in np.flatnonzero(held[:, i] >= HELD).tolist()
        if j != i and held[i, j] < HELD and instances[j].score >= CREDIBLE * instances[i].score
    ]
    return any(
        max(held[a, b], held[b, a]) <= BESIDE and (two is None or two(a, b)) for a in pieces for b in pieces if a < b
    )
