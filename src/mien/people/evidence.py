"""Evidence that two figures are one person, as calibrated log-odds.

The log-odds are a prior plus, for each kind of evidence, log p(what is seen | one person) − log p(… | two people):

- **faces**: their squared distance, crowding added (see `crowd`); worth less where a face is poor. Logistic in the
  distance, fitted on faces of 25 people and 97 strangers, a quarter of them rendered as turned, shaded or small.
- **clothes** and **hair**, within a moment only: how different they look (`traits.appearance`), and **garments**: how
  far the chances of what they are (`traits.outfit`) lie apart, whatever their colours. How different two
  people look depends on who is there: among people in dark suits being alike says nothing. So p(d | two people) mixes
  what is usual with the distances between figures of *this* moment who are known to be two people, as they share a
  photo or have clearly different faces. Where all dress alike the two densities meet, and the weight falls to zero.
- **place** and **build**, in photos seconds apart: who stands where somebody stood, as tall as they were, while the
  camera saw the same view (by the photos' perceptual hashes).

Figures of one photo are two people. Sources: log-likelihood ratios as weight of evidence, Good (1950); densities of
distances between known-different pairs as in speaker and face verification, e.g. Brümmer & du Preez (2006). How the
numbers were fitted: docs/people.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache, lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mien.people.moments import Moment
from mien.people.sighting import Sighting
from mien.traits import outfit
from mien.traits.appearance import LENGTH, REGIONS, WEIGHTS, region_distance, regions_of

Matrix = NDArray[np.float64]

STRANGERS = math.log(1000)
"""How much likelier any two faces of a library are strangers' than one person's."""

FACE_EVEN, FACE_SLOPE = 0.40, 44.0
"""Squared distance at which a sharp face says nothing, and log-odds per unit below it."""

FACE_RANGE = (-8.0, 12.0)
CLEARLY_DIFFERENT = 0.45
"""Squared distance of two sharp faces that are two people's: 1 in 1,000 pairs of one person's is farther apart."""

SHARP = 0.5
"""Least `face_usable` of a face that may join others into a person."""

SEEN = 0.6
"""Visible clothing (sum of `WEIGHTS` times visibility) from which clothes count fully; of at most 2.1."""

USUAL = 30.0
"""What is usual weighs as much as so many pairs of the moment; and the moment's weigh at most `SEEN_PAIRS`."""

SEEN_PAIRS = 60.0

NEVER = -math.inf

NEWS = 0.6
"""What garments say counts so much, as clothes have said a part of it: logistic regressions on both give 0.4–0.8."""

LOOK_RANGE = (-5.0, 4.0)
KERNEL = 0.05
"""Standard deviation of the kernel, in distances."""

SAME_VIEW = 16.0
"""Bits of the perceptual hash in which a view and the same view a little later differ at even odds."""

EDGE = 0.005
"""How near to the photo's edge a box counts as cut by it."""

WALK, SWAY = 0.6, 0.25
"""Standard deviations of where feet are next, in body heights: per second of who walks; of who stands."""

STANDS, WALKS = 30.0, 12.0
"""Seconds after which who stood or walked may as well be anywhere in the view, with odds of e − 1 to one."""

LIKE_HEIGHT, ANY_HEIGHT = 0.1, 0.35
"""Standard deviations of the logarithm of two boxes' heights, of one person seconds later and of two people."""

_GRID = np.linspace(0, 1, 101)
_CLOTHES = [list(REGIONS).index(name) for name in ("top", "bottom", "shoes")]
_HAIR = [list(REGIONS).index("hair")]


CLOTHES = (0.17, 0.10, (5.5, 7.5), 0.03)
HAIR = (0.21, 0.13, (2.4, 3.6), 0.15)
GARMENTS = (0.16, 0.15, (2.2, 3.1), 0.2)
"""What `_densities` are made of, for each kind of evidence that has them."""


@cache
def _densities(mean: float, spread: float, usual: tuple[float, float], alike: float) -> tuple[Matrix, Matrix]:
    """p(d | one person) and, as is usual, p(d | two people) on the grid.

    One person's: a gamma distribution, and a tenth anything (a coat taken off, parts confused); two people's: a beta
    distribution, and a share `alike` of pairs who look like one.
    """
    from scipy.stats import beta, gamma  # three quarters of a second: not for a command that only lists

    shape = (mean / spread) ** 2
    grid = np.maximum(_GRID, 0.005)
    one = 0.9 * gamma.pdf(grid, shape, scale=mean / shape) + 0.1
    two = (1 - alike) * (0.95 * beta.pdf(np.minimum(grid, 0.995), *usual) + 0.05) + alike * one
    return one, two


