"""Networks that see blocks of pure colour as people, so that runs are quick and their results known beforehand."""

import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.errors import ModelError
from mien.faces.face import Face, FaceQuality
from mien.indexing.stages import Chain
from mien.parsing.engines import create_parser, name_of
from mien.parsing.parse import BAG, LANDMARKS, PART_ID, Parse
from mien.photo.photo import Photo

COLOURS = {
    "anna": (230, 20, 20),
    "bob": (20, 200, 20),
    "cem": (20, 20, 230),
    "dana": (220, 220, 20),
    "eve": (220, 20, 220),
}
GREY = (120, 120, 120)

CRASH, HANG, HUNGRY, RAISE = (1, 2, 3), (4, 5, 6), (7, 8, 9), (9, 8, 7)
"""Colours of the first pixel of photos that are too much for the network (where it hangs, it writes `FAKE_HANGS`)."""

STUMBLE, CRASH_BETTER = (3, 2, 1), (6, 5, 4)
"""The same, for the better ones alone."""

WIDTH, HEIGHT = 160, 120


def photo_of(
    path: Path,
    people: dict[str, int],
    *,
    taken: datetime | None = None,
    shade: int = 0,
    corner: tuple[int, int, int] | None = None,
    comment: str = "",
) -> Path:
    """Write a photo of `people` (name → left edge, px); `shade` tells photos apart."""
    pixels = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    pixels[-4:] = shade
    for name, left in people.items():
        pixels[20:110, left : left + 30] = COLOURS[name]
    if corner:
        pixels[0, 0] = corner
    exif = Image.Exif()
    exif[0x0131] = "a drawing hand"  # Pillow takes EXIF without a first directory for none
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    if comment:
        exif[0x010E] = comment
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, exif=exif)
    return path


@dataclass(frozen=True)
class FakeParser:
    """`engine`: "fake" sees everybody; "fake-2" sees them a little wider and from right to left; "fake-blind" nobody
    who is Bob; "fake-slow" takes its time. "better" and "better-blind" are the better ones than "fake"; the first
    sees as "fake-2" does."""

    engine: str

    @property
    def fingerprint(self) -> str:
        return f"{self.engine} {os.environ.get('FAKE_PARSER_VERSION', '1')}"

    def parse(self, pixels: NDArray[np.uint8]) -> Parse:
        counted("parse")
        _misbehave(tuple(int(value) for value in pixels[0, 0]), is_better=self.engine.startswith("better"))
        if self.engine == "fake-slow":
            time.sleep(0.05)
        height, width = pixels.shape[:2]
        seen = []
        for name, colour in COLOURS.items():
            mask = (np.abs(pixels.astype(int) - colour) < 30).all(-1)
            if mask.sum() > 50 and not (self.engine.endswith("blind") and name == "bob"):
                ys, xs = np.nonzero(mask)
                seen.append((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
        is_wide = self.engine in ("fake-2", "better")
        seen.sort(reverse=is_wide)
        figures, parts = np.zeros((height, width), np.uint16), np.zeros((height, width), np.uint8)
        areas = np.zeros((len(seen), BAG + 1), np.int32)
        for i, (x0, y0, x1, y1) in enumerate(seen):
            x1 += is_wide
            figures[y0:y1, x0:x1] = i + 1
            parts[y0:y1, x0:x1] = PART_ID["upper-clothes"]
            parts[y0 : y0 + 20, x0:x1] = PART_ID["face"]
            areas[i] = np.bincount(parts[figures == i + 1], minlength=BAG + 1)
        return Parse(
            figures=figures,
            parts=parts,
            boxes=np.array([np.divide(box, (width, height) * 2) for box in seen], np.float32).reshape(-1, 4),
            scores=np.full(len(seen), 0.9, np.float32),
            areas=areas,
            confidences=np.where(areas > 0, 0.9, 0).astype(np.float32),
            uncertain=np.zeros(len(seen), np.float32),
            poses=np.full((len(seen), LANDMARKS, 3), np.nan, np.float32),
        )


@dataclass(frozen=True)
class FakeFinder:
    """The colour is the face."""

    @property
    def fingerprint(self) -> str:
        return f"finder {os.environ.get('FAKE_FINDER_VERSION', '1')}"

    def find(self, photo: Photo, parse: Parse) -> tuple[Face | None, ...]:
        counted("find")
        return tuple(_face(photo, parse, figure) for figure in range(len(parse)))


def _face(photo: Photo, parse: Parse, figure: int) -> Face:
    x0, y0, x1, y1 = parse.boxes[figure]
    height, width = photo.pixels.shape[:2]
    colour = photo.pixels[int((y0 + y1) / 2 * height), int((x0 + x1) / 2 * width)].astype(int)
    who = int(np.argmin([np.abs(colour - other).sum() for other in COLOURS.values()]))
    vector = np.zeros(128, np.float32)
    vector[who] = 1
    return Face(
        box=np.array([x0, y0, x1, y0 + (y1 - y0) / 4], np.float32),
        score=0.8,
        landmarks=np.full((468, 2), 0.5, np.float32),
        eyes=np.zeros((2, 4), np.float32),
        ears=np.full((2, 4), np.nan, np.float32),
        quality=FaceQuality(size=40, sharpness=1, yaw=0, pitch=0, roll=0, usable=1),
        vector=vector,
    )


def make_fake(engine: str) -> Chain:
    if engine == os.environ.get("FAKE_AWAY"):
        raise ModelError("model-missing", file=engine)
    return Chain(FakeParser(engine), FakeFinder(), engine, "fake" if engine.startswith("better") else None)


def make_remote(engine: str) -> Chain:
    """What `mien.indexing.stages.make_chain` makes, but for the fake faces."""
    parser = create_parser(engine)
    return Chain(parser, FakeFinder(), name_of(parser, engine))


CALLS: dict[str, int] = {}
"""How often which network was asked in this process."""


def counted(name: str) -> None:
    CALLS[name] = CALLS.get(name, 0) + 1


def _misbehave(corner: tuple[int, ...], *, is_better: bool) -> None:
    if is_better and corner == STUMBLE:
        raise ValueError("too much of a good thing")
    if corner == CRASH or (is_better and corner == CRASH_BETTER):
        os.abort()
    if corner == HANG:
        if "FAKE_HANGS" in os.environ:
            Path(os.environ["FAKE_HANGS"]).touch()
        time.sleep(600)
    if corner == HUNGRY:
        hoard = []
        while True:
            hoard.append(np.ones(1 << 20))
    if corner == RAISE:
        raise ValueError("a corner nobody thought of")
