from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.people.decisions import DecidedPerson, Decisions, replay
from mien.people.grouping import group
from mien.people.membership import Grouping, Membership
from mien.people.questions import Question, questions
from mien.people.sighting import Sighting
from tests.people.album import albums, face_of, figure, journals, place
from tests.people.test_spreading import STRANGERS, dressed, like, named

NOON = datetime(2024, 5, 1, 12)  # noqa: DTZ001


def asked(sightings: list[Sighting], decisions: Decisions | None = None, limit: int = 50) -> tuple[Question, ...]:
    decisions = decisions or Decisions()
    return questions(sightings, group(sightings, decisions), decisions, limit)


def pairs(found: tuple[Question, ...]) -> list[tuple[str, set[str]]]:
    return [(q.kind, {q.figure, q.other}) for q in found]


def group_of(prefix: str, person: int, n: int, vector: np.ndarray | None = None) -> list[Sighting]:
    """n figures of one person that are surely grouped."""
    shown = face_of(person, spread=0) if vector is None else vector
    return [replace(figure(f"{prefix}{i}", person), face_vector=shown) for i in range(n)]


def doubtful(person: int, photo: str, distance: float = 0.28) -> np.ndarray:
    vector = like(photo, person, distance=distance).face_vector
    assert vector is not None
    return vector


@pytest.mark.parametrize("sightings", [[], [figure("a", None)], [figure("a", 0)], STRANGERS[:5]])
def test_where_nothing_can_be_gained_nothing_is_asked(sightings) -> None:
    assert asked(sightings) == ()
    assert asked(sightings, named(anna=[place("gone")])) == ()


def test_two_groups_that_may_be_one_person_are_asked_about() -> None:
    sightings = [*group_of("a", 0, 3), *group_of("b", 0, 2, doubtful(0, "b")), *STRANGERS]
    (question,) = asked(sightings)
    assert (question.kind, question.person_ids, question.figures) == ("same", ("a0-0", "b0-0"), 2)
    assert question.figure.startswith("a")
    assert question.other.startswith("b")
    assert 0.1 <= question.probability < 1
    assert question.gain == pytest.approx(question.probability)  # half a name for each of two figures
    assert [reason.kind for reason in question.reasons] == ["faces"]


def test_a_group_that_may_be_a_named_person_is_asked_about_first() -> None:
    sightings = [*group_of("a", 0, 2), *group_of("b", 0, 2, doubtful(0, "b")), *STRANGERS]
    (question,) = asked(sightings, named(anna=[place("a0")]))
    assert (question.kind, question.person_ids) == ("person", ("b0-0", "anna"))
    assert question.gain == pytest.approx(2 * question.probability)
    assert asked(sightings)[0].gain < question.gain


def test_larger_groups_come_first() -> None:
    sightings = [
        *group_of("a", 0, 2), *group_of("b", 0, 2, doubtful(0, "b")),
        *group_of("c", 1, 6), *group_of("d", 1, 6, doubtful(1, "d")),
        *STRANGERS,
    ]  # fmt: skip
    first, second = asked(sightings)
    assert first.person_ids == ("c0-0", "d0-0")
    assert second.person_ids == ("a0-0", "b0-0")
    assert asked(sightings, limit=1) == (first,)


def test_a_figure_that_may_not_be_the_person_it_is_held_to_be_is_doubted() -> None:
    sightings = [figure("a", 0), figure("b", 0, view=1), figure("c", 0, view=2)]
    decisions = named(anna=[place("a")])
    members = {
        "a-0": Membership("anna", "decided", 1.0),
        "b-0": Membership("anna", "inferred", 0.95),
        "c-0": Membership("anna", "inferred", 0.6),
    }
    grouping = Grouping(members, (), {})
    (question,) = questions(sightings, grouping, decisions)
    assert (question.kind, question.figure, question.other) == ("doubt", "c-0", "a-0")
    assert question.person_ids == ("anna",)
    assert (question.probability, question.gain) == (0.6, pytest.approx(0.4))
    confirmed = Grouping({**members, "c-0": Membership("anna", "decided", 1.0)}, (), {})
    assert questions(sightings, confirmed, decisions) == ()
    unsure = replace(decisions, unsure=frozenset({(place("c"), place("a"))}))
    assert questions(sightings, grouping, unsure) == ()
    hidden = Decisions({"anna": replace(decisions.people["anna"], is_hidden=True)})
    assert questions(sightings, grouping, hidden) == ()


