"""How well the lite engine tells people apart and cuts them out, pixel by pixel."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from training.source import label_names, photos

from mien.parsing.engines import create_parser
from mien.parsing.parse import Parse

pytestmark = pytest.mark.quality

LARGE = 96  # px of height
LOST = 0.1  # IoU below which nobody has found a person
PERSON = 1  # COCO's category
OWN = 0.2  # share of a figure's px on labelled people, below which it is a passer-by whom nobody labelled
DOMINANT = 0.9  # of all people's px: then a photo is one of a single person
CARRIED = {"accessories", "bag", "purse", "wallet"}  # CCP's labels for what is carried rather than worn

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Body:
    """A labelled person: mask (h, w) and height in px."""

    mask: Mask
    height: float


def everyday(folder: Path) -> dict[Path, tuple[list[Body], Mask]]:
    """Photo → its labelled people, and where crowds are that nobody labelled one by one."""
    found: dict[Path, tuple[list[Body], Mask]] = {}
    for file in sorted((folder / "annotations").glob("instances_*.json")):
        table = json.loads(file.read_text())
        people = defaultdict(list)
        for annotation in table["annotations"]:
            if annotation["category_id"] == PERSON:
                people[annotation["image_id"]].append(annotation)
        for image in table["images"]:
            path = folder / "images" / image["file_name"]
            size = image["height"], image["width"]
            crowds, bodies = np.zeros(size, bool), []
            for annotation in people[image["id"]]:
                if annotation["iscrowd"]:
                    crowds |= _runs(annotation["segmentation"]["counts"], size)
                else:
                    bodies.append(Body(_polygons(annotation["segmentation"], size), annotation["bbox"][3]))
            if path.exists() and people[image["id"]]:
                found[path] = bodies, crowds
    return found


def _polygons(polygons: list[list[float]], size: tuple[int, int]) -> Mask:
    mask = np.zeros(size, np.uint8)
    for polygon in polygons:
        points = np.array(polygon).reshape(-1, 2) - 0.5  # pixel centres lie at .5
        cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 1, shift=4)
    return mask.astype(bool)


def _runs(counts: list[int], size: tuple[int, int]) -> Mask:
    """COCO's run lengths, column by column, of background and crowd in turn."""
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape(size[1], size[0]).T


def match(bodies: list[Body], figures: NDArray[np.uint16]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Each body's IoU with the figure that is its own, one to one, and that figure's number, 0 = none."""
    count = int(figures.max(initial=0))
    sizes = np.bincount(figures.ravel(), minlength=count + 1)
    overlap = np.zeros((len(bodies), count + 1))
    for row, body in zip(overlap, bodies, strict=True):
        shared = np.bincount(figures[body.mask], minlength=count + 1)
        row[1:] = (shared / (sizes + body.mask.sum() - shared))[1:]
    ious, owners = np.zeros(len(bodies)), np.zeros(len(bodies), np.intp)
    rows, columns = linear_sum_assignment(-overlap[:, 1:])
    ious[rows], owners[rows] = overlap[rows, columns + 1], columns + 1
    owners[ious == 0] = 0
    return ious, owners


def silhouette(parse: Parse, people: Mask, ignored: Mask | None = None, *, passers_by: bool = True) -> float:
    """IoU of all figures with all people; without passers-by, of those figures that mostly are nobody else."""
    figures, counted = parse.figures, np.True_ if ignored is None else ~ignored
    seen = figures > 0
    if not passers_by:
        theirs = np.bincount(figures[people], minlength=len(parse) + 1) / np.maximum(
            1, np.bincount(figures.ravel(), minlength=len(parse) + 1)
        )
        seen = seen & (theirs >= OWN)[figures]
    return float((seen & people & counted).sum() / max(1, ((seen | people) & counted).sum()))


@pytest.fixture(scope="module")
def seen(quality_data: Path) -> list[tuple[list[Body], Mask, Parse]]:
    """The everyday photos that show people, and what the engine makes of them."""
    parser = create_parser("lite")
    return [
        (bodies, crowds, parser.parse(_read(path)))
        for path, (bodies, crowds) in everyday(quality_data / "coco_mini").items()
    ]


def _read(path: Path) -> NDArray[np.uint8]:
    return np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1])


def test_people_are_cut_out_one_by_one(seen: list[tuple[list[Body], Mask, Parse]]) -> None:
    """All figures against all labelled people, one to one; large people are counted."""
    rows = []  # IoU, people in the photo
    for bodies, _, parse in seen:
        ious, _ = match(bodies, parse.figures)
        large = np.array([body.height >= LARGE for body in bodies], bool)
        rows += [(value, large.sum()) for value in ious[large]]
    ious, company = np.array(rows).T
    print(f"\npeople at least {LARGE} px high: mean IoU   over a half   lost (below {LOST})     n")
    for name, which in (
        ("all", company > 0),
        ("alone", company == 1),
        ("2 or 3", company // 2 == 1),
        ("more", company > 3),
    ):
        found = ious[which]
        print(
            f"{name:>30} {found.mean():9.3f} {(found > 0.5).mean():13.3f} {(found < LOST).mean():18.3f} {len(found):5}"
        )
    assert ious.mean() >= 0.62
    assert (ious > 0.5).mean() >= 0.72
    assert (ious < LOST).mean() <= 0.09


def test_silhouettes_of_everyday_photos(seen: list[tuple[list[Body], Mask, Parse]]) -> None:
    """Photos in which one large person has nearly all the labelled px."""
    ious = []
    for bodies, crowds, parse in seen:
        sizes = [body.mask.sum() for body in bodies]
        if (
            bodies
            and max(body.height for body in bodies) >= LARGE
            and max(sizes) >= DOMINANT * (sum(sizes) + crowds.sum())
        ):
            ious.append(silhouette(parse, np.any([body.mask for body in bodies], 0), crowds))
    print(f"\nsilhouettes, single people: mean {np.mean(ious):.3f}, n = {len(ious)}")
    assert np.mean(ious) >= 0.65


def test_silhouettes_of_street_photos(quality_data: Path) -> None:
    """With what is carried as a part of the person, as no part of them, and left out of the count."""
    folder = quality_data / "ccp"
    carried = [i for i, name in enumerate(label_names(folder)) if name in CARRIED]
    parser = create_parser("lite")
    rows: dict[str, list[float]] = defaultdict(list)
    for _, pixels, labels in photos(folder, "val"):
        parse = parser.parse(pixels)
        people, bags = labels > 0, np.isin(labels, carried)
        for passers_by in (True, False):
            where = "all figures" if passers_by else "without passers-by"
            rows[f"{where}, bags are the person"].append(silhouette(parse, people, passers_by=passers_by))
            rows[f"{where}, bags are not"].append(silhouette(parse, people & ~bags, passers_by=passers_by))
            rows[f"{where}, bags not counted"].append(silhouette(parse, people, bags, passers_by=passers_by))
    means = {name: float(np.mean(values)) for name, values in rows.items()}
    print(f"\nsilhouettes, street, n = {len(rows.popitem()[1])}")
    for name, mean in means.items():
        print(f"{name:>45} {mean:.3f}")
    assert means["all figures, bags are not"] >= 0.85
    assert means["without passers-by, bags are the person"] >= 0.88
    assert means["without passers-by, bags are not"] >= 0.91
