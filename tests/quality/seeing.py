"""Photos through the whole chain: read, parse, find faces, describe; as grouping sees them."""

from datetime import datetime
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.faces.face import Face
from mien.faces.finder import FaceFinder
from mien.parsing.lite.engine import LiteParser
from mien.people.anchors import anchor_of
from mien.people.sighting import Sighting
from mien.photo.photo import Photo
from mien.photo.reading import read_photo
from mien.traits.appearance import appearance_vector
from mien.traits.article import article_features
from mien.traits.describe import describe
from mien.traits.outfit import outfit
from mien.traits.traits import to_json


@cache
def _chain() -> tuple[LiteParser, FaceFinder]:
    return LiteParser(), FaceFinder()


def sightings_of(file: Path, taken: datetime | None = None) -> list[Sighting]:
    """The figures of a photo, the one with the largest face first."""
    return sightings(read_photo(file), taken)


def sightings(photo: Photo, taken: datetime | None = None) -> list[Sighting]:
    """Of a photo taken then, as `sightings_of`."""
    parser, finder = _chain()
    parse = parser.parse(photo.pixels)
    faces = finder.find(photo, parse)
    appearance = appearance_vector(photo, parse)
    traits = describe(photo, parse, faces)
    article = article_features(photo, parse, traits)

    def size(face: Face | None) -> float:
        return 0.0 if face is None else float(np.prod(face.box[2:] - face.box[:2]))

    return [
        Sighting(
            figure_id=f"{photo.key}-{k}",
            place=anchor_of(
                parse,
                k,
                photo_id=photo.key,
                face=None if (face := faces[k]) is None else face.box,
                perceptual_hash=photo.perceptual_hash,
            ),
            taken=taken,
            face_vector=None if face is None else face.vector,
            face_usable=0.0 if face is None else face.quality.usable,
            appearance=appearance[k],
            garments=outfit(to_json(traits[k])),
            article=article[k],
        )
        for k in sorted(range(len(parse)), key=lambda k: -size(faces[k]))
    ]


def photo_of(pixels: NDArray[np.uint8], file: Path) -> Photo:
    """The photo that a JPEG of these pixels, RGB, is; `file` is written."""
    cv2.imwrite(str(file), np.ascontiguousarray(pixels[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 95])
    return read_photo(file)
