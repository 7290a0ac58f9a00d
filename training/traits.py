"""`python -m training.traits DATA WORK`: how likely each trait is, given what is measured of a figure.

Fits the models of `src/mien/traits/chances.toml` to the training photos of Clothing Co-Parsing (DATA holds photos/,
labels/, labels.csv, label_list.json) and, for how much less small figures say, to smaller copies. The engine has seen
those, and is surer on them than elsewhere: one number for each question, by how much to be less sure, is fitted to
the validation photos, and how good answers are is reported on those, in Markdown. WORK keeps the engine's parses. To be
run whenever the engine or `mien.traits.measures` changed; takes an hour, and two minutes with the parses kept.
"""

import argparse
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mien.parsing.parse import BAG
from mien.traits.chances import Model
from mien.traits.cuts import UNWOVEN
from mien.traits.weave import NAMES
from training.wearing import HEIGHTS, Example, Observer, laid_out, people
from training.woven import by_eye, cloths

CHANCES = Path(__file__).parents[1] / "src" / "mien" / "traits" / "chances.toml"

LOOSENESS = 0.3  # inverse strength of the weights' L2 penalty, of standardised measures
RANGE = (0.5, 99.5)
"""Percentiles of each measure, beyond which figures are taken for as far out as the outermost ones of these photos."""

WARMTHS = np.arange(0.3, 1.45, 0.05)
HALVES, STEEPS = np.array([20, 25, 30, 40, 50.0]), (1.5, 2.0, 3.0)
"""Of `acuity`. People 48 px high (20) say half at most, even where small copies of photos show more: real passers-by
are out of focus, in shade and behind each other."""

LEAST_GARMENT = 0.14  # √ of a share: 2 % of the figure


def _of(*groups: str) -> tuple[str, ...]:
    return tuple(f"{what} of {group}" for group in groups for what in ("share", "sure"))


def _levels(*ends: str) -> tuple[str, ...]:
    return tuple(f"{end} {what}" for end in ends for what in ("level", "levelled"))


LIMBS = tuple(f"{what} {limb}" for limb in ("upper arm", "forearm", "thigh", "shin") for what in ("skin on", "sees"))
ARMS, LEGS = LIMBS[:4], LIMBS[4:]
SLEEVES = (*_of("arms"), "skin on upper arm", "skin on forearm")
DENIM = ("lightness", "a", "b", "colourful", "faded blue", "raw blue", "black", "fading", *UNWOVEN)

MEASURES: dict[str, tuple[str, ...]] = {
    "hat": (*_of("hat", "hair", "face", "glasses"), "hair of head"),
    "glasses": (*_of("glasses", "face", "hair"),),
    "scarf": (*_of("scarf", "neck", "coat", "upper-clothes", "face"),),
    "bag": (*_of("bag", "arms"),),
    "shoes": (*_of("shoes", "socks", "legs"), "sees shin", "skin on shin"),
    "gloves": (*_of("gloves", "arms", "coat"),),
    "socks": (*_of("socks", "legs", "pants", "shoes", "skirt"), *LEGS),
    "coat": (
        *_of("coat", "upper-clothes", "dress", "scarf", "arms", "neck"),
        *_levels("coat bottom"),
        *ARMS,
        "uncertain",
    ),
    "dress": (
        *_of("dress", "upper-clothes", "skirt", "pants", "coat", "legs"),
        *_levels("dress bottom", "dress top", "upper-clothes bottom", "skirt bottom"),
        "uncertain",
    ),
    "lower": (
        *_of("pants", "skirt", "dress", "legs", "shoes", "socks"),
        *_levels("pants bottom", "skirt bottom"),
        *LEGS,
        "uncertain",
    ),
    "jeans": DENIM,
    "sleeves": SLEEVES,
    "arms": SLEEVES,
    "legs": (*_of("legs", "socks", "pants"), "skin on thigh", "sees thigh", "skin on shin"),
    "hem": ("end level", "skin on thigh", "skin on shin", "sees shin"),
    "hair_length": ("hair below", "hair measured", "hair of head", *_of("hair", "neck", "face")),
    "somebody": ("face", "seen face", "seen hair", "seen shoes", "seen arms", "seen legs", "seen neck", "seen hat"),
    "pattern": NAMES,
}  # fmt: skip
"""What each question is judged by."""

OTHERWISE_LOOSE = {"somebody": 0.1, "pattern": 1.0}
"""Another `LOOSENESS`: garments laid out for a photo are more like worn ones than those that are cut out here; drawn
patterns are many (chosen with half of the catalogue's tops of `tests/quality/patterns.toml`)."""

FEW = {"jeans"}
"""Told apart in so few photos that all are needed to fit; reported on eight parts, each fitted to the others."""

