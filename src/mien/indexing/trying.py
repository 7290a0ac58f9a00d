"""Taking in an embedder of the user's own: tried on the faces of the library before it is kept."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.catalog import embedding
from mien.catalog.derived import face_from_bytes
from mien.catalog.library import Library
from mien.errors import UnreadablePhoto
from mien.faces.embedder import SIZE, Colours, Embedder, Network, Span, chips_of
from mien.faces.trial import Trial, of_different_people, try_out
from mien.indexing.embedding import KnownEmbedder
from mien.models import embedders, folder
from mien.people.evidence import SHARP
from mien.photo.reading import read_photo

FACES = 40
"""Most faces that a network is tried on."""

_CONSIDERED = 400  # of which those are taken that show different people
_APART = 0.6  # distance of their built-in vectors


def take(
    library: Library, file: Path, colours: Colours | None = None, span: Span | None = None
) -> tuple[KnownEmbedder, Trial]:
    """Try a file on faces of the library, and keep it in the models' folder if it is what it should be.

    Raises `MienError` if it is not; then nothing is kept.
    """
    data = embedders.read_candidate(file)
    trial = try_out(Network(data, file), file, faces(library), colours, span)
    return KnownEmbedder(Embedder(embedders.keep(folder(), data), trial.colours, trial.span), file.name), trial


def faces(library: Library) -> NDArray[np.uint8]:
    """Well-seen faces of different people, aligned: uint8 (n, 112, 112, 3), up to `FACES`."""
    with library.catalog.read() as connection:
        rows = embedding.sharp_faces(connection, SHARP, _CONSIDERED)
    seen = [(path, face_from_bytes(data)) for path, data in rows]
    chips = np.zeros((0, SIZE, SIZE, 3), np.uint8)
    for i in of_different_people(np.array([face.vector for _, face in seen]), _APART):
        path, face = seen[i]
        try:
            pixels = read_photo(Path(path)).pixels
        except UnreadablePhoto:  # or away now
            continue
        chips = np.concatenate([chips, chips_of(pixels, [face.landmarks])])
        if len(chips) == FACES:
            break
    return chips
