"""The steps of the lite engine, each on inputs small enough to check by eye."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.parsing.lite.bodies import distinct
from mien.parsing.lite.candidates import Candidates, gather
from mien.parsing.lite.cleaning import clean, label, strongest_part
from mien.parsing.lite.composing import place
from mien.parsing.lite.network import CROPS, PartMaps, window
from mien.parsing.lite.presence import calibration, presence
from mien.parsing.lite.repairs import drop_islands, fill_holes, uncover_eyes
from mien.parsing.lite.seeds import NOBODY, Seeds, assign, body_below
from mien.parsing.lite.skeleton import draw
from mien.parsing.lite.verification import accepted, person_probabilities
from mien.parsing.parse import BAG, PART_ID
from mien.vision.geometry import transform

NONE = np.zeros((0, 4), np.float32)
NO_SCORES = np.zeros(0, np.float32)
NOTHING_SAID = np.zeros(BAG + 1, np.float32)
FACE, COAT, DRESS, GLASSES = (PART_ID[part] for part in ("face", "coat", "dress", "sunglasses"))


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


# Candidates and their probabilities.


def test_nothing_seen_is_nobody() -> None:
    nobody = gather([NONE, NONE], [NO_SCORES, NO_SCORES])
    assert nobody.boxes.shape == (0, 4)
    assert nobody.looks.shape == (0, 2)
    assert person_probabilities(nobody, 640, 480).shape == (0,)
    assert accepted(nobody.boxes, np.zeros(0), 640, 480).shape == (0,)


def test_looks_that_agree_are_one_candidate() -> None:
    found = gather(
        [boxes((10, 10, 50, 110)), boxes((12, 10, 52, 110), (300, 10, 340, 110))], [scores(0.4), scores(0.8, 0.3)]
    )
    assert len(found.boxes) == 2
    assert found.peaks == pytest.approx([0.8, 0.3])
    assert found.looks == pytest.approx(np.array([[0.4, 0.8], [0, 0.3]]))
    assert found.boxes[0] == pytest.approx([11.6, 10, 51.6, 110], abs=1e-3)  # weights 0.16 and 0.64


def test_specks_are_no_candidates() -> None:
    assert len(gather([boxes((0, 0, 3, 200), (5, 5, 6, 6))], [scores(0.9, 0.9)]).boxes) == 0


def candidate(peak: float, looks: tuple[float, ...], *others: tuple[float, float, float, float]) -> Candidates:
    placed = np.array([(100, 100, 150, 200), *others], np.float64)
    peaks = np.array([peak] + [0.9] * len(others))
    return Candidates(placed, peaks, np.tile(looks, (len(placed), 1)))


def test_agreement_and_company_speak_for_a_person() -> None:
    once = person_probabilities(candidate(0.4, (0, 0.4, 0)), 640, 480)[0]
    thrice = person_probabilities(candidate(0.4, (0.4, 0.4, 0.4)), 640, 480)[0]
    in_company = person_probabilities(candidate(0.4, (0, 0.4, 0), (300, 100, 350, 200)), 640, 480)[0]
    assert once < thrice
    assert once < in_company


def test_a_second_box_of_one_body_is_less_probable() -> None:
    pair = Candidates(
        np.array([[100, 100, 150, 200], [100, 140, 150, 230]], np.float64), np.array([0.6, 0.5]), np.full((2, 3), 0.5)
    )
    apart = Candidates(pair.boxes + np.array([[0] * 4, [200, 0, 200, 0]]), pair.peaks, pair.looks)
    assert person_probabilities(pair, 640, 480)[1] < person_probabilities(apart, 640, 480)[1]


@pytest.mark.parametrize(
    ("probabilities", "height", "expected"),
    [
        ((0.6,), 50, (True,)),
        ((0.4,), 50, (False,)),
        ((0.4,), 300, (True,)),  # large: missing it is worse
        ((0.2,), 300, (False,)),  # alone in the photo
        ((0.2, 0.6), 300, (True, True)),
    ],
)
def test_who_is_accepted(probabilities: tuple[float, ...], height: int, expected: tuple[bool, ...]) -> None:
    placed = np.array([(0, 0, 50, height)] * len(probabilities), np.float64)
    assert tuple(accepted(placed, np.array(probabilities), 640, 480)) == expected


# Faces and bodies.


def test_every_face_goes_to_its_own_body() -> None:
    faces = boxes((110, 110, 140, 140), (210, 110, 240, 140))
    people = boxes((190, 100, 260, 300), (90, 100, 160, 300), (400, 100, 460, 300))
    assert assign(faces, people).tolist() == [1, 0, NOBODY]
    assert assign(NONE, people).tolist() == [NOBODY] * 3
    assert assign(faces, NONE).tolist() == []


@given(x=st.floats(-50, 640), y=st.floats(-50, 480), size=st.floats(4, 400))
def test_a_body_below_a_face_lies_in_the_photo(x: float, y: float, size: float) -> None:
    body = body_below(np.array([x, y, x + size, y + size]), 640, 480)
    assert (body >= 0).all()
    assert (body <= [640, 480, 640, 480]).all()


def test_a_part_of_somebody_close_is_no_second_body() -> None:
    face = [100.0, 50, 300, 300]
    seeds = Seeds(
        np.array([[50, 0, 400, 480], [80, 80, 350, 400], [450, 0, 600, 480]], np.float64),
        np.array([0.9, 0.2, 0.2]),
        np.array([face, [np.nan] * 4, [np.nan] * 4]),
    )
    assert distinct(seeds).boxes[:, 0].tolist() == [50, 450]
    close_up = Seeds(seeds.boxes[:2].copy(), seeds.scores[:2], seeds.faces[:2])
    close_up.boxes[1] = [300, 50, 390, 450]  # beside the face, in the box
    assert len(distinct(close_up).boxes) == 1
    sure = Seeds(seeds.boxes, np.array([0.9, 0.8, 0.2]), seeds.faces)
    assert len(distinct(sure).boxes) == 3


# Crops, skeletons, labels.


@pytest.mark.parametrize("box", [(0, 0, 50, 200), (0, 0, 100, 100), (10, 10, 400, 60), (5, 5, 5, 5)])
def test_the_crop_holds_the_box(box: tuple[float, ...]) -> None:
    affine, size = window(np.array(box, np.float64))
    assert size in CROPS
    placed = transform(np.array(box, np.float64).reshape(2, 2), affine)
    assert (placed >= 0).all()
    assert (placed <= size).all()


def test_a_skeleton_shows_each_side_in_its_channel() -> None:
    landmarks = np.zeros((33, 3))
    assert not draw(landmarks, 224, 320).any()
    landmarks[[11, 13]] = [[50, 50, 1], [50, 150, 1]]  # left shoulder and elbow
    torso, left, right = np.moveaxis(draw(landmarks, 224, 320), 2, 0)
    assert left[100, 50] == 255
    assert not torso.any()
    assert not right.any()
    landmarks[13] = [1e9, -1e9, 1]  # never crashes on wild points
    draw(landmarks, 224, 320)


def test_the_strongest_part_is_the_first_of_the_likeliest() -> None:
    probabilities = np.random.default_rng(0).integers(0, 9, (BAG + 1, 30, 40)).astype(np.float32)
    assert np.array_equal(strongest_part(probabilities), 1 + probabilities[1:BAG].argmax(0))


def test_small_glasses_are_eyes() -> None:
    labels = np.full((40, 40), FACE, np.uint8)
    labels[10:12, 10:20] = GLASSES
    assert (uncover_eyes(labels) == FACE).all()
    labels[10:16, 5:35] = GLASSES
    assert (uncover_eyes(labels) == GLASSES).sum() == 180


def test_islands_go_and_holes_close() -> None:
    labels = np.zeros((100, 100), np.uint8)
    labels[20:80, 20:80] = COAT
    labels[50, 50] = 0
    labels[5, 5] = FACE
    mended = fill_holes(drop_islands(labels), 0, 0.01)
    assert mended[50, 50] == COAT
    assert mended[5, 5] == 0
    assert (mended > 0).sum() == 3600


def test_a_garment_patch_takes_the_garment_around_it() -> None:
    probabilities = np.zeros((21, 60, 60), np.float32)
    probabilities[COAT], probabilities[DRESS] = 0.6, 0.4
    probabilities[:, 20:30, 20:30] = 0
    probabilities[COAT, 20:30, 20:30], probabilities[DRESS, 20:30, 20:30] = 0.45, 0.55
    assert (label(probabilities, np.zeros((60, 60, 3), np.uint8)) == COAT).all()


@pytest.mark.parametrize("kind", [0, BAG])
def test_a_crop_without_a_person_stays_empty(kind: int) -> None:
    probabilities = np.zeros((21, 32, 32), np.float32)
    probabilities[kind] = 1
    cleaned = clean(probabilities, np.zeros((32, 32, 3), np.uint8), NOTHING_SAID)
    assert (cleaned.labels == kind).all()
    assert not cleaned.person.any()


# Composing.


def person(x: float, strength: float, label: int = COAT) -> PartMaps:
    """A 40×80 px block at `x` of the photo, seen in a crop that starts there."""
    labels = np.zeros((100, 60), np.uint8)
    labels[10:90, 10:50] = label
    shown = np.where(labels > 0, strength, 0).astype(np.float32)
    certainty, evidence = np.full((100, 60), 0.8, np.float32), np.zeros((BAG + 1, 4))
    return PartMaps(labels, shown, shown, certainty, evidence, np.array([[1.0, 0, -x], [0, 1.0, 0]]))


def test_the_stronger_claim_owns_a_pixel() -> None:
    composed = place([person(0, 0.7), person(20, 0.9)], np.ones(2), 100, 100, 1.0)
    assert composed.areas[:, COAT].tolist() == [1600, 3200]
    assert composed.figures[50, 15] == 1
    assert composed.figures[50, 35] == 2
    assert composed.confidences[:, COAT] == pytest.approx(presence(np.zeros((BAG + 1, 4)), calibration())[COAT])
    assert not composed.confidences[:, DRESS].any()


def test_bags_are_counted_but_not_shown() -> None:
    composed = place([person(0, 0.0, label=BAG)], np.ones(1), 100, 100, 1.0)
    assert composed.areas[0, BAG] > 2000
    assert not composed.figures.any()
    assert not composed.parts.any()


def test_figures_out_of_the_photo_and_no_figures() -> None:
    assert place([], np.ones(0), 30, 20, 1.0).areas.shape == (0, 21)
    gone = place([person(-500, 0.9)], np.ones(1), 100, 100, 1.0)
    assert not gone.figures.any()
    assert not gone.areas.any()
