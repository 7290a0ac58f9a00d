"""Values in the visitor's words: times, sizes, places, how many, and how sure something is."""

import re
from datetime import date, datetime

from mien.catalog.timeline import UNDATED
from mien.language import current_language, text
from mien.photo.photo import Place

SURE = ((0.95, "certain"), (0.8, "very-likely"), (0.6, "likely"), (0.35, "perhaps"), (0.0, "guess"))
"""From which confidence on which word is said. Words and number are both shown: few can tell what 0.82 means."""

MEGA = 1_000_000

_ILLEGIBLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def sure(confidence: float) -> str:
    """How sure a guess is, 0–1: "very likely (82 %)"."""
    word = next(word for least, word in SURE if confidence >= least)
    # Nothing that was guessed is ever quite certain.
    return text("web.sure.both", word=text(f"web.sure.{word}"), percent=min(99, round(confidence * 100)))


def day_and_time(taken_at: str) -> str:
    """A time as the clock on the wall showed it, or a date alone: "18 May 2024, 20:00". `taken_at`: ISO 8601."""
    if "T" not in taken_at:
        return day(date.fromisoformat(taken_at))
    at = datetime.fromisoformat(taken_at)
    return text("web.time.at", day=day(at.date()), hour=f"{at.hour:02}", minute=f"{at.minute:02}")


def day(when: date) -> str:
    """A date: "18 May 2024"."""
    return text("web.time.day", year=when.year, month=month_name(when.month), day=when.day)


def month_name(month: int) -> str:
    """1 → "January"; in Chinese its number, as dates have it."""
    return text(f"web.time.month.{month}")


def file_size(size: int) -> str:
    """Bytes: "2.1\u00a0MB"."""
    if size < MEGA:
        return f"{max(1, round(size / 1000))}\u00a0kB"
    return f"{size / MEGA:.1f}\u00a0MB" if size < 10 * MEGA else f"{size / MEGA:.0f}\u00a0MB"


def place_words(place: Place) -> str:
    """Coordinates: "48.85837° N, 2.29448° E, 35 m"."""
    north = text("web.place.north" if place.latitude >= 0 else "web.place.south", degrees=f"{abs(place.latitude):.5f}")
    east = text("web.place.east" if place.longitude >= 0 else "web.place.west", degrees=f"{abs(place.longitude):.5f}")
    height = [] if place.altitude is None else [f"{place.altitude:.0f}\u00a0m"]
    return listed([north, east, *height])


def listed(words: list[str]) -> str:
    """ "red, white" """
    return ("，" if current_language() == "zh" else ", ").join(words)


def legible(path: str) -> str:
    """A path, or words with one in them, that can be sent and read: bytes of no known encoding are shown as �."""
    return _ILLEGIBLE.sub("\ufffd", path)


def counted(thing: str, number: int) -> str:
    """ "1 photo", "1,234 photos"; for each thing there are the texts `web.count.<thing>.one` and `.many`."""
    return text(f"web.count.{thing}.{'one' if number == 1 else 'many'}", n=f"{number:,}")


def month(year_and_month: str) -> str:
    """ "2024-05" → "May 2024", `UNDATED` → "Date unknown"."""
    if year_and_month == UNDATED:
        return text("web.count.undated")
    year, number = year_and_month.split("-")
    return text("web.count.month", year=int(year), month=month_name(int(number)))


def span(first: str | None, last: str | None) -> str:
    """From when to when (ISO 8601), as briefly as it can be said: "2019 – 2025", "March – May 2024", "May 2024".

    "" if neither is known.
    """
    if first is None or last is None:
        return ""
    (year, start), (last_year, end) = ((int(time[:4]), int(time[5:7])) for time in (first, last))
    if year != last_year:
        return text("web.count.years", start=year, end=last_year)
    if start != end:
        return text("web.count.months", year=year, start=month_name(start), end=month_name(end))
    return text("web.count.month", year=year, month=month_name(start))
