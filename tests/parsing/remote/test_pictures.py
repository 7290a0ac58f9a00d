"""Pictures on their way: nothing is lost, and nothing but pictures is taken."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image, features

from mien.errors import UnreadablePhoto
from mien.parsing.remote import pictures
from mien.parsing.remote.pictures import pack, unpack

SIDES = st.integers(1, 40)


@settings(max_examples=60, deadline=None)
@given(st.tuples(SIDES, SIDES).flatmap(lambda size: arrays(np.uint8, (*size, 3))))
def test_every_pixel_arrives(pixels: NDArray[np.uint8]) -> None:
    assert np.array_equal(unpack(pack(pixels)), pixels)


@pytest.mark.parametrize("has_webp", [True, False])
def test_a_photo_arrives_as_it_is_and_small(
    has_webp: bool, astronaut: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "check", lambda _: has_webp)
    packed = pack(astronaut)
    assert np.array_equal(unpack(packed), astronaut)
    assert len(packed) < 0.65 * astronaut.size


def test_a_side_that_webp_has_no_room_for() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (2, 17000, 3), np.uint8)
    assert np.array_equal(unpack(pack(pixels)), pixels)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


GREY, COLOURS = Image.new("L", (8, 8)), Image.new("RGB", (8, 8), "red")
JUNK = {
    "empty": b"",
    "text": b"a letter to a friend",
    "cut off": encoded(Image.effect_noise((99, 99), 80).convert("RGB"), "PNG")[:3000],
    "jpeg": encoded(COLOURS, "JPEG"),
    "grey": encoded(GREY, "PNG"),
    "transparent": encoded(Image.new("RGBA", (8, 8)), "WEBP", lossless=True),
    "animated": encoded(COLOURS, "WEBP", save_all=True, append_images=[Image.new("RGB", (8, 8), "blue")]),
    "many pixels": encoded(Image.new("RGB", (4097, 4096)), "PNG"),
}


@pytest.mark.parametrize("what", JUNK)
def test_nothing_else_is_a_picture(what: str) -> None:
    with pytest.raises(UnreadablePhoto):
        unpack(JUNK[what])


def test_metadata_do_not_go_along() -> None:
    """There is nowhere to put them: what is packed are pixels."""
    with Image.open(io.BytesIO(pack(np.zeros((4, 4, 3), np.uint8)))) as image:
        assert not set(image.info) & {"exif", "xmp", "icc_profile"}


def test_the_largest_picture_fits_the_limit() -> None:
    assert pictures.MAX_PIXELS >= 2048**2
