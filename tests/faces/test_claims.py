"""Faces are shared out one to one, so that all claims together are served best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mien.faces.claims import ENOUGH, assign, claim
from tests.faces.scenes import FACE, Box, parse

BLANK = np.zeros((200, 100, 3), np.uint8)


def oval(box: Box) -> np.ndarray:
    """468 points on the ellipse in a box."""
    angles = np.linspace(0, 2 * np.pi, 468)
    x0, y0, x1, y1 = box
    return np.stack([(x0 + x1) / 2 + (x1 - x0) / 2 * np.cos(angles), (y0 + y1) / 2 + (y1 - y0) / 2 * np.sin(angles)], 1)


CASES = [
    # what, figures' masks, labels, claims
    ("nobody there", (), (), []),
    ("all of it", ((0, 0, 1, 1),), (), [1.0]),
    ("half of it", ((0, 0, 0.44, 1), (0.44, 0, 1, 1)), (), [0.5, 0.5]),
    ("elsewhere", ((0, 0.6, 1, 1),), (), [0.0]),
    ("labelled as head", ((0, 0, 1, 1),), ((0, "face", FACE),), [2.0]),
    ("labelled as chest", ((0, 0, 1, 1),), ((0, "upper-clothes", FACE),), [1.0]),
]


@pytest.mark.parametrize(("masks", "labels", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_claims(masks: tuple[Box, ...], labels: tuple[tuple[int, str, Box], ...], expected: list[float]) -> None:
    scene = parse(BLANK, *masks, labels=labels)
    assert claim(scene, oval(FACE)) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("box", [(-0.4, -0.4, -0.1, -0.1), (1.1, 0.2, 1.4, 0.5), (0.9, 0.9, 1.5, 1.5)])
def test_faces_beyond_the_edge_do_no_harm(box: Box) -> None:
    claims = claim(parse(BLANK, (0, 0, 1, 1)), oval(box))
    assert ((claims >= 0) & (claims <= 3)).all()


def test_two_claims_on_one_face_the_stronger_wins_unless_both_can_be_served() -> None:
    assert assign(np.array([[0.8], [1.2]]), np.ones(1)) == {1: 0}
    assert assign(np.array([[1.0, 0.9], [1.2, 0.0]]), np.ones(2)) == {0: 1, 1: 0}


def test_of_two_views_of_one_head_the_surer_one_is_taken() -> None:
    assert assign(np.array([[2.8, 2.6]]), np.array([0.45, 0.8])) == {0: 1}


@given(arrays(np.float64, st.tuples(st.integers(0, 5), st.integers(0, 5)), elements=st.floats(0, 3)))
def test_one_to_one_and_only_strong_claims(claims: np.ndarray) -> None:
    owned = assign(claims, np.linspace(0.4, 1, claims.shape[1]))
    assert len(set(owned.values())) == len(owned)
    assert all(claims[figure, face] >= ENOUGH for figure, face in owned.items())
