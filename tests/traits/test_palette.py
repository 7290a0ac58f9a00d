"""A region's palette: few colours, honest shares, and the same for a picture and its mirror image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mien.traits.cielab import ciede2000, srgb_to_lab
from mien.traits.palette import MAX_COLOURS, gather, palette

pixel_lists = hnp.arrays(np.uint8, st.tuples(st.integers(0, 300), st.just(3)))


def striped(*stripes: tuple[tuple[int, int, int], int]) -> np.ndarray:
    return np.concatenate([np.tile(np.array(rgb, np.uint8), (count, 1)) for rgb, count in stripes])


def test_no_pixels_no_colours() -> None:
    assert palette(gather(np.zeros((0, 3), np.uint8))) == []


def test_one_colour_is_given_back() -> None:
    [(lab, share)] = palette(gather(striped(((10, 90, 200), 500))))
    np.testing.assert_allclose(lab, srgb_to_lab((10, 90, 200)), atol=1e-6)
    assert share == pytest.approx(1)


def test_stripes_are_told_apart_with_their_shares() -> None:
    found = palette(gather(striped(((200, 20, 40), 500), ((250, 250, 250), 300), ((20, 20, 90), 200))))
    assert [share for _, share in found] == pytest.approx([0.5, 0.3, 0.2], abs=0.03)
    for (lab, _), rgb in zip(found, [(200, 20, 40), (250, 250, 250), (20, 20, 90)], strict=True):
        assert ciede2000(lab, srgb_to_lab(rgb)) < 1


def test_folds_do_not_make_a_second_colour() -> None:
    light = np.linspace(0.8, 1.0, 400)[:, None]
    assert len(palette(gather((light * [60, 90, 190]).astype(np.uint8)))) == 1


def test_highlights_and_deep_shadows_are_left_out() -> None:
    found = palette(gather(striped(((255, 255, 255), 19), ((120, 30, 60), 962), ((0, 0, 0), 19))))
    assert len(found) == 1
    assert ciede2000(found[0][0], srgb_to_lab((120, 30, 60))) < 1


@given(pixel_lists)
def test_shares_are_sorted_and_sum_to_at_most_one(pixels: np.ndarray) -> None:
    shares = [share for _, share in palette(gather(pixels))]
    assert len(shares) <= MAX_COLOURS
    assert shares == sorted(shares, reverse=True)
    assert all(0 < share <= 1 for share in shares)
    assert sum(shares) <= 1 + 1e-9


@given(pixel_lists, st.randoms(use_true_random=False))
def test_the_order_of_the_pixels_is_no_colour(pixels: np.ndarray, random: object) -> None:
    order = np.random.default_rng(random.getrandbits(32)).permutation(len(pixels))  # type: ignore[attr-defined]
    for (lab, share), (other_lab, other_share) in zip(
        palette(gather(pixels)), palette(gather(pixels[order])), strict=True
    ):
        assert np.array_equal(lab, other_lab)
        assert share == other_share
