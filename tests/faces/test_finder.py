"""A face is found however it is shown, belongs to one figure, and keeps its identity."""

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mien.faces.face import Face
from mien.faces.finder import FaceFinder
from mien.parsing.parse import LANDMARKS, Parse
from mien.vision.geometry import iou
from tests.faces.scenes import FACE, WOMAN, Box, Pixels, parse, photo

WHOLE: Box = (0, 0, 1, 1)
LEFT: Box = (0, 0, 0.5, 1)
RIGHT: Box = (0.5, 0, 1, 1)


def overlap(box: np.ndarray, other: Box) -> float:
    return float(iou(np.asarray(box)[None], np.array([other]))[0, 0])


def distance(a: Face | None, b: Face | None) -> float:
    assert a is not None
    assert b is not None
    return float(np.linalg.norm(a.vector - b.vector))


def turned(image: Pixels, degrees: float) -> Pixels:
    """The image turned clockwise, on a canvas of its own size."""
    height, width = image.shape[:2]
    affine = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return np.asarray(cv2.warpAffine(image, affine, (width, height)), np.uint8)


def scaled(image: Pixels, factor: float) -> Pixels:
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def cut(image: Pixels, box: Box) -> Pixels:
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (round(share * side) for share, side in zip(box, (width, height) * 2, strict=True))
    return np.ascontiguousarray(image[y0:y1, x0:x1])


def test_a_face_and_all_that_is_told_of_it(woman: Face) -> None:
    assert overlap(woman.box, FACE) > 0.7
    assert woman.score > 0.7
    assert woman.landmarks.shape == (468, 2)
    assert ((woman.landmarks >= woman.box[:2] - 1e-6) & (woman.landmarks <= woman.box[2:] + 1e-6)).all()
    for eye in woman.eyes:
        assert (eye[:2] > woman.box[:2]).all()
        assert (eye[2:] < woman.box[2:]).all()
    left, right = woman.eyes[:, [0, 2]].mean(1)
    assert left > right, "the person's left eye is on the photo's right"
    assert woman.vector.shape == (128,)
    arrays = (woman.box, woman.landmarks, woman.eyes, woman.ears, woman.vector)
    assert all(array.dtype == np.float32 for array in arrays)


SHOWN = {
    "mirrored": lambda image: image[:, ::-1],
    "leaning left": lambda image: turned(image, -20),
    "leaning right": lambda image: turned(image, 20),
    "a quarter of the size": lambda image: scaled(image, 0.25),
    "half the size": lambda image: scaled(image, 0.5),
    "twice the size": lambda image: scaled(image, 2),
    "with a wide border": lambda image: np.pad(image, ((256, 256), (256, 256), (0, 0))),
    "cut to the head": lambda image: cut(image, (0.28, 0.02, 0.6, 0.4)),
    "cut to the face": lambda image: cut(image, FACE),
    "cut into the face": lambda image: cut(image, (0.36, 0.14, 0.52, 0.33)),
    "grey": lambda image: np.repeat(image.mean(2, keepdims=True), 3, 2).astype(np.uint8),
    "dark": lambda image: image // 3,
}


@pytest.mark.parametrize("how", SHOWN)
def test_a_face_is_found_and_known_however_it_is_shown(
    finder: FaceFinder, astronaut: Pixels, woman: Face, how: str
) -> None:
    image = SHOWN[how](astronaut)
    (face,) = finder.find(photo(image), parse(image, WHOLE))
    assert distance(face, woman) < 0.45


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_pose_that_lies_shows_which_way_the_face_is_up(
    finder: FaceFinder, astronaut: Pixels, woman: Face, quarters: int
) -> None:
    image = np.ascontiguousarray(np.rot90(astronaut, -quarters))  # clockwise
    pose = np.ones((1, LANDMARKS, 3), np.float32)
    face = {2: (0.46, 0.22), 5: (0.4, 0.22), 9: (0.46, 0.29), 10: (0.4, 0.29)}
    for landmark in range(LANDMARKS):
        x, y = face.get(landmark, (0.43, 0.25))
        for _ in range(quarters):
            x, y = 1 - y, x
        pose[0, landmark, :2] = x, y
    (found,) = finder.find(photo(image), parse(image, WHOLE, poses=pose))
    assert distance(found, woman) < 0.45
    assert found is not None
    assert abs((found.quality.roll - 90 * quarters + 180) % 360 - 180) < 15


def test_a_pose_that_is_upside_down_by_mistake_does_no_harm(finder: FaceFinder, astronaut: Pixels, woman: Face) -> None:
    pose = np.ones((1, LANDMARKS, 3), np.float32)
    pose[0, :, :2] = 0.43, 0.25
    pose[0, [2, 5], 1] = 0.9
    (found,) = finder.find(photo(astronaut), parse(astronaut, WHOLE, poses=pose))
    assert distance(found, woman) < 0.3


def test_no_figures_no_faces(finder: FaceFinder, astronaut: Pixels) -> None:
    assert finder.find(photo(astronaut), Parse.empty(512, 512)) == ()


