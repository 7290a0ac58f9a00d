"""Everybody in the library in columns: how they look, where, when and with whom; some 200 bytes a figure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Any, Final, Self, get_args

import numpy as np
from numpy.typing import NDArray

from mien.search import cells
from mien.traits.traits import CUTS, UNKNOWN, VALUES, Garment, Place, Thing

VERSION = 1
"""Raised when the same rows make other columns."""

GARMENT_PLACES: Final = get_args(Place)
PLACES: Final[tuple[str, ...]] = (*GARMENT_PLACES, *get_args(Thing))
"""Where colours are seen."""

COLOURS = 3
"""At a place, at most."""

NO_DAY: Final = np.iinfo(np.int32).min
NO_HOUR: Final = -1
NOBODY_KNOWN: Final = 0

_EPOCH = date(1970, 1, 1).toordinal()


def _chances() -> tuple[str, ...]:
    garments = [f"{place}/{garment}" for place in GARMENT_PLACES for garment in get_args(Garment) if garment != UNKNOWN]
    cuts = [f"{place}/{cut}/{value}" for place in GARMENT_PLACES for cut, values in CUTS.items() for value in values]
    guesses = [f"{name}/{value}" for name, values in VALUES.items() for value in values]
    return tuple(name for name in [*garments, *cuts, *guesses] if not name.endswith(f"/{UNKNOWN}"))


CHANCES: Final = _chances()
"""What there is a chance of: "upper/coat", "upper/pattern/striped", "hat/yes"."""

CHANCE: Final[Mapping[str, int]] = {name: i for i, name in enumerate(CHANCES)}


@dataclass(frozen=True)
class PhotoSeen:
    """One photo as it goes into the columns. `day` counts from 1970-01-01; `hour` is None where only a date is known.

    `shape`: width over height of the upright photo.
    """

    photo_id: str
    shape: float
    day: int | None = None
    hour: int | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Person:
    """Who a figure is: `key` as `person_key` has it, with its confidence, 0–1; nobody at all if that was said."""

    key: int = NOBODY_KNOWN
    confidence: float = 0.0
    is_somebody: bool = True


@dataclass(frozen=True)
class FigureSeen:
    """One figure as it goes into the columns; `traits` as `to_json` writes them."""

    number: int
    box: tuple[float, float, float, float]
    traits: Mapping[str, Any]
    person: Person = Person()


@dataclass(frozen=True, eq=False)
class Columns:
    """p photos in the order of their ids, and n figures in their photos' order.

    Attributes:
        photo_ids: S (p,).
        shapes: float32 (p,), width over height.
        days: int32 (p,), since 1970-01-01 by the clock on the wall; `NO_DAY` where unknown.
        hours: int8 (p,), 0–23; `NO_HOUR` where unknown.
        latitudes, longitudes: float32 (p,), degrees; NaN where unknown.
        first: int32 (p + 1,): the figures of photo i are `first[i]` to before `first[i + 1]`.
        photo: int32 (n,), the place of each figure's photo.
        numbers: int32 (n,), ascending in a photo; a figure's id is made of its photo's and this.
        boxes: uint16 (4, n): x0, y0, x1, y1 from 0 to 65535.
        people: uint64 (n,): `person_key` of who it is, or `NOBODY_KNOWN`.
        confidences: uint8 (n,), of that, 0–100.
        somebody: bool (n,): False if it was said to be nobody.
        seen: uint16 (n,): which of `PLACES` are seen, by bits.
        chances: uint8 (len(CHANCES), n), 0–100.
        colours: uint16 (len(PLACES) · COLOURS, n), cells.
        shares: uint8 (len(PLACES) · COLOURS, n), 0–100; 0 where there is no colour.
    """

    photo_ids: NDArray[np.bytes_]
    shapes: NDArray[np.float32]
    days: NDArray[np.int32]
    hours: NDArray[np.int8]
    latitudes: NDArray[np.float32]
    longitudes: NDArray[np.float32]
    first: NDArray[np.int32]
    photo: NDArray[np.int32]
    numbers: NDArray[np.int32]
    boxes: NDArray[np.uint16]
    people: NDArray[np.uint64]
    confidences: NDArray[np.uint8]
    somebody: NDArray[np.bool_]
    seen: NDArray[np.uint16]
    chances: NDArray[np.uint8]
    colours: NDArray[np.uint16]
    shares: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.photo)

    @classmethod
    def of(cls, photos: Iterable[tuple[PhotoSeen, Sequence[FigureSeen]]]) -> Self:
        """The columns of these photos and who is in them."""
        ordered = sorted(photos, key=lambda photo: photo[0].photo_id)
        seen = [photo for photo, _ in ordered]
        figures = [figure for _, inside in ordered for figure in sorted(inside, key=lambda figure: figure.number)]
        counts = np.array([len(inside) for _, inside in ordered], np.int64)
        described = _described([figure.traits for figure in figures])
        boxes = np.array([figure.box for figure in figures], np.float64).reshape(-1, 4)
        return cls(
            photo_ids=np.array([photo.photo_id.encode() for photo in seen], "S64"),
            shapes=np.array([photo.shape for photo in seen], np.float32),
            days=np.array([NO_DAY if photo.day is None else photo.day for photo in seen], np.int32),
            hours=np.array([NO_HOUR if photo.hour is None else photo.hour for photo in seen], np.int8),
            latitudes=_degrees(photo.latitude for photo in seen),
            longitudes=_degrees(photo.longitude for photo in seen),
            first=_starts(counts),
            photo=np.repeat(np.arange(len(seen), dtype=np.int32), counts),
            numbers=np.array([figure.number for figure in figures], np.int32),
            boxes=np.round(np.clip(boxes.T, 0, 1) * 65535).astype(np.uint16),
            **_of_people([figure.person for figure in figures]),
            **described,
        )

    def figure_id(self, figure: int) -> str:
        return figure_id(self.photo_id(int(self.photo[figure])), int(self.numbers[figure]))

    def photo_id(self, photo: int) -> str:
        return bytes(self.photo_ids[photo]).decode()

    def place_of(self, photo_id: str) -> int | None:
        """Where a photo stands here."""
        wanted = photo_id.encode()
        i = int(np.searchsorted(self.photo_ids, wanted))
        return i if i < len(self.photo_ids) and bytes(self.photo_ids[i]) == wanted else None

    def without(self, photo_ids: Sequence[str]) -> Self:
        """All but these photos."""
        gone = [i for i in map(self.place_of, photo_ids) if i is not None]
        kept = np.ones(len(self.photo_ids), np.bool_)
        kept[gone] = False
        return self._taken(np.flatnonzero(kept))

    def joined(self, *others: Self) -> Self:
        """These photos and those of `others`, all of them different ones."""
        parts = (self, *others)
        columns = {name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in _NAMES}
        counts = np.concatenate([np.diff(part.first) for part in parts])
        photo = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        both = replace(self, **columns, first=_starts(counts), photo=photo)
        if (both.photo_ids[:-1] < both.photo_ids[1:]).all():
            return both
        return both._taken(np.argsort(both.photo_ids, kind="stable"))

    def rows_of(self, figure_ids: Sequence[str]) -> NDArray[np.intp]:
        """Where figures stand here; -1 for those that do not."""
        if not len(self) or not figure_ids:
            return np.full(len(figure_ids), -1, np.intp)
        photos, numbers = zip(*(figure_id.rsplit("-", 1) for figure_id in figure_ids), strict=True)
        wanted = np.array(photos, _PREFIX)
        prefixes = self.photo_ids.astype(_PREFIX)
        photo = np.minimum(np.searchsorted(prefixes, wanted), len(prefixes) - 1)
        keys = self.photo.astype(np.int64) << 32 | self.numbers
        key = photo.astype(np.int64) << 32 | np.array(numbers, np.int64)
        row = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        return np.where((prefixes[photo] == wanted) & (keys[row] == key), row, -1)

    def known(self, rows: NDArray[np.intp], figures: Sequence[Person]) -> Self:
        """With these figures as these people."""
        columns = {name: getattr(self, name).copy() for name in _PERSON_NAMES}
        for name, values in _of_people(figures).items():
            columns[name][rows] = values
        return replace(self, **columns)

    @cached_property
    def people_count(self) -> NDArray[np.int32]:
        """How many people each photo shows: (p,)."""
        return np.bincount(self.photo, weights=self.somebody, minlength=len(self.photo_ids)).astype(np.int32)

    @cached_property
    def tallest(self) -> NDArray[np.int32]:
        """The height of each photo's tallest figure, as `boxes` have it; 0 where there is none: (p,)."""
        heights = np.append(self.boxes[3].astype(np.int32) - self.boxes[1], np.int32(0))
        return np.where(np.diff(self.first) > 0, np.maximum.reduceat(heights, self.first[:-1]), 0).astype(np.int32)

    def _taken(self, photos: NDArray[np.intp]) -> Self:
        """Only these photos, in this order."""
        counts = np.diff(self.first)[photos]
        starts = _starts(counts)
        figures = np.repeat(self.first[photos] - starts[:-1], counts) + np.arange(starts[-1])
        columns = {name: getattr(self, name)[photos] for name in _PHOTO_NAMES}
        columns |= {name: np.ascontiguousarray(getattr(self, name)[..., figures]) for name in _FIGURE_NAMES}
        photo = np.repeat(np.arange(len(photos), dtype=np.int32), counts)
        return replace(self, **columns, first=starts, photo=photo)


