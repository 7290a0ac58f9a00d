"""Real people, as they stand together in everyday photos: whatever a network says well enough comes out as it is.

The outlines are labelled by hand, the parts within them are the lite engine's; both are turned into what a network
could say of the photo, with flaws of the kinds that networks have.
"""

import functools
from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.parsing.lite.engine import LiteParser
from mien.parsing.m2fp.instances import compose
from mien.parsing.m2fp.postprocessing import HUMAN, find_instances
from tests.parsing.m2fp.scenes import Maps, Sights, agreement
from tests.quality.test_masks import everyday

pytestmark = pytest.mark.quality

LARGE = 64  # px of height
NO_FACES = np.zeros((0, 4))
HEAD = (1, 2, 4, 13)  # hat, hair, sunglasses, face


@pytest.fixture(scope="module")
def scenes(quality_data: Path) -> list[Maps]:
    return load_scenes(quality_data)


@functools.cache
def load_scenes(quality_data: Path) -> list[Maps]:
    """Label maps of the photos that show large people."""
    parser, found = LiteParser(), []
    for path, (bodies, _) in everyday(quality_data / "coco_mini").items():
        large = [body for body in bodies if body.height >= LARGE]
        if not large:
            continue
        parse = parser.parse(np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1]))
        size = large[0].mask.shape[::-1]
        parts = cv2.resize(parse.parts, size, interpolation=cv2.INTER_NEAREST)
        figures = np.zeros(parts.shape, np.uint16)
        for number, body in enumerate(large, 1):
            figures[body.mask] = number
        found.append((figures, np.where(figures > 0, parts, 0).astype(np.uint8)))
    return found


def said(maps: Maps, flaw: str, seed: int) -> Sights:
    """What a network with this flaw says of a scene."""
    random = np.random.default_rng(seed)
    figures, labels = maps
    sights = Sights(figures.shape[1], figures.shape[0])
    for number in range(1, int(figures.max()) + 1):
        mine = figures == number
        if not mine.any():
            continue
        headed = np.isin(labels[mine], HEAD).any()
        human: float | None = random.uniform(0.75, 0.99)
        if flaw == "a third of the human masks missing" and headed and random.random() < 1 / 3:
            human = None
        if human is not None:
            mask = mine
            if flaw == "sloppy human masks":
                kernel = np.ones((1 + int(0.04 * np.sqrt(mine.sum())),) * 2, np.uint8)
                mask = (cv2.dilate if random.random() < 0.5 else cv2.erode)(mine.view(np.uint8), kernel) > 0
            sights.add(HUMAN, mask, human)
        if flaw == "second sights" and random.random() < 0.5:
            rows = np.flatnonzero(mine.any(1))
            piece = mine.copy()
            piece[rows[int(random.uniform(0.3, 1) * (len(rows) - 1))] :] = False
            sights.add(HUMAN, piece, random.uniform(0.15, 0.9))
        for label in np.unique(labels[mine]):
            part = mine & (labels == label)
            if label and part.sum() > 60:
                sights.add(int(label), part, random.uniform(0.5, 0.98))
    if flaw == "second sights" and figures.max() > 1:
        sights.add(HUMAN, (figures == 1) | (figures == 2), random.uniform(0.15, 0.6))
    return sights


def measure(scenes: list[Maps], flaw: str) -> tuple[float, float, float, float]:
    """Share of people found (IoU over a half), mean IoU, figures that are nobody per person, share of right parts."""
    ious, invented, right, shown = [], 0, 0, 0
    for seed, maps in enumerate(scenes):
        height, width = maps[0].shape
        queries = said(maps, flaw, seed).queries(noise=1.0, seed=seed)
        made = compose(find_instances(queries, width, height), width, height, NO_FACES).painting
        table = agreement(maps, made.figures)
        sizes = np.bincount(maps[0].ravel(), minlength=len(table) + 1)[1:]
        ious += list(table[sizes > 0].max(1, initial=0))
        invented += np.count_nonzero(table.max(0, initial=0) < 0.5)
        labelled = maps[1] > 0
        right += np.count_nonzero(made.parts[labelled] == maps[1][labelled])
        shown += np.count_nonzero(labelled)
    values = np.array(ious)
    return (values > 0.5).mean(), values.mean(), invented / len(values), right / shown


@pytest.mark.parametrize(
    ("flaw", "found", "iou", "invented", "right"),
    [
        ("none but noise", 0.99, 0.97, 0.01, 0.98),
        ("sloppy human masks", 0.98, 0.9, 0.03, 0.97),
        ("second sights", 0.98, 0.96, 0.03, 0.97),
        ("a third of the human masks missing", 0.95, 0.91, 0.03, 0.97),
    ],
)
def test_real_people_come_out_as_they_are_said(
    scenes: list[Maps], flaw: str, found: float, iou: float, invented: float, right: float
) -> None:
    measured = measure(scenes, flaw)
    print(
        f"\n{flaw}: found {measured[0]:.3f}, IoU {measured[1]:.3f}, invented {measured[2]:.3f}, parts {measured[3]:.3f}"
    )
    assert measured[0] >= found
    assert measured[1] >= iou
    assert measured[2] <= invented
    assert measured[3] >= right
