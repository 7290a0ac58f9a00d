"""Constants that say what the network is worth come from labelled people, and are read as they were written."""

import numpy as np
import pytest
from numpy.typing import NDArray
from training.calibrate import (
    EVERY,
    Observation,
    compare,
    cross_validated,
    document,
    fit_certainty,
    fit_presence,
    reliability,
    report,
)
from training.labels import IGNORED

from mien.parsing.lite.network import PartMaps
from mien.parsing.lite.presence import presence, read_calibration
from mien.parsing.parse import BAG, PART_ID

HAT, COAT, ARM = PART_ID["hat"], PART_ID["coat"], PART_ID["left-arm"]
OUTFITS = {"upper-clothes + pants": 3, "dress": 1}


def people(n: int = 80) -> list[Observation]:
    """Of whom a part is the likelier worn, the surer its surest patch is."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(n):
        evidence = rng.normal(0, 2, (BAG + 1, 4))
        right = rng.random(BAG + 1) < 1 / (1 + np.exp(-evidence[:, 2]))
        odds = rng.normal(0, 2, 50)
        hits = rng.random(50) < 1 / (1 + np.exp(-odds / 2))
        everything = np.ones(BAG + 1, bool)
        found.append(Observation(evidence, everything, everything, right, odds, hits))
    return found


def test_what_is_fitted_is_what_is_read() -> None:
    fitted = fit_presence(people())
    constants = read_calibration(document(fitted, (0.5, -0.25), OUTFITS))
    assert constants.certainty == (0.5, -0.25)
    assert constants.frequencies == pytest.approx([0.75, 0.25])
    assert constants.outfits.tolist() == [[True, False, False, True, False], [False, True, False, False, False]]
    assert constants.peak[1:] == pytest.approx(fitted[1, 1:], abs=1e-3)
    assert constants.peak[HAT] == pytest.approx(1, abs=0.2)
    assert constants.area[HAT] == pytest.approx(0, abs=0.2)


def test_presence_is_calibrated_on_people_it_was_not_fitted_to() -> None:
    observed = people(160)
    told, right = cross_validated(observed)[:, 1:], np.stack([person.right for person in observed])[:, 1:]
    for _, n, mean, share in reliability(told.ravel(), right.ravel()):
        assert share == pytest.approx(mean, abs=0.04 + 1 / np.sqrt(n))


def test_certainty_is_fitted() -> None:
    slope, intercept = fit_certainty(people())
    assert slope == pytest.approx(0.5, abs=0.06)
    assert intercept == pytest.approx(0, abs=0.1)


def maps(labels: NDArray[np.uint8]) -> PartMaps:
    sure = np.full(labels.shape, 0.8, np.float32)
    return PartMaps(labels, sure, sure, sure, np.zeros((BAG + 1, 4)), np.eye(2, 3))


def test_a_person_is_compared_with_their_labels() -> None:
    labels = np.zeros((60, 40), np.uint8)
    labels[10:50, 5:35] = COAT
    labels[5:10, 5:35] = HAT
    labels[20:40, 2:5] = ARM
    truth = np.zeros((60, 40), np.uint8)
    truth[5:50, 5:35] = COAT
    truth[20:40, 2:5] = PART_ID["torso-skin"]  # stands for all skin
    seen = compare(maps(labels), truth)
    assert seen is not None
    assert seen.right[[COAT, HAT, ARM]].tolist() == [True, False, True]
    assert seen.known[[HAT, PART_ID["scarf"], PART_ID["right-arm"]]].tolist() == [True, True, False]
    assert len(seen.odds) == -(-np.count_nonzero(labels) // EVERY)
    assert "| garments | 0.5–0.7 | 1 |" in report([seen], np.full((1, BAG + 1), 0.6), (1.0, 0.0))


def test_passers_by_are_left_out() -> None:
    labels = np.full((60, 40), COAT, np.uint8)
    assert compare(maps(labels), np.zeros((60, 40), np.uint8)) is None
    assert compare(maps(labels), np.full((60, 40), IGNORED, np.uint8)) is None


def test_presence_of_nothing_is_small() -> None:
    fitted = fit_presence(people())
    nothing = np.full((BAG + 1, 4), -6.0)
    assert presence(nothing, read_calibration(document(fitted, (1.0, 0.0), OUTFITS)))[1:].max() < 0.1
