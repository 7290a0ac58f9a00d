"""Build and impression: proportions of the box and the body, an age group, and how the figure is styled."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import Parse
from mien.traits.chances import acuity
from mien.traits.garments import Worn
from mien.traits.measures import LONG_HAIR
from mien.traits.regions import FigureView
from mien.traits.traits import Guess, guess_of

CHILD_BELOW = 13.5
ADULT_ABOVE = 19.0
"""Body length in eye-to-mouth distances. Of 786 adults standing in the street (CCP) 1 % have less than 17.9
and 5 % less than 18.8; toddlers have 10–12. Between lie older children, and adults seen from above: unknown."""

LEG_RANGE = (1.05, 2.0)
"""Leg over trunk; beyond, a limb points at the camera (CCP's 1st percentile is 1.14) and lengths mean nothing."""

SHORT_HAIR = -0.4
"""How far hair reaches below the chin, in face heights. In catalogue photos (n = 385) nine in ten women are above
0, and 95 % of men below −0.59."""

TOLD = {"style": 0.7, "age_group": 0.6}
"""Chance from which each is told."""

HALF, STEEP = {"style": 35.0, "age_group": 60.0}, 2.0
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
        child = min(0.9, 0.5 + (CHILD_BELOW - heads) / 10)
    elif heads > ADULT_ABOVE:
        child = max(0.1, 0.5 - (heads - ADULT_ABOVE) / 10)
    else:
        child = 0.5
    return _guess("age_group", {"child": child, "adult": 1 - child}, view.resolution)


def style(garments: Sequence[Worn], guesses: Mapping[str, Guess], measured: Mapping[str, float]) -> Guess | None:
    """How a figure is styled, "feminine", "masculine" or "unknown": a guess at an appearance, nothing more.

    Long hair, more so with a dress or a skirt, against short hair with trousers and no bag. A dress alone says
    little: engines take many a coat or robe for one. None where neither hair nor clothes are seen.
    """
    has_hair = measured["hair measured"] > 0
    if not has_hair and not garments:
        return None
    skirted = max((worn.confidence for worn in garments if worn.garment in ("dress", "skirt")), default=0.0)
    trousers = any(worn.garment in ("pants", "jeans", "shorts") for worn in garments)
    carries = "bag" in guesses and guesses["bag"].value == "yes"
    long = guesses["hair_length"].chances.get("long", 0.0) if "hair_length" in guesses else 0.5
    feminine = 0.5
    if has_hair and measured["hair below"] > LONG_HAIR and long > 0.5:
        feminine = 0.5 + 0.4 * (2 * long - 1) + 0.05 * skirted
    elif has_hair and measured["hair below"] < SHORT_HAIR and skirted == 0 and trousers and not carries:
        feminine = 0.12
    return _guess("style", {"feminine": feminine, "masculine": 1 - feminine}, measured["resolution"])


def _guess(name: str, chances: Mapping[str, float], resolution: float) -> Guess:
    """Of two values, either of which is as likely where nothing is seen."""
    counts = acuity(resolution, HALF[name], STEEP)
    return guess_of({value: 0.5 + counts * (chance - 0.5) for value, chance in chances.items()}, TOLD[name])


def _hangs(hip: NDArray[np.float32], knee: NDArray[np.float32]) -> bool:
    """Whether a thigh points down, as of one who stands: a seated one's thigh points at the camera."""
    across, down = knee - hip
    return bool(down > 1.5 * abs(across))


def _on_figure(view: FigureView, point: NDArray[np.float32]) -> bool:
    """Whether a joint lies on the figure's mask: poses also guess at what is hidden or cut off."""
    x, y = (int(v) for v in np.round(point))
    reach = max(2, len(view.parts) // 50)
    return bool(view.parts[max(0, y - reach) : max(0, y + reach + 1), max(0, x - reach) : max(0, x + reach + 1)].any())