@dataclass(frozen=True)
class Reason:
    """One kind of evidence: "prior", "faces", "clothes", "garments", "hair", "place", "build" or "same-photo".

    Attributes:
        log_odds: what it adds (natural logarithm); −∞ for "same-photo".
        facts: what a sentence about it needs: "distance", "seconds", "people".
    """

    kind: str
    log_odds: float
    facts: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """Natural log-odds that two figures are one person, and what they are the sum of, the weightiest reason first."""

    log_odds: float
    reasons: tuple[Reason, ...]

    @property
    def probability(self) -> float:
        """0–1."""
        return 0.0 if self.log_odds == NEVER else 1 / (1 + math.exp(-min(max(self.log_odds, -50.0), 50.0)))


@dataclass(frozen=True, eq=False)
class Figures:
    """n figures' evidence in aligned arrays.

    Attributes:
        vectors: float32 (n, d), zeros without a face. `trust` (n,), 0–1, 0 without one; `handicaps` (n,).
        seen: (n, 4), visibility of each of `REGIONS`; `colours`: (n, 4, 29), `textures`: (n, 4, 4), see `regions_of`.
        garments: (n, 12), roots of the chances of `outfit.PARTS`.
        feet: (n, 2), the middle of the box's lower edge; both numbers in heights of the photo, held to be 4:3.
        heights: (n,), of the box, in heights of the photo.
        whole: (n,), bool: the box touches no edge of the photo.
        photos: (n,), equal for figures of one photo.
        seconds: (n,), NaN if unknown. `views`: uint8 (n, 64), bits of the perceptual hash; `has_view` (n,), bool.
    """

    vectors: NDArray[np.float32]
    trust: Matrix
    handicaps: Matrix
    seen: Matrix
    colours: Matrix
    textures: Matrix
    garments: Matrix
    feet: Matrix
    heights: Matrix
    whole: NDArray[np.bool_]
    photos: NDArray[np.intp]
    seconds: Matrix
    views: NDArray[np.uint8]
    has_view: NDArray[np.bool_]

    @classmethod
    def of(cls, sightings: Sequence[Sighting]) -> Self:
        n = len(sightings)
        size = next((len(s.face_vector) for s in sightings if s.face_vector is not None), 1)
        vectors = np.zeros((n, size), np.float32)
        looks, garments = np.zeros((n, LENGTH)), np.zeros((n, outfit.LENGTH))
        for i, s in enumerate(sightings):
            if s.identifies and s.face_vector is not None:
                vectors[i] = s.face_vector
            if s.appearance is not None and len(s.appearance) == LENGTH:  # another release's is made anew soon
                looks[i] = s.appearance
            if s.garments is not None:
                garments[i] = np.sqrt(s.garments)
        seen, colours, textures = regions_of(looks)
        boxes = np.array([s.place.box for s in sightings], np.float64).reshape(-1, 4)
        hashes = [s.place.perceptual_hash for s in sightings]
        codes = {photo: i for i, photo in enumerate(sorted({s.photo_id for s in sightings}))}
        times = [s.wall_time for s in sightings]
        first = min((t for t in times if t is not None), default=None)
        bits = np.frombuffer(b"".join(bytes.fromhex(h or "0" * 16) for h in hashes), np.uint8).reshape(n, 8)
        return cls(
            vectors=vectors,
            trust=np.array([min(1.0, s.face_usable / SHARP) if s.identifies else 0.0 for s in sightings]),
            handicaps=np.array([s.face_handicap for s in sightings]),
            seen=seen,
            colours=colours,
            textures=textures,
            garments=garments,
            feet=np.stack([(boxes[:, 0] + boxes[:, 2]) * 2 / 3, boxes[:, 3]], 1),
            heights=np.maximum(boxes[:, 3] - boxes[:, 1], 1e-3),
            whole=(boxes.min(1) > EDGE) & (boxes.max(1) < 1 - EDGE),
            photos=np.array([codes[s.photo_id] for s in sightings], np.intp),
            seconds=np.array([np.nan if t is None or first is None else (t - first).total_seconds() for t in times]),
            views=np.unpackbits(bits, axis=1),
            has_view=np.array([h is not None for h in hashes], bool),
        )

    def __len__(self) -> int:
        return len(self.heights)

    def take(self, which: Sequence[int]) -> "Figures":
        """Only these."""
        return Figures(**{f.name: getattr(self, f.name)[list(which)] for f in fields(self)})


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of evidence between n and m figures: log-odds (n, m), how far each can be relied on (0–1), and what
    was measured (see `Reason`)."""

    log_odds: Matrix
    weight: Matrix
    measured: Matrix


@dataclass(frozen=True, eq=False)
class Setting:
    """What a moment says about what its evidence is worth.

    Attributes:
        prior: log-odds that two figures of different photos are one person, before anything else.
        people: how many people there are at least.
        clothes, hair, garments: log-odds at the distances 0, 0.01, … 1: float64 (101,); None outside a moment.
    """

    prior: float = -STRANGERS
    people: int = 0
    clothes: Matrix | None = None
    hair: Matrix | None = None
    garments: Matrix | None = None

    @classmethod
    def of(cls, figures: Figures) -> Self:
        """The setting of a moment with these figures."""
        different = figures.photos[:, None] == figures.photos
        sharp = (figures.trust[:, None] >= 1) & (figures.trust >= 1)
        different |= sharp & (face_distances(figures, figures) > CLEARLY_DIFFERENT)
        pairs = np.nonzero(np.triu(different, 1))
        people = int(np.bincount(figures.photos).max())
        return cls(
            prior=-math.log(max(people, 2)),
            people=people,
            clothes=_log_ratio(*_looks(figures, figures, _CLOTHES), pairs, *_densities(*CLOTHES)),
            hair=_log_ratio(*_looks(figures, figures, _HAIR), pairs, *_densities(*HAIR)),
            garments=NEWS * _log_ratio(*_outfits(figures, figures), pairs, *_densities(*GARMENTS)),
        )


def compare(a: Sighting, b: Sighting, moment: Moment | None = None) -> Evidence:
    """The evidence that figures `a` and `b` are one person.

    Args:
        moment: the one that both are in, if any; else clothes say nothing, and any two people of the library may meet.
    """
    figures = Figures.of([a, b])
    if a.photo_id == b.photo_id:
        return Evidence(NEVER, (Reason("same-photo", NEVER),))
    setting = Setting() if moment is None else _setting(moment)
    one, other = figures.take([0]), figures.take([1])
    reasons = [Reason("prior", setting.prior, {"people": setting.people} if moment else {})]
    for name, kind in kinds(one, other, setting).items():
        if kind.weight[0, 0] > 0:
            facts: dict[str, float | str] = {"distance": round(float(kind.measured[0, 0]), 3)}
            if name in ("place", "build", "clothes", "garments", "hair"):
                facts["seconds"] = abs(float(figures.seconds[0] - figures.seconds[1]))
            reasons.append(Reason(name, float(kind.log_odds[0, 0]), facts))
    reasons.sort(key=lambda reason: -abs(reason.log_odds))
    return Evidence(sum(reason.log_odds for reason in reasons), tuple(reasons))


@lru_cache(maxsize=64)
def _setting(moment: Moment) -> Setting:
    return Setting.of(Figures.of(moment.sightings))


def kinds(one: Figures, other: Figures, setting: Setting) -> dict[str, Kind]:
    """Each kind of evidence between n and m figures, by name. That one photo shows two people is not among them."""
    found = {"faces": _faces(one, other)}
    if setting.clothes is not None and setting.hair is not None and setting.garments is not None:
        for name, (distance, seen), ratio, full in (
            ("clothes", _looks(one, other, _CLOTHES), setting.clothes, SEEN),
            ("hair", _looks(one, other, _HAIR), setting.hair, 0.4),
            ("garments", _outfits(one, other), setting.garments, len(outfit.PARTS)),
        ):
            weight = np.minimum(1.0, seen / full)
            found[name] = Kind(np.interp(distance, _GRID, ratio) * weight, weight, distance)
        found["place"], found["build"] = _whereabouts(one, other)
    return found


def face_distances(one: Figures, other: Figures) -> Matrix:
    """Squared distances with both handicaps, (n, m); meaningless where a face is missing."""
    a, b = one.vectors.astype(np.float64), other.vectors.astype(np.float64)
    square = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
    return np.asarray(np.maximum(square, 0) + one.handicaps[:, None] + other.handicaps)


def _faces(one: Figures, other: Figures) -> Kind:
    distance = face_distances(one, other)
    weight = np.minimum(one.trust[:, None], other.trust)
    log_odds = np.clip(FACE_SLOPE * (FACE_EVEN - distance), *FACE_RANGE) * weight
    return Kind(np.asarray(log_odds), weight, distance)


def _looks(one: Figures, other: Figures, regions: list[int]) -> tuple[Matrix, Matrix]:
    """Mean distance (n, m) of these regions, and how much of them both show: weights times visibility."""
    total, seen = np.zeros((len(one), len(other))), np.zeros((len(one), len(other)))
    for region in regions:
        weight = WEIGHTS[region] * np.minimum(one.seen[:, region, None], other.seen[:, region])
        alike = one.colours[:, region] @ other.colours[:, region].T
        total += weight * region_distance(alike, one.textures[:, None, region], other.textures[:, region])
        seen += weight
    return total / np.maximum(seen, 1e-9), seen


def _outfits(one: Figures, other: Figures) -> tuple[Matrix, Matrix]:
    """Mean Hellinger distance (n, m) of the kinds of garments, and at how many parts of the body both are known."""
    total, seen = np.zeros((len(one), len(other))), np.zeros((len(one), len(other)))
    for mine, theirs in zip(outfit.parts_of(one.garments), outfit.parts_of(other.garments), strict=True):
        known = (mine.max(1)[:, None] > 0) & (theirs.max(1) > 0)
        total += known * np.sqrt(np.clip(1 - mine @ theirs.T, 0, 1))
        seen += known
    return total / np.maximum(seen, 1), seen


def _log_ratio(
    distance: Matrix, seen: Matrix, pairs: tuple[NDArray[np.intp], ...], same: Matrix, usual: Matrix
) -> Matrix:
    """Log-odds (101,) at the grid's distances, never rising: `same` against `usual` and what `pairs` show, mixed."""
    from scipy.ndimage import gaussian_filter1d
    from scipy.optimize import isotonic_regression

    distance, seen = distance[pairs], seen[pairs]
    distance = distance[seen > 0.1]
    counts = np.bincount(np.round(distance * 100).astype(np.intp), minlength=101).astype(np.float64)
    here = gaussian_filter1d(counts, KERNEL * 100, mode="reflect") * 100
    weight = min(1.0, SEEN_PAIRS / max(len(distance), 1))
    different = (USUAL * usual + weight * here) / (USUAL + weight * len(distance))
    ratio = np.clip(np.log(same / different), *LOOK_RANGE)
    return np.asarray(isotonic_regression(ratio, weights=same + different, increasing=False).x)


