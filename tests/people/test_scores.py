import pytest

from mien.people.scores import bcubed


@pytest.mark.parametrize(
    ("truth", "found", "precision", "recall"),
    [
        ([], [], 1, 1),
        ([1], [None], 1, 1),
        ("aabb", "xxyy", 1, 1),
        ("aabb", "xxxx", 0.5, 1),
        ("aabb", [None] * 4, 1, 0.5),
        # Amigó et al. (2009): one item of four in the wrong group.
        ("aaab", "xxyy", (1 + 1 + 0.5 + 0.5) / 4, (2 / 3 + 2 / 3 + 1 / 3 + 1) / 4),
    ],
)
def test_bcubed(truth, found, precision, recall) -> None:
    score = bcubed(truth, found)
    assert (score.precision, score.recall, score.n) == (pytest.approx(precision), pytest.approx(recall), len(truth))
    assert min(precision, recall) <= score.f + 1e-9 <= max(precision, recall) + 2e-9


def test_a_figure_with_nobody_is_its_own_group_even_beside_an_equal_label() -> None:
    assert bcubed("ab", [None, 1]).precision == 1
