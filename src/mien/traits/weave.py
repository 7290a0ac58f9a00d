"""What a garment's cloth looks like apart from its colour: stripes, checks, prints, the fading of denim."""

import functools
import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.traits.regions import FigureView, mask_of

UNIT = 120.0
"""Px: the root of the figure's area, to which it is scaled, so that a stripe is as wide on everybody."""

LEAST_UNIT = 75.0
"""A figure smaller than this has lost what its cloth shows."""

LEAST_PX = 500
"""Of the scaled cloth, about a hand's breadth by two."""

SHADE = 4.0  # σ in px of the scaled figure: folds and shading are softer than this, patterns are finer
WINDOW = 15  # px, in which a pattern has one direction
STREAK = 17  # px along which stripes keep their colour
SPECTRUM = 96
HUNDREDTH = SPECTRUM * (SPECTRUM // 2 + 1) // 100
OFF = 6.0  # from the shading, in CIELAB
FINE = 0.5
"""Of the gradients' ground: those of plain cloth, squared L per px²."""

LAB_STEP = np.array([100 / 255, 1, 1], np.float32)  # of CIELAB in 8 bits, which is made ten times as fast

Values = NDArray[np.float32]

NAMES = (
    "contrast",
    "chroma contrast",
    "one way",
    "two ways",
    "line spectrum",
    "one line",
    "two lines",
    "all over",
    "busy",
    "streak",
    "cross streak",
)
"""What `weave` measures, in this order."""


def weave(view: FigureView, parts: Iterable[int]) -> dict[str, float] | None:
    """By `NAMES`; None of cloth too small to tell.

    Contrasts are logarithms; "one way" and "two ways" are how much the gradients within a window keep to one direction
    and to two at right angles, 0–1 (the structure tensor's coherence, and its fourfold counterpart; Bigün and Granlund,
    1987); "line spectrum" is the share of the power spectrum in its strongest hundredth, "one line" and "two lines" how
    it keeps to one axis and to two; "all over" whether it is everywhere alike; "busy" the share of px off the shading.
    """
    if math.sqrt(view.body) < LEAST_UNIT or not view.area(parts):
        return None
    pixels, labels = view.scaled(UNIT)
    inner = np.asarray(cv2.erode(mask_of(labels, parts).view(np.uint8), np.ones((3, 3), np.uint8)), np.uint8)
    total = cv2.countNonZero(inner)
    if total < LEAST_PX:
        return None
    x, y, width, height = cv2.boundingRect(inner)
    crop = np.s_[y : y + height, x : x + width]
    cloth = inner[crop].astype(np.float32)
    lab = np.asarray(cv2.cvtColor(pixels[crop], cv2.COLOR_RGB2LAB), np.float32) * LAB_STEP
    shade = cv2.GaussianBlur(lab * cloth[..., None], (0, 0), SHADE)
    weight = cv2.GaussianBlur(cloth, (0, 0), SHADE)
    detail = np.asarray((lab - shade / np.maximum(weight, 1e-3)[..., None]) * cloth[..., None], np.float32)
    power = np.einsum("ijk,ijk->k", detail, detail) / total
    one, two, over = _directions(detail, cloth)
    lines, one_line, two_lines = _spectrum(detail[..., 0], cloth)
    found = (
        math.log(1 + float(power[0])),
        math.log(1 + float(power[1:].sum())),
        one,
        two,
        lines,
        one_line,
        two_lines,
        over,
        float(np.count_nonzero(functools.reduce(cv2.max, cv2.split(np.abs(detail))) > OFF) / total),
        *_streaks(detail, cloth),
    )
    return dict(zip(NAMES, found, strict=True))


def _directions(detail: Values, cloth: Values) -> tuple[float, float, float]:
    inner = np.asarray(cv2.erode(cloth, np.ones((3, 3), np.uint8)), np.float32)
    gx, gy = (cv2.Sobel(detail, cv2.CV_32F, *way, ksize=3, scale=1 / 8) for way in ((1, 0), (0, 1)))
    # Squared gradients as complex numbers: twice their angle, so that both sides of a stripe agree; again for checks.
    xx, yy, xy = (np.einsum("ijk,ijk->ij", *pair) * inner for pair in ((gx, gx), (gy, gy), (gx, gy)))
    energy, real, imaginary = xx + yy, xx - yy, 2 * xy
    size = np.maximum(np.sqrt(real**2 + imaginary**2), 1e-6)
    four_real, four_imaginary = (real**2 - imaginary**2) / size, 2 * real * imaginary / size

    def window(values: Values) -> Values:
        return np.asarray(cv2.boxFilter(values, -1, (WINDOW, WINDOW), normalize=True), np.float32)

    around, covered = window(energy), np.maximum(window(inner), 1e-3)
    ground = FINE * covered
    twofold = np.asarray(cv2.magnitude(window(real), window(imaginary))) / (around + ground)
    fourfold = np.asarray(cv2.magnitude(window(four_real), window(four_imaginary))) / (around + ground)
    weights = around * inner
    total = max(float(weights.sum()), 1e-6)
    local = (around / covered)[inner > 0]
    even = float(np.median(local) / (local.mean() + FINE)) if local.size else 0.0
    return float((twofold * weights).sum() / total), float((fourfold * weights).sum() / total), even


def _streaks(detail: Values, cloth: Values) -> tuple[float, float]:
    """How much of the detail is left when it is smeared across or along the body, the larger one first: what is left of
    stripes in one way and of checks in both, and next to nothing of prints."""
    power = float((detail**2).sum()) + FINE * float(cloth.sum())
    left = []
    for size in ((STREAK, 1), (1, STREAK)):
        covered = cv2.boxFilter(cloth, -1, size, normalize=True)
        smeared = cv2.boxFilter(detail, -1, size, normalize=True) / np.maximum(covered, 0.2)[..., None]
        left.append(float((smeared**2 * cloth[..., None]).sum()) / power)
    return max(left), min(left)


def _spectrum(detail: Values, cloth: Values) -> tuple[float, float, float]:
    """Of the square in the cloth's middle, softly cut out."""
    ys, xs = np.nonzero(cloth)
    middle = (float(np.median(xs)), float(np.median(ys)))
    square = cv2.getRectSubPix(detail, (SPECTRUM, SPECTRUM), middle)
    window, band, turns = _rings()
    power = (np.abs(np.fft.rfft2(square * window)) ** 2)[band].astype(np.float32)
    total = float(power.sum())
    if total <= 0:
        return 0.0, 0.0, 0.0
    strongest = np.partition(power, -HUNDREDTH)[-HUNDREDTH:]
    return (
        float(strongest.sum() / total),
        float(abs(power @ turns) / total),
        float(abs(power @ turns**2) / total),
    )


@functools.cache
def _rings() -> tuple[Values, NDArray[np.bool_], NDArray[np.complex64]]:
    """A soft window; the frequencies that are looked at; and the directions of these, twice their angle."""
    ramp = np.hanning(SPECTRUM).astype(np.float32)
    fy, fx = np.meshgrid(np.fft.fftfreq(SPECTRUM), np.fft.rfftfreq(SPECTRUM), indexing="ij")
    radius = np.hypot(fy, fx)
    band = (radius > 0.02) & (radius < 0.4)
    return ramp * ramp[:, None], band, np.exp(2j * np.arctan2(fy, fx)[band]).astype(np.complex64)
