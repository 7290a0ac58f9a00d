"""Training samples: each a pure function of the seed and its number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.network import CROPS, window
from mien.parsing.lite.skeleton import draw_guides
from mien.parsing.parse import PART_ID
from training.looks import dye, put_on_glasses, reclothe, relight, shave
from training.people import Person, label_counts
from training.scenes import clutter, cut_off, go_elsewhere, hide, join, sit_down
from training.windows import View, look, random_view

RARE = [PART_ID[name] for name in ("hat", "glove", "sunglasses", "dress", "socks", "pants", "scarf", "skirt")]
SHOWN = 150  # px of a part, from which somebody shows it
WANTED = 0.45  # people with a rare part are drawn as if this share had it (by its square root),
OFTEN = 4.0  # but no more often than so many times

NO_POSE, NO_POSE_AMONG_OTHERS = 0.35, 0.25
"""Shares without a skeleton. Among several people, then, only the middle of the crop says who is meant."""
UNKNOWN_OTHER = 0.35  # share of the other people whose skeleton is not known


@dataclass(frozen=True)
class Sampler:
    """Makes samples from labelled people."""

    people: Sequence[Person]
    odds: NDArray[np.float64]
    seed: int

    @classmethod
    def of(cls, people: list[Person], seed: int) -> "Sampler":
        """One that shows rare garments more often than they are."""
        has = label_counts(people)[:, RARE] >= SHOWN
        more = np.clip(np.sqrt(WANTED / np.maximum(has.mean(0), 1e-3)), 1, OFTEN)
        odds = np.where(has, more, 1.0).max(1)
        return cls(people, odds / odds.sum(), seed)

    def sample(self, number: int, size: tuple[int, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Sample `number` at (width, height) `size`: the network's input (7, h, w) and the labels (h, w); uint8."""
        rng = np.random.default_rng((self.seed, number))
        person = self.people[rng.choice(len(self.people), p=self.odds)]
        view = self._scene(rng, random_view(rng, person, size))
        colours = relight(rng, view)
        landmarks, others = _disturbed(rng, view)
        return stack(colours, draw_guides(landmarks, others, *size)), view.labels

    def _scene(self, rng: np.random.Generator, view: View) -> View:
        if rng.random() < 0.18:
            view = sit_down(rng, view)
        if rng.random() < 0.2:
            view = reclothe(rng, view, self.people[rng.integers(len(self.people))])
        if rng.random() < 0.4:
            view = dye(rng, view)
        if rng.random() < 0.1:
            view = shave(rng, view)
        if rng.random() < 0.12:
            view = put_on_glasses(rng, view)
        if rng.random() < 0.35:
            view = go_elsewhere(rng, view, self._anybody(rng, 0.7))
        if rng.random() < 0.3:
            view = clutter(rng, view, [self.people[i] for i in rng.integers(len(self.people), size=rng.integers(1, 7))])
        if rng.random() < 0.35:
            for _ in range(1 if rng.random() < 0.65 else 2):
                view = join(rng, view, self.people[rng.integers(len(self.people))])
        if rng.random() < 0.2:
            view = hide(rng, view, self._anybody(rng, 0.6))
        if rng.random() < 0.18:
            view = cut_off(rng, view)
        return view

    def _anybody(self, rng: np.random.Generator, share: float) -> Person | None:
        return self.people[rng.integers(len(self.people))] if rng.random() < share else None


def as_the_engine_sees(
    person: Person, sizes: tuple[tuple[int, int], ...] = CROPS, *, flip: bool = False
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The crop (7, h, w) of one of these sizes around a person alone, with their pose, and its labels (h, w); uint8."""
    affine, size = window(person.box, sizes)
    view = look(person, affine, size, flip)
    return stack(view.colours, draw_guides(view.landmarks, (), *size)), view.labels


def stack(colours: NDArray[np.uint8], guides: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The network's input (7, h, w) of a crop's colours (h, w, 3) and guides (h, w, 4)."""
    return np.concatenate([colours, guides], 2).transpose(2, 0, 1).copy()


def _disturbed(rng: np.random.Generator, view: View) -> tuple[NDArray[np.float64] | None, list[NDArray[np.float64]]]:
    """The poses as an estimator sees them: at times not at all, a little off, in parts."""
    others = [_trembling(rng, other, view.size) for other in view.others if rng.random() > UNKNOWN_OTHER]
    if rng.random() < (NO_POSE_AMONG_OTHERS if view.others else NO_POSE):
        return None, others
    return _trembling(rng, view.landmarks, view.size), others


def _trembling(rng: np.random.Generator, landmarks: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    moved = landmarks.copy()
    moved[:, :2] += rng.normal(0, 1, (len(moved), 2)) * rng.uniform(0, 0.012) * size[1]
    if rng.random() < 0.5:  # joints outside the crop are mostly not seen
        outside = ((moved[:, :2] < 0) | (moved[:, :2] > size)).any(1)
        moved[outside, 2] = 0
    if rng.random() < 0.15:
        moved[rng.random(len(moved)) < 0.3, 2] = 0
    return moved


def rare_weights(people: list[Person]) -> NDArray[np.float32]:
    """Weights of the labels in the loss, (21,): rare ones count more, by the root of their rarity, within limits."""
    counts = label_counts(people).sum(0)
    share = counts / counts.sum()
    return np.clip(np.sqrt(np.median(share) / np.maximum(share, 1e-7)), 0.6, 2.5).astype(np.float32)
