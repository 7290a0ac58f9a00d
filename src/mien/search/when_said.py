"""A time in words: 2019, June 2023, summer, weekends, 18:00–22:59."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from mien.language import Language, listed
from mien.language import text as message
from mien.search.lexicon import tables
from mien.search.query import When


def when_label(when: When, language: Language) -> str:
    """All that a time says, dates as numbers."""
    comma = "，" if language == "zh" else ", "
    said: list[str] = []
    if when.days:
        said.append(" / ".join(_days(first, last, language) for first, last in when.days))
    if when.months:
        said.append(_months(when.months, language))
    if when.weekdays:
        said.append(_listed("weekdays", [sorted(when.weekdays)], [[d] for d in sorted(when.weekdays)], language))
    if when.hours:
        said.append(f"{when.hours[0]}:00–{when.hours[1]}:59")
    return comma.join(said)


def _days(first: date | None, last: date | None, language: Language) -> str:
    if first is None or last is None:
        key = "search.since" if last is None else "search.until"
        return message(key, language=language, day=(first or last or date.min).isoformat())
    if first == last:
        return first.isoformat()
    is_whole = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
    if is_whole and (first.month, last.month) == (1, 12):
        return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    if is_whole and (first.year, first.month) == (last.year, last.month):
        return first.strftime("%Y-%m")
    return f"{first.isoformat()} – {last.isoformat()}"


def _months(months: frozenset[int], language: Language) -> str:
    for row in tables()["season"]:
        if months == {(row["is"] - 1 + i) % 12 + 1 for i in range(3)}:
            return _word(row, language)
    if language == "zh":
        return "、".join(f"{month}月" for month in sorted(months))
    return _listed("month", [], sorted(months), language)


def _listed(kind: str, wholes: Iterable[object], values: Iterable[object], language: Language) -> str:
    """The lexicon's first words for values: one word for all of them where there is one."""
    words = {str(row["is"]): _word(row, language) for row in tables()[kind] if row.get(language)}
    for whole in wholes:
        if str(whole) in words:
            return words[str(whole)]
    return listed((words[str(value)] for value in values), language)


def _word(row: dict[str, list[str]], language: Language) -> str:
    word: str = row[language][0]
    return word if language == "zh" or "is" not in row else word.capitalize()
