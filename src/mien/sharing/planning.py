"""Which pixels of a photo are hidden: strangers' heads wherever they are seen, up to the edge of those who are kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import Parse
from mien.sharing.screening import CERTAIN_FACE, SURE_FACE, Sighted, same_face
from mien.sharing.shapes import (
    Mask,
    around_face,
    distances,
    grown,
    head_labels,
    head_of,
    hull,
    inside_face,
    is_head,
    is_head_part,
    likely_head,
    rectangle,
    shrunk,
    skin_labels,
    top_of,
    turn_of,
    without_slivers,
)
from mien.sharing.wish import Subject, Wish
from mien.vision.geometry import FloatArray, areas, intersections, iou

SAME_BODY = 0.45  # IoU from which a sighted body is a figure of the parse
COVERED, KNOWN_PLACE = 0.8, 0.3  # shares of a body's likely head that are hidden or kept: enough; somebody's
EAR, WHOLLY = 0.2, 0.95  # an ear's box over its face's, at most; how much of it is labelled as the head
OUTLINE = 2.0  # px around a silhouette
SEAM = 0.006
"""Of the maps' longer side: so far the outline of whoever is kept may be wrong about a stranger's hair beside it."""
SLIVER, ISLAND = 0.008, 0.001
"""Of the longer side and of its square: what is narrower or smaller between hidden parts is hidden with them."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be hidden, on maps as large as the parse's.

    Attributes:
        mask: bool (H, W); what is painted over.
        clear: bool (H, W); faces of those who are kept: nothing is ever painted there.
        kept: float64 (k, 4), px of the maps; the faces that may be found in the copy.
        strangers: how many faces and bodies are hidden that are no figures of the parse.
    """

    mask: Mask
    clear: Mask
    kept: NDArray[np.float64]
    strangers: int

    def with_more(self, mask: Mask) -> "Plan":
        """The same with more hidden."""
        return Plan(self.mask | (mask & ~self.clear), self.clear, self.kept, self.strangers)


def plan(parse: Parse, subjects: Sequence[Subject], sighted: Sighted, wish: Wish) -> Plan:
    """What to hide.

    Args:
        parse: of the photo. Figures of it that no subject speaks of are strangers.
        subjects: who is who.
        sighted: who may be there; px of the parse's maps.
    """
    size = parse.size
    known = {subject.ordinal: subject for subject in subjects if subject.ordinal is not None}
    people = [known.get(i, Subject(_box(parse, i), i)) for i in range(len(parse))]
    people += [subject for subject in subjects if subject.ordinal is None]
    kept = [person for person in people if person.keep]
    hidden = [person for person in people if not person.keep]

    owner = _owners(kept, hidden, sighted, parse)
    kept_faces = _kept_faces(kept, owner, sighted, size)
    known_faces = np.array([_scaled(person.face, size) for person in hidden if person.face is not None])
    more_faces = sighted.faces[(owner < 0) & (sighted.scores >= SURE_FACE)]
    faces, heads, bodies = _kept_masks(kept, kept_faces, known_faces, more_faces, parse)
    if kept:
        heads, bodies = (shrunk(mask, SEAM * max(size)) | faces for mask in (heads, bodies))

    known_mask = np.zeros(size[::-1], bool)
    for person in hidden:
        known_mask |= _hidden(person, parse, wish)
    loose = np.zeros_like(known_mask)  # what the parse knows nothing of, so that its borders do not hold there
    known_mask &= ~bodies
    for person in hidden:  # a face that was found is hidden, whosever the parse takes its pixels for
        if person.landmarks is not None:
            known_mask |= hull(person.landmarks, size) & ~faces

    strangers = 0
    own = [parse.mask(person.ordinal) for person in hidden if person.ordinal is not None]
    theirs = np.any(own, axis=0) if own else np.zeros_like(known_mask)
    for i in np.flatnonzero(owner < 0):
        face = sighted.faces[i]
        x, y = _pixel((face[:2] + face[2:]) / 2, size)
        around = around_face(face, size, turn_of(sighted.keypoints[i]))
        loose |= inside_face(face, size) & ~faces
        if theirs[y, x]:
            known_mask |= around & ~bodies
        else:
            strangers += not known_mask[y, x]
            loose |= around & ~heads
    there = known_mask | loose | heads
    likely = [likely_head(body, size, int(turn)) for body, turn in zip(sighted.bodies, sighted.turns, strict=True)]
    covered = np.array([float((head & there).sum()) / max(1, head.sum()) for head in likely])
    found = _figures_of(sighted.bodies, people, size)
    for i in np.flatnonzero((covered < COVERED) & ~_lie_otherwise(sighted, covered >= COVERED)):
        body, turn, figure = sighted.bodies[i], int(sighted.turns[i]), found[i]
        if (figure is not None and figure.keep) or (likely[i] & (there | loose)).sum() >= COVERED * likely[i].sum():
            continue
        # The parse may have put somebody's head where it is not; where it shows nobody, much more is in doubt.
        loose |= grown(likely[i], 0.15 * float(np.sqrt(likely[i].sum()))) & ~heads
        if figure is None and covered[i] < KNOWN_PLACE:
            strangers += 1
            loose |= top_of(body, size, turn) & ~heads
            if wish.style == "silhouette" or wish.hides_skin(keep=False, grown_up=False):
                loose |= rectangle((body[0], body[1], body[2], body[3]), size) & ~bodies
    skin = np.zeros_like(known_mask)
    for person in kept:
        if person.ordinal is not None and wish.hides_skin(keep=True, grown_up=person.grown_up):
            skin |= skin_labels(parse, person.ordinal)
    everything = without_slivers(
        known_mask | loose | (skin & ~heads), faces, SLIVER * max(size), ISLAND * max(size) ** 2
    )
    return Plan(everything, faces & ~everything, kept_faces, strangers)


def _hidden(person: Subject, parse: Parse, wish: Wish) -> Mask:
    """What of a stranger is hidden."""
    size = parse.size
    if person.ordinal is None:
        mask = top_of(_scaled(person.box, size), size)
        if wish.style == "silhouette":
            mask |= rectangle(tuple(_scaled(person.box, size).tolist()), size)
    else:
        mask = head_of(parse, person.ordinal)
        if wish.style == "silhouette":
            mask |= grown(parse.mask(person.ordinal), OUTLINE)
        if wish.hides_skin(keep=False, grown_up=person.grown_up):
            mask |= skin_labels(parse, person.ordinal)
    if person.landmarks is not None:
        mask |= grown(hull(person.landmarks, size), 2)
    if person.face is not None:
        mask |= around_face(_scaled(person.face, size), size, times=0.85)
    return mask


def _owners(kept: Sequence[Subject], hidden: Sequence[Subject], sighted: Sighted, parse: Parse) -> NDArray[np.intp]:
    """Whose of the kept each sighted face is (n,): at most one face each, but for second sights of it; −1: nobody's."""
    size = parse.size
    owner = np.full(len(sighted.faces), -1, np.intp)
    for number, person in enumerate(kept):
        free = np.flatnonzero(owner < 0)
        if not len(free):
            break
        boxes = sighted.faces[free]
        if person.face is not None:
            face = _scaled(person.face, size)[None]
            alike = same_face(face, boxes)[0]
            score = np.where(alike, iou(face, boxes)[0], 0)
        else:
            middles = (boxes[:, :2] + boxes[:, 2:]) / 2
            place = _head_place(person, parse)
            at = [_pixel(middle, size) for middle in middles]
            score = np.array([place[y, x] for x, y in at]) * sighted.scores[free]
        if score.max() > 0:
            best = free[int(score.argmax())]
            owner[best] = number
            mine = sighted.faces[best]
            scores = sighted.scores[free]
            parts = _parts_of(mine, boxes) | _shadows_of(mine, boxes, scores, size)
            if person.ordinal is not None:
                parts |= _ears_of(mine, boxes, scores, head_labels(parse, person.ordinal))
            owner[free[parts]] = number
    others = [_scaled(person.face, size) for person in hidden if person.face is not None]
    if others:
        owner[same_face(sighted.faces, np.array(others)).any(1) & ~_best(owner, sighted)] = -1
    return owner


