"""Who is in a photo, given what the network says: scenes with known answers, and what holds of any answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.parsing.m2fp.instances import People, compose
from mien.parsing.m2fp.postprocessing import HUMAN, find_instances
from mien.parsing.m2fp.queries import Queries
from mien.parsing.parse import LANDMARKS, PART_ID, Parse
from tests.parsing.m2fp.scenes import Figure, Maps, Sights, agreement, check, scene, seen
from tests.parsing.m2fp.test_postprocessing import blobs

NO_FACES = np.zeros((0, 4))


def people(queries: Queries, width: int, height: int, faces: np.ndarray = NO_FACES) -> Parse:
    """As a parse, which has been checked."""
    return checked(compose(find_instances(queries, width, height), width, height, faces))


def checked(found: People) -> Parse:
    made, n = found.painting, len(found.scores)
    poses = np.full((n, LANDMARKS, 3), np.nan, np.float32)
    parse = Parse(
        made.figures, made.parts, made.boxes, found.scores, made.areas, made.confidences, made.uncertain, poses
    )
    check(parse)
    return parse


def in_scene(queries: Queries, maps: Maps, faces: np.ndarray = NO_FACES) -> Parse:
    height, width = maps[0].shape
    return people(queries, width, height, faces)


def assert_found(maps: Maps, parse: Parse, least: float = 0.95, *, labels: float = 0.97) -> None:
    """Everybody of the scene is one figure of their own, and nobody else is; their parts are theirs."""
    table = agreement(maps, parse.figures)
    assert table.shape[0] == table.shape[1]
    assert sorted(table.argmax(1)) == list(range(len(table)))
    assert (table.max(1) >= least).all(), table.round(2)
    shown = maps[0] > 0
    assert (parse.parts[shown] == maps[1][shown]).mean() >= labels


def labels_of(parse: Parse, figure: int) -> set[int]:
    return set(np.flatnonzero(parse.areas[figure, 1:20]) + 1)


ALONE = [Figure(320, 20, 440)]
SIDE_BY_SIDE = [Figure(200, 20, 440), Figure(420, 40, 420, "coat")]
BEHIND = [Figure(350, 20, 420), Figure(290, 60, 400, "coat")]
HUGGING = [Figure(300, 20, 440), Figure(355, 30, 430, "coat")]
CUT_BY_THE_EDGE = [Figure(20, 20, 600), Figure(500, 200, 500)]
CROWD = [Figure(50 + 49 * i, 60 + 40 * (i % 3), 300, coarse=True) for i in range(12)]
LEAST_OF_PARTS = {"a child before a parent": 0.7}  # whose leg is whose is hard to tell there
PARENT_AND_CHILD = [Figure(320, 10, 460, "dress"), Figure(330, 230, 240)]

SCENES = {
    "alone": ALONE,
    "side by side": SIDE_BY_SIDE,
    "one behind another": BEHIND,
    "hugging": HUGGING,
    "cut by the photo's edge": CUT_BY_THE_EDGE,
    "a child before a parent": PARENT_AND_CHILD,
}


# Nobody.


def test_no_queries_nobody() -> None:
    nothing = Queries(np.zeros((0, 22), np.float32), np.zeros((0, 160, 216), np.float32), (853, 640))
    assert len(people(nothing, 640, 480)) == 0


def test_only_background_nobody() -> None:
    queries = Sights(64, 48).add(0, np.ones((48, 64), bool)).queries()
    assert len(people(queries, 64, 48)) == 0


def test_a_garment_on_a_hanger_is_nobody() -> None:
    mask = np.zeros((480, 640), bool)
    mask[100:400, 200:400] = True
    assert len(people(Sights(640, 480).add("coat", mask, 0.9).queries(), 640, 480)) == 0


def test_a_faint_human_mask_without_parts_is_nobody() -> None:
    mask = np.zeros((480, 640), bool)
    mask[100:400, 200:300] = True
    assert len(people(Sights(640, 480).add(HUMAN, mask, 0.3).queries(), 640, 480)) == 0


# Everybody.


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("noise", [0.0, 1.5])
def test_everybody_is_found_with_their_parts(name: str, noise: float) -> None:
    maps = scene(SCENES[name])
    assert_found(maps, in_scene(seen(maps, noise=noise), maps))


def test_a_crowd_of_twelve_is_twelve_people() -> None:
    maps = scene(CROWD)
    assert len(seen(maps).logits) <= 100 + 1  # all that the network has
    assert_found(maps, in_scene(seen(maps), maps), 0.9)


@pytest.mark.parametrize("name", SCENES)
def test_people_whom_no_human_mask_shows_are_made_of_their_parts(name: str) -> None:
    maps = scene(SCENES[name])
    assert_found(maps, in_scene(seen(maps, human=None), maps), LEAST_OF_PARTS.get(name, 0.9))


@pytest.mark.parametrize("missing", [1, 2])
@pytest.mark.parametrize("name", ["side by side", "one behind another", "hugging", "a child before a parent"])
def test_one_human_mask_is_missing(name: str, missing: int) -> None:
    maps = scene(SCENES[name])
    sights = Sights(640, 480).add_figure(maps, missing, human=None).add_figure(maps, 3 - missing)
    assert_found(maps, in_scene(sights.queries(), maps), 0.9)


@pytest.mark.parametrize("name", ["one behind another", "hugging", "a child before a parent"])
def test_one_human_mask_over_two_people_is_two_people(name: str) -> None:
    maps = scene(SCENES[name])
    sights = Sights(640, 480).add(HUMAN, maps[0] > 0, 0.9)
    for number in (1, 2):
        sights.add_figure(maps, number, human=None)
    assert_found(maps, in_scene(sights.queries(), maps), LEAST_OF_PARTS.get(name, 0.9))


@pytest.mark.parametrize("certainty", [0.3, 0.9, 0.98])
def test_a_human_mask_over_a_pair_beside_their_own_is_nobody_more(certainty: float) -> None:
    maps = scene(HUGGING)
    sights = Sights(640, 480).add(HUMAN, maps[0] > 0, certainty).add_figure(maps, 1).add_figure(maps, 2)
    assert_found(maps, in_scene(sights.queries(), maps), 0.9)


@pytest.mark.parametrize("certainty", [0.8, 0.95])
def test_two_human_masks_over_the_same_two_people_are_two_people(certainty: float) -> None:
    maps = scene(HUGGING)
    sights = Sights(640, 480).add(HUMAN, maps[0] > 0, 0.9).add(HUMAN, maps[0] > 0, certainty)
    for number in (1, 2):
        sights.add_figure(maps, number, human=None)
    assert_found(maps, in_scene(sights.queries(), maps), 0.9)


def test_a_human_mask_without_parts_is_somebody_but_less_surely() -> None:
    maps = scene(ALONE)
    parse = in_scene(Sights(640, 480).add(HUMAN, maps[0] > 0, 0.9).queries(), maps)
    assert 0.5 < parse.scores[0] < 0.8
    assert agreement(maps, parse.figures).max() > 0.95
    assert labels_of(parse, 0) == set()
    assert parse.uncertain[0] == 1


@pytest.mark.parametrize("part", ["left-shoe", "hat", "pants", "right-arm"])
def test_a_part_that_lies_apart_is_nobodys(part: str) -> None:
    maps = scene(SIDE_BY_SIDE)
    apart = np.zeros((480, 640), bool)
    apart[200:240, 560:600] = True
    sights = Sights(640, 480).add_figure(maps, 1).add_figure(maps, 2).add(part, apart)
    parse = in_scene(sights.queries(), maps)
    assert_found(maps, parse)
    assert not parse.figures[apart].any()


# Second sights and ghosts.


@pytest.mark.parametrize("certainty", [0.3, 0.6, 0.97])
@pytest.mark.parametrize("rows", [slice(0, 480), slice(0, 250), slice(200, 480), slice(0, 400)])
def test_a_second_sight_of_a_body_is_nobody_more(rows: slice, certainty: float) -> None:
    maps = scene(SIDE_BY_SIDE)
    piece = np.zeros((480, 640), bool)
    piece[rows] = maps[0][rows] == 1
    sights = Sights(640, 480).add_figure(maps, 1).add_figure(maps, 2).add(HUMAN, piece, certainty)
    assert_found(maps, in_scene(sights.queries(), maps))


def test_a_faint_mask_half_beside_somebody_is_nobody() -> None:
    maps = scene(SIDE_BY_SIDE)
    ghost = np.roll(maps[0] == 1, 60, axis=1)
    sights = Sights(640, 480).add_figure(maps, 1).add_figure(maps, 2).add(HUMAN, ghost, 0.3)
    assert_found(maps, in_scene(sights.queries(), maps))


def test_a_faint_mask_with_a_head_of_its_own_is_somebody() -> None:
    maps = scene(SIDE_BY_SIDE)
    sights = Sights(640, 480).add_figure(maps, 1).add_figure(maps, 2, human=0.2, parts=0.7)
    parse = in_scene(sights.queries(), maps)
    assert_found(maps, parse)
    assert 0.4 < parse.scores.min() < 0.75


@pytest.mark.parametrize(("faces", "count"), [(NO_FACES, 0), (np.array([[290, 30, 350, 90.0]]), 1)])
def test_a_face_that_another_look_saw_lets_a_faint_mask_count(faces: np.ndarray, count: int) -> None:
    maps = scene(ALONE)
    parse = in_scene(Sights(640, 480).add(HUMAN, maps[0] > 0, 0.25).queries(), maps, faces)
    assert len(parse) == count
    assert (parse.scores < 0.3).all()


def test_a_face_that_another_look_saw_elsewhere_makes_nobody() -> None:
    maps = scene(ALONE)
    parse = in_scene(seen(maps), maps, np.array([[500, 30, 560, 90.0]]))
    assert_found(maps, parse)


# Parts.


def test_one_part_over_two_people_is_shared_out() -> None:
    maps = scene(SIDE_BY_SIDE)
    pants = PART_ID["pants"]
    sights = Sights(640, 480).add(pants, maps[1] == pants)
    for number in (1, 2):
        mine = maps[0] == number
        sights.add(HUMAN, mine)
        for label in set(np.unique(maps[1][mine])) - {0, pants}:
            sights.add(int(label), mine & (maps[1] == label))
    parse = in_scene(sights.queries(), maps)
    assert_found(maps, parse)
    assert (parse.areas[:, pants] > 5000).all()


def test_an_arm_around_somebody_stays_its_owners() -> None:
    """The human mask of who is embraced has the arm too; the arm's own mask tells whose it is."""
    maps = scene(SIDE_BY_SIDE)
    maps[0][150:180, 240:400], maps[1][150:180, 240:400] = 1, PART_ID["left-arm"]
    sights = Sights(640, 480).add_figure(maps, 1)
    embraced = maps[0] == 2
    for label in np.unique(maps[1][embraced]):
        sights.add(int(label), embraced & (maps[1] == label))
    embraced[150:180, 340:400] = True
    parse = in_scene(sights.add(HUMAN, embraced).queries(), maps)
    assert_found(maps, parse)


