"""`Sighting`: what grouping sees of one figure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mien.people.anchors import Anchor

_NO_TIME = datetime(1, 1, 1)  # noqa: DTZ001 - the clock on the wall has no zone


@dataclass(frozen=True, eq=False)
class Sighting:
    """One figure as evidence of who it is. The photo and the boxes are in its `place`.

    Attributes:
        figure_id: the figure's id, kept over re-parses (`carry_over`).
        place: where it stands; what decisions point at.
        taken: when its photo was taken, if known; naive local time or aware.
        face_vector: float32, the face's identity vector, in the scale of `grouping.SAME_PERSON`; None without a face.
        face_usable: 0–1, the weight of `face_vector` as evidence.
        face_handicap: what is added to the squared distance of `face_vector` from any other (see `crowd`).
        appearance: float32 vector of how the figure is dressed, or None.
        garments: float32 vector of the kinds of garments it wears (`traits.outfit`), or None.
        article: float64 (15,), the article's features, or None.
    """

    figure_id: str
    place: Anchor
    taken: datetime | None = None
    face_vector: NDArray[np.float32] | None = None
    face_usable: float = 0.0
    face_handicap: float = 0.0
    appearance: NDArray[np.float32] | None = None
    garments: NDArray[np.float32] | None = None
    article: NDArray[np.float64] | None = None

    @property
    def photo_id(self) -> str:
        return self.place.photo_id

    @property
    def wall_time(self) -> datetime | None:
        """When it was taken by the clock on the wall there: comparable whether or not the file named its zone."""
        return None if self.taken is None else self.taken.replace(tzinfo=None)

    @property
    def identifies(self) -> bool:
        """Whether there is any evidence of identity."""
        return self.face_vector is not None and self.face_usable > 0

    @property
    def rank(self) -> tuple[bool, datetime, str, str]:
        """Sorts sightings from the earliest to the latest, those of unknown time last, ids breaking ties."""
        at = self.wall_time
        return at is None, at or _NO_TIME, self.photo_id, self.figure_id


def vectors_of(sightings: Sequence[Sighting], figures: Iterable[int]) -> NDArray[np.float32]:
    """The face vectors of these figures (indices), all of which have one: float32 (n, d); (0, 1) of none."""
    found = [vector for i in figures if (vector := sightings[i].face_vector) is not None]
    return np.stack(found) if found else np.zeros((0, 1), np.float32)


def handicaps_of(sightings: Sequence[Sighting], figures: Iterable[int]) -> NDArray[np.float64]:
    """Their handicaps: float64 (n,)."""
    return np.array([sightings[i].face_handicap for i in figures], np.float64)
