"""What somebody wears is decided for the person; garments and limbs are things; borders follow edges."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from mien.parsing.lite.borders import follow_edges
from mien.parsing.lite.cleaning import clean, label
from mien.parsing.lite.presence import (
    ACCESSORIES,
    GARMENTS,
    calibrated,
    calibration,
    claimed,
    gather,
    outfit,
    presence,
    read_calibration,
)
from mien.parsing.lite.regions import settle_sides, vote
from mien.parsing.parse import BAG, PART_ID

HEIGHT, WIDTH = 96, 64
UPPER, DRESS, COAT, PANTS, SKIRT, SCARF = (
    PART_ID[name] for name in ("upper-clothes", "dress", "coat", "pants", "skirt", "scarf")
)
NOTHING_SAID = np.zeros(BAG + 1, np.float32)
"""Of the whole person."""
BLUE, RED = (40, 60, 150), (170, 30, 40)

Place = tuple[slice, slice]
TOP, BOTTOM = np.s_[10:50, 16:48], np.s_[50:90, 16:48]


class Person:
    """A person drawn in rectangles: what the network would say, and the colours."""

    def __init__(self) -> None:
        self.probabilities = np.zeros((BAG + 1, HEIGHT, WIDTH), np.float32)
        self.probabilities[0] = 1
        self.colours = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)

    def show(self, place: Place, colour: tuple[int, int, int] = BLUE, **parts: float) -> "Person":
        self.probabilities[(slice(None), *place)] = 0
        for name, probability in parts.items():
            self.probabilities[PART_ID[name.replace("_", "-")]][place] = probability
        self.probabilities[0][place] = 1 - sum(parts.values())
        self.colours[place] = colour
        return self

    def labels(self, landmarks: NDArray[np.float64] | None = None) -> NDArray[np.uint8]:
        return label(self.probabilities, self.colours, landmarks)


def names(labels: NDArray[np.uint8]) -> set[str]:
    return {name for name, part in PART_ID.items() if part and (labels == part).any()}


# Garments.


@pytest.mark.parametrize("sure", [0.5, 0.7])
def test_one_shirt_in_two_labels_is_one(sure: float) -> None:
    shirt = Person().show(TOP, upper_clothes=0.5, coat=0.45)
    shirt.show(np.s_[10:50, 16:30], coat=sure, upper_clothes=0.95 - sure)
    assert names(shirt.labels()) == {"upper-clothes"}


def test_a_shirt_and_a_coat_of_two_colours_stay_two() -> None:
    layers = (
        Person().show(TOP, upper_clothes=0.5, coat=0.45).show(np.s_[10:50, 16:30], RED, coat=0.5, upper_clothes=0.4)
    )
    assert names(layers.labels()) == {"upper-clothes", "coat"}


def test_the_person_as_a_whole_has_a_say() -> None:
    person = Person().show(TOP, upper_clothes=0.9).show(BOTTOM, pants=0.5, skirt=0.45)
    assert worn(person, pants=5, skirt=-5) == {"upper-clothes", "pants"}
    assert worn(person, pants=-5, skirt=5) == {"upper-clothes", "skirt"}


def test_a_coat_over_a_dress_stays_two() -> None:
    person = Person().show(np.s_[10:80, 16:48], coat=0.8, dress=0.1).show(np.s_[10:80, 28:36], RED, dress=0.7, coat=0.2)
    labels = person.labels()
    assert (labels[20:70, 30:34] == DRESS).all()
    assert (labels[20:70, 18:26] == COAT).all()
    assert (labels[20:70, 38:46] == COAT).all()


@pytest.mark.parametrize("sure", [0.5, 0.8])
def test_a_jacket_and_jeans_of_one_colour_stay_two(sure: float) -> None:
    person = Person().show(TOP, coat=sure, pants=0.9 - sure).show(BOTTOM, pants=sure, coat=0.9 - sure)
    labels = person.labels()
    assert (labels[TOP] == COAT).all()
    assert (labels[BOTTOM] == PANTS).all()


def test_a_small_fragment_joins_the_garment_around_it() -> None:
    person = (
        Person().show(TOP, upper_clothes=0.6, dress=0.3).show(np.s_[20:26, 20:26], RED, dress=0.5, upper_clothes=0.4)
    )
    assert names(person.labels()) == {"upper-clothes"}


def test_a_sure_fragment_stays() -> None:
    person = Person().show(TOP, coat=0.9, upper_clothes=0.05).show(np.s_[12:20, 28:36], RED, upper_clothes=0.9)
    assert names(person.labels()) == {"upper-clothes", "coat"}


def test_nothing_to_vote_on() -> None:
    empty = np.zeros((8, 8), np.uint8)
    nothing = np.zeros((BAG + 1, 8, 8), np.float32)
    assert not vote(empty, nothing, np.zeros((8, 8, 3), np.uint8)).any()
    assert not settle_sides(empty, nothing, None).any()


def test_an_island_apart_from_the_body_goes() -> None:
    assert names(Person().show(TOP, coat=0.9).show(np.s_[90:92, 2:4], hat=0.9).labels()) == {"coat"}


# Sides.


def standing() -> NDArray[np.float64]:
    """A pose seen from the front: the person's left is on the right."""
    landmarks = np.zeros((33, 3))
    places = {11: (44, 12), 13: (52, 28), 15: (52, 44), 19: (52, 48), 23: (38, 48), 25: (38, 66), 27: (38, 84)}
    places[31] = (38, 90)
    for left, (x, y) in places.items():
        landmarks[left] = x, y, 1
        landmarks[left + 1] = WIDTH - x, y, 1
    return landmarks