def test_a_part_beside_its_human_mask_is_that_humans() -> None:
    maps = scene(ALONE)
    hand = PART_ID["left-arm"]
    sights = Sights(640, 480).add(HUMAN, (maps[0] > 0) & (maps[1] != hand))
    for label in np.unique(maps[1][maps[0] > 0]):
        sights.add(int(label), maps[1] == label)
    assert_found(maps, in_scene(sights.queries(), maps))


def test_a_head_beside_a_headless_human_mask_is_that_humans() -> None:
    maps = scene(ALONE)
    heads = np.isin(maps[1], [PART_ID["hair"], PART_ID["face"]])
    sights = Sights(640, 480).add(HUMAN, (maps[0] > 0) & ~heads)
    for label in np.unique(maps[1][maps[0] > 0]):
        sights.add(int(label), maps[1] == label)
    assert_found(maps, in_scene(sights.queries(), maps))


def test_of_two_names_for_one_garment_the_better_one_is_told() -> None:
    maps = scene(ALONE)
    top = maps[1] == PART_ID["upper-clothes"]
    sights = Sights(640, 480).add_figure(maps, 1).add("coat", top, 0.6).add("dress", top, 0.35)
    parse = in_scene(sights.queries(), maps)
    assert_found(maps, parse)
    assert labels_of(parse, 0) == set(np.unique(maps[1])) - {0}


