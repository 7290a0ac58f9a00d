"""A family album of several years, drawn: everybody is a column, a face in a colour of their own over their clothes.

The networks of these tests know people by the colour of their faces, and see clothes where they are drawn: a coat is
what is left and right of a top, a dress has no lower half.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.catalog import listing
from mien.catalog.library import Library
from mien.faces.face import Face, FaceQuality
from mien.indexing import deciding
from mien.indexing.stages import Chain
from mien.parsing.parse import BAG, LANDMARKS, PART_ID, Parse
from mien.photo.photo import Photo
from tests.indexing.fake import COLOURS, GREY

WIDTH, HEIGHT = 300, 260
WIDE, HEAD, WAIST, FEET = 60, 40, 125, 225
"""Px of a column: its width, and where head, top and lower half end, from its upper end."""

RED, NAVY, WHITE, GREEN, YELLOW = (190, 30, 40), (28, 38, 84), (236, 234, 228), (40, 120, 60), (225, 190, 60)
BLACK, BEIGE, PINK, BLUE, BROWN = (24, 24, 26), (205, 185, 150), (230, 150, 175), (70, 120, 190), (105, 70, 45)

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Dress:
    """What somebody wears: a top or a dress (then without `lower`), maybe under a coat."""

    top: Rgb
    lower: Rgb | None
    coat: Rgb | None = None


def draw(folder: Path, at: datetime, people: dict[str, tuple[int, Dress]], light: float = 1.0) -> Path:
    """Write a photo: who stands where (left edge, px) in which clothes."""
    rough = np.random.default_rng(at.toordinal()).integers(-110, 110, (HEIGHT, WIDTH, 1))  # the light is told by edges
    pixels = np.clip(np.array(GREY) + rough, 0, 255).astype(np.uint8)
    pixels[:6, :6] = at.toordinal() % 200
    for who, (left, dress) in people.items():
        body = pixels[20 : 20 + FEET, left : left + WIDE]
        body[:HEAD] = COLOURS[who]
        clothes = np.zeros((FEET - HEAD, WIDE, 3))
        waist = WAIST - HEAD
        clothes[:waist], clothes[waist:] = dress.top, dress.lower or dress.top
        if dress.coat:
            clothes[: waist + 10, : WIDE // 3] = clothes[: waist + 10, -WIDE // 3 :] = dress.coat
        body[HEAD:] = np.clip(clothes * light, 0, 255)
    exif = Image.Exif()
    exif[0x0131] = "a drawing hand"
    exif.get_ifd(0x8769)[0x9003] = at.strftime("%Y:%m:%d %H:%M:%S")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at:%Y%m%d-%H%M}.png"
    Image.fromarray(pixels).save(path, exif=exif)
    return path


SUMMER = {
    "red shirt": Dress(RED, NAVY),
    "white shirt": Dress(WHITE, NAVY),
    "yellow dress": Dress(YELLOW, None),
}
WINTER = {
    "green coat": Dress(WHITE, NAVY, GREEN),
    "red under green": Dress(RED, BLACK, GREEN),
    "pink jumper": Dress(PINK, BLACK),
}


def write(folder: Path) -> None:
    """Anna through three years: two photos of each outfit on each of its days, in changing light; Bob is in some."""
    bob = Dress(BLUE, BROWN)
    for year in (2023, 2024, 2025):
        for k, (months, wardrobe) in enumerate((((6, 7, 8), SUMMER), ((1, 2, 11), WINTER))):
            for month, (_, dress) in zip(months, wardrobe.items(), strict=True):
                if year == 2025 and dress == SUMMER["yellow dress"]:
                    continue
                day = datetime(year, month, 6 + year % 7 + k, 12 if k else 19)  # noqa: DTZ001
                light = 0.92 + 0.04 * (year - 2023)
                draw(folder, day, {"anna": (30, dress)}, light)
                draw(folder, day.replace(minute=20), {"anna": (60, dress), "bob": (180, bob)}, light * 0.97)


@dataclass(frozen=True)
class _Parser:
    """`engine`: "other" sees waists a little lower."""

    engine: str

    @property
    def fingerprint(self) -> str:
        return f"{self.engine} drawn wardrobe"

    def parse(self, pixels: NDArray[np.uint8]) -> Parse:
        height, width = pixels.shape[:2]
        figures, parts = np.zeros((height, width), np.uint16), np.zeros((height, width), np.uint8)
        boxes, poses = [], []
        for colour in COLOURS.values():
            seen = np.argwhere((np.abs(pixels.astype(int) - colour) < 12).all(-1))
            if len(seen) < 800:
                continue
            (top, left), number = seen.min(0), len(boxes) + 1
            figures[top : top + FEET, left : left + WIDE] = number
            column = parts[top : top + FEET, left : left + WIDE]
            column[:HEAD] = PART_ID["face"]
            column[:10] = PART_ID["hair"]
            body = pixels[top + HEAD : top + FEET, left : left + WIDE].astype(int)
            waist, end = WAIST - HEAD, WAIST + (2 if self.engine == "other" else 0)
            edge, middle, below = body[waist // 2, 4], body[waist // 2, WIDE // 2], body[-20, WIDE // 2]
            if np.abs(middle - below).sum() < 30:
                column[HEAD:] = PART_ID["dress"]
            else:
                column[HEAD:end], column[end:] = PART_ID["upper-clothes"], PART_ID["pants"]
            if np.abs(edge - middle).sum() > 60:
                for side in np.s_[: WIDE // 3], np.s_[-WIDE // 3 :]:
                    column[HEAD : WAIST + 10, side] = PART_ID["coat"]
            boxes.append((left / width, top / height, (left + WIDE) / width, (top + FEET) / height))
            poses.append(np.full((LANDMARKS, 3), np.nan))
        areas = np.stack([np.bincount(parts[figures == i + 1], minlength=BAG + 1) for i in range(len(boxes))] or [[]])
        areas = areas.reshape(-1, BAG + 1).astype(np.int32)
        return Parse(
            figures=figures,
            parts=parts,
            boxes=np.array(boxes, np.float32).reshape(-1, 4),
            scores=np.full(len(boxes), 0.95, np.float32),
            areas=areas,
            confidences=np.where(areas > 0, 0.95, 0).astype(np.float32),
            uncertain=np.zeros(len(boxes), np.float32),
            poses=np.array(poses, np.float32).reshape(-1, LANDMARKS, 3),
        )


@dataclass(frozen=True)
class _Finder:
    fingerprint = "drawn faces"

    def find(self, photo: Photo, parse: Parse) -> tuple[Face | None, ...]:
        return tuple(_face(photo, box) for box in parse.boxes)


def _face(photo: Photo, box: NDArray[np.float32]) -> Face:
    x0, y0, x1, y1 = box
    height, width = photo.pixels.shape[:2]
    colour = photo.pixels[int(y0 * height) + 20, int((x0 + x1) / 2 * width)].astype(int)
    vector = np.zeros(128, np.float32)
    vector[int(np.argmin([np.abs(colour - other).sum() for other in COLOURS.values()]))] = 1
    return Face(
        box=np.array([x0, y0, x1, y0 + (y1 - y0) * HEAD / FEET], np.float32),
        score=0.9,
        landmarks=np.full((468, 2), 0.5, np.float32),
        eyes=np.zeros((2, 4), np.float32),
        ears=np.full((2, 4), np.nan, np.float32),
        quality=FaceQuality(size=60, sharpness=1, yaw=0, pitch=0, roll=0, usable=1),
        vector=vector,
    )


def make_chain(engine: str) -> Chain:
    return Chain(_Parser(engine), _Finder(), engine, None)


def names(library: Library) -> dict[str, str]:
    """Ids of Anna and Bob, once they have their names."""
    found: dict[str, str] = {}
    for row in listing.figures(library.catalog):
        with Image.open(row.photo) as picture:
            x0, y0, x1, _ = row.box
            colour = picture.getpixel((int((x0 + x1) / 2), int(y0) + 20))
        found.setdefault(next(name for name, known in COLOURS.items() if known == colour), row.figure_id)
    return {
        who: deciding.name(library, found[who], called).person_ids[0]
        for who, called in (("anna", "Anna"), ("bob", "Bob"))
    }
