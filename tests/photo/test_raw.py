"""Camera raw files: the camera's own large picture is enough; developing the sensor's data is an extra."""

import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from mien.errors import UnreadablePhoto
from mien.photo.containers import raw
from mien.photo.formats import FileKind, sniff_bytes
from mien.photo.key import photo_key
from mien.photo.limits import Limits
from mien.photo.reading import read_photo
from tests.photo.pictures import STORED, corners, difference, encoded

Entry = tuple[int, int, bytes]
BYTE, ASCII, SHORT, LONG, RATIONAL, SRATIONAL = 1, 2, 3, 4, 5, 10


def _dng(bayer: np.ndarray, orientation: int = 1, appended: bytes = b"") -> bytes:
    """A minimal DNG 1.4: one uncompressed RGGB mosaic of 16-bit values."""
    height, width = bayer.shape
    matrix = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)  # XYZ → linear sRGB
    entries: list[Entry] = [
        (254, LONG, struct.pack("<I", 0)),
        (256, LONG, struct.pack("<I", width)),
        (257, LONG, struct.pack("<I", height)),
        (258, SHORT, struct.pack("<H", 16)),
        (259, SHORT, struct.pack("<H", 1)),
        (262, SHORT, struct.pack("<H", 32803)),
        (271, ASCII, b"Maker\0"),
        (272, ASCII, b"Model\0"),
        (273, LONG, bytes(4)),
        (274, SHORT, struct.pack("<H", orientation)),
        (277, SHORT, struct.pack("<H", 1)),
        (278, LONG, struct.pack("<I", height)),
        (279, LONG, struct.pack("<I", bayer.nbytes)),
        (306, ASCII, b"2020:01:02 03:04:05\0"),
        (33421, SHORT, struct.pack("<2H", 2, 2)),
        (33422, BYTE, bytes([0, 1, 1, 2])),
        (50706, BYTE, bytes([1, 4, 0, 0])),
        (50708, ASCII, b"Maker Model\0"),
        (50717, LONG, struct.pack("<I", 65535)),
        (50721, SRATIONAL, b"".join(struct.pack("<2i", round(10000 * m), 10000) for m in matrix)),
        (50728, RATIONAL, struct.pack("<6I", 1, 1, 1, 1, 1, 1)),
        (50778, SHORT, struct.pack("<H", 21)),
    ]
    sizes = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, SRATIONAL: 8}
    directory, values, start = b"", b"", 8 + 2 + 12 * len(entries) + 4
    mosaic = start + sum(len(body) + len(body) % 2 for _, _, body in entries if len(body) > 4)
    for tag, kind, body in entries:
        if tag == 273:
            body = struct.pack("<I", mosaic)
        field = body.ljust(4, b"\0")
        if len(body) > 4:
            field = struct.pack("<I", start + len(values))
            values += body + bytes(len(body) % 2)
        directory += struct.pack("<HHI", tag, kind, len(body) // sizes[kind]) + field
    head = b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4) + values
    return head + bayer.astype("<u2").tobytes() + appended


def _mosaic(pixels: np.ndarray) -> np.ndarray:
    linear = ((pixels / 255) ** 2.2 * 65535).astype(np.uint16)
    bayer = linear[..., 1].copy()
    bayer[::2, ::2] = linear[::2, ::2, 0]
    bayer[1::2, 1::2] = linear[1::2, 1::2, 2]
    return bayer


@pytest.fixture
def _no_rawpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)


@pytest.mark.usefixtures("_no_rawpy")
def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(_dng(_mosaic(corners())))
    with pytest.raises(UnreadablePhoto, match=r"a\.dng.*pip install rawpy"):
        read_photo(path)


@pytest.mark.usefixtures("_no_rawpy")
def test_a_preview_of_endless_scans_is_refused() -> None:
    shown = encoded(corners(1200, 800), "JPEG", progressive=True)
    last = shown[shown.rindex(b"\xff\xda") : -2]
    with pytest.raises(UnreadablePhoto) as caught:
        read_photo(_dng(_mosaic(corners()), 1, shown[:-2] + last * Limits().max_scans + shown[-2:]))
    assert caught.value.code == "photo-too-many-scans"


@pytest.mark.usefixtures("_no_rawpy")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_large_preview_is_the_photo(orientation: int) -> None:
    upright = corners(1200, 800)
    previews = encoded(corners(160, 120), "JPEG") + encoded(STORED[orientation](upright), "JPEG", quality=95)
    photo = read_photo(_dng(_mosaic(corners()), orientation, previews))
    assert photo.metadata.format == "RAW"
    assert (photo.metadata.width, photo.metadata.height) == (1200, 800)
    assert difference(photo.pixels, upright) < 4
    assert photo.metadata.taken is not None
    assert photo.metadata.taken.isoformat() == "2020-01-02T03:04:05"
    assert photo.metadata.camera == "Maker Model"


@pytest.mark.usefixtures("_no_rawpy")
def test_a_small_preview_is_not() -> None:
    with pytest.raises(UnreadablePhoto, match="raw file"):
        read_photo(_dng(_mosaic(corners()), 1, encoded(corners(640, 480), "JPEG")))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_with_the_extra_the_sensors_data_are_developed(orientation: int) -> None:
    pytest.importorskip("rawpy", reason="the extra `raw` is not installed")
    photo = read_photo(_dng(_mosaic(STORED[orientation](corners(256, 192))), orientation))
    height, width = photo.pixels.shape[:2]
    assert (photo.metadata.width, photo.metadata.height) == (width, height)
    quarters = photo.pixels[height // 4 :: height // 2, width // 4 :: width // 2][:2, :2]
    assert [int(q.argmax()) for q in (quarters[0, 0], quarters[0, 1], quarters[1, 0])] == [0, 1, 2]
    assert quarters[1, 1].min() > 200


@pytest.mark.parametrize(
    ("header", "is_raw"),
    [
        (_dng(_mosaic(corners())), True),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(100), True),
        (b"FUJIFILMCCD-RAW 0201", True),
        (bytes(3) + b"\x18ftypcrx " + bytes(8), True),
        (b"IIU\0" + bytes(100), True),
        (encoded(corners(), "TIFF"), False),
        (encoded(corners(), "JPEG"), False),
        (b"", False),
    ],
)
def test_raw_files_are_known_by_their_content(header: bytes, is_raw: bool) -> None:
    assert raw.matches(header) == is_raw
    if is_raw:
        assert sniff_bytes(header[:512]) is FileKind.PHOTO


def test_a_raw_file_is_known_by_all_its_bytes() -> None:
    data = _dng(_mosaic(corners()))
    assert photo_key(data) != photo_key(data + b"\0")
