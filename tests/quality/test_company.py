"""Is company worth anything? No labelled album says who comes with whom, so families are made up (see `population`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import pytest
from benchmarks.population import Population, population

from mien.people.anchors import GRID, Anchor
from mien.people.crowd import handicapped
from mien.people.decisions import DecidedPerson, Decisions
from mien.people.grouping import group
from mien.people.resemblance import Resemblance, resemblance
from mien.people.sighting import Sighting
from mien.people.spreading import spread
from tests.quality.test_review import average_precision, best_guesses

pytestmark = [pytest.mark.quality, pytest.mark.timeout(1800)]

FAMILIES, OUTINGS, PHOTOS = 8, 60, 6
FACELESS, DOUBTFUL = 0.2, 0.35
"""Shares of figures that show no face, and a poor one."""

Who = Literal["families", "anybody"]


@dataclass(frozen=True)
class World:
    sightings: list[Sighting]
    truth: dict[str, str]
    named: Decisions


def world(everybody: Population, who: Who, seed: int) -> World:
    """Outings of one family of four, whose members come along in four of five cases, now and then with some of another
    one, among passers-by; or of any four people. Everybody is in half of the photos of an outing."""
    random = np.random.default_rng(seed)
    seen = np.bincount(everybody.person)
    cast = random.permutation(np.flatnonzero(seen >= 60)[: 4 * FAMILIES]).reshape(FAMILIES, 4)
    faces = {person: [*random.permutation(np.flatnonzero(everybody.person == person))] for person in cast.flat}
    strangers = [*random.permutation(np.flatnonzero(seen[everybody.person] == 1))]
    sightings, truth, at = [], {}, datetime(2022, 1, 1, 12)  # noqa: DTZ001
    for outing in range(OUTINGS):
        at += timedelta(days=int(random.integers(3, 9)))
        hosts, guests = random.choice(FAMILIES, 2, replace=False)
        there = [person for person in cast[hosts] if random.random() < 0.8]
        there += [person for person in cast[guests] if random.random() < 0.15]
        if who == "anybody":
            there = [*random.choice(cast.ravel(), 4, replace=False)]
        for n in range(PHOTOS):
            shown = [faces[person].pop() for person in there if random.random() < 0.5][:4]
            shown += [strangers.pop() for _ in range(random.poisson(0.4))]
            for slot, i in enumerate(shown):
                chance, vector, usable = random.random(), everybody.vectors[i], float(everybody.usable[i])
                if chance < FACELESS or usable == 0:
                    vector, usable = None, 0.0
                elif chance < FACELESS + DOUBTFUL:
                    vector, usable = (vector + random.normal(0, 0.028, len(vector))).astype(np.float32), 0.3
                photo = f"{outing:02}-{n}"
                box = (0.02 + 0.12 * slot, 0.2, 0.12 + 0.12 * slot, 0.9)
                place = Anchor(photo, box, bytes([255]) * (GRID * GRID // 8), None)
                one = Sighting(f"{photo}-{slot}", place, at + timedelta(minutes=n), vector, usable)
                sightings.append(one)
                is_known = everybody.person[i] in faces
                truth[one.figure_id] = f"person {everybody.person[i]}" if is_known else one.figure_id
    people = {}
    for name in sorted(set(truth.values()) - set(truth)):
        clear = [s for s in sightings if truth[s.figure_id] == name and s.face_usable >= 0.5]
        if clear and random.random() < 0.6:
            people[name] = DecidedPerson(name, name, frozenset({clear[random.integers(len(clear))].place}))
    return World(handicapped(sightings), truth, Decisions(people))


def without_company(known: Resemblance) -> Resemblance:
    pairs = zip(known.one.tolist(), known.other.tolist(), strict=True)
    heard = np.array([known.company.get(pair, 0.0) for pair in pairs])
    return Resemblance(**{**vars(known), "log_odds": known.log_odds - heard})


@pytest.mark.parametrize(("who", "least"), [("families", 0.005), ("anybody", -0.005)])
def test_company_puts_right_suggestions_first(who: Who, least: float) -> None:
    everybody = population(20_000, 1)
    scored: dict[str, list[tuple[float, bool]]] = {"without": [], "with": []}
    to_find = 0
    for seed in range(12):
        made = world(everybody, who, seed)
        known = resemblance(made.sightings, group(made.sightings, made.named), made.named)
        for figures in known.subjects[len(known.people) :]:
            to_find += any(made.truth[known.sightings[i].figure_id] in known.people for i in figures)
        for how, graph in (("without", without_company(known)), ("with", known)):
            scored[how] += best_guesses(graph, spread(graph).toarray(), made.truth)
    found = {how: average_precision(guesses, to_find) for how, guesses in scored.items()}
    print(f"\naverage precision, {who}, company counted or not: {found} (to find: {to_find})")
    assert found["with"] >= found["without"] + least
