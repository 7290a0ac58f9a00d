"""What of a figure its traits are judged by: how much of each part is seen, how surely, and where it ends."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.faces.face import Face
from mien.parsing.parse import BAG
from mien.traits.regions import LEGS, SHOES, FigureView, ids

ARMS = ids("left-arm", "right-arm")
IS_SKIN = np.isin(np.arange(256), (*ids("face", "torso-skin"), *ARMS, *LEGS))
"""By label."""

GROUPS = {
    "hat": ids("hat"),
    "hair": ids("hair"),
    "gloves": ids("glove"),
    "glasses": ids("sunglasses"),
    "upper-clothes": ids("upper-clothes"),
    "dress": ids("dress"),
    "coat": ids("coat"),
    "socks": ids("socks"),
    "pants": ids("pants"),
    "neck": ids("torso-skin"),
    "scarf": ids("scarf"),
    "skirt": ids("skirt"),
    "face": ids("face"),
    "arms": ARMS,
    "legs": LEGS,
    "shoes": SHOES,
    "bag": (BAG,),
}
"""Parts that are judged together."""

SIDES = {"left": (11, 13, 15, 23, 25, 27), "right": (12, 14, 16, 24, 26, 28)}
"""Shoulder, elbow, wrist, hip, knee and ankle of each."""

MUCH = 0.15
"""√ of a share of the figure's px: 2 % is seen as well as more."""

LONG_HAIR = 0.0
"""How far hair reaches below the chin, in face heights, from which it is long."""

BEARD_ONLY = 0.1
"""Hair of which less than 10 % is above the middle of the face is a beard."""

MUCH_HAIR = 0.02
"""Of the hair's px, below the chin: fewer are a stray label."""


def measures(view: FigureView, face: Face | None) -> dict[str, float]:
    """By name; 0 of what is not seen, so that each is to be weighed beside the one that says it is seen.

    - "share of …" of each of `GROUPS`: √ of its share of the figure's px, 0–1; "sure of …": its confidence, 0–1;
      "seen …": the latter, less of a small share.
    - "… level", where a garment ends (and a dress begins): 0 the shoulders, 1 the hips, 2 the knees, 3 the ankles;
      "… levelled": 1 if it is known.
    - "skin on …": share of a limb that is skin, and "cloth on …"; "sees …": 1 if the limb is in the picture.
    - "resolution": see `FigureView`; "sure": the mean confidence of all its px, 0–1.
    - "hair below": how far hair reaches below the chin, in face heights, −1–3; "hair measured".
    """
    found = {"face": float(face is not None), "uncertain": view.uncertain, "resolution": view.resolution}
    found["sure"] = view.confidence(range(1, BAG))
    for name, parts in GROUPS.items():
        found[f"share of {name}"] = min(1.0, view.share(parts)) ** 0.5
        found[f"sure of {name}"] = view.confidence(parts)
        found[f"seen {name}"] = found[f"sure of {name}"] * min(1.0, found[f"share of {name}"] / MUCH)
    levels = levels_of(view)
    for name, end in (("dress", 1), ("dress", 0), ("coat", 1), ("skirt", 1), ("pants", 1), ("upper-clothes", 1)):
        rows = view.rows(GROUPS[name])
        known = levels is not None and rows is not None
        about = f"{name} {'bottom' if end else 'top'}"
        found[f"{about} level"] = levels(rows[end]) if levels is not None and rows is not None else 0.0
        found[f"{about} levelled"] = float(known)
    for limb, (start, end_) in {"upper arm": (0, 1), "forearm": (1, 2), "thigh": (3, 4), "shin": (4, 5)}.items():
        skin, cloth, seen = limb_cover(view, start, end_)
        found[f"skin on {limb}"], found[f"cloth on {limb}"], found[f"sees {limb}"] = skin, cloth, seen
    reach = hair_reach(view)
    found["hair below"] = float(np.clip(0.0 if reach is None else reach, -1, 3))
    found["hair measured"] = float(reach is not None)
    head = view.area(ids("hat", "hair", "face", "sunglasses"))
    found["hair of head"] = view.area(GROUPS["hair"]) / head if head else 0.0
    return {name: float(value) for name, value in found.items()}


def limb_cover(view: FigureView, start: int, end: int) -> tuple[float, float, float]:
    """Skin's and cloth's share along a limb, mean of both sides, and 1.0 if one is seen. `start`: see `SIDES`."""
    skin, cloth = [], []
    for joints in SIDES.values():
        labels = view.along(joints[start], joints[end])
        if labels is not None and np.count_nonzero(labels) * 2 > len(labels):
            on_body = np.count_nonzero(labels)
            bare = np.count_nonzero(IS_SKIN[labels])
            skin.append(bare / on_body)
            cloth.append(1 - bare / on_body)
    return (float(np.mean(skin)), float(np.mean(cloth)), 1.0) if skin else (0.0, 0.0, 0.0)


class Levels:
    """Heights on an upright body: 0 at the shoulders, 1 at the hips, 2 at the knees, 3 at the ankles."""

    def __init__(self, heights: NDArray[np.float64]) -> None:
        self._heights = heights

    @property
    def last(self) -> int:
        """The level of the lowest joint that is seen."""
        return len(self._heights) - 1

    def __call__(self, y: float) -> float:
        """−0.5–3.5. Below the last joint that is seen a thigh is as long as a trunk."""
        known = self._heights
        if y > known[-1]:
            return float(min(3.5, self.last + (y - known[-1]) / (known[1] - known[0])))
        if y < known[0]:
            return float(max(-0.5, (y - known[0]) / (known[1] - known[0])))
        return float(np.interp(y, known, np.arange(self.last + 1)))


def levels_of(view: FigureView) -> Levels | None:
    """None where no upright trunk is seen."""
    shoulders, hips = view.joint(11, 12), view.joint(23, 24)
    if shoulders is None or hips is None:
        return None
    across, down = hips - shoulders
    if down < 8 or abs(across) > down:
        return None
    heights = [float(shoulders[1]), float(hips[1])]
    for pair in ((25, 26), (27, 28)):
        joints = [joint for side in pair if (joint := view.joint(side)) is not None]
        if not joints or (y := float(np.mean([joint[1] for joint in joints]))) < heights[-1] + down / 4:
            break  # of one who sits, thighs point at the camera
        heights.append(y)
    return Levels(np.array(heights))


def hair_reach(view: FigureView) -> float | None:
    """How far hair reaches below the chin, in face heights (−1 = up to the brow); None without hair or a face.

    Only hair beside the face's middle counts: a beard hangs below it.
    """
    hair_parts, face_parts = GROUPS["hair"], GROUPS["face"]
    face, hair = view.rows(face_parts), view.rows(hair_parts)
    if face is None or hair is None or view.area(GROUPS["hat"]) > view.area(hair_parts):
        return None
    middle = int((face[0] + face[1]) / 2)
    hairs = view.mask(hair_parts)
    if np.count_nonzero(hairs[:middle]) < BEARD_ONLY * view.area(hair_parts):
        return None
    columns = np.cumsum(cv2.reduce(view.mask(face_parts).view(np.uint8), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S))
    left, right = np.searchsorted(columns, [0.2 * columns[-1], 0.8 * columns[-1]])
    chin = int(face[1])
    below = np.count_nonzero(hairs[chin:, :left]) + np.count_nonzero(hairs[chin:, right + 1 :])
    bottom = hair[1] if below >= MUCH_HAIR * view.area(hair_parts) else min(hair[1], face[1])
    return float((bottom - face[1]) / max(1.0, face[1] - face[0]))