def _whereabouts(one: Figures, other: Figures) -> tuple[Kind, Kind]:
    """Place and build. Both count only where the camera saw the same view, and the less the longer ago that was."""
    apart = np.abs(one.seconds[:, None] - other.seconds)
    known = np.isfinite(apart)
    apart = np.where(known, apart, 1e6)
    view = _same_view(one, other, apart)
    height = np.sqrt(one.heights[:, None] * other.heights)
    moved = np.linalg.norm(one.feet[:, None] - other.feet, axis=2) / height
    area = 4 / 3 / height**2
    stands, walks = 0.3 * np.exp(-apart / STANDS), 0.7 * np.exp(-apart / WALKS)
    there = stands * _normal2(moved, SWAY + 0.01 * apart) + walks * _normal2(moved, SWAY + WALK * apart)
    log_odds = np.log(view * (np.minimum(there * area, 20) + 1 - stands - walks) + 1 - view)
    # The last place says most: where somebody stood long before says nothing beside it.
    weight = np.where(known, 1 / (1 + apart / 3) ** 2, 0)
    place = Kind(np.maximum(log_odds, -3), weight, moved)
    ratio = np.abs(np.log(one.heights[:, None] / other.heights))
    whole = one.whole[:, None] & other.whole
    soon = view * np.exp(-apart / 10) * whole
    like = 0.8 * _normal(ratio, LIKE_HEIGHT) + 0.2 * _normal(ratio, ANY_HEIGHT)
    build = np.log(like / _normal(ratio, ANY_HEIGHT)) * soon
    return place, Kind(np.maximum(build, -2), weight * (soon > 0.01), ratio)


def _same_view(one: Figures, other: Figures, apart: Matrix) -> Matrix:
    """Probability (n, m) that the camera looked the same way: by the hashes' distance, else by how long ago it was."""
    a, b = one.views.astype(np.float64), other.views.astype(np.float64)
    differing = a.sum(1)[:, None] + b.sum(1) - 2 * a @ b.T
    by_look = 0.95 / (1 + np.exp((differing - SAME_VIEW) / 2))
    both = one.has_view[:, None] & other.has_view
    return np.asarray(np.where(both, by_look, 0.5 * np.exp(-apart / 10)))


def _normal(x: Matrix, deviation: Matrix | float) -> Matrix:
    return np.asarray(np.exp(-0.5 * (x / deviation) ** 2) / (deviation * math.sqrt(2 * math.pi)))


def _normal2(x: Matrix, deviation: Matrix) -> Matrix:
    """Of a distance in the plane."""
    return np.asarray(np.exp(-0.5 * (x / deviation) ** 2) / (2 * math.pi * deviation**2))
