"""Boxes, crops and their coordinates."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.vision.geometry import (
    Pyramid,
    areas,
    compose,
    crop,
    invert,
    iou,
    letterbox,
    square_crop,
    suppress,
    transform,
)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0, 0, 2, 2], [0, 0, 2, 2], 1.0),
        ([0, 0, 2, 2], [1, 0, 3, 2], 1 / 3),
        ([0, 0, 2, 2], [2, 2, 3, 3], 0.0),
        ([0, 0, 0, 0], [0, 0, 0, 0], 0.0),
        ([0, 0, 4, 4], [1, 1, 2, 2], 1 / 16),
    ],
)
def test_iou(a: list[float], b: list[float], expected: float) -> None:
    assert iou(np.array([a], float), np.array([b], float))[0, 0] == pytest.approx(expected)


def test_no_boxes() -> None:
    none = np.zeros((0, 4))
    assert iou(none, none).shape == (0, 0)
    assert areas(none).shape == (0,)
    assert suppress(none, np.zeros(0), 0.5).shape == (0,)


def test_suppress_keeps_the_better_of_two_and_everything_apart() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]], float)
    assert suppress(boxes, np.array([0.5, 0.9, 0.1]), 0.5).tolist() == [1, 2]


finite = st.floats(-500, 500, allow_nan=False)


@given(st.tuples(finite, finite), st.floats(5, 900), st.floats(-3.2, 3.2), st.tuples(finite, finite))
def test_a_square_crop_can_be_undone(
    centre: tuple[float, float], side: float, rotation: float, point: tuple[float, float]
) -> None:
    affine = square_crop(np.array(centre), side, 256, rotation)
    assert transform(np.array(centre), affine) == pytest.approx([128, 128], abs=1e-6)
    assert transform(transform(np.array(point), affine), invert(affine)) == pytest.approx(point, abs=1e-6)
    assert compose(invert(affine), affine) == pytest.approx(np.eye(2, 3), abs=1e-6)


def test_a_leaning_body_stands_upright_in_its_crop() -> None:
    hips, head = np.array([100.0, 100.0]), np.array([160.0, 40.0])  # leans to the right by 45°
    affine = square_crop(hips, 200, 256, rotation=np.pi / 4)
    x, y = transform(head, affine)
    assert x == pytest.approx(128)
    assert y < 128


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (10, 4000), (416, 416)])
def test_letterbox_keeps_the_whole_photo_inside(width: int, height: int) -> None:
    corners = transform(np.array([[0, 0], [width, height]], float), letterbox(width, height, (416, 416)))
    assert corners.min() >= -1e-9
    assert corners.max() <= 416 + 1e-9
    assert (corners[0] + corners[1]) / 2 == pytest.approx([208, 208])


@pytest.mark.parametrize("scale", [0.07, 0.3, 0.8, 1.0, 2.5])
def test_crop_puts_things_where_its_map_says(scale: float) -> None:
    image = np.zeros((600, 800, 3), np.uint8)
    cv2.circle(image, (500, 200), 60, (255, 255, 255), -1)
    affine = np.array([[scale, 0, 20 - scale * 300], [0, scale, 10 - scale * 50]])
    size = (int(600 * scale) + 40, int(500 * scale) + 40)
    ys, xs = np.nonzero(crop(image, affine, size)[:, :, 0] > 127)
    expected = transform(np.array([500.0, 200.0]), affine)
    assert [xs.mean(), ys.mean()] == pytest.approx(expected, abs=max(0.5, scale))
    assert len(xs) == pytest.approx(np.pi * (60 * scale) ** 2, rel=0.15)


def test_crop_outside_the_photo_is_fill() -> None:
    image = np.full((20, 20, 3), 255, np.uint8)
    assert np.all(crop(image, np.array([[1.0, 0, 500], [0, 1.0, 0]]), (8, 8), fill=(1, 2, 3)) == (1, 2, 3))


def test_crop_does_not_alias_when_it_shrinks() -> None:
    checks = (np.indices((1000, 1000)).sum(0) % 2 * 255).astype(np.uint8)
    small = crop(np.repeat(checks[:, :, None], 3, 2), np.array([[0.1, 0, 0], [0, 0.1, 0]]), (100, 100))
    assert np.abs(small[2:-2, 2:-2].astype(int) - 127).max() < 12


@pytest.mark.parametrize("shape", [(600, 800), (601, 799), (1, 900), (900, 1), (1, 1)])
@pytest.mark.parametrize("scale", [0.004, 0.2, 0.5, 1.5])
def test_a_pyramid_gives_the_crops_of_its_image(shape: tuple[int, int], scale: float) -> None:
    image = np.random.default_rng(0).integers(0, 255, (*shape, 3), np.uint8)
    pyramid = Pyramid(image)
    assert pyramid.shape == image.shape
    pyramid.level(12)
    affine = np.array([[scale, 0, 3.0], [0, scale, -2.0]])
    assert np.array_equal(crop(pyramid, affine, (50, 40)), crop(image, affine, (50, 40)))


def test_a_third_of_an_image_is_made_in_parts_until_they_cost_as_much_as_all_of_it() -> None:
    image = np.random.default_rng(0).integers(0, 255, (601, 799, 3), np.uint8)
    pyramid, whole = Pyramid(image), Pyramid(image)
    whole.level(3)
    for x in range(-60, 800, 40):
        affine = np.array([[0.3, 0, -0.3 * x], [0, 0.3, -20.0]])
        assert np.array_equal(crop(pyramid, affine, (50, 40)), crop(whole, affine, (50, 40)))
    assert pyramid.level(3) is pyramid.level(3)
