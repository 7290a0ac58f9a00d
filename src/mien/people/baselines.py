"""Known ways of grouping faces, for comparison: plain average linkage, and HDBSCAN.

Both look at well-seen faces alone, all alike, and know nothing of photos, crowds or moments. Decisions hold all the
same (`membership.obey`).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mien.people.decisions import Decisions
from mien.people.linkage import Clusters, link
from mien.people.membership import Group, Grouping, compose, in_order, obey, place
from mien.people.neighbours import unwatched
from mien.people.sighting import Sighting, vectors_of

JOINED = 0.25
"""Mean squared distance at which plain average linkage ends: 0.5 apart, a usual choice for these vectors."""

LEAST = 2
"""Fewest faces of a cluster of HDBSCAN's (Campello, Moulavi & Sander, 2013)."""

CONFIDENCE = 0.5
"""Neither gives one."""


def group_average(
    sightings: Sequence[Sighting], decisions: Decisions | None = None, watch: Callable[[], None] = unwatched
) -> Grouping:
    """Group all figures anew by plain average linkage of their faces. Raises `ValueError` if an id occurs twice."""

    def cluster(vectors: NDArray[np.float64]) -> list[int]:
        alone = Clusters.of(vectors, np.ones(len(vectors)), np.arange(len(vectors)))
        labels: list[int] = link(alone, JOINED, watch=watch).cluster.tolist()
        return labels

    return _group(sightings, decisions, cluster)


def group_hdbscan(
    sightings: Sequence[Sighting], decisions: Decisions | None = None, watch: Callable[[], None] = unwatched
) -> Grouping:
    """Group all figures anew by HDBSCAN of their faces; its noise are people of one face each.

    Raises `ValueError` if an id occurs twice. `watch` is called before the clustering, which nothing can end.
    """
    from sklearn.cluster import HDBSCAN

    def cluster(vectors: NDArray[np.float64]) -> list[int]:
        watch()
        if len(vectors) <= LEAST:
            return [*range(len(vectors))]
        labels = HDBSCAN(min_cluster_size=LEAST, copy=True).fit_predict(vectors).tolist()
        return [-1 - i if label < 0 else label for i, label in enumerate(labels)]

    return _group(sightings, decisions, cluster)


def _group(
    sightings: Sequence[Sighting], decisions: Decisions | None, cluster: Callable[[NDArray[np.float64]], list[int]]
) -> Grouping:
    decisions = decisions or Decisions()
    ordered = in_order(sightings)
    placed = place(ordered, decisions)
    faces = [i for i, s in enumerate(ordered) if s.identifies and i not in placed.nobody]
    found: list[Group] = [None] * len(ordered)
    if faces:
        for i, label in zip(faces, cluster(vectors_of(ordered, faces).astype(np.float64)), strict=True):
            found[i] = label
    groups = obey(ordered, found, placed, one_per_photo=False)
    confidence = [1.0 if i in placed.people else CONFIDENCE if g is not None else 0.0 for i, g in enumerate(groups)]
    return compose(ordered, groups, confidence, placed, decisions)
