"""How probable it is that a candidate is a person, from few signs of evidence.

A logistic model of five signs, fitted to labelled everyday photos (100 photos, 290 people) and checked by
cross-validation over photos. Poses and part masks were tried as signs and added nothing that held.
"""

import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.candidates import Candidates
from mien.vision.geometry import FloatArray, iou

INTERCEPT = -1.83
PEAK = 1.70  # log-odds of the best score
AGREEMENT = 5.80  # mean score over the looks
COMPANY = 0.46  # people come together: log(1 + 5 · what the others' scores exceed `SURE` by)
OVERLAP = -2.43  # IoU with a better candidate: a second box of one body
CUT = -0.96  # sides of the photo that the box touches

SURE = 0.3
APART = 0.3  # IoU below which two candidates are company rather than rivals
TOUCHES = 0.004  # of the longer side

ACCEPTED = 0.42
LONE = 0.3  # probability below which nobody is believed in a photo where none reaches `ACCEPTED`
SMALL, LARGE = 0.144, 0.392  # heights over the photo's longer side
LENIENCE = 1.67
"""Log-odds given per e-fold of height between `SMALL` and `LARGE`: to miss a large person is the worse mistake."""

SHOWN, STEEPNESS = 0.82, 0.83
"""Platt scaling for those who became figures: it makes good that the others are gone, and that a mask is more often
right than a box (224 figures of 75 labelled photos; right is a mask IoU of 0.3, one to one)."""


def person_probabilities(candidates: Candidates, width: int, height: int) -> NDArray[np.float64]:
    """0–1 for each candidate of a photo of `width`×`height` px, float64 (n,)."""
    peaks = np.clip(candidates.peaks, 0.02, 0.98)
    rivals = iou(candidates.boxes, candidates.boxes)
    surplus = np.maximum(candidates.peaks - SURE, 0)
    company = np.log1p(5 * (rivals < APART) @ surplus)
    better = np.tril(rivals, -1).max(1, initial=0)
    odds = INTERCEPT + PEAK * np.log(peaks / (1 - peaks)) + AGREEMENT * candidates.looks.mean(1)
    odds += COMPANY * company + OVERLAP * better + CUT * _sides_touched(candidates.boxes, width, height)
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)


def figure_probabilities(scores: FloatArray) -> NDArray[np.float64]:
    """How probable it is that a figure, made from a seed of this score, shows a person of its own: float64 (n,)."""
    certain = np.clip(scores, 1e-3, 1 - 1e-3)
    return np.asarray(1 / (1 + np.exp(-(SHOWN + STEEPNESS * np.log(certain / (1 - certain))))), np.float64)


def accepted(boxes: FloatArray, probabilities: FloatArray, width: int, height: int) -> NDArray[np.bool_]:
    """Which candidates become figures, bool (n,)."""
    heights = np.clip((boxes[:, 3] - boxes[:, 1]) / max(width, height), SMALL, LARGE)
    bonus = LENIENCE * np.log(heights / SMALL)
    wanted = np.log(ACCEPTED / (1 - ACCEPTED))
    certain = np.clip(probabilities, 1e-6, 1 - 1e-6)
    chosen = np.log(certain / (1 - certain)) + bonus >= wanted
    return np.asarray(chosen & ((certain >= LONE) | bool((certain >= ACCEPTED).any())), bool)


def _sides_touched(boxes: FloatArray, width: int, height: int) -> NDArray[np.float64]:
    margin = TOUCHES * max(width, height)
    low, high = boxes[:, :2] < margin, boxes[:, 2:] > np.array([width, height]) - margin
    return np.asarray(low.sum(1) + high.sum(1), np.float64)
