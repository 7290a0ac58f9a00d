"""Cut-outs: a garment as a photo shows it, and nothing around it."""

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import PART_ID, Parse

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1. (That of `people.anchors` would bring half of scipy into the studio's process.)"""

SIDE = 320
"""px; a cut-out is never larger, and never enlarged."""

LEAST = 30
"""px of the parse; less is a speck."""

SOFT = 0.6
"""px of the parse by which the outline is softened: masks have steps, cloth has none."""

UPPER, COAT, DRESS, PANTS, SKIRT, HAT, SCARF = (
    PART_ID[part] for part in ("upper-clothes", "coat", "dress", "pants", "skirt", "hat", "scarf")
)


@dataclass(frozen=True)
class Piece:
    """Where a garment is in its photo: a box, 0–1, and the mask inside it as a PNG of one channel."""

    box: Box
    mask: bytes


def parts_of(place: str, places: Collection[str], areas: NDArray[np.int32]) -> tuple[int, ...]:
    """The parts that show the garment at one of a figure's `places` (see `traits.garments`). `areas`: px of each part.

    What is labelled a dress is a skirt where nothing else is worn below.
    """
    is_skirt = "lower" in places and not areas[[PANTS, SKIRT]].any()
    if place == "upper" and "inner" in places:
        return (COAT,)
    if place == "upper":
        return (UPPER, COAT) if is_skirt or "dress" in places else (UPPER, COAT, DRESS)
    below = (DRESS,) if is_skirt else (PANTS, SKIRT)
    shown = {"inner": (UPPER,), "dress": (DRESS,), "lower": below, "hat": (HAT,), "scarf": (SCARF,)}
    return shown.get(place, ())


def piece(parse: Parse, figure: int, parts: tuple[int, ...]) -> Piece | None:
    """These parts of a figure (0…n−1); None if nearly nothing of them is seen."""
    mask = (np.equal(parse.figures, figure + 1) & np.isin(parse.parts, parts)).astype(np.uint8)
    left, top, across, down = cv2.boundingRect(mask)
    if int(mask.sum()) < LEAST:
        return None
    width, height = parse.size
    x0, y0, x1, y1 = max(left - 1, 0), max(top - 1, 0), min(left + across + 1, width), min(top + down + 1, height)
    _, encoded = cv2.imencode(".png", mask[y0:y1, x0:x1] * 255)
    return Piece((x0 / width, y0 / height, x1 / width, y1 / height), encoded.tobytes())


def cut_out(pixels: NDArray[np.uint8], piece: Piece) -> bytes:
    """That piece of an upright photo, (h, w, 3) sRGB, as a PNG of at most `SIDE` px a side, clear around it."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = np.multiply(piece.box, (width, height, width, height))
    left, top = int(x0), int(y0)
    right, bottom = max(left + 1, min(round(x1), width)), max(top + 1, min(round(y1), height))
    crop = pixels[top:bottom, left:right]
    scale = min(1.0, SIDE / max(crop.shape[:2]))
    size = max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale))
    crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    mask = cv2.imdecode(np.frombuffer(piece.mask, np.uint8), cv2.IMREAD_GRAYSCALE)
    soft = cv2.GaussianBlur(np.asarray(mask), (0, 0), SOFT)
    alpha = np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR))
    alpha = np.clip((alpha.astype(np.float32) - 64) * 2, 0, 255).astype(np.uint8)
    picture = np.dstack([crop[..., ::-1], alpha])
    picture[alpha == 0] = 0  # what is clear holds no trace of what stood there
    _, encoded = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 6])
    return encoded.tobytes()
