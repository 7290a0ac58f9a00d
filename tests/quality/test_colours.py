"""What colours and garments are called: swatches in six lights, catalogue and street photos, garments nobody wears.

`pytest -m quality -s tests/quality/test_colours.py` prints the tables of docs/traits.md.
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest

from mien.traits.cielab import ciede2000, srgb_to_lab
from mien.traits.describe import colours_of
from mien.traits.lexicon import basic_colour, entries, memberships
from mien.traits.light import DAYLIGHT, LINEAR
from mien.traits.regions import figure_views, ids
from mien.traits.traits import Place, Traits
from tests.quality.dressed import Dressed
from tests.quality.test_traits import CALLED, LOWER

pytestmark = pytest.mark.quality

LIGHTS = {
    "daylight": (1.0, 1.0, 1.0),
    "shade": (0.84, 1.0, 1.30),
    "cool": (0.92, 1.0, 1.14),
    "fluorescent": (0.95, 1.12, 0.85),
    "warm": (1.22, 1.0, 0.72),
    "tungsten": (1.55, 1.0, 0.45),
}
"""Red, green and blue in linear sRGB of what the camera's white balance left."""

PATTERNS = Path(__file__).with_name("patterns.toml")

EXPOSURES = (0.6, 1.5)
SCENES = 12
"""Street photos in which the largest garment is given each swatch's colour."""

