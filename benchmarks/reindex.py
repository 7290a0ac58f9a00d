"""How long a run over an unchanged library takes, and how long it takes to list one.

    python -m benchmarks.reindex [PHOTOS]

The files are there, the catalog's rows are made up: three figures in every second photo.
"""

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from mien.catalog import listing, store
from mien.catalog.blobs import parse_name
from mien.catalog.derived import DerivedFigure, DerivedPhoto
from mien.catalog.library import Library
from mien.faces.face import Face, FaceQuality
from mien.indexing.indexer import index
from mien.indexing.regroup import regroup
from mien.indexing.scan import scan
from mien.indexing.stages import make_chain
from mien.people.anchors import GRID, Anchor
from mien.photo.photo import CaptureTime, Metadata

ENGINE = "lite"
START = datetime.fromisoformat("2015-01-01T12:00:00")
PEOPLE = 100


def reindex(photos: int = 10_000) -> dict[str, float]:
    """Seconds for each step over a library of `photos` photos."""
    with tempfile.TemporaryDirectory() as folder:
        album = Path(folder, "album")
        with Library.open(Path(folder, "library")) as library:
            fill(library, album, photos)
            return {
                "photos": photos,
                "group": _seconds(lambda: regroup(library)),
                "index, nothing new": _seconds(lambda: _nothing_new(library, album)),
                "list photos": _seconds(lambda: listing.photos(library.catalog)),
                "list figures": _seconds(lambda: listing.figures(library.catalog)),
                "list people": _seconds(lambda: listing.people(library.catalog)),
            }


def _nothing_new(library: Library, album: Path) -> None:
    summary = index(library, [album], engine=ENGINE, jobs=1)
    assert summary.read == 0, summary


def fill(library: Library, album: Path, photos: int) -> None:
    """Write `photos` files into `album` and what would be known of them into the library, not yet grouped."""
    for number in range(photos):
        path = album / f"{number // 500:03}" / f"{number:06}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xff\xd8\xff")
    fingerprints = make_chain(ENGINE).fingerprints()
    chance = np.random.default_rng(0)
    faces = chance.normal(size=(PEOPLE, 128)).astype(np.float32)
    faces *= 0.8 / np.linalg.norm(faces, axis=1, keepdims=True)
    found = list(scan([str(album)]).files.values())
    for start in range(0, len(found), 500):
        with library.catalog.write() as connection:
            for number, stat in enumerate(found[start : start + 500], start):
                photo_id = hashlib.sha256(b"%d" % number).hexdigest()
                taken = CaptureTime(START + timedelta(minutes=7 * number), "exif")
                figures = tuple(_figure(photo_id, place, faces, chance) for place in range(3 * (number % 2)))
                photo = DerivedPhoto(photo_id, Metadata("JPEG", 4000, 3000, taken=taken), "0" * 16, figures=figures)
                store.put_photo(connection, photo, ENGINE, fingerprints)
                connection.execute(
                    "INSERT INTO observations VALUES (?, ?, ?, ?)", (photo_id, ENGINE, fingerprints.parse, "")
                )
                store.put_file(connection, stat, "photo", fingerprints.read, photo_id=photo_id, metadata=photo.metadata)
                library.blobs.write("parses", parse_name(photo_id, fingerprints.parse), b"parse")
                library.blobs.write("thumbnails", photo_id, b"thumbnail")


def _figure(photo_id: str, place: int, faces: np.ndarray, chance: np.random.Generator) -> DerivedFigure:
    box = (0.1 + 0.3 * place, 0.2, 0.3 + 0.3 * place, 0.9)
    vector = faces[(3 * chance.integers(PEOPLE // 3) + place)] + chance.normal(scale=0.015, size=128)
    face = Face(
        box=np.array(box, np.float32),
        score=0.9,
        landmarks=np.zeros((468, 2), np.float32),
        eyes=np.zeros((2, 4), np.float32),
        ears=np.zeros((2, 4), np.float32),
        quality=FaceQuality(60, 0.9, 0, 0, 0, 0.9),
        vector=vector.astype(np.float32),
    )
    traits = {
        "upper": {
            "garment": "upper-clothes",
            "colours": [{"name": "blue", "lab": [40.0, 10.0, -40.0], "share": 0.8}],
            "confidence": 0.8,
        },
        "hat": {"value": "no", "confidence": 0.9},
        "height_ratio": 0.7,
        "aspect_ratio": 0.4,
    }
    mask = bytes([255]) * (GRID * GRID // 8)
    return DerivedFigure(Anchor(photo_id, box, mask, box), 0.9, face, traits, None, np.zeros(15))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return round(time.perf_counter() - start, 3)


if __name__ == "__main__":
    print(json.dumps(reindex(*map(int, sys.argv[1:])), indent=2))
