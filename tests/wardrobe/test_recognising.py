"""Garments are known again across moments, and the user's word stands above all."""

import itertools
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.language import speaking
from mien.people.statements import WEARABLE
from mien.traits.appearance import ANCHORS
from mien.traits.cielab import srgb_to_lab
from mien.traits.traits import Colour
from mien.wardrobe.glimpses import LAYERS, Glimpse, parse_glimpse_id
from mien.wardrobe.harmony import harmony
from mien.wardrobe.linkage import link
from mien.wardrobe.recognising import Said, SaidGarment, Wardrobe, recognise
from mien.wardrobe.suggesting import Reason, suggest
from mien.wardrobe.wording import reason_words
from mien.wardrobe.worn import moments_of

NOON = datetime(2024, 3, 1, 12)  # noqa: DTZ001
RED, GREEN, WHITE, BLUE = (190, 30, 40), (40, 120, 60), (236, 234, 228), (60, 90, 190)


def glimpse(photo: str, rgb=RED, place="upper", *, day=0, minute=0, figure="", **more) -> Glimpse:
    lab = srgb_to_lab(np.array(rgb))
    near = np.exp(-((ANCHORS - lab) ** 2).sum(1) / 400)
    kind = {"upper": "upper-clothes", "inner": "upper-clothes", "lower": "pants"}.get(place, place)
    values = {
        "chances": {kind: 0.9},
        "colours": (Colour("red", tuple(map(float, lab)), 0.9),),
        "cuts": {"pattern": {"plain": 1.0}},
        "shades": tuple(map(float, np.sqrt(near / near.sum()))),
        "texture": (0.0, 0.0, 0.0, 0.0),
        **more,
    }
    at = None if day is None else NOON + timedelta(days=day, minutes=minute)
    return Glimpse(figure or f"{photo}-1", photo, place, at, 0.95, **values)


def groups(wardrobe: Wardrobe) -> set[frozenset[str]]:
    return {frozenset(glimpse.photo_id for glimpse in garment.glimpses) for garment in wardrobe.garments}


@pytest.mark.parametrize(("dress", "kind"), [(0.26, "pants"), (0.4, "pants"), (0.6, "dress"), (1.0, "dress")])
def test_below_a_top_nothing_is_a_dress_that_may_as_well_be_trousers(dress: float, kind: str) -> None:
    rest = 1 - dress
    chances = {"dress": dress, "pants": rest * 0.5, "skirt": rest * 0.3, "shorts": rest * 0.2}
    found = recognise([glimpse("a"), glimpse("a", BLUE, "lower", chances=chances)])
    assert {garment.kind for garment in found.garments} == {"upper-clothes", kind}


@pytest.mark.parametrize(
    ("below", "place", "kinds"),
    [(WHITE, "upper", {"upper-clothes", "skirt"}), (RED, "upper", {"dress"}), (WHITE, "dress", {"dress"})],
)
def test_nobody_wears_two_dresses(below, place, kinds) -> None:
    halves = [glimpse("a", place=place, chances={"dress": 0.8}), glimpse("a", below, "lower", chances={"dress": 0.8})]
    assert {garment.kind for garment in recognise(halves).garments} == kinds


def test_nothing_seen() -> None:
    assert recognise([]) == Wardrobe()


def test_the_same_coat_in_march_and_in_april() -> None:
    worn = [
        glimpse("a", RED), glimpse("b", (150, 24, 32), day=40),
        glimpse("c", GREEN, day=50), glimpse("d", RED, day=None),
    ]  # fmt: skip
    found = recognise(worn)
    assert groups(found) == {frozenset("abd"), frozenset("c")}
    red = found.garments[0]
    assert red.garment_id == "a-1.upper"
    assert [day.isoformat() for day in red.days] == ["2024-03-01", "2024-04-10"]
    assert red.times == 3
    assert [outfit.first is None for outfit in found.outfits] == [False, False, False, True]


