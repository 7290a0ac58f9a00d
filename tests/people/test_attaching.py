from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.people.attaching import CANDIDATES, EXEMPLARS, KnownFaces, attach
from mien.people.decisions import Decisions, replay
from mien.people.grouping import group
from mien.people.sighting import Sighting
from tests.people import album
from tests.people.album import figure, place


def known(sightings: list[Sighting]) -> dict[str, str]:
    """Whom each figure shows, as a grouping of all found."""
    memberships = group(sightings).memberships
    return {figure: m.person_id for figure, m in memberships.items() if m.person_id is not None}


def faces_of(sightings: list[Sighting], people: list[int]) -> KnownFaces:
    return KnownFaces.of(np.stack([s.face_vector for s in sightings]), np.array(people))


ANNA = [figure(f"a{i}", 1, view=i) for i in range(5)]
BEN = [figure(f"b{i}", 2, view=i) for i in range(5)]


def test_nobody_arrives_nobody_is_known() -> None:
    assert attach([], [], {}, Decisions()) == {}
    none = KnownFaces.of(np.zeros((0, 128), np.float32), np.zeros(0, np.intp))
    assert none.near(np.zeros((2, 128), np.float32)).tolist() == []
    assert faces_of(ANNA, [0] * 5).near(np.zeros((0, 128), np.float32)).tolist() == []


def test_a_new_figure_is_the_known_person_it_resembles() -> None:
    around = ANNA + BEN
    found = attach([figure("z", 1, view=9), figure("z", 3, 1)], around, known(around), Decisions())
    assert found["z-0"].person_id == "a0-0"
    assert found["z-0"].source == "inferred"
    assert found["z-1"].person_id == "z-1", "whom nobody knows is somebody new"


def test_two_of_one_photo_are_not_the_same_person() -> None:
    around = ANNA + BEN
    found = attach([figure("z", 1, 0, view=9), figure("z", 1, 1, view=8)], around, known(around), Decisions())
    assert len({m.person_id for m in found.values()}) == 2


def test_who_is_in_the_photo_already_is_nobody_else_there() -> None:
    around = [*ANNA, figure("z", 1, 1, view=7)]
    found = attach([figure("z", 1, 0, view=9)], around, known(ANNA) | {"z-1": "a0-0"}, Decisions())
    assert found["z-0"].person_id != "a0-0"


def test_several_new_photos_of_somebody_new_are_one_person() -> None:
    new = [figure("x", 5, view=1), figure("y", 5, view=2)]
    found = attach(new, ANNA, known(ANNA), Decisions())
    assert found["x-0"].person_id == found["y-0"].person_id
    assert found["x-0"].person_id in found


def test_a_known_person_keeps_the_name_though_only_inferred_figures_are_near() -> None:
    found = attach([figure("z", 1, view=9)], ANNA, dict.fromkeys(known(ANNA), "anna"), Decisions())
    assert found["z-0"].person_id == "anna"


def test_decisions_hold() -> None:
    new = figure("z", 1, view=9)
    named = replay([album.name(1, "anna", "Anna", ANNA[0].place), album.name(2, "eve", "Eve", new.place)])
    shown = dict.fromkeys(known(ANNA), "anna")
    found = attach([new], ANNA, shown, named)
    assert (found["z-0"].person_id, found["z-0"].source) == ("eve", "decided")
    rejected = Decisions(named.people, rejected=frozenset({(place("y"), "anna")}))
    assert attach([figure("y", 1, view=9)], ANNA, shown, rejected)["y-0"].person_id != "anna"


def test_who_is_seen_from_behind_joins_by_the_moment_as_in_grouping() -> None:
    """Whatever grouping makes of figures without a face, it is made of new ones too."""
    at = datetime(2024, 5, 1, 12)  # noqa: DTZ001
    seen = [figure(f"m{i}", 1, view=i, at=at + timedelta(minutes=i)) for i in range(3)]
    new = figure("z", None, at=at + timedelta(minutes=1))
    expected = group([*seen, new]).memberships["z-0"]
    assert attach([new], seen, known(seen), Decisions())["z-0"].person_id == expected.person_id


def test_near_are_the_faces_of_the_people_in_reach_and_no_others() -> None:
    crowd = [figure(f"p{person}-{i}", person, view=i) for person in range(20) for i in range(3)]
    faces = faces_of(crowd, [person for person in range(20) for _ in range(3)])
    near = faces.near(figure("z", 7, view=9).face_vector[None])
    assert {21, 22, 23} <= set(near.tolist())
    assert len({int(i) // 3 for i in near}) <= 2 * CANDIDATES


def test_of_a_person_with_many_faces_few_are_looked_at_the_nearest_among_them() -> None:
    many = [figure(f"p{i:04}", 1, view=i) for i in range(1000)]
    near = faces_of(many, [0] * 1000).near(many[123].face_vector[None])
    assert 123 in near
    assert len(near) <= 2 * EXEMPLARS


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_nobody_is_in_a_photo_twice_and_everybody_gets_an_answer(data) -> None:
    sightings = data.draw(album.albums())
    photos = sorted({s.photo_id for s in sightings})
    last = data.draw(st.sets(st.sampled_from(photos))) if photos else set()
    new = [s for s in sightings if s.photo_id in last]
    around = [s for s in sightings if s.photo_id not in last]
    found = attach(new, around, known(around), Decisions())
    assert found.keys() == {s.figure_id for s in new}
    people = [(s.photo_id, found[s.figure_id].person_id) for s in new if found[s.figure_id].person_id is not None]
    assert len(set(people)) == len(people)
    assert attach(new[::-1], around[::-1], known(around), Decisions()) == found


@pytest.mark.parametrize("people", [3, 12])
def test_one_photo_more_is_attached_as_grouping_would(people) -> None:
    crowd = [figure(f"p{i:03}", i % people, view=i) for i in range(people * 4)]
    whole = group(crowd).memberships
    for new in crowd[-people:]:
        around = [s for s in crowd if s is not new]
        found = attach([new], around, known(around), Decisions())[new.figure_id]
        assert found.person_id == whole[new.figure_id].person_id