_PHOTO_NAMES = ("photo_ids", "shapes", "days", "hours", "latitudes", "longitudes")
_FIGURE_NAMES = (
    "numbers", "boxes", "people", "confidences", "somebody", "seen", "chances", "colours", "shares",
)  # fmt: skip
_PERSON_NAMES = ("people", "confidences", "somebody")

_PREFIX = "S16"
"""Of a photo's id: what its figures' ids begin with."""

_NAMES = (*_PHOTO_NAMES, *_FIGURE_NAMES)


def fingerprint() -> str:
    """Of what the columns are: other columns have another one."""
    layout = [VERSION, CHANCES, PLACES, COLOURS, cells.BITS, [field.name for field in fields(Columns)]]
    return hashlib.sha256(repr(layout).encode()).hexdigest()[:16]


def figure_id(photo_id: str, number: int) -> str:
    """As `catalog.store.mint` makes it."""
    return f"{photo_id[:16]}-{number}"


def person_key(person_id: str) -> int:
    """A number that stands for a person in the columns."""
    return int.from_bytes(hashlib.blake2b(person_id.encode(), digest_size=8).digest(), "little") or 1


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def date_of(day: int) -> date:
    return date.fromordinal(day + _EPOCH)


def _of_people(figures: Sequence[Person]) -> dict[str, NDArray[Any]]:
    return {
        "people": np.array([person.key for person in figures], np.uint64),
        "confidences": np.round(np.array([person.confidence for person in figures]) * 100).astype(np.uint8),
        "somebody": np.array([person.is_somebody for person in figures], np.bool_),
    }


