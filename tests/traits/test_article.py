"""The article's feature vector says what the article says it holds."""

import pytest

from mien.traits.article import FEATURES, Dominant, article_features
from mien.traits.describe import describe
from tests.traits.drawing import Drawing, a_face


def features(drawing: Drawing, dominant: Dominant = "k-means") -> dict[str, float]:
    photo, parse = drawing.draw()
    found = article_features(photo, parse, describe(photo, parse, [a_face()]), dominant=dominant)
    assert found.shape == (1, 15)
    assert found.dtype == float
    return dict(zip(FEATURES, found[0].tolist(), strict=True))


@pytest.mark.parametrize("dominant", ["median", "k-means"])
def test_a_plain_figure(dominant: Dominant) -> None:
    found = features(Drawing(), dominant)
    assert [found[f"upper-{c}"] for c in ("red", "green", "blue")] == [200, 20, 40]
    assert [found[f"lower-{c}"] for c in ("red", "green", "blue")] == [30, 60, 170]
    assert found["has-hat"] == found["wears-glasses"] == found["skirt-or-dress"] == 0
    assert found["shoe-type"] == 1
    assert found["feminine-style"] == 0
    assert found["height-ratio"] == pytest.approx(290 / 320, abs=1e-3)
    assert 0 < found["skin-share"] < found["upper-share"] < 1


def test_what_is_not_seen_is_grey() -> None:
    found = features(Drawing().cut(140))
    assert [found[f"lower-{c}"] for c in ("red", "green", "blue")] == [128, 128, 128]
    assert found["shoe-type"] == 0


def test_the_largest_cluster_wins_over_the_middle_value() -> None:
    striped = Drawing().wear("upper-clothes", (60, 150, 50, 110), (255, 255, 255)).wear(
        "coat", (60, 114, 50, 110), (0, 0, 0)
    )  # fmt: skip
    assert features(striped)["upper-red"] == 0
    assert features(striped, "median")["upper-red"] == 0
    three = striped.wear("dress", (60, 100, 50, 86), (120, 120, 120))
    assert features(three)["upper-red"] == 255
    assert features(three, "median")["upper-red"] == 120


def test_structure() -> None:
    dressed = Drawing().without("upper-clothes", "pants").wear("dress", (60, 230, 50, 110))
    found = features(dressed.wear("hat", (6, 24, 60, 100)).wear("sunglasses", (30, 36, 68, 92)))
    assert found["has-hat"] == found["wears-glasses"] == found["skirt-or-dress"] == 1
    assert found["feminine-style"] == 0.5  # a dress alone does not say
