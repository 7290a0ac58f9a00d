"""How well garments are known again: the same photo in other light, cropped and small, stands for another day.

No public album shows the clothes of one person over time, so people of street photos stand for one person's outfits:
each photo's clothes are garments of their own, and how they look on another day is what changes with the light, the
camera and the distance. Poses, folds and other ways to wear them are not in it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.faces.finder import FaceFinder
from mien.parsing.lite.engine import LiteParser
from mien.traits.appearance import appearance_vector
from mien.traits.describe import describe
from mien.wardrobe.glimpses import Glimpse, glimpses_of
from mien.wardrobe.recognising import recognise
from tests.quality.seeing import photo_of

PEOPLE, DAYS = 40, 4
TUNED = 130
"""Of the photos in an order of their own so many, the first ones, made the weights."""

WARDROBES, OUTFITS = 20, 20
"""So many wardrobes of so many outfits are drawn from the people."""

BEGIN = datetime(2024, 1, 1, 12)  # noqa: DTZ001

# A little under what is reached.
PRECISION, RECALL = 0.9, 0.5

KINDS = {"clothes": ("body", "lower"), "hats and scarves": ("head", "neck")}
"""What is counted together. Few wear a hat or a scarf, so that no bound is set for those."""

Pixels = NDArray[np.uint8]


def another_day(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Cropped, maybe mirrored, smaller, in other light, with noise, as a JPEG."""
    height, width = pixels.shape[:2]
    top, bottom, left, right = rng.uniform(0, (0.06, 0.12, 0.08, 0.08))
    pixels = pixels[int(top * height) : int(height - bottom * height), int(left * width) : int(width - right * width)]
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    scale = rng.uniform(0.45, 0.9)
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    light = 2 ** rng.uniform(-0.8, 0.5) * np.exp([rng.normal(0, 0.12), 0, rng.normal(0, 0.12)])
    lit = 255 * np.clip((small / 255.0) ** 2.2 * light, 0, 1) ** (rng.uniform(0.9, 1.1) / 2.2)
    lit = np.clip(lit + rng.normal(0, rng.uniform(0, 6), lit.shape), 0, 255).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", lit, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 92))])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def seen(folder: Path, scratch: Path) -> dict[int, list[list[Glimpse]]]:
    """Person → day → what is seen of the largest figure."""
    files = sorted((folder / "photos").iterdir())
    chosen = np.random.default_rng(8).permutation(len(files))[TUNED : TUNED + PEOPLE]
    parser, finder = LiteParser(), FaceFinder()
    found: dict[int, list[list[Glimpse]]] = {}
    for number in map(int, chosen):
        original = np.asarray(cv2.imread(str(files[number])), np.uint8)
        rng = np.random.default_rng(number)
        for day in range(DAYS):
            pixels = original if day == 0 else another_day(original, rng)
            photo = photo_of(pixels[:, :, ::-1], scratch / "photo.jpg")
            parse = parser.parse(photo.pixels)
            if not len(parse):
                continue
            traits = describe(photo, parse, finder.find(photo, parse))
            figure = int(np.argmax(parse.areas[:, 1:20].sum(axis=1)))
            name = f"{number}-{day}"
            found.setdefault(number, []).append(
                glimpses_of(
                    traits[figure], appearance_vector(photo, parse)[figure],
                    figure_id=name, photo_id=name, at=None, confidence=1.0,
                )
            )  # fmt: skip
    return found


def pairs(outfits: Sequence[Sequence[Sequence[Glimpse]]], rng: np.random.Generator) -> NDArray[np.int64]:
    """Right pairs, wrong ones, and those that were not found, of a wardrobe of these people's clothes: (`KINDS`, 3)."""
    days = [day for outfit in outfits for day in outfit]
    order = rng.permutation(len(days))
    worn = [
        replace(glimpse, at=BEGIN + timedelta(days=int(number)))
        for number, k in enumerate(order)
        for glimpse in days[k]
    ]
    label = {
        glimpse.glimpse_id: garment.garment_id for garment in recognise(worn).garments for glimpse in garment.glimpses
    }
    counts = np.zeros((len(KINDS), 3), np.int64)
    row = {layer: i for i, layers in enumerate(KINDS.values()) for layer in layers}
    for one, other in combinations((glimpse for glimpse in worn if glimpse.glimpse_id in label), 2):
        same_person = one.figure_id.split("-")[0] == other.figure_id.split("-")[0]
        if one.layer != other.layer or (same_person and one.place != other.place):
            continue  # whether a top under a coat is what was read as a coat elsewhere, nobody knows
        together = label[one.glimpse_id] == label[other.glimpse_id]
        found = together and same_person, together and not same_person, same_person and not together
        counts[row[one.layer]] += found
    return counts


@pytest.mark.quality
@pytest.mark.timeout(1800)
def test_garments_are_known_again(quality_data: Path, tmp_path: Path) -> None:
    people = seen(quality_data / "ccp", tmp_path)
    rng = np.random.default_rng(1)
    total = np.zeros((len(KINDS), 3), np.int64)
    for _ in range(WARDROBES):
        chosen = rng.choice(sorted(people), OUTFITS, replace=False)
        total += pairs([people[int(number)] for number in chosen], rng)
    print(f"\n{WARDROBES} wardrobes of {OUTFITS} outfits on {DAYS} days each, out of {len(people)} people")
    scores = []
    for kind, (right, wrong, missed) in zip(KINDS, total.tolist(), strict=True):
        scores.append((right / max(1, right + wrong), right / max(1, right + missed)))
        print(f"{kind}: pairwise precision {scores[-1][0]:.3f}, recall {scores[-1][1]:.3f}; n {right + missed}")
    assert scores[0][0] >= PRECISION
    assert scores[0][1] >= RECALL
