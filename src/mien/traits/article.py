"""The feature vector of the article this project began from, kept as a named baseline to measure against."""

from collections.abc import Iterable, Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import Parse
from mien.photo.photo import Photo
from mien.traits.regions import LEGS, SHOES, FigureView, figure_views, ids
from mien.traits.traits import Traits

FEATURES = (
    "upper-red", "upper-green", "upper-blue",  # dominant colour of the upper body, sRGB 0–255; 128 if not seen
    "lower-red", "lower-green", "lower-blue",  # the same of the lower body
    "has-hat",  # 0 or 1
    "wears-glasses",  # 0 or 1
    "skirt-or-dress",  # 0 or 1
    "shoe-type",  # 0 none seen, 0.5 unknown, 1 shoes
    "feminine-style",  # 0 masculine, 0.5 unknown, 1 feminine
    "height-ratio",  # box height over the photo's height
    "aspect-ratio",  # box width over box height, px
    "upper-share",  # upper clothing's share of the figure's px
    "skin-share",  # arms' and legs' share of the figure's px
)  # fmt: skip
"""The 15 columns, in order. The article names the first 13 subjects; the last two complete its "about 15"."""

GREY = (128.0, 128.0, 128.0)

UPPER = ids("upper-clothes", "dress", "coat")
LOWER = ids("pants", "skirt", "dress")
LIMBS = (*ids("left-arm", "right-arm"), *LEGS)

SETTLED = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 0.1)
"""k-means ends after this many rounds, or when its centres move less than this."""

PACKED = np.array([1, 256, 65536], np.float32)
"""Tells sRGB px apart by one number, which is exact in float32."""

Dominant = Literal["median", "k-means"]


def article_features(
    photo: Photo, parse: Parse, traits: Sequence[Traits], *, dominant: Dominant = "k-means"
) -> NDArray[np.float64]:
    """One row of `FEATURES` per figure: float64 (n, 15), unscaled.

    `traits` are those of `describe` for the same parse. `dominant`: "median" is the article's simple version of a
    region's colour, "k-means" (the largest of three clusters in sRGB) its full one. Colours are read from plain
    masks in sRGB, as the article does.
    """
    rows = [_row(view, figure, dominant) for view, figure in zip(figure_views(photo, parse), traits, strict=True)]
    return np.array(rows, np.float64).reshape(len(parse), len(FEATURES))


def _row(view: FigureView, traits: Traits, dominant: Dominant) -> list[float]:
    def says(name: str, value: str) -> bool:
        guess = traits.guesses.get(name)
        return guess is not None and guess.value == value

    skirted = any(worn.garment in ("dress", "skirt") for worn in traits.clothing.values())
    shoes = 1.0 if says("shoes", "yes") else 0.5 if says("shoes", "unknown") or view.area(SHOES) else 0.0
    feminine = 1.0 if says("style", "feminine") else 0.0 if says("style", "masculine") else 0.5
    return [
        *_dominant(view, UPPER, dominant),
        *_dominant(view, LOWER, dominant),
        float(says("hat", "yes")),
        float(says("glasses", "yes")),
        float(skirted),
        shoes,
        feminine,
        traits.height_ratio,
        traits.aspect_ratio,
        view.share(UPPER),
        view.share(LIMBS),
    ]


def _dominant(view: FigureView, parts: Iterable[int], how: Dominant) -> tuple[float, ...]:
    rows, columns = np.nonzero(view.mask(parts))
    if not len(rows):
        return GREY
    if how == "median":
        return tuple(float(value) for value in np.median(view.pixels[rows, columns], axis=0))
    some = slice(None, None, max(1, len(rows) // 2000))
    pixels = view.pixels[rows[some], columns[some]].astype(np.float32)
    clusters = min(3, len(np.unique(pixels @ PACKED)))
    cv2.setRNGSeed(0)
    # A row of px: a column of a single one would be taken for a row of numbers.
    _, owners, centres = cv2.kmeans(pixels[None], clusters, None, SETTLED, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    largest = np.bincount(owners.ravel()).argmax()
    return tuple(float(value) for value in centres[largest])
