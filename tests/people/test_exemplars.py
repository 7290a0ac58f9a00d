"""Faces far from the mean of a large group join it where its exemplars agree."""

from dataclasses import replace

import numpy as np
import pytest

from mien.people.decisions import DecidedPerson, Decisions
from mien.people.evidence import SHARP
from mien.people.exemplars import AGREEING, MEMBERS
from mien.people.grouping import group
from tests.people.album import figure

AXES = np.eye(128, dtype=np.float32)


def turned(photo: str, degree: float, person: int = 0, slot: int = 0, usable: float = 1.0):
    """A face on the way from frontal (0) to profile (1), 0.63² from each other; people are 1.1² apart."""
    vector = 0.8 * AXES[person] + degree * 0.63 * AXES[100]
    return replace(figure(photo, person, slot, usable=usable), face_vector=vector.astype(np.float32))


FRONTAL = [turned(f"f{n}", d) for n, d in enumerate((0, 0, 0, 0, 0, 0.1, 0.1, 0.3, 0.3, 0.3))]


def mates(grouping, figure_id: str) -> set[str]:
    person = grouping.memberships[figure_id].person_id
    return set(next(p.figures for p in grouping.people if p.person_id == person))


def test_a_face_between_joins_by_its_nearest_likes() -> None:
    assert len(mates(group(FRONTAL), "f0-0")) == len(FRONTAL)
    for usable in (1.0, SHARP - 0.1):
        assert "f0-0" in mates(group([*FRONTAL, turned("p", 1.05, usable=usable)]), "p-0")


@pytest.mark.parametrize(
    "others",
    [
        FRONTAL[:MEMBERS - 1],  # too few to stand for anybody
        [*FRONTAL[:6], *FRONTAL[7 : 7 + AGREEING - 1]],  # too few agree
        [*FRONTAL, turned("p", 0, slot=1)],  # that person is in the photo already
        [*FRONTAL, *(turned(f"g{n}", 0.3, person=1) for n in range(12))],  # as near to somebody else
    ],
)  # fmt: skip
def test_it_stays_alone(others) -> None:
    between = turned("p", 1.05)
    if len(others) > len(FRONTAL) + 1:
        vector = between.face_vector * np.float32(1)
        vector[1] = vector[0] = np.float32(0.55)
        between = replace(between, face_vector=vector)
    assert mates(group([*others, between]), "p-0") == {"p-0"}


def test_decisions_hold() -> None:
    anna = DecidedPerson("anna", "Anna", frozenset({FRONTAL[0].place}))
    lone = turned("p", 1.05)
    who = {True: None, False: None}
    for rejected in who:
        told = frozenset({(lone.place, "anna")}) if rejected else frozenset()
        who[rejected] = group([*FRONTAL, lone], Decisions({"anna": anna}, rejected=told)).memberships["p-0"].person_id
    assert who == {False: "anna", True: "p-0"}
    apart = Decisions(apart=frozenset({(lone.place, FRONTAL[0].place)}))
    assert mates(group([*FRONTAL, lone], apart), "p-0") == {"p-0"}
