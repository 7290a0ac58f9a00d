"""Towns, countries and provinces by name, and whether a point lies there.

`places.tsv.gz` is made by `conversion/gazetteer.py` from GeoNames (https://www.geonames.org, CC BY 4.0) and CLDR.
A line is: id, English name, Chinese name, country, province, latitude, longitude, people, all names as matched.
"""

import functools
import gzip
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.language import Language, current_language
from mien.search.query import Where
from mien.search.spelling import is_chinese, plain
from mien.search.words import Word

_EARTH = 6371.0
"""Mean radius, km."""
_FARTHEST = 100.0
"""A point so many km from all towns is in no country."""
_WELL_KNOWN, _WORLD_KNOWN = 300_000, 1_000_000
"""Towns of so many people are understood in small letters by their own names; by names in other languages, where the
first number is for those with a capital. Behind "in" any town is."""
_ELSEWHERE = {"outside", "outside of", "不在", "没在"}
_BESIDES = {"以外", "之外"}
_LEADING = {"in", "at", "from"}
_NEAR = {"near", "near to", "by", "close to", "nearby", "附近"}


@dataclass(frozen=True)
class _Gazetteer:
    ids: list[str]
    english: list[str]
    chinese: list[str]
    countries: list[str]
    regions: list[str]
    points: NDArray[np.float64]
    people: NDArray[np.int64]
    by_name: dict[str, list[int]]
    index: dict[str, int]


@functools.cache
def _gazetteer() -> _Gazetteer:
    packed = resources.files("mien.search").joinpath("places.tsv.gz").read_bytes()
    rows = [line.split("\t") for line in gzip.decompress(packed).decode("utf-8").splitlines()]
    by_name: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        for name in dict.fromkeys((plain(row[1]).replace("-", " "), *row[8].split("|"))):
            by_name.setdefault(name, []).append(at)
    ids, english, chinese, countries, regions, latitudes, longitudes, people, _ = zip(*rows, strict=True)
    points = np.stack([np.array(latitudes, np.float64), np.array(longitudes, np.float64)], axis=1)
    return _Gazetteer(
        list(ids), list(english), list(chinese), list(countries), list(regions), points,
        np.array(people, np.int64), by_name, {id_: at for at, id_ in enumerate(ids)},
    )  # fmt: skip


def candidates(said: str) -> tuple[str, ...]:
    """The ids of places of this name, written plainly: countries and provinces first, then by people."""
    if len(said) < 2 or said.isdigit():
        return ()
    gazetteer = _gazetteer()
    found = gazetteer.by_name.get(said, ())
    return tuple(gazetteer.ids[at] for at in found)  # as the file is ordered


def display_name(place: str, language: Language | None = None) -> str:
    """The name of a place, or of several with "|" between; the id of one that is not listed (any more)."""
    gazetteer = _gazetteer()
    first, _, others = place.partition("|")
    if others:
        return f"{display_name(first, language)} / {display_name(others, language)}"
    at = gazetteer.index.get(place)
    if at is None:
        return place
    chinese = gazetteer.chinese[at] if (language or current_language()) == "zh" else ""
    return chinese or gazetteer.english[at]


def contains(place: str, latitudes: ArrayLike, longitudes: ArrayLike) -> NDArray[np.bool_]:
    """Which points, in degrees (NaN: unknown), lie in a place, or in one of several with "|" between.

    A town reaches as far as towns of so many people do (5 to 50 km from its middle, growing with the root of the
    number); a country or province is where the nearest town of more than 15,000 people is of it, at most 100 km away.
    """
    first, _, others = place.partition("|")
    if others:
        return np.asarray(contains(first, latitudes, longitudes) | contains(others, latitudes, longitudes))
    points = np.stack(
        np.broadcast_arrays(np.asarray(latitudes, np.float64), np.asarray(longitudes, np.float64)), axis=-1
    )
    inside = np.zeros(points.shape[:-1], bool)
    known = np.isfinite(points).all(axis=-1)
    gazetteer = _gazetteer()
    at = gazetteer.index.get(place)
    if at is None or not known.any():
        return inside
    if place.startswith("city:"):
        reach = np.clip(0.0173 * np.sqrt(gazetteer.people[at]), 5.0, 50.0)
        apart = np.linalg.norm(_on_globe(points[known]) - _on_globe(gazetteer.points[at]), axis=-1)
        inside[known] = apart <= _chord(reach)
        return inside
    tree, towns = _towns()
    apart, nearest = tree.query(_on_globe(points[known]))
    is_of = np.array([
        gazetteer.countries[t] == gazetteer.countries[at]
        and (place.startswith("country:") or gazetteer.regions[t] == gazetteer.regions[at])
        for t in towns[nearest]
    ])  # fmt: skip
    inside[known] = is_of & (apart <= _chord(_FARTHEST))
    return inside


