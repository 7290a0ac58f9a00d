"""Standing: where a figure's body begins and ends, if it stands upright and is seen from head to foot."""

from dataclasses import dataclass
from math import atan2, degrees, hypot

import numpy as np
from numpy.typing import NDArray

from mien.faces.face import Face
from mien.growth.reasons import Reason
from mien.parsing.parse import PART_ID, Parse

VERSION = 2
"""Of these rules: to be raised when they say something else of the same parse, for what they say is stored."""

Point = tuple[float, float]

SHOULDERS, HIPS, KNEES, ANKLES, HEELS, TOES = (11, 12), (23, 24), (25, 26), (27, 28), (29, 30), (31, 32)
"""BlazePose's landmarks, left and right (Bazarevsky et al., 2020)."""
CHIN = 152
"""Of the face mesh: its lowest point."""

HEAD = ("hair", "face", "sunglasses")

SEEN = 0.5
"""A landmark less visible than this is a guess of the network's."""
LEAST = 100
"""Px of the parse from head to foot: below, a pixel more or less is a per cent."""
EDGE = 2
"""Px of the parse: what is as near to the photo's edge may go on beyond it."""
ABOVE, BELOW = 0.04, 0.1
"""Share of the body: the mask has to end where the skeleton's feet are. Where it ends further above, these are behind
something; toes may reach further below, the more the camera looks down."""
COVERED = 0.1
"""A hat that makes up this share of the head hides where the head ends."""

STRAIGHT = 150.0
"""Degrees at the knee: a knee that is bent more shortens the body by over 3 %."""
FORESHORTENED = 0.6
"""A thigh that looks so much shorter than the shank points at the camera: whoever shows it is seated."""
HANGING = 0.1
"""Share of the body: a head that does not reach so far above the shoulders hangs (upright, it is 0.18 or more)."""
UPRIGHT = 15.0
"""Degrees off the vertical, of trunk and legs: a body that leans more is shortened by over 3 %."""
APART = 0.6
"""Feet further apart than this share of the leg shorten it by over 4 %."""
FRONTAL = (30.0, 20.0)
"""Degrees of yaw and pitch up to which a face's chin says how high the head is."""


@dataclass(frozen=True)
class Stance:
    """An upright figure, in shares (0–1) of the upright photo.

    Attributes:
        foot: on the ground, midway between the feet, and between heel and toe.
        top: the highest point of the head, hair included.
        chin: None where the face is turned away or not seen.
        rows: px of the parse from head to foot: how finely it was seen.
    """

    foot: Point
    top: Point
    chin: Point | None
    rows: float


def stance(parse: Parse, figure: int, face: Face | None) -> Stance | Reason:
    """How figure `figure` (0…n−1) stands, or why that does not say how tall it is."""
    pose = parse.poses[figure].astype(np.float64)
    if np.isnan(pose).any():
        return "not-seen"
    mask = parse.mask(figure)
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows) or rows[-1] - rows[0] < LEAST:
        return "small"
    height, width = mask.shape
    if rows[-1] >= height - EDGE:
        return "cut-off"
    top = _top(parse, figure, mask)
    if isinstance(top, str):
        return "cut-off" if rows[0] < EDGE else top
    if top[1] < EDGE:
        return "cut-off"
    at = pose[:, :2] * (width, height)
    if (pose[[*SHOULDERS, *HIPS, *KNEES], 2] < SEEN).any():
        return "half-hidden"
    feet = [side for side in (0, 1) if pose[[ANKLES[side], HEELS[side], TOES[side]], 2].min() >= SEEN]
    if not feet:
        return "feet-hidden"
    foot = np.mean([at[[HEELS[side], TOES[side]]].mean(axis=0) for side in feet], axis=0)
    tall = foot[1] - top[1]
    if tall < LEAST:
        return "small"
    if foot[1] >= height - EDGE:
        return "cut-off"
    if not -ABOVE * tall <= rows[-1] - foot[1] <= BELOW * tall:
        return "feet-hidden"
    if at[list(SHOULDERS), 1].mean() - top[1] < HANGING * tall:
        return "bent"
    if (bent := _bent(at)) is not None:
        return bent
    x, y = foot[0] / width, foot[1] / height
    return Stance((float(x), float(y)), (top[0] / width, top[1] / height), _chin(face), float(tall))


def _top(parse: Parse, figure: int, mask: NDArray[np.bool_]) -> Point | Reason:
    """Px of the parse: where the head ends."""
    head = mask & np.isin(parse.parts, [PART_ID[part] for part in HEAD])
    hat = int(parse.areas[figure, PART_ID["hat"]])
    seen = int(np.count_nonzero(head))
    if hat > COVERED * (seen + hat):
        return "hat"
    counts = np.count_nonzero(head, axis=1)
    if not seen or counts.max() < EDGE:
        return "head-hidden"
    # A single stray lock or mislabelled pixel is not where a head ends.
    row = int(np.flatnonzero(counts >= max(2, counts.max() * 0.15))[0])
    return float(np.flatnonzero(head[row]).mean()), float(row)


def _bent(at: NDArray[np.float64]) -> Reason | None:
    """Why this body (px) is not upright."""
    shoulder, hip, ankle = (at[list(pair)].mean(axis=0) for pair in (SHOULDERS, HIPS, ANKLES))
    if hip[1] <= shoulder[1] or ankle[1] <= hip[1]:
        return "bent"
    legs = []
    for side in (0, 1):
        thigh, shank = at[KNEES[side]] - at[HIPS[side]], at[ANKLES[side]] - at[KNEES[side]]
        legs.append(hypot(*thigh) + hypot(*shank))
        if hypot(*thigh) < FORESHORTENED * hypot(*shank):
            return "seated"
        if abs(_between(thigh, shank)) > 180 - STRAIGHT:
            return "bent"
    if max(abs(_lean(shoulder, hip)), abs(_lean(hip, ankle))) > UPRIGHT:
        return "bent"
    if hypot(*(at[ANKLES[0]] - at[ANKLES[1]])) > APART * max(legs):
        return "stride"
    return None


def _lean(above: NDArray[np.float64], below: NDArray[np.float64]) -> float:
    """Degrees off the vertical."""
    return degrees(atan2(below[0] - above[0], below[1] - above[1]))


def _between(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Degrees by which a limb turns from one bone to the next; 0: straight."""
    cross = one[0] * other[1] - one[1] * other[0]
    return degrees(atan2(cross, float(one @ other)))


def _chin(face: Face | None) -> Point | None:
    if face is None:
        return None
    yaw, pitch = FRONTAL
    if abs(face.quality.yaw) > yaw or abs(face.quality.pitch) > pitch:
        return None
    x, y = face.landmarks[CHIN]
    return float(x), float(y)
