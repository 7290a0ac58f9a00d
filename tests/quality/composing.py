"""Composed albums: people cut out of labelled street photos, standing on open ground before real views, with times.

Who is who is known there, which it is in no public set of albums. What is composed is easier than life in one way
(a body's pose hardly changes: it is mirrored, sheared, bent and partly hidden) and harder in another (people are cut
out and pasted). Faces are hidden by painting skin above the chin in the colour of the hair; who is dressed alike has
all clothes painted in one dark colour, with hardly any shades of their own.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

HAIR, SUNGLASSES, GLASSES, HAT, SKIN = 19, 47, 17, 20, 41
HEAD = 0.17
"""Of a standing body's height: down to the chin."""

FRAME = (960, 720)
HORIZON = 0.55
FEET = (0.57, 0.98)
"""Of a frame's height: where the ground begins, and between which feet stand."""

GROUNDS = ((122, 120, 117), (104, 124, 78), (186, 172, 146), (150, 140, 128))
"""Colours of asphalt, grass, sand and paving."""

OUTDOORS = ("beach", "field", "grass", "hill", "road", "street")
NOON = datetime(2024, 5, 1, 12)  # noqa: DTZ001

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Shown:
    """Who stands where in a frame: box in 0–1 of it, and whether the face is hidden."""

    person: str
    box: tuple[float, float, float, float]
    hidden: bool


@dataclass(frozen=True, eq=False)
class Frame:
    name: str
    pixels: Image
    taken: datetime
    shown: tuple[Shown, ...]


@dataclass(frozen=True)
class Scene:
    """One moment. Seconds between frames; px of a body's height; `static`: one camera that stands still."""

    name: str
    people: int
    frames: int
    seconds: float
    height: float
    static: bool
    hidden: float = 1.0
    alike: bool = False
    begins: float = 0.0


FROM_AFAR = (
    Scene("seconds apart", 6, 20, 1.5, 150, static=True),
    Scene("still camera", 6, 20, 5, 130, static=True),
    Scene("moving camera", 6, 20, 20, 140, static=False),
    Scene("dressed alike, still camera", 6, 20, 3, 150, static=True, alike=True),
    Scene("dressed alike, moving camera", 5, 20, 40, 160, static=False, alike=True),
)
"""A group seen from behind, or too far away for faces."""


def album(days: int = 12, photos: int = 7, alike_every: int = 4) -> list[Scene]:
    """Moments on different days, of people near enough for faces; four in ten heads are turned away."""
    return [
        Scene(f"day {n}", 3 + n % 4, photos, 90, 400, False, 0.4, n % alike_every == alike_every - 1, n * 86400.0)
        for n in range(days)
    ]