def test_a_query_that_cannot_decide_is_one_part() -> None:
    maps = scene(ALONE)
    queries = seen(maps)
    rows = queries.logits.argmax(1) == PART_ID["upper-clothes"]
    queries.logits[rows, PART_ID["coat"]] = queries.logits[rows, PART_ID["upper-clothes"]] - 0.1
    parse = in_scene(queries, maps)
    assert PART_ID["coat"] not in labels_of(parse, 0)
    assert parse.confidences[0, PART_ID["upper-clothes"]] == pytest.approx(0.5, abs=0.05)


def test_doubtful_parts_are_not_drawn() -> None:
    maps = scene(ALONE)
    scarf = np.zeros((480, 640), bool)
    scarf[85:95, 300:340] = True
    parse = in_scene(Sights(640, 480).add_figure(maps, 1).add("scarf", scarf, 0.2).queries(), maps)
    assert PART_ID["scarf"] not in labels_of(parse, 0)


@pytest.mark.parametrize("certainty", [0.35, 0.6, 0.95])
def test_confidence_is_the_networks_own_and_doubt_is_told(certainty: float) -> None:
    maps = scene(ALONE)
    parse = in_scene(Sights(640, 480).add_figure(maps, 1, parts=certainty).queries(), maps)
    shown = parse.confidences[0][parse.areas[0] > 0]
    assert shown == pytest.approx(np.full(len(shown), certainty), abs=0.1)
    assert (parse.uncertain[0] > 0.5) == (certainty < 0.5)