def test_one_moment_is_one_outfit() -> None:
    """A few photos of an afternoon: trousers count as one however the light falls, a coat is taken off."""
    found = recognise(
        [
            *(glimpse("a", GREEN, "upper"), glimpse("a", WHITE, "inner"), glimpse("a", BLUE, "lower")),
            *(glimpse("b", WHITE, "upper", minute=30), glimpse("b", (30, 40, 90), "lower", minute=30)),
        ]
    )
    assert groups(found) == {frozenset("a"), frozenset("ab")}
    (outfit,) = found.outfits
    assert len(outfit.garments) == 3
    assert outfit.photos == ("a", "b")


def test_hats_and_scarves_are_known_again_as_such() -> None:
    """A red hat is no red scarf; within a moment it is one, whatever the light."""
    worn = [glimpse("a", RED, "hat"), glimpse("a", RED, "scarf"), glimpse("a", RED)]
    later = [glimpse("b", RED, "hat", day=9), glimpse("c", (60, 10, 14), "hat", day=9, minute=9)]
    found = recognise([*worn, *later])
    assert [(garment.kind, garment.times) for garment in found.garments] == [
        ("hat", 2), ("scarf", 1), ("upper-clothes", 1),
    ]  # fmt: skip
    assert found.outfits[0].garments == ("a-1.upper", "a-1.hat", "a-1.scarf")
    advice = suggest(found, NOON.date())
    assert {garment.kind for garment in advice.left_out["thing"]} == {"hat", "scarf"}


def test_what_is_worn_can_be_spoken_of() -> None:
    assert set(LAYERS) == set(WEARABLE)


def test_a_misread_skirt_is_part_of_the_dress() -> None:
    dress = [glimpse(photo, RED, "dress", minute=i) for i, photo in enumerate("ab")]
    skirt = glimpse("c", RED, "lower", minute=3, chances={"skirt": 0.8})
    assert [garment.kind for garment in recognise([*dress, skirt]).garments] == ["dress"]


A, B = frozenset({"a-1.upper"}), frozenset({"b-1.upper"})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said(), ["ab", "c"]),
        (Said(apart=frozenset({("a-1.upper", "b-1.upper")})), ["a", "b", "c"]),
        (Said((SaidGarment(frozenset({"a-1.upper", "c-1.upper"})),)), ["abc"]),
        (Said((SaidGarment(A, "x"), SaidGarment(B, "y"))), ["a", "b", "c"]),
        (Said((SaidGarment(A, "x"), SaidGarment(B, "X"))), ["ab", "c"]),
        (Said((SaidGarment(frozenset({"a-1.upper"}), is_theirs=False),)), ["ab", "c"]),
        (Said((SaidGarment(frozenset({"gone-1.upper", "a-1.upper"})),)), ["ab", "c"]),
    ],
)  # fmt: skip
def test_the_users_word_is_above_all(said, expected) -> None:
    found = recognise([glimpse("a"), glimpse("b", day=30), glimpse("c", GREEN, day=60)], said)
    assert groups(found) == {frozenset(photos) for photos in expected}
    assert all(
        garment.is_theirs for garment in found.garments if "c-1.upper" in {g.glimpse_id for g in garment.glimpses}
    )


def test_parts_of_one_moment_that_are_one_count_once() -> None:
    both = Said((SaidGarment(frozenset({"a-1.upper", "a-1.lower"})),))
    (suit,) = recognise([glimpse("a"), glimpse("a", place="lower")], both).garments
    assert (suit.times, len(suit.glimpses)) == (1, 2)


def test_reasons_name_the_colours_that_are_no_neutrals() -> None:
    grey, olive = Colour("light grey", (82.0, 2.0, 2.0), 0.5), Colour("olive", (45.0, -8.0, 30.0), 0.4)
    top = recognise([glimpse("a", colours=(grey, olive))]).garments[0]
    trousers = recognise([glimpse("b", colours=(grey,), place="lower")]).garments[0]
    red = recognise([glimpse("c")]).garments[0]
    assert harmony([top, trousers]) == "accent"
    with speaking("en"):
        assert reason_words(Reason("colours-accent", (top, red))).endswith("light grey top (olive), red top")
        assert reason_words(Reason("last-worn", (top,), day=NOON.date())).startswith("light grey top: ")


