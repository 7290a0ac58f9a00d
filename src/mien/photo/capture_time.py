"""When a photo was taken, from everything its file says of it, best witness first."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from mien.photo import exif as tags
from mien.photo.containers import Anatomy
from mien.photo.containers.tiff import Value
from mien.photo.dates import microseconds, parse_zone, plausible, with_zone, written_time
from mien.photo.exif import Exif
from mien.photo.file_names import time_in_name
from mien.photo.iptc import data_sets
from mien.photo.photo import CaptureTime
from mien.photo.xmp import decoded, xmp_property

_EXIF_TIMES = (
    (tags.DATE_TIME_ORIGINAL, tags.OFFSET_TIME_ORIGINAL, tags.SUB_SEC_TIME_ORIGINAL),
    (tags.DATE_TIME_DIGITIZED, tags.OFFSET_TIME_DIGITIZED, tags.SUB_SEC_TIME_DIGITIZED),
)
_EXIF_CHANGED = (tags.DATE_TIME, tags.OFFSET_TIME, tags.SUB_SEC_TIME)
_XMP_TIMES = ("exif:DateTimeOriginal", "photoshop:DateCreated", "exif:DateTimeDigitized")
_XMP_FILE_MADE = "xmp:CreateDate"
_PNG_TIMES = ("Creation Time", "creation time", "CreationTime", "create-date")
_GPS_TIME, _GPS_DATE = 7, 29

_ZONE_STEP = timedelta(minutes=30)
_ODD_ZONES = tuple(timedelta(hours=h, minutes=45) for h in (5, 8, 12))  # Nepal, Eucla, Chatham
_FIX_AGE = timedelta(seconds=60)  # how far a satellite fix may be from the picture and still tell its zone


def capture_time(anatomy: Anatomy, exif: Exif, name: str = "", *, now: datetime | None = None) -> CaptureTime | None:
    """When the photo in this file was taken; None if nothing tells it. `name` is the file's name.

    In this order: EXIF original and digitized, XMP and IPTC likewise, EXIF changed, XMP and PNG made, GPS, the name.
    A time to the second goes before a day. Without a zone of its own, EXIF's time gets the one in which it agrees with
    the satellites' (UTC), if there is one. Times that cannot be true are passed over (see `dates.plausible`); a file's
    own date on the disk is none.
    """
    now = now or datetime.now(UTC)
    day: CaptureTime | None = None
    for candidate in _witnesses(anatomy, exif, name):
        time = plausible(candidate, now)
        if time is not None and not time.date_only:
            return time
        day = day or time
    return day


def _witnesses(anatomy: Anatomy, exif: Exif, name: str) -> Iterator[CaptureTime | None]:
    satellites = gps_time(exif.gps)
    for time_tag, zone_tag, fraction_tag in _EXIF_TIMES:
        yield _exif_time(exif, time_tag, zone_tag, fraction_tag, satellites)
    packet = decoded(anatomy.xmp)
    for xmp_name in _XMP_TIMES:
        yield written_time(xmp_property(packet, xmp_name), "xmp")
    yield _iptc_time(anatomy.iptc)
    yield _exif_time(exif, *_EXIF_CHANGED, satellites)
    yield written_time(xmp_property(packet, _XMP_FILE_MADE), "xmp")
    for keyword in _PNG_TIMES:
        yield _png_time(anatomy.texts.get(keyword, ""))
    yield satellites
    yield time_in_name(name)


def _exif_time(
    exif: Exif, time_tag: int, zone_tag: int, fraction_tag: int, satellites: CaptureTime | None
) -> CaptureTime | None:
    time = written_time(exif.text(time_tag), "exif")
    if time is None or time.date_only:
        return time
    fraction = microseconds(exif.text(fraction_tag))
    if fraction:
        time = CaptureTime(time.at.replace(microsecond=fraction), "exif")
    return with_zone(time, parse_zone(exif.text(zone_tag)) or _zone_by_satellites(time.at, satellites))


def _zone_by_satellites(local: datetime, satellites: CaptureTime | None) -> timezone | None:
    """The zone in which a local time is the same moment as the satellites' time; None if there is none."""
    if satellites is None or satellites.date_only or local.tzinfo:
        return None
    distance = local - satellites.at.replace(tzinfo=None)
    for zone in (round(distance / _ZONE_STEP) * _ZONE_STEP, *_ODD_ZONES):
        if abs(distance - zone) <= _FIX_AGE and timedelta(hours=-12) <= zone <= timedelta(hours=14):
            return timezone(zone)
    return None


def gps_time(gps: Mapping[int, Value]) -> CaptureTime | None:
    """EXIF's GPSDateStamp and GPSTimeStamp: UTC. None unless both are there."""
    date, clock = gps.get(_GPS_DATE), gps.get(_GPS_TIME)
    if not isinstance(date, bytes) or not isinstance(clock, tuple) or len(clock) != 3:
        return None
    day = written_time(date.decode("ascii", "replace"), "gps")
    if day is None or not all(0 <= part < limit for part, limit in zip(clock, (24, 60, 61), strict=True)):
        return None
    since_midnight = timedelta(hours=clock[0], minutes=clock[1], seconds=clock[2])
    try:
        return CaptureTime(day.at.replace(hour=0, tzinfo=UTC) + since_midnight, "gps")
    except OverflowError:  # 24:00 on the last day of the year 9999
        return None


def _iptc_time(block: bytes) -> CaptureTime | None:
    """Date and time created (2:55, 2:60), else digitized (2:62, 2:63)."""
    sets = data_sets(block)
    for date, clock in (((2, 55), (2, 60)), ((2, 62), (2, 63))):
        if day := sets.get(date):
            return written_time(f"{day}T{sets.get(clock, '')}", "iptc") or written_time(day, "iptc")
    return None


def _png_time(text: str) -> CaptureTime | None:
    if time := written_time(text, "png"):
        return time
    try:
        return CaptureTime(parsedate_to_datetime(text), "png")  # RFC 1123, as the standard recommends
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
