"""Build: proportions of the box and the body, and an age group."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import Parse
from mien.traits.chances import acuity
from mien.traits.regions import FigureView
from mien.traits.traits import Guess, guess_of

CHILD_BELOW, PER_HEAD = 16.75, 1.0
ADULT_ABOVE = 19.0
"""Body length in eye-to-mouth distances. Of 786 adults standing in the street (CCP) 1 % have less than 17.9 and 5 %
less than 18.8; toddlers have 10–12, a child of five some 16. With `PER_HEAD` less the odds of a child are e times as
high. Between lie older children, and adults seen from above: unknown."""

SUREST = 0.9
"""Chance. Whoever is photographed from above has a shorter body."""

LEG_RANGE = (1.05, 2.0)
"""Leg over trunk; beyond, a limb points at the camera (CCP's 1st percentile is 1.14) and lengths mean nothing."""

TOLD = 0.6
"""Chance from which it is told."""

HALF, STEEP = 60.0, 2.0
"""Of `acuity`. Of somebody 140 px high (60) eyes and mouth are 7 px apart."""


def height_ratio(parse: Parse, figure: int) -> float:
    """Height of the figure's box over the photo's height, 0–1."""
    box = np.nan_to_num(parse.boxes[figure].astype(np.float64))
    return float(np.clip(box[3] - box[1], 0, 1))


def aspect_ratio(parse: Parse, figure: int) -> float:
    """Width of the figure's box over its height, in px; 0 for a box without height."""
    width, height = parse.size
    box = np.nan_to_num(parse.boxes[figure].astype(np.float64))
    across, down = (box[2] - box[0]) * width, (box[3] - box[1]) * height
    return float(max(0.0, across / down)) if down > 0 else 0.0


def body_in_heads(view: FigureView) -> float | None:
    """Eyes to ankles along the limbs, in eye-to-mouth distances; None unless the whole body is seen undistorted."""
    points = {
        name: view.joint(*landmarks)
        for name, landmarks in {
            "eyes": (2, 5), "mouth": (9, 10), "shoulders": (11, 12), "hips": (23, 24),
            "left-knee": (25,), "right-knee": (26,), "left-ankle": (27,), "right-ankle": (28,),
        }.items()
    }  # fmt: skip
    seen = {name: point for name, point in points.items() if point is not None}
    if len(seen) < len(points) or not all(_on_figure(view, seen[name]) for name in seen if "-" in name):
        return None

    def path(*names: str) -> float:
        return sum(float(np.linalg.norm(seen[a] - seen[b])) for a, b in itertools.pairwise(names))

    if not all(_hangs(seen["hips"], seen[f"{side}-knee"]) for side in ("left", "right")):
        return None
    head, trunk = path("eyes", "mouth"), path("shoulders", "hips")
    legs = np.mean([path("hips", f"{side}-knee", f"{side}-ankle") for side in ("left", "right")])
    if head < 2 or trunk <= 0 or not LEG_RANGE[0] <= legs / trunk <= LEG_RANGE[1]:
        return None
    return (path("eyes", "shoulders") + trunk + float(legs)) / head


def age_group(view: FigureView) -> Guess | None:
    """ "child", "adult" or "unknown", from the body's length in heads; None unless the whole body is seen."""
    heads = body_in_heads(view)
    if heads is None:
        return None
    if heads < CHILD_BELOW:
        child = min(SUREST, 1 / (1 + math.exp((heads - CHILD_BELOW) / PER_HEAD)))
    elif heads > ADULT_ABOVE:
        child = max(1 - SUREST, 0.5 - (heads - ADULT_ABOVE) / 10)
    else:
        child = 0.5
    counts = float(acuity(view.resolution, HALF, STEEP))
    return guess_of({"child": 0.5 + counts * (child - 0.5), "adult": 0.5 + counts * (0.5 - child)}, TOLD)


def _hangs(hip: NDArray[np.float32], knee: NDArray[np.float32]) -> bool:
    """Whether a thigh points down, as of one who stands: a seated one's thigh points at the camera."""
    across, down = knee - hip
    return bool(down > 1.5 * abs(across))


def _on_figure(view: FigureView, point: NDArray[np.float32]) -> bool:
    """Whether a joint lies on the figure's mask: poses also guess at what is hidden or cut off."""
    x, y = (int(v) for v in np.round(point))
    reach = max(2, len(view.parts) // 50)
    return bool(view.parts[max(0, y - reach) : max(0, y + reach + 1), max(0, x - reach) : max(0, x + reach + 1)].any())
