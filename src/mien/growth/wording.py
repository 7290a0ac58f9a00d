"""Heights and ages in the user's words."""

from collections.abc import Mapping
from datetime import date

from mien.growth.measuring import Point
from mien.growth.references import YEAR
from mien.language import current_language, text


def age_words(born: date | None, day: date) -> str:
    """ "7 months", "4.5 years"; "" where the day of birth is not known."""
    if born is None:
        return ""
    days = (day - born).days
    if days < 2 * YEAR:
        return text("growth.months", months=int(days / YEAR * 12))
    return text("growth.years", years=f"{days / YEAR:.1f}")


def height_words(point: Point) -> str:
    """ "112 ± 3 cm": the height and its standard error."""
    return text("growth.about", cm=f"{point.height:.0f}", error=f"{max(point.error, 1):.0f}")


def method_words(point: Point, names: Mapping[str, str]) -> str:
    """ "beside Anna, Ben". `names`: of people by id."""
    if point.method == "proportions":
        return text("growth.method.proportions")
    somebody = text("growth.method.somebody")
    people = [names.get(one.person_id, somebody) for one in point.references]
    return text("growth.method.beside", names=("、" if current_language() == "zh" else ", ").join(people))
