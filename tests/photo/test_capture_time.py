"""Capture times: the best witness in the file, else its name; nothing that cannot be true."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import PngImagePlugin

from mien.photo.capture_time import capture_time, gps_time
from mien.photo.containers import Anatomy, dissect
from mien.photo.exif import Exif
from mien.photo.file_names import time_in_name
from mien.photo.photo import CaptureTime
from tests.photo.pictures import corners, encoded, exif, png_chunk, with_jpeg_segment, with_png_chunks

NOW = datetime(2024, 6, 1, tzinfo=UTC)
DATE_TIME, ORIGINAL, DIGITIZED = 0x0132, 0x9003, 0x9004
OFFSET, OFFSET_ORIGINAL, SUB_SEC, SUB_SEC_ORIGINAL = 0x9010, 0x9011, 0x9290, 0x9291
XMP = b"http://ns.adobe.com/xap/1.0/\0"


def _time(data: bytes, name: str = "") -> tuple[str, str] | None:
    anatomy = dissect(data)
    time = capture_time(anatomy, Exif.read(anatomy), name, now=NOW)
    return (time.isoformat(), time.source) if time else None


@pytest.mark.parametrize(
    ("main", "photo", "expected"),
    [
        ({}, {}, None),
        ({}, {ORIGINAL: "2020:01:02 03:04:05"}, "2020-01-02T03:04:05"),
        ({}, {DIGITIZED: "2020:01:02 03:04:05"}, "2020-01-02T03:04:05"),
        ({DATE_TIME: "2020:01:02 03:04:05"}, {}, "2020-01-02T03:04:05"),
        ({DATE_TIME: "2022:01:01 00:00:01"}, {ORIGINAL: "2020:01:02 03:04:05"}, "2020-01-02T03:04:05"),
        ({}, {ORIGINAL: "2020:01:02 03:04:05", OFFSET_ORIGINAL: "+08:00"}, "2020-01-02T03:04:05+08:00"),
        ({}, {ORIGINAL: "2020:01:02 03:04:05", OFFSET_ORIGINAL: "-03:30"}, "2020-01-02T03:04:05-03:30"),
        ({}, {ORIGINAL: "2020:01:02 03:04:05", OFFSET_ORIGINAL: "Z"}, "2020-01-02T03:04:05+00:00"),
        ({}, {ORIGINAL: "2020:01:02 03:04:05", OFFSET_ORIGINAL: "  :  "}, "2020-01-02T03:04:05"),
        ({}, {ORIGINAL: "2020:01:02 03:04:05", OFFSET_ORIGINAL: "+99:00"}, "2020-01-02T03:04:05"),
        ({}, {ORIGINAL: "2020:01:02 03:04:05", SUB_SEC_ORIGINAL: "25"}, "2020-01-02T03:04:05.250000"),
        ({}, {ORIGINAL: "2020:01:02 03:04:05", SUB_SEC_ORIGINAL: "x"}, "2020-01-02T03:04:05"),
        ({DATE_TIME: "2020:01:02 03:04:05"}, {OFFSET: "+01:00", SUB_SEC: "5"}, "2020-01-02T03:04:05.500000+01:00"),
        # As careless writers put it
        ({}, {ORIGINAL: "2020-01-02 03:04:05"}, "2020-01-02T03:04:05"),
        ({}, {ORIGINAL: "2020/01/02 03:04:05"}, "2020-01-02T03:04:05"),
        ({}, {ORIGINAL: "2020-01-02T03:04:05+02:00"}, "2020-01-02T03:04:05+02:00"),
        ({}, {ORIGINAL: "2020:01:02 3:04:05"}, "2020-01-02T03:04:05"),
        ({}, {ORIGINAL: "2020:01:02 03:04"}, "2020-01-02T03:04:00"),
        ({}, {ORIGINAL: "2020:01:02 03:04:70"}, "2020-01-02T03:04:59"),
        ({}, {ORIGINAL: "2020:01:02"}, "2020-01-02"),
        # What cannot be true
        ({}, {ORIGINAL: "0000:00:00 00:00:00"}, None),
        ({}, {ORIGINAL: "    :  :     :  :  "}, None),
        ({}, {ORIGINAL: "1900:01:01 00:00:00"}, None),
        ({}, {ORIGINAL: "1970:01:01 00:00:00"}, None),
        ({}, {ORIGINAL: "2099:09:29 10:10:10"}, None),
        ({}, {ORIGINAL: "2024:06:03 00:00:00"}, None),
        ({}, {ORIGINAL: "2024:06:01 20:00:00"}, "2024-06-01T20:00:00"),  # today, east of Greenwich
        ({}, {ORIGINAL: "2020:13:45 03:04:05"}, None),
        ({}, {ORIGINAL: "yesterday"}, None),
        ({DATE_TIME: "2020:01:02 03:04:05"}, {ORIGINAL: "0000:00:00 00:00:00"}, "2020-01-02T03:04:05"),
        ({DATE_TIME: "2021:01:02 03:04:05"}, {ORIGINAL: "2020:01:02"}, "2021-01-02T03:04:05"),
    ],
)
def test_exif(main: dict[int, Any], photo: dict[int, Any], expected: str | None) -> None:
    data = encoded(corners(), "JPEG", exif=exif(main, photo))
    assert _time(data) == (expected and (expected, "exif"))


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_exif_of_every_format(file_format: str) -> None:
    data = encoded(corners(), file_format, exif=exif({}, {ORIGINAL: "2020:01:02 03:04:05"}))
    assert _time(data) == ("2020-01-02T03:04:05", "exif")


@pytest.mark.parametrize(
    ("local", "utc", "expected"),
    [
        ("2020:01:02 11:04:05", ("2020:01:02", (3.0, 4.0, 2.0)), "2020-01-02T11:04:05+08:00"),
        ("2020:01:02 01:04:05", ("2020:01:01", (20.0, 4.0, 5.0)), "2020-01-02T01:04:05+05:00"),
        ("2020:01:02 08:49:05", ("2020:01:02", (3.0, 4.0, 5.0)), "2020-01-02T08:49:05+05:45"),
        ("2020:01:02 11:10:05", ("2020:01:02", (3.0, 4.0, 5.0)), "2020-01-02T11:10:05"),  # an old fix
        ("2020:01:04 11:04:05", ("2020:01:02", (3.0, 4.0, 5.0)), "2020-01-04T11:04:05"),
    ],
)
def test_satellites_tell_the_zone(local: str, utc: tuple[str, tuple[float, ...]], expected: str) -> None:
    block = exif({}, {ORIGINAL: local}, {29: utc[0], 7: utc[1]})
    assert _time(encoded(corners(), "JPEG", exif=block)) == (expected, "exif")


def test_satellites_alone_tell_the_time() -> None:
    block = exif({}, {}, {29: "2020:01:02", 7: (3.0, 4.0, 5.5)})
    data = encoded(corners(), "JPEG", exif=block)
    assert _time(data) == ("2020-01-02T03:04:05.500000+00:00", "gps")


@pytest.mark.parametrize("clock", [(25.0, 0.0, 0.0), (1.0, 61.0, 0.0), (1.0, 2.0)])
def test_impossible_satellite_times_are_none(clock: tuple[float, ...]) -> None:
    assert _time(encoded(corners(), "JPEG", exif=exif({}, {}, {29: "2020:01:02", 7: clock}))) is None


def test_a_satellite_time_after_the_last_year_is_none() -> None:
    assert gps_time({29: b"9999:12:31\0", 7: (23.0, 59.0, 60.0)}) is None


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (b'<a exif:DateTimeOriginal="2020-01-02T03:04:05.5+08:00"/>', "2020-01-02T03:04:05.500000+08:00"),
        (b"<exif:DateTimeOriginal>2020-01-02T03:04:05Z</exif:DateTimeOriginal>", "2020-01-02T03:04:05+00:00"),
        (b"<a photoshop:DateCreated='2020-01-02'/>", "2020-01-02"),
        (b'<a xmp:CreateDate="2020-01-02T03:04"/>', "2020-01-02T03:04:00"),
        (b'<a xmp:ModifyDate="2020-01-02T03:04"/>', None),
        (b'<a photoshop:DateCreated="2020"/>', None),
        (b'<a exif:DateTimeOriginal="2020-01-02T', None),
        ('<a xmp:CreateDate="2020-01-02T03:04:05"/>'.encode("utf-16-le"), "2020-01-02T03:04:05"),
    ],
)
def test_xmp(packet: bytes, expected: str | None) -> None:
    data = with_jpeg_segment(encoded(corners(), "JPEG"), 0xE1, XMP + packet)
    assert _time(data) == (expected and (expected, "xmp"))


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        ({55: b"20200102", 60: b"030405+0800"}, "2020-01-02T03:04:05+08:00"),
        ({55: b"20200102", 60: b"030405"}, "2020-01-02T03:04:05"),
        ({55: b"20200102"}, "2020-01-02"),
        ({62: b"20200102", 63: b"030405-0330"}, "2020-01-02T03:04:05-03:30"),
        ({55: b"00000000"}, None),
    ],
)
def test_iptc(sets: dict[int, bytes], expected: str | None) -> None:
    block = b"".join(
        b"\x1c\x02" + bytes([number]) + len(text).to_bytes(2, "big") + text for number, text in sets.items()
    )
    resource = b"8BIM\x04\x04\0\0" + len(block).to_bytes(4, "big") + block
    data = with_jpeg_segment(encoded(corners(), "JPEG"), 0xED, b"Photoshop 3.0\0" + resource)
    assert _time(data) == (expected and (expected, "iptc"))


@pytest.mark.parametrize(
    ("keyword", "text", "expected"),
    [
        ("Creation Time", "Thu, 02 Jan 2020 03:04:05 +0100", "2020-01-02T03:04:05+01:00"),
        ("Creation Time", "2020:01:02 03:04:05", "2020-01-02T03:04:05"),
        ("Creation Time", "once", None),
        ("date:create", "2020-01-02T03:04:05+00:00", None),  # the file's own date on some disk
    ],
)
def test_png_texts(keyword: str, text: str, expected: str | None) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text(keyword, text)
    assert _time(encoded(corners(), pnginfo=info)) == (expected and (expected, "png"))


def test_a_pngs_last_change_is_no_capture_time() -> None:
    changed = png_chunk(b"tIME", b"\x07\xe4\x01\x02\x03\x04\x05")
    assert _time(with_png_chunks(encoded(corners()), changed)) is None


def test_metadata_goes_before_the_name_and_a_time_before_a_day() -> None:
    data = encoded(corners(), "JPEG", exif=exif({}, {ORIGINAL: "2020:01:02 03:04:05"}))
    assert _time(data, "IMG_20190101_000000.jpg") == ("2020-01-02T03:04:05", "exif")
    day_only = encoded(corners(), "JPEG", exif=exif({}, {ORIGINAL: "2019:01:01"}))
    assert _time(day_only, "IMG_20190101_112233.jpg") == ("2019-01-01T11:22:33", "filename")
    assert _time(day_only, "IMG_1.jpg") == ("2019-01-01", "exif")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", None),
        ("IMG_1234.JPG", None),
        ("DSC01234.JPG", None),
        ("DSC_2020.JPG", None),
        ("000000397133.jpg", None),
        ("received_1234567890123456.jpeg", None),
        ("20201301_000000.jpg", None),
        ("mmexport1577934245000.jpg", "2020-01-02T03:04:05+00:00"),
        ("mmexport1577934245123(1).jpg", "2020-01-02T03:04:05.123000+00:00"),
        ("mmexport3f2a1577934245000ab.jpg", None),
        ("wx_camera_1577934245000.jpg", "2020-01-02T03:04:05+00:00"),
        ("microMsg.1577934245000.jpg", "2020-01-02T03:04:05+00:00"),
        ("FB_IMG_1577934245000.jpg", "2020-01-02T03:04:05+00:00"),
        ("1577934245000.jpg", "2020-01-02T03:04:05+00:00"),
        ("IMG_20200102_030405.jpg", "2020-01-02T03:04:05"),
        ("IMG_20200102_030405_1.jpg", "2020-01-02T03:04:05"),
        ("IMG_20200102_030405_HDR.jpg", "2020-01-02T03:04:05"),
        ("IMG_20200102_030405678.jpg", "2020-01-02T03:04:05.678000"),
        ("IMG20200102030405.jpg", "2020-01-02T03:04:05"),
        ("VID_20200102_030405.mp4", "2020-01-02T03:04:05"),
        ("PXL_20200102_030405678.jpg", "2020-01-02T03:04:05.678000+00:00"),
        ("PXL_20200102_030405678.PORTRAIT.jpg", "2020-01-02T03:04:05.678000+00:00"),
        ("00000IMG_00000_BURST20200102030405678_COVER.jpg", "2020-01-02T03:04:05.678000"),
        ("20200102_030405.jpg", "2020-01-02T03:04:05"),
        ("20200102_030405(0).jpg", "2020-01-02T03:04:05"),
        ("2020-01-02 03.04.05.jpg", "2020-01-02T03:04:05"),
        ("Screenshot_20200102-030405.png", "2020-01-02T03:04:05"),
        ("Screenshot_2020-01-02-03-04-05-678_com.tencent.mm.jpg", "2020-01-02T03:04:05.678000"),
        ("Screenshot 2020-01-02 at 03.04.05.png", "2020-01-02T03:04:05"),
        ("Screenshot 2020-01-02 at 3.04.05 PM.png", "2020-01-02T15:04:05"),
        ("Screenshot 2020-01-02 at 12.04.05\u202fAM.png", "2020-01-02T00:04:05"),
        ("Screenshot from 2020-01-02 03-04-05.png", "2020-01-02T03:04:05"),
        ("截屏2020-01-02 下午3.04.05.png", "2020-01-02T15:04:05"),
        ("屏幕截图 2020-01-02 030405.png", "2020-01-02T03:04:05"),
        ("WhatsApp Image 2020-01-02 at 03.04.05.jpeg", "2020-01-02T03:04:05"),
        ("WhatsApp Image 2020-01-02 at 3.04.05 PM (1).jpeg", "2020-01-02T15:04:05"),
        ("WhatsApp Bild 2020-01-02 um 03.04.05.jpg", "2020-01-02T03:04:05"),
        ("IMG-20200102-WA0001.jpg", "2020-01-02"),
        ("微信图片_20200102030405.jpg", "2020-01-02T03:04:05"),
        ("微信图片_20200102030405_001.jpg", "2020-01-02T03:04:05"),
        ("QQ图片20200102030405.jpg", "2020-01-02T03:04:05"),
        ("signal-2020-01-02-030405.jpg", "2020-01-02T03:04:05"),
        ("signal-2020-01-02-03-04-05-678.jpg", "2020-01-02T03:04:05.678000"),
        ("photo_2020-01-02_03-04-05.jpg", "2020-01-02T03:04:05"),
        ("photo_2020-01-02 03.04.05.jpeg", "2020-01-02T03:04:05"),
        ("WIN_20200102_03_04_05_Pro.jpg", "2020-01-02T03:04:05"),
        ("C360_2020-01-02-03-04-05-678.jpg", "2020-01-02T03:04:05.678000"),
        ("DJI_20200102030405_0001_D.JPG", "2020-01-02T03:04:05"),
        ("20200102.jpg", "2020-01-02"),
        ("19850102_030405.jpg", None),  # no camera wrote names then
    ],
)
def test_names(name: str, expected: str | None) -> None:
    found = time_in_name(name)
    assert (found and (found.isoformat(), found.source)) == (expected and (expected, "filename"))


@given(st.text(max_size=60), st.binary(max_size=300), st.binary(max_size=120), st.binary(max_size=120))
def test_nothing_that_a_file_says_raises(name: str, block: bytes, packet: bytes, iptc: bytes) -> None:
    anatomy = Anatomy(picture=(), exif=b"MM\0*\0\0\0\x08" + block, xmp=packet, iptc=iptc)
    time = capture_time(anatomy, Exif.read(anatomy), name, now=NOW)
    assert time is None or time.at.year > 1900


@given(st.datetimes(NOW.replace(year=1990, tzinfo=None), NOW.replace(tzinfo=None)), st.integers(-12 * 2, 14 * 2))
def test_what_is_written_is_read(at: datetime, half_hours: int) -> None:
    zone = timezone(timedelta(minutes=30 * half_hours))
    written = at.replace(tzinfo=zone).isoformat()
    assert _time(with_jpeg_segment(_JPEG, 0xE1, XMP + f'<a exif:DateTimeOriginal="{written}"/>'.encode())) == (
        written,
        "xmp",
    )
    name = f"IMG_{at:%Y%m%d_%H%M%S}.jpg"
    assert time_in_name(name) == CaptureTime(at.replace(microsecond=0), "filename")


_JPEG = encoded(corners(), "JPEG")
