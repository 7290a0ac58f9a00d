"""Reading: everything becomes upright sRGB, evenly reduced; nothing else than `UnreadablePhoto` comes out."""

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import PIL
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from mien.errors import UnreadablePhoto
from mien.language import LANGUAGES
from mien.photo.decoding import decoder_fingerprint
from mien.photo.formats import FileKind, sniff
from mien.photo.limits import Limits
from mien.photo.perceptual import hash_distance
from mien.photo.reading import read_file, read_photo
from tests.photo.pictures import (
    STORED,
    corners,
    difference,
    encoded,
    exif,
    png_chunk,
    with_jpeg_segment,
    with_png_chunks,
)

ORIENTATION = 0x0112


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_comes_out_upright(file_format: str, orientation: int) -> None:
    upright = corners()
    data = encoded(STORED[orientation](upright), file_format, exif=exif({ORIENTATION: orientation}))
    photo = read_photo(data)
    assert (photo.metadata.width, photo.metadata.height) == (96, 64)
    assert photo.pixels.shape == (64, 96, 3)
    assert difference(photo.pixels, upright) < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_holds_for_reduced_pixels_too(orientation: int) -> None:
    upright = corners(960, 640)
    data = encoded(STORED[orientation](upright), "JPEG", quality=95, exif=exif({ORIENTATION: orientation}))
    photo = read_photo(data, long_side=240)
    assert (photo.metadata.width, photo.metadata.height) == (960, 640)
    assert difference(photo.pixels, corners(240, 160)) < 4


@pytest.mark.parametrize("value", [0, 9, 300])
def test_an_orientation_that_does_not_exist_is_none(value: int) -> None:
    photo = read_photo(encoded(corners(), "JPEG", exif=exif({ORIENTATION: value})))
    assert photo.metadata.orientation == 1
    assert difference(photo.pixels, corners()) < 4


def test_orientation_in_xmp_counts_where_exif_has_none() -> None:
    packet = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    data = with_jpeg_segment(encoded(STORED[6](corners()), "JPEG"), 0xE1, packet)
    photo = read_photo(data)
    assert photo.metadata.orientation == 6
    assert difference(photo.pixels, corners()) < 4


@pytest.mark.parametrize(
    ("width", "height", "long_side", "expected"),
    [
        (1, 1, 2048, (1, 1)),
        (100, 40, 2048, (100, 40)),
        (2048, 10, 2048, (2048, 10)),
        (2049, 10, 2048, (1025, 5)),
        (300, 200, 150, (150, 100)),
        (301, 200, 150, (76, 50)),
        (300, 200, 1, (1, 1)),
        (300, 200, None, (300, 200)),
    ],
)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "JPEG2000"])
def test_pixels_are_halved_until_they_fit(
    file_format: str, width: int, height: int, long_side: int | None, expected: tuple[int, int]
) -> None:
    photo = read_photo(encoded(corners(width, height), file_format), long_side=long_side)
    assert (photo.metadata.width, photo.metadata.height) == (width, height)
    shape = photo.pixels.shape[1::-1]
    assert max(abs(a - b) for a, b in zip(shape, expected, strict=True)) <= 1
    assert long_side is None or max(shape) <= long_side


def test_a_panorama_beyond_the_decoders_own_scales_is_reduced_further() -> None:
    photo = read_photo(encoded(corners(4000, 16), "JPEG"), long_side=200)
    assert photo.pixels.shape == (1, 125, 3)


