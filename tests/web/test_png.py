"""Every decoder reads the pictures that were encoded in pieces."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mien.web.services import png
from mien.web.services.png import encode

GREY = np.array([0, 255], np.uint8)
COLOURS = np.array([(0, 0, 0), (230, 60, 50), (10, 20, 30)], np.uint8)


@given(
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    corners=st.tuples(*[st.floats(0, 1)] * 4),
    colours=st.sampled_from([GREY, COLOURS]),
    seed=st.integers(0, 99),
)
def test_what_is_shown_is_read_again(
    size: tuple[int, int], corners: tuple[float, float, float, float], colours: np.ndarray, seed: int
) -> None:
    (width, height), (x0, x1) = size, sorted(int(size[0] * corner) for corner in corners[:2])
    y0, y1 = sorted(int(height * corner) for corner in corners[2:])
    whole = np.zeros((height, width), np.uint8)
    whole[y0:y1, x0:x1] = np.random.default_rng(seed).integers(0, len(colours), (y1 - y0, x1 - x0))
    data = encode(whole[y0:y1, x0:x1], x0, y0, width, height, colours)
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == ("L" if colours.ndim == 1 else "RGB")
        assert np.array_equal(np.asarray(image), colours[whole])
    by_opencv = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(by_opencv, colours[whole][..., ::-1] if colours.ndim == 2 else colours[whole])


@pytest.mark.parametrize("block", [1, 1000, 1 << 18])
def test_black_is_joined_from_blocks(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(png, "_BLOCK", block)
    monkeypatch.setattr(png, "_BAND", block)
    whole = np.zeros((90, 70), np.uint8)
    whole[40:47, 10:30] = 1
    data = encode(whole[40:47, 10:30], 10, 40, 70, 90, GREY)
    assert np.array_equal(cv2.imdecode(np.frombuffer(data, np.uint8), 0), whole * 255)


def test_a_large_mask_of_little_is_small() -> None:
    data = encode(np.ones((100, 100), np.uint8), 2000, 1500, 4000, 3000, GREY)
    assert len(data) < 30_000
    assert cv2.imdecode(np.frombuffer(data, np.uint8), 0).sum() == 100 * 100 * 255
