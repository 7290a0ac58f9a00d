"""The measure of grouping is taken on figures that lie as it says."""

import numpy as np
import pytest
from benchmarks.population import MOST, STRANGERS, population, sightings

from benchmarks import grouping
from mien.people import neighbours
from mien.people.crowd import crowding
from mien.people.evidence import SHARP


@pytest.mark.parametrize("n", [1, 10, 100, 3_000])
def test_a_population_has_that_many_figures_nobody_twice_in_a_photo(n) -> None:
    people = population(n)
    assert len(people) == len(people.vectors) == len(people.usable) == len(sightings(people)) == n
    assert len(set(zip(people.photo.tolist(), people.person.tolist(), strict=True))) == n
    assert (np.diff(people.photo) >= 0).all()


def test_few_are_seen_often_and_strangers_crowd_as_real_ones_do() -> None:
    people = population(5_000)
    seen = np.bincount(people.person)
    assert seen.max() <= MOST * 5_000
    assert (seen == 1).sum() >= STRANGERS * 5_000
    first = people.vectors[np.unique(people.person, return_index=True)[1]]
    apart = ((first[:500, None] - first[None, :500]) ** 2).sum(2)[np.triu_indices(500, 1)]
    assert 0.5 < np.median(apart) < 0.7
    assert 0.02 < np.median(crowding(first)) < 0.05


def test_one_person_s_faces_lie_apart_as_those_of_labelled_people_do() -> None:
    """Twelve with three sharp faces or more: 0.029–0.075 of variance around their own mean, the median 0.047."""
    people = population(5_000)
    sharp = people.usable >= SHARP
    often = np.flatnonzero(np.bincount(people.person[sharp]) >= 10)
    spreads = []
    for who in often:
        faces = people.vectors[sharp & (people.person == who)]
        spreads.append(((faces - faces.mean(0)) ** 2).sum() / (len(faces) - 1))
    assert 0.045 < np.median(spreads) < 0.065
    assert np.percentile(spreads, 1) > 0.03
    assert np.percentile(spreads, 99) < 0.09


def test_each_size_is_measured_and_photos_are_attached() -> None:
    measured = grouping.measure(60)
    assert measured.figures == 60
    assert measured.dbscan is not None
    assert 0 < measured.dbscan.recall <= 1
    assert measured.neighbours is None, "all are compared"
    assert 0 < measured.before <= measured.peak
    there = grouping.attaching(200)
    assert 0 < there.attach <= there.longest
    assert min(there.regroup, there.prepare) > 0


def test_how_many_neighbours_cells_find_is_measured(monkeypatch) -> None:
    seen = [s for s in sightings(population(3_000)) if s.face_usable >= SHARP]
    assert grouping.neighbours_found(seen) is None
    for module in (grouping, neighbours):
        monkeypatch.setattr(module, "EXACT", 100)
    assert 0.97 < (grouping.neighbours_found(seen) or 0) <= 1