AT_LARGE = {
    "coat": {"no": 0.65, "yes": 0.35},
    "dress": {"no": 0.85, "yes": 0.15},
    "glasses": {"no": 0.8, "yes": 0.2},
}
"""Priors where the photos' own would mislead: they are of fashion, in the street. Chosen with half of the photos of
`tests/quality/test_search.py`, and nearer to these photos' own than to what people wear at home."""

SEEN_OR_NOT = {"somebody"}
"""Not weaker for small figures: a doubt whether anybody is there would become a certainty."""

Pair = tuple[Mapping[str, float], str, float]
Evidence = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""What is measured (n, measures), resolutions (n,), and how sure the parses are (n,)."""

Arrays = tuple[Evidence, NDArray[np.str_], NDArray[np.float64]]
"""Evidence, the truth, and weights."""


def cooled(model: Model, warmth: float) -> Model:
    return replace(model, weights=model.weights * warmth, biases=model.biases * warmth)


def among(model: Model, shares: Mapping[str, float]) -> Model:
    """As it is where answers are so common: odds change with those of the prior."""
    prior = np.array([shares[value] for value in model.values])
    return replace(model, biases=model.biases + np.log(prior / model.prior), prior=prior)


def asked(question: str, example: Example) -> list[tuple[Mapping[str, float], str]]:
    """Measures and truth, where the figure shows what is asked about."""
    seen, truth = example.measured, example.truth
    if question == "hem":
        return [
            ({**seen, "end level": seen[f"{garment} bottom level"]}, truth[f"hem of {garment}"])
            for garment in ("dress", "skirt", "coat")
            if f"hem of {garment}" in truth and seen[f"{garment} bottom levelled"] and seen["sees thigh"]
        ]
    if question not in truth:
        return []
    large = {
        "coat": ("coat", "dress", "upper-clothes"),
        "dress": ("coat", "dress", "upper-clothes"),
        "lower": ("pants", "skirt"),
        "jeans": ("pants",),
        "hat": ("hat", "hair", "face"),
        "glasses": ("face",),
        "hair_length": ("face",),
    }
    if max((seen[f"share of {group}"] for group in large.get(question, ())), default=1.0) < (
        LEAST_GARMENT if question in ("coat", "dress", "lower", "jeans") else 1e-9
    ):
        return []
    limbs = {"sleeves": ("upper arm", "forearm"), "arms": ("upper arm", "forearm"), "legs": ("shin",)}
    if not all(seen[f"sees {limb}"] for limb in limbs.get(question, ())):
        return []
    return [(seen, truth[question])]


def arrays(question: str, pairs: Sequence[Pair]) -> Arrays:
    measured = np.array([[seen[name] for name in MEASURES[question]] for seen, _, _ in pairs])
    truth, weights = np.array([truth for _, truth, _ in pairs]), np.array([weight for *_, weight in pairs])
    resolution, sure = (np.array([seen[name] for seen, *_ in pairs]) for name in ("resolution", "sure"))
    return (measured, resolution, sure), truth, weights


def fit(question: str, data: Arrays) -> Model:
    (measured, *_), truth, weights = data
    least, most = np.percentile(measured, RANGE, axis=0)
    measured = np.clip(measured, least, most)
    mean, spread = measured.mean(axis=0), np.maximum(measured.std(axis=0), 1e-3)
    model = LogisticRegression(C=OTHERWISE_LOOSE.get(question, LOOSENESS), max_iter=5000)
    model.fit((measured - mean) / spread, truth, sample_weight=weights)
    slopes, biases = model.coef_ / spread, model.intercept_ - model.coef_ @ (mean / spread)
    if len(model.classes_) == 2:
        slopes, biases = np.vstack([0 * slopes, slopes]), np.array([0.0, biases[0]])
    prior = np.array([weights[truth == value].sum() for value in model.classes_]) / weights.sum()
    return Model(tuple(model.classes_), MEASURES[question], least, most, slopes, biases, prior)


def dimmed(model: Model, data: Arrays) -> Model:
    """With the acuity by which it is best for figures of all sizes."""
    shapes = itertools.product(HALVES, STEEPS)
    return min((replace(model, half=half, steep=steep) for half, steep in shapes), key=lambda each: loss(each, data))


def loss(model: Model, data: Arrays) -> float:
    """Mean −ln of the true answer's chance."""
    columns = [model.values.index(value) for value in data[1]]
    chances = model(*data[0])[np.arange(len(columns)), columns]
    return float(-np.log(np.maximum(chances, 1e-6)).mean())


