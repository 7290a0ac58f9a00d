import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.parsing.parse import LANDMARKS, PARTS, Parse
from mien.people.anchors import GRID, Anchor, anchor_of, carry_over, heirs, match, match_anchors
from tests.people.album import FULL, place


def parse_of(*masks: np.ndarray) -> Parse:
    """A parse of these figures (bool (H, W) each, disjoint)."""
    n, (height, width) = len(masks), masks[0].shape
    figures = np.zeros((height, width), np.uint16)
    boxes = np.zeros((n, 4), np.float32)
    for i, mask in enumerate(masks):
        figures[mask] = i + 1
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if len(rows):
            boxes[i] = columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height
    return Parse(
        figures=figures,
        parts=np.zeros((height, width), np.uint8),
        boxes=boxes,
        scores=np.ones(n, np.float32),
        areas=np.zeros((n, len(PARTS) + 1), np.int32),
        confidences=np.zeros((n, len(PARTS) + 1), np.float32),
        uncertain=np.zeros(n, np.float32),
        poses=np.full((n, LANDMARKS, 3), np.nan, np.float32),
    )


def rectangle(x0: int, y0: int, x1: int, y1: int, size: int = 100) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    mask[y0:y1, x0:x1] = True
    return mask


boxes = st.tuples(*[st.integers(0, 90)] * 2, *[st.integers(3, 60)] * 2).map(
    lambda b: (b[0] / 100, b[1] / 100, min((b[0] + b[2]) / 100, 1.0), min((b[1] + b[3]) / 100, 1.0))
)
anchors = st.builds(
    Anchor,
    photo_id=st.just("photo"),
    box=boxes,
    mask=st.one_of(st.just(FULL), st.binary(min_size=GRID * GRID // 8, max_size=GRID * GRID // 8)),
    face=st.one_of(st.none(), boxes),
)


def test_an_anchor_shows_where_the_figure_is() -> None:
    lower = np.tri(96, dtype=bool)  # a triangle: the mask, not the box, tells the two apart
    anchor = anchor_of(parse_of(lower, ~lower), 0, photo_id="photo", face=[0.1, 0.2, 0.3, 0.4], path="a.jpg")
    assert anchor.box == (0, 0, 1, 1)
    assert anchor.face == (0.1, 0.2, 0.3, 0.4)
    assert np.mean(anchor.cells() == np.tri(GRID, dtype=bool)) == 1
    assert (anchor.photo_id, anchor.path, anchor.perceptual_hash) == ("photo", "a.jpg", None)


@pytest.mark.parametrize(
    "mask", [rectangle(50, 10, 51, 90), rectangle(99, 99, 100, 100), rectangle(0, 0, 100, 100), rectangle(0, 0, 0, 0)]
)
def test_even_the_thinnest_figure_leaves_a_trace(mask) -> None:
    assert anchor_of(parse_of(mask), 0, photo_id="photo").cells().any()


@given(anchors)
def test_an_anchor_survives_json(anchor) -> None:
    assert Anchor.from_json(json.loads(json.dumps(anchor.to_json()))) == anchor


@pytest.mark.parametrize(("path", "kept"), [("照片　一.jpg", True), ("caf\udce9.jpg", False)])
def test_a_path_that_is_no_text_is_left_out_of_json(path, kept) -> None:
    record = replace(place("photo"), path=path).to_json()
    assert ("path" in record) is kept
    json.dumps(record, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    "change",
    [
        {"mask": "AAAA"},
        {"mask": "not base64"},
        {"mask": None},
        {"box": [0, 0, 1]},
        {"box": [0, 0, 1, float("nan")]},
        {"box": "abcd"},
        {"face": 7},
        {"photo_id": ...},
    ],
)
def test_what_is_not_an_anchor_is_refused(change) -> None:
    record = {key: value for key, value in {**place("photo").to_json(), **change}.items() if value is not ...}
    with pytest.raises(ValueError):
        Anchor.from_json(record)


@pytest.mark.parametrize(("left", "right"), [([], []), ([place("a")], []), ([], [place("a")])])
def test_nothing_matches_nobody(left, right) -> None:
    assert match(left, right) == []


def test_faces_decide_before_masks() -> None:
    # After a re-parse the body's mask went to the neighbour's; the faces know better.
    anna, ben = place("photo", 0), place("photo", 1)
    swapped = [replace(anna, box=ben.box), replace(ben, box=anna.box)]
    assert match([anna, ben], swapped) == [(0, 0), (1, 1)]
    assert match([replace(a, face=None) for a in (anna, ben)], swapped) == [(0, 1), (1, 0)]


@pytest.mark.parametrize(("shift", "same"), [(0, True), (0.02, True), (0.04, False), (0.2, False)])
def test_a_body_is_the_same_if_masks_overlap_by_half(shift, same) -> None:
    # Moved by s, two boxes of width 0.09 overlap by (0.09 − s) / (0.09 + s).
    assert bool(match([place("photo", 0, face=False)], [place("photo", 0, face=False, nudge=shift)])) is same


def test_two_people_in_one_box_are_told_apart_by_their_masks() -> None:
    lower = np.tri(96, dtype=bool)
    left, right = (anchor_of(parse_of(lower, ~lower), i, photo_id="photo") for i in (0, 1))
    assert match([left, right], [right, left]) == [(0, 1), (1, 0)]
    assert match([left], [right]) == []


@given(st.lists(anchors, max_size=6), st.lists(anchors, max_size=6))
def test_matches_are_one_to_one(left, right) -> None:
    pairs = match(left, right)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


@given(st.lists(anchors, max_size=6, unique=True), st.lists(anchors, max_size=4), st.randoms())
def test_what_has_not_changed_keeps_its_id_in_any_order(old, others, random) -> None:
    crowd = [a for a in old if not match([a], [b for b in old if b != a])]  # who could not be taken for another
    known = {f"f{i}": anchor for i, anchor in enumerate(crowd)}
    now = [*crowd, *(a for a in others if not match([a], crowd))]
    random.shuffle(now)
    ids = carry_over(known, now)
    assert {anchor: figure for anchor, figure in zip(now, ids, strict=True) if figure} == {
        anchor: figure for figure, anchor in known.items()
    }


def test_unchanged_figures_win_over_two_half_matches() -> None:
    # A sum of plain IoUs would pair A with C and B with A: 0.65 + 0.65 > 1.
    def box(x: float) -> Anchor:
        return Anchor("photo", (x, 0.0, x + 0.4, 1.0), FULL)

    a, b, c = box(0.3), box(0.3 - 0.085), box(0.3 + 0.085)
    assert match([a, b], [c, a]) == [(0, 1)]


def test_anchors_find_their_figures_and_lost_ones_are_told() -> None:
    here, moved, gone, elsewhere = place("p", 0), place("p", 3), place("p", 6), place("q", 0)
    figures = {"one": place("p", 0), "two": place("p", 3, nudge=0.01), "three": place("r", 6)}
    assert match_anchors([here, moved, gone, elsewhere, here], figures) == {
        here: "one",
        moved: "two",
        gone: None,
        elsewhere: None,
    }
    assert match_anchors([], figures) == {}
    assert match_anchors([here], {}) == {here: None}


@given(st.lists(anchors, max_size=5, unique=True), st.lists(anchors, max_size=5), st.randoms())
def test_matching_anchors_does_not_depend_on_order(asked, standing, random) -> None:
    figures = {f"f{i}": anchor for i, anchor in enumerate(standing)}
    found = match_anchors(asked, figures)
    assert set(found) == set(asked)
    taken = [figure for figure in found.values() if figure is not None]
    assert len(taken) == len(set(taken))
    random.shuffle(asked)
    shuffled = list(figures.items())
    random.shuffle(shuffled)
    assert match_anchors(asked, dict(shuffled)) == found


@pytest.mark.parametrize(
    ("path", "look", "inherits"),
    [
        ("a.jpg", "00000000000000ff", True),
        ("a.jpg", "0000000000000fff", False),  # 12 bits differ
        ("b.jpg", "0000000000000000", False),
    ],
)
def test_an_edited_file_inherits_by_path_and_look(path, look, inherits) -> None:
    anchor = replace(place("old"), path="a.jpg", perceptual_hash="0" * 16)
    assert heirs([anchor], {path: ("new", look)}) == ({"old": "new"} if inherits else {})
    assert heirs([anchor], {path: ("new", look), "copy.jpg": ("old", "0" * 16)}) == {}
    assert heirs([place("old")], {path: ("new", look)}) == {}
