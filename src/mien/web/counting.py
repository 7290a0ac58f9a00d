"""How many, and from when to when, in the visitor's words."""

from mien.catalog.album import UNDATED
from mien.language import text
from mien.web.wording import month_name


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
