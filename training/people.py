"""The labelled people that training and validation work on."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.skeleton import HIPS, SHOULDERS
from mien.parsing.parse import BAG, PART_ID
from training.labels import IGNORED

_PAIRS = (("left-arm", "right-arm"), ("left-leg", "right-leg"), ("left-shoe", "right-shoe"))

MIRRORED_LABEL = np.arange(256, dtype=np.uint8)
"""What each label is called in a mirror image."""
for _left, _right in _PAIRS:
    MIRRORED_LABEL[PART_ID[_left]], MIRRORED_LABEL[PART_ID[_right]] = PART_ID[_right], PART_ID[_left]

MIRRORED_LANDMARK = np.array([0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, *(i + 1 if i % 2 else i - 1 for i in range(11, 33))])
"""Which of BlazePose's landmarks takes the place of each in a mirror image."""

TORSO_OF_BODY = 0.18  # least length of a torso over the body's height


@dataclass(frozen=True, eq=False)
class Person:
    """One labelled person.

    Attributes:
        name: of the photo.
        photo: uint8 (h, w, 3), RGB.
        labels: uint8 (h, w); 0–20 and `IGNORED`.
        half_photo, half_labels: the same at half the size, for crops that shrink by more.
        mask: uint8 (h, w); the pose's person mask × 255.
        landmarks: float32 (33, 3); x, y in px, visibility 0–1.
        box: float64 (4,) px; around person and clothes.
    """

    name: str
    photo: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    half_photo: NDArray[np.uint8]
    half_labels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    box: NDArray[np.float64]

    @property
    def shoulders(self) -> NDArray[np.float64]:
        """The point between the shoulders, (2,) px."""
        return np.asarray(self.landmarks[list(SHOULDERS), :2].astype(np.float64).mean(0))

    @property
    def torso(self) -> float:
        """Length of the torso, px; poses from the side look shorter than anybody is."""
        hips = self.landmarks[list(HIPS), :2].astype(np.float64).mean(0)
        return max(float(np.linalg.norm(self.shoulders - hips)), TORSO_OF_BODY * float(self.box[3] - self.box[1]))


def load_people(folder: Path) -> list[Person]:
    """What `prepare` wrote for one split, by name."""
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise FileNotFoundError(f"{folder}: no prepared people; run `python -m training prepare` first")
    return [load_person(file) for file in files]


def load_person(file: Path) -> Person:
    with np.load(file) as record:
        photo = np.ascontiguousarray(cv2.imdecode(record["photo"], cv2.IMREAD_COLOR)[:, :, ::-1])
        labels = cv2.imdecode(record["labels"], cv2.IMREAD_GRAYSCALE)
        height, width = labels.shape
        half = (width // 2, height // 2)
        return Person(
            name=file.stem,
            photo=photo,
            labels=labels,
            half_photo=cv2.resize(photo, half, interpolation=cv2.INTER_AREA),
            half_labels=cv2.resize(labels, half, interpolation=cv2.INTER_NEAREST),
            mask=cv2.imdecode(record["mask"], cv2.IMREAD_GRAYSCALE),
            landmarks=record["landmarks"],
            box=record["box"],
        )


def label_counts(people: list[Person]) -> NDArray[np.int64]:
    """How many px of each label every person shows: int64 (n, 21)."""
    counts = [np.bincount(person.labels.ravel(), minlength=IGNORED + 1)[: BAG + 1] for person in people]
    return np.array(counts, np.int64).reshape(-1, BAG + 1)


def extent(shown: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The box (4,), px, around all that is shown, which must be something."""
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float64)
