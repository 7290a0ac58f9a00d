"""Clothing Co-Parsing's labels → Mien's: 59 garment classes and one "skin" become 19 CIHP parts and bags."""

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.skeleton import ARMS, HIPS, LEFT_EYE, LEGS, MOUTH_LEFT, MOUTH_RIGHT, RIGHT_EYE, SHOULDERS
from mien.parsing.parse import BAG, PART_ID

Points = NDArray[np.float64]

IGNORED = 255
"""Pixels whose label says nothing about parts: belts, jewellery, …"""

GARMENTS = {
    "background": "null",
    "hat": "hat",
    "hair": "hair",
    "glove": "gloves",
    "sunglasses": "sunglasses glasses",
    "upper-clothes": "blouse shirt sweater t-shirt top vest sweatshirt hoodie jumper bodysuit tie bra swimwear",
    "dress": "dress romper",
    "coat": "coat jacket blazer cape suit cardigan",
    "socks": "socks stockings tights",
    "pants": "pants jeans shorts leggings",
    "scarf": "scarf",
    "skirt": "skirt",
}
BAGS = "bag purse wallet"
SHOES = "boots clogs flats heels loafers pumps sandals shoes sneakers wedges"

FACE_REACH = 2.6  # radius of a face around the middle of eyes and mouth, over the distance between those two
ONE_SHOE = 0.75  # a blob of which this share is on one side is one shoe
SPECK = 15  # px; too small to say whose side it is on


def lookup(names: list[str], words: dict[int, str]) -> NDArray[np.uint8]:
    """Label number → class, uint8 (256,), given the words for each class; `IGNORED` for labels without one."""
    table = np.full(256, IGNORED, np.uint8)
    for kind, members in words.items():
        table[[names.index(name) for name in members.split()]] = kind
    return table


def part_labels(labels: NDArray[np.uint8], names: list[str], landmarks: NDArray[np.floating]) -> NDArray[np.uint8]:
    """The label map in Mien's classes.

    Skin is told apart into face, torso, arms and legs, and shoes into left and right, by what is nearest in the pose.

    Args:
        labels: (h, w); indices into `names`.
        landmarks: (33, ≥2); x, y in px of the map.

    Returns:
        uint8 (h, w); 0–19 CIHP, 20 bag, `IGNORED`.
    """
    words = {PART_ID[part]: members for part, members in GARMENTS.items()} | {BAG: BAGS}
    parts = np.asarray(lookup(names, words)[labels])
    points = landmarks[:, :2].astype(np.float64)
    skin = labels == names.index("skin")
    parts[skin] = _skin_parts(np.argwhere(skin)[:, ::-1].astype(np.float64), points)
    shoes = np.isin(labels, [names.index(name) for name in SHOES.split()])
    parts[shoes] = _shoe_sides(np.argwhere(shoes)[:, ::-1].astype(np.float64), points)
    return _whole_shoes(parts, shoes)


def _skin_parts(places: Points, pose: Points) -> NDArray[np.uint8]:
    shoulders, hips = pose[list(SHOULDERS)].mean(0), pose[list(HIPS)].mean(0)
    eyes, mouth = pose[[LEFT_EYE, RIGHT_EYE]].mean(0), pose[[MOUTH_LEFT, MOUTH_RIGHT]].mean(0)
    head = max(float(np.linalg.norm(eyes - mouth)), 1e-6)
    up = (eyes - mouth) / head
    chin = mouth - 0.75 * head * up
    collar = [0.75 * pose[shoulder] + 0.25 * shoulders for shoulder in SHOULDERS]
    torso = [((chin + shoulders) / 2, shoulders), (collar[0], collar[1]), (shoulders, hips)]
    limbs = [_bones(pose, limb) for limb in (*(arm for arm in ARMS), *(leg for leg in LEGS))]
    distances = np.stack([_distance(places, bones) for bones in (torso, *limbs)], 1)
    kinds = np.array([PART_ID[p] for p in ("torso-skin", "left-arm", "right-arm", "left-leg", "right-leg")], np.uint8)
    parts = kinds[distances.argmin(1)]
    reach = FACE_REACH * head + 0.02 * np.linalg.norm(shoulders - hips)
    in_face = ((places - chin) @ up > 0) & (np.linalg.norm(places - (eyes + mouth) / 2, axis=1) < reach)
    parts[in_face] = PART_ID["face"]
    return parts


def _shoe_sides(places: Points, pose: Points) -> NDArray[np.uint8]:
    left, right = (
        _distance(places, [((pose[knee] + pose[ankle]) / 2, pose[ankle]), (pose[ankle], pose[foot])])
        for _, knee, ankle, foot in LEGS
    )
    return np.where(left < right, PART_ID["left-shoe"], PART_ID["right-shoe"]).astype(np.uint8)


def _whole_shoes(parts: NDArray[np.uint8], shoes: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A blob that lies mostly on one side is one shoe; shoes that touch stay divided."""
    count, blobs = cv2.connectedComponents(shoes.astype(np.uint8))
    for blob in range(1, count):
        here = blobs == blob
        share = float(np.mean(parts[here] == PART_ID["left-shoe"]))
        if np.count_nonzero(here) >= SPECK and max(share, 1 - share) > ONE_SHOE:
            parts[here] = PART_ID["left-shoe"] if share > ONE_SHOE else PART_ID["right-shoe"]
    return parts


def _bones(pose: Points, joints: tuple[int, ...]) -> list[tuple[Points, Points]]:
    return [(pose[a], pose[b]) for a, b in itertools.pairwise(joints)]


def _distance(places: Points, bones: list[tuple[Points, Points]]) -> Points:
    """Of each place (n, 2) to the nearest bone, px."""
    nearest = np.full(len(places), np.inf)
    for start, end in bones:
        along = end - start
        share = np.clip((places - start) @ along / (along @ along + 1e-6), 0, 1)
        nearest = np.minimum(nearest, np.linalg.norm(places - (start + share[:, None] * along), axis=1))
    return nearest
