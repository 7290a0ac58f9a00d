"""People close together: what the lite engine's steps promise, without photos or networks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.parsing.lite.bodies import distinct, near, visible
from mien.parsing.lite.candidates import Candidates, gather
from mien.parsing.lite.composing import place
from mien.parsing.lite.network import UNDISPUTED, PartMaps
from mien.parsing.lite.reaching import COVERED, reach
from mien.parsing.lite.seeds import Seeds, make_seeds
from mien.parsing.lite.verification import figure_probabilities
from mien.parsing.parse import BAG, PART_ID
from mien.vision.face_boxes import FaceBoxes
from mien.vision.face_mesh import FaceMesh
from mien.vision.pose import Pose

COAT, FACE = PART_ID["coat"], PART_ID["face"]
NO_FACE = [np.nan] * 4


# A person reaches to the sides of their box.


def doubtful_legs(background: float) -> tuple[np.ndarray, np.ndarray]:
    """A sure upper body over legs that are the background with this probability; and where the box is."""
    probabilities = np.zeros((BAG + 1, 100, 60), np.float32)
    probabilities[0] = 1
    probabilities[:, 10:40, 20:40], probabilities[COAT, 10:40, 20:40] = 0, 1
    probabilities[0, 40:90, 20:40], probabilities[COAT, 40:90, 20:40] = background, 1 - background
    inside = np.zeros((100, 60), bool)
    inside[10:90, 20:40] = True
    return probabilities, inside


def rows_of_person(probabilities: np.ndarray) -> int:
    return int((1 - probabilities[0] - probabilities[BAG] > 0.5).any(1).sum())


@pytest.mark.parametrize(("background", "rows"), [(0.3, 80), (0.6, 80), (0.99, 30)])
def test_doubtful_pixels_are_the_person_if_nothing_else_fills_the_box(background: float, rows: int) -> None:
    probabilities, inside = doubtful_legs(background)
    reached = reach(probabilities, inside)
    assert rows_of_person(reached) == rows
    assert reached.sum(0) == pytest.approx(np.ones((100, 60)), abs=1e-5)
    assert np.array_equal(reached[:, ~inside], probabilities[:, ~inside])


def test_who_reaches_far_enough_stays_as_they_are() -> None:
    probabilities, inside = doubtful_legs(0.6)
    inside[10 + int(30 / COVERED) :] = False
    assert reach(probabilities, inside) is probabilities


def test_a_box_beside_the_crop_changes_nothing() -> None:
    probabilities, inside = doubtful_legs(0.6)
    assert reach(probabilities, np.zeros_like(inside)) is probabilities


# One figure per body.


def seeds(*rows: tuple[tuple[float, float, float, float], float, list[float]]) -> Seeds:
    """Of boxes, scores and faces."""
    boxes, scores, faces = zip(*rows, strict=True)
    return Seeds(np.array(boxes, np.float64), np.array(scores, np.float64), np.array(faces, np.float64))


def test_a_body_seen_cut_short_is_one_candidate_that_holds_both_sights() -> None:
    """The best two do not agree, yet what the others between them vote for does."""
    sights = np.array([(0, 0, 100, height) for height in (100, 225, 150, 150, 150)], np.float64)
    found = gather([sights], [np.array([0.9, 0.85, 0.8, 0.8, 0.8])])
    assert found.peaks == pytest.approx([0.9])
    assert found.looks == pytest.approx(np.array([[0.9]]))
    assert 165 < found.boxes[0, 3] < 175  # the taller vote's
    alone = gather([sights[:2]], [np.array([0.9, 0.85])])
    assert len(alone.boxes) == 2


@pytest.mark.parametrize(
    ("box", "score", "face", "stays"),
    [
        ((20, 20, 80, 300), 0.2, NO_FACE, False),  # deep in the other's box
        ((20, 20, 80, 300), 0.2, [30, 30, 60, 60], True),  # with a face of their own
        ((20, 20, 80, 300), 0.7, NO_FACE, True),  # a child in front of somebody
        ((60, 20, 160, 300), 0.2, NO_FACE, True),  # beside
    ],
)
def test_faint_sights_deep_in_a_body_are_parts_of_it(
    box: tuple[float, ...], score: float, face: list[float], stays: bool
) -> None:
    pair = seeds(((0, 0, 100, 400), 0.9, NO_FACE), (box, score, face))
    assert len(distinct(pair).boxes) == 1 + stays


def test_who_is_left_without_pixels_is_nobody_unless_they_have_a_face() -> None:
    three = seeds(*(((0, 0, 10, 100), 0.9, face) for face in (NO_FACE, NO_FACE, [1, 1, 5, 5])))
    assert visible(three, np.array([600.0, 5, 5])).tolist() == [True, False, True]
    assert visible(three.take(np.zeros(3, bool)), np.zeros(0)).shape == (0,)


class Faces:
    """A face mesher that believes every face."""

    def __call__(self, *_: object) -> FaceMesh:
        return FaceMesh(np.zeros((468, 3), np.float32), 1.0)


def lone_face(*faint: tuple[float, float, float, float], others: int = 0) -> np.ndarray:
    """The box of the seed of a face at (100, 50, 140, 90) that no accepted body has, beside faint candidates."""
    boxes = [(100, 50, 140, 90), *((20 + 50 * i, 50, 60 + 50 * i, 90) for i in range(others))]
    candidates = Candidates(
        np.array(faint, np.float64).reshape(-1, 4), np.full(len(faint), 0.3), np.ones((len(faint), 2))
    )
    faces = FaceBoxes(
        np.array(boxes, np.float32), np.full(len(boxes), 0.9, np.float32), np.zeros((len(boxes), 6, 2), np.float32)
    )
    made = make_seeds(
        np.zeros((480, 640, 3), np.uint8),
        candidates,
        np.full(len(faint), 0.1),
        np.zeros(len(faint), bool),
        faces,
        Faces(),  # type: ignore[arg-type]
    )
    assert made.has_face.all()
    return made.boxes[made.faces[:, 0].argmax()]


def test_a_face_finds_the_body_that_was_hardly_seen() -> None:
    assert lone_face((60, 40, 180, 300)).tolist() == [60, 40, 180, 300]


def test_a_face_does_not_take_a_group_s_box_or_a_far_one_for_its_body() -> None:
    below = lone_face()
    assert below[1] < 50 < 90 < below[3]
    assert np.array_equal(lone_face((10, 40, 200, 300), others=1), below)
    assert np.array_equal(lone_face((400, 40, 600, 300)), below)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_poses_of_others_near_are_known(count: int) -> None:
    """Everybody but the last stands next to the one before."""
    boxes = np.array([(80 * i, 0, 80 * i + 100, 200) for i in range(count)], np.float64).reshape(-1, 4)
    poses = [Pose(np.zeros((33, 3), np.float32), 1, np.zeros(0, np.float32), np.eye(2, 3)) for _ in boxes]
    found = near([None, *poses[1:]], boxes) if count else near([], boxes)
    assert [len(others) for others in found] == [[], [0], [1, 1, 1]][min(count, 2)]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_scores_keep_their_order_and_are_probabilities(scores: list[float]) -> None:
    sure = figure_probabilities(np.sort(scores))
    assert (np.diff(sure) >= 0).all()
    assert ((sure > 0) & (sure < 1)).all()


# Who is in front.


def block(x: int, claims: dict[int, float], face: tuple[int, int] | None = None) -> PartMaps:
    """A body of 80×40 px at `x` of the photo, whose columns are claimed as `claims` says: from which column, how."""
    labels = np.zeros((100, 60), np.uint8)
    labels[10:90, 10:50] = COAT
    person = np.where(labels > 0, np.float32(0.9), np.float32(0))
    claim = person.copy()
    for column, strength in claims.items():
        claim[10:90, 10 + column : 50] = strength
    if face:
        labels[10:20, 10 + face[0] : 10 + face[1]] = FACE
        claim[10:20, 10 + face[0] : 10 + face[1]] = UNDISPUTED
    affine = np.array([[1.0, 0, -x], [0, 1.0, 0]])
    return PartMaps(labels, person, claim, np.full((100, 60), 0.8, np.float32), np.zeros((BAG + 1, 4)), affine)


def test_a_zone_that_two_claim_is_one_s() -> None:
    """The left one claims half of it more strongly, but less of it altogether."""
    left, right = block(0, {0: 0.8, 30: 0.6}), block(20, {0: 0.75})
    composed = place([left, right], np.ones(2), 100, 100, 1.0)
    assert (composed.figures[10:90, 10:30] == 1).all()
    assert (composed.figures[10:90, 30:70] == 2).all()


def test_a_face_shows_even_where_somebody_else_is_in_front() -> None:
    behind, front = block(0, {0: 0.6}, face=(25, 35)), block(20, {0: 0.9})
    composed = place([behind, front], np.ones(2), 100, 100, 1.0)
    assert (composed.figures[12:18, 36:44] == 1).all()
    assert (composed.parts[12:18, 36:44] == FACE).all()
    assert (composed.figures[25:90, 30:70] == 2).all()


def test_the_order_of_figures_does_not_tell_who_is_in_front() -> None:
    people = [block(0, {0: 0.8}), block(20, {0: 0.7}), block(35, {0: 0.9})]
    forth = place(people, np.ones(3), 120, 100, 1.0).figures
    back = place(people[::-1], np.ones(3), 120, 100, 1.0).figures
    assert np.array_equal(forth, np.where(back > 0, 4 - back, 0))


def test_whoever_is_doubted_gives_way() -> None:
    people = [block(0, {0: 0.8}), block(20, {0: 0.75})]
    assert place(people, np.array([1.0, 1.0]), 100, 100, 1.0).figures[50, 40] == 1
    assert place(people, np.array([0.1, 1.0]), 100, 100, 1.0).figures[50, 40] == 2