def _described(all_traits: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
    """What is seen of figures. What a record lacks is not seen."""
    n = len(all_traits)
    chances = np.zeros((n, len(CHANCES)), np.uint8)
    shares = np.zeros((n, len(PLACES) * COLOURS), np.uint8)
    colours = np.zeros((n, len(PLACES) * COLOURS), np.uint16)
    seen = np.zeros(n, np.uint16)
    where: list[tuple[int, int]] = []
    labs: list[Sequence[float]] = []
    for i, traits in enumerate(all_traits):
        for name, record in traits.items():
            if not isinstance(record, dict):
                continue
            found = [(name, record)]
            if name in GARMENT_PLACES:
                found += [(f"{name}/{cut}", record[cut]) for cut in CUTS if cut in record]
            for prefix, guess in found:
                for value, chance in _chances_of(guess).items():
                    if (column := CHANCE.get(f"{prefix}/{value}")) is not None:
                        chances[i, column] = round(chance * 100)
            if name in PLACES and "colours" in record:
                place = PLACES.index(name)
                seen[i] |= 1 << place
                for k, colour in enumerate(record["colours"][:COLOURS]):
                    where.append((i, place * COLOURS + k))
                    labs.append(colour["lab"])
                    shares[i, place * COLOURS + k] = max(1, round(colour["share"] * 100))
    if where:
        rows, slots = np.array(where, np.intp).T
        colours[rows, slots] = cells.quantised(np.array(labs, np.float64))
    return {
        "seen": seen,
        "chances": np.ascontiguousarray(chances.T),
        "colours": np.ascontiguousarray(colours.T),
        "shares": np.ascontiguousarray(shares.T),
    }


def _chances_of(guess: Mapping[str, Any]) -> Mapping[str, float]:
    """The chances of a guess or garment; of a record without them, that of its value."""
    if "chances" in guess:
        chances: Mapping[str, float] = guess["chances"]
        return chances
    value = guess.get("value", guess.get("garment"))
    return {} if value is None else {value: guess["confidence"]}


def _starts(counts: NDArray[Any]) -> NDArray[np.int32]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _degrees(values: Iterable[float | None]) -> NDArray[np.float32]:
    return np.array([np.nan if value is None else value for value in values], np.float32)
