"""A library of photos that nobody took: who is in them, dressed how, when and where is written down here."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from mien.catalog import store
from mien.catalog.derived import DerivedFigure, DerivedPhoto, Fingerprints
from mien.catalog.library import Library
from mien.catalog.store import FileStat
from mien.faces.face import Face, FaceQuality
from mien.indexing import deciding
from mien.indexing.regroup import regroup
from mien.people.anchors import GRID, Anchor
from mien.photo.photo import CaptureTime, Metadata, Place
from mien.search.columns import figure_id
from tests.search.composed import garment, guess

HANGZHOU, BEIJING, PARIS = Place(30.25, 120.17, None), Place(39.91, 116.39, None), Place(48.86, 2.35, None)
_PRINTS = Fingerprints("decoder", "read", "parse", "faces", "traits", "lite")
_MASK = bytes([255]) * (GRID * GRID // 8)

Dressed = Mapping[str, Any]


def dressed(
    style: str, *, top: str = "white", dress: str = "", coat: str = "", age: str = "adult", **worn: str
) -> Dressed:
    """Somebody seen from head to foot: in a top, a coat or a dress of a colour; `worn`: what else, of which colour."""
    traits: dict[str, Any] = {
        "style": guess(style, other="feminine" if style == "masculine" else "masculine"),
        "age_group": guess(age, other="adult" if age == "child" else "child"),
    }
    for thing in ("hat", "glasses", "scarf"):
        traits[thing] = guess("yes", other="no", colour=worn[thing]) if thing in worn else guess("no", other="yes")
    if dress:
        return traits | {"dress": garment("dress", dress)}
    upper = garment("coat", coat) if coat else garment("upper-clothes", top)
    return traits | {"upper": upper, "lower": garment(worn.get("lower", "pants"), worn.get("legs", "black"))}


def man(**worn: str) -> Dressed:
    return dressed("masculine", **worn)


def woman(**worn: str) -> Dressed:
    return dressed("feminine", **worn)


def child(style: str = "feminine", **worn: str) -> Dressed:
    return dressed(style, age="child", **worn)


Photo = tuple[str | None, Place | None, Sequence[tuple[str | None, Dressed]]]

PHOTOS: Mapping[str, Photo] = {
    # when, where, and from left to right who is dressed how
    "picnic": ("2026-07-11T15:00", HANGZHOU, [("Anna", woman(dress="yellow")), ("Tom", man(top="blue", hat="beige"))]),
    "picnic before": ("2025-07-12T15:00", HANGZHOU, [("Anna", woman(dress="yellow")), (None, woman(hat="red"))]),
    "apart": ("2026-07-20T11:00", HANGZHOU,
        [("Anna", woman(dress="yellow")), ("李娜", woman(scarf="red")), ("Tom", man(hat="beige"))]),
    "festival": ("2019-02-05T12:00", BEIJING, [("李娜", woman(coat="red", scarf="red"))]),
    "festival of 2020": ("2020-01-26T12:00", BEIJING, [("王小明", man(coat="black")), ("李娜", woman(coat="red"))]),
    "office": ("2024-03-06T09:00", None, [(None, man(top="blue", glasses="black")), (None, man(top="white"))]),
    "match": ("2024-03-09T16:00", None, [(None, man(top="navy")), (None, woman(top="blue"))]),
    "eve": ("2023-12-24T20:00", PARIS, [(None, woman(scarf="red", coat="black")), (None, man(scarf="blue"))]),
    "market": ("2023-12-27T11:00", PARIS, [(None, man(scarf="red", coat="black"))]),
    "beach": ("2025-08-03T10:00", HANGZHOU,
        [("Mia", child(dress="white")), ("Anna", woman(dress="red")), ("Tom", man(top="green"))]),
    "empty beach": ("2025-08-03T11:00", HANGZHOU, []),
    "pair": ("2022-05-01T14:00", None, [("Anna", woman(top="green")), ("Tom", man(top="red"))]),
    "pair with another": ("2022-05-02T14:00", None,
        [("Tom", man(top="red")), ("Anna", woman(top="green")), (None, woman(hat="black"))]),
    "scan": (None, None, [("Anna", woman(hat="black", coat="beige"))]),
    "girls": ("2021-06-05T10:00", None,
        [(None, child(dress="red")), (None, child(dress="white")), (None, man(top="black"))]),
}  # fmt: skip

PEOPLE = ("Anna", "Tom", "Mia", "李娜", "王小明")


def photo_id(photo: str) -> str:
    """Of a photo by its name here."""
    return sha256(photo.encode()).hexdigest()


@contextmanager
def opened(folder: Path) -> Iterator[Library]:
    """All photos in a library of their own."""
    with Library.open(folder) as library:
        for name in PHOTOS:
            _put(library, name)
        regroup(library)
        for who in PEOPLE:
            deciding.name(library, next(figure for figure, known in _figures(library) if known == who), who)
        yield library


def _face(box: tuple[float, float, float, float], who: str) -> Face:
    """Each person's face is like no other's."""
    vector = np.random.default_rng(int.from_bytes(sha256(who.encode()).digest()[:8], "big")).normal(size=128)
    x0, y0, x1, y1 = box
    return Face(
        box=np.array([x0, y0, x1, y0 + (y1 - y0) / 5], np.float32),
        score=0.9,
        landmarks=np.full((468, 2), 0.5, np.float32),
        eyes=np.zeros((2, 4), np.float32),
        ears=np.full((2, 4), np.nan, np.float32),
        quality=FaceQuality(size=90, sharpness=1, yaw=0, pitch=0, roll=0, usable=1),
        vector=(vector / np.linalg.norm(vector)).astype(np.float32),
    )


def _figures(library: Library) -> Iterator[tuple[str, str | None]]:
    """All figures, with their names."""
    for name, (_, _, figures) in PHOTOS.items():
        for number, (who, _) in enumerate(figures, 1):
            yield figure_id(photo_id(name), number), who


def _put(library: Library, name: str) -> None:
    taken, place, figures = PHOTOS[name]
    key = photo_id(name)
    time = None if taken is None else CaptureTime(datetime.fromisoformat(taken), "exif")
    metadata = Metadata("JPEG", 1500, 1000, taken=time, place=place)
    boxes = [(0.05 + 0.2 * i, 0.2, 0.2 + 0.2 * i, 0.9) for i in range(len(figures))]
    seen = tuple(
        DerivedFigure(Anchor(key, box, _MASK, None), 0.95, _face(box, who or f"{name} {box}"), dict(traits), None, None)
        for box, (who, traits) in zip(boxes, figures, strict=True)
    )
    with library.catalog.write() as connection:
        store.put_photo(connection, DerivedPhoto(key, metadata, "0" * 16, figures=seen), "lite", _PRINTS)
        stat = FileStat(f"/album/{name}.jpg", 1, 1, "", "")
        store.put_file(connection, stat, "photo", "read", photo_id=key, metadata=metadata)
