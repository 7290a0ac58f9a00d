"""Who is who: seconds to group synthetic figures, beside the article's DBSCAN on the same figures."""

import time

import numpy as np

from mien.people.anchors import GRID, Anchor
from mien.people.article import group_article
from mien.people.crowd import handicapped
from mien.people.grouping import group
from mien.people.sighting import Sighting

FIGURES_PER_PERSON = 20
WITHIN = 0.025
"""Standard deviation of each of a vector's 128 numbers within one person: photos of one person lie about 0.4 apart."""

BETWEEN = 0.075


def measure(figures: int, seed: int = 0) -> tuple[float, float]:
    """Seconds for `group` and for `group_article`."""
    sightings = _sightings(figures, np.random.default_rng(seed))
    return _seconds(group, sightings), _seconds(group_article, sightings)


def _seconds(method: object, sightings: list[Sighting]) -> float:
    started = time.perf_counter()
    method(sightings)  # type: ignore[operator]
    return time.perf_counter() - started


def _sightings(figures: int, random: np.random.Generator) -> list[Sighting]:
    people = random.normal(0, BETWEEN, (max(1, figures // FIGURES_PER_PERSON), 128))
    sightings = [
        Sighting(
            figure_id=f"{i:07}-1",
            place=Anchor(f"{i:07}", (0.2, 0.1, 0.8, 0.9), bytes(GRID * GRID // 8)),
            face_vector=(people[i % len(people)] + random.normal(0, WITHIN, 128)).astype(np.float32),
            face_usable=1.0,
            article=random.random(15),
        )
        for i in range(figures)
    ]
    return handicapped(sightings)
