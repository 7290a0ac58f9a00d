"""Times by the clock: "3 pm", "15:30", 下午三点半."""

from collections.abc import Sequence
from dataclasses import dataclass

from mien.search.words import Word

Hours = tuple[int, int]
"""As `When.hours`."""


@dataclass(frozen=True)
class Clock:
    """A time of day. Not `is_settled`: of the morning or of the afternoon, which the rest of the question tells."""

    hour: int
    minute: int = 0
    is_settled: bool = True

    def hour_in(self, part: Hours | None) -> int:
        """The hour, 0–23, in a part of the day; without one, 1 to 6 o'clock are of the afternoon."""
        if self.is_settled:
            return self.hour
        morning = self.hour % 12
        if part is None:
            return morning + 12 if self.hour <= 6 or self.hour == 12 else morning
        if part[0] >= 18:  # 10 in the evening, 2 at night
            return morning + 12 if morning >= 5 else morning
        return next((hour for hour in (morning, morning + 12) if part[0] <= hour <= part[1]),
                    morning + 12 if part[0] >= 11 else morning)  # fmt: skip

    def last_hour(self, hour: int) -> int:
        """The last hour that begins before this time: up to 4 o'clock is up to 3:59."""
        return hour if self.minute else (hour - 1) % 24


def clock_at(words: Sequence[Word], at: int) -> tuple[Clock, int] | None:
    """The time by the clock that begins here, and the place behind it."""
    word, kind, end = words[at], _kind(words, at + 1), at + 1
    minute, is_settled = 0, False
    if word.kind == "clock":
        hour, minute = word.value
        is_settled = hour > 12 or word.text.startswith("0")
    elif word.kind != "number" or word.value > 24:
        return None
    else:
        hour = word.value % 24
        is_settled = hour > 12 or word.value in (0, 24)
        if word.text == "一" and _kind(words, at - 1) != "hours" and words[end : end + 1] and words[end].text == "点":
            return None  # a bit
        if kind == "o_clock" or (kind and words[end].text == "时"):
            minute, end = _minute(words, end)
        elif _kind(words, end) in ("to", "and") and _kind(words, end + 1) == "number":  # 2 to 4 pm
            return (Clock(hour, 0, is_settled), end) if clock_at(words, end + 1) else None
        elif kind != "meridiem":
            return None
    if _kind(words, end) == "meridiem":
        if not is_settled:
            hour, is_settled = hour % 12 + (12 if words[end]["is"] == "pm" else 0), True
        end += 1
    return Clock(hour, minute, is_settled), end


def _minute(words: Sequence[Word], at: int) -> tuple[int, int]:
    """The minute that 点半 or 点20分 says, and the place behind it."""
    minute, end = words[at]["minute"] or 0, at + 1
    if words[at].is_chinese and _kind(words, end) == "number" and words[end - 1].span[1] == words[end].span[0]:
        is_minute = _kind(words, end + 1) not in ("measure", "person") and words[end].value < 60
        minute, end = (words[end].value, end + 1) if is_minute else (minute, end)
    return minute, end + (end < len(words) and words[end].text in ("分", "分钟"))


def between(first: tuple[Clock, Hours | None], last: tuple[Clock, Hours | None]) -> Hours | None:
    """From the one time to the other, each with the part of the day that is said with it; None: no time between.

    Where one is not settled, it is the next before or behind the other.
    """
    (one, part), (other, other_part) = first, last
    begin, end = one.hour_in(part), other.hour_in(other_part or part)
    if (other.is_settled or other_part) and not one.is_settled and part is None:
        begin = max((begin, (begin + 12) % 24), key=lambda hour: -((end - hour) % 24 or 24))
    elif not other.is_settled and other_part is None:
        end = min((end, (end + 12) % 24), key=lambda hour: (hour - begin) % 24 or 24)
    return None if begin == end and not other.minute else (begin, other.last_hour(end))


def _kind(words: Sequence[Word], at: int) -> str:
    return words[at].kind if 0 <= at < len(words) else ""
