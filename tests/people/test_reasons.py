import pytest

from mien.people.evidence import Reason
from mien.people.reasons import apart, in_words
from mien.traits.traits import Clothing, Colour, Traits


def wearing(**clothing: tuple[str, str]) -> Traits:
    worn = {
        place: Clothing(garment, (Colour(colour, (50, 0, 0), 1.0),), 0.9)
        for place, (garment, colour) in clothing.items()
    }
    return Traits(0.5, 0.4, worn)


CLOTHES = Reason("clothes", 2.0, {"distance": 0.1, "seconds": 240.0})
FACES = Reason("faces", 0.2, {"distance": 0.168})
GARMENTS = Reason("garments", 0.8, {"distance": 0.1, "seconds": 240.0})
COAT = wearing(upper=("coat", "red"))


@pytest.mark.parametrize(
    ("reasons", "one", "other", "en", "zh"),
    [
        ((), None, None, "no face to compare", "没有可比较的面部"),
        ((FACES,), None, None, "faces 0.41", "面部距离 0.41"),
        ((Reason("faces", 5.0, {"distance": 0.04}),), None, None, "faces alike (0.20)", "面部相似（0.20）"),
        ((Reason("faces", -5.0, {"distance": 0.36}),), None, None, "faces differ (0.60)", "面部不像（0.60）"),
        ((FACES, CLOTHES), COAT, COAT, "same red coat or jacket, 4 minutes apart; faces 0.41",
         "同样的红色外套，相隔 4 分钟；面部距离 0.41"),
        ((CLOTHES,), COAT, wearing(upper=("coat", "blue")), "dressed alike, 4 minutes apart; no face to compare",
         "衣着相似，相隔 4 分钟；没有可比较的面部"),
        ((CLOTHES,), None, COAT, "dressed alike, 4 minutes apart; no face to compare",
         "衣着相似，相隔 4 分钟；没有可比较的面部"),
        ((CLOTHES, FACES), wearing(upper=("coat", "navy"), lower=("pants", "black")),
         wearing(upper=("coat", "blue"), lower=("pants", "black")),
         "same blue coat or jacket and black trousers, 4 minutes apart; faces 0.41",
         "同样的蓝色外套和黑色长裤，相隔 4 分钟；面部距离 0.41"),
        ((Reason("clothes", -2.0, {"distance": 0.8, "seconds": 1.0}), FACES), COAT, COAT,
         "dressed differently, 1 second apart; faces 0.41", "衣着不同，相隔 1 秒；面部距离 0.41"),
        ((CLOTHES, GARMENTS), COAT, COAT, "same red coat or jacket, 4 minutes apart; no face to compare",
         "同样的红色外套，相隔 4 分钟；没有可比较的面部"),
        ((GARMENTS, Reason("clothes", 0.1)), COAT, COAT,
         "clothes fit neither better, 4 minutes apart; the same kinds of garments; no face to compare",
         "衣着难以判断，相隔 4 分钟；衣物种类相同；没有可比较的面部"),
        ((FACES, Reason("crowded", 0.0)), None, None, "faces 0.41; faces that Mien tells apart less well",
         "面部距离 0.41；这类面孔 Mien 较难分辨"),
        ((Reason("same-photo", float("-inf")),), None, None, "both in one photo", "同在一张照片中"),
        ((Reason("some-day", 3.0), FACES), None, None, "faces 0.41", "面部距离 0.41"),
    ],
)  # fmt: skip
def test_in_words(reasons, one, other, en, zh) -> None:
    assert in_words(reasons, one, other, "en") == en
    assert in_words(reasons, one, other, "zh") == zh


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0, "0 seconds apart"), (1.0, "1 second apart"), (90.0, "90 seconds apart"), (121.0, "2 minutes apart"),
        (240.0, "4 minutes apart"), (3600.0, "60 minutes apart"), (7300.0, "2 hours apart"),
    ],
)  # fmt: skip
def test_apart(seconds: float, expected: str) -> None:
    assert apart(seconds, "en") == expected


@pytest.mark.parametrize("kind", ["clothes", "garments", "place", "hair", "build", "faces"])
@pytest.mark.parametrize("log_odds", [-3.0, 0.0, 3.0])
def test_every_kind_of_evidence_has_words(kind: str, log_odds: float) -> None:
    words = {in_words((Reason(kind, log_odds, {"distance": 0.2}),), language=language) for language in ("en", "zh")}
    assert len(words) == 2
