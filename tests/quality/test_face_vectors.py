"""How well face vectors tell people apart: of whom, how poor a face may be, and by an embedder of one's own.

What cannot be measured here: nobody's origin is labelled, and ages only of three adults; of children there are two.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.faces.embedder import Network, chips_of
from mien.faces.face import Face
from mien.faces.quality import measure
from mien.faces.trial import of_different_people, try_out
from mien.people.anchors import Anchor
from mien.people.calibration import calibrate
from mien.people.crowd import crowding, handicapped
from mien.people.evidence import SHARP
from mien.people.grouping import SAME_PERSON, group
from mien.people.scores import bcubed
from mien.people.sighting import Sighting
from mien.vision.face_vector import FaceVectors, align
from tests.faces.networks import FEATURES, linear, orthogonal, shipped_as_arcface
from tests.quality.test_faces import Engine

pytestmark = [pytest.mark.quality, pytest.mark.timeout(1800)]

CHILDREN = ("Family1-Daughter", "Family1-Son")
COLLAGE = "000000256353.jpg"  # of one person
USABLE_STEPS = (-1.0, 0.0, 0.1, 0.35, 0.65, 0.999, 1.0)


@dataclass(frozen=True, eq=False)
class Known:
    """A face; `identity` is empty for a stranger, of whom there may be more photos only within `source`."""

    face: Face
    pixels: NDArray[np.uint8]
    photo: str
    source: str
    identity: str = ""
    gender: str = ""


@pytest.fixture(scope="module")
def known(quality_data: Path) -> list[Known]:
    """The labelled people's largest faces, and strangers' in everyday and street photos."""
    engine, found = Engine(), []
    with (quality_data / "people" / "labels.csv").open(newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["identity"]]
    for row in rows:
        seen = engine.see(quality_data / "people" / row["file"])
        if seen.found:
            face = max(seen.found, key=lambda one: float(np.prod(one.box[2:] - one.box[:2])))
            found.append(Known(face, seen.photo.pixels, row["file"], "people", row["identity"], row["gender"]))
    with (quality_data / "ccp" / "labels.csv").open(newline="") as table:
        street = [quality_data / "ccp" / row["file"] for row in csv.DictReader(table) if row["split"] == "val"]
    for source, files in (
        ("everyday", sorted((quality_data / "coco_mini" / "images").glob("*.jpg"))),
        ("street", street),
    ):
        for file in files:
            if file.name != COLLAGE:
                seen = engine.see(file)
                found += [Known(face, seen.photo.pixels, file.name, source) for face in seen.found]
    return [one for one in found if one.face.quality.usable >= 0.1]


class Pairs:
    """All pairs of faces of which is known whether they show one person: squared distances by some vectors."""

    def __init__(self, known: list[Known], distance: NDArray[np.float64]) -> None:
        pairs = [(i, j) for i, j in combinations(range(len(known)), 2) if _is_known(known[i], known[j])]
        self.one, self.two = np.array(pairs).T
        self.distance = distance[self.one, self.two]
        self.same = np.array([known[i].identity != "" and known[i].identity == known[j].identity for i, j in pairs])

    def among(self, belongs: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which pairs have at least one of these faces."""
        return np.asarray(belongs[self.one] | belongs[self.two])

    def told(self, chosen: NDArray[np.bool_] | slice = slice(None)) -> str:
        same, other = self.distance[chosen][self.same[chosen]], self.distance[chosen][~self.same[chosen]]
        at = ", ".join(f"{_known_at(same, other, rate):.3f} at {rate:g}" for rate in (1e-2, 1e-3, 1e-4))
        return (
            f"{len(same)} pairs of one person, {len(other)} of two: equal error {equal_error(same, other):.4f}, "
            f"d′ {separation(same, other):.2f}, known {at}; within the bound {np.mean(same <= SAME_PERSON):.3f} and "
            f"{np.mean(other <= SAME_PERSON):.5f}"
        )


def _is_known(one: Known, two: Known) -> bool:
    if one.identity or two.identity:
        return True
    return one.photo == two.photo or one.source != two.source or one.source == "everyday"


def _known_at(same: NDArray[np.float64], other: NDArray[np.float64], rate: float) -> float:
    """Share of one person's pairs that are nearer than all but this share of two people's."""
    return float(np.mean(same <= np.quantile(other, rate, method="lower")))


