"""Who is who: time and memory for ever more figures, beside scikit-learn's DBSCAN on the same faces; one more photo.

    python -m benchmarks.grouping [FIGURES…]

prints a table; by default for 100 to 100,000 figures, in five minutes; 1,000,000 take some ten. Each size is grouped in
a process of its own, whose peak of memory is told. DBSCAN joins faces within the same bound; it lists every pair within
it, so beyond `DBSCAN_MOST` figures it is not asked. Where neighbours are looked up in cells, how many of them are found
is told. `ATTACHING` figures lie in a real library when one more photo is added to it.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.memory import peak_bytes
from benchmarks.population import Population, key, place, population, sightings, taken
from mien.catalog import store
from mien.catalog.derived import DerivedFigure, DerivedPhoto
from mien.catalog.library import Library
from mien.catalog.store import FileStat
from mien.faces.face import Face, FaceQuality
from mien.indexing.attaching import Attaching
from mien.indexing.regroup import regroup
from mien.indexing.stages import make_chain
from mien.people.evidence import SHARP
from mien.people.grouping import SAME_PERSON, group
from mien.people.neighbours import EXACT, Neighbours
from mien.people.scores import BCubed, bcubed
from mien.people.sighting import Sighting, handicaps_of, vectors_of
from mien.photo.photo import CaptureTime, Metadata

SIZES = (100, 1_000, 10_000, 100_000)
ATTACHING = 100_000
PHOTOS = 9
"""So many more photos are added, one by one; their median is told."""

DBSCAN_MOST = 100_000

NEAREST, ASKED = 16, 1_000
"""How many neighbours linkage looks up at a time, and of how many faces they are compared with the exact ones."""


@dataclass(frozen=True)
class Measured:
    """Seconds by the clock and of CPU, best of three up to 1,000 figures; BCubed of the figures with a face; peak bytes
    of the process, and what of that was there before, figures included; share of the nearest faces that cells find
    (None: all are compared); DBSCAN."""

    figures: int
    seconds: float
    cpu: float
    precision: float
    recall: float
    peak: int
    before: int
    neighbours: float | None
    dbscan: "Baseline | None"


@dataclass(frozen=True)
class Baseline:
    """CPU seconds, BCubed of the figures with a face."""

    cpu: float
    precision: float
    recall: float


@dataclass(frozen=True)
class InLibrary:
    """Seconds in a library: reading, grouping and writing all; reading the known faces, which a run does while its
    workers load their networks; showing who is on one more photo, the median and the longest."""

    figures: int
    regroup: float
    prepare: float
    attach: float
    longest: float


def measure(figures: int) -> Measured:
    """In a process of its own."""
    command = [sys.executable, "-m", "benchmarks.grouping", "--measure", str(figures)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    dbscan = told.pop("dbscan")
    return Measured(**told, dbscan=None if dbscan is None else Baseline(**dbscan))


def _measure(figures: int) -> Measured:
    people = population(figures)
    seen = sightings(people)
    before = peak_bytes()
    times = []
    for _ in range(3 if figures <= 1000 else 1):
        started, worked = time.perf_counter(), time.process_time()
        grouping = group(seen)
        times.append((time.perf_counter() - started, time.process_time() - worked))
    faces = np.flatnonzero(people.usable > 0)
    score = _score(people, [grouping.memberships[seen[i].figure_id].person_id for i in faces.tolist()])
    peak = peak_bytes()
    dbscan = _dbscan(people) if figures <= DBSCAN_MOST else None
    neighbours = neighbours_found([s for s in seen if s.face_usable >= SHARP])
    return Measured(figures, *min(times), score.precision, score.recall, peak, before, neighbours, dbscan)


def _score(people: Population, found: list[str | None]) -> BCubed:
    return bcubed(people.person[people.usable > 0].tolist(), found)


def neighbours_found(faces: list[Sighting]) -> float | None:
    """Share of the `NEAREST` faces within the bound that are found around `ASKED` faces; None if all are compared."""
    if len(faces) <= EXACT:
        return None
    everybody = np.arange(len(faces))
    vectors = vectors_of(faces, everybody)
    own = np.einsum("ij,ij->i", vectors, vectors) + handicaps_of(faces, everybody)
    asked = np.linspace(0, len(faces) - 1, ASKED).astype(int)
    found = Neighbours(vectors, own).nearest(vectors[asked], own[asked], everybody, NEAREST + 1, SAME_PERSON)
    pairs = set(zip(found[0].tolist(), found[1].tolist(), strict=True))
    wanted = met = 0
    for row, i in enumerate(asked.tolist()):
        distance = own + own[i] - 2 * vectors @ vectors[i]
        distance[i] = np.inf  # everyone is their own nearest
        nearest = np.argpartition(distance, NEAREST)[:NEAREST]
        near = {(row, j) for j in nearest[distance[nearest] <= SAME_PERSON].tolist()}
        wanted, met = wanted + len(near), met + len(near & pairs)
    return met / wanted


def _dbscan(people: Population) -> Baseline:
    from sklearn.cluster import DBSCAN

    started = time.process_time()
    vectors = people.vectors[people.usable > 0]
    labels = DBSCAN(eps=SAME_PERSON**0.5, min_samples=2).fit(vectors).labels_.tolist()
    cpu = time.process_time() - started
    score = _score(people, [f"alone {i}" if label < 0 else f"group {label}" for i, label in enumerate(labels)])
    return Baseline(cpu, score.precision, score.recall)


def attaching(figures: int = ATTACHING) -> InLibrary:
    """In a library of so many figures, which is filled and grouped first."""
    people = population(figures + 3 * PHOTOS)
    numbers = np.unique(people.photo)
    known, new = numbers[:-PHOTOS].tolist(), numbers[-PHOTOS:].tolist()
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder, "library")) as library:
        fill(library, people, known)
        whole = _seconds(lambda: regroup(library))
        attach, times = Attaching(library), []
        prepare = _seconds(attach.prepare)
        for number in new:
            fill(library, people, [number])
            started = time.perf_counter()
            attach.attach([key(number)])
            times.append(time.perf_counter() - started)
        return InLibrary(figures, whole, prepare, statistics.median(times), max(times))


def fill(library: Library, people: Population, photos: list[int]) -> None:
    """Put these photos of the population into the cache, as indexing would."""
    fingerprints = make_chain("lite").fingerprints()
    first, last = np.searchsorted(people.photo, photos), np.searchsorted(people.photo, photos, "right")
    spans = [*zip(photos, first.tolist(), last.tolist(), strict=True)]
    for start in range(0, len(spans), 500):
        with library.catalog.write() as connection:
            for number, a, b in spans[start : start + 500]:
                metadata = Metadata("JPEG", 4000, 3000, taken=CaptureTime(taken(number), "exif"))
                figures = tuple(_figure(people, i) for i in range(a, b))
                photo = DerivedPhoto(key(number), metadata, "0" * 16, figures=figures)
                stat = FileStat(f"/album/{number:08}.jpg", 1, 1, "", str(number))
                store.put_photo(connection, photo, "lite", fingerprints)
                store.put_file(connection, stat, "photo", fingerprints.read, photo_id=key(number), metadata=metadata)


def _figure(people: Population, i: int) -> DerivedFigure:
    where, usable = place(people, i), float(people.usable[i])
    face = Face(
        box=np.array(where.box, np.float32),
        score=0.9,
        landmarks=np.zeros((468, 2), np.float32),
        eyes=np.zeros((2, 4), np.float32),
        ears=np.zeros((2, 4), np.float32),
        quality=FaceQuality(60, 0.9, 0, 0, 0, usable),
        vector=people.vectors[i],
    )
    return DerivedFigure(where, 0.9, face if usable else None, {}, None, np.zeros(15))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main(sizes: list[int]) -> None:
    print(
        "| figures | group | CPU | CPU per figure | peak memory, figures included | BCubed P / R |"
        " neighbours found | DBSCAN: CPU, P / R |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for figures in sizes or SIZES:
        m = measure(figures)
        found = "all" if m.neighbours is None else f"{m.neighbours:.2%}"
        dbscan = "not asked: it lists every pair"
        if (by := m.dbscan) is not None:
            dbscan = f"{by.cpu:.2f} s, {by.precision:.3f} / {by.recall:.3f}"
        print(
            f"| {figures:,} | {m.seconds:.2f} s | {m.cpu:.2f} s | {m.cpu / figures * 1e6:.0f} µs |"
            f" {m.peak / 2**20:.0f} MB ({m.before / 2**20:.0f} MB before) |"
            f" {m.precision:.3f} / {m.recall:.3f} | {found} | {dbscan} |",
            flush=True,
        )
    if not sizes:
        there = attaching()
        print(
            f"\nIn a library of {there.figures:,} figures: group all, with reading and writing, {there.regroup:.1f} s;"
        )
        print(f"read the known faces, once a run, {there.prepare * 1000:.0f} ms;")
        print(
            f"show who is on one photo more, {there.attach * 1000:.0f} ms (median; longest {there.longest * 1000:.0f})."
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(asdict(_measure(int(sys.argv[2])))))
    else:
        main([int(size) for size in sys.argv[1:]])
