"""Who is who without a face: composed albums (see `composing`), through the whole chain."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from mien.people.article import group_article
from mien.people.baselines import group_average, group_hdbscan
from mien.people.crowd import handicapped
from mien.people.evidence import SHARP
from mien.people.grouping import group
from mien.people.membership import Grouping
from mien.people.moments import moments
from mien.people.sighting import Sighting
from tests.quality.composing import FROM_AFAR, Composer, Frame, Scene, album, owners
from tests.quality.scoring import Placed, score
from tests.quality.seeing import photo_of, sightings

pytestmark = [pytest.mark.quality, pytest.mark.timeout(1800)]

METHODS = {"default": group, "average": group_average, "hdbscan": group_hdbscan, "article": group_article}


@dataclass(frozen=True)
class Seen:
    """A frame and its figures, with who each of them is (None: nobody who was put there)."""

    frame: Frame
    figures: list[Sighting]
    truth: list[str | None]


def see(composer: Composer, scenes: list[Scene], folder: Path) -> list[Seen]:
    seen = []
    for scene in scenes:
        for frame in composer.frames(scene):
            figures = sightings(photo_of(frame.pixels, folder / "frame.jpg"), frame.taken)
            boxes = np.array([s.place.box for s in figures]).reshape(-1, 4)
            seen.append(Seen(frame, figures, owners(frame.shown, boxes)))
    return seen


def placed(seen: list[Seen], grouping: Grouping, within: str = "") -> tuple[list[Placed], list[tuple[str, str]]]:
    """What became of everybody who was put there, and who was not seen; people are told apart `within` a scene."""
    found, unseen = [], []
    for view in seen:
        for s, truth in zip(view.figures, view.truth, strict=True):
            if truth is not None:
                found.append(Placed(within + truth, grouping.memberships[s.figure_id].person_id, s.photo_id))
        unseen += [
            (within + shown.person, view.frame.name) for shown in view.frame.shown if shown.person not in view.truth
        ]
    return found, unseen


@pytest.fixture(scope="module")
def composer(quality_data: Path) -> Composer:
    return Composer(quality_data)


def test_a_group_seen_from_afar(composer, tmp_path) -> None:
    """No usable faces; every scene is one moment of 20 frames. People not found count as not joined."""
    parts: dict[bool, tuple[list[Placed], list[tuple[str, str]], int]] = {}
    print()
    for alike in (False, True):
        found, unseen, photos = [], [], 0
        for scene in FROM_AFAR:
            if scene.alike == alike:
                seen = see(composer, [scene], tmp_path)
                everyone = handicapped([s for view in seen for s in view.figures])
                assert len(moments(everyone)) == 1
                there, missing = placed(seen, group(everyone), scene.name)
                found, unseen, photos = [*found, *there], [*unseen, *missing], photos + len(seen)
                print(
                    f"{scene.name}: found {len(there)} of {len(there) + len(missing)}; "
                    f"{score(there, len(seen), missing)}"
                )
        parts[alike] = found, unseen, photos
    unlike, uniform = (score(found, photos, unseen) for found, unseen, photos in parts.values())
    print(f"all, dressed differently: {unlike}\nall, dressed alike: {uniform}")
    assert unlike.in_one_photo == uniform.in_one_photo == 0
    assert unlike.pair_precision >= 0.95
    assert unlike.pair_recall >= 0.6
    assert uniform.pair_precision >= 0.85


def test_an_album_of_people_who_turn_away(composer, tmp_path) -> None:
    """Twelve days; four in ten faces hidden; every fourth day all are dressed alike."""
    seen = see(composer, album(), tmp_path)
    everyone = handicapped([s for view in seen for s in view.figures])
    print()
    scores = {}
    for name, method in METHODS.items():
        scores[name] = score(placed(seen, method(everyone))[0], len(seen))
        print(f"{name}: {scores[name]}")
    grouping = group(everyone)
    rows = [
        (view.frame.name.partition("/")[0], truth, s.face_usable >= SHARP, grouping.memberships[s.figure_id].person_id)
        for view in seen
        for s, truth in zip(view.figures, view.truth, strict=True)
        if truth is not None
    ]
    faces = {(day, truth, person) for day, truth, is_sharp, person in rows if is_sharp}
    known = {(day, truth) for day, truth, _ in faces}
    outcome: Counter[str] = Counter()
    for day, truth, is_sharp, person in rows:
        if not is_sharp and (day, truth) in known:
            taken_for = {who for then, who, whose in faces if (then, whose) == (day, person)}
            right = "right" if truth in taken_for else "wrong" if taken_for else "apart"
            outcome["nobody" if person is None else right] += 1
    n = outcome.total()
    print(f"figures without a sharp face, of people who show it that day: {dict(outcome)} of {n}")
    assert scores["default"].in_one_photo == 0
    assert scores["default"].precision >= 0.97
    assert scores["default"].recall >= 0.74
    assert scores["default"].corrections < 0.8 * scores["average"].corrections
    assert outcome["right"] >= 0.75 * n
    assert outcome["wrong"] <= 0.03 * n