def equal_error(same: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    bounds = np.sort(np.concatenate([same, other]))
    missed = 1 - np.searchsorted(np.sort(same), bounds, "right") / len(same)
    passed = np.searchsorted(np.sort(other), bounds, "right") / len(other)
    at = np.argmin(np.abs(missed - passed))
    return float((missed[at] + passed[at]) / 2)


def separation(same: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float((other.mean() - same.mean()) / np.sqrt((other.var() + same.var()) / 2))


def built_in(known: list[Known]) -> NDArray[np.float64]:
    return np.array([one.face.vector for one in known], np.float64)


def squares(vectors: NDArray[np.float64], handicaps: NDArray[np.float64]) -> NDArray[np.float64]:
    square = (vectors**2).sum(1) + handicaps
    return np.asarray(square[:, None] + square - 2 * vectors @ vectors.T)


def test_of_whom_vectors_tell(known: list[Known]) -> None:
    vectors = built_in(known)
    pairs = Pairs(known, squares(vectors, crowding(vectors)))
    print(f"\nall: {pairs.told()}")
    print(f"without crowding: {Pairs(known, squares(vectors, np.zeros(len(known)))).told()}")
    gender = np.array([one.gender for one in known])
    child = np.array([one.identity in CHILDREN for one in known])
    for name, belongs in (("women", gender == "female"), ("men", gender == "male"), ("two children", child)):
        print(f"{name}: {pairs.told(pairs.among(belongs))}")
    stranger = np.array([not one.identity for one in known])
    for source in ("everyday", "street"):
        here = pairs.among(np.array([one.source == source for one in known]))
        low = np.quantile(pairs.distance[here & stranger[pairs.one] & stranger[pairs.two]], (0.001, 0.01, 0.5))
        print(f"strangers of {source} photos: nearest 0.1 % {low[0]:.3f}, 1 % {low[1]:.3f}, half {low[2]:.3f}")
    print("not measurable here: by origin (no labels), by age (three adults of 25–30 and two children have labels)")
    same, other = pairs.distance[pairs.same], pairs.distance[~pairs.same]
    assert equal_error(same, other) <= 0.005
    assert separation(same, other) >= 5
    assert np.mean(other <= SAME_PERSON) <= 2e-4


def test_the_more_usable_a_face_the_fewer_errors(known: list[Known]) -> None:
    """Labelled faces made smaller and blurred, against those of other photos and against strangers."""
    describe = FaceVectors()
    labelled = [one for one in known if one.identity]
    vectors = built_in(known)
    crowd = crowding(vectors)
    straight = np.zeros((468, 1))  # no depth is kept of a face; without any it looks ahead
    worse: list[tuple[float, Known, NDArray[np.uint8]]] = []
    for one in labelled:
        height, width = one.pixels.shape[:2]
        mesh = one.face.landmarks * (width, height)
        eyes = float(np.linalg.norm(mesh[[263, 362]].mean(0) - mesh[[33, 133]].mean(0)))
        for wanted in (6, 9, 13, 20, 32):
            if one.face.quality.usable < 0.7 or wanted > eyes:
                continue
            small = cv2.resize(one.pixels, None, fx=wanted / eyes, fy=wanted / eyes, interpolation=cv2.INTER_AREA)
            points = np.hstack([one.face.landmarks * small.shape[1::-1], straight])
            for blur in (0.0, 0.7, 1.0, 2.0, 3.0):
                image = np.asarray(cv2.GaussianBlur(small, (0, 0), blur) if blur else small, np.uint8)
                chip = align(image, points)
                worse.append((measure(points, chip, presence=1).usable, one, chip))
    found = describe(np.array([chip for _, _, chip in worse])).astype(np.float64)
    usable = np.array([use for use, _, _ in worse])
    distance = ((found**2).sum(1) + crowding(found))[:, None] + (vectors**2).sum(1) + crowd - 2 * found @ vectors.T
    same = np.array(
        [[one.identity == other.identity and one.photo != other.photo for other in known] for _, one, _ in worse]
    )
    other = np.array([[one.identity != other.identity for other in known] for _, one, _ in worse])
    errors = []
    print()
    for low, high in pairwise(USABLE_STEPS):
        here = (usable > low) & (usable <= high)
        one, two = distance[here][same[here]], distance[here][other[here]]
        errors.append(equal_error(one, two))
        within = np.mean(one <= SAME_PERSON), np.mean(two <= SAME_PERSON)
        print(
            f"usable {max(low, 0):g}–{high:g}: {here.sum()} faces, equal error {errors[-1]:.3f}, "
            f"d′ {separation(one, two):.2f}; within the bound {within[0]:.3f} of one person, {within[1]:.5f} of two"
        )
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] <= 0.01


@pytest.fixture(scope="module")
def wrapped(known: list[Known]) -> Callable[[bytes], NDArray[np.float32]]:
    """The vectors that a network gives of all known faces."""

    def vectors(data: bytes) -> NDArray[np.float32]:
        network = Network(data, "own.onnx")
        return np.concatenate([network(chips_of(one.pixels, [one.face.landmarks]), "rgb", "signed") for one in known])

    return vectors


def test_an_embedder_of_one_s_own(known: list[Known], wrapped: Callable[[bytes], NDArray[np.float32]]) -> None:
    """The shipped network behind ArcFace's chips, its answers turned and of length 1: the same people as ever."""
    vectors, own = built_in(known), wrapped(shipped_as_arcface())
    photos, usable = [one.photo for one in known], np.array([one.face.quality.usable for one in known])
    found = calibrate(vectors, own, photos, usable)
    crowd = crowding(vectors)
    print(f"\n{found}")
    print(f"built in:   {Pairs(known, squares(vectors, crowd)).told()}")
    mapped = Pairs(known, squares(own * found.scale, found.handicap + found.crowded * crowd))
    print(f"one's own:  {mapped.told()}")
    assert found.state == "measured"
    assert np.mean(mapped.distance[~mapped.same] <= SAME_PERSON) <= 2e-4
    for name, sightings in (
        ("built in", handicapped(_sightings(known, vectors))),
        ("one's own", _sightings(known, own * np.float32(found.scale), found.handicap + found.crowded * crowd)),
    ):
        memberships = group(sightings).memberships
        people = [memberships[f"{i:04d}"].person_id for i in range(len(known))]
        labelled = [i for i, one in enumerate(known) if one.identity]
        score = bcubed([known[i].identity for i in labelled], [people[i] for i in labelled])
        strangers = [people[i] for i, one in enumerate(known) if not one.identity]
        taken = {people[i] for i in labelled}
        print(f"{name}: {score}, {sum(p in taken for p in strangers)} of {len(strangers)} strangers taken for them")
        assert score.precision >= 0.99
        assert score.f >= 0.97


def test_an_embedder_that_sees_only_pixels_is_refused(
    known: list[Known], wrapped: Callable[[bytes], NDArray[np.float32]]
) -> None:
    data = linear(orthogonal(FEATURES, 256))
    vectors, usable = built_in(known), np.array([one.face.quality.usable for one in known])
    found = calibrate(vectors, wrapped(data), [one.photo for one in known], usable)
    print(f"\n{found}")
    assert found.state == "useless"
    sharp = [one for one in known if one.face.quality.usable >= SHARP and not one.identity]
    chosen = [sharp[i] for i in of_different_people(built_in(sharp), 0.6)[:40]]
    chips = np.concatenate([chips_of(one.pixels, [one.face.landmarks]) for one in chosen])
    print(try_out(Network(shipped_as_arcface(), "shipped"), "shipped", chips))
    with pytest.raises(Exception, match="tell people apart"):
        try_out(Network(data, "pixels"), "pixels", chips)


def _sightings(
    known: list[Known], vectors: NDArray[np.floating], handicaps: NDArray[np.float64] | None = None
) -> list[Sighting]:
    return [
        Sighting(
            figure_id=f"{i:04d}",
            place=Anchor(one.photo, (0.0, 0.0, 1.0, 1.0), bytes(72)),
            face_vector=np.asarray(vectors[i], np.float32),
            face_usable=one.face.quality.usable,
            face_handicap=0.0 if handicaps is None else float(handicaps[i]),
        )
        for i, one in enumerate(known)
    ]
