"""Garments and limbs are things, not pixels: connected regions of a person's label map take one label each."""

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.presence import GARMENTS
from mien.parsing.lite.skeleton import ARMS, LEGS
from mien.parsing.parse import PART_ID
from mien.vision.geometry import FloatArray, Image

SMALL = 0.25  # of the garment it touches: a fragment this small is more likely a part of it
MARGIN = 0.3  # by which a fragment's own label may be more probable than its neighbour's, and still give way
SAME_COLOUR = 10.0  # distance in 8-bit CIELAB
ALIKE = 0.5  # the margin between garments of the same colour that are worn in the same place
SPECK = 4  # px; not worth a vote

_UPPER, _DRESS, _COAT, _PANTS, _SKIRT = GARMENTS
RIVALS = np.zeros((max(GARMENTS) + 1,) * 2, np.bool_)
"""Garments worn in the same place, so that two of one colour may be one: never a jacket and jeans."""
for _group in ((_UPPER, _DRESS, _COAT), (_DRESS, _SKIRT), (_PANTS, _SKIRT)):
    for _a, _b in itertools.permutations(_group, 2):
        RIVALS[_a, _b] = True

ONE_SIDE = 0.5  # mean agreement, −1…1, from which a whole limb or shoe is the left or the right one
FRAGMENT = 0.1  # of a limb that is divided: less is not divided off


def vote(labels: NDArray[np.uint8], probabilities: NDArray[np.float32], colours: Image) -> NDArray[np.uint8]:
    """Garment fragments take the label of a larger garment that they touch, if that is not much less probable
    and they are much smaller, or of the same colour and worn in the same place.

    Args:
        labels: (h, w); 0–20.
        probabilities: (21, h, w).
        colours: uint8 (h, w, 3), RGB.
    """
    ids, kinds = _fragments(labels)
    if len(kinds) < 3:
        return labels
    inside = np.flatnonzero(ids)
    flat = ids.ravel()[inside]
    lab = cv2.cvtColor(colours, cv2.COLOR_RGB2LAB).reshape(-1, 3)[inside]
    area = np.bincount(flat, minlength=len(kinds)).astype(np.float64)
    tone = np.stack([np.bincount(flat, lab[:, c], len(kinds)) for c in range(3)], 1) / np.maximum(area, 1)[:, None]
    likely = {kind: np.bincount(flat, probabilities[kind].ravel()[inside], len(kinds)) for kind in set(kinds[1:])}
    touching = _touching(ids, len(kinds))
    become = kinds.copy()
    for fragment in 1 + np.argsort(area[1:], kind="stable"):
        own, best = kinds[fragment], np.inf
        for other in np.flatnonzero(touching[fragment] & (area > area[fragment])):
            kind = become[other]
            gap = (likely[own][fragment] - likely[kind][fragment]) / area[fragment]
            alike = RIVALS[own, kind] and np.linalg.norm(tone[fragment] - tone[other]) < SAME_COLOUR
            small = area[fragment] < SMALL * area[other]
            if kind != own and gap < best and ((alike and gap < ALIKE) or (small and gap < MARGIN)):
                best, become[fragment] = gap, kind
    return labels if (become == kinds).all() else np.where(ids > 0, become[ids], labels)


