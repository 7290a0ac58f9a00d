"""How good the answers to questions about clothes are, on photos of which it was told by eye what they answer.

`pytest -m quality -s tests/quality/test_search.py` prints the tables of docs/search.md (some ten minutes).
"""

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.faces.finder import FaceFinder
from mien.parsing.lite.engine import LiteParser
from mien.photo.reading import read_photo
from mien.search import cells
from mien.search.answering import CUT_OFF
from mien.search.columns import Columns, FigureSeen, PhotoSeen
from mien.search.conditions import Album
from mien.search.matching import matches
from mien.search.understanding import understand
from mien.traits.describe import describe
from mien.traits.traits import to_json

pytestmark = pytest.mark.quality

ALBUMS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("answers.toml").read_text(encoding="utf-8"))
TODAY = date(2026, 1, 1)
EDGES = (0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 1.01)
DRESSED = {f"{colour} {worn}" for colour in ("red", "blue", "black") for worn in ("dress", "shirt", "jeans")}


@dataclass
class Counts:
    """Of photos that were found: how many answer, do not, perhaps do, show nobody; and how many were missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    perhaps: int = 0
    unworn: int = 0

    def add(self, found: set[int], row: Mapping[str, Any], unworn: set[int], among: set[int]) -> None:
        yes, perhaps = set(row["yes"]) & among, set(row["perhaps"])
        found = found & among
        self.right += len(found & yes)
        self.wrong += len(found - yes - perhaps)
        self.missed += len(yes - found)
        self.perhaps += len(found & perhaps)
        self.unworn += len(found & unworn)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)

    @property
    def strict_f1(self) -> float:
        """With all that perhaps answers counted as wrong."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.perhaps + self.missed)

    def __str__(self) -> str:
        n = self.right + self.missed
        precision, recall = self.right / max(1, self.right + self.wrong), self.right / max(1, n)
        strictly = f"{self.perhaps} | {self.strict_f1:.2f} | {self.unworn}"
        return f"{n} | {precision:.2f} | {recall:.2f} | {self.f1:.2f} | {strictly}"


def reported(number: int) -> bool:
    """Whether a photo is of the half on which figures are reported; constants were chosen on the other."""
    return sha256(f"{number}.jpg".encode()).digest()[0] % 2 == 1


def files(data: Path, name: str) -> Iterator[Path]:
    album = ALBUMS[name]
    folder = data / album["folder"]
    with (folder.parent / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row.get("split") != album.get("split"):
                continue
            if "label" not in album or album["label"] in row["labels"].split("|"):
                yield folder.parent / row["file"]


def seen(paths: Iterator[Path]) -> Iterator[tuple[PhotoSeen, Sequence[FigureSeen]]]:
    """Photos as they come into a library."""
    parser, finder = LiteParser(), FaceFinder()
    for path in paths:
        photo = read_photo(path)
        parse = parser.parse(photo.pixels)
        height, width = photo.pixels.shape[:2]
        inside = []
        for k, traits in enumerate(describe(photo, parse, finder.find(photo, parse))):
            x0, y0, x1, y1 = map(float, parse.boxes[k])
            inside.append(FigureSeen(k + 1, (x0, y0, x1, y1), to_json(traits)))
        yield PhotoSeen(f"{int(path.stem):064}", width / height), inside


def scores(album: Album, text: str) -> dict[int, float]:
    """How likely each photo answers."""
    found = matches(album, understand(text, (), TODAY), nowhere)
    photos = [int(album.columns.photo_id(photo)) for photo in found.photos.tolist()]
    return dict(zip(photos, np.round(found.chance, 2).tolist(), strict=True))


def nowhere(*_: object) -> np.ndarray:
    raise AssertionError("nobody asked where")


@pytest.fixture(scope="module")
def albums(quality_data: Path) -> dict[str, Album]:
    table = cells.memberships()
    return {name: Album(Columns.of(seen(files(quality_data, name))), table) for name in ALBUMS}


def test_questions_about_clothes(albums: dict[str, Album]) -> None:
    """Both languages find the same; what is found is mostly right, and worn by somebody."""
    halves: tuple[dict[str, Counts], dict[str, Counts]] = {}, {}
    told: list[tuple[float, bool]] = []
    for name, album in albums.items():
        photos = {int(photo_id) for photo_id in album.columns.photo_ids}
        for row in ALBUMS[name]["questions"]:
            found = scores(album, row["en"])
            assert found == scores(album, row["zh"])
            answers = {photo for photo, score in found.items() if score >= CUT_OFF}
            for half in (0, 1):
                among = {photo for photo in photos if reported(photo) == bool(half)}
                counts = halves[half].setdefault(row["en"], Counts())
                counts.add(answers, row, set(ALBUMS[name]["unworn"]), among)
            told += [
                (score, photo in row["yes"])
                for photo, score in found.items()
                if reported(photo) and photo not in row["perhaps"]
            ]
    print(
        "\n| question | n | precision | recall | F1 | perhaps | F1, those wrong | unworn | F1, other half |\n|"
        + "---|" * 9
    )
    for question, counts in halves[1].items():
        print(f"| {question} | {counts} | {halves[0][question].f1:.2f} |")
    asked = [counts.f1 for question, counts in halves[1].items() if question in DRESSED]
    everything = [counts.f1 for counts in halves[1].values()]
    print(f"mean F1: {np.mean(asked):.3f} of {len(asked)} colours of garments, {np.mean(everything):.3f} of all")
    _print_calibration(np.array(told))
    assert np.mean(asked) >= 0.75
    assert np.mean(everything) >= 0.65
    assert sum(counts.unworn for half in halves for counts in half.values()) <= 3


def _print_calibration(told: np.ndarray) -> None:
    print("| score | n | mean | right |\n|---|---|---|---|")
    for low, high in pairwise(EDGES):
        inside = told[(told[:, 0] >= low) & (told[:, 0] < high)]
        if len(inside):
            said, right = inside.mean(axis=0)
            print(f"| {low:.2f}–{min(high, 1):.2f} | {len(inside)} | {said:.2f} | {right:.2f} |")
