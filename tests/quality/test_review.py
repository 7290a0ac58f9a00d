"""Suggestions and questions: are the former as often true as they say, and do the latter help as soon as they could?

The labelled people and strangers are too easy for that: whoever is one person is grouped. So in each trial most photos
are seen worse (see `worsening`), each in a way of its own, and some people are named by one figure.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.faces.finder import FaceFinder
from mien.parsing.lite.engine import LiteParser
from mien.people.anchors import anchor_of
from mien.people.calibration import wilson
from mien.people.crowd import handicapped
from mien.people.decisions import DecidedPerson, Decisions
from mien.people.evidence import SHARP
from mien.people.grouping import group
from mien.people.questions import Question, questions
from mien.people.resemblance import Resemblance, resemblance
from mien.people.scores import BCubed, bcubed
from mien.people.sighting import Sighting
from mien.people.spreading import spread, suggestions
from mien.photo.reading import read_photo
from tests.quality.worsening import WORSENINGS, worsened

pytestmark = [pytest.mark.quality, pytest.mark.timeout(3600)]

TRIALS = range(100, 130)
WORSE, NAMED = 0.7, 0.6
"""Shares of photos that are seen worse, and of people who are named."""


@dataclass(frozen=True)
class View:
    """A figure: who it is (None: a stranger, seen once), and how it is seen, as it is ("") and in worse ways."""

    truth: str | None
    seen: Mapping[str, Sighting]


def views_of(file: Path, truth: str | None, parser: LiteParser, finder: FaceFinder) -> list[View]:
    """Of a photo whose largest face is `truth`'s."""
    photo = read_photo(file)
    parse = parser.parse(photo.pixels)
    faces = {"": finder.find(photo, parse)}
    if any(faces[""]):
        faces |= {how: finder.find(worsened(photo, faces[""], how), parse) for how in WORSENINGS}
    places = [
        anchor_of(parse, k, photo_id=photo.key, face=None if f is None else f.box) for k, f in enumerate(faces[""])
    ]
    seen = [
        {
            how: Sighting(
                figure_id=f"{photo.key}-{k}",
                place=places[k],
                face_vector=None if (face := of[k]) is None else face.vector,
                face_usable=0.0 if face is None else face.quality.usable,
            )
            for how, of in faces.items()
        }
        for k in range(len(parse))
    ]
    sizes = [0.0 if f is None else float(np.prod(f.box[2:] - f.box[:2])) for f in faces[""]]
    largest = int(np.argmax(sizes)) if sizes else -1
    return [View(truth if k == largest else None, each) for k, each in enumerate(seen)]


@pytest.fixture(scope="module")
def views(quality_data: Path) -> list[View]:
    parser, finder = LiteParser(), FaceFinder()
    with (quality_data / "people" / "labels.csv").open(encoding="utf-8") as rows:
        files = {quality_data / "people" / row["file"]: row["identity"] for row in csv.DictReader(rows)}
    with (quality_data / "ccp" / "labels.csv").open(encoding="utf-8") as rows:
        street = [quality_data / "ccp" / row["file"] for row in csv.DictReader(rows) if row["split"] == "val"]
    strangers = [*sorted((quality_data / "coco_mini" / "images").glob("*.jpg")), *street]
    known = {file: identity for file, identity in files.items() if identity}
    found: dict[str, View] = {}
    for file, identity in [*known.items(), *((file, None) for file in strangers)]:
        for view in views_of(file, identity, parser, finder):
            found.setdefault(view.seen[""].figure_id, view)
    return list(found.values())


@dataclass(frozen=True)
class Trial:
    """One way of seeing all photos."""

    sightings: list[Sighting]
    truth: dict[str, str]
    named: Decisions


def trial(views: Sequence[View], seed: int) -> Trial:
    random = np.random.default_rng(seed)
    ways: dict[str, str] = {}
    sightings, truth = [], {}
    for view in views:
        photo = view.seen[""].photo_id
        if photo not in ways:
            ways[photo] = str(random.choice(list(WORSENINGS))) if random.random() < WORSE else ""
        sighting = view.seen.get(ways[photo], view.seen[""])
        sightings.append(sighting)
        truth[sighting.figure_id] = view.truth or sighting.figure_id
    people = {}
    for person in sorted({view.truth for view in views if view.truth}):
        clear = [s for s in sightings if truth[s.figure_id] == person and s.identifies and s.face_usable >= SHARP]
        if clear and random.random() < NAMED:
            people[person] = DecidedPerson(person, person, frozenset({clear[random.integers(len(clear))].place}))
    return Trial(handicapped(sightings), truth, Decisions(people))


def label_spreading(known: Resemblance, alpha: float = 0.9) -> NDArray[np.float64]:
    """scikit-learn's, on the same graph: (n, people)."""
    from sklearn.semi_supervised import LabelSpreading

    n, p = len(known.subjects), len(known.people)
    weights = np.zeros((n, n))
    weights[known.one, known.other] = weights[known.other, known.one] = np.exp(np.minimum(known.log_odds, 6))

    def kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return weights[np.ix_(a[:, 0].astype(int), b[:, 0].astype(int))]

    said = np.r_[np.arange(p), np.full(n - p, -1)]
    with np.errstate(invalid="ignore", divide="ignore"):
        fitted = LabelSpreading(kernel=kernel, alpha=alpha, max_iter=200).fit(np.arange(n)[:, None], said)
    return np.nan_to_num(fitted.label_distributions_[p:])


def average_precision(scored: Sequence[tuple[float, bool]], to_find: int) -> float:
    right = np.array([is_right for _, is_right in sorted(scored, key=lambda row: -row[0])], float)
    return float((right.cumsum() / np.arange(1, len(right) + 1) * right).sum() / to_find)


