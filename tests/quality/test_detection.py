"""How many people the lite engine finds in everyday photos, and how many it only imagines."""

import csv
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.parsing.engines import create_parser
from mien.vision.geometry import areas, intersections, iou

LARGE = 96  # px

Boxes = NDArray[np.float64]


def annotations(folder: Path) -> dict[Path, tuple[Boxes, Boxes]]:
    """Photo → boxes of its people, boxes of its crowds; px."""
    found: dict[Path, tuple[list[list[float]], list[list[float]]]] = defaultdict(lambda: ([], []))
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            people = found[folder / row["file"]]
            if row["ann_id"]:
                x, y, w, h = (float(row[column]) for column in "xywh")
                people[int(row["iscrowd"])].append([x, y, x + w, y + h])
    return {
        photo: (np.array(people).reshape(-1, 4), np.array(crowds).reshape(-1, 4))
        for photo, (people, crowds) in sorted(found.items())
    }


def matches(boxes: Boxes, scores: NDArray[np.float32], people: Boxes) -> NDArray[np.intp]:
    """For each box the annotated person that is its own at IoU 0.5, best box first, or −1."""
    overlap = iou(boxes, people)
    owner = np.full(len(boxes), -1, np.intp)
    for i in np.argsort(-scores, kind="stable"):
        if overlap.shape[1] and overlap[i].max() >= 0.5:
            owner[i] = overlap[i].argmax()
            overlap[:, owner[i]] = 0
    return owner


@pytest.mark.quality
def test_people_in_everyday_photos(quality_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = create_parser("lite")
    rows = []  # score, is a person, is a large one, lies in a crowd
    people = large = empty = ghosts = 0
    for photo, (bodies, crowds) in annotations(quality_data / "coco_mini").items():
        pixels = np.ascontiguousarray(cv2.imread(str(photo))[:, :, ::-1])
        parse = parser.parse(pixels)
        height, width = pixels.shape[:2]
        boxes = parse.boxes.astype(np.float64) * (width, height, width, height)
        owner = matches(boxes, parse.scores, bodies)
        tall = bodies[:, 3] - bodies[:, 1] >= LARGE
        in_crowd = (intersections(boxes, crowds) > 0.5 * areas(boxes)[:, None]).any(1)
        rows += [
            (score, mine >= 0, mine >= 0 and tall[mine], crowded)
            for score, mine, crowded in zip(parse.scores, owner, in_crowd, strict=True)
        ]
        people, large = people + len(bodies), large + int(tall.sum())
        if not len(bodies) and not len(crowds):
            empty, ghosts = empty + 1, ghosts + bool(len(parse))
    table = np.array(sorted(rows, reverse=True), np.float64)
    right, right_large = table[:, 1].cumsum(), table[:, 2].cumsum()
    wrong = ((table[:, 1] == 0) & (table[:, 3] == 0)).cumsum()
    precision, recall, recall_large = right / (right + wrong), right / people, right_large / large
    with capsys.disabled():
        print(f"\n{people} people, {large} of them large, in {len(annotations(quality_data / 'coco_mini'))} photos")
        for i in np.linspace(len(table) / 3, len(table) - 1, 8).astype(int):
            print(
                f"  score ≥ {table[i, 0]:.2f}: precision {precision[i]:.3f}, "
                f"recall {recall[i]:.3f}, large {recall_large[i]:.3f}"
            )
        print(f"  photos without people: {empty - ghosts} of {empty} without figures")
    assert precision[-1] >= 0.8
    assert recall[-1] >= 0.62
    assert recall_large[-1] >= 0.87
    assert ghosts <= 0.06 * empty


@pytest.mark.quality
def test_every_nose_has_a_figure_of_its_own(quality_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = create_parser("lite")
    noses = alone = 0
    with (quality_data / "people" / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["nose_points"]]
    for row in rows:
        pixels = cv2.imread(str(quality_data / "people" / row["file"]))[:, :, ::-1]
        scale = min(1.0, 2048 / max(pixels.shape))
        parse = parser.parse(
            np.ascontiguousarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        )
        width, height = parse.size
        places = [tuple(map(float, place.split(","))) for place in row["nose_points"].split("|")]
        owners = [
            parse.figures[int(y / float(row["height"]) * height), int(x / float(row["width"]) * width)]
            for x, y in places
        ]
        noses += len(owners)
        alone += sum(owner > 0 and owners.count(owner) == 1 for owner in owners)
    with capsys.disabled():
        print(f"\n{alone} of {noses} noses in {len(rows)} photos lie in a figure of their own")
    assert alone >= 0.95 * noses
