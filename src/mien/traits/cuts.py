"""How a garment is cut and woven: sleeves, hem, pattern; and denim."""

import math
from collections.abc import Mapping

import numpy as np

from mien.traits.chances import answer
from mien.traits.garments import PANTS, Worn
from mien.traits.regions import FigureView
from mien.traits.traits import Guess

SLEEVED = ("upper", "dress")
HEMMED = ("coat", "dress", "skirt")

TOLD = {"sleeves": 0.6, "hem": 0.6, "pattern": 0.55}
"""Chance from which each is told."""

UNWOVEN = {"contrast": 0.0, "chroma contrast": 0.0, "busy": 0.0}
"""What `weave` would say of cloth too small to tell."""


def sleeves(worn: Worn, places: set[str], measured: Mapping[str, float]) -> Guess | None:
    """Of the outermost garment on the arms; None where the arms are not seen whole."""
    outermost = worn.place == "upper" or (worn.place == "dress" and "upper" not in places)
    if not outermost or not (measured["sees upper arm"] and measured["sees forearm"]):
        return None
    return answer("sleeves", measured, TOLD["sleeves"])


def hem(view: FigureView, worn: Worn, measured: Mapping[str, float]) -> Guess | None:
    """Of a coat, a dress or a skirt; None where the knees are not seen, or the garment goes out of the picture."""
    garment = max(worn.chances, key=lambda kind: worn.chances[kind])
    part = next((name for name in HEMMED if name == garment), None)
    if part is None or not measured[f"{part} bottom levelled"] or not measured["sees thigh"]:
        return None
    level = measured[f"{part} bottom level"]
    if view.joint(27) is None and view.joint(28) is None and level > 1.8:
        return None
    return answer("hem", {**measured, "end level": level}, TOLD["hem"])


def pattern(woven: Mapping[str, float] | None, measured: Mapping[str, float]) -> Guess | None:
    """Of cloth that `weave` has measured; None of too small a piece to tell."""
    return None if woven is None else answer("pattern", {**measured, **woven}, TOLD["pattern"])


def denim(view: FigureView, woven: Mapping[str, float] | None) -> dict[str, float]:
    """What trousers are known as jeans by: their colour, how it fades, and their `weave`."""
    found = dict.fromkeys(
        ("lightness", "a", "b", "colourful", "faded blue", "raw blue", "black", "fading", *UNWOVEN), 0.0
    )
    if not view.area(PANTS):
        return found
    swatches = view.swatches(PANTS)
    shares = swatches.counts / swatches.counts.sum()
    lightness, a, b = shares @ swatches.lab
    fading = float(np.sqrt(max(0.0, shares @ (swatches.lab[:, 0] - lightness) ** 2)))
    chroma = float(np.hypot(a, b))
    found |= {"lightness": lightness / 50, "a": a / 10, "b": b / 10, "colourful": chroma / 20, "fading": fading / 10}
    found |= {
        "faded blue": math.exp(-(((b + 14) / 7) ** 2) - (a / 6) ** 2) * (lightness < 75),
        "raw blue": math.exp(-(((b + 5) / 5) ** 2) - (a / 6) ** 2) * (lightness < 35),
        "black": math.exp(-((chroma / 4) ** 2)) * (lightness < 25),
    }
    found |= {name: woven[name] for name in UNWOVEN} if woven else UNWOVEN
    return {name: float(value) for name, value in found.items()}
