"""Numbers, dates and clock times as they are written in a question."""

import re
from calendar import monthrange
from contextlib import suppress
from datetime import date

_FIRST_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
ENGLISH_NUMBERS = {name: n for n, name in enumerate(_FIRST_NUMBERS)} | {
    "dozen": 12, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100,
}  # fmt: skip
_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "俩": 2, "仨": 3}
_TENS = {"十": 10, "百": 100, "千": 1000}


def number_of(text: str) -> int | None:
    """A whole number in digits, English or Chinese: "3", "three", "十二", "二〇一九"."""
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 9 else None
    if text in ENGLISH_NUMBERS:
        return ENGLISH_NUMBERS[text]
    if not text or any(c not in _DIGITS and c not in _TENS for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in _TENS:
            total, digit = total + (digit or 1) * _TENS[c], 0
        else:
            digit = _DIGITS[c]
    return total + digit


def days_of(text: str) -> tuple[tuple[date, date], ...]:
    """The day or the month that a date in digits gives; both days where day and month may be either."""
    parts = [int(part) for part in re.split(r"[-./]", text) if part.isdecimal()]
    if len(parts) == 1 and len(text) == 8:
        parts = [int(text[:4]), int(text[4:6]), int(text[6:])]
    try:
        if len(parts) == 2 and max(parts) > 31:
            first = date(max(parts), min(parts), 1)
            return ((first, date(first.year, first.month, monthrange(first.year, first.month)[1])),)
        if len(parts) != 3:
            return ()
        if parts[0] > 31:
            day = date(*parts)
            return ((day, day),)
    except ValueError:
        return ()
    found: dict[tuple[date, date], None] = {}
    for month, day_of in ((parts[1], parts[0]), *(((parts[0], parts[1]),) if "/" in text else ())):
        with suppress(ValueError):
            found[(date(parts[2], month, day_of),) * 2] = None
    return tuple(found)


def clock_of(text: str) -> tuple[int, int] | None:
    """The hour and the minute of a time in digits: "15:30", "3.30"."""
    hour, _, minute = text.replace(".", ":").partition(":")
    return (int(hour), int(minute)) if hour.isdecimal() and minute.isdecimal() else None