def _parts_of(face: FloatArray, boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which boxes lie within a face and are much smaller: a mouth, an eye."""
    within = intersections(face[None], boxes)[0] > 0.8 * areas(boxes)
    return np.asarray(within & (areas(boxes) < 0.25 * areas(face[None])[0]), bool)


def _shadows_of(
    face: FloatArray, boxes: NDArray[np.float64], scores: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Which faint sightings have their middle in the head of a face, and meet it: a forehead seen as a face."""
    head = around_face(face, size)
    at = [_pixel((box[:2] + box[2:]) / 2, size) for box in boxes]
    inside = np.array([head[y, x] for x, y in at], bool)
    return np.asarray(inside & (scores < SURE_FACE) & (intersections(face[None], boxes)[0] > 0), bool)


def _ears_of(
    face: FloatArray, boxes: NDArray[np.float64], scores: NDArray[np.float64], head: Mask
) -> NDArray[np.bool_]:
    """Which doubtful boxes lie wholly in somebody's head and are far smaller than their face."""
    corners = np.clip(np.rint(boxes), 0, None).astype(int)
    inside = [x1 > x0 and y1 > y0 and head[y0:y1, x0:x1].mean() >= WHOLLY for x0, y0, x1, y1 in corners]
    small = areas(boxes) < EAR * areas(face[None])[0]
    return np.asarray(np.array(inside, bool) & small & (scores < CERTAIN_FACE), bool)


def _best(owner: NDArray[np.intp], sighted: Sighted) -> NDArray[np.bool_]:
    """The surest sighting of each who is kept."""
    best = np.zeros(len(owner), bool)
    for number in set(owner[owner >= 0].tolist()):
        mine = np.flatnonzero(owner == number)
        best[mine[int(sighted.scores[mine].argmax())]] = True
    return best


def _head_place(person: Subject, parse: Parse) -> Mask:
    """Where the head of somebody is whose face nobody found."""
    if person.ordinal is not None:
        labels = head_labels(parse, person.ordinal)
        if is_head(labels, parse, person.ordinal):
            return labels
        return top_of(_scaled(person.box, parse.size), parse.size) & parse.mask(person.ordinal)
    return top_of(_scaled(person.box, parse.size), parse.size)


def _kept_faces(
    kept: Sequence[Subject], owner: NDArray[np.intp], sighted: Sighted, size: tuple[int, int]
) -> NDArray[np.float64]:
    boxes = [_scaled(person.face, size) for person in kept if person.face is not None]
    boxes += [sighted.faces[i] for i in np.flatnonzero(owner >= 0) if kept[owner[i]].face is None]
    return np.array(boxes, np.float64).reshape(-1, 4)


def _kept_masks(
    kept: Sequence[Subject],
    boxes: NDArray[np.float64],
    strangers: NDArray[np.float64],
    sightings: NDArray[np.float64],
    parse: Parse,
) -> tuple[Mask, Mask, Mask]:
    """Of those who are kept: their faces alone, their heads, and all of them.

    The parse may join two people. So what lies nearer to a stranger's face (n, 4) than to a kept one is not theirs, and
    nothing of that face that neither the parse nor landmarks take for theirs. Of sightings (m, 4), which may be wrong,
    what both of these take for theirs is.
    """
    size = parse.size
    shown = np.zeros(size[::-1], bool)
    for person in kept:
        if person.landmarks is not None:
            shown |= hull(person.landmarks, size)
    faces = shown.copy()
    for box in boxes:
        faces |= inside_face(box, size)
    heads, bodies = np.zeros_like(faces), np.zeros_like(faces)
    for person in kept:
        if person.ordinal is not None:
            heads |= head_labels(parse, person.ordinal)
            bodies |= parse.mask(person.ordinal)
    doubtful = np.zeros_like(faces)
    nearest = np.min([distances(face, size) for face in boxes], axis=0) if len(boxes) else np.inf
    for number, face in enumerate((*strangers, *sightings) if kept else ()):
        closer, inside = distances(face, size) < nearest, inside_face(face, size)
        unsure = ~shown | ~bodies if number >= len(strangers) else True
        doubtful |= around_face(face, size) & closer & ~shown | inside & (closer & unsure | ~shown & ~bodies)
    faces &= ~doubtful
    heads = heads & ~doubtful | faces
    return faces, heads, bodies & ~(doubtful & is_head_part(parse)) | heads


def _figures_of(bodies: NDArray[np.float64], people: Sequence[Subject], size: tuple[int, int]) -> list[Subject | None]:
    """Whose each sighted body is; None for one that is no figure's."""
    if not len(bodies) or not people:
        return [None] * len(bodies)
    overlap = iou(bodies, np.array([_scaled(person.box, size) for person in people]))
    return [
        people[i] if share >= SAME_BODY else None for i, share in zip(overlap.argmax(1), overlap.max(1), strict=True)
    ]


def _lie_otherwise(sighted: Sighted, settled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which bodies (m,) were seen a second time as turned another way, with a head where one is."""
    same = (iou(sighted.bodies, sighted.bodies) >= SAME_BODY) & (sighted.turns[:, None] != sighted.turns[None])
    return np.asarray((same & settled[None]).any(1), bool)


def _box(parse: Parse, figure: int) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(value) for value in parse.boxes[figure])
    return x0, y0, x1, y1


def _scaled(box: Sequence[float] | FloatArray, size: tuple[int, int]) -> NDArray[np.float64]:
    return np.asarray(box, np.float64) * (*size, *size)


def _pixel(point: FloatArray, size: tuple[int, int]) -> tuple[int, int]:
    """The pixel nearest to a point: column and row."""
    x, y = np.clip(point, 0, np.array(size) - 1)
    return int(x), int(y)
