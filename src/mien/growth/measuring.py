"""From the figures of a person to points of their growth: heights with errors, and the figures that say nothing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mien.growth.camera import Estimate, Known, Lens, beside
from mien.growth.proportions import by_heads
from mien.growth.reasons import Reason
from mien.growth.references import YEAR
from mien.growth.standing import Stance

Method = Literal["beside", "proportions"]
"""By people of known height who stand in the same photo, or by the proportions of the body."""

GROWN = 20.0
"""Years: from then on nobody's height changes for decades, and one statement of it holds for all photos."""
STATED = 1.0
"""cm: how well people know their height, and how much it changes between morning and evening."""
RECENT = 90
"""Days for which a child's own height makes it a measure for others."""
GROWS = 0.02
"""cm a day: how far a child may have grown from a height that was measured before or after."""

LARGEST_ERROR = 0.13
"""Of the logarithm: an answer that is less sure is left out."""

NINETY = 1.645
"""Standard deviations to either side that hold 90 % of a normal distribution."""


@dataclass(frozen=True)
class Person:
    """What was said of somebody: their day of birth, and their heights (day, cm)."""

    person_id: str
    born: date | None = None
    heights: tuple[tuple[date, float], ...] = ()

    def is_growing(self, day: date) -> bool:
        """Whether that is so, as far as is known."""
        return self.born is not None and (day - self.born).days < GROWN * YEAR

    def height_on(self, day: date) -> tuple[float, float] | None:
        """How tall they were, cm, and the standard error; None where that was not said.

        Whoever has no day of birth but a height is held to be grown up.
        """
        if not self.heights:
            return None
        said, height = min(self.heights, key=lambda one: (abs((one[0] - day).days), one[0]))
        away = abs((said - day).days)
        if not self.is_growing(min(said, day)):
            return height, STATED
        return (height, math.hypot(STATED, GROWS * away)) if away <= RECENT else None


@dataclass(frozen=True)
class Sight:
    """A figure of somebody.

    Attributes:
        stance: how it stands, or why that is not known.
        is_sure: whether it is sure enough that this is them.
    """

    figure_id: str
    person_id: str
    stance: Stance | Reason
    is_sure: bool = True


@dataclass(frozen=True)
class Scene:
    """A photo: when and how it was taken, and the figures of people in it."""

    photo_id: str
    day: date | None
    lens: Lens
    sights: tuple[Sight, ...]


@dataclass(frozen=True)
class Reference:
    """A person of known height (cm) who stands in the same photo."""

    person_id: str
    figure_id: str
    height: float


@dataclass(frozen=True)
class NoRuler:
    """A figure of a person of known height in the same photo by which nothing could be measured, and why."""

    person_id: str
    figure_id: str
    reason: Reason


@dataclass(frozen=True)
class Point:
    """How tall somebody was in one photo: cm. `log_error`: one standard deviation of its logarithm.

    `references`: by whom it was measured; nobody for proportions. `no_rulers`: for proportions, by whom it was not.
    """

    photo_id: str
    figure_id: str
    day: date
    method: Method
    height: float
    log_error: float
    references: tuple[Reference, ...] = ()
    no_rulers: tuple[NoRuler, ...] = ()

    @property
    def error(self) -> float:
        """cm, one standard deviation."""
        return self.height * self.log_error

    @property
    def bounds(self) -> tuple[float, float]:
        """cm; between these the height lies in nine of ten cases."""
        factor = math.exp(NINETY * self.log_error)
        return self.height / factor, self.height * factor


@dataclass(frozen=True)
class LeftOut:
    """A figure that says nothing of how tall they were, and why."""

    photo_id: str
    figure_id: str
    day: date | None
    reason: Reason


def measure(person: Person, scenes: Sequence[Scene], others: Mapping[str, Person]) -> tuple[list[Point], list[LeftOut]]:
    """Every figure of `person`, as a point or with the reason why it is none; in the order of `scenes`.

    `others`: what was said of the other people, by id.
    """
    points: list[Point] = []
    left_out: list[LeftOut] = []
    for scene in scenes:
        mine = [sight for sight in scene.sights if sight.person_id == person.person_id]
        for sight in mine:
            found = _height(person, sight, scene, others)
            if isinstance(found, Point):
                points.append(found)
            else:
                left_out.append(LeftOut(scene.photo_id, sight.figure_id, scene.day, found))
    return points, left_out


def _height(person: Person, sight: Sight, scene: Scene, others: Mapping[str, Person]) -> Point | Reason:
    day = scene.day
    if day is None:
        return "no-date"
    age = None if person.born is None else (day - person.born).days
    if age is not None and age < 0:
        return "before-birth"
    if person.heights and not person.is_growing(day):  # who has a height and no day of birth is held to be grown up
        return "grown"
    if age is not None and age >= GROWN * YEAR:
        return "grown"
    stance = _stance(sight, scene)
    if not isinstance(stance, Stance):
        return stance
    known, no_rulers = _rulers(person, scene, day, others)
    if known:
        answer = beside(scene.lens, stance, [one for one, _ in known])
        if isinstance(answer, Estimate) and answer.log_error <= LARGEST_ERROR:
            return _point(scene, sight, day, "beside", answer, references=tuple(reference for _, reference in known))
        reason: Reason = "uncertain" if isinstance(answer, Estimate) else answer
        no_rulers += [NoRuler(one.person_id, one.figure_id, reason) for _, one in known]
    else:
        reason = "no-adult"
    if age is None:
        return "no-birth" if reason == "no-adult" and stance.chin is not None else reason
    heads = by_heads(stance, age)
    return reason if heads is None else _point(scene, sight, day, "proportions", heads, no_rulers=tuple(no_rulers))


def _stance(sight: Sight, scene: Scene) -> Stance | Reason:
    """How somebody stands, if it is surely they: nobody is there twice."""
    if not sight.is_sure:
        return "unsure-who"
    if sum(other.person_id == sight.person_id for other in scene.sights) > 1:
        return "twice"
    return sight.stance


def _rulers(
    person: Person, scene: Scene, day: date, others: Mapping[str, Person]
) -> tuple[list[tuple[Known, Reference]], list[NoRuler]]:
    """The others in the photo whose height then is known: those who stand upright, and those who do not."""
    known: list[tuple[Known, Reference]] = []
    no_rulers: list[NoRuler] = []
    for sight in scene.sights:
        other = others.get(sight.person_id)
        if other is None or sight.person_id == person.person_id or (height := other.height_on(day)) is None:
            continue
        stance = _stance(sight, scene)
        if isinstance(stance, Stance):
            known.append((Known(stance, *height), Reference(sight.person_id, sight.figure_id, height[0])))
        else:
            no_rulers.append(NoRuler(sight.person_id, sight.figure_id, stance))
    return known, no_rulers


def _point(
    scene: Scene,
    sight: Sight,
    day: date,
    method: Method,
    answer: Estimate,
    references: tuple[Reference, ...] = (),
    no_rulers: tuple[NoRuler, ...] = (),
) -> Point:
    return Point(scene.photo_id, sight.figure_id, day, method, answer.height, answer.log_error, references, no_rulers)
