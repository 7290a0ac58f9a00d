"""What somebody wears at all, decided for the person as a whole before pixels are shared out among their parts.

A part network asks of each pixel what it is; so it gives people a scarf of ten pixels, and a skirt beside their pants.
Here each part's evidence is summed up over the person (what the pixels say, and what the network says of the person as
a whole), weighed by a logistic model, and garments are chosen together: as an outfit, with a prior for what is worn
together. Constants: `python -m training.calibrate`.
"""

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import BAG, PART_ID
from mien.vision.geometry import FloatArray

GARMENTS = tuple(PART_ID[name] for name in ("upper-clothes", "dress", "coat", "pants", "skirt"))
"""Parts that make an outfit, and are mistaken for each other."""
UPPER_BODY = 3  # of them come first

ACCESSORIES = tuple(PART_ID[name] for name in ("hat", "glove", "sunglasses", "socks", "scarf"))
CLAIMED = 0.4
"""Presence from which an accessory is claimed: the threshold that is best for F1 is half the F1 that can be reached
(Lipton, Elkan & Naryanaswamy, ECML 2014), here about 0.8."""

CUSTOM = 0.5
"""Weight of what is usually worn together: the network has seen the whole person and knows a part of it already."""

SPECIFIC = np.array([False, True, True, False, True])
SUPPOSED = 0.3
"""Presence below which a dress, coat or skirt is not even supposed: where little speaks for anything, as of people who
sit, hug or are far away, the coarse names upper-clothes and pants are the honest ones."""

PATCH = 4  # px; sides of the squares of which the surest counts: a part is more than a few px
LEAST = 0.001  # share of the person; less is as good as nothing
DOUBT = 0.01  # no patch is surer than this

LEGS = tuple(PART_ID[f"{side}-{part}"] for side in ("left", "right") for part in ("leg", "shoe"))
BELOW = (*(PART_ID[name] for name in ("socks", "pants", "skirt")), *LEGS)
SEEN_BELOW = 0.03
"""Share of the person that is legs and what is worn on them, below which their lower body is not in the picture."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """The constants of `models/parser_calibration.toml`.

    Attributes:
        area: float64 (21,); weight of each part's log share of the person.
        peak: float64 (21,); weight of the log-odds of its surest patch.
        worn: float64 (21,); weight of the log-odds that the network gives the whole person.
        intercept: float64 (21,).
        outfits: bool (m, 5); sets of `GARMENTS` that are worn together, and none of the people without any.
        frequencies: float64 (m,); how often, in the labelled photos; they add up to 1.
        certainty: slope and intercept that turn log-odds of a pixel's label into calibrated ones.
    """

    area: NDArray[np.float64]
    peak: NDArray[np.float64]
    worn: NDArray[np.float64]
    intercept: NDArray[np.float64]
    outfits: NDArray[np.bool_]
    frequencies: NDArray[np.float64]
    certainty: tuple[float, float]


def shipped_calibration() -> str:
    """The TOML that ships, fitted for the network that ships."""
    return resources.files("mien.vision").joinpath("models", "parser_calibration.toml").read_text(encoding="utf-8")


@functools.cache
def calibration() -> Calibration:
    """What ships."""
    return read_calibration(shipped_calibration())


def read_calibration(text: str) -> Calibration:
    """From TOML. Raises `KeyError` if something is missing."""
    table = tomllib.loads(text)
    presence = np.zeros((4, BAG + 1))
    for group in table["presence"]:
        for name, intercept in group["parts"].items():
            weights = group["area"], group["peak"], group["worn"]
            presence[:, BAG if name == "bag" else PART_ID[name]] = *weights, intercept
    names = {part: name for name, part in PART_ID.items()}
    worn = [outfit.split(" + ") for outfit in table["outfits"]]
    outfits = np.array([[names[garment] in outfit for garment in GARMENTS] for outfit in worn], bool)
    counts = np.array(list(table["outfits"].values()), np.float64)
    certainty = table["certainty"]
    return Calibration(
        area=presence[0],
        peak=presence[1],
        worn=presence[2],
        intercept=presence[3],
        outfits=outfits,
        frequencies=counts / counts.sum(),
        certainty=(certainty["slope"], certainty["intercept"]),
    )


def gather(probabilities: NDArray[np.float32], worn: NDArray[np.float32]) -> NDArray[np.float64]:
    """The evidence for each part, float64 (21, 4): share of the person, the log of that, log-odds of its surest patch,
    and of the whole person.

    Args:
        probabilities: (21, h, w), sides multiples of `PATCH`; background, 19 parts, bag.
        worn: (21,); log-odds that the person has each at all, as the network sees them as a whole.
    """
    size = probabilities.shape[2] // PATCH, probabilities.shape[1] // PATCH
    patches = [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in probabilities]
    masses = np.array([patch.sum() for patch in patches], np.float64)
    peaks = np.array([patch.max() for patch in patches], np.float64)
    shares = masses / max(masses[1:BAG].sum(), 1e-6)
    odds = np.log((peaks + DOUBT) / (1 + DOUBT - peaks))
    return np.stack([shares, np.log(shares + LEAST), odds, worn.astype(np.float64)], 1)


def presence(evidence: FloatArray, constants: Calibration) -> NDArray[np.float32]:
    """Calibrated probability that the person has each part at all, float32 (21,), from `gather`'s evidence."""
    weights = np.stack([constants.area, constants.peak, constants.worn], 1)
    odds = constants.intercept + (weights * evidence[:, 1:]).sum(1)
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


