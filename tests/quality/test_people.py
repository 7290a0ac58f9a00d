"""Who is who on labelled photos, through the whole chain: read, parse, find faces, group."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from mien.faces.face import Face
from mien.faces.finder import FaceFinder
from mien.parsing.lite.engine import LiteParser
from mien.people.anchors import anchor_of
from mien.people.article import group_article
from mien.people.crowd import handicapped
from mien.people.grouping import group
from mien.people.scores import bcubed
from mien.people.sighting import Sighting
from mien.photo.reading import read_photo
from mien.traits.article import article_features
from mien.traits.describe import describe

pytestmark = [pytest.mark.quality, pytest.mark.timeout(1800)]


@cache
def chain() -> tuple[LiteParser, FaceFinder]:
    return LiteParser(), FaceFinder()


def sightings_of(file: Path) -> list[Sighting]:
    """The figures of a photo, the one with the largest face first."""
    parser, finder = chain()
    photo = read_photo(file)
    parse = parser.parse(photo.pixels)
    faces = finder.find(photo, parse)
    article = article_features(photo, parse, describe(photo, parse, faces))

    def size(face: Face | None) -> float:
        return 0.0 if face is None else float(np.prod(face.box[2:] - face.box[:2]))

    return [
        Sighting(
            figure_id=f"{photo.key}-{k}",
            place=anchor_of(parse, k, photo_id=photo.key, face=None if (face := faces[k]) is None else face.box),
            face_vector=None if face is None else face.vector,
            face_usable=0.0 if face is None else face.quality.usable,
            article=article[k],
        )
        for k in sorted(range(len(parse)), key=lambda k: -size(faces[k]))
    ]


@pytest.fixture(scope="module")
def labelled(quality_data: Path) -> list[tuple[str, list[Sighting]]]:
    with (quality_data / "people" / "labels.csv").open(encoding="utf-8") as rows:
        named = [(row["identity"], quality_data / "people" / row["file"]) for row in csv.DictReader(rows)]
    return [(identity, sightings_of(file)) for identity, file in named if identity]


@pytest.fixture(scope="module")
def strangers(quality_data: Path) -> list[list[Sighting]]:
    """Everyday photos, and street photos with many East Asian faces and sunglasses, which are hard to tell apart."""
    everyday = sorted((quality_data / "coco_mini" / "images").glob("*.jpg"))
    with (quality_data / "ccp" / "labels.csv").open(encoding="utf-8") as rows:
        street = [quality_data / "ccp" / row["file"] for row in csv.DictReader(rows) if row["split"] == "val"]
    return [sightings_of(file) for file in [*everyday, *street]]


def test_labelled_people_among_strangers(labelled, strangers) -> None:
    """52 photos of 20 people, in one library with 272 photos of strangers."""
    everyone = [s for figures in [*(f for _, f in labelled), *strangers] for s in figures]
    grouping = group(handicapped(list({s.figure_id: s for s in everyone}.values())))

    def person(figures: list[Sighting]) -> str | None:
        return grouping.memberships[figures[0].figure_id].person_id if figures else None

    score = bcubed([identity for identity, _ in labelled], [person(figures) for _, figures in labelled])
    sizes = {p.person_id: len(p.figures) for p in grouping.people}
    members = [grouping.memberships[s.figure_id].person_id for figures in strangers for s in figures]
    known = [m for m in members if m is not None]
    shared = sum(sizes[m] > 1 for m in known)
    print(f"\nlabelled people among strangers: {score}")
    print(f"strangers who share a person with another figure: {shared} of {len(known)} with a face")
    assert score.precision >= 0.99
    assert score.f >= 0.95
    assert shared <= 0.02 * len(known)


def test_the_article_s_grouping_for_comparison(labelled, strangers) -> None:
    """Clothes and build alone, on the same photos: only printed, as the baseline it is."""
    everyone = [s for figures in [*(f for _, f in labelled), *strangers] for s in figures]
    grouping = group_article(list({s.figure_id: s for s in everyone}.values()))
    found = [grouping.memberships[f[0].figure_id].person_id if f else None for _, f in labelled]
    print(f"\nthe article's grouping: {bcubed([identity for identity, _ in labelled], found)}")
