"""What indexing found in a photo: the values that the store takes in."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.faces.face import Face, FaceQuality
from mien.people.anchors import Anchor
from mien.photo.photo import Metadata


@dataclass(frozen=True, eq=False)
class DerivedFigure:
    """One figure of a parse, in the parse's order.

    Attributes:
        place: where it stands.
        score: 0–1, that this is a person.
        face: its face, if one was found.
        traits: as JSON.
        appearance: float32, how it is dressed; None for a figure drawn by hand, as is
        article: float64, the article's features.
    """

    place: Anchor
    score: float
    face: Face | None
    traits: dict[str, Any]
    appearance: NDArray[np.float32] | None
    article: NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class Embedded:
    """What an embedder of the user's own made of a photo's faces.

    Attributes:
        embedder: its key.
        vectors: of each figure of the parse, in its order: float32 (d,) of length 1, None without a face, NaN if it
            failed.
    """

    embedder: str
    vectors: tuple[NDArray[np.float32] | None, ...]


@dataclass(frozen=True, eq=False)
class DerivedPhoto:
    """One photo as a file showed it.

    Attributes:
        photo_id: the photo's key.
        metadata: what this file says of it.
        perceptual_hash: 16 hex digits.
        thumbnail: JPEG, if one was made.
        parse: `Parse.to_bytes`, if it was made now; None: the stored one was used, or none was wanted.
        figures: None if they were not looked for again.
        embedded: if the user has an embedder of their own; of these figures, or else of the stored ones.
    """

    photo_id: str
    metadata: Metadata
    perceptual_hash: str
    thumbnail: bytes | None = None
    parse: bytes | None = None
    figures: tuple[DerivedFigure, ...] | None = None
    embedded: Embedded | None = None


@dataclass(frozen=True)
class Fingerprints:
    """What each stage's output depends on: hash(version, model files, settings, fingerprints of its inputs).

    Attributes:
        decoder: the libraries that decode; decides when an unreadable file is tried again.
        read: this program's own reading; a new one reads every file again.
        parse, faces, traits: of the stages, for one engine.
        engine: its name, which its parses are kept under.
        first: a quicker engine, which parses every photo until this one's turn comes; None if this one is quick.
    """

    decoder: str
    read: str
    parse: str
    faces: str
    traits: str
    engine: str
    first: str | None = None

    @property
    def whole(self) -> str:
        """Of everything together: decides when a file that crashed its reader is tried again."""
        return f"{self.decoder}-{self.traits}"


_LAYOUT = {"box": (4,), "landmarks": (468, 2), "eyes": (2, 4), "ears": (2, 4), "vector": (128,)}
_QUALITY = ("size", "sharpness", "yaw", "pitch", "roll", "usable")


def face_to_bytes(face: Face) -> bytes:
    """A face as little-endian numbers of a fixed order: score and quality as float64, the arrays as float32."""
    numbers = [face.score, *(getattr(face.quality, name) for name in _QUALITY)]
    arrays = [np.asarray(getattr(face, name), "<f4").tobytes() for name in _LAYOUT]
    return b"".join([np.array(numbers, "<f8").tobytes(), *arrays])


def face_from_bytes(data: bytes) -> Face:
    """The face that `face_to_bytes` wrote."""
    score, *quality = np.frombuffer(data, "<f8", 1 + len(_QUALITY)).tolist()
    arrays, at = {}, 8 * (1 + len(_QUALITY))
    for name, shape in _LAYOUT.items():
        length = int(np.prod(shape))
        arrays[name] = np.frombuffer(data, "<f4", length, at).astype(np.float32).reshape(shape)
        at += 4 * length
    return Face(score=score, quality=FaceQuality(*quality), **arrays)
