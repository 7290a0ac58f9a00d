"""How long a copy to hand out takes: `python -m benchmarks.sharing [FOLDER]`, CPU time of one thread.

Photos of people from a folder, else a public-domain one, brought to 12 megapixels. Decoding and encoding are named
apart, as every program that makes a copy has them.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.__main__ import processor
from mien.faces.finder import FaceFinder
from mien.parsing.lite.engine import LiteParser
from mien.photo.photo import Photo
from mien.photo.reading import read_photo
from mien.sharing.copying import Copyist
from mien.sharing.encoding import encoded
from mien.sharing.wish import STYLES, Subject, Wish

PIXELS = 12_000_000
ROUNDS = 5
PHOTOS = 12


def main() -> None:
    cv2.setNumThreads(1)
    print(f"Machine: {processor()}; CPU time of one thread, best of {ROUNDS} rounds, mean over the photos\n")
    sources = [_large(photo) for photo in _photos()]
    copyist, parser, finder = Copyist(), LiteParser(), FaceFinder()
    times: dict[str, list[float]] = {name: [] for name in ("decode", *STYLES, "encode")}
    people = 0
    for pixels in sources:
        data = encoded(pixels, "jpeg")
        photo = read_photo(data)
        parse = parser.parse(photo.pixels)
        subjects = _subjects(photo, parse, finder)
        people += len(subjects)
        times["decode"].append(_cpu(lambda data=data: read_photo(data, long_side=None)))
        times["encode"].append(_cpu(lambda pixels=pixels: encoded(pixels, "jpeg")))
        for style in STYLES:
            wish = Wish(style)
            times[style].append(
                _cpu(
                    lambda pixels=pixels, parse=parse, subjects=subjects, wish=wish: copyist(
                        pixels, parse, subjects, wish
                    )
                )
            )
    print(f"{len(sources)} photos of 12 megapixels, {people / len(sources):.1f} people each, one of them kept:")
    for name, seconds in times.items():
        print(f"{name}: {1000 * np.mean(seconds):.0f} ms (at most {1000 * max(seconds):.0f})")


def _photos() -> list[NDArray[np.uint8]]:
    if len(sys.argv) > 1:
        files = sorted(file for file in Path(sys.argv[1]).rglob("*") if file.suffix.lower() in (".jpg", ".jpeg"))
        return [read_photo(file).pixels for file in files[:PHOTOS]]
    from skimage import data

    return [np.asarray(data.astronaut(), np.uint8)]


def _large(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = (PIXELS / (pixels.shape[0] * pixels.shape[1])) ** 0.5
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)


def _subjects(photo: Photo, parse: object, finder: FaceFinder) -> list[Subject]:
    faces = finder.find(photo, parse)  # type: ignore[arg-type]
    return [
        Subject(
            tuple(parse.boxes[i].tolist()),  # type: ignore[attr-defined]
            i,
            keep=i == 0,
            face=None if face is None else tuple(face.box.tolist()),  # type: ignore[arg-type]
            landmarks=None if face is None else face.landmarks,
            vector=None if face is None else face.vector,
        )
        for i, face in enumerate(faces)
    ]


def _cpu(call: Callable[[], object]) -> float:
    best = np.inf
    for _ in range(ROUNDS):
        started = time.process_time()
        call()
        best = min(best, time.process_time() - started)
    return float(best)


if __name__ == "__main__":
    main()
