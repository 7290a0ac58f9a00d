"""Spans of days: years, seasons, months, weeks."""

from calendar import monthrange
from datetime import date, timedelta

from mien.search.feasts import Days


def years(first: int, last: int) -> Days:
    """From the first day of one year to the last day of another."""
    return date(first, 1, 1), date(last, 12, 31)


def days_of_month(year: int, month: int) -> Days:
    """A month's first and last day."""
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def months_between(year: int, first: int, last: int) -> Days:
    """From the first day of one month to the last day of another of the same year."""
    return days_of_month(year, first)[0], days_of_month(year, last)[1]


def season_of(first_month: int, year: int) -> Days:
    """Three months from this one; winter goes on into the next year."""
    end_year, end_month = divmod(year * 12 + first_month + 1, 12)
    return date(year, first_month, 1), days_of_month(end_year, end_month + 1)[1]


def one_day(year: int, month: int, day: int) -> Days | None:
    """A day of the calendar; None where this year has none such (29 February)."""
    try:
        return (date(year, month, day),) * 2
    except ValueError:
        return None


def day_of(today: date, unit: str, number: int) -> date:
    """The day so many days, weeks, months or years before today, not before the year 1."""
    if unit in ("day", "week"):
        return today - timedelta(days=min(number * (7 if unit == "week" else 1), today.toordinal() - 1))
    year, month = divmod(today.year * 12 + today.month - 1 - number * (12 if unit == "year" else 1), 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def period(today: date, unit: str, back: int, count: int) -> Days:
    """`count` calendar days, weeks (from Monday), weekends, months or years, from `back` of them before today's on."""
    if unit == "day":
        first = day_of(today, unit, back)
        return first, first + timedelta(days=count - 1)
    if unit in ("week", "weekend"):
        monday = day_of(today - timedelta(days=today.weekday()), "week", back)
        return (monday + timedelta(days=5) if unit == "weekend" else monday), monday + timedelta(days=6)
    day = day_of(today, unit, back)
    return years(day.year, day.year) if unit == "year" else days_of_month(day.year, day.month)