class Composer:
    """Makes frames from the data sets `ccp` and `coco_mini` in a folder; everything follows from the seed."""

    def __init__(self, data: Path, seed: int = 0, *, split: str = "val") -> None:
        self._data, self._seed = data, seed
        with (data / "ccp" / "labels.csv").open(encoding="utf-8") as rows:
            whole = [row for row in csv.DictReader(rows) if row["split"] == split]
        self._people = [row["file"] for row in whole if {"hair", "shoes"} & {*row["labels"].split("|")}]
        with (data / "coco_mini" / "labels.csv").open(encoding="utf-8") as rows:
            everyday = list(csv.DictReader(rows))
        inhabited = {row["file"] for row in everyday if row["ann_id"]}
        with (data / "coco_mini" / "captions.csv").open(encoding="utf-8") as rows:
            outdoors = {row["file"] for row in csv.DictReader(rows) if any(word in row["caption"] for word in OUTDOORS)}
        self._places = sorted({row["file"] for row in everyday} & outdoors - inhabited)

    def frames(self, scene: Scene) -> list[Frame]:
        """The frames of one moment, in their order."""
        random = np.random.default_rng([self._seed, *scene.name.encode()])
        cast = random.choice(len(self._people), scene.people, replace=False)
        place = self._background(random)
        width, height = FRAME
        x = random.uniform(0.08, 0.92, scene.people) * width
        depth = random.uniform(*FEET, scene.people)  # where the feet are, of the frame's height
        speed = random.normal(0, 0.55, scene.people)  # heights a second
        frames = []
        at = 0.0
        for n in range(scene.frames):
            if n:
                step = scene.seconds * random.uniform(0.6, 1.5)
                at += step
                if scene.static:
                    speed = np.clip(speed + random.normal(0, 0.12, scene.people), -0.9, 0.9)
                    x += speed * scene.height * step * 0.7
                    turned = (x < 0.02 * width) | (x > 0.98 * width)
                    speed[turned] *= -1
                    depth = np.clip(depth + random.normal(0, 0.015, scene.people), *FEET)
                else:
                    x = random.uniform(0.06, 0.94, scene.people) * width
                    depth = random.uniform(*FEET, scene.people)
                    place = self._background(random) if random.random() < 0.3 else place
            canvas, jitter = _shifted(place, random, 4 if scene.static else 40)
            inside = [i for i in range(scene.people) if 0.03 * width < x[i] < 0.97 * width]
            if scene.hidden < 1:  # near people: not all of them in every photo
                inside = [i for i in inside if random.random() < 0.6][:4]
                x[inside] = (
                    (np.arange(len(inside)) + random.uniform(0.35, 0.65, len(inside))) * width / max(1, len(inside))
                )
            taken = NOON + timedelta(seconds=round(scene.begins + at))
            shown = []
            for i in sorted(inside, key=lambda i: depth[i]):
                tall = scene.height * (0.55 + 0.6 * depth[i]) * random.uniform(0.97, 1.03)
                hide = random.random() < scene.hidden
                body, mask = _varied(*_body(self._data, self._people[int(cast[i])], hide, scene.alike), random, tall)
                box = _paste(canvas, body, mask, float(x[i]) + jitter[0], depth[i] * height + jitter[1])
                if box is not None:
                    shown.append(Shown(self._people[int(cast[i])], box, hide))
            frames.append(Frame(f"{scene.name}/{n:02}", _camera(canvas, random), taken, tuple(shown)))
        return frames

    def _background(self, random: np.random.Generator) -> Image:
        """Open ground up to the upper part of a photo, larger than a frame by 80 px. (In the few photos without people
        there is nowhere to stand: whoever floats before umbrellas or a bear is missed far more often than in life.)"""
        width, height = FRAME[0] + 80, FRAME[1] + 80
        file = self._data / "coco_mini" / self._places[int(random.integers(len(self._places)))]
        view = np.asarray(cv2.resize(_read(file), (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
        deep = np.linspace(0, 1, height - round(HORIZON * height), dtype=np.float32)
        ground = np.zeros((len(deep), width), np.float32)
        for cells, strength in ((6, 9), (40, 5), (250, 4)):  # of unlike patches, tufts and grains, coarser in front
            rough = random.normal(0, strength, (cells, cells)).astype(np.float32)
            x, y = np.meshgrid(np.linspace(0, cells - 1, width, dtype=np.float32), np.sqrt(deep) * (cells - 1))
            ground += cv2.remap(rough, x, y.astype(np.float32), cv2.INTER_LINEAR)
        colour = np.array(GROUNDS[int(random.integers(len(GROUNDS)))], np.float32) * random.uniform(0.8, 1.1)
        view[-len(deep) :] = colour * (0.85 + 0.2 * deep[:, None, None]) + ground[..., None]
        return np.clip(view, 0, 255).astype(np.uint8)


@cache
def _body(data: Path, file: str, hide: bool, uniform: bool) -> tuple[Image, NDArray[np.float32]]:
    """A person of the street photos, cut out: uint8 (h, w, 3), and their mask, 0–1."""
    pixels = _read(data / "ccp" / file)
    labels = cv2.imread(
        str(data / "ccp" / file.replace("photos", "labels").replace(".jpg", ".png")), cv2.IMREAD_UNCHANGED
    )
    left, top, across, down = cv2.boundingRect((labels > 0).astype(np.uint8))
    crop = np.s_[top : top + down, left : left + across]
    pixels, labels = pixels[crop].copy(), labels[crop]
    if hide:
        face = np.isin(labels, (SKIN, SUNGLASSES, GLASSES))
        face[round(HEAD * down) :] = False
        hair = pixels[labels == HAIR]
        colour = hair.mean(0) if len(hair) else np.array([60, 50, 45])
        face = cv2.dilate(face.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool) & (labels > 0)
        pixels[face] = np.clip(colour + np.random.default_rng(0).normal(0, 9, (int(face.sum()), 1)), 0, 255)
    if uniform:
        cloth = (labels > 0) & ~np.isin(labels, (HAIR, SUNGLASSES, GLASSES, SKIN))
        light = pixels[cloth].mean(1, keepdims=True)
        pixels[cloth] = np.clip(np.array([34, 38, 58]) * (0.9 + 0.1 * light / max(float(light.mean()), 1.0)), 0, 255)
    return pixels, cv2.GaussianBlur((labels > 0).astype(np.float32), (0, 0), 1.2)


def _varied(
    body: Image, mask: NDArray[np.float32], random: np.random.Generator, tall: float
) -> tuple[Image, NDArray[np.float32]]:
    """At this height, mirrored or not, sheared, bent, and now and then half hidden by something."""
    scale = tall / len(body)
    size = (max(8, round(body.shape[1] * scale * random.uniform(0.85, 1.1))), max(16, round(tall)))
    body = np.asarray(cv2.resize(body, size, interpolation=cv2.INTER_AREA), np.uint8)
    mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32)
    if random.random() < 0.5:
        body, mask = body[:, ::-1], mask[:, ::-1]
    width, height = size
    grid_x, grid_y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    wave = (
        random.normal(0, 0.04) * width * np.sin(grid_y / height * np.pi * random.uniform(0.5, 2) + random.uniform(0, 6))
    )
    shear = random.normal(0, 0.05) * (grid_y - height / 2)
    at = (grid_x + (wave + shear).astype(np.float32), grid_y)
    body = np.asarray(
        cv2.remap(np.ascontiguousarray(body), *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
    mask = np.asarray(cv2.remap(np.ascontiguousarray(mask), *at, cv2.INTER_LINEAR), np.float32)
    if random.random() < 0.2:
        mask = mask.copy()
        mask[round(height * random.uniform(0.55, 0.8)) :] = 0
    body = np.clip(body * random.uniform(0.85, 1.12, 1) * random.uniform(0.97, 1.03, 3), 0, 255).astype(np.uint8)
    return body, mask


def _paste(
    canvas: Image, body: Image, mask: NDArray[np.float32], x: float, y: float
) -> tuple[float, float, float, float] | None:
    """Puts a body's feet at x, y; the box of what is in the frame, None if hardly anything is."""
    height, width = canvas.shape[:2]
    left, top = round(x - body.shape[1] / 2), round(y - body.shape[0])
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + body.shape[1], width), min(top + body.shape[0], height)
    if (x1 - x0) * (y1 - y0) < 0.4 * body.shape[0] * body.shape[1]:
        return None
    part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    share = mask[part][..., None]
    canvas[y0:y1, x0:x1] = (body[part] * share + canvas[y0:y1, x0:x1] * (1 - share)).astype(np.uint8)
    seen = cv2.boundingRect((mask[part] > 0.5).astype(np.uint8))
    return (
        (x0 + seen[0]) / width,
        (y0 + seen[1]) / height,
        (x0 + seen[0] + seen[2]) / width,
        (y0 + seen[1] + seen[3]) / height,
    )


def _shifted(place: Image, random: np.random.Generator, by: int) -> tuple[Image, tuple[int, int]]:
    dx, dy = (int(v) for v in random.integers(-by, by + 1, 2))
    canvas = place[40 + dy : 40 + dy + FRAME[1], 40 + dx : 40 + dx + FRAME[0]].copy()
    return canvas, (-dx, -dy)


def _camera(canvas: Image, random: np.random.Generator) -> Image:
    """Exposure, white balance, a little blur, JPEG."""
    light = random.uniform(0.8, 1.2) * random.uniform(0.96, 1.04, 3)
    canvas = np.clip(canvas * light, 0, 255).astype(np.uint8)
    canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), random.uniform(0.3, 0.8)), np.uint8)
    _, data = cv2.imencode(".jpg", canvas[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(75, 95))])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])


@cache
def _read(file: Path) -> Image:
    return np.ascontiguousarray(cv2.imread(str(file))[:, :, ::-1])


def owners(shown: Sequence[Shown], boxes: NDArray[np.floating]) -> list[str | None]:
    """Of each found box (n, 4) the person shown there (IoU ≥ 0.4, one to one), or None."""
    from mien.vision.geometry import iou

    found: list[str | None] = [None] * len(boxes)
    if not shown or not len(boxes):
        return found
    overlap = iou(np.asarray(boxes, np.float64), np.array([s.box for s in shown]))
    for _ in range(min(overlap.shape)):
        i, k = np.unravel_index(int(overlap.argmax()), overlap.shape)
        if overlap[i, k] < 0.4:
            break
        found[int(i)] = shown[int(k)].person
        overlap[i], overlap[:, k] = 0, 0
    return found
