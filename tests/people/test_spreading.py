from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.people.decisions import DecidedPerson, Decisions, replay
from mien.people.grouping import group
from mien.people.resemblance import Resemblance, resemblance
from mien.people.sighting import Sighting
from mien.people.spreading import LEAST, suggestions
from mien.traits.appearance import BLOCK, LENGTH
from tests.people.album import albums, face_of, figure, journals, place

NOON = datetime(2024, 5, 1, 12)  # noqa: DTZ001


def like(photo: str, *people: int, slot: int = 0, distance: float = 0.0) -> Sighting:
    """A figure whose face is at this squared distance from the faces of each of `people` (two at most)."""
    faces = [face_of(person, spread=0) for person in people]
    middle = np.mean(faces, axis=0)
    left = max(0.0, distance - float(((middle - faces[0]) ** 2).sum()))
    aside = np.random.default_rng([*photo.encode(), slot]).normal(size=128)
    vector = middle + np.sqrt(left) * aside / np.linalg.norm(aside)
    return replace(figure(photo, people[0], slot), face_vector=vector.astype(np.float32))


def named(**places: object) -> Decisions:
    return Decisions({i: DecidedPerson(i, i.title(), frozenset(p)) for i, p in places.items()})


def suggested(sightings: list[Sighting], decisions: Decisions) -> dict[str, tuple[str, float]]:
    known = resemblance(sightings, group(sightings, decisions), decisions)
    return {
        known.sightings[i].figure_id: (s.person_id, s.probability)
        for s in suggestions(known)
        for i in known.subjects[s.subject]
    }


STRANGERS = [figure(f"s{n}", n) for n in range(20, 60)]


@pytest.mark.parametrize("sightings", [[], [figure("a", None)], [figure("a", 0)]])
def test_without_names_nothing_is_suggested(sightings) -> None:
    assert suggested(sightings, Decisions()) == {}
    assert suggested(sightings, named(anna=[place("gone")])) == {}


def test_who_resembles_a_named_person_too_little_to_be_joined_is_suggested() -> None:
    sightings = [like("a", 0), like("b", 0, distance=0.28), *STRANGERS]
    found = suggested(sightings, named(anna=[place("a")]))
    assert set(found) == {"b-0"}
    person, probability = found["b-0"]
    assert person == "anna"
    assert LEAST <= probability < 1
    assert group(sightings, named(anna=[place("a")])).memberships["b-0"].person_id != "anna"


def test_who_resembles_two_named_people_alike_is_neither_s_for_sure() -> None:
    sightings = [like("a", 0), like("b", 1), like("m", 0, 1, distance=0.28), *STRANGERS]
    alone = suggested([sightings[0], *sightings[2:]], named(anna=[place("a")]))
    both = suggested(sightings, named(anna=[place("a")], berta=[place("b")]))
    assert both.get("m-0", ("", 0.0))[1] < alone["m-0"][1]


def test_of_two_figures_of_one_photo_one_person_is_suggested_for_one_only() -> None:
    sightings = [like("a", 0), like("b", 0, distance=0.25), like("b", 0, slot=1, distance=0.27), *STRANGERS]
    assert set(suggested(sightings, named(anna=[place("a")]))) == {"b-0"}


def test_what_was_ruled_out_is_not_suggested() -> None:
    sightings = [like("a", 0), like("b", 0, distance=0.28), *STRANGERS]
    decisions = named(anna=[place("a")])
    assert suggested(sightings, decisions)
    assert not suggested(sightings, replace(decisions, rejected=frozenset({(place("b"), "anna")})))
    assert not suggested(sightings, replace(decisions, apart=frozenset({(place("a"), place("b"))})))
    assert not suggested(sightings, replace(decisions, not_people=frozenset({place("b")})))


def test_nobody_is_in_a_photo_before_they_were_born() -> None:
    sightings = [like("a", 0), replace(like("b", 0, distance=0.28), taken=NOON), *STRANGERS]
    anna = named(anna=[place("a")]).people["anna"]
    for born, expected in ((date(2024, 5, 2), set()), (date(2024, 5, 1), {"b-0"}), (date(1990, 1, 1), {"b-0"})):
        assert set(suggested(sightings, Decisions({"anna": replace(anna, born=born)}))) == expected