def test_sides_follow_the_pose_where_the_network_does_not_know() -> None:
    person = (
        Person()
        .show(np.s_[50:84, 18:30], left_leg=0.5, right_leg=0.45)
        .show(np.s_[50:84, 34:46], left_leg=0.45, right_leg=0.5)
    )
    labels = person.labels(standing())
    assert (labels[50:84, 18:30] == PART_ID["right-leg"]).all()
    assert (labels[50:84, 34:46] == PART_ID["left-leg"]).all()
    mirrored = standing()[:, :] * [-1, 1, 1] + [WIDTH, 0, 0]
    assert (person.labels(mirrored)[50:84, 34:46] == PART_ID["right-leg"]).all()


def test_a_whole_limb_has_one_side() -> None:
    arm = Person().show(np.s_[20:60, 48:56], left_arm=0.9).show(np.s_[36:44, 48:56], right_arm=0.6, left_arm=0.3)
    assert names(arm.labels(standing())) == {"left-arm"}
    assert names(arm.labels()) == {"left-arm"}


def test_legs_that_touch_are_divided() -> None:
    legs = Person().show(np.s_[50:84, 20:32], right_leg=0.9).show(np.s_[50:84, 32:44], left_leg=0.9)
    labels = legs.labels(standing())
    assert (labels[50:84, 20:32] == PART_ID["right-leg"]).all()
    assert (labels[50:84, 32:44] == PART_ID["left-leg"]).all()


# What is worn at all.


def worn(person: Person, **said: float) -> set[str]:
    whole = NOTHING_SAID.copy()
    for name, odds in said.items():
        whole[PART_ID[name]] = odds
    kept = claimed(gather(person.probabilities, whole), calibration())
    return {name for name, part in PART_ID.items() if kept[part] and part in (*GARMENTS, *ACCESSORIES)}


def test_a_trace_of_a_scarf_is_none() -> None:
    person = Person().show(TOP, upper_clothes=0.9).show(BOTTOM, pants=0.9)
    assert worn(person) == {"upper-clothes", "pants"}
    person.show(np.s_[10:12, 28:36], scarf=0.4, upper_clothes=0.3)
    assert "scarf" not in worn(person)
    person.show(np.s_[8:20, 24:40], RED, scarf=0.95)
    assert "scarf" in worn(person)


def test_pants_with_a_trace_of_a_skirt_are_pants() -> None:
    person = Person().show(TOP, upper_clothes=0.9).show(BOTTOM, pants=0.8, skirt=0.15)
    person.show(np.s_[50:58, 16:24], skirt=0.5, pants=0.4)
    assert worn(person) == {"upper-clothes", "pants"}


def test_a_coat_over_a_dress_is_an_outfit() -> None:
    person = Person().show(np.s_[10:75, 16:48], coat=0.9).show(np.s_[10:75, 28:36], RED, dress=0.9)
    person.show(np.s_[75:90, 20:44], left_leg=0.5, right_leg=0.4)
    assert worn(person) == {"coat", "dress"}


def test_nobody_wears_nothing() -> None:
    assert not worn(Person())


def test_outfits_are_completed_only_where_they_are_seen() -> None:
    doubtful = np.array([0.9, 0.05, 0.9, 0.35, 0.1])  # under coats and tops are mostly pants
    assert outfit(doubtful, calibration()).tolist() == [True, False, True, True, False]
    assert outfit(doubtful, calibration(), upper_body_only=True).tolist() == [True, False, True, False, False]


def test_where_little_speaks_for_anything_names_are_coarse() -> None:
    assert outfit(np.full(5, 0.25), calibration()).tolist() == [True, False, False, True, False]
    assert outfit(np.full(5, 0.25), calibration(), upper_body_only=True).tolist() == [True, False, False, False, False]


@given(present=hnp.arrays(np.float64, 5, elements=st.floats(0, 1)), upper=st.booleans())
def test_every_outfit_is_worn_by_somebody(present: NDArray[np.float64], upper: bool) -> None:
    found = outfit(present, calibration(), upper_body_only=upper)
    assert found[:3].any() or (found.any() and not upper)
    sets = {tuple(row[: 3 if upper else 5]) for row in calibration().outfits}
    assert tuple(found[: 3 if upper else 5]) in sets


