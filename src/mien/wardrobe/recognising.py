"""Recognising: which garments of different days are one, by how they look and by what the user says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import combinations
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mien.people.decisions import same_name
from mien.traits.traits import UNKNOWN, Colour
from mien.wardrobe.glimpses import Glimpse, Layer
from mien.wardrobe.likeness import Looks, distances
from mien.wardrobe.linkage import link
from mien.wardrobe.worn import Pair, Worn, best, kind_of, moments_of, pooled

BOUND = 9.5
"""Mean distance up to which garments of different moments are one; see docs/wardrobe.md for what that finds. Rather
two where there is one: to say that two are one takes a click, to sort out a heap does not."""

AT_ONCE = 1 << 17
"""Pairs that are compared at a time: some 100 MB."""

MOST = 4000
"""Moments of one layer that are compared with each other, the latest ones; earlier ones stay single. All pairs of so
many take 64 MB."""


@dataclass(frozen=True)
class SaidGarment:
    """Glimpses (ids) that are one garment, as the user said, and what else was said of it."""

    glimpses: frozenset[str]
    name: str | None = None
    is_retired: bool = False
    is_theirs: bool = True


@dataclass(frozen=True)
class Said:
    """What the user says; no two of these contradict each other. `apart`: glimpses (ids) of two garments."""

    garments: tuple[SaidGarment, ...] = ()
    apart: frozenset[tuple[str, str]] = frozenset()


NOTHING = Said()


@dataclass(frozen=True)
class Garment:
    """A garment of one person.

    Attributes:
        garment_id: the id of its earliest glimpse.
        worn: by time, those of unknown time last; at least one.
        kind: the likeliest of `traits.Garment`, "hat" or "scarf".
        colours: of the glimpse that is nearest to all others.
        cuts: the likeliest value of each of `traits.CUTS` that is seen.
        name: what the user calls it.
        is_retired: not worn any more, as the user says.
        is_theirs: False if the user says that it is not this person's.
        key: the glimpse that shows it best.
        said: glimpses that the user spoke of.
    """

    garment_id: str
    worn: tuple[Worn, ...]
    kind: str
    colours: tuple[Colour, ...]
    cuts: Mapping[str, str]
    name: str | None
    is_retired: bool
    is_theirs: bool
    key: Glimpse
    said: frozenset[str] = field(default=frozenset())

    @property
    def layer(self) -> Layer:
        return self.worn[0].layer

    @property
    def glimpses(self) -> tuple[Glimpse, ...]:
        """All of them, by time."""
        return tuple(glimpse for worn in self.worn for glimpse in worn.glimpses)

    @property
    def days(self) -> tuple[date, ...]:
        """On which it was worn, each once."""
        return tuple(sorted({glimpse.at.date() for glimpse in self.glimpses if glimpse.at is not None}))

    def shown_in(self, moment: int) -> Glimpse:
        """The glimpse of a moment that shows it best. Raises `ValueError` if it was not worn then."""
        return max((one for worn in self.worn if worn.moment == moment for one in worn.glimpses), key=_clearest)

    @property
    def times(self) -> int:
        """Moments in which it was worn. One may show parts of it that were joined by the user's word."""
        return len({worn.moment for worn in self.worn})


Occasion = Literal["weekday", "weekend", "evening", "company"]


@dataclass(frozen=True)
class Outfit:
    """What was worn together in one moment.

    Attributes:
        first, last: times of its photos, by the clock on the wall; None if unknown.
        garments: ids, as they are worn from outside to inside, then below, then hat and scarf.
        photos: that show it, by time.
        company: most figures in one of them.
    """

    moment: int
    first: datetime | None
    last: datetime | None
    garments: tuple[str, ...]
    photos: tuple[str, ...]
    company: int


