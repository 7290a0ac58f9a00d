"""A family album of several years, drawn: a mother, a father, and a child who grows between them.

Everybody is a column of their colour on one ground; the networks of these tests see its upper end as hair and face, its
lower end as shoes, and a straight skeleton in between. A wide column is somebody who sits.
"""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.faces.face import Face
from mien.growth.references import centile
from mien.growth.standing import CHIN
from mien.indexing.stages import Chain
from mien.parsing.parse import PART_ID, Parse
from mien.photo.photo import Photo
from tests.indexing.fake import COLOURS, GREY, FakeFinder, FakeParser

WIDTH, HEIGHT = 480, 400
GROUND = 370
"""Px from the top, where everybody stands; the camera is held level at 131 cm, which is seen in the middle."""
SCALE = 1.3
"""Px per cm."""

MOTHER, FATHER, CHILD = "anna", "bob", "cem"
TALL = {MOTHER: 168.0, FATHER: 182.0}
BORN = date(2015, 4, 10)


def height_of_child(day: date) -> float:
    """cm: a boy who is a little taller than most."""
    days = (day - BORN).days
    return float(0.6 * centile("who", "boys", days, 50) + 0.4 * centile("who", "boys", days, 85))


@dataclass(frozen=True)
class Column:
    """Somebody in a photo: centre (px), height (cm), width (px)."""

    who: str
    centre: int
    height: float
    width: int = 34


def draw(folder: Path, day: date, columns: list[Column], *, hour: int = 12, ground: int = GROUND) -> Path:
    """Write a photo of that day."""
    pixels = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    pixels[:6, :6] = day.toordinal() % 200  # tells photos of the same people apart
    for column in columns:
        tall = round(column.height * SCALE)
        left = column.centre - column.width // 2
        pixels[ground - tall : ground, left : left + column.width] = COLOURS[column.who]
    exif = Image.Exif()
    exif[0x0131] = "a drawing hand"
    details = exif.get_ifd(0x8769)
    details[0x9003], details[0xA405] = f"{day:%Y:%m:%d} {hour:02}:00:00", 35
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{day.isoformat()}-{hour}.png"
    Image.fromarray(pixels).save(path, exif=exif)
    return path


def write(folder: Path) -> None:
    """Two photos a year from two to ten years of age, and photos that say nothing."""
    for age in range(2, 11):
        first, second = date(2015 + age, 4, 20), date(2015 + age, 10, 20)
        draw(folder, first, [Column(MOTHER, 150, TALL[MOTHER]), Column(CHILD, 240, height_of_child(first))])
        draw(folder, second, [Column(CHILD, 200, height_of_child(second)), Column(FATHER, 300, TALL[FATHER])])
    day = date(2021, 7, 1)
    draw(folder, day, [Column(CHILD, 240, height_of_child(day))])  # alone
    seated = Column(CHILD, 240, 90, width=90)
    draw(folder, day, [Column(MOTHER, 120, TALL[MOTHER]), seated], hour=13)
    draw(folder, day, [Column(MOTHER, 120, 168), Column(CHILD, 240, height_of_child(day))], hour=14, ground=HEIGHT)


@dataclass(frozen=True)
class _Parser(FakeParser):
    def parse(self, pixels: NDArray[np.uint8]) -> Parse:
        seen = super().parse(pixels)
        parts, poses = seen.parts.copy(), seen.poses.copy()
        areas = seen.areas.copy()
        height, width = parts.shape
        for i, box in enumerate(seen.boxes):
            x0, y0, x1, y1 = np.round(box * (width, height, width, height)).astype(int)
            tall, mine = y1 - y0, seen.figures == i + 1
            rows = np.arange(height)[:, None] - y0
            parts[mine] = PART_ID["upper-clothes"]
            parts[mine & (rows < 0.13 * tall)] = PART_ID["face"]
            parts[mine & (rows < 0.05 * tall)] = PART_ID["hair"]
            parts[mine & (rows > 0.96 * tall)] = PART_ID["left-shoe"]
            areas[i] = np.bincount(parts[mine], minlength=areas.shape[1])
            poses[i] = _skeleton(x0, y0, x1, y1) / (width, height, 1)
        return replace(seen, parts=parts, poses=poses, areas=areas, confidences=(areas > 0).astype(np.float32))


def _skeleton(x0: int, y0: int, x1: int, y1: int) -> NDArray[np.float64]:
    """BlazePose's landmarks of a column, px and visibility: upright, or seated if it is wide."""
    wide, tall = x1 - x0, y1 - y0
    is_seated = wide > 0.6 * tall
    found = np.ones((33, 3))
    found[:, :2] = (x0 + x1) / 2, y0 + 0.06 * tall
    down = {11: 0.19, 23: 0.6 if is_seated else 0.5, 25: 0.65 if is_seated else 0.73, 27: 0.95, 29: 0.98, 31: 1.0}
    for left, share in down.items():
        for number, side in ((left, 0.7), (left + 1, 0.3)):
            found[number, :2] = x0 + side * wide, y0 + share * tall
    return found


@dataclass(frozen=True)
class _Finder(FakeFinder):
    def find(self, photo: Photo, parse: Parse) -> tuple[Face | None, ...]:
        return tuple(_with_chin(face) for face in super().find(photo, parse))


def _with_chin(face: Face | None) -> Face | None:
    if face is None:
        return None
    x0, y0, x1, y1 = face.box
    landmarks = face.landmarks.copy()
    landmarks[CHIN] = (x0 + x1) / 2, y0 + (y1 - y0) * 4 / 5.7  # the face's box is a fourth of the body: 5.7 heads
    return replace(face, landmarks=landmarks)


def make_chain(engine: str) -> Chain:
    return Chain(_Parser(engine), _Finder(), engine, None)


def names(library: Any) -> dict[str, str]:
    """Who is who, after their colours have been given names and heights: by colour, their ids."""
    from mien.catalog import listing
    from mien.indexing import deciding

    found = {}
    for row in listing.figures(library.catalog):
        x0, y0, x1, y1 = row.box
        with Image.open(row.photo) as picture:
            colour = picture.getpixel((int((x0 + x1) / 2), int((y0 + y1) / 2)))
        who = next(name for name, known in COLOURS.items() if known == colour)
        found.setdefault(who, row.figure_id)
    for who, called in ((MOTHER, "Anna"), (FATHER, "Bob"), (CHILD, "Cem")):
        found[who] = deciding.name(library, found[who], called, follow=False).person_ids[0]
        if who in TALL:
            deciding.height(library, found[who], date(2015, 1, 1), TALL[who], follow=False)
    deciding.born(library, found[CHILD], BORN)
    return found
