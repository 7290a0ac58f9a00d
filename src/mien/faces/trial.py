"""Whether a network tells faces apart at all, and how it wants its pixels, by trying it on faces."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.errors import ModelError
from mien.faces.embedder import SIZE, Colours, Network, Span
from mien.vision.geometry import Image

FEWEST = 12
"""Faces of different people without which only the form of the answers is tried."""

TELLING = 0.9
"""Least share of the faces whose changed copy is nearer to them than to anybody else's. On 40 faces of everyday and
street photos the built-in network comes to 1.00, the pixels themselves to 0.2–0.7."""

_CLEARLY = 1.05  # how much better another order or span must tell faces apart to be believed over the usual one
_WAYS: tuple[tuple[Colours, Span], ...] = (("rgb", "signed"), ("bgr", "signed"), ("rgb", "bytes"), ("bgr", "bytes"))


@dataclass(frozen=True)
class Trial:
    """What was found.

    Attributes:
        colours, span: how the network wants its pixels: as asked, as found, or as usual.
        faces: how many it was tried on.
        told: share of the faces that were known again (see `TELLING`); None without enough faces.
        guessed: whether `colours` and `span` were found by trying.
    """

    colours: Colours
    span: Span
    faces: int
    told: float | None
    guessed: bool


def try_out(
    network: Network, name: object, chips: NDArray[np.uint8], colours: Colours | None = None, span: Span | None = None
) -> Trial:
    """Try a network on aligned faces of different people, uint8 (n, 112, 112, 3).

    Raises `ModelError`, which names the file `name`, if it cannot be run, gives anything but numbers, the same for
    all, or tells nobody apart.
    """
    ways = [way for way in _WAYS if colours in (None, way[0]) and span in (None, way[1])]
    few = len(chips) < FEWEST
    faces = np.concatenate([chips, _patterns()]) if few else chips
    found: list[tuple[float, float, tuple[Colours, Span]]] = []
    for way in ways[:1] if few else ways:
        vectors = network(faces, *way)
        if not np.isfinite(vectors).all():
            continue
        apart = _squares(vectors, vectors)[np.triu_indices(len(vectors), 1)]
        if apart.max() < 1e-6:
            continue
        copies = network(np.stack([_changed(face, i) for i, face in enumerate(faces)]), *way)
        distance = _squares(copies, vectors)
        own = np.diag(distance)[:, None]
        others = ~np.eye(len(faces), dtype=bool)
        told = float((distance.argmin(1) == np.arange(len(faces))).mean())
        spread = np.sqrt((own.var() + distance[others].var()) / 2)
        found.append((float((distance[others].mean() - own.mean()) / max(spread, 1e-9)), told, way))
    if not found:
        raise ModelError("embedder-constant", file=name)
    usual = next((one for one in found if one[2] == ways[0]), found[0])
    best = max(found, key=lambda one: one[0])
    _, told, way = best if best[0] > _CLEARLY * usual[0] else usual
    if few:
        return Trial(*way, len(chips), None, guessed=False)
    if told < TELLING:
        raise ModelError("embedder-tells-nobody-apart", file=name, share=f"{100 * told:.0f}", faces=len(chips))
    return Trial(*way, len(chips), told, guessed=len(ways) > 1)


def _changed(face: Image, number: int) -> Image:
    """The same face as if in another photo: a little turned, larger or smaller, in other light, and blurred."""
    side = 1 if number % 2 else -1
    turn = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), side * 8.0, 1 + side * 0.06)
    turn[:, 2] += np.array([side * 2.0, side * 2.0])
    turned = cv2.warpAffine(face[:, ::side], turn, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT)
    light = (turned / 255.0) ** (2.0 if number % 4 < 2 else 0.5)
    cast = np.array([1.15, 1.0, 0.85][:: 1 if number % 3 else -1])
    shade = np.linspace(0.6, 1.4, SIZE)[:: 1 if number % 5 < 2 else -1, None]
    blurred = cv2.GaussianBlur(np.asarray(255 * light * cast * shade, np.float32), (0, 0), 1.0)
    return np.asarray(blurred.clip(0, 255), np.uint8)


def _patterns() -> NDArray[np.uint8]:
    """Pictures of nothing, for want of faces: (4, 112, 112, 3)."""
    coarse = np.random.default_rng(0).integers(0, 256, (4, 7, 7, 3)).astype(np.uint8)
    return np.stack([cv2.resize(one, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) for one in coarse])


def _squares(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """Squared distances (n, m) of vectors of length 1."""
    return np.asarray(2 - 2 * a.astype(np.float64) @ b.astype(np.float64).T)


def of_different_people(builtin: NDArray[np.floating], nearest: float) -> list[int]:
    """Which of n faces (built-in vectors (n, 128)) to take so that no two are within the distance `nearest`."""
    taken: list[int] = []
    for i, vector in enumerate(builtin):
        if not taken or np.linalg.norm(builtin[taken] - vector, axis=1).min() > nearest:
            taken.append(i)
    return taken
