"""The appearance vector knows the same clothes again, and leaves out what is not in both pictures."""

import numpy as np
import pytest

from mien.parsing.parse import PART_ID
from mien.traits.appearance import ANCHORS, BLOCK, LENGTH, REGIONS, appearance_distance, appearance_vector, regions_of
from tests.traits.drawing import Drawing, photo_of

RED_AND_BLUE = Drawing()
GREEN_AND_BLACK = Drawing().wear("upper-clothes", (60, 150, 50, 110), (40, 140, 60)).wear(
    "pants", (150, 280, 54, 106), (20, 20, 22)
)  # fmt: skip


def vector(drawing: Drawing, exposure: float = 1.0) -> np.ndarray:
    photo, parse = drawing.draw()
    pixels = np.clip(photo.pixels * exposure, 0, 255).astype(np.uint8)
    return appearance_vector(photo_of(pixels), parse)[0]


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(appearance_distance(one, other))


def test_the_layout() -> None:
    found = vector(RED_AND_BLUE)
    assert found.shape == (LENGTH,) == (128,)
    assert ANCHORS.shape == (29, 3)
    for i in range(len(REGIONS)):
        visibility, block = found[i * BLOCK], found[i * BLOCK + 1 : (i + 1) * BLOCK]
        assert 0 < visibility <= 1
        assert float((block**2).sum()) == pytest.approx(1, abs=1e-5)


def test_the_same_is_at_no_distance() -> None:
    assert distance(vector(RED_AND_BLUE), vector(RED_AND_BLUE)) == 0


@pytest.mark.parametrize("exposure", [0.9, 1.1])
@pytest.mark.parametrize("below", [300, 260, 140])
def test_light_and_crop_matter_less_than_clothes(exposure: float, below: int) -> None:
    same = distance(vector(RED_AND_BLUE), vector(Drawing().cut(below), exposure))
    assert same < 0.5 * distance(vector(RED_AND_BLUE), vector(GREEN_AND_BLACK))


def test_only_what_both_show_is_compared() -> None:
    head = Drawing().cut(55)
    assert distance(vector(head), vector(GREEN_AND_BLACK)) == pytest.approx(0, abs=0.01)
    trousers = Drawing().without("hair", "face", "torso-skin", "upper-clothes", "left-shoe", "right-shoe")
    assert np.isnan(distance(vector(head), vector(trousers)))


def test_a_dress_compares_with_a_top_and_a_skirt_of_its_colour() -> None:
    rgb = (200, 20, 40)
    dress = Drawing().without("upper-clothes", "pants").wear("dress", (60, 230, 50, 110), rgb)
    suit = Drawing().without("pants").wear("skirt", (150, 230, 50, 110), rgb)
    assert distance(vector(dress), vector(suit)) < 0.05


def test_distances_broadcast() -> None:
    vectors = np.stack([vector(RED_AND_BLUE), vector(GREEN_AND_BLACK), np.zeros(LENGTH, np.float32)])
    found = appearance_distance(vectors[:, None], vectors[None])
    assert found.shape == (3, 3)
    assert np.array_equal(found, found.T, equal_nan=True)
    assert np.isnan(found[2]).all()
    assert ((found[:2, :2] >= 0) & (found[:2, :2] <= 1)).all()
    assert appearance_distance(vectors[:0, None], vectors[None]).shape == (0, 3)


def striped(across: bool, strength: int) -> np.ndarray:
    """The vector of somebody whose top has stripes on red."""
    photo, parse = Drawing().draw()
    pixels = photo.pixels.astype(int)
    stripes = strength * (np.indices(pixels.shape[:2])[0 if across else 1] // 6 % 2 * 2 - 1)
    top = parse.mask(0) & (parse.parts == PART_ID["upper-clothes"])
    pixels[top] += stripes[top][:, None]
    return appearance_vector(photo_of(np.clip(pixels, 0, 255).astype(np.uint8)), parse)[0]


def test_the_texture_tells_clothes_of_one_colour_apart() -> None:
    plain, pale, across, down = striped(True, 0), striped(True, 12), striped(True, 60), striped(False, 60)
    assert distance(plain, across) > 1.5 * distance(plain, pale) > 0
    assert distance(across, down) > 0.05
    assert distance(down, striped(False, 55)) < 0.5 * distance(down, across)


def test_of_few_px_nothing_is_said_of_the_texture() -> None:
    textures = regions_of(vector(Drawing().cut(55)))[2]
    assert np.isnan(textures).all()
    assert np.isfinite(regions_of(vector(RED_AND_BLUE))[2][:2]).all()
