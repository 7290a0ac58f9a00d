"""How well people were told apart: pairs, BCubed with intervals, and what it takes to put it right."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Placed:
    """One figure: who it is, the person it was taken for (None: nobody), and its photo."""

    truth: str
    found: str | None
    photo: str


@dataclass(frozen=True)
class Scores:
    """See `score`; intervals are the middle 95 % of 1,000 samples of people, drawn with replacement."""

    precision: float
    recall: float
    pair_precision: float
    pair_recall: float
    intervals: dict[str, tuple[float, float]]
    pairs: int
    in_one_photo: int
    corrections: float

    def __str__(self) -> str:
        def shown(name: str) -> str:
            low, high = self.intervals[name]
            return f"{getattr(self, name):.3f} [{low:.3f}, {high:.3f}]"

        return (
            f"BCubed P {shown('precision')} R {shown('recall')}; "
            f"pairs P {shown('pair_precision')} R {shown('pair_recall')} (n = {self.pairs}); "
            f"pairs of one photo {self.in_one_photo}; corrections per 1,000 photos {self.corrections:.0f}"
        )


def score(figures: Sequence[Placed], photos: int, unseen: Sequence[tuple[str, str]] = ()) -> Scores:
    """Scores of figures whose truth is known.

    A figure that is nobody is a group of its own. `unseen` are people (and their photos) whom no figure shows: they
    count against recall. Corrections are the least number of merges and splits that make the truth: pieces of groups
    less groups, and pieces of people less people.
    """
    groups: dict[object, list[int]] = defaultdict(list)
    people: dict[str, list[int]] = defaultdict(list)
    for i, figure in enumerate(figures):
        groups[i if figure.found is None else figure.found].append(i)
        people[figure.truth].append(i)
    missed = Counter(truth for truth, _ in unseen)
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    pairs: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])  # joined and right, joined, to be joined
    in_one_photo = pieces = 0
    for members in groups.values():
        truths = Counter(figures[i].truth for i in members)
        pieces += len(truths)
        photos_here = Counter(figures[i].photo for i in members)
        in_one_photo += sum(n * (n - 1) // 2 for n in photos_here.values())
        for truth, n in truths.items():
            mine = len(people[truth]) + missed[truth]
            rows[truth] += [(n / len(members), n / mine)] * n
            pairs[truth][0] += n * (n - 1) / 2
            pairs[truth][1] += n * (len(members) - 1) / 2
    for truth in {*people, *missed}:
        mine = len(people.get(truth, ())) + missed[truth]
        pairs[truth][2] = mine * (mine - 1) / 2
        rows[truth] += [(1.0, 1 / mine)] * missed[truth]
    moves = pieces - len(groups) + pieces - len(people)

    def means(chosen: Sequence[str]) -> dict[str, float]:
        table = np.array([row for truth in chosen for row in rows[truth]]).reshape(-1, 2)
        right, joined, wanted = np.sum([pairs[truth] for truth in chosen], axis=0) if chosen else (0, 0, 0)
        return {
            "precision": float(table[:, 0].mean()) if len(table) else 1.0,
            "recall": float(table[:, 1].mean()) if len(table) else 1.0,
            "pair_precision": float(right / joined) if joined else 1.0,
            "pair_recall": float(right / wanted) if wanted else 1.0,
        }

    everyone = sorted(pairs)
    return Scores(
        **means(everyone),
        intervals=_intervals(everyone, means),
        pairs=int(sum(of[2] for of in pairs.values())),
        in_one_photo=in_one_photo,
        corrections=1000 * moves / max(1, photos),
    )


def _intervals(
    everyone: Sequence[str], means: Callable[[Sequence[str]], dict[str, float]]
) -> dict[str, tuple[float, float]]:
    random = np.random.default_rng(0)
    samples = [means([everyone[i] for i in random.integers(len(everyone), size=len(everyone))]) for _ in range(1000)]
    found = {}
    for name in samples[0]:
        low, high = np.quantile([sample[name] for sample in samples], [0.025, 0.975])
        found[name] = (float(low), float(high))
    return found
