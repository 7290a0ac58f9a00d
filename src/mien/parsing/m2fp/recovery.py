"""People whom no human mask shows well: made of their parts; and what is hardly anybody is left out."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.m2fp.bodies import FACE, HAIR, IN_HEAD, Body
from mien.parsing.m2fp.postprocessing import HUMAN, Instance
from mien.parsing.parse import PART_ID
from mien.vision.geometry import FloatArray

BELIEVED = 0.4  # score from which a body is somebody
SEEN = 0.1  # the same where another look saw a face
TORSO_ONLY = 0.5  # weight of clothes as evidence of a person: they also hang on hooks
BARE = 0.75  # weight of a human mask in which nothing of a person can be told
LEAST_PARTS = 100  # px of the map; fewer are no evidence of somebody whom no human mask shows

TORSO = tuple(PART_ID[name] for name in ("upper-clothes", "dress", "coat", "torso-skin"))

WORN_APART = tuple(PART_ID[name] for name in ("face", "hair", "hat", "sunglasses", "scarf", "glove", "socks"))
"""Heads, and what is often seen in several pieces: no sign that there are two bodies."""

OUTWARDS = (
    ("face",), ("hair",), ("sunglasses",), ("hat",), ("torso-skin",), ("upper-clothes", "dress", "coat"), ("scarf",),
    ("left-arm",), ("right-arm",), ("glove",), ("skirt", "pants"), ("left-leg",), ("right-leg",), ("socks",),
    ("left-shoe",), ("right-shoe",),
)  # fmt: skip
"""Kinds of parts from the head on: each lies beside some before it, and hardly anybody lacks one that others show."""

CELL = 4  # px of the map: distances between parts are measured in coarse cells
CLOSED = 5  # px; slits between the parts of somebody without a human mask are closed up to this width

NO_QUERY = -1

_Cells = tuple[NDArray[np.intp], NDArray[np.intp]]


def believed(body: Body, faces: FloatArray) -> bool:
    """Whether it is somebody. `faces` (k, 4) are those that another look saw, px of the map."""
    return body.score >= BELIEVED or (body.score >= SEEN and _shows(body, faces))


def with_evidence(body: Body) -> Body:
    """The same body with the score that its human mask or the parts that are its own give it: a head tells most."""
    score = body.score if body.parts else BARE * body.score
    for part, share in zip(body.parts, body.shares, strict=True):
        weight = 1.0 if part.label in (FACE, HAIR) else TORSO_ONLY if part.label in TORSO else 0.0
        score = max(score, weight * share * part.score)
    return replace(body, score=score)


def divide(body: Body) -> list[Body]:
    """The people in one human mask: it holds several where heads, and parts of some other kind, are there twice."""
    own = [part for part, share in zip(body.parts, body.shares, strict=True) if share >= IN_HEAD]
    heads = _heads(own)
    others = [part.label for part in own if part.label not in WORN_APART]
    if len(heads) < 2 or len(set(others)) == len(others):
        return [body]
    people = [_of_parts(parts) for parts in _gather(heads, body.parts)]
    return [replace(person, score=max(body.score, person.score)) for person in people]


def recover(orphans: Sequence[Instance], bodies: Sequence[Body], faces: FloatArray) -> list[Body]:
    """Give parts that lie in no human mask to those they belong to; or make people of them.

    Parts that touch each other are one person if they show a head or a torso, or as many as they show heads. If they
    touch somebody who has none of these parts, and not both have a head, they are theirs.
    """
    everybody = list(bodies)
    for cluster in _clusters(orphans):
        heads = _heads(cluster)
        for parts in _gather(heads, cluster) if len(heads) > 1 else [cluster]:
            owner = _neighbour(parts, bodies)
            person = _of_parts(parts)
            if owner is not None and not _rival(person, everybody[owner]):
                for part in parts:
                    everybody[owner] = everybody[owner].with_part(part)
            elif _is_enough(person) and believed(person, faces):
                everybody.append(person)
    return everybody


def _is_enough(person: Body) -> bool:
    """Whether there is enough of somebody made of parts alone."""
    kinds = {part.label for part in person.parts}
    return person.human.area >= LEAST_PARTS and (len(kinds) > 1 or FACE in kinds)


def _rival(person: Body, other: Body) -> bool:
    """Whether these parts cannot be a piece of the other body: both have a head, or a part of the same kind."""
    both = all(body.has(FACE) or body.has(HAIR) for body in (person, other))
    return both or any(other.has(part.label) for part in person.parts)


def _heads(parts: Sequence[Instance]) -> list[Instance]:
    """One part per head: the faces, or hair if there is more of it."""
    faces, hair = ([part for part in parts if part.label == label] for label in (FACE, HAIR))
    return hair if len(hair) > len(faces) else faces


def _of_parts(parts: Sequence[Instance]) -> Body:
    """Somebody of whom there are only parts; their outline stands for the human mask."""
    rows = slice(min(p.region[0].start for p in parts), max(p.region[0].stop for p in parts))
    columns = slice(min(p.region[1].start for p in parts), max(p.region[1].stop for p in parts))
    outline = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.float32)
    for part in parts:
        top, left = part.region[0].start - rows.start, part.region[1].start - columns.start
        height, width = part.probability.shape
        here = outline[top : top + height, left : left + width]
        np.maximum(here, part.probability, out=here)
    closed = cv2.morphologyEx(outline, cv2.MORPH_CLOSE, np.ones((CLOSED, CLOSED), np.uint8))
    probability = np.asarray(closed, np.float32)
    area = int(np.count_nonzero(probability))
    human = Instance(NO_QUERY, HUMAN, 0.0, 0.0, (rows, columns), probability, area)
    return with_evidence(Body(human, tuple(parts), (1.0,) * len(parts), 0.0))


def _gather(heads: Sequence[Instance], parts: Sequence[Instance]) -> list[list[Instance]]:
    """Parts given to heads, from the head on to what lies beside: one of a kind to each, as far as that goes."""
    from scipy.optimize import linear_sum_assignment

    groups = [[head] for head in heads]
    taken = {id(head) for head in heads}
    for kind in OUTWARDS:
        labels = [PART_ID[name] for name in kind]
        ones = [part for part in parts if part.label in labels and id(part) not in taken]
        if not ones:
            continue
        distances = np.array([_distances(group, ones) for group in groups])
        rows, columns = linear_sum_assignment(distances)
        owners = distances.argmin(0)
        owners[columns] = rows
        for part, owner in zip(ones, owners, strict=True):
            groups[owner].append(part)
    return groups


def _distances(group: Sequence[Instance], parts: Sequence[Instance]) -> list[float]:
    """How far each part lies from a group of others on average, in cells."""
    cells = [_cells(part) for part in (*group, *parts)]
    canvas = np.ones(_extent(cells), np.uint8)
    for where in cells[: len(group)]:
        canvas[where] = 0
    distance = cv2.distanceTransform(canvas, cv2.DIST_L2, 3)
    return [float(distance[where].mean()) for where in cells[len(group) :]]


def _clusters(parts: Sequence[Instance]) -> list[list[Instance]]:
    """Parts that touch each other, or nearly."""
    if not parts:
        return []
    cells = [_cells(part) for part in parts]
    canvas = np.zeros(_extent(cells), np.uint8)
    for where in cells:
        canvas[where] = 1
    # A part in pieces holds together what it touches.
    _, pieces = cv2.connectedComponents(cv2.dilate(canvas, np.ones((3, 3), np.uint8)))
    clusters: list[tuple[set[int], list[Instance]]] = []
    for part, where in zip(parts, cells, strict=True):
        touched, members = set(np.unique(pieces[where]).tolist()), [part]
        for cluster in [cluster for cluster in clusters if cluster[0] & touched]:
            clusters.remove(cluster)
            touched, members = touched | cluster[0], cluster[1] + members
        clusters.append((touched, members))
    return [members for _, members in clusters]


def _neighbour(parts: Sequence[Instance], bodies: Sequence[Body]) -> int | None:
    """The body that these parts touch most; None if they touch nobody."""
    cells = [_cells(part) for part in parts]
    outlines = [_cells(body.human) for body in bodies]
    canvas = np.zeros(_extent([*cells, *outlines]), np.uint8)
    for where in cells:
        canvas[where] = 1
    near = cv2.dilate(canvas, np.ones((3, 3), np.uint8))
    touching = [int(near[where].sum()) for where in outlines]
    return int(np.argmax(touching)) if max(touching, default=0) else None


def _shows(body: Body, faces: FloatArray) -> bool:
    """Whether the middle of any of these faces lies on the body."""
    rows, columns = body.human.region
    for x, y in (faces[:, :2] + faces[:, 2:]) / 2:
        row, column = int(y) - rows.start, int(x) - columns.start
        height, width = body.human.probability.shape
        if 0 <= row < height and 0 <= column < width and body.human.probability[row, column]:
            return True
    return False


def _cells(instance: Instance) -> _Cells:
    """The coarse cells of the map that a mask touches."""
    rows, columns = np.nonzero(instance.probability)
    return (rows + instance.region[0].start) // CELL, (columns + instance.region[1].start) // CELL


def _extent(cells: Sequence[_Cells]) -> tuple[int, int]:
    """The size of a canvas for these cells, with a margin."""
    return tuple(2 + max((int(where[axis].max(initial=0)) for where in cells), default=0) for axis in (0, 1))  # type: ignore[return-value]
