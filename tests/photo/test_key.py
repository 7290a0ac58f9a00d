"""The key: metadata may come and go, the picture may not."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from mien.photo.key import photo_key
from mien.photo.reading import read_photo
from tests.photo.pictures import corners, encoded, exif, png_chunk, with_jpeg_segment, with_png_chunks

FORMATS = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"]
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmp:Rating="5"/>'


@pytest.mark.parametrize("file_format", FORMATS)
@settings(max_examples=20, deadline=None)
@given(
    maker=st.text(st.characters(codec="ascii", min_codepoint=32), max_size=20),
    time=st.none() | st.datetimes(),
    latitude=st.none() | st.floats(0, 90),
    with_xmp=st.booleans(),
)
def test_rewritten_metadata_keep_the_key(
    file_format: str, maker: str, time: object, latitude: float | None, with_xmp: bool
) -> None:
    photo = {} if time is None else {0x9003: f"{time:%Y:%m:%d %H:%M:%S}"}
    gps = {} if latitude is None else {1: "N", 2: (latitude, 0.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0)}
    options: dict[str, object] = {"exif": exif({0x010F: maker}, photo, gps)}
    if with_xmp and file_format == "TIFF":
        options["tiffinfo"] = {700: XMP}
        del options["exif"]
    elif with_xmp and file_format == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP.decode())
    elif with_xmp:
        options["xmp"] = XMP
    plain, described = encoded(corners(), file_format), encoded(corners(), file_format, **options)
    assert plain != described
    assert photo_key(plain) == photo_key(described)


@pytest.mark.parametrize("file_format", [*FORMATS, "GIF", "JPEG2000", "BMP", "PSD"][:-1])
@settings(max_examples=20, deadline=None)
@given(x=st.integers(0, 7), y=st.integers(0, 7), value=st.integers(1, 255))
def test_other_pixels_are_another_photo(file_format: str, x: int, y: int, value: int) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    changed = pixels.copy()
    changed[8 * y : 8 * y + 8, 8 * x : 8 * x + 8] = max(value, 40)
    assert photo_key(encoded(pixels, file_format)) != photo_key(encoded(changed, file_format))


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_turned_photo_is_another_one(file_format: str) -> None:
    keys = [photo_key(encoded(corners(), file_format, exif=exif({0x0112: turn}))) for turn in range(1, 9)]
    assert len(set(keys)) == 8
    assert photo_key(encoded(corners(), file_format)) == keys[0]


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_profile_changes_the_picture(file_format: str) -> None:
    assert photo_key(encoded(corners(), file_format)) != photo_key(encoded(corners(), file_format, icc_profile=PROFILE))


@pytest.mark.parametrize("file_format", [*FORMATS, "GIF", "BMP"])
def test_the_photo_has_the_key_of_its_bytes(file_format: str) -> None:
    data = encoded(corners(), file_format)
    assert read_photo(data).key == photo_key(data)


@pytest.mark.parametrize("marker", [0xE0, 0xE1, 0xE2, 0xE5, 0xED, 0xEE, 0xEF, 0xFE])
def test_no_other_segment_of_a_jpeg_counts(marker: int) -> None:
    data = encoded(corners(), "JPEG")
    assert photo_key(with_jpeg_segment(data, marker, b"said by a tool \xff\xd9 about it")) == photo_key(data)


def test_an_adobe_marker_changes_how_a_jpeg_is_decoded() -> None:
    data = encoded(corners(), "JPEG")
    assert photo_key(with_jpeg_segment(data, 0xEE, b"Adobe\0\x64\0\0\0\0\0")) != photo_key(data)


def test_an_embedded_thumbnail_does_not_count() -> None:
    data = encoded(corners(), "JPEG")
    block = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0" + encoded(corners(16, 16), "JPEG")
    assert photo_key(with_jpeg_segment(data, 0xE1, block)) == photo_key(data)


@pytest.mark.parametrize("progressive", [False, True])
def test_what_follows_a_jpeg_does_not_count(progressive: bool) -> None:
    data = encoded(corners(), "JPEG", progressive=progressive)
    assert photo_key(data + struct.pack(">I", 24) + b"ftypmp42" + bytes(500)) == photo_key(data)


def test_a_stereo_picture_is_known_by_its_first() -> None:
    first = Image.fromarray(corners())
    pairs = [
        encoded(first, "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64), colour)])
        for colour in ("black", "white")
    ]
    assert photo_key(pairs[0]) == photo_key(pairs[1])


@pytest.mark.parametrize("kind", [b"tEXt", b"tIME", b"pHYs", b"eXIf"])
def test_no_ancillary_chunk_of_a_png_counts(kind: bytes) -> None:
    data = encoded(corners())
    assert photo_key(with_png_chunks(data, png_chunk(kind, b"Comment\0anything"))) == photo_key(data)


def test_how_a_png_is_cut_into_chunks_does_not_count() -> None:
    data = encoded(corners())
    start = data.index(b"IDAT") - 4
    length = int.from_bytes(data[start : start + 4], "big")
    body = data[start + 8 : start + 8 + length]
    cut = data[:start] + png_chunk(b"IDAT", body[:20]) + png_chunk(b"IDAT", body[20:]) + data[start + 12 + length :]
    assert difference_free(cut, data)
    assert photo_key(cut) == photo_key(data)


def difference_free(one: bytes, other: bytes) -> bool:
    return np.array_equal(read_photo(one).pixels, read_photo(other).pixels)


def test_a_gifs_comment_does_not_count() -> None:
    assert photo_key(encoded(corners(), "GIF", comment=b"hello")) == photo_key(encoded(corners(), "GIF"))


def test_transparency_counts() -> None:
    image = Image.fromarray(corners()).convert("P")
    assert photo_key(encoded(image, transparency=0)) != photo_key(encoded(image))


def test_a_tiffs_strips_may_move() -> None:
    data = encoded(corners(), "TIFF")
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.save(buffer, "TIFF", tiffinfo={270: "a long caption " * 50})
    assert photo_key(buffer.getvalue()) == photo_key(data)


@given(st.binary(min_size=1, max_size=200))
def test_unknown_files_count_as_a_whole(data: bytes) -> None:
    assert photo_key(data) != photo_key(data + b"\0")
    assert photo_key(data) == photo_key(bytes(data))
