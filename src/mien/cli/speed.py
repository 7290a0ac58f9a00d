"""How fast the networks run on this computer."""

import time
from collections.abc import Callable

import numpy as np

from mien.parsing.lite.network import PartNetwork
from mien.vision.face_boxes import FaceDetector
from mien.vision.face_mesh import FaceMesher
from mien.vision.face_vector import CHIP, FaceVectors
from mien.vision.persons import PersonDetector
from mien.vision.pose import PoseEstimator

ROUNDS = 5


def measure() -> dict[str, float]:
    """Milliseconds of one core: for looking at any photo, and for each person and face in it."""
    image = np.random.default_rng(0).integers(0, 255, (768, 1024, 3), np.uint8)
    box = np.array([300.0, 50, 700, 750])
    keypoints = np.array([[450.0, 200], [550, 200], [500, 250], [500, 300], [400, 220], [600, 220]])
    persons, faces = PersonDetector(), FaceDetector()
    poses, parts = PoseEstimator(), PartNetwork()
    mesher, vectors = FaceMesher(), FaceVectors()
    chips = np.zeros((1, CHIP, CHIP, 3), np.uint8)
    return {
        "ms_per_photo": _milliseconds(lambda: (persons(image), faces(image))),
        "ms_per_person": _milliseconds(lambda: parts(image, box, poses(image, box))),
        "ms_per_face": _milliseconds(lambda: (mesher(image, box, keypoints), vectors(chips))),
    }


def _milliseconds(work: Callable[[], object]) -> float:
    """The median of some rounds after one that does not count."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return round(sorted(times)[ROUNDS // 2] * 1000, 1)
