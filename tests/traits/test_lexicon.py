"""Colours have names, in both languages, and the obvious ones are right."""

import itertools

import numpy as np
import pytest

from mien.language import LANGUAGES, text
from mien.traits.cielab import srgb_to_lab
from mien.traits.lexicon import basic_colour, display_name, entries, memberships, name_colours
from mien.traits.traits import CUTS, UNKNOWN, VALUES, Garment, Place, Thing
from mien.traits.wording import garment_text, guess_text

OBVIOUS = [
    ((10, 10, 10), "black"),
    ((250, 250, 250), "white"),
    ((128, 128, 128), "grey"),
    ((220, 20, 40), "red"),
    ((110, 20, 35), "maroon"),
    ((250, 150, 170), "pink"),
    ((245, 130, 30), "orange"),
    ((250, 220, 40), "yellow"),
    ((220, 205, 180), "beige"),
    ((95, 60, 35), "brown"),
    ((90, 95, 50), "olive"),
    ((40, 140, 60), "green"),
    ((20, 90, 100), "teal"),
    ((180, 210, 235), "light blue"),
    ((40, 90, 180), "blue"),
    ((25, 30, 60), "navy"),
    ((100, 50, 140), "purple"),
]


@pytest.mark.parametrize(("rgb", "name"), OBVIOUS)
def test_obvious_colours(rgb: tuple[int, int, int], name: str) -> None:
    [(found, distance, clear)] = name_colours([srgb_to_lab(rgb)])
    assert found == name
    assert 0 < clear <= 1
    assert distance < 15


def test_no_colours_no_names() -> None:
    assert name_colours([]) == []


def test_every_prototype_bears_its_own_name() -> None:
    for subject in ("colour", "hair"):
        for entry in entries(subject):
            assert {named.name for named in name_colours(entry.lab, subject)} == {entry.name}


def test_names_are_unique_and_basic_colours_are_names() -> None:
    names = [entry.name for entry in entries()]
    assert len(set(names)) == len(names) == len({entry.zh for entry in entries()})
    assert {basic_colour(name) for name in names} <= set(names)
    assert basic_colour("navy") == "blue"
    assert all(basic_colour(basic_colour(name)) == basic_colour(name) for name in names)


def test_a_colour_belongs_to_its_name_and_on_a_border_to_two() -> None:
    names = [entry.name for entry in entries()]
    assert memberships([]).shape == (0, len(names))
    red, navy, border = memberships([(46, 64, 42), (20, 12, -28), (28, 0, -6)])
    assert (red[names.index("red")], red[names.index("blue")]) == pytest.approx((1, 0), abs=0.01)
    assert navy[names.index("navy")] == navy[names.index("blue")] == 1
    assert navy[names.index("light blue")] < 0.1
    assert sum(border > 0.3) >= 2


def test_every_colour_has_a_name_and_a_basic_colour_holds_its_shades() -> None:
    random = np.random.default_rng(0)
    found = memberships(random.uniform((0, -60, -60), (100, 60, 60), (500, 3)))
    assert ((found >= 0) & (found <= 1)).all()
    assert (found.max(axis=1) == 1).all()
    names = [entry.name for entry in entries()]
    for i, entry in enumerate(entries()):
        assert (found[:, names.index(entry.basic)] >= found[:, i]).all()


def test_names_in_both_languages() -> None:
    assert display_name("navy", language="zh") == "藏青色"
    assert display_name("navy", language="en") == "navy"


def test_a_name_that_was_renamed_since_is_shown_as_it_was() -> None:
    for language in LANGUAGES:
        assert display_name("greige", language=language) == display_name("greige", "hair", language) == "greige"


def test_hair_is_named_from_its_closed_list() -> None:
    assert {entry.name for entry in entries("hair")} | {UNKNOWN} == set(VALUES["hair"])


def test_everything_that_can_be_said_has_words() -> None:
    for language in LANGUAGES:
        for place in (*Place.__args__, *Thing.__args__):
            assert text(f"traits.place.{place}", language=language)
        for garment in (*Garment.__args__, *Thing.__args__):
            assert garment_text(garment, language)
        for name, values in {**VALUES, **CUTS}.items():
            shown = [guess_text(name, value, language) for value in values]
            assert all(one != other for one, other in itertools.combinations(shown, 2))