@pytest.mark.parametrize(
    ("rgb", "neutral"),
    [
        ((0, 0, 0), True), ((128, 128, 128), True), ((250, 248, 240), True), ((30, 35, 66), True),
        ((205, 185, 150), True), ((240, 230, 200), True), ((105, 70, 45), False), ((230, 150, 175), False),
        ((225, 190, 60), False), ((190, 30, 40), False), ((170, 200, 230), False),
    ],
)  # fmt: skip
def test_black_grey_white_navy_and_beige_are_neutral(rgb, neutral) -> None:
    (garment,) = recognise([glimpse("a", rgb)]).garments
    assert (harmony([garment]) == "neutral") is neutral


def test_one_garment_goes_with_nothing() -> None:
    found = suggest(recognise([glimpse("a", place="dress")]), NOON.date() + timedelta(days=365))
    assert [reason.code for reason in found.suggestions[0].reasons] == ["colours-alone", "last-worn", "season"]


def test_the_lower_half_of_a_dress_is_no_skirt() -> None:
    """A dress under a jumper is seen at "lower": nothing is worn with it above, nor is it worn alone."""
    half = glimpse("a", BLUE, "lower", chances={"dress": 0.7, "skirt": 0.2})
    advice = suggest(recognise([glimpse("a", WHITE), half]), NOON.date() + timedelta(days=365))
    assert advice.suggestions == ()
    assert {why: [garment.kind for garment in out] for why, out in advice.left_out.items()} == {
        "unclear": ["dress"], "alone": ["upper-clothes"],
    }  # fmt: skip


YEAR = timedelta(days=365)


@pytest.mark.parametrize(
    ("worn", "later", "expected"),
    [
        ([glimpse("a")], YEAR, {"alone": ["a-1.upper"]}),
        ([glimpse("a", place="dress")], YEAR / 2, {"season": ["a-1.dress"]}),
        ([glimpse("a", place="dress", day=None)], YEAR, {"undated": ["a-1.dress"]}),
        ([glimpse("a", chances={"unknown": 0.9})], YEAR, {"unclear": ["a-1.upper"]}),
        ([glimpse("a", RED), glimpse("a", GREEN, "lower")], YEAR, {"colours": ["a-1.lower", "a-1.upper"]}),
        ([glimpse("a", place="dress")], timedelta(days=5), {"lately": ["a-1.dress"]}),
        (
            [glimpse(f"d{n}", rgb, "dress", day=n) for n, rgb in enumerate((RED, GREEN, WHITE, BLUE, (230, 190, 20)))]
            + [glimpse("c", (20, 20, 22), chances={"coat": 0.9}, day=6)],
            YEAR,
            {"no-coats": ["c-1.upper"], "others": ["d2-1.dress"]},
        ),
    ],
)
def test_what_is_not_suggested_has_a_reason(worn, later, expected) -> None:
    advice = suggest(recognise(worn), NOON.date() + later)
    assert {why: sorted(g.garment_id for g in out) for why, out in advice.left_out.items()} == expected


def test_an_outfit_shows_its_garments_as_they_were_seen_then() -> None:
    (red,) = recognise([glimpse("a"), glimpse("b", day=9, size=0.3), glimpse("c", day=9, minute=5)]).garments
    assert [red.shown_in(worn.moment).photo_id for worn in red.worn] == ["a", "c"]
    with pytest.raises(ValueError, match="empty"):
        red.shown_in(99)


def test_what_is_not_theirs_is_in_no_outfit() -> None:
    said = Said((SaidGarment(frozenset({"a-1.upper"}), "costume", is_retired=True, is_theirs=False),))
    found = recognise([glimpse("a"), glimpse("a", BLUE, "lower")], said)
    costume = next(garment for garment in found.garments if garment.name)
    assert (costume.name, costume.is_retired, costume.is_theirs) == ("costume", True, False)
    assert found.outfits[0].garments == ("a-1.lower",)
    assert costume not in found.theirs


def test_two_said_to_differ_within_a_moment_do() -> None:
    said = Said(apart=frozenset({("a-1.lower", "b-1.lower")}))
    assert len(recognise([glimpse("a", place="lower"), glimpse("b", place="lower", minute=5)], said).garments) == 2


