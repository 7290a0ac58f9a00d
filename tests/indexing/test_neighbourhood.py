"""In a library, too, a photo that is added changes nobody whom it does not touch."""

import tempfile
from pathlib import Path

import numpy as np
from benchmarks.grouping import fill
from benchmarks.population import Population, key
from hypothesis import event, given, settings
from hypothesis import strategies as st

from mien.catalog.library import Library
from mien.indexing.attaching import Attaching
from mien.indexing.recall import sightings
from mien.indexing.regroup import regroup
from tests.people.album import face_of
from tests.people.reach import reach

PEOPLE = 12


def album(seed: int, photos: int, strangers: int) -> Population:
    """Photos of one to four of twelve people, over some days (see `benchmarks.population.taken`); of one in three no
    face is seen well. On the last one, which is of a day of its own or not, there are also people who are new."""
    random = np.random.default_rng(seed)
    on = [random.choice(PEOPLE, random.integers(1, 5), replace=False) for _ in range(photos)]
    on[-1] = np.concatenate([on[-1], PEOPLE + np.arange(strangers)])
    person = np.concatenate(on)
    numbers = np.sort(random.choice(4 * photos, photos, replace=False))
    vectors = np.stack([face_of(who, view) for view, who in enumerate(person.tolist())])
    usable = random.choice([0.0, 0.3, 0.8, 1.0], len(person), p=[0.2, 0.15, 0.35, 0.3])
    return Population(vectors, person, usable, numbers.repeat([len(people) for people in on]))


def people_in(library: Library) -> dict[str, tuple[object, ...]]:
    """Of every figure: who it is, who says so and how sure that is."""
    with library.catalog.read() as connection:
        return {row[0]: row[1:4] for row in connection.execute("SELECT * FROM membership")}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.integers(0, 2))
def test_a_photo_more_changes_nobody_out_of_its_reach(seed: int, photos: int, strangers: int) -> None:
    people = album(seed, photos, strangers)
    known, new = np.unique(people.photo)[:-1].tolist(), int(people.photo[-1])
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder, "library")) as library:
        fill(library, people, known)
        regroup(library)
        before = people_in(library)
        fill(library, people, [new])
        Attaching(library).attach([key(new)])
        shown = people_in(library)
        assert shown == {**shown, **before}, "until all are grouped nobody who is known changes"
        regroup(library)
        with library.catalog.read() as connection:
            within = reach(sightings(connection), {key(new)}, {})
        event(f"out of reach: {len(before.keys() - within) // 10 * 10} or more")
        after = people_in(library)
        assert {f: after.get(f) for f in before.keys() - within} == {f: before[f] for f in before.keys() - within}
