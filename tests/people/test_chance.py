"""In a large library one face must be nearer to others than in a small one; several that agree need not."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest

from mien.people.chance import FEW, UNCHANGED, narrowing, widening
from mien.people.decisions import replay
from mien.people.exemplars import NEAR
from mien.people.grouping import SAME_PERSON, group
from mien.people.sighting import Sighting
from tests.people.album import figure, name, place

AXES = np.eye(128, dtype=np.float32)
MANY = 1_000_000


def faces(count: int, square: float, photo: str = "a") -> list[Sighting]:
    """So many faces of one size, each at this squared distance from each other one."""
    return [
        replace(figure(f"{photo}{k}", 0), face_vector=(AXES[k] * (square / 2) ** 0.5).astype(np.float32))
        for k in range(count)
    ]


def sizes(sightings: list[Sighting], among: int) -> list[int]:
    return [len(person.figures) for person in group(sightings, among=among).people]


@pytest.mark.parametrize("faces", [0, 1, 5_000, UNCHANGED - 1])
def test_small_libraries_are_as_they_are(faces) -> None:
    assert narrowing(faces) == 0


@pytest.mark.parametrize("faces", [UNCHANGED, 2 * UNCHANGED - 1, 2 * UNCHANGED, 78_000, 780_000, 10_000_000])
def test_as_many_strangers_are_alike_by_chance_as_in_a_small_one(faces) -> None:
    assert 0.5 <= faces / UNCHANGED * exp(-narrowing(faces) / 0.01) <= 1
    assert narrowing(2 * faces) > narrowing(faces)


@pytest.mark.parametrize(
    ("faces", "wider"), [(0, 0.028), (255, 0.028), (256, 0.021), (FEW - 1, 0.007), (FEW, 0), (MANY, 0)]
)
def test_in_a_small_library_there_are_few_to_be_taken_for(faces, wider) -> None:
    assert widening(faces) == pytest.approx(wider, abs=0.001)


@pytest.mark.parametrize("count", [1, 2, 3, 6])
@pytest.mark.parametrize("square", [0.1, SAME_PERSON - 0.01, SAME_PERSON + 0.01])
def test_only_two_who_have_but_each_other_are_asked_for_more(count, square) -> None:
    seen = faces(count, square)
    together = square < SAME_PERSON
    assert sizes(seen, 0) == ([count] if together else [1] * count)
    assert sizes(seen, MANY) == ([count] if together and (count != 2 or square < 0.17) else [1] * count)


@pytest.mark.parametrize(("count", "joins"), [(1, False), (2, True)])
def test_one_face_is_asked_for_more_by_exemplars(count, joins) -> None:
    """Six faces of one person, and some that are too far from them for linkage, though not for exemplars."""
    person = faces(6, 0.01)
    aside = (NEAR - 0.005 - 0.01 / 2) ** 0.5 * AXES[100]
    turned = [replace(figure(f"b{k}", 0), face_vector=aside.astype(np.float32)) for k in range(count)]
    assert max(sizes([*person, *turned], 0)) == 6 + count
    assert max(sizes([*person, *turned], MANY)) == (6 + count if joins else 6)


def test_who_has_a_name_by_one_face_does_not_take_another_by_chance() -> None:
    seen = faces(2, SAME_PERSON - 0.01)
    named = replay([name(1, "anna", "Anna", place("a0"))])
    for among, expected in ((0, "anna"), (MANY, "a1-0")):
        assert group(seen, named, among=among).memberships["a1-0"].person_id == expected
        assert group(seen, named, among=among).memberships["a0-0"].person_id == "anna"


def test_sure_is_who_would_join_among_many_more() -> None:
    seen = faces(2, 0.16)
    few, many = (group(seen, among=among).memberships["a0-0"].confidence for among in (0, MANY))
    assert 0.5 < many < few
