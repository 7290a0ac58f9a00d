"""The scale of another embedder, learnt from faces of which the built-in vectors are known."""

import numpy as np
import pytest

from mien.people.calibration import Calibration, calibrate, wilson
from mien.people.crowd import crowding
from mien.people.grouping import SAME_PERSON

PEOPLE, PHOTOS = 30, 4


def library(people: int = PEOPLE, photos: int = PHOTOS, seed: int = 0) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Built-in vectors like dlib's, two people in each photo; their photos; who they are."""
    rng = np.random.default_rng(seed)
    middle = rng.normal(size=128)
    middle *= 2.0 / np.linalg.norm(middle)  # far from the crowd
    who = np.arange(people * photos) % people
    faces = middle + rng.normal(0, np.sqrt(0.6 / 256), (people, 128))[who] + rng.normal(0, 0.02, (len(who), 128))
    return faces, [f"photo-{i // 2}" for i in range(len(who))], who


def turned(vectors: np.ndarray, dimensions: int = 512, stretch: float = 1.0) -> np.ndarray:
    wide = np.linalg.qr(np.random.default_rng(9).normal(size=(dimensions, dimensions)))[0]
    return vectors @ wide[: vectors.shape[1]] * stretch


def squares(found: Calibration, own: np.ndarray, builtin: np.ndarray) -> np.ndarray:
    """Squared distances of all pairs as grouping has them then."""
    square = ((own * found.scale) ** 2).sum(1)
    handicap = found.handicap + found.crowded * crowding(builtin)
    return square[:, None] + square - 2 * (own * found.scale) @ (own * found.scale).T + handicap[:, None] + handicap


def pairs(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    above = np.triu(np.ones((len(labels),) * 2, bool), 1)
    same = labels[:, None] == labels
    return above & same, above & ~same


@pytest.mark.parametrize("stretch", [0.1, 1.0, 7.0])
def test_the_same_vectors_in_another_scale_are_brought_back(stretch: float) -> None:
    builtin, photos, who = library()
    own = turned(builtin, stretch=stretch)
    found = calibrate(builtin, own, photos, np.ones(len(who)))
    same, other = pairs(who)
    distance = squares(found, own, builtin)
    assert found.state == "measured"
    assert found.recall == 1
    assert (distance[same] <= SAME_PERSON).all()
    assert (distance[other] > SAME_PERSON).all()


def test_a_better_network_knows_more_and_lets_as_few_strangers_pass() -> None:
    builtin, photos, who = library()
    rng = np.random.default_rng(1)
    better = rng.normal(0, 1, (PEOPLE, 512))[who] + rng.normal(0, 0.5, (len(who), 512))
    better /= np.linalg.norm(better, axis=1, keepdims=True)
    found = calibrate(builtin, better, photos, np.ones(len(who)))
    same, other = pairs(who)
    distance = squares(found, better, builtin)
    assert found.state == "measured"
    assert (distance[same] <= SAME_PERSON).all()
    assert (distance[other] > SAME_PERSON).all()


@pytest.mark.parametrize("seed", range(5))
def test_one_that_knows_nobody_is_of_no_use(seed: int) -> None:
    builtin, photos, who = library()
    noise = np.random.default_rng(seed).normal(size=(len(who), 256))
    found = calibrate(builtin, noise / np.linalg.norm(noise, axis=1, keepdims=True), photos, np.ones(len(who)))
    assert found.state == "useless"
    assert not found.holds
    assert found.recall is not None
    assert found.recall < 0.05


def test_one_that_gives_the_same_for_all_is_of_no_use() -> None:
    builtin, photos, who = library()
    assert calibrate(builtin, np.ones((len(who), 128)), photos, np.ones(len(who))).state == "useless"


def test_what_a_human_said_goes_before_the_built_in_vectors() -> None:
    """Twins, whom only the other network tells apart: as said, they are strangers."""
    builtin, photos, who = library()
    builtin[who == 1] += builtin[who == 0].mean(0) - builtin[who == 1].mean(0)
    own = turned(library(seed=3)[0])
    silent = calibrate(builtin, own, photos, np.ones(len(who)))
    told = calibrate(builtin, own, photos, np.ones(len(who)), {int(i): str(who[i]) for i in np.flatnonzero(who < 2)})
    assert silent.recall is not None
    assert told.recall is not None
    assert told.recall > silent.recall
    assert told.same < silent.same


@pytest.mark.parametrize("people", [0, 1])
def test_without_strangers_nothing_is_known(people: int) -> None:
    builtin, photos, who = library(people)
    found = calibrate(builtin, turned(builtin), photos, np.ones(len(who)))
    assert (found.state, found.strangers, found.holds) == ("waiting", 0, False)


def test_with_few_strangers_what_is_published_holds_if_they_fit_it() -> None:
    builtin, photos, who = library(people=4, photos=2)
    rng = np.random.default_rng(1)
    arcface = rng.normal(0, 1, (4, 512))[who] + rng.normal(0, 0.3, (len(who), 512))
    arcface /= np.linalg.norm(arcface, axis=1, keepdims=True)
    found = calibrate(builtin, arcface, photos, np.ones(len(who)))
    same, other = pairs(who)
    assert found.state == "typical"
    assert (squares(found, arcface, builtin)[same] <= SAME_PERSON).all()
    assert (squares(found, arcface, builtin)[other] > SAME_PERSON).all()
    assert calibrate(builtin, turned(builtin), photos, np.ones(len(who))).state == "waiting", "these do not"


def test_the_fewer_faces_the_more_remains_unknown() -> None:
    handicaps = []
    for people in (10, 30, 90):
        builtin, photos, who = library(people)
        found = calibrate(builtin, turned(builtin), photos, np.ones(len(who)))
        handicaps.append(squares(found, turned(builtin), builtin)[pairs(who)[1]].mean())
    assert handicaps == sorted(handicaps, reverse=True)


def test_poor_faces_teach_nothing() -> None:
    builtin, photos, who = library()
    usable = np.where(np.arange(len(who)) < 60, 1.0, 0.2)
    found = calibrate(builtin, turned(builtin), photos, usable)
    assert found.faces == 60
    assert found == calibrate(builtin[:60], turned(builtin)[:60], photos[:60], usable[:60])


def test_faces_that_it_failed_at_are_left_out() -> None:
    builtin, photos, who = library()
    own = turned(builtin)
    own[::3] = np.nan
    assert calibrate(builtin, own, photos, np.ones(len(who))).state == "measured"


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (50, 100, 0.404, 0.596)]
)
def test_intervals_are_those_of_the_tables(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=0.001)
