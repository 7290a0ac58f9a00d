"""People whose faces are patterns: networks that see them, and vectors of them that keep the scale of dlib's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.faces.face import Face, FaceQuality
from mien.indexing.stages import Chain
from mien.parsing.parse import BAG, LANDMARKS, PART_ID, Parse
from mien.photo.photo import Photo
from tests.faces.networks import CELLS, FEATURES, SIZE, orthogonal

WIDTH, HEIGHT, TOP = 320, 200, 40
START = datetime(2024, 1, 1)  # noqa: DTZ001 - the clock on the wall has no zone
SLOTS = (20, 180)
GREY = 128
_MESH = {(33, 133): (38.2946, 51.6963), (263, 362): (73.5318, 51.5014), (4,): (56.0252, 71.7366),
         (61,): (41.5493, 92.3655), (291,): (70.7299, 92.2041)}  # fmt: skip
_AS_BUILT_IN = orthogonal(128, FEATURES, seed=5).T
_MIDDLE = 2.0 * orthogonal(1, 128, seed=6)[0]


def person(number: int) -> NDArray[np.float64]:
    """The face of a person: (8, 8, 3), around 0, the same from left and right."""
    half = np.random.default_rng(1000 + number).normal(0, 38, (CELLS, CELLS // 2, 3))
    return np.concatenate([half, half[:, ::-1]], 1)


def album(folder: Path, pairs: Sequence[tuple[int, ...]]) -> list[Path]:
    """A photo for each tuple of people in it, each a little different every time."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, people in enumerate(pairs):
        rng = np.random.default_rng(number)
        pixels = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
        pixels[-3:] = number % 200
        for slot, who in zip(SLOTS, people, strict=False):
            seen = GREY + person(who) + rng.normal(0, 9, (CELLS, CELLS, 3))
            block = np.repeat(np.repeat(seen, SIZE // CELLS, 0), SIZE // CELLS, 1)
            pixels[TOP : TOP + SIZE, slot : slot + SIZE] = np.clip(block, 1, 254)
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = (START + timedelta(days=3 * number)).strftime("%Y:%m:%d %H:%M:%S")
        exif[0x0131] = "a drawing hand"
        paths.append(folder / f"{number:03d}.png")
        Image.fromarray(pixels).save(paths[-1], exif=exif)
    return paths


class PatternParser:
    """Sees a figure wherever a pattern is."""

    fingerprint = "patterns"

    def parse(self, pixels: NDArray[np.uint8]) -> Parse:
        boxes = [(x, TOP, x + SIZE, TOP + SIZE) for x in SLOTS if pixels[TOP : TOP + SIZE, x : x + SIZE].std() > 5]
        figures, parts = np.zeros((HEIGHT, WIDTH), np.uint16), np.zeros((HEIGHT, WIDTH), np.uint8)
        areas = np.zeros((len(boxes), BAG + 1), np.int32)
        for i, (x0, y0, x1, y1) in enumerate(boxes):
            figures[y0:y1, x0:x1], parts[y0:y1, x0:x1] = i + 1, PART_ID["face"]
            areas[i, PART_ID["face"]] = SIZE * SIZE
        return Parse(
            figures=figures,
            parts=parts,
            boxes=np.array(boxes, np.float32).reshape(-1, 4) / np.array([WIDTH, HEIGHT] * 2, np.float32),
            scores=np.full(len(boxes), 0.9, np.float32),
            areas=areas,
            confidences=np.where(areas > 0, 0.9, 0).astype(np.float32),
            uncertain=np.zeros(len(boxes), np.float32),
            poses=np.full((len(boxes), LANDMARKS, 3), np.nan, np.float32),
        )


class PatternFinder:
    """The pattern is the face; its means, turned, are the vector."""

    fingerprint = "patterns"

    def find(self, photo: Photo, parse: Parse) -> tuple[Face | None, ...]:
        return tuple(_face(photo, box) for box in parse.boxes)


def _face(photo: Photo, box: NDArray[np.float32]) -> Face:
    size = np.array([WIDTH, HEIGHT])
    x, y = np.round(box[:2] * size).astype(int)
    cells = photo.pixels[y : y + SIZE, x : x + SIZE].reshape(CELLS, SIZE // CELLS, CELLS, SIZE // CELLS, 3)
    means = cells.astype(np.float64).mean((1, 3)) - GREY
    mesh = np.tile(box[:2] * size + SIZE / 2, (468, 1)).astype(np.float64)
    for points, place in _MESH.items():
        mesh[list(points)] = np.array([x, y]) + place
    return Face(
        box=box,
        score=0.9,
        landmarks=(mesh / size).astype(np.float32),
        eyes=np.zeros((2, 4), np.float32),
        ears=np.full((2, 4), np.nan, np.float32),
        quality=FaceQuality(size=40, sharpness=1, yaw=0, pitch=0, roll=0, usable=1),
        vector=(_MIDDLE + means.reshape(-1) @ _AS_BUILT_IN * 0.00128).astype(np.float32),
    )


def make_patterns(engine: str) -> Chain:
    return Chain(PatternParser(), PatternFinder(), engine)
