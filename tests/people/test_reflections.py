"""Somebody who may be twice in one photo is asked about, and never merged by Mien itself."""

from dataclasses import replace

import pytest

from mien.people.decisions import Decisions
from mien.people.grouping import group
from mien.people.questions import Question, questions
from mien.people.reflections import reflections
from mien.people.sighting import Sighting
from tests.people.album import face_of, figure, place
from tests.people.test_spreading import STRANGERS, named

MIRROR = [figure("a", 0), replace(figure("a", 0, 1), face_vector=face_of(0, 0) * 0.98), figure("a", 1, 2)]


def asked(decisions: Decisions | None = None) -> list[Question]:
    decisions = decisions or Decisions()
    sightings = [*MIRROR, *STRANGERS]
    grouping = group(sightings, decisions)
    assert decisions.people or len({m.person_id for m in grouping.memberships.values()}) == len(sightings)
    return [q for q in questions(sightings, grouping, decisions) if {q.figure, q.other} == {"a-0", "a-1"}]


@pytest.mark.parametrize(
    ("sightings", "found"),
    [
        ([], []),
        (MIRROR[:1], []),
        (MIRROR, [(0, 1)]),
        ([MIRROR[0], figure("b", 0)], []),  # another photo of somebody is no mirror
        ([MIRROR[0], replace(MIRROR[1], face_usable=0.1)], []),
        ([MIRROR[0], figure("a", None, 1)], []),
    ],
)
def test_near_faces_of_one_photo(sightings: list[Sighting], found: list[tuple[int, int]]) -> None:
    assert [(i, j) for i, j, _ in reflections(sightings)] == found


def test_it_is_a_question() -> None:
    (question,) = asked()
    assert question.kind == "same"
    assert question.probability > 0.9
    assert [reason.kind for reason in question.reasons] == ["faces", "same-photo"]


def test_of_a_named_person_it_is_asked_whether_this_is_them_too() -> None:
    (question,) = asked(named(anna=[place("a", 1)]))
    assert (question.kind, question.figure, question.other) == ("person", "a-0", "a-1")
    assert question.person_ids[-1] == "anna"


@pytest.mark.parametrize(
    "decisions",
    [
        Decisions(apart=frozenset({(place("a"), place("a", 1))})),
        Decisions(unsure=frozenset({(place("a"), place("a", 1))})),
        replace(named(anna=[place("a", 1)]), rejected=frozenset({(place("a"), "anna")})),
        named(anna=[place("a"), place("a", 1)]),
        named(anna=[place("a")], bea=[place("a", 1)]),
    ],
)
def test_what_was_answered_is_not_asked(decisions: Decisions) -> None:
    assert asked(decisions) == []
