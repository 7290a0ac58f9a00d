"""The colour of the light in a photo, as far as it is told from the photo alone, and colours as in daylight."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.photo.shrinking import shrink

LONG_SIDE = 256  # px at which the light is looked at: its colour is everywhere
BLUR = 1.0
NORM = 5
"""Minkowski norm of the edges. Grey-edge of the first order: van de Weijer, Gevers, Gijsenij: Edge-based color
constancy, IEEE Trans. Image Processing 16 (2007)."""

CLIPPED, DARK = 250, 3
"""sRGB values beyond which a px says nothing of the light."""

SPREAD = 0.06
"""Standard deviation of the estimate on photos whose light is white, in logarithms of R/G and B/G (CCP: 0.04)."""

LIGHTS = 0.30
"""Standard deviation of the light that cameras leave in photos: daylight to lamps, mostly balanced."""

DOUBT = 0.12
"""An estimate no farther from white than this is taken for the picture's own colours, and nothing is corrected."""

LIMIT = 0.8
"""No light is corrected further: lamps of 2,500 K."""

LEAST = 0.1  # of the photo's px, to look at

_VALUES = np.arange(256) / 255
LINEAR = np.where(_VALUES <= 0.04045, _VALUES / 12.92, ((_VALUES + 0.055) / 1.055) ** 2.4).astype(np.float32)
"""sRGB 0–255 → linear 0–1."""

DAYLIGHT = np.ones(3)


def light_of(pixels: NDArray[np.uint8], figures: NDArray[np.uint16]) -> NDArray[np.float64]:
    """The light's red, green and blue, (3,), in linear sRGB, of luminance 1: `DAYLIGHT` where it looks white.

    Only what is around the figures is looked at, and taken for grey on the whole: a red coat before a white wall is
    no red light, and skin differs more between people than light between photos. The estimate is drawn towards white
    by how uncertain it is, little deviations wholly.

    Args:
        pixels: sRGB, uint8 (h, w, 3).
        figures: (h, w); 0 = nobody.
    """
    found = _edges(pixels, figures)
    if found is None:
        return DAYLIGHT
    found = found / (1 + (SPREAD / LIGHTS) ** 2)
    away = float(np.hypot(*found))
    if away <= DOUBT:
        return DAYLIGHT
    corrected = min(away - DOUBT**2 / away, LIMIT)
    red, blue = np.round(found * corrected / away, 2)  # a mirror image is summed in another order
    light = np.exp([red, 0.0, blue])
    return np.asarray(light / (light @ [0.2126, 0.7152, 0.0722]))


def relit(pixels: NDArray[np.uint8], light: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The px, sRGB uint8 (…, 3), as they would be in daylight of the same strength (von Kries in linear sRGB)."""
    if np.array_equal(light, DAYLIGHT):
        return pixels
    linear = np.clip(LINEAR[:, None] / light, 0, 1)
    table = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    table = np.round(table * 255).astype(np.uint8)
    return np.stack([table[:, channel][pixels[..., channel]] for channel in range(3)], axis=-1)


def _edges(pixels: NDArray[np.uint8], figures: NDArray[np.uint16]) -> NDArray[np.float64] | None:
    """ln R/G and ln B/G of the surroundings' edges, (2,)."""
    around = np.equal(figures, 0).view(np.uint8)
    scale = LONG_SIDE / max(pixels.shape[:2])
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in pixels.shape[1::-1])
        pixels = shrink(pixels, width, height)
        around = np.asarray(cv2.resize(around, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    red, green, blue = cv2.split(pixels)
    usable = (cv2.max(cv2.max(red, green), blue) < CLIPPED) & (cv2.min(cv2.min(red, green), blue) > DARK)
    inner = np.asarray(cv2.erode(usable.view(np.uint8) & around, np.ones((3, 3), np.uint8)), np.uint8)
    if cv2.countNonZero(inner) < LEAST * inner.size:
        return None
    smooth = cv2.GaussianBlur(LINEAR[pixels], (0, 0), BLUR)
    edges = np.asarray(cv2.magnitude(cv2.Sobel(smooth, -1, 1, 0), cv2.Sobel(smooth, -1, 0, 1)))
    means = np.array(cv2.mean(cv2.pow(edges, NORM), inner)[:3])
    logs = np.log(np.maximum(means ** (1 / NORM), 1e-6))
    return np.array([logs[0] - logs[1], logs[2] - logs[1]])
