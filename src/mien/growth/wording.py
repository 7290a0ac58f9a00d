"""Heights and ages in the user's words."""

from collections.abc import Mapping
from datetime import date

from mien.growth.measuring import Point
from mien.growth.reasons import said
from mien.growth.references import YEAR
from mien.language import listed, text


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
    """ "beside Anna, Ben", or by proportions, and why nobody was the ruler. `names`: of people by id."""
    somebody = text("growth.method.somebody")
    if point.method == "beside":
        return text(
            "growth.method.beside", names=listed(names.get(one.person_id, somebody) for one in point.references)
        )
    # Who is there twice is so for one reason.
    why = dict.fromkeys(
        text("growth.method.why", name=names.get(one.person_id, somebody), reason=said(one.reason))
        for one in point.no_rulers
    )
    if not why:
        return text("growth.method.proportions")
    return text("growth.method.no-ruler", people=listed(why))
