"""What was worn in one moment, when nobody changes clothes: all glimpses of a garment there, as one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mien.people.moments import GAP, LONGEST
from mien.traits.traits import Colour
from mien.wardrobe.glimpses import Glimpse, Layer
from mien.wardrobe.likeness import Indices, Looks, Reals, distances, features
from mien.wardrobe.linkage import FAR, link

WITHIN = 15.0
"""Distance up to which two glimpses on the upper body are one garment if they are of one moment: there are few that it
can be, and light and folds differ more than garments do. More is a coat that was taken off."""

TWO_COLOURS = 15.0
"""CIEDE2000 from which what is seen of a dress above the waist and below are two garments."""


@dataclass(frozen=True)
class Worn:
    """A garment in one moment; see `glimpses.Glimpse`. Chances and cuts are means by confidence, the colours are those
    of the glimpse that is nearest to all others (a median), and so are shades and texture."""

    moment: int
    glimpses: tuple[Glimpse, ...]
    chances: Mapping[str, float]
    colours: tuple[Colour, ...]
    cuts: Mapping[str, Mapping[str, float]]
    shades: tuple[float, ...]
    texture: tuple[float, ...]

    @property
    def layer(self) -> Layer:
        return self.glimpses[0].layer

    @property
    def confidence(self) -> float:
        """0–1; that of the surest glimpse."""
        return max(glimpse.confidence for glimpse in self.glimpses)


Pair = tuple[int, int]


def moments_of(times: Sequence[datetime | None]) -> list[int]:
    """The number of each photo's moment, given their times in order, those of unknown time last.

    As people's moments (`people.moments`), among the photos of one person: another one begins after `GAP` without a
    photo, and after `LONGEST` in all. A photo of unknown time is a moment of its own.
    """
    found: list[int] = []
    first = last = None
    number = -1
    for at in times:
        new = at is None or first is None or last is None
        if at is not None and first is not None and last is not None:
            new = (at - last).total_seconds() > GAP or (at - first).total_seconds() > LONGEST
        if new:
            number, first = number + 1, at
        last = at
        found.append(number)
    return found


def pooled(
    moment: int, glimpses: Sequence[Glimpse], together: Iterable[Pair] = (), apart: Iterable[Pair] = ()
) -> list[Worn]:
    """The garments that the glimpses of one moment show. Pairs are indices of glimpses that were said to be one
    garment, or two."""
    figures = [glimpse.figure_id for glimpse in glimpses]
    apart = [*apart, *(_pairs(figures, lambda i, j: figures[i] == figures[j]))]
    looks, n = Looks.of(glimpses), len(glimpses)
    i, j = np.triu_indices(n, 1)
    gap = np.zeros((n, n), np.float32)
    gap[i, j] = gap[j, i] = distances(looks, i, j)
    layer = np.array([glimpse.layer for glimpse in glimpses], np.str_)
    gap[(layer[:, None] == layer) & (layer != "body")] = 0.0  # one pair of trousers, one hat, however the light falls
    gap[layer[:, None] != layer] = FAR
    label = link(gap, WITHIN, together, apart)
    found = [_as_one(moment, glimpses, np.flatnonzero(label == one), gap) for one in np.unique(label)]
    return _without_misread(_without_two_dresses(found))


def _as_one(moment: int, glimpses: Sequence[Glimpse], chosen: Indices, gap: NDArray[np.float32]) -> Worn:
    mine = [glimpses[i] for i in chosen]
    weights = np.array([glimpse.confidence for glimpse in mine])
    inside = gap[np.ix_(chosen, chosen)]
    # Where trousers count as one whatever they look like, the surest glimpse speaks.
    middle = mine[int(np.lexsort((-weights, inside @ weights))[0])]
    return Worn(
        moment,
        tuple(mine),
        _mean([glimpse.chances for glimpse in mine], weights),
        middle.colours,
        {cut: _mean(*_seen(mine, weights, cut)) for cut in sorted({cut for glimpse in mine for cut in glimpse.cuts})},
        middle.shades or next((glimpse.shades for glimpse in mine if glimpse.shades), ()),
        middle.texture or next((glimpse.texture for glimpse in mine if glimpse.texture), ()),
    )


def _without_two_dresses(found: list[Worn]) -> list[Worn]:
    """Nobody wears two: halves of one colour are one dress, and of two colours a top and a skirt."""
    tops, lowers = (
        [worn for worn in found if worn.layer == layer and kind_of(worn.chances, layer) == "dress"]
        for layer in ("body", "lower")
    )
    if len(tops) != 1 or len(lowers) != 1:
        return found
    (top,), (lower,) = tops, lowers
    is_whole = any(glimpse.place == "dress" for glimpse in top.glimpses)
    if is_whole or 10 * features(Looks.of([top, lower]), np.array([0]), np.array([1]))[0, 0] < TWO_COLOURS:
        return [worn for worn in found if worn is not lower]
    rest = [worn for worn in found if worn is not top and worn is not lower]
    return [*rest, _no_dress(top, "upper-clothes"), _no_dress(lower, "skirt")]


def _no_dress(worn: Worn, kind: str) -> Worn:
    chances = {name: chance for name, chance in worn.chances.items() if name != "dress"}
    return replace(worn, chances=chances | {kind: chances.get(kind, 0.0) + worn.chances["dress"]})


def _without_misread(found: list[Worn]) -> list[Worn]:
    """Without a skirt that the same moment shows as often to be a dress: the lower half of one, seen as its own."""
    dresses = [worn for worn in found if best(worn.chances) == "dress"]
    tops = [worn for worn in found if worn.layer == "body" and best(worn.chances) == "upper-clothes"]
    if not dresses or tops:
        return found
    seen = max(len(worn.glimpses) for worn in dresses)
    return [worn for worn in found if best(worn.chances) not in ("skirt", "unknown") or len(worn.glimpses) > seen]


def kind_of(chances: Mapping[str, float], layer: Layer) -> str:
    """The likeliest; what is seen below a top is the half of a dress only if it is nothing else more likely."""
    if layer == "lower" and chances.get("dress", 0.0) <= 0.5 * sum(chances.values()):
        chances = {kind: chance for kind, chance in chances.items() if kind != "dress"} or chances
    return best(chances)


def best(chances: Mapping[str, float]) -> str:
    """The likeliest; "unknown" of none."""
    return max(sorted(chances), key=lambda one: chances[one], default="unknown")


def _seen(glimpses: Sequence[Glimpse], weights: Reals, cut: str) -> tuple[list[Mapping[str, float]], Reals]:
    chosen = [i for i, glimpse in enumerate(glimpses) if cut in glimpse.cuts]
    return [glimpses[i].cuts[cut] for i in chosen], weights[chosen]


def _mean(chances: Sequence[Mapping[str, float]], weights: Reals) -> dict[str, float]:
    total = float(weights.sum())
    names = sorted({name for one in chances for name in one})
    sums = {n: sum(w * one.get(n, 0.0) for one, w in zip(chances, weights, strict=True)) / total for n in names}
    return {name: round(float(chance), 4) for name, chance in sums.items()}


def _pairs(things: Sequence[object], are: Callable[[int, int], bool]) -> list[Pair]:
    return [(i, j) for j in range(len(things)) for i in range(j) if are(i, j)]