def claimed(evidence: FloatArray, constants: Calibration) -> NDArray[np.bool_]:
    """Which labels the pixels are shared out among, bool (21,): what is no matter of choice, accessories, an outfit."""
    present = presence(evidence, constants).astype(np.float64)
    kept = np.ones(BAG + 1, np.bool_)
    kept[list(ACCESSORIES)] = present[list(ACCESSORIES)] >= CLAIMED
    below = evidence[list(BELOW), 0].sum() >= SEEN_BELOW
    kept[list(GARMENTS)] = outfit(present[list(GARMENTS)], constants, upper_body_only=not below)
    kept[1:BAG] &= evidence[1:BAG, 0] >= LEAST
    return kept


def calibrated(certainty: NDArray[np.float32], constants: Calibration) -> NDArray[np.float32]:
    """The network's probabilities 0–1 of labels of single px → how often such labels are right, float32."""
    slope, intercept = constants.certainty
    certain = np.clip(certainty, 1e-4, 1 - 1e-4)
    power = ((1 - certain) / certain) ** np.float32(slope)
    return np.asarray(1 / (1 + power * np.float32(np.exp(-intercept))), np.float32)


def outfit(present: FloatArray, constants: Calibration, *, upper_body_only: bool = False) -> NDArray[np.bool_]:
    """The likeliest of the outfits, bool (5,), given the probabilities (5,) of `GARMENTS`, each seen by itself.

    By Bayes' rule: the odds of all garments, corrected for how much more often they are worn together than by chance.
    Where the lower body is not in the picture, what is worn there neither speaks for an outfit nor follows from one.
    """
    chosen = UPPER_BODY if upper_body_only else len(GARMENTS)
    outfits, inverse = np.unique(constants.outfits[:, :chosen], axis=0, return_inverse=True)
    frequencies = np.bincount(inverse.ravel(), constants.frequencies)
    outfits, frequencies = outfits[outfits.any(1)], frequencies[outfits.any(1)]
    certain = np.clip(present, 1e-4, 1 - 1e-4)[:chosen]
    base = np.clip(frequencies @ outfits, 1e-4, 1 - 1e-4)
    together = np.log(frequencies) - outfits @ np.log(base) - ~outfits @ np.log(1 - base)
    odds = outfits @ np.log(certain / (1 - certain)) + CUSTOM * together
    odds[(outfits & (SPECIFIC & (present < SUPPOSED))[:chosen]).any(1)] = -np.inf
    best = outfits[np.argmax(odds)]
    return np.concatenate([best, present[chosen:] >= 0.5])