@dataclass(frozen=True)
class Wardrobe:
    """Of one person: garments by how often they were worn, most often first; outfits by time."""

    garments: tuple[Garment, ...] = ()
    outfits: tuple[Outfit, ...] = ()

    def garment(self, garment_id: str) -> Garment:
        """Raises `KeyError`."""
        found = next((garment for garment in self.garments if garment.garment_id == garment_id), None)
        if found is None:
            raise KeyError(garment_id)
        return found

    @property
    def theirs(self) -> tuple[Garment, ...]:
        """Without those that are not this person's."""
        return tuple(garment for garment in self.garments if garment.is_theirs)


def recognise(glimpses: Sequence[Glimpse], said: Said = NOTHING) -> Wardrobe:
    """The wardrobe that these glimpses of one person show, whatever their order."""
    glimpses = sorted(glimpses, key=lambda glimpse: glimpse.rank)
    number = {glimpse.glimpse_id: i for i, glimpse in enumerate(glimpses)}
    together, apart = _pairs(said, number)
    owner = {one: garment for garment in said.garments for one in garment.glimpses}
    photos = list(dict.fromkeys((glimpse.photo_id, glimpse.at) for glimpse in glimpses))
    moment = dict(zip((photo for photo, _ in photos), moments_of([at for _, at in photos]), strict=True))
    by_moment: dict[int, list[int]] = defaultdict(list)
    for i, glimpse in enumerate(glimpses):
        by_moment[moment[glimpse.photo_id]].append(i)
    worn: list[Worn] = []
    for which, members in by_moment.items():
        place = {i: k for k, i in enumerate(members)}
        inside = [[(place[i], place[j]) for i, j in pairs if i in place and j in place] for pairs in (together, apart)]
        worn += pooled(which, [glimpses[i] for i in members], *inside)
    of = {number[glimpse.glimpse_id]: k for k, one in enumerate(worn) for glimpse in one.glimpses}
    label = _link(
        worn,
        [(of[i], of[j]) for i, j in together if i in of and j in of],
        [(of[i], of[j]) for i, j in apart if i in of and j in of],
    )
    garments = [_garment([worn[k] for k in np.flatnonzero(label == one)], owner) for one in np.unique(label)]
    garments.sort(key=lambda garment: (-garment.times, garment.glimpses[0].rank))
    return Wardrobe(tuple(garments), tuple(_outfits([garment for garment in garments if garment.is_theirs])))


def _pairs(said: Said, number: Mapping[str, int]) -> tuple[list[Pair], list[Pair]]:
    """Glimpses, by number, that are one garment, and that are two: also those of garments that are called differently,
    or of which one is not theirs."""
    known = [(garment, sorted(number[one] for one in garment.glimpses if one in number)) for garment in said.garments]
    together = [(members[0], other) for _, members in known for other in members[1:]]
    apart = [(number[i], number[j]) for i, j in said.apart if i in number and j in number]
    for (one, mine), (other, theirs) in combinations(known, 2):
        if mine and theirs and _differ(one, other):
            apart += [(i, j) for i in mine for j in theirs]
    return together, apart


def _differ(one: SaidGarment, other: SaidGarment) -> bool:
    named = one.name is not None and other.name is not None and same_name(one.name) != same_name(other.name)
    return named or one.is_theirs != other.is_theirs


def _link(worn: Sequence[Worn], together: Sequence[Pair], apart: Sequence[Pair]) -> NDArray[np.intp]:
    """The least index of each one's garment. What is worn at once is several garments."""
    label = np.arange(len(worn))
    at_once: dict[int, list[int]] = defaultdict(list)
    for i, one in enumerate(worn):
        at_once[one.moment].append(i)
    apart = [*apart, *(pair for members in at_once.values() for pair in combinations(members, 2))]
    # What the user says joins layers, too: an engine may have taken a long shirt for a skirt.
    layers = [[i for i, one in enumerate(worn) if one.layer == layer] for layer in get_args(Layer)]
    for layer in layers:
        members = layer[-MOST:]
        place = {i: k for k, i in enumerate(members)}
        found = link(
            _distances([worn[i] for i in members]),
            BOUND,
            [(place[i], place[j]) for i, j in together if i in place and j in place],
            [(place[i], place[j]) for i, j in apart if i in place and j in place],
        )
        for i, k in place.items():
            label[i] = members[found[k]]
    for i, j in together:
        keep, drop = sorted((int(label[i]), int(label[j])))
        label[label == drop] = keep
    return label


