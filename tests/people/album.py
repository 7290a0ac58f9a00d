"""Makes small albums: figures with faces of known people, standing side by side in photos."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
from hypothesis import strategies as st

from mien.people.anchors import GRID, Anchor
from mien.people.sighting import Sighting

FULL = np.packbits(np.ones((GRID, GRID), bool)).tobytes()


def place(photo: str, slot: int = 0, *, face: bool = True, nudge: float = 0.0) -> Anchor:
    """The place of the figure in one of ten slots, from left to right; `nudge` shifts it a little."""
    x = slot / 10 + nudge
    return Anchor(photo, (x, 0.2, x + 0.09, 0.9), FULL, (x + 0.02, 0.2, x + 0.06, 0.3) if face else None)


def face_of(person: int, view: int = 0, spread: float = 0.2) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A face vector: views of one person are about `spread`·√2 apart, people about 0.8."""
    centre = np.random.default_rng(person).normal(size=128)
    offset = np.random.default_rng((person + 1) * 1000 + view).normal(size=128)
    vector = 0.57 * centre / np.linalg.norm(centre) + spread * offset / np.linalg.norm(offset)
    return vector.astype(np.float32)


def figure(
    photo: str,
    person: int | None,
    slot: int = 0,
    *,
    view: int = 0,
    usable: float = 1.0,
    at: datetime | None = None,
    article: Iterable[float] | None = None,
) -> Sighting:
    """The figure in a photo's slot; `person` None: seen from behind."""
    return Sighting(
        figure_id=f"{photo}-{slot}",
        place=place(photo, slot, face=person is not None),
        taken=at,
        face_vector=None if person is None else face_of(person, view),
        face_usable=0.0 if person is None else usable,
        article=None if article is None else np.fromiter(article, np.float64),
    )


@dataclass(frozen=True)
class Entry:
    """As the catalog's journal gives them."""

    seq: int
    kind: str
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(UUID(int=self.seq))

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.seq, UTC)


def name(seq: int, person: str, called: str, *places: Anchor) -> Entry:
    return Entry(seq, "name", {"person_id": person, "name": called, "anchors": [p.to_json() for p in places]})


def undo(seq: int, of: int) -> Entry:
    return Entry(seq, "undo", {"of": str(UUID(int=of))})


@st.composite
def albums(draw: st.DrawFn) -> list[Sighting]:
    """Up to twelve photos of up to four figures each: five people, good and poor faces, some from behind."""
    sightings = []
    for n in range(draw(st.integers(0, 12))):
        at = draw(st.one_of(st.none(), st.integers(0, 3).map(lambda day: datetime(2024, 5, 1 + day))))  # noqa: DTZ001
        sightings += [
            figure(
                f"p{n:02}",
                draw(st.one_of(st.none(), st.integers(0, 4))),
                slot,
                view=draw(st.integers(0, 50)),
                usable=draw(st.sampled_from([0.0, 0.2, 0.6, 1.0])),
                at=at,
                article=[draw(st.integers(0, 2)) for _ in range(15)] if draw(st.booleans()) else None,
            )
            for slot in range(draw(st.integers(0, 4)))
        ]
    return sightings


@st.composite
def journals(draw: st.DrawFn, sightings: list[Sighting]) -> list[Entry]:
    """Up to six decisions about the figures of an album: names and undos."""
    entries: list[Entry] = []
    for seq in range(1, 1 + draw(st.integers(0, 6 if sightings else 0))):
        if entries and draw(st.integers(0, 2)) == 0:
            entries.append(undo(seq, draw(st.integers(1, seq - 1))))
        else:
            seen = draw(st.lists(st.sampled_from(sightings), min_size=1, max_size=4, unique=True))
            person = draw(st.sampled_from(["anna", "ben", "chen"]))
            entries.append(name(seq, person, person.title(), *(s.place for s in seen)))
    return entries
