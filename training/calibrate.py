"""`python -m training.calibrate DATA`: how much the network's word is worth, measured on photos it was not trained on.

Runs the engine on the validation photos of Clothing Co-Parsing (DATA holds photos/, labels/, labels.csv,
label_list.json), fits the constants of `src/mien/vision/models/parser_calibration.toml` anew, and prints how reliable
confidences are, in Markdown for the model card. To be run whenever the network has changed; takes minutes.
"""

import argparse
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from mien.parsing.lite.engine import LiteParser
from mien.parsing.lite.network import PartMaps, PartNetwork
from mien.parsing.lite.presence import ACCESSORIES, GARMENTS, calibration, presence
from mien.parsing.parse import BAG, PART_ID, PARTS
from training.labels import BAGS, IGNORED, SHOES, lookup
from training.labels import GARMENTS as WORDS
from training.scoring import NAMES
from training.source import label_names, photos, rows

CONSTANTS = Path(__file__).parents[1] / "src" / "mien" / "vision" / "models" / "parser_calibration.toml"

DRAWN = tuple(PART_ID[name] for name in ("face", "torso-skin", "left-arm", "right-arm", "left-leg", "right-leg"))
SHOD = tuple(PART_ID[name] for name in ("left-shoe", "right-shoe"))
LABELLED = (*ACCESSORIES, PART_ID["hair"], *GARMENTS, BAG)
MODELS = LABELLED, (*DRAWN, *SHOD)
GROUPS = {
    "garments": GARMENTS,
    "accessories": ACCESSORIES,
    "hair": (PART_ID["hair"],),
    "skin": DRAWN,
    "shoes": SHOD,
    "bag": (BAG,),
}
SKIN, SHOE = PART_ID["torso-skin"], PART_ID["left-shoe"]  # stand for all skin and all shoes: labels do not tell more

OWN = 0.25  # share of a figure on labelled px; one with less is a passer-by, whom nobody labelled
FOLDS = 8
LOOSE = 5.0  # how freely parts differ in their intercepts, over how freely slopes differ from 0
EVERY = 29  # of so many px one is looked at
BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True, eq=False)
class Observation:
    """One labelled person, as the network saw them.

    Attributes:
        evidence: float64 (21, 4); see `presence.gather`.
        found: bool (21,); parts in the person's label map.
        known: bool (21,); parts whose presence the labels tell: all garments, accessories, hair and bags; of skin and
            shoes those that were found, which are right if most of their px are labelled skin, or shoes.
        right: bool (21,); the part is there.
        odds: float64 (k,); the network's own log-odds of some px' labels, and
        hits: bool (k,); whether they are right.
    """

    evidence: NDArray[np.float64]
    found: NDArray[np.bool_]
    known: NDArray[np.bool_]
    right: NDArray[np.bool_]
    odds: NDArray[np.float64]
    hits: NDArray[np.bool_]


class Recorder:
    """Stands before a part network and keeps what it answers."""

    def __init__(self, network: PartNetwork) -> None:
        self._network = network
        self.maps: list[PartMaps] = []

    def __call__(self, *arguments: Any, **options: Any) -> PartMaps:
        self.maps.append(self._network(*arguments, **options))
        return self.maps[-1]


def observe(data: Path) -> list[Observation]:
    """The labelled people of the validation photos, one each."""
    engine = LiteParser()
    recorder = engine._parts = Recorder(engine._parts)  # type: ignore[assignment]
    observations = []
    for pixels, labels in labelled_photos(data):
        recorder.maps.clear()
        engine.parse(pixels)
        # Bodies may be looked at twice, and in parts: who shows most of the labelled person is that person.
        shown = [shown_labels(maps, labels) for maps in recorder.maps]
        if shown and (seen := compare(recorder.maps[int(np.argmax(shown))], labels)):
            observations.append(seen)
    return observations


def labelled_photos(data: Path) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """RGB px and labels 0–20 of each validation photo; skin is all torso, shoes all left."""
    words = {PART_ID[part]: members for part, members in WORDS.items()} | {BAG: BAGS, SHOE: SHOES, SKIN: "skin"}
    table = lookup(label_names(data), words)
    for _, pixels, labels in photos(data, "val"):
        yield pixels, table[labels]