def test_left_and_right_are_as_the_network_says() -> None:
    maps = scene([Figure(320, 20, 440, left="right-arm", right="left-arm")])
    assert_found(maps, in_scene(seen(maps), maps))


def test_specks_of_a_mask_far_from_the_body_are_nobodys() -> None:
    maps = scene(ALONE)
    whole = maps[0] > 0
    whole[10:14, 10:14] = True
    sights = Sights(640, 480).add(HUMAN, whole)
    for label in np.unique(maps[1][maps[0] > 0]):
        sights.add(int(label), maps[1] == label)
    parse = in_scene(sights.queries(), maps)
    assert not parse.figures[:100, :100].any()
    assert_found(maps, parse)


def test_slits_between_parts_are_filled() -> None:
    maps = scene(ALONE)
    sights = Sights(640, 480).add(HUMAN, maps[0] > 0)
    for label in np.unique(maps[1][maps[0] > 0]):
        mask = maps[1] == label
        sights.add(int(label), mask & np.roll(mask, 2, 0) & np.roll(mask, -2, 0))
    parse = in_scene(sights.queries(), maps)
    assert (parse.parts[parse.figures > 0] > 0).mean() > 0.99


# What holds of anything.


@given(
    seed=st.integers(0, 10**6),
    count=st.sampled_from([0, 1, 10, 40, 100]),
    photo=st.tuples(st.integers(1, 120), st.integers(1, 120)),
    sure=st.sampled_from([0.3, 1.0]),
)
@settings(max_examples=60, deadline=None)
def test_whatever_the_network_says_the_parse_is_sound(
    seed: int, count: int, photo: tuple[int, int], sure: float
) -> None:
    people(blobs(seed, count, (16, 24), (90, 60), sure=sure), *photo, faces=np.array([[10, 10, 30, 30.0]]))


@given(seed=st.integers(0, 10**6), count=st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_queries_does_not_matter(seed: int, count: int) -> None:
    queries = blobs(seed, count, (16, 24), (96, 64))
    order = np.random.default_rng(seed).permutation(count)
    shuffled = Queries(queries.logits[order], queries.masks[order], queries.size)
    assert people(queries, 90, 60).to_bytes() == people(shuffled, 90, 60).to_bytes()


@given(
    places=st.lists(st.tuples(st.integers(-20, 660), st.integers(-60, 300), st.integers(120, 500)), max_size=4),
    noise=st.sampled_from([0.0, 1.0]),
)
@settings(max_examples=20, deadline=None)
def test_scenes_of_any_people_are_sound_and_nobody_is_invented(
    places: list[tuple[int, int, int]], noise: float
) -> None:
    maps = scene([Figure(*place) for place in places])
    parse = in_scene(seen(maps, noise=noise), maps)
    visible = [(maps[0] == number).sum() for number in range(1, len(places) + 1)]
    assert len(parse) <= np.count_nonzero(visible)
    table = agreement(maps, parse.figures)
    for number, share in enumerate(table.max(1, initial=0)):
        mine = maps[0] == number + 1
        if mine.sum() > 4000 and PART_ID["face"] in maps[1][mine]:
            assert share > 0.5
