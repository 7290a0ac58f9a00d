"""What the network is given: the published pipeline's numbers."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.parsing.m2fp.preprocessing import DEVIATION, MEAN, input_size, prepare


@pytest.mark.parametrize(
    ("photo", "fitted"),
    [
        ((853, 640), (853, 640)),
        ((640, 853), (640, 853)),
        ((512, 512), (640, 640)),
        ((4000, 3000), (853, 640)),  # 853.33
        ((3000, 4000), (640, 853)),
        ((6000, 4000), (960, 640)),
        ((799, 600), (852, 640)),  # 852.27
        ((1001, 750), (854, 640)),  # 854.19
        ((1600, 640), (1333, 533)),  # 533.2: the longer side has its limit
        ((640, 1600), (533, 1333)),
        ((10, 3000), (4, 1333)),  # 4.44
        ((3000, 1), (1333, 1)),  # where the published pipeline would end with an error
        ((1, 1), (640, 640)),
    ],
)
def test_photos_are_fitted_as_published(photo: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert input_size(*photo) == fitted


def test_pixels_are_resized_normalised_and_then_padded(astronaut: NDArray[np.uint8]) -> None:
    photo = np.ascontiguousarray(astronaut[:300, :405])
    batch, size = prepare(photo)
    assert size == (864, 640)
    assert (batch.dtype, batch.shape) == (np.float32, (1, 3, 640, 864))
    resized = np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BILINEAR))
    for x, y in ((0, 0), (863, 639), (400, 300)):
        assert batch[0, :, y, x] * DEVIATION + MEAN == pytest.approx(resized[y, x].astype(float), abs=1e-3)


@pytest.mark.parametrize(("width", "height"), [(850, 640), (100, 77), (30, 1000)])
def test_padding_is_zero_and_reaches_multiples_of_32(width: int, height: int) -> None:
    batch, (inner_width, inner_height) = prepare(np.full((height, width, 3), 255, np.uint8))
    assert batch.shape[2] % 32 == batch.shape[3] % 32 == 0
    assert batch.shape[2] - inner_height < 32
    assert batch.shape[3] - inner_width < 32
    assert (batch[:, :, inner_height:] == 0).all()
    assert (batch[:, :, :, inner_width:] == 0).all()
    assert (batch[:, :, :inner_height, :inner_width] > 2).all()
