from dataclasses import replace

import numpy as np
import pytest

from mien.people.crowd import REMOTE, centres, crowding, handicapped
from mien.people.grouping import SAME_PERSON, group
from mien.people.linkage import Clusters, link
from tests.people.album import figure


def pair(middle: np.ndarray, square: float) -> np.ndarray:
    """Two vectors this squared distance apart, around a middle; apart in a direction that leads away from the crowd."""
    away = np.linalg.svd(centres() - middle)[2][-1] * np.sqrt(square) / 2
    return np.stack([middle - away, middle + away]).astype(np.float32)


def test_the_crowd_is_of_the_shape_of_faces() -> None:
    crowd = centres()
    assert crowd.shape[1] == 128
    assert np.isfinite(crowd).all()
    # dlib's vectors lie about 1.4 from the origin; a mean of many lies nearer.
    assert np.all((np.linalg.norm(crowd, axis=1) > 0.8) & (np.linalg.norm(crowd, axis=1) < 1.6))


@pytest.mark.parametrize("n", [0, 1, 5])
def test_crowding_is_one_number_a_face(n) -> None:
    assert crowding(np.zeros((n, 128), np.float32)).shape == (n,)


def test_crowding_falls_from_the_middle_of_the_crowd_to_nothing_far_away() -> None:
    centre = centres()[0]
    away = np.random.default_rng(0).normal(size=128)
    away /= np.linalg.norm(away)
    found = crowding(np.stack([centre + step * away for step in np.linspace(0, 1, 20)]))
    assert found[0] == pytest.approx(REMOTE / 4)
    assert np.all(np.diff(found) <= 0)
    assert found[-1] == 0


def test_in_the_crowd_one_person_s_faces_must_be_nearer_than_elsewhere() -> None:
    near = SAME_PERSON * 0.9
    remote = pair(np.full(128, 0.2), near)
    crowded = pair(centres()[0], near)

    def people(vectors) -> int:
        return len(
            group(handicapped([replace(figure(f"p{i}", 0), face_vector=v) for i, v in enumerate(vectors)])).people
        )

    assert people(remote) == 1
    assert people(crowded) == 2
    assert people(pair(centres()[0], 0.0)) == 1, "two copies of one face are one person anywhere"


def test_a_handicap_counts_in_every_pair() -> None:
    points = np.array([[0.0], [1.0]])
    for handicaps, joined in [([0.0, 0.0], True), ([0.25, 0.25], True), ([0.3, 0.25], False)]:
        clusters = Clusters.of(points, np.ones(2), np.arange(2), np.array(handicaps))
        assert (len(set(link(clusters, 1.5).group)) == 1) is joined
