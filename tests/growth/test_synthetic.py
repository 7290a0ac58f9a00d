"""The proof: on a synthetic camera, errors are as small, and as honest, as `docs/growth.md` says."""

import pytest

from tests.growth.synthetic import SCENES, of_curves, of_points


@pytest.mark.parametrize("scene", SCENES)
def test_a_height_beside_adults_is_as_good_as_it_says(scene: str) -> None:
    median, _, held = of_points(1000, 7, **SCENES[scene])
    assert median <= (0.035 if scene.startswith("one adult, 1 m") else 0.03)
    assert 0.85 <= held <= 0.95


@pytest.mark.parametrize(("photos", "measured"), [(6, 0), (20, 0), (20, 3)])
def test_the_band_of_a_curve_holds_the_truth_as_often_as_it_says(photos: int, measured: int) -> None:
    median, held, _ = of_curves(60, 11, photos, measured)
    assert median <= 0.02
    assert 0.85 <= held <= 0.95
