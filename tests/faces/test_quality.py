"""Size, sharpness and turn: what they mean, and that they are told right."""

import cv2
import numpy as np
import pytest

from mien.faces.face import Face, FaceQuality
from mien.faces.finder import FaceFinder
from mien.faces.quality import detail_frequency, measure, turn
from tests.faces.scenes import WOMAN, Pixels, parse, photo


def seen(finder: FaceFinder, image: Pixels, *, full_scale: int = 1) -> FaceQuality:
    (face,) = finder.find(photo(image, full_scale=full_scale), parse(image, (0, 0, 1, 1)))
    assert face is not None
    return face.quality


def test_a_sharp_face_that_looks_ahead_is_usable(woman: Face) -> None:
    quality = woman.quality
    assert quality.size == pytest.approx(44, abs=3)
    assert quality.sharpness > 0.6
    assert quality.usable > 0.9
    assert max(abs(quality.yaw), abs(quality.pitch), abs(quality.roll)) < 20


def test_blur_lowers_sharpness_and_use_step_by_step(finder: FaceFinder, astronaut: Pixels) -> None:
    qualities = [seen(finder, np.asarray(cv2.GaussianBlur(astronaut, (0, 0), s), np.uint8)) for s in (0.5, 1, 2, 4)]
    sharpness, usable = [q.sharpness for q in qualities], [q.usable for q in qualities]
    assert sharpness == sorted(sharpness, reverse=True)
    assert usable == sorted(usable, reverse=True)
    assert sharpness[-1] < 0.15
    assert usable[-1] < usable[0] - 0.4


def test_a_small_sharp_face_is_sharp_but_less_usable(finder: FaceFinder, astronaut: Pixels) -> None:
    small = np.asarray(cv2.resize(astronaut, None, fx=0.22, fy=0.22, interpolation=cv2.INTER_AREA), np.uint8)
    quality = seen(finder, small)
    assert quality.sharpness > 0.6
    assert quality.size == pytest.approx(10, abs=1.5)
    assert quality.usable < 0.7


def test_contrast_and_light_do_not_change_sharpness(finder: FaceFinder, astronaut: Pixels, woman: Face) -> None:
    dim = (astronaut.astype(np.float32) * 0.4 + 30).astype(np.uint8)
    assert seen(finder, dim).sharpness == pytest.approx(woman.quality.sharpness, abs=0.12)


def test_size_counts_px_of_the_full_photo(finder: FaceFinder, astronaut: Pixels, woman: Face) -> None:
    (face,) = finder.find(photo(astronaut, full_scale=3), parse(astronaut, WOMAN))
    assert face is not None
    assert face.quality.size == pytest.approx(3 * woman.quality.size)
    assert face.quality.usable == pytest.approx(woman.quality.usable), "the vector saw the small pixels"


def test_mirroring_flips_yaw_and_roll(finder: FaceFinder, astronaut: Pixels, woman: Face) -> None:
    mirrored = seen(finder, np.ascontiguousarray(astronaut[:, ::-1]))
    assert mirrored.yaw == pytest.approx(-woman.quality.yaw, abs=4)
    assert mirrored.pitch == pytest.approx(woman.quality.pitch, abs=4)
    assert mirrored.roll == pytest.approx(-woman.quality.roll, abs=4)


@pytest.mark.parametrize("degrees", [-20, 20])
def test_leaning_to_the_photos_right_is_positive_roll(
    finder: FaceFinder, astronaut: Pixels, woman: Face, degrees: float
) -> None:
    affine = cv2.getRotationMatrix2D((256, 256), -degrees, 1.0)  # OpenCV counts the other way round
    leaning = seen(finder, np.asarray(cv2.warpAffine(astronaut, affine, (512, 512)), np.uint8))
    assert leaning.roll == pytest.approx(woman.quality.roll + degrees, abs=5)


def head(yaw: float = 0, pitch: float = 0, roll: float = 0) -> np.ndarray:
    """Mesh points of a plain head that turns by these degrees; only the points that tell the turn are set."""
    points = np.zeros((468, 3))
    for left, right, x, y in ((454, 234, 60, 0), (263, 33, 40, -20), (291, 61, 20, 40)):
        points[[left, right]] = (x, y, 0), (-x, y, 0)
    points[[10, 152]] = (0, -80, 0), (0, 80, 0)
    a, b, c = np.deg2rad((yaw, pitch, roll))
    across = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    nod = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    lean = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return points @ (lean @ across @ nod).T


@pytest.mark.parametrize(("yaw", "pitch", "roll"), [(0, 0, 0), (30, 0, 0), (-50, 0, 0), (0, 25, 0), (0, 0, 40)])
def test_turns_of_a_plain_head(yaw: float, pitch: float, roll: float) -> None:
    neutral = turn(head())[1]
    found = turn(head(yaw, pitch, roll))
    assert found[0] == pytest.approx(yaw, abs=1)
    assert found[1] - neutral == pytest.approx(pitch, abs=1)
    assert found[2] == pytest.approx(roll, abs=1)


def test_a_head_that_turns_right_points_its_nose_there() -> None:
    """The sign, without trigonometry: the face's right half (photo left) comes nearer (z smaller)."""
    points = head(yaw=30)
    assert points[33, 2] < points[263, 2]


def test_profiles_are_of_no_use_even_if_sharp(astronaut: Pixels) -> None:
    chip = np.ascontiguousarray(astronaut[:150, :150])
    ahead, profile = (measure(head(yaw), chip) for yaw in (0, 80))
    assert ahead.usable > 0
    assert profile.usable == 0


def test_an_empty_chip_has_no_detail() -> None:
    assert detail_frequency(np.full((150, 150, 3), 90, np.uint8), 1.0) == 0
