"""Instances → people with their parts: one figure per body, whoever was missed, and every pixel owned by one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.parsing.m2fp.bodies import Body, assign, distinct_humans, distinct_parts
from mien.parsing.m2fp.overlaps import without_specks
from mien.parsing.m2fp.painting import Painting, paint
from mien.parsing.m2fp.postprocessing import Instance
from mien.parsing.m2fp.recovery import believed, divide, recover, with_evidence
from mien.vision.geometry import FloatArray

SMALLEST = 4  # px of the map: nobody can be made out who is narrower or lower
HIDDEN = 0.1  # share of a body below which nothing of it is left to be seen


@dataclass(frozen=True, eq=False)
class People:
    """n people: their maps, and float32 (n,) scores 0–1: the network's own certainty, which nobody has calibrated."""

    painting: Painting
    scores: NDArray[np.float32]


def compose(instances: Sequence[Instance], width: int, height: int, faces: FloatArray) -> People:
    """The people of a photo on maps of `width`×`height` px, best first.

    Args:
        instances: as `find_instances` gives them, for maps of this size.
        faces: (k, 4), px of the map; boxes of faces that another look saw for sure. Where there is one, less has to
            speak for a person.
    """
    instances = [without_specks(instance) for instance in instances]
    parts = distinct_parts(instances)
    humans = distinct_humans(instances, parts)
    bodies, orphans = assign(humans, parts)
    kept = [believed(with_evidence(body), faces) for body in bodies]
    if not all(kept):
        humans = [human for human, stays in zip(humans, kept, strict=True) if stays]
        bodies, orphans = assign(humans, parts)
    bodies = [person for body in bodies for person in divide(with_evidence(body))]
    bodies = sorted(recover(orphans, bodies, faces), key=lambda body: -body.score)
    painting = paint(bodies, width, height)
    seen = _seen(painting, bodies)
    if not all(seen):
        bodies = [body for body, stays in zip(bodies, seen, strict=True) if stays]
        painting = paint(bodies, width, height)
    return People(painting, np.array([min(1.0, body.score) for body in bodies], np.float32))


def _seen(painting: Painting, bodies: Sequence[Body]) -> list[bool]:
    """Which bodies are still to be seen once all pixels have their owner."""
    sides = (painting.boxes[:, 2:] - painting.boxes[:, :2]) * np.array(painting.figures.shape[::-1])
    return [
        bool(side.min() >= SMALLEST) and int(areas.sum()) >= HIDDEN * body.human.area
        for side, areas, body in zip(sides, painting.areas, bodies, strict=True)
    ]
