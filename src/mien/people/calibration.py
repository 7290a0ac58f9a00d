"""The scale of another embedder's distances, learnt from the faces of the user's own library.

Bounds on distances (`grouping.SAME_PERSON` and all that is built on it) hold for the built-in vectors. Another
network's squared distances are mapped onto them by a factor and a constant. Certain strangers then spread as far as
strangers do by the built-in vectors, and lie as many spreads beyond the bound ("Z-norm" of speaker verification:
Auckenthaler, Carey & Lloyd-Thomas, "Score normalization for text-independent speaker verification systems", 2000). So
as few strangers as ever lie within the bound, and a better network shows in more pairs of one person that do. A network
that is no better may have a slightly wider bound, where it lies between the two kinds of pairs by the built-in vectors.
Mean squared distances between groups go through such a map as pairs do: average linkage needs to know nothing of it.

Certain strangers are two faces of one photo, and faces far from each other by the built-in vectors. Certainly one
person are faces of whom a human said so, and those that the built-in vectors hold clearly for one. How many of them lie
within the bound tells whether the network can be relied on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mien.people.crowd import crowding
from mien.people.evidence import SHARP
from mien.people.grouping import SAME_PERSON

Indices = NDArray[np.intp]
Reals = NDArray[np.float64]

STRANGERS_MEAN, STRANGERS_SPREAD = 0.692, 0.120
"""Of squared distances by the built-in vectors, crowding added, between certain strangers: their mean, and how far
(root mean square) those below it lie from it. On the people, everyday and street photos that quality is measured on."""

FAR, NEAR = 0.45, 0.12
"""Squared distances by the built-in vectors, crowding added: two people beyond the one, one person within the other."""

ENOUGH_STRANGERS, ENOUGH_SAME = 100, 10
"""Pairs without which nothing is measured."""

FEWEST_SPREADS = 3.4
"""How many spreads below strangers' mean the bound lies at least: one pair of them in 20,000 is nearer."""

RELIABLE = 0.5
"""Least share of one person's pairs that must lie within the bound."""

TYPICAL_BOUND, TYPICAL_SPREAD, TYPICAL_STRANGERS = 1.13**2, 0.13, 1.6
"""ArcFace's squared distances at length 1: the bound that DeepFace publishes (`verification.find_threshold`: 1.13 for
"ArcFace" by "euclidean_l2"); how far strangers spread; where they begin, at least on average."""

_WIDER = 0.08  # added to distances whose scale is only typical
SAMPLE = 2000
"""Most faces that are looked at, the first ones."""

_MOST = 20_000  # pairs of a kind
_CROWDED = 1000  # pairs from which crowding is learnt
_CERTAIN = 3.0  # standard errors

State = Literal["measured", "unproven", "typical", "waiting", "useless"]
"""How sure the scale is: from strangers and from one person's pairs; from strangers alone; from what is published; not
known yet; known, but of no use. By the last two nobody is to be grouped."""


@dataclass(frozen=True)
class Calibration:
    """What becomes of another embedder's vectors v and the built-in ones' crowding c of the same face.

    Attributes:
        scale: v is multiplied by it.
        handicap, crowded: the face's handicap is `handicap + crowded * c`. The first may be negative.
        state: see `State`.
        faces, strangers, same: how many faces and pairs it was learnt from.
        recall: share of one person's pairs within the bound, and
        recall_low, recall_high: its 95 % interval (Wilson).
    """

    scale: float
    handicap: float
    crowded: float
    state: State
    faces: int
    strangers: int
    same: int
    recall: float | None = None
    recall_low: float | None = None
    recall_high: float | None = None

    @property
    def holds(self) -> bool:
        """Whether people may be grouped by it."""
        return self.state in ("measured", "unproven", "typical")


def calibrate(
    builtin: NDArray[np.floating],
    own: NDArray[np.floating],
    photos: Sequence[str],
    usable: NDArray[np.floating],
    decided: Mapping[int, str] | None = None,
) -> Calibration:
    """Learn the scale of `own`.

    Args:
        builtin: (n, 128), the built-in vectors of n faces.
        own: (n, d), the other embedder's of the same faces.
        photos: n ids: which faces are in one photo.
        usable: (n,), see `Sighting.face_usable`; only faces that may join others teach anything.
        decided: face → person, for those of whom a human said who they are.
    """
    keep = np.flatnonzero((np.asarray(usable) >= SHARP) & np.isfinite(own).all(1))[:SAMPLE]
    builtin, own = np.asarray(builtin, np.float64)[keep], np.asarray(own, np.float64)[keep]
    one, two = np.triu_indices(len(keep), 1)
    crowd = crowding(builtin)
    crowd = crowd[one] + crowd[two]
    raw = _squares(builtin)[one, two]
    in_one_photo = _same_label([photos[i] for i in keep])[one, two]
    people = [(decided or {}).get(int(i)) for i in keep]
    is_told = np.array([person is not None for person in people], bool)
    both_told = is_told[one] & is_told[two]
    told_same = both_told & _same_label(people)[one, two]
    near = raw + crowd <= NEAR
    is_same = ~in_one_photo & (told_same | (near & ~both_told))
    # Near ones in one photo are in a mirror, or on a picture in it.
    is_stranger = ~told_same & ~near & (in_one_photo | both_told | (raw + crowd > FAR))
    strangers, same = (_thinned(np.flatnonzero(kind)) for kind in (is_stranger, is_same))
    return _fit(_squares(own)[one, two], raw, crowd, strangers, same, len(keep))


