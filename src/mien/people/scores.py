"""How well a grouping agrees with the truth."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class BCubed:
    """Averages over n items, 0–1."""

    precision: float
    recall: float
    n: int

    @property
    def f(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def __str__(self) -> str:
        return f"BCubed P {self.precision:.3f}, R {self.recall:.3f}, F {self.f:.3f} (n = {self.n})"


def bcubed(truth: Sequence[Hashable], found: Sequence[Hashable]) -> BCubed:
    """BCubed scores of the groups `found[i]` against the true ones `truth[i]`; None in `found` is a group of its own.

    Bagga and Baldwin, "Algorithms for Scoring Coreference Chains" (1998). All scores are 1 for no items.
    """
    groups = [("alone", i) if group is None else ("group", group) for i, group in enumerate(found)]
    n = len(truth)
    if not n:
        return BCubed(1.0, 1.0, 0)
    both = Counter(zip(truth, groups, strict=True))
    true_sizes, found_sizes = Counter(truth), Counter(groups)
    precision = sum(k * k / found_sizes[group] for (_, group), k in both.items()) / n
    recall = sum(k * k / true_sizes[person] for (person, _), k in both.items()) / n
    return BCubed(precision, recall, n)
