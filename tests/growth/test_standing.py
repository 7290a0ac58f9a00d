"""Who stands upright from head to foot, and why others do not."""

from dataclasses import replace

import numpy as np
import pytest

from mien.growth.reasons import REASONS, said
from mien.growth.standing import KNEES, Stance, stance
from mien.language import messages
from mien.parsing.parse import PART_ID, Parse
from tests.family.eyes import Parser
from tests.indexing.fake import COLOURS, GREY

H, W = 400, 300


def column(top: int = 50, bottom: int = 350, wide: int = 40) -> Parse:
    pixels = np.full((H, W, 3), GREY, np.uint8)
    pixels[top:bottom, 150 - wide // 2 : 150 + wide // 2] = COLOURS["anna"]
    return Parser("drawn").parse(pixels)


def posed(**moved: tuple[float, float]) -> Parse:
    """The upright column with landmarks (by number) moved, in shares of the body's height to the right and down."""
    parse = column()
    poses = parse.poses.copy()
    for number, (right, down) in moved.items():
        poses[0, int(number[1:]), :2] += np.array([right * 300 / W, down * 300 / H], np.float32)
    return replace(parse, poses=poses)


def painted(part: str, rows: slice) -> Parse:
    parse = column()
    parts, areas = parse.parts.copy(), parse.areas.copy()
    inside = np.zeros_like(parts, bool)
    inside[rows] = True
    parts[inside & (parse.figures == 1)] = PART_ID[part]
    areas[0] = np.bincount(parts[parse.figures == 1], minlength=areas.shape[1])
    return replace(parse, parts=parts, areas=areas)


def unseen(*landmarks: int) -> Parse:
    parse = column()
    poses = parse.poses.copy()
    poses[0, list(landmarks), 2] = 0.1
    return replace(parse, poses=poses)


def test_an_upright_figure_stands_between_its_feet_and_the_top_of_its_head() -> None:
    found = stance(column(), 0, None)
    assert isinstance(found, Stance)
    assert found.top == pytest.approx((0.5, 50 / H), abs=0.01)
    assert found.foot == pytest.approx((0.5, 347 / H), abs=0.01)
    assert found.rows == pytest.approx(297, abs=2)
    assert found.chin is None


@pytest.mark.parametrize(
    ("parse", "reason"),
    [
        (replace(column(), poses=np.full((1, 33, 3), np.nan, np.float32)), "not-seen"),
        (column(100, 180), "small"),
        (column(0), "cut-off"),
        (column(bottom=H), "cut-off"),
        (painted("upper-clothes", slice(0, H)), "head-hidden"),
        (painted("hat", slice(0, 65)), "hat"),
        (unseen(27, 28), "feet-hidden"),
        (unseen(31, 30), "feet-hidden"),
        (posed(_29=(0, -0.2), _31=(0, -0.2), _30=(0, -0.2), _32=(0, -0.2)), "feet-hidden"),
        (unseen(*KNEES), "half-hidden"),
        (posed(_23=(0, 0.18), _24=(0, 0.18)), "seated"),
        (posed(_25=(0.1, 0), _26=(0.1, 0)), "bent"),
        (posed(_11=(0.2, 0), _12=(0.2, 0)), "bent"),
        (posed(_11=(0, 0.4), _12=(0, 0.4)), "bent"),
        (posed(_11=(0, -0.15), _12=(0, -0.15)), "bent"),
        (posed(_27=(0.2, 0), _28=(-0.2, 0), _25=(0.1, 0), _26=(-0.1, 0)), "stride"),
    ],
)
def test_what_does_not_stand_says_why(parse, reason) -> None:
    assert stance(parse, 0, None) == reason


@pytest.mark.parametrize("reach", [80, 50])
def test_who_raises_their_arms_stands_upright(reach: int) -> None:
    """Up to above the photo's edge, if need be: the height ends with the head."""
    parse = column()
    figures, parts = parse.figures.copy(), parse.parts.copy()
    for side in (np.s_[115:130], np.s_[170:185]):
        figures[50 - reach + 30 : 150, side] = 1
        parts[50 - reach + 30 : 150, side] = PART_ID["left-arm"]
    raised = stance(replace(parse, figures=figures, parts=parts), 0, None)
    assert isinstance(raised, Stance)
    assert raised.top[1] == pytest.approx(50 / H, abs=0.01)


def test_one_foot_that_is_seen_is_enough() -> None:
    assert isinstance(stance(unseen(31), 0, None), Stance)


def test_every_reason_has_words_in_both_languages() -> None:
    known = {key.removeprefix("growth.reason.") for key in messages() if key.startswith("growth.reason.")}
    assert known == set(REASONS)
    assert len({said(reason, "zh") for reason in REASONS} | {said(reason, "en") for reason in REASONS}) == 2 * len(
        known
    )