@pytest.mark.parametrize(
    ("mode", "file_format"),
    [
        ("1", "PNG"), ("L", "PNG"), ("P", "PNG"), ("P", "GIF"), ("RGB", "BMP"), ("CMYK", "JPEG"), ("CMYK", "TIFF"),
        ("L", "JPEG"), ("YCbCr", "TIFF"), ("RGB", "PPM"), ("RGB", "TGA"), ("RGB", "ICO"), ("RGB", "JPEG2000"),
        ("RGB", "QOI"), ("LAB", "TIFF"),
    ],
)  # fmt: skip
def test_every_mode_becomes_rgb(mode: str, file_format: str) -> None:
    grey = np.zeros((64, 64, 3), np.uint8)
    grey[:, 32:] = 255
    image = Image.fromarray(grey)
    if mode == "LAB":
        to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
        image = ImageCms.applyTransform(image, to_lab)
    photo = read_photo(
        encoded(image.convert(mode) if mode != "LAB" else image, file_format), name=f"a.{file_format.lower()}"
    )
    assert photo.pixels.dtype == np.uint8
    assert difference(photo.pixels, grey) < 3


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_are_white(mode: str) -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 255))
    image.paste((0, 0, 0, 0), (4, 0, 8, 8))
    photo = read_photo(encoded(image.convert(mode)))
    assert photo.pixels[:, :4].max() == 0
    assert photo.pixels[:, 4:].min() == 255


@pytest.mark.parametrize("clear", [{"mode": "L", "transparency": 7}, {"mode": "RGB", "transparency": (7, 7, 7)}])
def test_a_transparent_colour_is_white(clear: dict[str, object]) -> None:
    image = Image.new("RGB", (4, 4), (7, 7, 7)).convert(str(clear["mode"]))
    assert read_photo(encoded(image, transparency=clear["transparency"])).pixels.min() == 255


@pytest.mark.parametrize(
    ("values", "file_format", "expected"),
    [
        (np.array([[0, 32768, 65535]], np.uint16), "PNG", [0, 128, 255]),
        (np.array([[0, 32768, 65535]], np.uint16), "TIFF", [0, 128, 255]),
        (np.array([[0, 0x80000000 - 1]], np.int32), "TIFF", [0, 255]),
        (np.array([[0, 128, 255]], np.int32), "TIFF", [0, 128, 255]),
        (np.array([[0, 0.5, 1]], np.float32), "TIFF", [0, 128, 255]),
        (np.array([[0, 100, 255]], np.float32), "TIFF", [0, 100, 255]),
        (np.array([[-1, 0, 1]], np.float32), "TIFF", [0, 128, 255]),
        (np.array([[np.nan, 0, 1, np.inf]], np.float32), "TIFF", [0, 0, 255, 255]),
        (np.array([[0, 0]], np.float32), "TIFF", [0, 0]),
    ],
)
def test_deep_grey_is_scaled_not_clipped(values: np.ndarray, file_format: str, expected: list[int]) -> None:
    photo = read_photo(encoded(Image.fromarray(values), file_format))
    assert photo.pixels[0, :, 1] == pytest.approx(expected, abs=1)


def test_an_embedded_profile_is_applied() -> None:
    # A profile with red and blue swapped: its pure red is our blue.
    profile = _swapped_profile()
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 255
    photo = read_photo(encoded(red, icc_profile=profile))
    assert photo.pixels[0, 0, 2] > 240
    assert photo.pixels[0, 0, 0] < 60


def _swapped_profile() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    name = "sRGB".encode("utf-16-be")
    return bytes(profile).replace(name, "swap".encode("utf-16-be"))


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200, b"\xff" * (9 << 20)])
def test_a_broken_or_absurd_profile_is_ignored(profile: bytes) -> None:
    data = encoded(corners(), "TIFF", icc_profile=profile)
    assert difference(read_photo(data).pixels, corners()) == 0


@pytest.mark.parametrize(
    "chunk",
    [
        b"",
        b"name" * 99,
        b"name\0\0nonsense",
        b"name\0\x05" + zlib.compress(b"of a method that does not exist"),
        b"name\0\0" + zlib.compress(bytes(2 << 20)),
        b"name\0\0" + zlib.compress(bytes(70 << 20)),
    ],
)
def test_a_profile_that_cannot_be_unpacked_costs_no_picture(chunk: bytes) -> None:
    plain = np.full((64, 96, 3), 200, np.uint8)
    photo = read_photo(with_png_chunks(encoded(plain, "PNG"), png_chunk(b"iCCP", chunk)))
    assert difference(photo.pixels, plain) == 0
    assert not photo.metadata.truncated


