"""Company: who is usually seen with whom makes suggestions more probable, and joins nobody."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from mien.people.company import MOST, company
from mien.people.decisions import DecidedPerson, Decisions
from mien.people.evidence import Reason
from mien.people.grouping import group
from mien.people.questions import questions
from mien.people.reasons import in_words
from mien.people.resemblance import resemblance
from mien.people.sighting import Sighting
from mien.people.spreading import suggestions
from tests.people.album import face_of, figure

ANNA, BEN, CLARA, SOMEBODY = range(4)


def day(number: int, *people: int) -> list[Sighting]:
    """These people on one photo of that day."""
    at = datetime(2024, 5, 1, 12) + timedelta(days=number)  # noqa: DTZ001
    return [figure(f"d{number:02}", person, person, at=at) for person in people]


def heard(days: list[list[Sighting]], person: int) -> float:
    """What company says of whether the figure of SOMEBODY is this one of the three who were decided."""
    sightings = [s for figures in days for s in figures]
    subject_of = {i: int(s.figure_id.rpartition("-")[2]) for i, s in enumerate(sightings)}
    return float(company(sightings, subject_of, 3, np.array([person]), np.array([SOMEBODY]))[0])


TOGETHER = [day(n, ANNA, BEN) for n in range(5)]
APART = [day(n, CLARA) for n in range(5, 16)]


@pytest.mark.parametrize("days", [[], [day(0, SOMEBODY)], [day(0, ANNA), day(1, SOMEBODY)]])
def test_who_is_alone_is_in_no_company(days) -> None:
    assert heard(days, ANNA) == 0


def test_who_is_among_somebody_s_companions_is_them_more_probably() -> None:
    days = [*TOGETHER, *APART, day(20, BEN, SOMEBODY)]
    assert 0.3 < heard(days, ANNA) <= MOST
    assert heard(days, CLARA) == 0


def test_to_have_met_once_is_no_habit() -> None:
    once = [day(0, ANNA, BEN), *(day(n, ANNA) for n in range(1, 6)), *(day(n, BEN) for n in range(6, 12))]
    assert heard([*once, day(20, BEN, SOMEBODY)], ANNA) < 0.1 < heard([*TOGETHER, day(20, BEN, SOMEBODY), *APART], ANNA)


def test_who_is_there_already_is_not_looked_for() -> None:
    assert heard([*TOGETHER, *APART, day(20, ANNA, BEN, SOMEBODY)], ANNA) == 0


def test_a_photo_without_a_time_tells_of_no_company() -> None:
    days = [[replace(s, taken=None) for s in figures] for figures in [*TOGETHER, *APART, day(20, BEN, SOMEBODY)]]
    assert heard(days, ANNA) == 0


def doubtful(at_days: int) -> Sighting:
    """A face that is somewhat like Anna's, with Ben's, on a day."""
    somebody = day(at_days, SOMEBODY)[0]
    aside = np.random.default_rng(7).normal(size=128)
    vector = face_of(ANNA, spread=0) + np.sqrt(0.38) * aside / np.linalg.norm(aside)
    return replace(somebody, face_vector=vector.astype(np.float32))


def test_company_makes_a_suggestion_more_probable_and_joins_nobody() -> None:
    family = [s for figures in [*TOGETHER, *APART] for s in figures]
    strangers = [figure(f"s{n}", n) for n in range(20, 50)]
    places = {person: next(s.place for s in family if s.figure_id.endswith(f"-{person}")) for person in (ANNA, BEN)}
    decisions = Decisions({str(who): DecidedPerson(str(who), None, frozenset({p})) for who, p in places.items()})
    found = []
    for companions in ((), (BEN,)):
        sightings = [*family, *strangers, *day(20, *companions), doubtful(20)]
        grouping = group(sightings, decisions)
        assert grouping.memberships[doubtful(20).figure_id].person_id != str(ANNA)
        known = resemblance(sightings, grouping, decisions)
        found += [
            s.probability
            for s in suggestions(known, 0.001)
            if s.person_id == str(ANNA) and len(known.subjects[s.subject]) == 1
        ]
    assert len(found) == 2
    assert found[1] > found[0] + 0.05
    asked = [q for q in questions(sightings, grouping, decisions) if q.figure == doubtful(20).figure_id]
    assert any(reason.kind == "company" for q in asked for reason in q.reasons)


def test_company_in_words() -> None:
    reasons = (Reason("faces", 0.2, {"distance": 0.168}), Reason("company", 1.0))
    assert in_words(reasons, language="en") == "faces 0.41; often seen with those who are there"
    assert in_words(reasons, language="zh") == "面部距离 0.41；常与在场的人在一起"
