"""Places: degrees from the many ways of writing them; never from a receiver without a fix."""

import math
from typing import Any

import pytest

from mien.photo.containers import dissect
from mien.photo.exif import Exif
from mien.photo.metadata import camera, metadata
from mien.photo.photo import Place
from mien.photo.place import place
from tests.photo.pictures import corners, encoded, exif

NAN = math.nan


@pytest.mark.parametrize(
    ("gps", "expected"),
    [
        ({}, None),
        ({1: b"N\0", 2: (48.0, 30.0, 36.0), 3: b"E\0", 4: (2.0, 15.0, 0.0)}, Place(48.51, 2.25)),
        ({1: b"S\0", 2: (33.5,), 3: b"W\0", 4: (70.25,)}, Place(-33.5, -70.25)),
        ({1: b"s", 2: (33.0, 30.0), 3: b"w", 4: (70.0, 15.0)}, Place(-33.5, -70.25)),
        ({2: (48.0, NAN, NAN), 4: (2.0, 30.0, NAN)}, Place(48.0, 2.5)),  # 0/0 for what is not known
        ({1: b"N", 2: (1.0,), 3: b"E", 4: (1.0,), 5: b"\0", 6: (123.5,)}, Place(1.0, 1.0, 123.5)),
        ({1: b"N", 2: (1.0,), 3: b"E", 4: (1.0,), 5: b"\1", 6: (400.0,)}, Place(1.0, 1.0, -400.0)),
        ({1: b"N", 2: (1.0,), 3: b"E", 4: (1.0,), 6: (NAN,)}, Place(1.0, 1.0)),
        ({1: b"N", 2: (0.0, 0.0, 0.0), 3: b"E", 4: (0.0, 0.0, 0.0)}, None),
        ({1: b"N", 2: (NAN, 0.0, 0.0), 3: b"E", 4: (1.0, 0.0, 0.0)}, None),
        ({1: b"N", 2: (91.0,), 3: b"E", 4: (1.0,)}, None),
        ({1: b"N", 2: (1.0,)}, None),
        ({1: (1,), 2: b"x", 3: (2,), 4: b"y"}, None),
    ],
)
def test_exif(gps: dict[int, Any], expected: Place | None) -> None:
    found = place(gps)
    assert (found is None) == (expected is None)
    if found and expected:
        assert (found.latitude, found.longitude) == pytest.approx((expected.latitude, expected.longitude))
        assert found.altitude == expected.altitude


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        ('<a exif:GPSLatitude="48,30.6N" exif:GPSLongitude="2,15W"/>', Place(48.51, -2.25)),
        ('<a exif:GPSLatitude="48,30,36S" exif:GPSLongitude="2,15,0E"/>', Place(-48.51, 2.25)),
        ('<a exif:GPSLatitude="north" exif:GPSLongitude="2,15W"/>', None),
        ('<a exif:GPSLatitude="48,30.6N"/>', None),
    ],
)
def test_xmp(packet: str, expected: Place | None) -> None:
    assert place({}, packet) == expected


def test_from_a_file() -> None:
    block = exif(
        {0x010F: "Apple", 0x0110: "iPhone 12"},
        {0xA405: 26},
        {1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)},
    )
    anatomy = dissect(encoded(corners(), "JPEG", exif=block))
    said = metadata(anatomy, file_format="JPEG", width=96, height=64)
    assert said.place is not None
    assert said.place.latitude == pytest.approx(48.858333, abs=1e-5)
    assert said.camera == "Apple iPhone 12"
    assert said.focal_length_35mm == 26


@pytest.mark.parametrize(
    ("maker", "model", "expected"),
    [
        ("", "", None),
        ("Canon", "", "Canon"),
        ("", "D90", "D90"),
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("HUAWEI", "LYA-L29", "HUAWEI LYA-L29"),
    ],
)
def test_cameras(maker: str, model: str, expected: str | None) -> None:
    assert camera(maker, model) == expected


def test_texts_that_are_no_utf8() -> None:
    assert Exif(photo={0x010F: b"Maker\xe9 \0rest"}).text(0x010F) == "Makeré"