def test_a_profile_of_another_mode_is_ignored() -> None:
    grey = Image.new("L", (4, 4), 99)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert read_photo(encoded(grey, icc_profile=profile)).pixels.max() == 99


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_of_several_pictures_the_first_is_read(file_format: str) -> None:
    frames = [Image.fromarray(corners()), Image.new("RGB", (96, 64))]
    data = encoded(frames[0], file_format, save_all=True, append_images=frames[1:])
    assert difference(read_photo(data).pixels, corners()) < 5


def test_a_phones_stereo_picture_is_read_like_a_jpeg() -> None:
    data = encoded(corners(960, 640), "MPO", save_all=True, append_images=[Image.new("RGB", (960, 640))])
    photo = read_photo(data, long_side=480)
    assert photo.metadata.format == "MPO"
    assert difference(photo.pixels, corners(480, 320)) < 4


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "holiday.bin"
    path.write_bytes(encoded(corners(), "JPEG"))
    assert read_photo(path).metadata.format == "JPEG"


def test_a_file_and_its_bytes_are_one_photo(tmp_path: Path) -> None:
    path = tmp_path / "IMG_20200102_030405.jpg"
    path.write_bytes(encoded(corners(), "JPEG"))
    from_file, from_bytes = read_photo(path), read_photo(path.read_bytes(), name=path.name)
    assert from_file.key == from_bytes.key
    assert from_file.metadata == from_bytes.metadata
    assert from_file.perceptual_hash == from_bytes.perceptual_hash


def test_originals_are_never_opened_for_writing(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(corners(), "JPEG"))
    path.chmod(0o400)
    before = path.stat()
    read_photo(path)
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_a_reduced_photo_keeps_its_hash(astronaut: np.ndarray) -> None:
    large = encoded(astronaut, "JPEG", quality=90)
    small = encoded(Image.fromarray(astronaut).resize((200, 200)), "JPEG", quality=60)
    other = encoded(np.fliplr(astronaut), "JPEG")
    hashes = [read_photo(data).perceptual_hash for data in (large, small, other)]
    assert all(len(digits) == 16 for digits in hashes)
    assert hash_distance(hashes[0], hashes[1]) <= 4
    assert hash_distance(hashes[0], hashes[2]) > 16


# What cannot be read


def _code(source: Path | bytes, name: str | None = None, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadablePhoto) as caught:
        read_photo(source, name=name, limits=limits)
    for language in LANGUAGES:
        assert caught.value.message(language)
    return caught.value.code


def _outcome(data: bytes) -> str:
    """The format of a photo, or why it is none."""
    try:
        photo = read_photo(data, limits=Limits(max_pixels=10**6))
    except UnreadablePhoto as error:
        return error.code
    assert photo.pixels.ndim == 3
    return photo.metadata.format


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert _code(tmp_path / "gone.jpg") == "photo-missing"
    with pytest.raises(UnreadablePhoto, match=r"gone\.jpg"):
        read_file(tmp_path / "gone.jpg")


def test_a_path_that_no_system_has_is_not_there() -> None:
    assert _code(Path("a\0.jpg")) == "photo-missing"


