"""Where a photo was taken, from EXIF's GPS directory or XMP."""

import math
import re
from collections.abc import Mapping

from mien.photo.containers.tiff import Value, number
from mien.photo.photo import Place
from mien.photo.xmp import xmp_property

_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE, _ALTITUDE_REF, _ALTITUDE = range(1, 7)
_XMP_DEGREES = re.compile(r"(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])$")
_HIGHEST = 100_000.0  # metres; nobody took a photo from farther up or down


def place(gps: Mapping[int, Value], packet: str = "") -> Place | None:
    """WGS 84 degrees from EXIF, else from an XMP packet. None unless both coordinates are sound.

    Exactly 0°, 0° is what receivers without a fix write, so it is no place.
    """
    latitude = _degrees(gps, _LATITUDE, _LATITUDE_REF, 90, b"S")
    longitude = _degrees(gps, _LONGITUDE, _LONGITUDE_REF, 180, b"W")
    if latitude is None or longitude is None:
        latitude = _xmp_degrees(xmp_property(packet, "exif:GPSLatitude"), 90)
        longitude = _xmp_degrees(xmp_property(packet, "exif:GPSLongitude"), 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return Place(latitude, longitude, _altitude(gps))


def _degrees(gps: Mapping[int, Value], tag: int, reference: int, limit: float, negative: bytes) -> float | None:
    value = gps.get(tag)
    if not isinstance(value, tuple) or not 1 <= len(value) <= 3 or math.isnan(value[0]):
        return None
    # Some writers leave minutes or seconds as 0/0.
    degrees = sum(part / 60**i for i, part in enumerate(value) if not math.isnan(part))
    sign = -1 if _text(gps, reference).upper().startswith(negative) else 1
    return sign * degrees if abs(degrees) <= limit else None


def _altitude(gps: Mapping[int, Value]) -> float | None:
    metres = number(gps, _ALTITUDE)
    if metres is None or math.isnan(metres) or abs(metres) > _HIGHEST:
        return None
    return -float(metres) if _text(gps, _ALTITUDE_REF)[:1] in (b"\1", b"1") else float(metres)


def _text(gps: Mapping[int, Value], tag: int) -> bytes:
    value = gps.get(tag, b"")
    return value.strip(b" ") if isinstance(value, bytes) else b""


def _xmp_degrees(text: str, limit: float) -> float | None:
    """`48,51.5N` or `48,51,30N`."""
    found = _XMP_DEGREES.match(text)
    if not found:
        return None
    degrees = int(found[1]) + float(found[2]) / 60 + float(found[3] or 0) / 3600
    return (-degrees if found[4] in "SW" else degrees) if degrees <= limit else None