def best_guesses(
    known: Resemblance, arrived: NDArray[np.float64], truth: Mapping[str, str]
) -> list[tuple[float, bool]]:
    """For each subject the most probable person, and whether all its figures are that person."""
    found = []
    for row, scores in enumerate(arrived):
        if scores.size and scores.max() > 0:
            who = {truth[known.sightings[i].figure_id] for i in known.subjects[len(known.people) + row]}
            found.append((float(scores.max()), who == {known.people[int(scores.argmax())]}))
    return found


def reliability(said: Sequence[tuple[float, bool]]) -> tuple[str, float]:
    """A table of ten bins, and the mean difference of what was said from what was true, weighted by the bins' sizes."""
    lines, error = ["  said   mean   true   95 % interval      n"], 0.0
    for low in np.arange(10) / 10:
        rows = [(p, right) for p, right in said if low <= p < low + 0.1 or (low > 0.85 and p >= 1)]
        if rows:
            mean, true = (float(np.mean(column)) for column in zip(*rows, strict=True))
            least, most = wilson(sum(right for _, right in rows), len(rows))
            lines.append(
                f"  {low:.1f}–{low + 0.1:.1f}  {mean:.2f}  {true:.2f}  [{least:.2f}, {most:.2f}]  {len(rows):4d}"
            )
            error += len(rows) * abs(mean - true)
    return "\n".join(lines), error / max(1, len(said))


def test_suggestions_are_as_often_true_as_they_say(views: list[View]) -> None:
    said, ours, theirs, to_find = [], [], [], 0
    for seed in TRIALS:
        one = trial(views, seed)
        known = resemblance(one.sightings, group(one.sightings, one.named), one.named)
        for s in suggestions(known, 0.01):
            who = {one.truth[known.sightings[i].figure_id] for i in known.subjects[s.subject]}
            said.append((s.probability, who == {s.person_id}))
        for figures in known.subjects[len(known.people) :]:
            who = {one.truth[known.sightings[i].figure_id] for i in figures if known.sightings[i].identifies}
            to_find += bool(who & set(one.named.people))
        ours += best_guesses(known, spread(known).toarray(), one.truth)
        theirs += best_guesses(known, label_spreading(known), one.truth)
    table, error = reliability(said)
    walk, spreading = (average_precision(scored, to_find) for scored in (ours, theirs))
    print(f"\nsuggestions, {len(TRIALS)} trials:\n{table}\n  expected calibration error {error:.3f}")
    print(f"average precision: walk {walk:.3f}, LabelSpreading {spreading:.3f} (to find: {to_find})")
    assert error < 0.08
    assert walk >= spreading
    sure = [right for p, right in said if p >= 0.8]
    assert np.mean(sure) >= 0.85


def test_the_most_helpful_questions_come_first(views: list[View]) -> None:
    curves = {}
    for name, pick in {"most helpful first": _first, "at random": _any}.items():
        curves[name] = np.mean([_answering(trial(views, seed), pick, seed) for seed in list(TRIALS)[:3]], axis=0)
        steps = " ".join(f"{n}: {curves[name][n]:.3f}" for n in (0, 5, 10, 20, 40, 60, 80))
        print(f"\nBCubed F of labelled figures after n answers, {name}: {steps}")
    best = max(curve.max() for curve in curves.values()) - 0.01
    reached = {
        name: int(np.argmax(curve >= best)) if curve.max() >= best else ANSWERS for name, curve in curves.items()
    }
    print(f"answers until F is within 0.01 of the best ({best + 0.01:.3f}): {reached}")
    assert reached["most helpful first"] < reached["at random"]


ANSWERS = 100


def _first(asked: Sequence[Question], _random: np.random.Generator) -> Question:
    return asked[0]


def _any(asked: Sequence[Question], random: np.random.Generator) -> Question:
    return asked[random.integers(len(asked))]


def _answering(
    one: Trial, pick: Callable[[Sequence[Question], np.random.Generator], Question], seed: int
) -> NDArray[np.float64]:
    """BCubed F of the labelled figures after 0, 1, … `ANSWERS` true answers."""
    random = np.random.default_rng(seed)
    places = {s.figure_id: s.place for s in one.sightings}
    decisions = one.named
    scores = []
    for _ in range(ANSWERS + 1):
        grouping = group(one.sightings, decisions)
        scores.append(_score(one, {f: m.person_id for f, m in grouping.memberships.items()}).f)
        asked = questions(one.sightings, grouping, decisions, 200)
        if not asked:
            break
        question = pick(asked, random)
        figure, other = question.figure, question.other
        if one.truth[figure] != one.truth[other]:
            if question.kind == "doubt":
                told = {(places[figure], question.person_ids[0])}
                decisions = replace(decisions, rejected=decisions.rejected | told)
            else:
                decisions = replace(decisions, apart=decisions.apart | {(places[figure], places[other])})
            continue
        person_id = question.person_ids[-1]
        known = decisions.people.get(person_id, DecidedPerson(f"said-{other}", None, frozenset({places[other]})))
        person = replace(known, anchors=known.anchors | {places[figure]})
        decisions = replace(decisions, people={**decisions.people, person.person_id: person})
    return np.array(scores + [scores[-1]] * (ANSWERS + 1 - len(scores)))


def _score(one: Trial, found: Mapping[str, str | None]) -> BCubed:
    labelled = [figure for figure, truth in one.truth.items() if figure != truth]
    return bcubed([one.truth[figure] for figure in labelled], [found[figure] for figure in labelled])
