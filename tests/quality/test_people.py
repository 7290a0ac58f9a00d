"""Who is who on labelled photos, through the whole chain: read, parse, find faces, group."""

import csv
from pathlib import Path

import numpy as np
import pytest

from mien.people.article import group_article
from mien.people.baselines import group_average, group_hdbscan
from mien.people.crowd import handicapped
from mien.people.grouping import group
from mien.people.scores import bcubed
from mien.people.sighting import Sighting
from mien.photo.reading import read_photo
from tests.quality.seeing import photo_of, sightings, sightings_of

pytestmark = [pytest.mark.quality, pytest.mark.timeout(1800)]


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
    assert score.precision >= 0.999
    assert score.recall >= 0.98
    assert shared <= 0.01 * len(known)


@pytest.mark.parametrize("method", [group_average, group_hdbscan, group_article])
def test_other_ways_of_grouping_for_comparison(labelled, strangers, method) -> None:
    """On the same photos: only printed, as the baselines they are."""
    everyone = [s for figures in [*(f for _, f in labelled), *strangers] for s in figures]
    grouping = method(handicapped(list({s.figure_id: s for s in everyone}.values())))
    found = [grouping.memberships[f[0].figure_id].person_id if f else None for _, f in labelled]
    sizes = {p.person_id: len(p.figures) for p in grouping.people}
    members = [grouping.memberships[s.figure_id].person_id for figures in strangers for s in figures]
    shared = sum(sizes[m] > 1 for m in members if m is not None)
    print(f"\n{method.__name__}: {bcubed([identity for identity, _ in labelled], found)}; strangers who share {shared}")


@pytest.mark.parametrize("size", [1.0, 1.3])
def test_crops_that_are_all_face(labelled, quality_data: Path, tmp_path: Path, size: float) -> None:
    """Each labelled person's face alone, cut out at so many times its box."""
    with (quality_data / "people" / "labels.csv").open(encoding="utf-8") as rows:
        files = [quality_data / "people" / row["file"] for row in csv.DictReader(rows) if row["identity"]]
    truth, crops = [], []
    for file, (identity, figures) in zip(files, labelled, strict=True):
        if figures and figures[0].place.face is not None:
            pixels = read_photo(file).pixels
            height, width = pixels.shape[:2]
            x0, y0, x1, y1 = np.array(figures[0].place.face) * (width, height, width, height)
            dx, dy = (size - 1) / 2 * (x1 - x0), (size - 1) / 2 * (y1 - y0)
            box = np.clip([x0 - dx, y0 - dy, x1 + dx, y1 + dy], 0, (width, height, width, height)).round().astype(int)
            crop = np.ascontiguousarray(pixels[box[1] : box[3], box[0] : box[2]])
            truth.append(identity)
            crops.append(sightings(photo_of(crop, tmp_path / "crop.jpg")))
    grouping = group(handicapped([s for figures in crops for s in figures]))
    score = bcubed(truth, [grouping.memberships[f[0].figure_id].person_id if f else None for f in crops])
    print(f"\ncrops at {size} of the face: {score}")
    assert score.precision >= 0.99
    assert score.f >= 0.97
