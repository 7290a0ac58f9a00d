"""The shipped networks on a real photo: each finds what is plainly there."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.errors import ModelError
from mien.vision import session
from mien.vision.face_boxes import LEFT_EYE, RIGHT_EYE, FaceBoxes, FaceDetector
from mien.vision.face_mesh import FaceMesher
from mien.vision.face_vector import FaceVectors, align
from mien.vision.geometry import iou, transform
from mien.vision.persons import PersonDetector
from mien.vision.pose import PersonMasks, PoseEstimator, fit

Pixels = NDArray[np.uint8]

WOMAN = np.array([[15, 15, 364, 508]], float)
FACE = np.array([[173, 67, 278, 172]], float)


@pytest.fixture(scope="module")
def face(astronaut: Pixels) -> FaceBoxes:
    return FaceDetector()(astronaut)


def test_one_person_is_found(astronaut: Pixels) -> None:
    found = PersonDetector()(astronaut, threshold=0.4)
    assert len(found.boxes) == 1
    assert iou(found.boxes, WOMAN)[0, 0] > 0.85


@pytest.mark.parametrize("detector", [PersonDetector, FaceDetector])
def test_nothing_is_found_where_nothing_is(detector: type[PersonDetector] | type[FaceDetector]) -> None:
    assert len(detector()(np.full((300, 400, 3), 127, np.uint8)).boxes) == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (2, 3)])
def test_tiny_and_narrow_images_do_no_harm(shape: tuple[int, int]) -> None:
    image = np.zeros((*shape, 3), np.uint8)
    PersonDetector()(image)
    FaceDetector()(image, padding=0.5)
    PoseEstimator()(image, np.array([0.0, 0, shape[1], shape[0]]))


def test_one_face_is_found_with_its_eyes(face: FaceBoxes) -> None:
    assert len(face.boxes) == 1
    assert iou(face.boxes, FACE)[0, 0] > 0.8
    right, left = face.keypoints[0, [RIGHT_EYE, LEFT_EYE]]
    assert right == pytest.approx((202, 103), abs=6)
    assert left == pytest.approx((248, 106), abs=6)


def test_padding_does_not_shift_coordinates(astronaut: Pixels, face: FaceBoxes) -> None:
    padded = FaceDetector()(astronaut, padding=0.25)
    assert iou(padded.boxes, face.boxes)[0, 0] > 0.8


def test_the_mesh_lies_on_the_face(astronaut: Pixels, face: FaceBoxes) -> None:
    mesh = FaceMesher()(astronaut, face.boxes[0], face.keypoints[0])
    assert mesh.presence > 0.9
    assert mesh.points.shape == (468, 3)
    right_eye = mesh.points[[33, 133], :2].mean(0)
    assert right_eye == pytest.approx(face.keypoints[0, RIGHT_EYE], abs=6)


def test_one_face_at_two_sizes_and_mirrored_is_one_identity(astronaut: Pixels) -> None:
    def vector(image: Pixels) -> NDArray[np.float32]:
        found = FaceDetector()(image)
        mesh = FaceMesher()(image, found.boxes[0], found.keypoints[0])
        return FaceVectors()(align(image, mesh.points)[None])[0]

    original = vector(astronaut)
    assert original.shape == (128,)
    half = np.asarray(cv2.resize(astronaut, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    for other in (half, np.ascontiguousarray(astronaut[:, ::-1])):
        assert np.linalg.norm(vector(other) - original) < 0.4


def test_no_chips_no_vectors() -> None:
    assert FaceVectors()(np.zeros((0, 150, 150, 3), np.uint8)).shape == (0, 128)


def test_the_pose_fits_its_box_and_leaves_empty_space_alone(astronaut: Pixels) -> None:
    estimator = PoseEstimator()
    pose = estimator(astronaut, WOMAN[0])
    assert pose.presence > 0.9
    assert fit(pose, WOMAN[0]) > 0.9
    assert pose.landmarks[0, :2] == pytest.approx((228, 125), abs=15)  # nose
    assert pose.landmarks[11, 0] > pose.landmarks[12, 0]  # her left shoulder is on the photo's right
    assert estimator(np.full_like(astronaut, 127), WOMAN[0]).presence < 0.3


def test_the_mask_shows_the_person_of_the_pose(astronaut: Pixels) -> None:
    pose = PoseEstimator()(astronaut, WOMAN[0])
    mask = PersonMasks()(pose)
    assert mask.shape == (256, 256)
    for place, expected in (((228, 125), 1.0), ((430, 200), 0.0)):  # her nose; the shuttle behind her
        x, y = transform(np.array(place, float), pose.affine).astype(int)
        assert mask[y, x] == pytest.approx(expected, abs=0.1)


def test_a_damaged_or_missing_model_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = session.manifest()["pose"]
    monkeypatch.setitem(session.manifest(), "pose", {**entry, "sha256": "0" * 64})
    with pytest.raises(ModelError, match=r"pose\.onnx"):
        session.Network("pose")
    with pytest.raises(ModelError, match=r"nothing\.onnx"):
        session.Network("nothing")
