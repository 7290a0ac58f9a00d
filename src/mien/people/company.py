"""Company: who is usually seen with whom, as weak evidence for suggestions and questions. It never joins anybody.

Where Anna was in half of her brother's moments, a doubtful figure in his company is her more probably than her share
of all moments says. Only what speaks for somebody counts: who is not with their usual company may still be there.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from mien.people.linkage import Indices, Reals
from mien.people.moments import moments_of
from mien.people.sighting import Sighting

DOUBT = 2.0
"""So many of a companion's moments are taken to be like everybody's: to have met once is no habit."""

MOST = 1.5
"""Natural logarithm of odds that company adds at most."""


def company(
    sightings: Sequence[Sighting], subject_of: Mapping[int, int], people: int, one: Indices, other: Indices
) -> Reals:
    """How much (m,), 0–`MOST` as natural logarithm, those in the company of subject other[i] speak for one[i].

    That is how much more often one[i] is met in their other moments than in all moments, the mean over who is there.
    It is 0 where one[i] is seen in that moment too, or is none of the first `people` subjects, those who were decided.
    """
    counts = np.zeros(len(one))
    timed = [i for i, s in enumerate(sightings) if s.taken is not None and i in subject_of]
    there: list[list[int]] = []
    when: dict[int, set[int]] = defaultdict(set)
    for number, figures in enumerate(moments_of([sightings[i] for i in timed])):
        subjects = {subject_of[timed[i]] for i in figures}
        there.append(sorted(subject for subject in subjects if subject < people))
        for subject in subjects:
            when[subject].add(number)
    met = Counter(pair for present in there for pair in combinations(present, 2))
    for k in np.flatnonzero((one < people) & (other >= people)).tolist():
        person = int(one[k])
        usual = (len(when[person]) + 0.5) / max(1, len(there))
        for present in (there[moment] for moment in when[int(other[k])] - when[person]):
            with_them = [
                (met[min(person, friend), max(person, friend)] + DOUBT * usual) / (len(when[friend]) - 1 + DOUBT)
                for friend in present
            ]
            if with_them:
                counts[k] += np.log(np.array(with_them) / usual).mean()
    return np.clip(counts, 0, MOST)
