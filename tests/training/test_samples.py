"""What training samples promise: reproducible, and labels that stay with what they name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from training.labels import IGNORED
from training.looks import dye, put_on_glasses, reclothe, relight, shave
from training.people import MIRRORED_LANDMARK, Person
from training.samples import Sampler, rare_weights
from training.scenes import clutter, cut_off, go_elsewhere, hide, join, sit_down
from training.windows import View, look, random_frame, random_view

from mien.parsing.parse import BAG, PART_ID
from mien.vision.geometry import GREY
from tests.training.figures import BLOCKS, HEIGHT, WIDTH, figure

SIZE = (128, 160)
STILL = np.array([[1.0, 0, 0], [0, 1.0, 0]])
seeds = st.integers(0, 2**31)


def whole(person: Person | None = None) -> View:
    return look(person or figure(), STILL, (WIDTH, HEIGHT))


@given(number=seeds, wide=st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_sample_is_a_pure_function_of_its_number(number: int, wide: bool) -> None:
    size = SIZE[::-1] if wide else SIZE
    people = [figure("a"), figure("b", bag=True)]
    crop, labels = Sampler.of(people, 3).sample(number, size)
    again, same = Sampler.of(people, 3).sample(number, size)
    assert crop.shape == (7, size[1], size[0])
    assert labels.shape == size[::-1]
    assert crop.dtype == labels.dtype == np.uint8
    assert (crop == again).all()
    assert (labels == same).all()
    assert set(np.unique(labels)) <= {*range(BAG + 1), IGNORED}


def test_other_seeds_make_other_samples() -> None:
    people = [figure()]
    assert (Sampler.of(people, 1).sample(5, SIZE)[0] != Sampler.of(people, 2).sample(5, SIZE)[0]).any()


@given(seed=seeds)
@settings(max_examples=40, deadline=None)
def test_labels_lie_on_what_they_name_in_every_view(seed: int) -> None:
    view = random_view(np.random.default_rng(seed), figure(), SIZE)
    for part in BLOCKS:
        inside = view.labels == PART_ID[part]
        mirrored = part.replace("left", "?").replace("right", "left").replace("?", "right")
        colours = {(10 * PART_ID[name], 255 - 10 * PART_ID[name], 128) for name in (part, mirrored)}
        if np.count_nonzero(inside) > 100:
            seen = np.median(view.colours[inside], 0)
            assert min(np.abs(seen - colour).max() for colour in colours) < 25, part


@given(seed=seeds, wide=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_frame_leaves_something_of_the_person(seed: int, wide: bool) -> None:
    person = figure()
    x0, y0, x1, y1 = frame = random_frame(np.random.default_rng(seed), person, wide=wide)
    assert 0 <= x0 < x1 <= WIDTH
    assert 0 <= y0 < y1 <= HEIGHT
    assert np.count_nonzero(person.labels[round(y0) : round(y1), round(x0) : round(x1)]) > 20, frame


def test_beyond_a_frame_there_is_no_photo() -> None:
    frame = np.array([0.0, 0.0, WIDTH, 120.0])
    view = look(figure(), STILL, (WIDTH, HEIGHT), frame=frame)
    assert not view.labels[122:].any()
    assert (view.colours[122:] == GREY).all()
    assert (view.labels[:119] == figure().labels[:119]).all()


def test_clutter_stays_behind_the_person() -> None:
    before = whole()
    after = clutter(np.random.default_rng(3), before, [figure()] * 5)
    mine = before.labels > 0
    assert (after.labels == before.labels).all()
    assert (after.colours[mine] == before.colours[mine]).all()
    assert (after.colours[~mine] != before.colours[~mine]).any()


def test_in_the_mirror_left_is_right() -> None:
    upright, mirrored = whole(), look(figure(), STILL, (WIDTH, HEIGHT), flip=True)
    left, right = (np.argwhere(upright.labels == PART_ID[f"{side}-arm"])[:, 1].mean() for side in ("left", "right"))
    assert left > right
    left, right = (np.argwhere(mirrored.labels == PART_ID[f"{side}-arm"])[:, 1].mean() for side in ("left", "right"))
    assert left > right, "what hangs on the right in the picture is the person's left, in a mirror image as well"
    assert (mirrored.colours == upright.colours[:, ::-1]).all()
    for joint in (11, 13, 23, 31):
        x, y = mirrored.landmarks[joint, :2]
        assert upright.landmarks[MIRRORED_LANDMARK[joint], :2] == pytest.approx((WIDTH - 1 - x, y))


def test_mirroring_landmarks_twice_changes_nothing() -> None:
    assert (MIRRORED_LANDMARK[MIRRORED_LANDMARK] == np.arange(33)).all()


@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_somebody_else_is_background_and_known_as_another(seed: int) -> None:
    before = whole()
    after = join(np.random.default_rng(seed), before, figure("other"))
    gained = (after.labels > 0) & (before.labels == 0)
    assert not gained.any()
    assert len(after.others) == 1
    assert (after.labels[after.labels > 0] == before.labels[after.labels > 0]).all()
    assert np.count_nonzero(after.labels) > 0.3 * np.count_nonzero(before.labels)


@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_things_and_edges_only_take_away(seed: int) -> None:
    rng = np.random.default_rng(seed)
    view = whole()
    for spoilt in (hide(rng, view, None), hide(rng, view, figure()), cut_off(rng, view)):
        assert ((spoilt.labels == view.labels) | (spoilt.labels == 0)).all()


def test_things_and_edges_do_take_away() -> None:
    view, shown = whole(), np.count_nonzero(whole().labels)
    for spoil in (lambda rng: hide(rng, view, None), lambda rng: cut_off(rng, view)):
        left = [np.count_nonzero(spoil(np.random.default_rng(seed)).labels) for seed in range(12)]
        assert min(left) < 0.95 * shown


def test_who_sits_is_shorter_between_hips_and_knees() -> None:
    view = whole()
    seated = sit_down(np.random.default_rng(0), view)
    height = {
        name: np.ptp(np.argwhere(v.labels == PART_ID["pants"])[:, 0]) for name, v in (("up", view), ("down", seated))
    }
    assert height["down"] < 0.95 * height["up"]
    assert seated.landmarks[25, 1] < view.landmarks[25, 1]
    assert seated.landmarks[11, 1] == view.landmarks[11, 1]
    shoes = seated.labels[int(seated.landmarks[31, 1]) - 3, int(seated.landmarks[31, 0])]
    assert shoes == PART_ID["left-shoe"]


def test_who_shows_no_knees_stays_as_they_are() -> None:
    person = figure()
    person.landmarks[[25, 26], 2] = 0
    view = whole(person)
    assert sit_down(np.random.default_rng(0), view) is view


@pytest.mark.parametrize("place", [None, figure(ground=(200, 60, 30))], ids=["a wall", "another photo"])
def test_elsewhere_the_person_stays(place: Person | None) -> None:
    view = whole()
    moved = go_elsewhere(np.random.default_rng(1), view, place)
    core = view.labels == PART_ID["upper-clothes"]
    core[:58], core[107:], core[:, :63], core[:, 97:] = False, False, False, False
    assert (moved.labels == view.labels).all()
    assert np.abs(moved.colours[core].astype(int) - view.colours[core]).max() <= 3
    assert np.abs(moved.colours[5].astype(int) - view.colours[5]).mean() > 1


def test_dyeing_changes_garments_and_not_skin() -> None:
    view = whole()
    dyed = dye(np.random.default_rng(2), view)
    face = view.labels == PART_ID["face"]
    assert np.abs(dyed.colours[face].astype(int) - view.colours[face]).max() <= 4  # there and back through CIELAB
    assert (np.abs(dyed.colours.astype(int) - view.colours) > 20).any()


def test_other_fabric_changes_one_garment_alone() -> None:
    view = whole()
    dressed = reclothe(np.random.default_rng(1), view, figure())
    changed = (dressed.colours != view.colours).any(2)
    assert changed.any()
    (garment,) = np.unique(view.labels[changed])
    assert garment in {PART_ID["upper-clothes"], PART_ID["pants"]}
    assert (dressed.labels == view.labels).all()


def test_a_shaved_head_is_face_in_the_colour_of_skin() -> None:
    view = whole()
    bald = shave(np.random.default_rng(0), view)
    assert not (bald.labels == PART_ID["hair"]).any()
    hair = view.labels == PART_ID["hair"]
    assert (bald.labels[hair] == PART_ID["face"]).all()
    skin = np.median(view.colours[view.labels == PART_ID["face"]], 0)
    assert np.abs(np.median(bald.colours[hair], 0) - skin).max() < 40


def test_glasses_sit_on_the_eyes() -> None:
    enlarged = look(figure(), np.array([[3.0, 0, -150], [0, 3.0, -60]]), SIZE)
    worn = put_on_glasses(np.random.default_rng(0), enlarged).labels == PART_ID["sunglasses"]
    for eye in (2, 5):
        x, y = enlarged.landmarks[eye, :2].round().astype(int)
        assert worn[y, x]
    assert np.count_nonzero(worn) < 0.7 * np.count_nonzero(enlarged.labels == PART_ID["face"])


@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_light_leaves_a_picture(seed: int) -> None:
    lit = relight(np.random.default_rng(seed), whole())
    assert lit.shape == (HEIGHT, WIDTH, 3)
    assert lit.dtype == np.uint8


def test_rare_garments_are_shown_and_count_more() -> None:
    hatless, hatted = figure("a"), figure("b")
    hatted.labels[10:20, 65:95] = PART_ID["hat"]
    odds = Sampler.of([hatless] * 9 + [hatted], 1).odds
    assert odds[-1] > odds[0]
    assert odds.sum() == pytest.approx(1)


def test_the_loss_weighs_rare_labels_more_within_limits() -> None:
    person = figure()
    for label in range(BAG + 1):  # each has twice the px of the one before
        person.labels.reshape(-1)[2**label // 64 : 2 ** (label + 1) // 64] = label
    weights = rare_weights([person])
    assert weights[1] > weights[12] > weights[15]
    assert weights.min() >= np.float32(0.6)
    assert weights.max() <= 2.5
