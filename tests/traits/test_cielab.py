"""Colours are CIELAB as the CIE defines it, and differences are CIEDE2000."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mien.traits.cielab import ciede2000, difference, hex_colour, srgb_to_lab

# Sharma, Wu, Dalal (2005), table 1: two colours and their ΔE₀₀.
PUBLISHED = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 -1.1848 -84.8006 50 0 -82.7485 1.0000
50 -0.9009 -85.5211 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.49 -0.001 50 -2.49 0.0009 7.1792
50 2.49 -0.001 50 -2.49 0.0010 7.1792
50 2.49 -0.001 50 -2.49 0.0011 7.2195
50 2.49 -0.001 50 -2.49 0.0012 7.2195
50 -0.001 2.49 50 0.0009 -2.49 4.8045
50 -0.001 2.49 50 0.0010 -2.49 4.8045
50 -0.001 2.49 50 0.0011 -2.49 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.9030
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1.0000
50 2.5 0 50 3.2972 0 1.0000
50 2.5 0 50 1.8634 0.5757 1.0000
50 2.5 0 50 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
PAIRS = np.array([[float(value) for value in line.split()] for line in PUBLISHED.strip().splitlines()])

labs = st.tuples(st.floats(0, 100), st.floats(-100, 100), st.floats(-100, 100))


def test_the_published_pairs() -> None:
    assert PAIRS.shape == (34, 7)
    np.testing.assert_allclose(ciede2000(PAIRS[:, :3], PAIRS[:, 3:6]), PAIRS[:, 6], atol=5e-5)


@given(labs, labs, st.sampled_from([1.0, 2.0]))
@example((50.0, 1e-9, 0.0), (50.0, -1e-9, 0.0), 1.0)
def test_a_difference_of_two_is_that_of_arrays(
    one: tuple[float, float, float], other: tuple[float, float, float], factor: float
) -> None:
    by_array = float(ciede2000(one, other, lightness_factor=factor))
    assert difference(one, other, lightness_factor=factor) == pytest.approx(by_array, abs=1e-6)


@given(labs, labs)
def test_a_difference_has_no_direction(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    there, back = float(ciede2000(one, other)), float(ciede2000(other, one))
    assert there >= 0
    assert there == pytest.approx(back, abs=1e-6)
    assert float(ciede2000(one, one)) == 0


def test_textile_weighting_halves_a_pure_difference_of_lightness() -> None:
    plain = float(ciede2000((40, 10, 10), (60, 10, 10)))
    assert float(ciede2000((40, 10, 10), (60, 10, 10), lightness_factor=2)) == pytest.approx(plain / 2)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((255, 255, 255), (100, 0, 0)),
        ((128, 128, 128), (53.585, 0, 0)),
        ((255, 0, 0), (53.241, 80.092, 67.203)),  # Lindbloom's CIE colour calculator
        ((0, 255, 0), (87.735, -86.183, 83.179)),
        ((0, 0, 255), (32.297, 79.188, -107.860)),
    ],
)
def test_srgb_in_cielab(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    np.testing.assert_allclose(srgb_to_lab(np.array(rgb, np.uint8)), lab, atol=0.02)


def test_nothing_in_nothing_out() -> None:
    assert srgb_to_lab(np.zeros((0, 3), np.uint8)).shape == (0, 3)
    assert ciede2000(np.zeros((0, 3)), np.zeros((0, 3))).shape == (0,)


@given(st.tuples(*[st.integers(0, 255)] * 3))
@example((0, 0, 0))
@example((255, 255, 255))
def test_a_colour_on_a_page_is_the_one_that_was_seen(rgb: tuple[int, int, int]) -> None:
    assert hex_colour(srgb_to_lab(rgb).tolist()) == "#{:02x}{:02x}{:02x}".format(*rgb)


@pytest.mark.parametrize(("lab", "shown"), [((150, 0, 0), "#ffffff"), ((-10, 0, 0), "#000000")])
def test_a_colour_beyond_a_screen_is_shown_clipped(lab: tuple[float, float, float], shown: str) -> None:
    assert hex_colour(lab) == shown
