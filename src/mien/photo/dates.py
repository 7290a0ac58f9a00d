"""Dates and times as texts write them, and which of them can be true."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from mien.photo.photo import CaptureTime, TimeSource

_EARLIEST_YEAR, _LATEST_YEAR = 1901, 2098
_UNSET = (datetime(1970, 1, 1), datetime(1904, 1, 1))  # noqa: DTZ001 - what a clock that was never set shows
_NOON = 12

_WRITTEN = re.compile(
    r"\s*(?P<year>\d{4})[-:/. ]?(?P<month>\d{1,2})[-:/. ]?(?P<day>\d{1,2})"
    r"(?:[T ]\s*(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"\s*(?P<zone>Z|[+-]\d{1,2}:?\d{2})?)?"
)
_ZONE = re.compile(r"\s*(?:(Z)|([+-])(\d{1,2}):?(\d{2})?)\s*$")


def written_time(text: str, source: TimeSource) -> CaptureTime | None:
    """The time that a text starts with: `2020:01:02 03:04:05`, ISO 8601 and its relatives; None if it has none.

    Seconds from 60 on, which some writers produce, count as 59.
    """
    found = _WRITTEN.match(text)
    if not found:
        return None
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    try:
        if found["hour"] is None:
            return CaptureTime(datetime(year, month, day, _NOON), source, date_only=True)  # noqa: DTZ001
        at = datetime(  # noqa: DTZ001 - naive until the file names a zone
            year, month, day, int(found["hour"]), int(found["minute"]),
            min(int(found["second"] or 0), 59), microseconds(found["fraction"] or ""),
        )  # fmt: skip
    except ValueError:
        return None
    return CaptureTime(at.replace(tzinfo=parse_zone(found["zone"] or "")), source)


def microseconds(fraction: str) -> int:
    """The decimals of a second as microseconds; 0 where they are no number."""
    digits = fraction.strip()
    return int(digits[:6].ljust(6, "0")) if digits.isascii() and digits.isdigit() else 0


def parse_zone(text: str) -> timezone | None:
    """A distance from UTC such as `+08:00`, `-0330` or `Z`; None if it is none."""
    found = _ZONE.match(text)
    if not found:
        return None
    if found[1]:
        return UTC
    minutes = int(found[3]) * 60 + int(found[4] or 0)
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=minutes if found[2] == "+" else -minutes))


def epoch_time(milliseconds: int, source: TimeSource) -> CaptureTime | None:
    """The moment so many milliseconds after 1970 (UTC)."""
    try:
        return CaptureTime(datetime.fromtimestamp(milliseconds / 1000, UTC), source)
    except (ValueError, OverflowError, OSError):
        return None


def plausible(time: CaptureTime | None, now: datetime) -> CaptureTime | None:
    """`time`, unless no photo can have been taken then: zeros, a clock never set, more than a day after `now`."""
    if time is None or not _EARLIEST_YEAR <= time.at.year <= _LATEST_YEAR:
        return None
    local = time.at.replace(tzinfo=None)
    if local in _UNSET or (time.date_only and local - timedelta(hours=_NOON) in _UNSET):
        return None
    moment = time.at if time.at.tzinfo else time.at.replace(tzinfo=UTC)
    return time if moment <= now + timedelta(days=1) else None


def with_zone(time: CaptureTime, zone: timezone | None) -> CaptureTime:
    """`time` in `zone`, if it has none of its own yet."""
    return time if zone is None or time.date_only or time.at.tzinfo else replace(time, at=time.at.replace(tzinfo=zone))
