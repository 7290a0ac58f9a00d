"""The article's way of grouping, kept as the named baseline `article`: clothes and build, no faces.

Each figure's 15 features are standardised over the library, then DBSCAN joins figures within eps = 0.5 of each other.
It knows nothing of photos: two figures of one photo may well become one person. Decisions hold here as everywhere.
"""

from collections.abc import Callable, Sequence

import numpy as np

from mien.people.decisions import Decisions
from mien.people.membership import Group, Grouping, compose, in_order, obey, place
from mien.people.neighbours import unwatched
from mien.people.sighting import Sighting

EPS = 0.5
MIN_SAMPLES = 2
CONFIDENCE = 0.5
"""The article gives none."""


def group_article(
    sightings: Sequence[Sighting], decisions: Decisions | None = None, watch: Callable[[], None] = unwatched
) -> Grouping:
    """Group all figures anew by their article features. Figures without features belong to nobody.

    DBSCAN's label −1 is a lone figure: a person of one. Decisions hold as `obey` says.
    Raises `ValueError` if an id occurs twice. `watch` is called before the clustering, which nothing can end.
    """
    from sklearn.cluster import DBSCAN
    from sklearn.preprocessing import StandardScaler

    decisions = decisions or Decisions()
    ordered = in_order(sightings)
    placed = place(ordered, decisions)
    described = [i for i, s in enumerate(ordered) if s.article is not None and i not in placed.nobody]
    found: list[Group] = [None] * len(ordered)
    watch()
    if described:
        features = np.stack([features for i in described if (features := ordered[i].article) is not None])
        labels = DBSCAN(eps=EPS, min_samples=MIN_SAMPLES).fit_predict(StandardScaler().fit_transform(features))
        for i, label in zip(described, labels.tolist(), strict=True):
            found[i] = -1 - i if label == -1 else label
    groups = obey(ordered, found, placed, one_per_photo=False)
    confidence = [1.0 if i in placed.people else CONFIDENCE if g is not None else 0.0 for i, g in enumerate(groups)]
    return compose(ordered, groups, confidence, placed, decisions)