WORDS = ("black", "grey", "white", "beige", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
TOPS = ids("upper-clothes", "coat", "dress")

KINDS = {
    "dress": {"dress", "romper"},
    "skirt": {"skirt"},
    "shorts": {"shorts"},
    "trousers": {"pants", "jeans", "leggings"},
    "coat": {"coat", "jacket", "blazer", "cape", "suit", "cardigan"},
}
SAID = {"trousers": ("pants", "jeans")}

CATALOGUE: dict[str, tuple[set[str], tuple[str, ...]]] = {
    "top": ({"Tshirts", "Shirts", "Tops", "Sweaters", "Sweatshirts"}, ("upper-clothes",)),
    "tunic": ({"Kurtas", "Kurtis", "Tunics"}, ("upper-clothes", "dress")),
    "jacket": ({"Jackets"}, ("coat",)),
    "dress": ({"Dresses"}, ("dress",)),
    "skirt": ({"Skirts"}, ("skirt",)),
    "trousers": ({"Trousers", "Track Pants", "Jeans", "Leggings", "Capris"}, ("pants", "jeans")),
    "shorts": ({"Shorts"}, ("shorts",)),
}
"""Garment → the catalogue's words, and ours; a tunic may be called either."""

UNWORN = frozenset(
    f"images/{number}.jpg"
    for number in (
        10677, 10710, 10718, 10777, 11273, 11276, 12807, 12808, 12843, 12852, 13217, 13218,
        13233, 13307, 14013, 14014, 14032, 15619, 15640, 15647, 17798, 17799, 17919, 17924,
    )
)  # fmt: skip
"""Catalogue photos of a garment alone in which the embedded engine sees somebody; told by eye."""


def in_light(pixels: np.ndarray, light: Sequence[float], exposure: float) -> np.ndarray:
    """As a camera would have seen it that did not balance this light."""
    gains = exposure * np.array(light) / np.sqrt(max(light))
    linear = np.clip(LINEAR[:, None] * gains, 0, 1)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    table = np.round(srgb * 255).astype(np.uint8)
    return np.stack([table[:, channel][pixels[..., channel]] for channel in range(3)], axis=-1)


def swatches() -> Iterator[tuple[str, np.ndarray]]:
    """The basic word and sRGB of each prototype of the lexicon that is a colour of sRGB."""
    for entry in entries():
        for lab in entry.lab:
            rgb = cv2.cvtColor(np.array([[lab]], np.float32), cv2.COLOR_LAB2RGB)[0, 0]
            shown = np.clip(np.round(rgb * 255), 0, 255).astype(np.uint8)
            if ciede2000(srgb_to_lab(shown), lab) < 3:
                yield entry.basic, shown


def painted(seen: Dressed) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """The photo with its top in each swatch's colour, in the cloth's own light and shade; and where the top is."""
    width, height = seen.parse.size
    pixels = cv2.resize(seen.photo.pixels, (width, height), interpolation=cv2.INTER_AREA)
    mask = np.isin(seen.parse.parts, TOPS)
    value = pixels.max(axis=2).astype(np.float32)
    shade = np.clip(value / max(1.0, float(np.median(value[mask]))), 0.6, 1.3)[..., None]
    for word, rgb in swatches():
        cloth = np.clip(shade * rgb.astype(np.float32), 0, 255).astype(np.uint8)
        yield word, np.where(mask[..., None], cloth, pixels), mask


def test_swatches(street: list[Dressed]) -> None:
    scenes = [seen for seen in street if np.isin(seen.parse.parts, TOPS).sum() > 8000][:SCENES]
    right: defaultdict[tuple[str, bool], list[bool]] = defaultdict(list)
    confused: Counter[tuple[str, str]] = Counter()
    for seen in scenes:
        for n, (word, pixels, _) in enumerate(painted(seen)):
            if n % SCENES != scenes.index(seen):
                continue  # each swatch in one scene
            for name, light in LIGHTS.items():
                for exposure in EXPOSURES:
                    lit = in_light(pixels, light, exposure)
                    photo = replace(seen.photo, pixels=lit)
                    [view] = figure_views(photo, seen.parse)
                    for corrected in (False, True):
                        colours = colours_of(view if corrected else replace(view, light=DAYLIGHT), TOPS)
                        said = basic_colour(colours[0].name)
                        right[name, corrected].append(said == word)
                        if corrected:
                            confused[word, said] += 1
    total = sum(confused.values())
    print(f"\nswatches in {len(LIGHTS)} lights × {len(EXPOSURES)} exposures, n = {total}: the basic word is right")
    print("| light | as it is | corrected |\n|---|---|---|")
    for name in LIGHTS:
        print(f"| {name} | {np.mean(right[name, False]):.2f} | {np.mean(right[name, True]):.2f} |")
    print("\n| is \\ called | " + " | ".join(WORDS) + " |\n|" + "---|" * (len(WORDS) + 1))
    for word in WORDS:
        n = max(1, sum(confused[word, other] for other in WORDS))
        cells = (f"{100 * confused[word, other] / n:.0f}" if confused[word, other] else "" for other in WORDS)
        print(f"| {word} | " + " | ".join(cells) + " |")
    everywhere = {
        corrected: np.mean([np.mean(right[name, corrected]) for name in LIGHTS]) for corrected in (False, True)
    }
    assert everywhere[True] >= everywhere[False]
    assert np.mean(right["daylight", True]) >= np.mean(right["daylight", False]) - 0.02


def test_light_does_no_harm(catalogue: list[Dressed], street: list[Dressed]) -> None:
    """Photos as they are, which are balanced but for a few: how many are changed, and how many names."""
    for name, photos in (("catalogue", catalogue), ("street", street)):
        changed, same = 0, []
        for seen in photos:
            [view] = figure_views(seen.photo, seen.parse)
            if np.array_equal(view.light, DAYLIGHT) or not view.area(TOPS):
                continue
            changed += 1
            names = [colours_of(v, TOPS)[0].name for v in (view, replace(view, light=DAYLIGHT))]
            same.append(basic_colour(names[0]) == basic_colour(names[1]))
        print(
            f"\n{name}: {changed} of {len(photos)} photos relit, {len(same) - sum(same)} tops with another basic word",
            end="",
        )
        assert len(same) - sum(same) <= 0.05 * len(photos)


def test_colours_of_the_catalogue(catalogue: list[Dressed]) -> None:
    """Per basic colour, with how often the colour that the catalogue names is likely by soft membership."""
    names = [entry.name for entry in entries()]
    first: defaultdict[str, list[bool]] = defaultdict(list)
    likely: defaultdict[str, list[bool]] = defaultdict(list)
    for seen in catalogue:
        place: Place = "lower" if seen.row["article_type"] in LOWER else "upper"
        worn = seen.traits.clothing.get(place) or (seen.traits.clothing.get("dress") if place == "upper" else None)
        if worn is None or seen.row["file"] in UNWORN:
            continue
        word = basic_colour(CALLED.get(seen.row["base_colour"], seen.row["base_colour"].lower()))
        first[word].append(basic_colour(worn.colours[0].name) == word)
        soft = memberships([colour.lab for colour in worn.colours if colour.share >= 0.2])
        likely[word].append(bool(len(soft)) and float(soft[:, names.index(word)].max()) >= 0.3)
    print("\n| colour | n | called so | may be called so |\n|---|---|---|---|")
    for word in sorted(first):
        print(f"| {word} | {len(first[word])} | {np.mean(first[word]):.2f} | {np.mean(likely[word]):.2f} |")
    everything = [hit for hits in first.values() for hit in hits]
    softly = [hit for hits in likely.values() for hit in hits]
    print(f"| all | {len(everything)} | {np.mean(everything):.3f} | {np.mean(softly):.3f} |")
    assert np.mean(everything) >= 0.63


def test_garments_of_the_street(street: list[Dressed]) -> None:
    """Worn or not, by chance 0.5, and what the chances add up to."""
    print("\n| garment | worn | said | right | precision | recall | sum of chances |\n|---|---|---|---|---|---|---|")
    for kind, words in KINDS.items():
        true = np.array([bool(words & set(seen.row["labels"].split("|"))) for seen in street])
        chance = np.array([_chance(seen, SAID.get(kind, (kind,))) for seen in street])
        said = chance >= 0.5
        hits = int((said & true).sum())
        print(
            f"| {kind} | {true.sum()} | {said.sum()} | {hits} | {hits / max(1, said.sum()):.2f} | "
            f"{hits / max(1, true.sum()):.2f} | {chance.sum():.0f} |"
        )
        assert hits >= 0.55 * said.sum()


def test_garments_of_the_catalogue(catalogue: list[Dressed]) -> None:
    """What the photo is of, among what is said to be worn, by chance 0.5."""
    print("\n| garment | n | said | recall | said of others |\n|---|---|---|---|---|")
    worn = [seen for seen in catalogue if seen.row["file"] not in UNWORN]
    hits, asked = 0, 0
    for kind, (words, garments) in CATALOGUE.items():
        mine = [_chance(seen, garments) >= 0.5 for seen in worn if seen.row["article_type"] in words]
        others = [_chance(seen, garments) >= 0.5 for seen in worn if seen.row["article_type"] not in words]
        if not mine:
            continue
        print(f"| {kind} | {len(mine)} | {sum(mine)} | {np.mean(mine):.2f} | {np.mean(others):.2f} |")
        hits, asked = hits + sum(mine), asked + len(mine)
    print(f"| all | {asked} | {hits} | {hits / asked:.2f} | |")
    assert hits >= 0.75 * asked


def test_patterns_of_the_catalogue(catalogue: list[Dressed]) -> None:
    table = tomllib.loads(PATTERNS.read_text(encoding="utf-8"))
    true = {f"images/{number}.jpg": pattern for pattern, numbers in table.items() for number in numbers}
    told: Counter[tuple[str, str]] = Counter()
    for seen in catalogue:
        worn = seen.traits.clothing.get("upper") or seen.traits.clothing.get("dress")
        if seen.row["file"] in true and worn and worn.pattern:
            told[true[seen.row["file"]], worn.pattern.value] += 1
    said = (*table, "unknown")
    print("\n| is \\ said | " + " | ".join(said) + " |\n|" + "---|" * (len(said) + 1))
    for pattern in table:
        print(f"| {pattern} | " + " | ".join(str(told[pattern, other]) for other in said) + " |")
    right = sum(told[pattern, pattern] for pattern in table)
    answered = sum(n for (_, other), n in told.items() if other != "unknown")
    assert right >= 0.8 * answered
    assert answered >= 0.6 * sum(told.values())


def test_garments_that_nobody_wears(catalogue: list[Dressed]) -> None:
    sure = {seen.row["file"]: _sure(seen.traits) for seen in catalogue}
    unworn = np.array([sure[file] for file in sorted(UNWORN) if file in sure])
    worn = np.array([value for file, value in sure.items() if file not in UNWORN])
    print(f"\n{len(unworn)} garments alone are taken for people; sure of {(unworn >= 0.5).sum()} of their garments;")
    print(f"of {len(worn)} that are worn sure of {(worn >= 0.5).sum()}")
    assert (unworn < 0.5).mean() >= 0.75
    assert (worn >= 0.5).mean() >= 0.95


def _sure(traits: Traits) -> float:
    garments = (worn for place, worn in traits.clothing.items() if place in get_args(Place))
    return max((worn.confidence for worn in garments), default=0.0)


def _chance(seen: Dressed, garments: Sequence[str]) -> float:
    return max(
        (sum(worn.chances.get(garment, 0.0) for garment in garments) for worn in seen.traits.clothing.values()),
        default=0.0,
    )
