"""Labelled photos in Mien's terms."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage
from training.labels import BAGS, GARMENTS, IGNORED, SHOES, part_labels
from training.people import load_people
from training.prepare import prepare
from training.scoring import Scores, score

from mien.parsing.parse import BAG, PART_ID, PARTS
from tests.training.figures import BLOCKS, HEIGHT, WIDTH, figure

NAMES = ["null", "skin", "belt", *(n for names in list(GARMENTS.values())[1:] for n in names.split()), *BAGS.split(),
         *SHOES.split()]  # fmt: skip


def source_labels() -> np.ndarray:
    """The figure of blocks as the source labels it: one skin, shoes without sides."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for part, (x0, y0, x1, y1) in BLOCKS.items():
        name = {"upper-clothes": "blouse", "pants": "jeans", "hair": "hair"}.get(part)
        name = name or ("pumps" if "shoe" in part else "skin")
        labels[y0:y1, x0:x1] = NAMES.index(name)
    return labels


@pytest.mark.parametrize(("name", "part"), [
    ("null", 0), ("hat", PART_ID["hat"]), ("cardigan", PART_ID["coat"]), ("romper", PART_ID["dress"]),
    ("leggings", PART_ID["pants"]), ("tights", PART_ID["socks"]), ("purse", BAG), ("belt", IGNORED),
])  # fmt: skip
def test_garments_have_one_name(name: str, part: int) -> None:
    labels = np.full((40, 40), NAMES.index(name), np.uint8)
    assert (part_labels(labels, NAMES, figure().landmarks) == part).all()


def test_skin_and_shoes_are_divided_by_the_pose() -> None:
    parts = part_labels(source_labels(), NAMES, figure().landmarks)
    for part, (x0, y0, x1, y1) in BLOCKS.items():
        inside = parts[y0:y1, x0:x1]
        assert np.mean(inside == PART_ID[part]) > 0.9, part


def test_nothing_labelled_stays_nothing() -> None:
    assert not part_labels(np.zeros((9, 9), np.uint8), NAMES, figure().landmarks).any()


def test_prepare_keeps_people_and_lists_what_it_leaves_out(tmp_path: Path) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    (data / "photos").mkdir(parents=True)
    (data / "labels").mkdir()
    photo = skimage.data.astronaut()
    labels = np.zeros(photo.shape[:2], np.uint8)
    labels[40:200, 160:290] = NAMES.index("skin")
    labels[200:512, 60:420] = NAMES.index("jacket")
    rows = [("one", labels, "train"), ("two", labels, "val"), ("three", labels, "test"), ("none", labels * 0, "val")]
    with (data / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "mask_file", "split"])
        for name, shown, split in rows:
            cv2.imwrite(str(data / "photos" / f"{name}.jpg"), photo[:, :, ::-1])
            cv2.imwrite(str(data / "labels" / f"{name}.png"), shown)
            table.writerow([f"photos/{name}.jpg", f"labels/{name}.png", split])
    (data / "label_list.json").write_text(json.dumps(NAMES), encoding="utf-8")

    assert prepare(data, work) == {"train": 1, "val": 1}
    assert "none.jpg" in (work / "left_out.txt").read_text(encoding="utf-8")
    (person,) = load_people(work / "train")
    assert person.box.tolist() == [60, 40, 420, 512]
    assert PART_ID["face"] in person.labels
    assert (person.labels[300:400, 200:300] == PART_ID["coat"]).all()
    nose = person.landmarks[0]
    assert 190 < nose[0] < 260
    assert 80 < nose[1] < 160


def test_preparing_comes_first(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="training prepare"):
        load_people(tmp_path)


def test_scores_of_nothing_and_of_the_truth() -> None:
    labels = figure(bag=True).labels
    assert Scores.none().pixels == 0
    perfect = score(labels, labels)
    assert perfect.pixels == perfect.person == 1
    assert perfect.merged()["shoe"] == (1.0, 1)
    assert perfect.merged()["hat"] == (0.0, 0)


def test_scores_count_sides_as_one_and_ignore_the_unknown() -> None:
    labels = figure().labels
    swapped = labels.copy()
    for one, other in (("left-shoe", "right-shoe"), ("right-shoe", "left-shoe")):
        swapped[labels == PART_ID[one]] = PART_ID[other]
    assert score(labels, swapped).merged()["shoe"][0] == 1
    unknown = np.where(labels == PART_ID["hair"], np.uint8(IGNORED), labels)
    assert score(unknown, np.where(labels == PART_ID["hair"], np.uint8(0), labels)).pixels == 1
    nobody = score(labels, np.zeros_like(labels))
    assert nobody.person == 0
    assert nobody.merged()["pants"][0] == 0
    assert len(PARTS) == 20


def test_the_mean_is_over_classes_that_enough_photos_show() -> None:
    labels = figure().labels
    rare = labels.copy()
    rare[10:20, 65:95] = PART_ID["hat"]
    total = sum((score(labels, labels) for _ in range(10)), score(rare, labels))
    assert total.merged()["hat"] == (0.0, 1)
    assert total.mean > 0.99