def toml(question: str, model: Model) -> str:
    """A table, for 0.001 of a chance more than precise enough."""
    lines = [f"[{question}]", f"values = {_listed(model.values)}", f"measures = {_listed(MEASURES[question])}"]
    lines += [f"{bound} = [{', '.join(f'{v:.4g}' for v in getattr(model, bound))}]" for bound in ("least", "most")]
    lines += [f"{name} = [{', '.join(f'{v:.4g}' for v in getattr(model, name))}]" for name in ("biases", "prior")]
    lines += [f"half = {model.half:.4g}", f"steep = {model.steep:.4g}", f"[{question}.weights]"]
    for value, row in zip(model.values, model.weights, strict=True):
        lines.append(f'"{value}" = [{", ".join(f"{weight:.4g}" for weight in row)}]')
    return "\n".join(lines)


def _listed(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def report(question: str, model: Model, data: Arrays) -> str:
    """A row of the table in docs/traits.md."""
    return row(question, model.values, model(*data[0]), data[1])


def by_size(question: str, model: Model, sized: Mapping[int, Arrays]) -> str:
    """A row of the table by size: answers that are right, and the mean chance they were given."""
    cells = []
    for height in HEIGHTS:
        chances, truth = model(*sized[height][0]), sized[height][1]
        right = np.array(model.values)[chances.argmax(axis=1)] == truth
        cells.append(f"{right.mean():.2f} / {chances.max(axis=1).mean():.2f}")
    return f"| {question} | {model.half:.0f} | {' | '.join(cells)} |"


def report_of_folds(question: str, pairs: Sequence[Pair], values: Sequence[str]) -> str:
    """Crops of one photo follow each other, and so lie in one part but for a few."""
    chances, truth = [], []
    for part in np.array_split(np.arange(len(pairs)), 8):
        here = set(part.tolist())
        others = arrays(question, [pair for i, pair in enumerate(pairs) if i not in here])
        held_back = arrays(question, [pairs[i] for i in part])
        chances.append(fit(question, others)(*held_back[0]))
        truth.append(held_back[1])
    return row(question, values, np.concatenate(chances), np.concatenate(truth))


def row(question: str, values: Sequence[str], chances: NDArray[np.float64], truth: NDArray[np.str_]) -> str:
    """Answers that are right, the mean chance they were given, and the mean −ln of the true answer's chance."""
    right = np.array(values)[chances.argmax(axis=1)] == truth
    counts = ", ".join(f"{value} {np.count_nonzero(truth == value)}" for value in values)
    true = chances[np.arange(len(truth)), [list(values).index(value) for value in truth]]
    lost = -np.log(np.maximum(true, 1e-6)).mean()
    return f"| {question} | {counts} | {right.mean():.3f} | {chances.max(axis=1).mean():.3f} | {lost:.3f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    observer, eyes, random = Observer(arguments.work), by_eye(), np.random.default_rng(5)
    pairs: defaultdict[tuple[str, str, int | None], list[Pair]] = defaultdict(list)
    for split in ("train", "val"):
        whole = set()
        for file, view, example in people(arguments.data, split, observer):
            height = example.height
            for question in MEASURES:
                pairs[question, split, height] += [(seen, truth, 1.0) for seen, truth in asked(question, example)]
            if (file, height) not in whole and file in eyes:
                for pattern, woven, is_drawn in cloths(view, eyes[file], random):
                    cloth = {**woven, "resolution": view.resolution, "sure": view.confidence(range(1, BAG))}
                    pairs["pattern", split, height].append((cloth, pattern, 0.5 if is_drawn else 2.0))
            whole.add((file, height))
        for example in laid_out(arguments.data, split, observer):
            pairs["somebody", split, None].append((example.measured, "no", 1.0))
    tables = ["# How likely each trait is: multinomial logistic models. Made by `python -m training.traits`."]
    sizes = [f"| question | half | {' | '.join(map(str, HEIGHTS))} |", "|---" * (len(HEIGHTS) + 2) + "|"]
    print("| question | n | right | mean chance | log loss |\n|---|---|---|---|---|")
    for question in MEASURES:
        seen = pairs[question, "train", None] + (pairs[question, "val", None] if question in FEW else [])
        smaller = [pair for height in HEIGHTS for pair in pairs[question, "train", height]]
        model = fit(question, arrays(question, seen))
        if question not in SEEN_OR_NOT:
            model = dimmed(model, arrays(question, seen + smaller))
        if question in FEW:
            print(report_of_folds(question, seen, model.values))
        elif pairs[question, "val", None]:
            held_back = arrays(question, pairs[question, "val", None])
            model = min((cooled(model, warmth) for warmth in WARMTHS), key=lambda model: loss(model, held_back))
            print(report(question, model, held_back))
            sizes.append(by_size(question, model, {h: arrays(question, pairs[question, "val", h]) for h in HEIGHTS}))
        if question in AT_LARGE:
            model = among(model, AT_LARGE[question])
        tables.append(toml(question, model))
    print("", *sizes, sep="\n")
    CHANCES.write_text("\n\n".join(tables) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
