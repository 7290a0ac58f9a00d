import numpy as np
import pytest
from benchmarks.article_instances import article_instances

from mien.people.article import group_article
from mien.people.decisions import replay
from tests.people.album import figure, name, place

RED = [1.0] * 15
BLUE = [0.0] * 15
NEARLY_RED = [0.99] * 15


def people(sightings, *entries) -> list[set[str]]:
    return sorted((set(p.figures) for p in group_article(sightings, replay(entries)).people), key=min)


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ([], []),
        ([None], []),
        ([RED], [{"p0-0"}]),
        ([RED, RED], [{"p0-0", "p1-0"}]),
        ([RED, BLUE, NEARLY_RED, BLUE, None], [{"p0-0", "p2-0"}, {"p1-0", "p3-0"}]),
        # DBSCAN's −1: two lone figures are two people.
        ([RED, RED, BLUE, [5.0] * 15], [{"p0-0", "p1-0"}, {"p2-0"}, {"p3-0"}]),
    ],
)
def test_group_article(features, expected) -> None:
    assert people([figure(f"p{n}", None, article=f) for n, f in enumerate(features)]) == expected


def test_who_wears_the_same_is_the_same_even_in_one_photo() -> None:
    assert people([figure("a", 0, 0, article=RED), figure("a", 1, 1, article=RED)]) == [{"a-0", "a-1"}]


def test_names_hold() -> None:
    def place_of(photo):
        return place(photo, face=False)

    sightings = [figure(photo, None, article=RED) for photo in "abc"]
    grouping = group_article(sightings, replay([name(1, "x", "Anna", place_of("a"))]))
    assert [(p.name, p.figures) for p in grouping.people] == [("Anna", ("a-0", "b-0", "c-0"))]
    two = [name(1, "x", "Anna", place_of("a")), name(2, "y", "Ben", place_of("b"))]
    assert people(sightings, *two) == [{"a-0"}, {"b-0"}, {"c-0"}]


def mask(x0: int, x1: int) -> np.ndarray:
    columns = np.arange(100)
    return np.broadcast_to((columns >= x0) & (columns < x1), (10, 100))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(0, 0)], [[0]]),
        ([(0, 10), (20, 30)], [[0], [1]]),
        ([(0, 10), (5, 15)], [[0, 1]]),
        ([(0, 10), (9, 19)], [[0], [1]]),  # IoU 1/19
        ([(0, 50), (45, 60), (0, 10)], [[0, 2], [1]]),
        ([(0, 10), (8, 30), (25, 40)], [[0], [1, 2]]),  # IoU 2/30, then 5/32
        ([(25, 40), (8, 30), (0, 10)], [[0, 1], [2]]),  # the box has grown: 2/40
    ],
)
def test_the_article_s_instances(spans, expected) -> None:
    assert article_instances([mask(*span) for span in spans]) == expected
