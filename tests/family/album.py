"""A family album of six years, drawn: who is in each photo, in which clothes, how tall, how far away, and when.

Everybody is a column that stands on one ground: head and shoes in a colour of their own, clothes between. The networks
of these tests know people by that colour, and see clothes where they are drawn: a coat is what is left and right of a
top, a dress has no lower half, a wide column is somebody who sits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.catalog import listing
from mien.catalog.library import Library
from mien.growth.references import centile
from mien.indexing import deciding
from tests.indexing.fake import COLOURS, GREY

WIDTH, HEIGHT = 480, 400
HORIZON, SCALE = 200, 1.3
"""The camera is held level at 131 cm: its horizon's row, and the px per cm of whoever stands as far away as most."""
WIDE = 46
HEAD, WAIST, SHOES = 1 / 5.7, 0.55, 0.955
"""Shares of the height at which head, top and trousers end."""

MOTHER, FATHER, CHILD, FRIEND, STRANGER = "anna", "bob", "cem", "dana", "eve"
NAMES = {MOTHER: "Anna", FATHER: "Bob", CHILD: "Cem", FRIEND: "Dana"}
TALL = {MOTHER: 168.0, FATHER: 182.0, FRIEND: 171.0, STRANGER: 176.0}
BORN = date(2016, 4, 10)
YEARS = range(2019, 2025)

RED, NAVY, WHITE, GREEN, YELLOW = (190, 30, 40), (28, 38, 84), (236, 234, 228), (40, 120, 60), (225, 190, 60)
BLACK, BEIGE, PINK, BLUE, BROWN = (24, 24, 26), (205, 185, 150), (230, 150, 175), (70, 120, 190), (105, 70, 45)

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Dress:
    """What somebody wears: a top or a dress (then without `lower`), maybe under a coat, maybe a hat."""

    top: Rgb
    lower: Rgb | None
    coat: Rgb | None = None
    hat: Rgb | None = None


RED_SHIRT, WHITE_SHIRT, YELLOW_DRESS = Dress(RED, NAVY), Dress(WHITE, NAVY), Dress(YELLOW, None)
GREEN_COAT, RED_UNDER_GREEN, PINK_JUMPER = Dress(WHITE, NAVY, GREEN), Dress(RED, BLACK, GREEN), Dress(PINK, BLACK)
BOBS, DANAS, EVES = Dress(BLUE, BROWN), Dress(PINK, BEIGE, hat=NAVY), Dress(BROWN, BLACK)
SMALL, LARGER = Dress(BLUE, BEIGE), Dress(GREEN, BLACK)
"""What the child wears, until it has outgrown it, and then."""


@dataclass(frozen=True)
class Column:
    """Somebody in a photo: centre (px); `away`: times as far off as most; `height` (cm), if not their own."""

    who: str
    centre: int
    dress: Dress
    away: float = 1.0
    height: float | None = None
    width: int = WIDE


@dataclass(frozen=True)
class Shot:
    """A photo. `light`: of the clothes; `below`: px by which everybody stands lower; `poster`: hangs on the wall."""

    at: datetime
    columns: tuple[Column, ...]
    light: float = 1.0
    below: int = 0
    poster: bool = False

    @property
    def name(self) -> str:
        return f"{self.at:%Y%m%d-%H%M}.png"


def height_of_child(day: date) -> float:
    """cm: a boy who is a little taller than most."""
    days = (day - BORN).days
    return float(0.6 * centile("who", "boys", days, 50) + 0.4 * centile("who", "boys", days, 85))


def childs(day: date) -> Dress:
    return SMALL if day.year < 2022 else LARGER


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - the clock on the wall has no zone


def outfits(year: int) -> Iterator[tuple[datetime, Dress]]:
    """What the mother wears in a year: garments come back, the yellow dress not after 2022."""
    yield at(year, 1, 6 + year % 7, 19), GREEN_COAT if year % 2 else RED_UNDER_GREEN
    yield at(year, 6, 7 + year % 7), RED_SHIRT if year % 2 else WHITE_SHIRT
    yield at(year, 8, 8 + year % 7), YELLOW_DRESS if year <= 2022 else WHITE_SHIRT
    yield at(year, 11, 9 + year % 7, 19), PINK_JUMPER


EVENT = date(2022, 7, 1)
PARTY, STREET, POSTER = at(2023, 9, 2, 15), at(2023, 9, 9), at(2024, 3, 3)