def shown_labels(maps: PartMaps, labels: NDArray[np.uint8]) -> float:
    """How many px of the photo's labelled person one person's maps take for theirs."""
    truth = _in_crop(labels, maps)
    scale = abs(float(np.linalg.det(maps.affine[:, :2])))
    return float(np.count_nonzero(_body(maps) & (truth > 0) & (truth != IGNORED))) / scale


def compare(maps: PartMaps, labels: NDArray[np.uint8]) -> Observation | None:
    """What one person's maps have of the photo's labels; None if that person is not the labelled one."""
    truth, body = _in_crop(labels, maps), _body(maps)
    if np.count_nonzero(body & (truth > 0) & (truth != IGNORED)) <= OWN * np.count_nonzero(body):
        return None
    merged = maps.labels.copy()
    merged[np.isin(merged, DRAWN)] = SKIN
    merged[np.isin(merged, SHOD)] = SHOE
    hits = merged == truth
    counted = truth != IGNORED
    px = np.bincount(maps.labels[counted], minlength=BAG + 1)
    found = np.bincount(maps.labels.ravel(), minlength=BAG + 1) > 0
    right = np.bincount(maps.labels[counted & hits], minlength=BAG + 1) > 0.5 * px
    known = found.copy()
    known[0] = False
    known[list(LABELLED)] = True
    right[list(LABELLED)] = (np.bincount(truth.ravel(), minlength=256) > 0)[list(LABELLED)]
    some = (body & counted).ravel()
    certain = np.clip(maps.certainty.ravel()[some][::EVERY].astype(np.float64), 1e-4, 1 - 1e-4)
    slope, intercept = calibration().certainty
    odds = (np.log(certain / (1 - certain)) - intercept) / slope
    return Observation(maps.evidence, found, known, right, odds, hits.ravel()[some][::EVERY])


def _body(maps: PartMaps) -> NDArray[np.bool_]:
    return np.asarray((maps.labels > 0) & (maps.labels != BAG))


def _in_crop(labels: NDArray[np.uint8], maps: PartMaps) -> NDArray[np.uint8]:
    size = maps.labels.shape[::-1]
    constant = cv2.BORDER_CONSTANT
    moved = cv2.warpAffine(labels, maps.affine, size, flags=cv2.INTER_NEAREST, borderMode=constant, borderValue=IGNORED)
    return np.asarray(moved, np.uint8)


def fit_presence(people: list[Observation]) -> NDArray[np.float64]:
    """Weights of area, peak and worn, and intercepts: (4, 21). One logistic model each for what labels tell and what
    not; of the latter the network says nothing as a whole."""
    fitted = np.zeros((4, BAG + 1))
    right = np.stack([person.right for person in people])
    evidence = np.stack([person.evidence for person in people])
    for group in MODELS:
        known = np.stack([person.known for person in people]) & np.isin(np.arange(BAG + 1), group)
        seen, part = evidence[known][:, 1:], np.nonzero(known)[1]
        mean, spread = seen.mean(0), np.maximum(seen.std(0), 1e-6)
        features = np.hstack([(seen - mean) / spread, LOOSE * np.eye(BAG + 1)[part]])
        weights = LogisticRegression(fit_intercept=False, max_iter=5000).fit(features, right[known]).coef_[0]
        slopes = weights[:3] / spread
        fitted[:, list(group)] = np.vstack([np.tile(slopes, (BAG + 1, 1)).T, LOOSE * weights[3:] - slopes @ mean])[
            :, list(group)
        ]
    return fitted


def presences(people: list[Observation], fitted: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 21)."""
    constants = replace(calibration(), area=fitted[0], peak=fitted[1], worn=fitted[2], intercept=fitted[3])
    return np.stack([presence(person.evidence, constants) for person in people]).astype(np.float64)


def cross_validated(people: list[Observation]) -> NDArray[np.float64]:
    """Presences (n, 21), each person's by a model fitted to others."""
    found = np.zeros((len(people), BAG + 1))
    for train, test in KFold(FOLDS, shuffle=True, random_state=0).split(people):
        found[test] = presences([people[i] for i in test], fit_presence([people[i] for i in train]))
    return found


