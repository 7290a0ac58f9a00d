"""From figures to points: who counts as of known height, and what is left out."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.growth.camera import Estimate, Known, Lens, beside
from mien.growth.curve import fit
from mien.growth.measuring import Person, Point, Scene, Sight, measure
from mien.growth.proportions import by_heads
from mien.growth.reasons import REASONS
from mien.growth.references import YEAR, typical
from mien.growth.standing import Stance
from mien.growth.wording import method_words
from mien.language import speaking

BORN = date(2015, 4, 10)
DAY = date(2021, 4, 10)
CHILD = Person("child", BORN)
LENS = Lens(1.5, 35)

SMALL = Stance((0.4, 0.9), (0.4, 0.5), (0.4, 0.5 + 0.4 / 6), 270)
BIG = Stance((0.6, 0.9), (0.6, 0.3), None, 410)


def scene(*sights: Sight, day: date | None = DAY, lens: Lens = LENS) -> Scene:
    return Scene("photo", day, lens, sights)


def mother(*heights: tuple[date, float], born: date | None = None) -> dict[str, Person]:
    return {"mother": Person("mother", born, heights)}


TALL = mother((date(2000, 1, 1), 168.0))
HER, HIM = Sight("f1", "mother", BIG), Sight("f0", "child", SMALL)
FAR = Stance((0.6, 0.5), (0.6, 0.35), None, 150)
GIANT = Sight("f3", "giant", Stance((0.7, 0.9), (0.7, 0.6), None, 300))
BOTH = {**TALL, "giant": Person("giant", None, ((DAY, 190.0),))}


@pytest.mark.parametrize(
    ("person", "photo", "others", "expected"),
    [
        (CHILD, scene(HIM, HER), TALL, "beside"),
        (CHILD, scene(HIM), TALL, "proportions"),
        (CHILD, scene(HIM, HER), {}, "proportions"),
        (CHILD, scene(HIM, replace(HER, stance="seated")), TALL, "proportions"),
        (CHILD, scene(HIM, replace(HER, is_sure=False)), TALL, "proportions"),
        (CHILD, scene(HIM, HER, replace(HER, figure_id="mirror")), TALL, "proportions"),
        (CHILD, scene(replace(HIM, stance=replace(SMALL, chin=None))), TALL, "no-adult"),
        (Person("child"), scene(HIM, HER), TALL, "beside"),
        (Person("child"), scene(HIM), TALL, "no-birth"),
        (CHILD, scene(HIM, HER, day=None), TALL, "no-date"),
        (CHILD, scene(HIM, HER, day=date(2015, 4, 9)), TALL, "before-birth"),
        (CHILD, scene(HIM, HER, day=date(2036, 4, 9)), TALL, "grown"),
        (CHILD, scene(replace(HIM, is_sure=False), HER), TALL, "unsure-who"),
        (CHILD, scene(HIM, replace(HIM, figure_id="f2"), HER), TALL, "twice"),
        (CHILD, scene(replace(HIM, stance="hat"), HER), TALL, "hat"),
        (CHILD, scene(replace(HIM, stance=replace(SMALL, chin=None)), HER, lens=Lens(1.5, 13)), TALL, "wide-lens"),
        # A giant beside her who looks half as tall: one of them stands elsewhere, or is somebody else.
        (
            CHILD,
            scene(replace(HIM, stance=replace(SMALL, chin=None)), HER, GIANT),
            BOTH,
            "adults-disagree",
        ),
    ],
)
def test_what_a_photo_says(person, photo, others, expected) -> None:
    points, left_out = measure(person, [photo], others)
    assert [point.method for point in points[:1]] + [one.reason for one in left_out[:1]] == [expected]
    assert len(points) + len(left_out) == sum(sight.person_id == "child" for sight in photo.sights)
    assert all(one.reason in REASONS for one in left_out)


@pytest.mark.parametrize(
    ("photo", "others", "expected"),
    [
        (scene(HIM), TALL, []),
        (scene(HIM, HER), {}, []),
        (scene(HIM, HER), mother(), []),
        # Measured as a child herself: her height then is not known, so that she is nobody of known height.
        (scene(HIM, HER), mother((date(2010, 1, 1), 130.0), born=date(2000, 1, 1)), []),
        (scene(HIM, replace(HER, stance="seated")), TALL, [("f1", "seated")]),
        (scene(HIM, replace(HER, stance="not-seen")), TALL, [("f1", "not-seen")]),
        (scene(HIM, replace(HER, is_sure=False)), TALL, [("f1", "unsure-who")]),
        (scene(HIM, HER, replace(HER, figure_id="mirror")), TALL, [("f1", "twice"), ("mirror", "twice")]),
        (scene(HIM, HER, lens=Lens(1.5, 13)), TALL, [("f1", "wide-lens")]),
        (scene(HIM, replace(HER, stance=FAR)), TALL, [("f1", "uncertain")]),
        (scene(HIM, HER, GIANT), BOTH, [("f1", "adults-disagree"), ("f3", "adults-disagree")]),
        (scene(HIM, HER, replace(GIANT, stance="hat"), lens=Lens(1.5, 13)), BOTH, [("f1", "wide-lens"), ("f3", "hat")]),
    ],
)
def test_proportions_say_why_nobody_was_a_ruler(photo, others, expected) -> None:
    points, _ = measure(CHILD, [photo], others)
    assert [point.method for point in points] == ["proportions"]
    assert sorted((one.figure_id, one.reason) for one in points[0].no_rulers) == expected
    assert {one.person_id for one in points[0].no_rulers} <= set(others)


@pytest.mark.parametrize(
    ("sights", "english", "chinese"),
    [
        ([HIM], "by proportions, a rough guess", "按身体比例粗略估计"),
        (
            [HIM, replace(HER, stance="seated"), replace(GIANT, stance="stride")],
            "by proportions, a rough guess; no ruler: Anna (seated or crouching), somebody (in the middle of a stride)",
            "按身体比例粗略估计；不能作标尺：Anna（坐着或蹲着）、某人（正在跨步）",
        ),
        (
            [HIM, HER, replace(HER, figure_id="mirror")],
            "by proportions, a rough guess; no ruler: Anna (in the photo twice: a mirror, a collage)",
            "按身体比例粗略估计；不能作标尺：Anna（同一张照片中出现两次：镜子或拼图）",
        ),
        ([HIM, HER], "beside Anna", "与Anna同站"),
    ],
)
def test_how_a_height_was_found_is_said(sights, english, chinese) -> None:
    points, _ = measure(CHILD, [scene(*sights)], BOTH)
    for language, words in (("en", english), ("zh", chinese)):
        with speaking(language):
            assert method_words(points[0], {"mother": "Anna"}) == words


@pytest.mark.parametrize(
    ("person", "day", "height"),
    [
        (Person("x"), DAY, None),
        (Person("x", None, ((date(1999, 1, 1), 170.0),)), DAY, 170),
        (Person("x", None, ((date(1999, 1, 1), 170.0), (date(2020, 1, 1), 168.0))), DAY, 168),
        (Person("x", date(1970, 1, 1), ((date(1999, 1, 1), 170.0),)), DAY, 170),
        # A child's height is good for some weeks; and whoever was measured as a child has grown since.
        (Person("x", date(2010, 1, 1), ((DAY - timedelta(30), 150.0),)), DAY, 150),
        (Person("x", date(2010, 1, 1), ((DAY - timedelta(200), 150.0),)), DAY, None),
        (Person("x", date(1995, 1, 1), ((date(2005, 1, 1), 130.0),)), DAY, None),
        (Person("x", date(1995, 1, 1), ((date(2019, 1, 1), 180.0),)), date(2005, 1, 1), None),
    ],
)
def test_whose_height_is_known(person, day, height) -> None:
    known = person.height_on(day)
    assert (None if known is None else known[0]) == height


def test_an_adult_in_the_same_plane_is_a_ruler() -> None:
    answer = beside(LENS, SMALL, [Known(BIG, 168, 1)])
    assert isinstance(answer, Estimate)
    assert answer.height == pytest.approx(168 * 0.4 / 0.6, rel=0.02)
    assert 0.02 < answer.log_error < 0.05


@given(st.floats(0.12, 0.4), st.floats(-0.1, 0.1), st.floats(120, 200), st.sampled_from([None, 24, 35, 85]))
def test_answers_scale_with_the_ruler_and_sides_do_not_matter(tall, aside, height, focal) -> None:
    lens = Lens(1.5, focal)
    figure = Stance((0.4 + aside, 0.85), (0.4 + aside, 0.85 - tall), None, 400)
    one, other = (beside(lens, figure, [Known(BIG, h, h / 168)]) for h in (height, height * 1.1))
    assert isinstance(one, Estimate)
    assert isinstance(other, Estimate)
    # How high cameras are held is known a little, so that a taller ruler does not make all of the difference.
    assert 1.0 < other.height / one.height < 1.15
    assert one.log_error > 0.02


def test_further_away_is_less_sure() -> None:
    errors = []
    for higher in (0.0, 0.08, 0.16):
        figure = Stance((0.4, 0.9 - higher), (0.4, 0.5), None, 300)
        answer = beside(LENS, figure, [Known(BIG, 168, 1)])
        assert isinstance(answer, Estimate)
        errors.append(answer.log_error)
    assert errors == sorted(errors)


@pytest.mark.parametrize(("years", "heads"), [(2, 5), (6, 6), (12, 7)])
def test_typical_proportions_are_of_typical_height(years, heads) -> None:
    stance = Stance((0.5, 0.9), (0.5, 0.3), (0.5, 0.3 + 0.6 / (0.94 * heads)), 300)
    answer = by_heads(stance, years * YEAR)
    assert answer is not None
    assert answer.height == pytest.approx(float(typical(years * YEAR)), rel=0.01)
    assert answer.log_error > 0.08
    assert by_heads(replace(stance, chin=None), years * YEAR) is None
    assert by_heads(replace(stance, chin=(0.5, 0.31)), years * YEAR) is None


def points(*known: tuple[float, float]) -> list[Point]:
    """At these ages (years) these heights (cm), with a usual error."""
    return [
        Point(f"{i}", f"{i}", BORN + timedelta(age * YEAR), "beside", cm, 0.03) for i, (age, cm) in enumerate(known)
    ]


def test_without_anything_known_there_is_no_curve() -> None:
    assert fit(BORN, [], []) is None


@given(
    st.lists(st.tuples(st.floats(0, 19), st.floats(40, 210)), max_size=8),
    st.lists(st.tuples(st.integers(0, 6900), st.floats(45, 200)), min_size=1, max_size=3),
)
def test_a_curve_never_falls_and_lies_in_its_band(known, measured) -> None:
    curve = fit(BORN, points(*known), [(BORN + timedelta(day), cm) for day, cm in measured])
    assert curve is not None
    assert curve.days[0] >= BORN
    for line in (curve.low, curve.middle, curve.high):
        assert all(a <= b + 1e-9 for a, b in pairwise(line))
    bands = zip(curve.low, curve.middle, curve.high, strict=True)
    assert all(low <= middle <= high for low, middle, high in bands)


def test_a_child_on_a_wall_does_not_bend_the_curve() -> None:
    ages = [2, 3, 4, 5, 6, 7, 8]
    plain = [(age, float(typical(age * YEAR))) for age in ages]
    strange = [(age, cm + 40 * (age == 5)) for age, cm in plain]
    at = BORN + timedelta(5 * YEAR)
    one, other = fit(BORN, points(*plain), []), fit(BORN, points(*strange), [])
    assert one is not None
    assert other is not None
    there, then = one.at(at), other.at(at)
    assert there is not None
    assert then is not None
    assert abs(there[1] - then[1]) < 2
    assert one.at(BORN + timedelta(10 * YEAR)) is None


def test_a_measured_height_anchors_the_curve() -> None:
    known = points(*[(age, 1.05 * float(typical(age * YEAR))) for age in range(2, 9)])
    day = BORN + timedelta(5 * YEAR)
    cm = float(typical(5 * YEAR))
    curve = fit(BORN, known, [(day, cm)])
    assert curve is not None
    found = curve.at(day)
    assert found is not None
    low, middle, high = found
    assert abs(middle - cm) < 1
    assert high - low < 3
