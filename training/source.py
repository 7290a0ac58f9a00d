"""Clothing Co-Parsing as it lies in a folder: photos/, labels/, labels.csv, label_list.json."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def label_names(data: Path) -> list[str]:
    """The name of each label, by its number."""
    return list(json.loads((data / "label_list.json").read_text(encoding="utf-8")))


def rows(data: Path, split: str) -> list[dict[str, str]]:
    """The rows of labels.csv that belong to a split."""
    with (data / "labels.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["split"] == split]


def photos(data: Path, split: str) -> Iterator[tuple[str, NDArray[np.uint8], NDArray[np.uint8]]]:
    """File, RGB px (h, w, 3) and label numbers (h, w) of each photo of a split."""
    for row in rows(data, split):
        labels = cv2.imread(str(data / row["mask_file"]), cv2.IMREAD_UNCHANGED)
        yield row["file"], np.ascontiguousarray(cv2.imread(str(data / row["file"]))[:, :, ::-1]), labels
