"""One photo more, or less, changes whom it touches and nobody else; and nobody's id jumps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from mien.people.decisions import Decisions, replay
from mien.people.grouping import group
from mien.people.membership import Grouping, keep_ids, place
from mien.people.sighting import Sighting
from tests.people.album import albums, face_of, figure, journals
from tests.people.reach import reach

DAY = datetime(2024, 5, 1, 12)  # noqa: DTZ001


def regrouped(sightings: Sequence[Sighting], decisions: Decisions, before: Grouping) -> Grouping:
    used = {p.person_id: len(p.figures) for p in before.people if p.person_id not in decisions.people}
    return keep_ids(group(sightings, decisions), decisions.people, used)


def owners(sightings: Sequence[Sighting], decisions: Decisions) -> Mapping[str, str]:
    return {sightings[i].figure_id: person for i, person in place(sightings, decisions).people.items()}


def only_within(within: set[str], before: Grouping, after: Grouping) -> None:
    """Whoever is in neither photo nor neighbourhood is who they were, with the same id and the same figures."""
    for figure_id in before.memberships.keys() - within:
        assert after.memberships[figure_id] == before.memberships[figure_id]
    now = {person.person_id: set(person.figures) for person in after.people}
    for person in before.people:
        if person.figures and within.isdisjoint(person.figures):
            assert now[person.person_id] - within == set(person.figures)


def no_jumps(before: Grouping, after: Grouping) -> None:
    """An unnamed group that neither lost a figure nor took somebody else in goes by the id that it had."""
    of = {figure_id: person.person_id for person in before.people for figure_id in person.figures}
    for person in after.people:
        known = {of[figure_id] for figure_id in person.figures if figure_id in of}
        if len(known) == 1 and person.name is None:
            was = next(p for p in before.people if p.person_id in known)
            assert not set(was.figures) <= set(person.figures) or person.person_id == was.person_id


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_photo_that_comes_or_goes_changes_only_its_neighbourhood(data: st.DataObject) -> None:
    everybody = data.draw(albums())
    # Somebody between two people brings them within reach of each other.
    for i in data.draw(st.sets(st.integers(0, 47), max_size=3)):
        if i < len(everybody) and everybody[i].face_vector is not None:
            between = (face_of(i % 4) + face_of(i % 4 + 1)) / 2
            everybody[i] = replace(everybody[i], face_vector=between)
    photos = sorted({s.photo_id for s in everybody})
    new = data.draw(st.sampled_from(photos)) if photos else ""
    decisions = replay(data.draw(journals(everybody)))
    rest = [s for s in everybody if s.photo_id != new]
    within = reach(everybody, {new}, owners(everybody, decisions))
    event(f"out of reach: {(len(everybody) - len(within)) // 4 * 4} or more")
    before = regrouped(rest, decisions, group([]))
    after = regrouped(everybody, decisions, before)
    only_within(within, before, after)
    no_jumps(before, after)
    gone = regrouped(rest, decisions, after)
    only_within(within, after, gone)
    assert {frozenset(p.figures) for p in gone.people} == {frozenset(p.figures) for p in before.people}


def test_a_photo_that_bridges_two_groups_joins_them_under_the_larger_ones_id() -> None:
    """Two groups of one person, too far apart until faces between them arrive; a third person stays out of it."""
    axes = np.eye(128, dtype=np.float32)
    seen = [
        replace(figure(f"{side}{k}", 0), face_vector=axes[0] * np.float32(at))
        for side, at, count in (("a", 0.0, 2), ("b", 0.6, 3))
        for k in range(count)
    ]
    other = [replace(figure(f"c{k}", 0), face_vector=axes[1] * np.float32(2)) for k in range(2)]
    before = regrouped([*seen, *other], Decisions(), group([]))
    assert sorted(len(p.figures) for p in before.people) == [2, 2, 3]
    bridge = [replace(figure(f"d{k}", 0), face_vector=axes[0] * np.float32(0.3)) for k in range(2)]
    after = regrouped([*seen, *other, *bridge], Decisions(), before)
    assert {p.person_id: len(p.figures) for p in after.people} == {"b0-0": 7, "c0-0": 2}


@pytest.mark.parametrize("count", [1, 40])
def test_a_day_among_strangers_changes_no_other_day(count: int) -> None:
    """A crowd of new people on a day of its own."""
    seen = [figure(f"p{i:02}", i % 3, view=i, at=DAY + timedelta(days=i)) for i in range(12)]
    crowd = [figure("z", 10 + k, k, at=DAY + timedelta(days=100)) for k in range(count)]
    before = regrouped(seen, Decisions(), group([]))
    after = regrouped([*seen, *crowd], Decisions(), before)
    only_within({s.figure_id for s in crowd}, before, after)
    assert len(after.people) == 3 + count