def _fit(distance: Reals, builtin: Reals, crowd: Reals, strangers: Indices, same: Indices, faces: int) -> Calibration:
    """From squared distances, and the crowding of both faces, of all pairs; and which pairs are of which kind."""
    counts = {"faces": faces, "strangers": len(strangers), "same": len(same)}
    if len(strangers) < ENOUGH_STRANGERS:
        if not len(strangers) or distance[strangers].mean() < TYPICAL_STRANGERS:
            return Calibration(1.0, 0.0, 0.0, "waiting", **counts)
        factor = STRANGERS_SPREAD / TYPICAL_SPREAD
        constant = SAME_PERSON + _WIDER - factor * TYPICAL_BOUND
        return Calibration(float(np.sqrt(factor)), constant / 2, 0.0, "typical", **counts)
    spread = _spread(distance[strangers])
    if not spread > 0:
        return Calibration(1.0, 0.0, 0.0, "useless", **counts)
    factor = STRANGERS_SPREAD / spread
    crowded = _crowded(factor * distance[strangers], builtin[strangers], crowd[strangers])
    again = STRANGERS_SPREAD / _spread(factor * distance[strangers] + crowded * crowd[strangers])
    mapped = again * (factor * distance + crowded * crowd)
    middle = mapped[strangers].mean()
    bound = middle - (STRANGERS_MEAN - SAME_PERSON)
    if len(same) >= ENOUGH_SAME:
        # Where the bound lies by the built-in vectors between the same pairs of one person and of strangers.
        near, far = ((builtin + crowd)[pairs].mean() for pairs in (same, strangers))
        between = mapped[same].mean() + (SAME_PERSON - near) / (far - near) * (middle - mapped[same].mean())
        bound = float(np.clip(between, bound, middle - FEWEST_SPREADS * STRANGERS_SPREAD))
    # The spread of what n faces show is known to one part in √2n: so much wider is what remains unknown.
    constant = SAME_PERSON - bound + (middle - bound) / np.sqrt(2 * faces)
    found = Calibration(
        float(np.sqrt(again * factor)), float(constant) / 2, float(again * crowded), "unproven", **counts
    )
    within = int((mapped[same] + constant <= SAME_PERSON).sum())
    return _judged(found, within) if len(same) >= ENOUGH_SAME else found


def _judged(found: Calibration, within: int) -> Calibration:
    recall = within / found.same
    low, high = wilson(within, found.same)
    state: State = "measured" if recall >= RELIABLE else "useless"
    return replace(found, state=state, recall=recall, recall_low=low, recall_high=high)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, "Probable inference, the law of succession, and statistical inference",
    1927)."""
    z = 1.96
    middle, half = hits / n + z * z / (2 * n), z * np.sqrt(hits / n * (1 - hits / n) / n + z * z / (4 * n * n))
    return float((middle - half) / (1 + z * z / n)), float((middle + half) / (1 + z * z / n))


def _crowded(distance: Reals, builtin: Reals, crowd: Reals) -> float:
    """How much of the built-in vectors' crowding these distances show too: 0–1; 0 if that is not certain."""
    if len(crowd) < _CROWDED or not np.std(crowd) > 0:
        return 0.0
    slope, error = _slope(crowd, distance)
    whole, _ = _slope(crowd, builtin)
    return float(np.clip(slope / whole, 0, 1)) if slope < -_CERTAIN * error and whole < 0 else 0.0


def _slope(x: Reals, y: Reals) -> tuple[float, float]:
    """Of the straight line through points with the least squares, and its standard error."""
    x, y = x - x.mean(), y - y.mean()
    slope = (x @ y) / (x @ x)
    return float(slope), float(np.sqrt(((y - slope * x) ** 2).sum() / (len(x) * (x @ x))))


def _spread(values: Reals) -> float:
    """Root mean square of how far the values below the mean lie from it: only that tail comes near a bound."""
    below = values.mean() - values
    return float(np.sqrt((below[below > 0] ** 2).mean())) if (below > 0).any() else 0.0


def _squares(vectors: Reals) -> Reals:
    square = (vectors**2).sum(1)
    return np.asarray(square[:, None] + square - 2 * vectors @ vectors.T, np.float64)


def _same_label(labels: Sequence[str | None]) -> NDArray[np.bool_]:
    codes = np.unique([label or "" for label in labels], return_inverse=True)[1]
    return np.asarray(codes[:, None] == codes)


def _thinned(pairs: Indices) -> Indices:
    """At most `_MOST` of them, evenly."""
    return pairs[np.linspace(0, len(pairs) - 1, _MOST).astype(int)] if len(pairs) > _MOST else pairs