def test_more_evidence_is_more_presence() -> None:
    person = Person().show(np.s_[10:50, 16:48], upper_clothes=0.9)
    small, large = (gather(person.show(np.s_[10:row, 16:48], hat=0.7).probabilities, NOTHING_SAID) for row in (14, 30))
    hat = PART_ID["hat"]
    assert presence(large, calibration())[hat] > presence(small, calibration())[hat]


def test_calibrated_certainty_keeps_the_order() -> None:
    certainty = calibrated(np.linspace(0, 1, 50, dtype=np.float32), calibration())
    assert (np.diff(certainty) >= 0).all()
    assert certainty.min() >= 0
    assert certainty.max() <= 1


def test_constants_that_are_incomplete_are_no_constants() -> None:
    with pytest.raises(KeyError):
        read_calibration("[certainty]\nslope = 1.0\nintercept = 0.0\n")


# All together.


def test_the_crop_around_a_person_does_not_matter() -> None:
    person = Person().show(TOP, coat=0.6, upper_clothes=0.3).show(BOTTOM, RED, pants=0.7, skirt=0.2)
    tight = clean(person.probabilities, person.colours, NOTHING_SAID, standing())
    wide = [(16, 32), (24, 8)]
    probabilities = np.pad(person.probabilities, [(0, 0), *wide])
    probabilities[0] = np.pad(person.probabilities[0], wide, constant_values=1)
    colours = np.pad(person.colours, [*wide, (0, 0)], constant_values=128)
    moved = clean(probabilities, colours, NOTHING_SAID, standing() + np.array([24, 16, 0]))
    inner = np.s_[16 : 16 + HEIGHT, 24 : 24 + WIDTH]
    assert np.array_equal(moved.labels[inner], tight.labels)
    assert moved.person[inner] == pytest.approx(tight.person, abs=0.05)
    assert (moved.labels > 0).sum() == (tight.labels > 0).sum()


# Borders.


def test_a_blurred_border_snaps_to_the_edge() -> None:
    person = np.clip(np.linspace(-1.5, 2.5, WIDTH), 0, 1).astype(np.float32)  # 0.5 at column 31.5
    probabilities = np.stack([1 - person, person])[:, None].repeat(HEIGHT, 1)
    colours = np.where(np.arange(WIDTH)[None, :, None] < 34, BLUE, RED).repeat(HEIGHT, 0).astype(np.uint8)
    aligned = follow_edges(probabilities, colours, np.ones(2, bool))
    assert person[32] > 0.5
    assert (aligned[1, :, 32:34] < 0.5).all()
    assert (aligned[1, :, 34:36] > 0.5).all()
    assert aligned.sum(0) == pytest.approx(1, abs=0.02)


def test_planes_that_are_not_kept_are_gone() -> None:
    probabilities = np.random.default_rng(0).random((3, 16, 16), np.float32)
    colours = np.zeros((16, 16, 3), np.uint8)
    aligned = follow_edges(probabilities, colours, np.array([True, False, True]))
    assert not aligned[1].any()


PROBABILITIES = hnp.arrays(np.float32, (BAG + 1, 6, 4), elements=st.floats(0, 1, width=32)).map(
    lambda grid: np.ascontiguousarray((grid + 1e-3).repeat(8, 1).repeat(8, 2))
)
COLOURS = hnp.arrays(np.uint8, (6, 4, 3)).map(lambda grid: grid.repeat(8, 0).repeat(8, 1))


@settings(deadline=None, max_examples=60)
@given(raw=PROBABILITIES, colours=COLOURS, posed=st.booleans())
def test_invariants(raw: NDArray[np.float32], colours: NDArray[np.uint8], posed: bool) -> None:
    probabilities = raw / raw.sum(0)
    before = probabilities.copy()
    kept = claimed(gather(probabilities, NOTHING_SAID), calibration())
    aligned = follow_edges(probabilities, colours, kept)
    assert np.isfinite(aligned).all()
    assert aligned.min() >= 0
    assert aligned.max() <= 1
    labels = label(aligned, colours, standing() if posed else None)
    cleaned = clean(probabilities, colours, NOTHING_SAID, standing() if posed else None)
    assert np.array_equal(before, probabilities)
    assert cleaned.person.min() >= 0
    assert cleaned.person.max() <= 1
    assert ((cleaned.certainty >= 0) & (cleaned.certainty <= 1)).all()
    assert labels.max() <= BAG
    sides = {PART_ID[f"{side}-{part}"] for side, part in itertools.product(("left", "right"), ("arm", "leg", "shoe"))}
    assert set(np.unique(labels)) - sides <= {0} | set(np.flatnonzero(kept))
    # Nothing outside the person's mask, but for holes that were closed.
    outside = (aligned[0] + aligned[BAG] >= 0.5) & (labels > 0) & (labels != BAG)
    assert outside.sum() <= 0.02 * max(1, (labels > 0).sum())
