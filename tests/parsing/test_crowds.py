"""People close together: what the lite engine's steps promise, without photos or networks."""

import numpy as np
import pytest

from mien.parsing.lite.reaching import COVERED, reach
from mien.parsing.parse import BAG, PART_ID

COAT = PART_ID["coat"]


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