def settle_sides(
    labels: NDArray[np.uint8], probabilities: NDArray[np.float32], landmarks: FloatArray | None
) -> NDArray[np.uint8]:
    """Arms, legs and shoes are left or right as network and pose say together: whole, unless two sides meet in one.

    Args:
        labels: (h, w); 0–20.
        probabilities: (21, h, w).
        landmarks: (33, 3); x, y in px of the map; None where no pose is known.
    """
    settled = labels.copy()
    for name, bones in (("arm", ARMS), ("leg", LEGS), ("shoe", [limb[2:] for limb in LEGS])):
        left, right = PART_ID[f"left-{name}"], PART_ID[f"right-{name}"]
        x, y, w, h = cv2.boundingRect(((labels == left) | (labels == right)).view(np.uint8))
        if not w:
            continue
        here = np.s_[y : y + h, x : x + w]
        part = labels[here]
        mine = (part == left) | (part == right)
        rows, columns = np.nonzero(mine)
        lefts, rights = probabilities[left][here][mine], probabilities[right][here][mine]
        leaning = (lefts - rights) / np.maximum(lefts + rights, 1e-6)
        if landmarks is not None:
            near, far = (_distance(columns + x, rows + y, landmarks[list(bone), :2]) for bone in bones)
            leaning = (leaning + (far - near) / np.maximum(near + far, 1e-6)) / 2
        sides = np.zeros(part.shape, np.float32)
        sides[mine] = leaning
        settled[here][mine] = np.where(_whole(mine, sides)[mine] > 0, left, right)
    return settled


def _whole(mine: NDArray[np.bool_], sides: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each blob's side: one for all of it if it is clear, else each pixel's, without fragments."""
    count, blobs = cv2.connectedComponents(mine.view(np.uint8), connectivity=8)
    flat = blobs.ravel()
    area = np.maximum(np.bincount(flat, minlength=count), 1)
    mean = np.bincount(flat, sides.ravel(), count) / area
    whole = np.where(np.abs(mean) >= ONE_SIDE, mean, 0)[blobs]
    divided = np.where(whole == 0, sides, whole).astype(np.float32)
    for sign in (1, -1):
        pieces, ids, stats, _ = cv2.connectedComponentsWithStats((mine & (sign * divided > 0)).view(np.uint8))
        for piece in range(1, pieces):
            px, py = stats[piece, :2]
            rows, columns = np.s_[py : py + stats[piece, 3]], np.s_[px : px + stats[piece, 2]]
            inside = ids[rows, columns] == piece
            blob = blobs[rows, columns][inside][0]
            if stats[piece, cv2.CC_STAT_AREA] < FRAGMENT * area[blob]:
                divided[rows, columns][inside] = mean[blob]
    return divided


def _distance(x: NDArray[np.intp], y: NDArray[np.intp], joints: FloatArray) -> NDArray[np.float32]:
    """Of each point to the nearest of the bones between successive joints (k, 2), px."""
    points = np.stack([x, y], 1).astype(np.float32)
    nearest = np.full(len(points), np.inf, np.float32)
    for start, end in itertools.pairwise(joints.astype(np.float32)):
        along = end - start
        share = np.clip((points - start) @ along / max(float(along @ along), 1e-6), 0, 1)
        nearest = np.minimum(nearest, np.linalg.norm(points - start - share[:, None] * along, axis=1))
    return nearest


def _fragments(labels: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Connected pieces of garments: their numbers (h, w), 0 = none, and each number's label."""
    ids = np.zeros(labels.shape, np.int32)
    kinds = [0]
    for garment in GARMENTS:
        mine = (labels == garment).view(np.uint8)
        x, y, w, h = cv2.boundingRect(mine)
        if not w:
            continue
        count, pieces, stats, _ = cv2.connectedComponentsWithStats(mine[y : y + h, x : x + w], connectivity=4)
        number = np.zeros(count, np.int32)
        for piece in range(1, count):
            if stats[piece, cv2.CC_STAT_AREA] >= SPECK:
                number[piece] = len(kinds)
                kinds.append(garment)
        ids[y : y + h, x : x + w] += number[pieces]
    return ids, np.array(kinds, np.uint8)


def _touching(ids: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """Which pieces lie within two px of each other: bool (count, count)."""
    touching = np.zeros((count, count), bool)
    for step in (1, 2):
        for a, b in ((ids[:, :-step], ids[:, step:]), (ids[:-step], ids[step:])):
            meet = (a != b) & (a > 0) & (b > 0)
            touching[a[meet], b[meet]] = True
    return touching | touching.T