def test_a_child_s_face_of_other_years_says_little() -> None:
    old = replace(like("a", 0), taken=datetime(2021, 5, 1, tzinfo=UTC))
    new = replace(like("b", 0, distance=0.28), taken=NOON)
    anna = named(anna=[place("a")]).people["anna"]
    grown = suggested([old, new, *STRANGERS], Decisions({"anna": anna}))["b-0"][1]
    child = suggested([old, new, *STRANGERS], Decisions({"anna": replace(anna, born=date(2020, 12, 1))}))
    assert child.get("b-0", ("", 0.0))[1] < grown - 0.2


def test_the_face_nearest_in_time_counts_most() -> None:
    """The person looked like two people, then and now; a new photo is like them then."""
    then, now = datetime(2000, 5, 1, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)
    looks = [replace(like("a", 0), taken=then), replace(like("b", 1), taken=now)]
    decisions = named(anna=[place("a"), place("b")])
    fits = suggested([*looks, replace(like("c", 0, distance=0.28), taken=then), *STRANGERS], decisions)["c-0"][1]
    late = suggested([*looks, replace(like("c", 0, distance=0.28), taken=now), *STRANGERS], decisions)["c-0"][1]
    assert late < fits


def dressed(photo: str, person: int | None, slot: int, colour: int, minute: int) -> Sighting:
    look = np.full(LENGTH, np.nan, np.float32)  # of its texture nothing is known
    regions = look[: 4 * BLOCK].reshape(4, BLOCK)
    regions[:] = 0
    regions[:, [0, 1 + colour]] = 1
    return replace(figure(photo, person, slot, at=NOON.replace(minute=minute)), appearance=look)


def test_a_figure_seen_from_behind_is_suggested_by_its_clothes_within_a_moment_only() -> None:
    colours = range(6)
    faces = [dressed("a", slot, slot, colour, 0) for slot, colour in enumerate(colours)]
    behind = [dressed("b", None, slot, colour, 30) for slot, colour in enumerate(colours)]
    decisions = named(anna=[place("a", 0)])
    known = resemblance([*faces, *behind], group(faces, decisions), decisions)
    wanted = {s.person_id: known.sightings[known.subjects[s.subject][0]].figure_id for s in suggestions(known)}
    assert wanted == {"anna": "b-0"}
    another_day = [replace(s, taken=datetime(2024, 5, 2, 12)) for s in behind]  # noqa: DTZ001
    known = resemblance([*faces, *another_day], group(faces, decisions), decisions)
    assert suggestions(known) == ()


def check(known: Resemblance, decisions: Decisions) -> None:
    at = {s.place: i for i, s in enumerate(known.sightings)}
    shown: dict[str, list[int]] = {i: list(known.subjects[n]) for n, i in enumerate(known.people)}
    for suggestion in suggestions(known, 0.0001):
        assert 0 < suggestion.probability <= 1
        figures = known.subjects[suggestion.subject]
        photos = {known.sightings[i].photo_id for i in figures}
        assert photos.isdisjoint({known.sightings[i].photo_id for i in shown[suggestion.person_id]})
        shown[suggestion.person_id] += figures
        assert not {(known.sightings[i].place, suggestion.person_id) for i in figures} & decisions.rejected
        assert not {known.sightings[i].place for i in figures} & decisions.not_people
        assert not {known.sightings[i].place for i in figures} & set(decisions.owners())
    for one, other in decisions.apart:
        if one in at and other in at:
            pair = {at[one], at[other]}
            for person, figures in shown.items():
                own = set(known.subjects[known.people.index(person)])
                assert not pair <= set(figures) or pair <= own or not pair & own


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_suggestions_never_contradict_decisions_nor_depend_on_order(data) -> None:
    sightings = data.draw(albums())
    decisions = replay(data.draw(journals(sightings)))
    if sightings:
        pick = st.sampled_from(sightings).map(lambda s: s.place)
        free = st.sampled_from([s.place for s in sightings if s.place not in decisions.owners()] or [place("gone")])
        rejected = data.draw(st.sets(st.tuples(free, st.sampled_from(["anna", "ben"])), max_size=3))
        apart = data.draw(st.sets(st.tuples(free, pick), max_size=3))
        decisions = replace(
            decisions,
            rejected=frozenset((a, i) for a, i in rejected if i in decisions.people),
            apart=frozenset((a, b) for a, b in apart if a != b),
        )
    grouping = group(sightings, decisions)
    known = resemblance(sightings, grouping, decisions)
    check(known, decisions)
    again = resemblance(data.draw(st.permutations(sightings)), grouping, decisions)
    assert suggestions(again, 0.0001) == suggestions(known, 0.0001)