def shots() -> list[Shot]:
    """Of each of the mother's outfits one photo with the child beside her; in January and June another one, with the
    father, who stands further away in every other year. Then photos of the child that say nothing, and strangers."""
    found = []
    for year in YEARS:
        light = 0.92 + 0.02 * (year - YEARS[0])
        for when, dress in outfits(year):
            child = Column(CHILD, 240, childs(when.date()))
            found.append(Shot(when, (Column(MOTHER, 150, dress), child), light))
            if when.month in (1, 6):
                bob = Column(FATHER, 390, BOBS, away=1.2 if year % 2 else 1.0)
                later = when + timedelta(minutes=20)
                found.append(Shot(later, (Column(MOTHER, 90, dress), child, bob), light * 0.97))
    child, mother = Column(CHILD, 240, LARGER), Column(MOTHER, 120, WHITE_SHIRT)
    noon = at(EVENT.year, EVENT.month, EVENT.day)
    found += [
        Shot(noon, (child,)),
        Shot(noon.replace(minute=10), (mother, Column(CHILD, 240, LARGER, height=90, width=90))),
        Shot(noon.replace(minute=20), (mother, child), below=HEIGHT - 370),
    ]
    family = (Column(MOTHER, 60, RED_SHIRT), Column(FATHER, 140, BOBS), child)
    friend, stranger = Column(FRIEND, 330, DANAS), Column(STRANGER, 420, EVES)
    found += [
        Shot(PARTY, (*family, friend)),
        Shot(STREET, (Column(MOTHER, 150, RED_SHIRT), stranger)),
        Shot(STREET.replace(minute=30), (friend, stranger)),
        Shot(POSTER, (Column(MOTHER, 90, RED_SHIRT),), poster=True),
    ]
    return found


def write(folder: Path) -> None:
    """All photos, with their times and focal length."""
    folder.mkdir(parents=True, exist_ok=True)
    for shot in shots():
        draw(folder, shot)


def draw(folder: Path, shot: Shot) -> Path:
    """Write a photo."""
    # Rough: by edges it is told what light a photo was taken in.
    rough = np.random.default_rng(shot.at.toordinal()).integers(-110, 110, (HEIGHT, WIDTH, 1))
    pixels = np.clip(np.array(GREY) + rough, 0, 255).astype(np.uint8)
    pixels[:6, :6] = shot.at.toordinal() % 200
    if shot.poster:
        pixels[POSTED] = _poster()
    for column in shot.columns:
        _stand(pixels, shot, column)
    exif = Image.Exif()
    exif[0x0131] = "a drawing hand"  # Pillow takes EXIF without a first directory for none
    details = exif.get_ifd(0x8769)
    details[0x9003], details[0xA405] = f"{shot.at:%Y:%m:%d %H:%M:%S}", 35
    path = folder / shot.name
    Image.fromarray(pixels).save(path, exif=exif)
    return path


POSTED = np.s_[20:220, 250:430]


def _poster() -> NDArray[np.uint8]:
    """A real woman's face: Eileen Collins, NASA, public domain."""
    from skimage import data

    return np.asarray(data.astronaut()[0:200, 130:310], np.uint8)


def box(shot: Shot, column: Column) -> tuple[int, int, int, int]:
    """Px: left, top, right, bottom."""
    height = column.height or (height_of_child(shot.at.date()) if column.who == CHILD else TALL[column.who])
    scale = SCALE / column.away
    bottom = HORIZON + round((370 - HORIZON) / column.away) + shot.below
    wide = round(column.width / column.away)
    left = column.centre - wide // 2
    return left, bottom - round(height * scale), left + wide, bottom


def _stand(pixels: NDArray[np.uint8], shot: Shot, column: Column) -> None:
    left, top, right, bottom = box(shot, column)
    body, dress = pixels[top:bottom, left:right], column.dress
    tall, wide = body.shape[:2]
    head, waist, shoes = (round(share * tall) for share in (HEAD, WAIST, SHOES))
    clothes = np.zeros((tall, wide, 3))
    clothes[:waist], clothes[waist:] = dress.top, dress.lower or dress.top
    if dress.coat:
        for side in _sides(wide):
            clothes[: waist + 10, side] = dress.coat
    grain = np.random.default_rng(left).normal(0, GRAIN, (tall, wide, 1))
    body[:] = np.clip(clothes * shot.light + grain, 0, 255)
    body[:head] = body[shoes:] = COLOURS[column.who]
    if dress.hat:
        body[: head // 3, BRIM:-BRIM] = np.clip(np.array(dress.hat) * shot.light, 0, 255)


GRAIN = 5.0
"""Deviation of cloth from its colour: no cloth is as even as a wall."""
BRIM = 7
"""Px of hair beside a hat."""


def _sides(wide: int) -> tuple[slice, slice]:
    """Where a coat is seen."""
    return np.s_[: wide // 3], np.s_[-(wide // 3) :]


def introduce(library: Library) -> dict[str, str]:
    """Say who is who, how tall the adults are, and when the child was born: by colour, the ids of people."""
    found: dict[str, str] = {}
    for row in listing.figures(library.catalog):
        with Image.open(row.photo) as picture:
            x0, _, x1, y1 = row.box
            colour = picture.getpixel((int((x0 + x1) / 2), int(y1) - 3))  # of the shoes
        who = next(name for name, known in COLOURS.items() if known == colour)
        found.setdefault(who, row.figure_id)
    for who, called in NAMES.items():
        found[who] = deciding.name(library, found[who], called, follow=False).person_ids[0]
    for who in (MOTHER, FATHER):
        deciding.height(library, found[who], date(2018, 1, 1), TALL[who], follow=False)
    deciding.contact(library, found[FRIEND])
    deciding.born(library, found[CHILD], BORN)
    return found