def test_a_folder_is_no_photo(tmp_path: Path) -> None:
    assert _code(tmp_path) == "photo-not-file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "a.jpg"
    os.mkfifo(pipe)
    assert sniff(pipe) is FileKind.OTHER
    assert _code(pipe) == "photo-not-file"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(corners(), "JPEG"))
    path.chmod(0)
    assert _code(path) == "photo-forbidden"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.jpg", "photo-empty"),
        (b"Dear diary", "a.jpg", "photo-not-image"),
        (b"\xff\xd8\xff", "a.jpg", "photo-not-image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a.eps", "photo-not-image"),
        (struct.pack(">I", 24) + b"ftypisom" + bytes(12), "a.jpg", "photo-is-video"),
        (encoded(corners(), "TIFF")[:1000], "a.tif", "photo-damaged"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(500), "a.raf", "photo-raw-needs-extra"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    assert _code(data, name) == code


def test_a_file_above_the_limits_is_refused(tmp_path: Path) -> None:
    data = encoded(corners())
    path = tmp_path / "a.png"
    path.write_bytes(data)
    assert _code(data, limits=Limits(max_bytes=len(data) - 1)) == "photo-too-large"
    assert _code(path, limits=Limits(max_bytes=len(data) - 1)) == "photo-too-large"
    assert _code(data, limits=Limits(max_pixels=96 * 64 - 1)) == "photo-too-many-pixels"
    assert read_photo(data, limits=Limits(max_bytes=len(data), max_pixels=96 * 64)).pixels.shape == (64, 96, 3)


def test_bombs_are_refused_before_they_go_off() -> None:
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b"")
    assert _code(bomb) == "photo-too-many-pixels"


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_its_end_is_read_as_far_as_it_goes(astronaut: np.ndarray, progressive: bool) -> None:
    data = encoded(astronaut, "JPEG", progressive=progressive)
    photo = read_photo(data[: len(data) * 3 // 4])
    assert photo.metadata.truncated
    assert difference(photo.pixels[:256], astronaut[:256]) < 12
    assert not read_photo(data).metadata.truncated


def test_a_jpeg_that_lacks_most_is_not_read(astronaut: np.ndarray) -> None:
    data = encoded(astronaut, "JPEG")
    assert _code(data[: len(data) // 4]) == "photo-truncated"


def test_a_damaged_png_is_read_as_far_as_its_picture_goes(astronaut: np.ndarray) -> None:
    data = encoded(astronaut, "PNG")
    without_end = read_photo(data[:-12])
    assert not without_end.metadata.truncated
    assert difference(without_end.pixels, astronaut) == 0
    cut = read_photo(data[: len(data) * 3 // 4])
    assert cut.metadata.truncated
    assert difference(cut.pixels[:256], astronaut[:256]) == 0
    assert _code(data[: len(data) // 4]) == "photo-truncated"
    animated = with_png_chunks(data, png_chunk(b"acTL", struct.pack(">II", 3, 0)))  # its frames are missing
    assert difference(read_photo(animated).pixels, astronaut) == 0


_BLOCK = exif({ORIENTATION: 6, 0x010F: "Maker"}, {0x9003: "2020:01:02 03:04:05"}, {2: (1.0, 2.0, 3.0)})
_SAMPLES = {
    file_format: encoded(corners(), file_format, exif=_BLOCK) for file_format in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")
}
_SAMPLES |= {file_format: encoded(corners(), file_format) for file_format in ("GIF", "JPEG2000", "BMP")}


@settings(max_examples=150, deadline=None)
@given(
    file_format=st.sampled_from(sorted(_SAMPLES)),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=12),
    keep=st.floats(0.02, 1),
)
def test_broken_bytes_give_a_photo_or_a_reason(file_format: str, changes: list[tuple[float, int]], keep: float) -> None:
    broken = bytearray(_SAMPLES[file_format])
    for place, value in changes:
        broken[int(place * len(broken))] = value
    assert _outcome(bytes(broken[: max(1, int(keep * len(broken)))]))


def test_a_huge_picture_is_converted_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_photo(encoded(corners(333, 257)), long_side=100)
    monkeypatch.setattr("mien.photo.pixels._BAND_PIXELS", 333 * 9)
    in_bands = read_photo(encoded(corners(333, 257)), long_side=100)
    assert np.array_equal(whole.pixels, in_bands.pixels)


def test_the_decoders_fingerprint_names_their_versions() -> None:
    assert f"pillow {PIL.__version__}" in decoder_fingerprint()


def test_finding_photos_needs_no_decoder() -> None:
    code = (
        "import sys, mien.photo.formats, mien.photo.live; print({'numpy', 'PIL', 'cv2', 'pi_heif'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