shown = st.builds(
    lambda photo, rgb, place, day: glimpse(f"{photo}{day}", rgb, place, day=day),
    st.sampled_from("abc"), st.sampled_from([RED, GREEN, WHITE, BLUE]), st.sampled_from(["upper", "lower"]),
    st.sampled_from([0, 3, 40, None]),
)  # fmt: skip


@given(st.lists(shown, max_size=9, unique_by=lambda g: g.glimpse_id), st.randoms(use_true_random=False))
def test_the_order_has_no_influence_and_nothing_is_lost(worn, random) -> None:
    found = recognise(worn)
    shuffled = worn.copy()
    random.shuffle(shuffled)
    assert recognise(shuffled) == found
    seen = [glimpse.glimpse_id for garment in found.garments for glimpse in garment.glimpses]
    assert sorted(seen) == sorted(glimpse.glimpse_id for glimpse in worn)
    assert all(garment.garment_id == garment.glimpses[0].glimpse_id for garment in found.garments)
    figures = defaultdict(list)
    for garment in found.garments:
        for glimpse in garment.glimpses:
            figures[glimpse.figure_id].append(garment.garment_id)
    assert all(len(set(worn)) == len(worn) for worn in figures.values()), "nobody wears one garment twice"


@given(
    st.integers(0, 9).flatmap(
        lambda n: st.tuples(
            st.lists(st.floats(0, 10, width=16), min_size=n * n, max_size=n * n),
            st.lists(st.tuples(st.integers(0, max(n - 1, 0)), st.integers(0, max(n - 1, 0))), max_size=3 if n else 0),
            st.lists(st.tuples(st.integers(0, max(n - 1, 0)), st.integers(0, max(n - 1, 0))), max_size=3 if n else 0),
        )
    )
)
def test_linkage(case) -> None:
    """Against the plain definition: merge the two nearest clusters that may be one, and their groups with them."""
    numbers, together, apart = case
    n = int(len(numbers) ** 0.5)
    gap = np.array(numbers, np.float32).reshape(n, n)
    gap = gap + gap.T
    label = link(gap, 8.0, together, apart)
    assert all(label[i] == label[j] for i, j in together)
    assert all(label[k] == min(np.flatnonzero(label == label[k])) for k in range(n))
    group = list(link(gap, -1.0, together))
    apart = [(i, j) for i, j in apart if group[i] != group[j]]
    assert all(label[i] != label[j] for i, j in apart)
    clusters = [[k] for k in range(n)]
    while True:
        never = {frozenset((group[i], group[j])) for i, j in apart}
        near = sorted(
            (float(np.mean([gap[i, j] for i in a for j in b])), a, b)
            for a, b in itertools.combinations(clusters, 2)
            if group[a[0]] != group[b[0]] and frozenset((group[a[0]], group[b[0]])) not in never
        )
        if not near or near[0][0] > 8 or (len(near) > 1 and near[1][0] - near[0][0] < 1e-3):
            break
        _, a, b = near[0]
        clusters = [c for c in clusters if c not in (a, b)] + [sorted(a + b)]
        group = [group[a[0]] if g == group[b[0]] else g for g in group]
    if not near or near[0][0] > 8:  # else ties, which may go either way
        assert len({*zip(label, group, strict=True)}) == len(set(label)) == len(set(group))


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [([], []), ([0], [0]), ([0, 30, 80, 150], [0, 0, 0, 1]), ([0, None, None], [0, 1, 2]),
     ([k * 50 for k in range(10)], [0] * 8 + [1] * 2)],
)  # fmt: skip
def test_moments(minutes, expected) -> None:
    assert moments_of([None if m is None else NOON + timedelta(minutes=m) for m in minutes]) == expected


def test_ids_are_read_back() -> None:
    one = glimpse("a", figure="0123-7")
    assert parse_glimpse_id(one.glimpse_id) == ("0123-7", "upper")
    assert parse_glimpse_id("0123-7") is parse_glimpse_id(".upper") is parse_glimpse_id("0123-7.head") is None
    assert replace(one, place="inner").glimpse_id == "0123-7.inner"