ANSWERS = {
    "unsure": {"unsure": frozenset({(place("b1"), place("a0"))})},
    "apart": {"apart": frozenset({(place("a0"), place("b1"))})},
    "rejected": {"rejected": frozenset({(place("b0"), "anna")})},
    "named": {},
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_was_answered_is_not_asked_again_of_others_of_the_same_groups(answer) -> None:
    sightings = [*group_of("a", 0, 3), *group_of("b", 0, 2, doubtful(0, "b")), *STRANGERS]
    decisions = named(anna=[place("a0")])
    if answer == "named":
        decisions = named(anna=[place("a0")], berta=[place("b0")])
    assert asked(sightings, replace(decisions, **ANSWERS[answer])) == ()
    if answer in ("unsure", "apart"):
        assert asked(sightings, replace(Decisions(), **ANSWERS[answer])) == ()


def test_what_would_follow_is_not_asked() -> None:
    """Three groups alike: two answers tell the third."""
    one, other = (doubtful(0, photo, 1.0) - face_of(0, spread=0) for photo in "bc")
    other -= (one @ other) * one
    corners = [0 * one, one, 0.5 * one + 0.866 * other / np.linalg.norm(other)]
    shown = [face_of(0, spread=0) + np.sqrt(0.28, dtype=np.float32) * corner for corner in corners]
    sightings = [s for letter, v in zip("abc", shown, strict=True) for s in group_of(letter, 0, 2, v)]
    found = asked([*sightings, *STRANGERS])
    groups = [{q.figure[0], q.other[0]} for q in found]
    assert len(groups) == 2
    assert len({frozenset(g) for g in groups}) == 2


def test_the_best_seen_faces_are_shown() -> None:
    a = [replace(s, face_usable=u) for s, u in zip(group_of("a", 0, 3), (0.6, 1.0, 0.7), strict=True)]
    b = [replace(s, face_usable=u) for s, u in zip(group_of("b", 0, 2, doubtful(0, "b")), (0.6, 0.9), strict=True)]
    (question,) = asked([*a, *b, *STRANGERS])
    assert (question.figure, question.other) == ("a1-0", "b1-0")


def test_clothes_of_one_moment_are_a_reason() -> None:
    faces = [dressed("a", slot, slot, slot, 0) for slot in range(6)]
    behind = [dressed("b", None, slot, slot, 30) for slot in range(6)]
    decisions = named(anna=[place("a", 0)])
    found = questions([*faces, *behind], group(faces, decisions), decisions, 50)
    question = next(q for q in found if q.kind == "person")
    assert (question.figure, question.other) == ("b-0", "a-0")
    clothes = next(reason for reason in question.reasons if reason.kind == "clothes")
    assert clothes.log_odds > 0
    assert clothes.facts["seconds"] == 1800


def test_it_is_said_where_the_vector_is_weak() -> None:
    crowded = [
        replace(s, face_handicap=0.05)
        for s in [*group_of("a", 0, 3), *group_of("b", 0, 2, doubtful(0, "b", 0.16)), *STRANGERS]
    ]
    (question,) = asked(crowded)
    assert "crowded" in [reason.kind for reason in question.reasons]
    sightings = [*group_of("a", 0, 3), *group_of("b", 0, 2, doubtful(0, "b", 0.25)), *STRANGERS]
    timed = [replace(s, taken=NOON) for s in sightings]
    anna = DecidedPerson("anna", "Anna", frozenset({place("a0")}), born=date(2016, 1, 1))
    (question,) = asked(timed, Decisions({"anna": anna}))
    assert "child" in [reason.kind for reason in question.reasons]
    (question,) = asked(timed, Decisions({"anna": replace(anna, born=date(1980, 1, 1))}))
    assert "child" not in [reason.kind for reason in question.reasons]


def test_a_question_goes_by_what_it_asks() -> None:
    one = Question("same", "a", "b", ("a", "b"), 0.5, 1.0, 1)
    assert one.question_id == replace(one, probability=0.7, gain=2.0).question_id
    assert len({one.question_id, replace(one, kind="person").question_id, replace(one, other="c").question_id}) == 3


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_questions_make_sense_whatever_was_decided_and_in_whatever_order(data) -> None:
    sightings = data.draw(albums())
    decisions = replay(data.draw(journals(sightings)))
    grouping = group(sightings, decisions)
    found = questions(sightings, grouping, decisions, 30)
    who = {figure: member.person_id for figure, member in grouping.memberships.items()}
    photo = {s.figure_id: s.photo_id for s in sightings}
    for q in found:
        assert 0 <= q.probability <= 1
        assert q.gain > 0
        same = who[q.figure] is not None and who[q.figure] == who[q.other]
        assert same == (q.kind == "doubt")
        if q.kind != "doubt":
            is_reflection = "same-photo" in [reason.kind for reason in q.reasons]
            assert (photo[q.figure] == photo[q.other]) == is_reflection
            assert not {who[q.figure], who[q.other]} <= set(decisions.people)
        if q.kind == "doubt":
            assert grouping.memberships[q.figure].source == "inferred"
    assert len({q.question_id for q in found}) == len(found)
    shuffled = data.draw(st.permutations(sightings))
    assert questions(shuffled, grouping, decisions, 30) == found
