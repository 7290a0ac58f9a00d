"""A synthetic camera: people of known height stand on a ground that is not quite level, and are photographed.

It shares no code with `mien.growth.camera`: points in space are turned, tilted and projected one by one, and what sets
real bodies apart from poles (shoes, hair, bent knees and necks, a lean, feet of some length) is drawn per person.

`python -m tests.growth.synthetic` prints the figures of `docs/growth.md`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, radians, sin
from typing import Any

import numpy as np

from mien.growth.camera import Lens
from mien.growth.curve import fit
from mien.growth.measuring import Person, Point, Scene, Sight, measure
from mien.growth.references import YEAR, centile
from mien.growth.standing import Stance

DAY = date(2020, 6, 1)


@dataclass(frozen=True)
class Body:
    """Somebody in the scene: height (cm), metres to the right and away from the camera."""

    height: float
    right: float
    away: float


def photograph(
    bodies: list[Body], random: np.random.Generator, *, has_exif: bool = True
) -> tuple[Lens, list[Stance]] | None:
    """What the album would know of such a photo; None if somebody is not wholly in it."""
    held = random.uniform(0.9, 1.75)
    focal = float(random.choice([26, 28, 35, 50, 70]))
    aspect = float(random.choice([4 / 3, 3 / 2, 3 / 4, 2 / 3]))
    roll, aside, away = np.radians(random.normal(0, 1, 3))
    # Whoever photographs people aims at them, somewhere between the knees and the eyes.
    nearest = min(body.away for body in bodies)
    pitch = np.arctan2(held - random.uniform(0.6, 1.4), nearest) + radians(random.normal(0, 2))
    true = focal * np.exp(random.normal(0, 0.03)) / 43.267

    def seen(right: float, up: float, far: float) -> tuple[float, float]:
        down = held - up
        below, forward = down * cos(pitch) - far * sin(pitch), down * sin(pitch) + far * cos(pitch)
        x, y = true * right / forward, true * below / forward
        x, y = x * cos(roll) + y * sin(roll), y * cos(roll) - x * sin(roll)
        diagonal = np.hypot(aspect, 1)
        return 0.5 + x * diagonal / aspect, 0.5 + y * diagonal

    stances = []
    for body in bodies:
        tall = body.height / 100
        ground = body.right * np.tan(aside) + body.away * np.tan(away) + random.normal(0, 0.01)
        sole, hair = random.uniform(0.005, 0.03) * tall / 1.7, random.uniform(0.003, 0.02)
        stoop = abs(random.normal(0, 0.012)) + (random.random() < 0.15) * random.uniform(0, 0.04)
        upright = tall * (1 - stoop) + sole + hair
        lean, nod = np.radians(random.normal(0, 2, 2))
        top = seen(body.right + upright * sin(lean), ground + upright * cos(lean), body.away + upright * sin(nod))
        foot = seen(body.right, ground + random.normal(0, 0.012) * tall, body.away + random.normal(0, 0.04))
        if not (0.02 < top[1] < foot[1] < 0.97 and 0.02 < foot[0] < 0.98):
            return None
        rows = (foot[1] - top[1]) * (1024 if aspect < 1 else 1024 / aspect)
        top, foot = ((x, y + random.normal(0, 1.5) * (foot[1] - top[1]) / rows) for x, y in (top, foot))
        if rows < 100:
            return None
        stances.append(Stance(foot, top, None, rows))
    return Lens(aspect, round(focal) if has_exif else None), stances


def estimates(
    n: int, seed: int, *, adults: int = 1, apart: float = 0.2, has_exif: bool = True
) -> list[tuple[float, Point]]:
    """n photos of a child beside adults: its true height, and what is made of it.

    `apart`: metres, standard deviation, by which each is nearer or further than the others.
    """
    random = np.random.default_rng(seed)
    found: list[tuple[float, Point]] = []
    while len(found) < n:
        away = random.uniform(2.2, 9)
        heights = [random.uniform(75, 175), *random.normal(170, 8, adults)]
        places = random.permutation(np.arange(len(heights)) - adults / 2) * random.uniform(0.45, 0.9)
        bodies = [
            Body(h, right, max(1.5, away + random.normal(0, apart))) for h, right in zip(heights, places, strict=True)
        ]
        photo = photograph(bodies, random, has_exif=has_exif)
        if photo is None:
            continue
        lens, stances = photo
        people = [Person(f"p{i}") for i in range(len(bodies))]
        others = {  # people round what they say of their height, and are not quite right
            p.person_id: Person(p.person_id, None, ((DAY, round(h + random.normal(0, 0.7))),))
            for p, h in zip(people[1:], heights[1:], strict=True)
        }
        sights = tuple(Sight(p.person_id, p.person_id, s) for p, s in zip(people, stances, strict=True))
        points, _ = measure(people[0], [Scene("photo", DAY, lens, sights)], others)
        found += [(heights[0], point) for point in points]
    return found


@dataclass(frozen=True)
class Child:
    """Born on `DAY`; its true height, cm, by age in days."""

    sex: str
    z: float
    drift: float

    def height(self, days: float) -> float:
        middle, high = (float(centile("who", self.sex, days, c)) for c in (50, 97))  # type: ignore[arg-type]
        z = self.z + self.drift * np.sin(days / YEAR / 3)
        return middle + (high - middle) * z / 1.88


def childhood(random: np.random.Generator, photos: int, measured: int) -> tuple[Child, list[Point], list]:
    """A child, what its photos from one to seventeen years say, and some measurements."""
    child = Child(str(random.choice(["girls", "boys"])), random.normal(0, 1), random.normal(0, 0.3))
    parents = {
        name: (float(height), Person(name, None, ((DAY, round(height + random.normal(0, 0.8))),)))
        for name, height in (("a", random.normal(165, 7)), ("b", random.normal(177, 7)))
    }
    points: list[Point] = []
    while len(points) < photos:
        days = int(random.uniform(1, 17) * YEAR)
        name = str(random.choice(["a", "b"]))
        height, parent = parents[name]
        tall = child.height(days)
        if random.random() < 0.08:  # on a step, in a hole, in the air
            tall += random.choice([-1, 1]) * random.uniform(10, 30)
        away = random.uniform(2.2, 9)
        bodies = [Body(tall, -0.3, away + random.normal(0, 0.2)), Body(height, 0.3, away)]
        photo = photograph(bodies, random, has_exif=random.random() < 0.7)
        if photo is None:
            continue
        lens, stances = photo
        day = DAY + timedelta(days)
        sights = tuple(Sight(i, i, s) for i, s in zip(("child", name), stances, strict=True))
        found, _ = measure(Person("child", DAY), [Scene(f"{len(points)}", day, lens, sights)], {name: parent})
        points += found
    days = random.uniform(1, 17, measured) * YEAR
    return child, points, [(DAY + timedelta(int(d)), round(child.height(int(d)) + random.normal(0, 0.5))) for d in days]


SCENES: dict[str, dict[str, Any]] = {
    "one adult in the same plane": {},
    "the same, no focal length in the file": {"has_exif": False},
    "two adults in the same plane": {"adults": 2},
    "one adult, 1 m nearer or further": {"apart": 1.0},
    "two adults, each 1 m nearer or further": {"apart": 1.0, "adults": 2},
    "one adult, 1 m nearer or further, no focal length": {"apart": 1.0, "has_exif": False},
}
CURVES = ((6, 0), (20, 0), (60, 0), (20, 3))
"""Photos and measured heights of a childhood."""


def of_points(n: int, seed: int, **scene: Any) -> tuple[float, float, float]:
    """Median and 90th percentile of the error, share of the height; how often the 90 % interval holds the truth."""
    found = estimates(n, seed, **scene)
    errors = [abs(point.height / height - 1) for height, point in found]
    held = [point.bounds[0] <= height <= point.bounds[1] for height, point in found]
    return float(np.median(errors)), float(np.quantile(errors, 0.9)), float(np.mean(held))


def of_curves(children: int, seed: int, photos: int, measured: int) -> tuple[float, float, float]:
    """Median error of the curve from one to seventeen years, how often its band holds the truth, and its mean width."""
    random = np.random.default_rng(seed)
    errors, inside, widths = [], [], []
    for _ in range(children):
        child, points, heights = childhood(random, photos, measured)
        curve = fit(DAY, points, heights)
        assert curve is not None
        for day, low, middle, high in zip(curve.days, curve.low, curve.middle, curve.high, strict=True):
            age = (day - DAY).days
            if YEAR <= age <= 17 * YEAR:
                true = child.height(age)
                errors.append(abs(middle / true - 1))
                inside.append(low <= true <= high)
                widths.append((high - low) / middle)
    return float(np.median(errors)), float(np.mean(inside)), float(np.mean(widths))


def main(n: int = 4000, children: int = 200) -> None:
    """The tables of `docs/growth.md`."""
    print(f"| n = {n} each | median error | 90th percentile | 90 % interval holds |\n|---|---|---|---|")
    for name, scene in SCENES.items():
        median, ninetieth, held = of_points(n, 1, **scene)
        print(f"| {name} | {median:.1%} | {ninetieth:.1%} | {held:.1%} |")
    print(f"\n| n = {children} children each | median error | 90 % band holds | its width |\n|---|---|---|---|")
    for photos, measured in CURVES:
        median, held, width = of_curves(children, 1, photos, measured)
        print(f"| {photos} photos, {measured} measured heights | {median:.1%} | {held:.1%} | {width:.1%} |")


if __name__ == "__main__":
    main()
