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
    """The months of two times (ISO 8601): "May 2024 – June 2024", "May 2024"; "" if neither is known."""
    if first is None or last is None:
        return ""
    start, end = month(first[:7]), month(last[:7])
    return start if start == end else text("web.count.span", start=start, end=end)