def _distances(looks: Sequence[Worn]) -> NDArray[np.float32]:
    n, arrays = len(looks), Looks.of(looks)
    gap = np.zeros((n, n), np.float32)
    rows, columns = np.triu_indices(n, 1)
    for start in range(0, len(rows), AT_ONCE):
        i, j = rows[start : start + AT_ONCE], columns[start : start + AT_ONCE]
        gap[i, j] = gap[j, i] = distances(arrays, i, j)
    return gap


def _garment(worn: Sequence[Worn], owner: Mapping[str, SaidGarment]) -> Garment:
    glimpses = [glimpse for one in worn for glimpse in one.glimpses]
    said = list(dict.fromkeys(owner[g.glimpse_id] for g in glimpses if g.glimpse_id in owner))
    weights = np.array([one.confidence for one in worn])
    middle = worn[int((_distances(worn) @ weights).argmin())]
    return Garment(
        glimpses[0].glimpse_id,
        tuple(worn),
        kind_of(_summed([one.chances for one in worn], weights), worn[0].layer),
        middle.colours,
        _cuts(worn, weights),
        next((one.name for one in said if one.name is not None), None),
        any(one.is_retired for one in said),
        all(one.is_theirs for one in said),
        max(glimpses, key=_clearest),
        frozenset(g.glimpse_id for g in glimpses if g.glimpse_id in owner),
    )


def _clearest(glimpse: Glimpse) -> tuple[object, ...]:
    """Sorts by how well a glimpse shows the garment: no coat over it, large, and sure."""
    return glimpse.place != "inner", glimpse.confidence * min(1.0, 0.4 + glimpse.size), glimpse.rank


def _cuts(worn: Sequence[Worn], weights: NDArray[np.float64]) -> dict[str, str]:
    found = {}
    for cut in sorted({cut for one in worn for cut in one.cuts}):
        chosen = [i for i, one in enumerate(worn) if cut in one.cuts]
        sums = _summed([worn[i].cuts[cut] for i in chosen], weights[chosen])
        value = best(sums)
        if value != UNKNOWN and sums[value] > 0.55 * sum(sums.values()):
            found[cut] = value
    return found


def _summed(chances: Sequence[Mapping[str, float]], weights: NDArray[np.float64]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for one, weight in zip(chances, weights, strict=True):
        for name, chance in one.items():
            sums[name] += float(weight) * chance
    return dict(sums)


_ORDER = {"coat": 0, "dress": 1, "upper-clothes": 2, "hat": 4, "scarf": 4}


def _outfits(garments: Sequence[Garment]) -> list[Outfit]:
    by_moment: dict[int, list[tuple[Garment, Worn]]] = defaultdict(list)
    for garment in garments:
        for worn in garment.worn:
            by_moment[worn.moment].append((garment, worn))
    found = []
    for moment, members in sorted(by_moment.items()):
        members.sort(key=lambda member: (_ORDER.get(member[0].kind, 3), member[0].garment_id))
        glimpses = sorted((g for _, worn in members for g in worn.glimpses), key=lambda glimpse: glimpse.rank)
        times = [glimpse.at for glimpse in glimpses if glimpse.at is not None]
        found.append(
            Outfit(
                moment,
                times[0] if times else None,
                times[-1] if times else None,
                tuple(dict.fromkeys(garment.garment_id for garment, _ in members)),
                tuple(dict.fromkeys(glimpse.photo_id for glimpse in glimpses)),
                max(glimpse.company for glimpse in glimpses),
            )
        )
    return found