def fit_certainty(people: list[Observation]) -> tuple[float, float]:
    """Slope and intercept that turn the log-odds of px into calibrated ones."""
    odds, hits = (np.concatenate([getattr(person, name) for person in people]) for name in ("odds", "hits"))
    model = LogisticRegression(C=1e6).fit(odds[:, None], hits)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def count_outfits(data: Path) -> dict[str, int]:
    """How often each set of garments is labelled in a training photo, most frequent first."""
    counts: Counter[str] = Counter()
    for row in rows(data, "train"):
        worn = set(row["labels"].split("|"))
        counts[" + ".join(PARTS[part] for part in GARMENTS if worn & set(WORDS[PARTS[part]].split()))] += 1
    return {outfit: count for outfit, count in counts.most_common() if outfit}


def document(fitted: NDArray[np.float64], certainty: tuple[float, float], outfits: dict[str, int]) -> str:
    """The constants as the TOML that `presence.read_calibration` reads."""
    sets = "\n".join(f'"{outfit}" = {count}' for outfit, count in outfits.items())
    return f"""# What the part network's answers are worth; written by `python -m training.calibrate`.

# Log-odds that a part is there at all: its own number + area · log(share of the person + 0.001)
# + peak · log-odds of its surest patch + worn · log-odds by the person as a whole.
{"".join(_table(fitted, group) for group in MODELS)}# Log-odds that a pixel's label is right, from the network's own.
[certainty]
slope = {certainty[0]:.3f}
intercept = {certainty[1]:.3f}

# Garments labelled together in the training photos, and in how many.
[outfits]
{sets}
"""


def _table(fitted: NDArray[np.float64], group: tuple[int, ...]) -> str:
    slopes = "".join(f"{name} = {fitted[i, group[0]]:.3f}\n" for i, name in enumerate(("area", "peak", "worn")))
    parts = "".join(f"{NAMES[part]} = {fitted[3, part]:.3f}\n" for part in group)
    return f"[[presence]]\n{slopes}[presence.parts]\n{parts}\n"


def reliability(told: NDArray[np.float64], right: NDArray[np.bool_]) -> Iterator[tuple[str, int, float, float]]:
    """Bin, n, mean confidence, share right: for each bin in which something is."""
    for low, high in itertools.pairwise(BINS):
        inside = (told >= low) & ((told < high) | (high == 1))
        if inside.any():
            yield f"{low:g}–{high:g}", int(inside.sum()), float(told[inside].mean()), float(right[inside].mean())


def report(people: list[Observation], told: NDArray[np.float64], certainty: tuple[float, float]) -> str:
    """The reliability of parts that were found, per group, and of px."""
    shown = np.stack([person.found & person.known for person in people])
    right = np.stack([person.right for person in people])
    lines = ["| parts | confidence | n | mean confidence | right |", "|---|---|---|---|---|"]
    for group, parts in GROUPS.items():
        mine = np.zeros_like(shown)
        mine[:, list(parts)] = shown[:, list(parts)]
        lines += [f"| {group} | {row} |" for row in _cells(told[mine], right[mine])]
    odds, hits = (np.concatenate([getattr(person, name) for person in people]) for name in ("odds", "hits"))
    calibrated = 1 / (1 + np.exp(-certainty[0] * odds - certainty[1]))
    lines += [f"| pixels | {row} |" for row in _cells(calibrated, hits)]
    return "\n".join(lines)


def _cells(told: NDArray[np.float64], right: NDArray[np.bool_]) -> Iterator[str]:
    for name, n, mean, share in reliability(told, right):
        yield f"{name} | {n} | {mean:.2f} | {share:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.calibrate", description=__doc__)
    parser.add_argument("data", type=Path, help="Clothing Co-Parsing: photos/, labels/, labels.csv, label_list.json")
    data = parser.parse_args().data
    cv2.setNumThreads(1)
    outfits = count_outfits(data)
    # Which parts are claimed depends on presence, and px' certainty on what is claimed: so people are looked at twice.
    people = observe(data)
    fitted = fit_presence(people)
    CONSTANTS.write_text(document(fitted, calibration().certainty, outfits), encoding="utf-8")
    calibration.cache_clear()
    people = observe(data)
    certainty = fit_certainty(people)
    CONSTANTS.write_text(document(fitted, certainty, outfits), encoding="utf-8")
    print(f"{len(people)} people; presence of parts by cross-validation, {FOLDS}-fold\n")
    print(report(people, cross_validated(people), certainty))


if __name__ == "__main__":
    main()
