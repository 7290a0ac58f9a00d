"""Holidays fall by the calendar of each year."""

from datetime import date

import pytest

from mien.search.feasts import easter, feast
from mien.search.lexicon import tables

HOLIDAYS = {row["id"]: row for row in tables()["holiday"]}


@pytest.mark.parametrize(
    ("holiday", "year", "first", "last"),
    [
        ("spring-festival", 2019, (2, 4), (2, 10)),
        ("spring-festival", 2024, (2, 9), (2, 15)),
        ("new-years-eve-lunar", 2024, (2, 9), (2, 9)),
        ("lantern-festival", 2023, (2, 5), (2, 5)),
        ("dragon-boat-festival", 2022, (6, 3), (6, 3)),
        ("mid-autumn", 2025, (10, 6), (10, 6)),
        ("laba", 2022, (12, 30), (12, 30)),
        ("qingming", 2024, (4, 4), (4, 4)),
        ("qingming", 2023, (4, 5), (4, 5)),
        ("winter-solstice", 2023, (12, 22), (12, 22)),
        ("winter-solstice", 2024, (12, 21), (12, 21)),
        ("national-day", 2020, (10, 1), (10, 7)),
        ("thanksgiving", 2024, (11, 28), (11, 28)),
        ("mothers-day", 2025, (5, 11), (5, 11)),
        ("easter", 2024, (3, 29), (4, 1)),
        ("christmas", 2022, (12, 24), (12, 26)),
    ],
)
def test_a_holiday_is_on_its_days(holiday: str, year: int, first: tuple[int, int], last: tuple[int, int]) -> None:
    assert feast(HOLIDAYS[holiday], year) == (date(year, *first), date(year, *last))


def test_easter_of_many_years() -> None:
    known = {1961: (4, 2), 1990: (4, 15), 2000: (4, 23), 2008: (3, 23), 2011: (4, 24), 2026: (4, 5), 2038: (4, 25)}
    assert all(easter(year) == date(year, *day) for year, day in known.items())


def test_every_holiday_falls_in_every_year_of_photography() -> None:
    for holiday in HOLIDAYS.values():
        for year in (1900, 1950, 2000, 2050, 2100):
            days = feast(holiday, year)
            assert days is not None
            assert abs((days[0] - date(year, 7, 1)).days) < 230
