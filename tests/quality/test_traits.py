"""How often the traits are right, on labelled photos, with the embedded engine."""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest

from mien.traits.appearance import appearance_distance, appearance_vector
from mien.traits.lexicon import basic_colour
from tests.quality.dressed import Dressed

pytestmark = pytest.mark.quality

CALLED = {"Navy Blue": "navy"}  # garment_colour's words that are not the lexicon's
WORDS = {
    *("beige", "black", "blue", "brown", "green", "grey", "maroon", "navy", "orange", "pink", "purple", "red", "white"),
    "yellow",
}  # which that catalogue calls colours by; our other names are shades of these
LOWER = {"Trousers", "Shorts", "Skirts", "Track Pants", "Jeans", "Leggings", "Capris", "Stockings"}

# CCP's words, and what they mean for a trait.
LABELS = {
    "hat": {"hat"},
    "glasses": {"glasses", "sunglasses"},
    "scarf": {"scarf"},
    "bag": {"bag", "purse", "wallet"},
    "shoes": {"boots", "clogs", "flats", "heels", "loafers", "pumps", "sandals", "shoes", "sneakers", "wedges"},
}
# Precision and recall of "yes"; scarves are too few to say.
FLOORS = {"hat": (0.7, 0.6), "glasses": (0.75, 0.75), "bag": (0.85, 0.65), "shoes": (0.95, 0.65)}
KINDS = {
    "dress": {"dress", "romper"},
    "skirt": {"skirt"},
    "shorts": {"shorts"},
    "pants": {"pants", "jeans", "leggings"},
    "coat": {"coat", "jacket", "blazer", "cape", "suit", "cardigan"},
}


def test_colours_of_garments(catalogue: list[Dressed]) -> None:
    """One label per garment, checked and printed ones too; the label names what a shopper would call it."""
    first, family, among, misses = [], [], [], Counter[tuple[str, str]]()
    for seen in catalogue:
        place = "lower" if seen.row["article_type"] in LOWER else "upper"
        clothing = seen.traits.clothing.get(place) or (seen.traits.clothing.get("dress") if place == "upper" else None)
        if clothing is None:
            continue
        label = CALLED.get(seen.row["base_colour"], seen.row["base_colour"].lower())
        names = [colour.name for colour in clothing.colours]
        first.append((names[0] if names[0] in WORDS else basic_colour(names[0])) == label)
        family.append(basic_colour(names[0]) == basic_colour(label))
        among.append(basic_colour(label) in {basic_colour(name) for name in names})
        if not family[-1]:
            misses[label, names[0]] += 1
    print(f"\ngarment colours, n = {len(first)} of {len(catalogue)} figures: same name {np.mean(first):.3f}", end="")
    print(f"   same basic colour {np.mean(family):.3f}   among the three {np.mean(among):.3f}")
    print("most frequent misses", misses.most_common(8))
    assert len(first) >= 400
    assert np.mean(first) >= 0.52
    assert np.mean(family) >= 0.64
    assert np.mean(among) >= 0.72


def test_style(catalogue: list[Dressed]) -> None:
    told: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for seen in catalogue:
        if seen.row["gender"] in ("Men", "Women") and "style" in seen.traits.guesses:
            told[seen.traits.guesses["style"].value][seen.row["gender"]] += 1
    print("\nstyle, by the catalogue's gender", {value: dict(counts) for value, counts in told.items()})
    assert told["feminine"]["Women"] >= 0.9 * told["feminine"].total()
    assert told["masculine"]["Men"] >= 0.9 * told["masculine"].total()


def test_accessories(street: list[Dressed]) -> None:
    print(f"\naccessories, n = {len(street)}\n{'':8} {'labelled':>9} {'yes':>5} {'right':>6} {'no':>5} {'right':>6}")
    for name, words in LABELS.items():
        worn = [bool(words & set(seen.row["labels"].split("|"))) for seen in street]
        said = [seen.traits.guesses[name].value if name in seen.traits.guesses else None for seen in street]
        yes = [truth for truth, value in zip(worn, said, strict=True) if value == "yes"]
        no = [not truth for truth, value in zip(worn, said, strict=True) if value == "no"]
        print(f"{name:8} {sum(worn):9} {len(yes):5} {sum(yes):6} {len(no):5} {sum(no):6}")
        if name in FLOORS:
            precision, recall = FLOORS[name]
            assert sum(yes) >= precision * len(yes)
            assert sum(yes) >= recall * sum(worn)
        if len(no) >= 20:
            assert sum(no) >= 0.9 * len(no)


def test_garments(street: list[Dressed]) -> None:
    told: defaultdict[str, list[bool]] = defaultdict(list)
    for seen in street:
        words = set(seen.row["labels"].split("|"))
        for clothing in seen.traits.clothing.values():
            if clothing.garment in KINDS:
                told[clothing.garment].append(bool(KINDS[clothing.garment] & words))
    print(f"\ngarments, n = {len(street)}")
    for garment, right in sorted(told.items()):
        print(f"{garment:8} told {len(right):4}   labelled so {np.mean(right):.2f}")
    assert np.mean(told["pants"]) >= 0.78
    assert np.mean(told["coat"]) >= 0.75


def test_clothes_are_known_again(street: list[Dressed]) -> None:
    """Every figure is looked up among all, brighter or darker by 18 %, and cut below the hips."""
    rng = np.random.default_rng(0)
    known = np.concatenate([appearance_vector(seen.photo, seen.parse) for seen in street])
    asked = []
    for seen in street:
        linear = (seen.photo.pixels / 255.0) ** 2.2 * rng.choice([0.85, 1.18])
        lit = (np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
        rows = np.flatnonzero(seen.parse.figures.any(axis=1))
        cut = rows[0] + int(0.6 * (rows[-1] - rows[0]))
        figures, parts = seen.parse.figures.copy(), seen.parse.parts.copy()
        figures[cut:], parts[cut:] = 0, 0
        asked.append(
            appearance_vector(replace(seen.photo, pixels=lit), replace(seen.parse, figures=figures, parts=parts))
        )
    distances = appearance_distance(np.concatenate(asked)[:, None], known[None])
    own = np.diag(distances)
    others = distances[~np.eye(len(own), dtype=bool)]
    first = np.mean((distances < own[:, None]).sum(axis=1) == 0)
    print(f"\nappearance, n = {len(own)}: nearest is the same figure {first:.3f}", end="")
    print(f"   own distance, 95th percentile {np.percentile(own, 95):.3f}", end="")
    print(f"   others', 1st and 5th {np.nanpercentile(others, [1, 5]).round(3)}")
    assert first >= 0.92
    assert np.percentile(own, 95) < np.nanpercentile(others, 5)
