"""Evidence: what speaks for and against two figures being one person."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from mien.people.anchors import Anchor
from mien.people.evidence import NEVER, STRANGERS, Evidence, Figures, Setting, compare
from mien.people.moments import Moment
from mien.people.sighting import Sighting
from mien.traits.appearance import BLOCK, LENGTH
from mien.traits.outfit import outfit
from tests.people.album import FULL, figure

NOON = datetime(2024, 5, 1, 12)  # noqa: DTZ001
RED, BLUE, GREEN = 3, 9, 15


def clad(colour: int | None, shade: float = 0.0) -> np.ndarray | None:
    """Somebody all in one of the 29 colours, a share of it another one."""
    if colour is None:
        return None
    look = np.zeros(LENGTH, np.float32)
    for region in range(4):
        look[region * BLOCK] = 1
        look[region * BLOCK + 1 + colour] = math.sqrt(1 - shade)
        look[region * BLOCK + 2 + colour] = math.sqrt(shade)
    return look


def seen(
    photo: str, slot: int, colour: int | None = None, *, seconds: float = 0, person: int | None = None, view: int = 0,
    shade: float = 0.0,
) -> Sighting:  # fmt: skip
    """The figure in a photo's slot at noon and so many seconds."""
    shown = figure(photo, person, slot, view=view, at=NOON + timedelta(seconds=seconds))
    return replace(shown, appearance=clad(colour, shade))


def of(evidence: Evidence, kind: str) -> float:
    return next((reason.log_odds for reason in evidence.reasons if reason.kind == kind), 0.0)


def test_nothing_seen_leaves_the_prior() -> None:
    a, b = figure("a", None), figure("b", None)
    assert compare(a, b).log_odds == -STRANGERS
    assert [reason.kind for reason in compare(a, b).reasons] == ["prior"]
    assert compare(a, b).probability == pytest.approx(1 / 1001)


def test_one_photo_shows_two_people() -> None:
    a, b = figure("a", 0), figure("a", 0, 1)
    for moment in (None, Moment((a, b))):
        evidence = compare(a, b, moment)
        assert (evidence.log_odds, evidence.probability) == (NEVER, 0)
        assert [reason.kind for reason in evidence.reasons] == ["same-photo"]


def test_faces_count_by_how_well_they_are_seen() -> None:
    one = figure("a", 0)
    assert compare(one, figure("b", 0, view=1)).probability > 0.9
    assert compare(one, figure("b", 1)).probability < 0.001
    good, poor = (of(compare(one, figure("b", 0, view=1, usable=u)), "faces") for u in (1.0, 0.1))
    assert good > 4 * poor > 0


def test_clothes_speak_within_a_moment_only() -> None:
    a, b = seen("a", 0, RED), seen("b", 3, RED, seconds=600)
    crowd = [seen(photo, slot, colour) for photo in "ab" for slot, colour in ((5, BLUE), (7, GREEN))]
    moment = Moment((a, b, *crowd))
    assert of(compare(a, b), "clothes") == 0
    assert of(compare(a, b, moment), "clothes") > 2
    assert of(compare(a, crowd[2], moment), "clothes") < -2
    assert of(compare(a, b, moment), "hair") > 0


def wearing(sighting: Sighting, upper: str, lower: str, sure: float = 0.9) -> Sighting:
    rest = {"upper": {"dress": 1 - sure, upper: sure}, "lower": {"dress": 1 - sure, lower: sure}}
    return replace(sighting, garments=outfit({part: {"chances": chances} for part, chances in rest.items()}))


def test_kinds_of_garments_tell_people_apart_who_wear_one_colour() -> None:
    kinds = (("coat", "pants"), ("upper-clothes", "skirt"), ("upper-clothes", "shorts"))
    photos = [
        [wearing(seen(f"p{n}", slot, BLUE, seconds=300 * n), *kinds[slot]) for slot in range(3)] for n in range(4)
    ]
    (a, b, _), (again, _, _), *_ = photos
    moment = Moment(tuple(s for figures in photos for s in figures))
    assert of(compare(a, again), "garments") == 0
    assert of(compare(a, again, moment), "garments") > 0.3
    assert of(compare(b, again, moment), "garments") < -0.3
    assert of(compare(a, replace(again, garments=None), moment), "garments") == 0


def test_garments_say_nothing_where_all_wear_the_same_kinds() -> None:
    photos = [
        [wearing(seen(f"p{n}", slot, BLUE, seconds=300 * n), "coat", "pants") for slot in range(6)] for n in range(4)
    ]
    moment = Moment(tuple(s for figures in photos for s in figures))
    assert abs(of(compare(photos[0][0], photos[1][0], moment), "garments")) < 0.3


def test_clothes_say_nothing_where_all_dress_alike() -> None:
    photos = [
        [seen(f"p{n}", slot, BLUE, seconds=300 * n, shade=0.05 * (slot % 2)) for slot in range(6)] for n in range(4)
    ]
    moment = Moment(tuple(s for figures in photos for s in figures))
    assert abs(of(compare(photos[0][0], photos[1][0], moment), "clothes")) < 0.5


def test_people_with_other_faces_tell_how_alike_people_dress() -> None:
    alone = [seen(f"p{n}", 0, BLUE, seconds=300 * n, person=n) for n in range(12)]
    same = Moment(tuple(alone))
    different = Moment(tuple(replace(s, appearance=clad(2 * n)) for n, s in enumerate(alone)))
    a, b = seen("x", 0, BLUE), seen("y", 0, BLUE, seconds=60)
    assert of(compare(a, b, same), "clothes") < of(compare(a, b, different), "clothes") - 1


@pytest.mark.parametrize(("seconds", "least", "most"), [(1, 1.5, 9), (60, -0.1, 0.5), (3000, -0.1, 0.1)])
def test_who_stands_where_somebody_just_stood_in_the_same_view(seconds, least, most) -> None:
    def still(photo: str, at: float, view: str) -> Sighting:
        box = (0.4, 0.5, 0.45, 0.7)
        return Sighting(f"{photo}-0", Anchor(photo, box, FULL, perceptual_hash=view), NOON + timedelta(seconds=at))

    a, b, panned = still("a", 0, "0" * 16), still("b", seconds, "0" * 16), still("c", seconds, "f" * 16)
    moment = Moment((a, b, panned))
    assert least <= of(compare(a, b, moment), "place") <= most
    assert abs(of(compare(a, panned, moment), "place")) < 0.1


def test_evidence_is_symmetric_and_the_sum_of_its_reasons() -> None:
    a, b = seen("a", 0, RED, person=0), seen("b", 1, RED, seconds=2, person=0, view=1)
    moment = Moment((a, b))
    one, other = compare(a, b, moment), compare(b, a, moment)
    assert one.log_odds == pytest.approx(other.log_odds)
    assert one.log_odds == pytest.approx(sum(reason.log_odds for reason in one.reasons))


def test_a_setting_counts_people() -> None:
    figures = Figures.of([seen("a", slot, RED) for slot in range(5)])
    assert Setting.of(figures).people == 5
    assert Setting.of(figures).prior == pytest.approx(-math.log(5))
