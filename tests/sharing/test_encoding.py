"""A copy's file holds its pixels and nothing else."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from mien.photo.containers import dissect
from mien.photo.reading import read_photo
from mien.sharing.encoding import FORMATS, Format, encoded, format_of, holding, preview
from tests.photo.heic import heic
from tests.photo.pictures import encoded as written
from tests.photo.pictures import exif, with_jpeg_segment

SECRET = b"Mien-Secret-Name"


def laden(pixels: NDArray[np.uint8]) -> bytes:
    """A JPEG with a camera, a place, a time, a caption, IPTC, XMP, a thumbnail, a profile and a comment."""
    block = exif(
        {0x010E: SECRET.decode(), 0x013B: SECRET.decode(), 0x0112: 6},
        {0x9003: "2024:05:01 10:15:30"},
        {1: "N", 2: (48.0, 8.0, 0.0), 3: "E", 4: (11.0, 34.0, 0.0)},
    )
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = written(pixels, "JPEG", exif=block, icc_profile=profile, comment=SECRET)
    data = with_jpeg_segment(data, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + SECRET + b"</x>")
    data = with_jpeg_segment(data, 0xED, b"Photoshop 3.0\0" + SECRET)
    return data + written(pixels[::8, ::8], "JPEG", comment=SECRET)  # as phones append a picture


@pytest.mark.parametrize("file_format", FORMATS)
def test_nothing_of_a_laden_photo_is_left(file_format: Format, astronaut: NDArray[np.uint8]) -> None:
    data = laden(astronaut)
    assert data.count(SECRET) >= 5
    photo = read_photo(data, long_side=None)
    assert photo.metadata.place is not None
    copy = encoded(photo.pixels, file_format)
    assert SECRET not in copy
    anatomy, image = dissect(copy), Image.open(io.BytesIO(copy))
    again = read_photo(copy)
    assert [anatomy.exif, anatomy.xmp, anatomy.iptc, dict(anatomy.texts)] == [b"", b"", b"", {}]
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not image.getexif()
    metadata = again.metadata
    assert (metadata.place, metadata.taken, metadata.camera, metadata.orientation) == (None, None, None, 1)
    assert (metadata.width, metadata.height) == (photo.metadata.width, photo.metadata.height)


def test_png_keeps_every_pixel(astronaut: NDArray[np.uint8]) -> None:
    assert (np.asarray(Image.open(io.BytesIO(encoded(astronaut, "png")))) == astronaut).all()


def test_a_heic_becomes_a_jpeg_without_its_metadata(astronaut: NDArray[np.uint8]) -> None:
    photo = read_photo(heic(np.ascontiguousarray(astronaut[:64, :96])), long_side=None)
    assert format_of(photo.metadata.format) == "jpeg"
    assert encoded(photo.pixels, "jpeg").startswith(b"\xff\xd8\xff\xe0")


@pytest.mark.parametrize(("original", "wanted"), [("JPEG", "jpeg"), ("PNG", "png"), ("HEIF", "jpeg"), ("RAW", "jpeg")])
def test_what_was_kept_without_loss_stays_so(original: str, wanted: str) -> None:
    assert format_of(original) == wanted


@pytest.mark.parametrize("shape", [(3, 65_501), (65_501, 3), (4, 4)])
@pytest.mark.parametrize("wanted", FORMATS)
def test_a_picture_that_is_too_long_for_a_jpeg_is_a_png(wanted: Format, shape: tuple[int, int]) -> None:
    pixels = np.zeros((*shape, 3), np.uint8)
    chosen = holding(pixels, wanted)
    assert chosen == ("jpeg" if wanted == "jpeg" and max(shape) < 100 else "png")
    assert Image.open(io.BytesIO(encoded(pixels, chosen))).size == shape[::-1]


def test_a_preview_is_small_and_marks_what_is_hidden() -> None:
    pixels, hidden = np.full((900, 1200, 3), 80, np.uint8), np.zeros((900, 1200), bool)
    hidden[300:600, 300:600] = True
    shown = np.asarray(Image.open(io.BytesIO(preview(pixels, hidden, 400))))
    assert shown.shape == (300, 400, 3)
    assert shown[150, 100, 0] > 150 > shown[150, 300, 0]