NO_FACE = {
    "a figure of nothing": (np.full((300, 200, 3), 127, np.uint8), WHOLE),
    "a tiny photo": (np.zeros((1, 1, 3), np.uint8), WHOLE),
    "a narrow photo": (np.zeros((1, 900, 3), np.uint8), WHOLE),
    "a box without extent": (np.zeros((90, 90, 3), np.uint8), (0.5, 0.5, 0.5, 0.5)),
}


@pytest.mark.parametrize("case", NO_FACE)
def test_what_shows_no_face_has_none(finder: FaceFinder, case: str) -> None:
    pixels, box = NO_FACE[case]
    assert finder.find(photo(pixels), parse(pixels, box)) == (None,)


def test_a_figure_without_a_head_has_no_face(finder: FaceFinder, astronaut: Pixels) -> None:
    legs = (0.05, 0.55, 0.7, 1.0)
    assert finder.find(photo(astronaut), parse(astronaut, legs)) == (None,)


def test_nobodys_face_is_given_to_nobody(finder: FaceFinder, astronaut: Pixels) -> None:
    """Her head lies in the window where the neighbour's is looked for, but not in the neighbour's mask."""
    neighbour = (0.55, 0.1, 0.95, 0.99)
    assert finder.find(photo(astronaut), parse(astronaut, neighbour)) == (None,)


def test_side_by_side_each_figure_has_its_own_face(finder: FaceFinder, astronaut: Pixels, woman: Face) -> None:
    twice = np.hstack([astronaut, astronaut[:, ::-1]])
    for boxes in ((LEFT, RIGHT), (RIGHT, LEFT)):
        faces = finder.find(photo(twice), parse(twice, *boxes))
        for face, box in zip(faces, boxes, strict=True):
            assert face is not None
            assert box[0] <= face.box[0] < face.box[2] <= box[2]
            assert distance(face, woman) < 0.1


def test_one_face_in_two_boxes_goes_to_the_figure_whose_mask_it_is(finder: FaceFinder, astronaut: Pixels) -> None:
    behind = (0.0, 0.0, 1.0, 0.45)
    masks = ((0.0, 0.0, 0.3, 0.45), WOMAN)
    first, second = finder.find(photo(astronaut), parse(astronaut, behind, WOMAN, masks=masks))
    assert first is None
    assert second is not None


def test_one_face_in_one_mask_goes_to_the_figure_whose_pose_has_its_head_there(
    finder: FaceFinder, astronaut: Pixels
) -> None:
    """The masks split the face in halves: the pose decides."""
    poses = np.full((2, LANDMARKS, 3), np.nan, np.float32)
    poses[1] = 1.0
    poses[1, :, :2] = 0.44, 0.24
    split = parse(astronaut, WHOLE, WHOLE, masks=((0, 0, 0.44, 1), (0.44, 0, 1, 1)), poses=poses)
    first, second = finder.find(photo(astronaut), split)
    assert first is None
    assert second is not None


def test_labels_of_the_head_tell_where_to_look(finder: FaceFinder, astronaut: Pixels, woman: Face) -> None:
    """A small figure in a large photo, whose box says little: the face is found where its label is."""
    canvas = np.full((1600, 2000, 3), 200, np.uint8)
    canvas[1400:1528, 1700:1828] = scaled(astronaut, 0.25)
    head = (0.85 + 0.34 * 0.064, 0.875 + 0.11 * 0.08, 0.85 + 0.54 * 0.064, 0.875 + 0.35 * 0.08)
    (face,) = finder.find(photo(canvas), parse(canvas, WHOLE, labels=((0, "face", head),)))
    assert distance(face, woman) < 0.45


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    corner=st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)),
    size=st.floats(0.3, 0.6),
    figures=st.lists(st.tuples(*[st.floats(0, 0.5)] * 2, *[st.floats(0.5, 1)] * 2), max_size=3),
)
def test_faces_lie_in_the_photo_and_belong_to_one_figure_each(
    finder: FaceFinder,
    astronaut: Pixels,
    corner: tuple[float, float],
    size: float,
    figures: list[Box],
) -> None:
    image = cut(astronaut, (*corner, corner[0] + size, corner[1] + size))
    faces = finder.find(photo(image), parse(image, *figures))
    assert len(faces) == len(figures)
    found = [face for face in faces if face is not None]
    for face in found:
        for boxes in (face.box[None], face.eyes, face.ears):
            known = boxes[np.isfinite(boxes).all(1)]
            assert ((known >= 0) & (known <= 1)).all()
            assert (known[:, 2:] > known[:, :2]).all()
        assert np.isfinite(face.box).all()
        assert np.isfinite(face.vector).all()
        for value in (face.score, face.quality.usable, face.quality.sharpness):
            assert 0 <= value <= 1
    for i, face in enumerate(found):
        for other in found[:i]:
            assert overlap(face.box, tuple(other.box)) < 0.6


def test_the_fingerprint_is_stable(finder: FaceFinder) -> None:
    assert finder.fingerprint == FaceFinder().fingerprint
    assert finder.fingerprint.startswith("faces-")
