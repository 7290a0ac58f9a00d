"""The scores by which quality is measured."""

import pytest

from tests.quality.scoring import Placed, score


def of(*rows: tuple[str, str | None], unseen: int = 0):
    return score([Placed(truth, found, f"p{n}") for n, (truth, found) in enumerate(rows)], 10, [("a", "x")] * unseen)


@pytest.mark.parametrize(
    ("rows", "unseen", "precision", "recall", "pair_recall", "corrections"),
    [
        ([], 0, 1, 1, 1, 0),
        ([("a", "1"), ("a", "1"), ("b", "2")], 0, 1, 1, 1, 0),
        ([("a", "1"), ("a", None)], 0, 1, 0.5, 0, 100),  # one merge in ten photos
        ([("a", "1"), ("b", "1")], 0, 0.5, 1, 1, 100),  # one split
        ([("a", "1"), ("a", "2"), ("b", "2")], 0, 2 / 3, 2 / 3, 0, 200),
        ([("a", "1"), ("a", "1")], 1, 1, (2 / 3 + 2 / 3 + 1 / 3) / 3, 1 / 3, 0),
    ],
)
def test_score(rows, unseen, precision, recall, pair_recall, corrections) -> None:
    found = of(*rows, unseen=unseen)
    assert found.precision == pytest.approx(precision)
    assert found.recall == pytest.approx(recall)
    assert found.pair_recall == pytest.approx(pair_recall)
    assert found.corrections == pytest.approx(corrections)
    assert found.intervals["recall"][0] <= found.recall <= found.intervals["recall"][1]


def test_two_of_one_photo_are_counted() -> None:
    assert score([Placed("a", "1", "p"), Placed("b", "1", "p")], 1).in_one_photo == 1
    assert score([Placed("a", None, "p"), Placed("b", None, "p")], 1).in_one_photo == 0