@functools.cache
def _towns() -> tuple[Any, NDArray[np.intp]]:
    """A k-d tree of all towns on the globe, and their places in the gazetteer."""
    from scipy.spatial import KDTree  # takes long to load, and most questions name no country

    gazetteer = _gazetteer()
    towns = np.flatnonzero([id_.startswith("city:") for id_ in gazetteer.ids])
    return KDTree(_on_globe(gazetteer.points[towns])), towns


def _on_globe(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Latitudes and longitudes (…, 2) in degrees → unit vectors (…, 3)."""
    latitude, longitude = np.deg2rad(points[..., 0]), np.deg2rad(points[..., 1])
    return np.stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], axis=-1
    )


def _chord(distance: float | np.float64) -> float:
    """A distance on the ground in km → through the unit globe."""
    return float(2 * np.sin(distance / _EARTH / 2))


def find_places(words: Sequence[Word], text: str) -> tuple[list[Word], tuple[Where, ...]]:
    """The words without those that name places, and the places."""
    left: list[Word] = []
    found: list[Where] = []
    countries: list[str] = []
    for word in words:
        if word.text in _BESIDES and found and found[-1].spans[-1][1] == word.span[0]:
            found[-1] = replace(found[-1], is_so=False, spans=(*found[-1].spans, word.span))  # 北京以外
            continue
        led = bool(left) and (left[-1].kind in _LEADING or left[-1].text in (*_NEAR, "the", "去", "来自"))
        chosen = _chosen(word, text, led)
        if chosen is None:
            left.append(replace(word, kind="unknown") if word.kind == "place" else word)
            continue
        start = word.span[0]
        while left and (left[-1].kind in _LEADING or left[-1].text in (*_NEAR, "the", "去", "来自")):
            start = left.pop().span[0]
        is_so = True
        if left and (left[-1].kind == "not" or left[-1].text in _ELSEWHERE):
            start, is_so = left.pop().span[0], False
        joint = left[-1] if found and left and left[-1].kind in ("and", "or", "with") else None
        joint = joint if joint is None or found[-1].is_so == is_so else None
        if joint is not None and joint.span[0] - found[-1].spans[-1][1] <= 1:
            start = left.pop().span[0]
        else:
            joint = None
        span = (start, word.span[1])
        country = _gazetteer().countries[_gazetteer().index[chosen]]
        if (
            found
            and chosen.startswith("country:")
            and found[-1].place.startswith("city:")
            and _near(left, found[-1], span)
        ):
            inside = [p for p in candidates(countries[-1]) if _gazetteer().countries[_gazetteer().index[p]] == country]
            if inside:  # Cambridge, UK
                found[-1] = replace(found[-1], place=inside[0], spans=(*found[-1].spans, span))
                continue
        if joint is not None:  # Paris or Rome
            found[-1] = replace(found[-1], place=f"{found[-1].place}|{chosen}", spans=(*found[-1].spans, span))
            continue
        found.append(Where(chosen, is_so, (span,)))
        countries.append(word.text)
    return left, tuple(found)


def _near(left: Sequence[Word], before: Where, span: tuple[int, int]) -> bool:
    """Whether nothing but a comma or a blank stands between a town and the country behind it."""
    between = [w for w in left if before.spans[-1][1] <= w.span[0] < span[0]]
    return all(w.kind == "comma" for w in between)


def _chosen(word: Word, text: str, led: bool) -> str | None:
    """The place that a word names here; None: none, or hardly meant."""
    if word.kind == "beyond" and led and word.value:
        return str(word.value[0])
    if word.kind != "place":
        return None
    gazetteer = _gazetteer()
    best = max(word.value, key=lambda p: (not p.startswith("city:"), gazetteer.people[gazetteer.index[p]]))
    at = gazetteer.index[best]
    if is_chinese(word.text[0]) or led or not best.startswith("city:"):
        return str(best)
    own = plain(gazetteer.english[at]) == word.text
    capital = text[word.span[0]].isupper()
    enough = (0 if capital else _WELL_KNOWN) if own else (_WELL_KNOWN if capital else _WORLD_KNOWN)
    return str(best) if gazetteer.people[at] >= enough else None
