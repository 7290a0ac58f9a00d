"""Labelled photos of clothes, and what is told of who wears them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.wearing import only

from mien.faces.finder import FaceFinder
from mien.parsing.engines import create_parser
from mien.parsing.parse import Parse
from mien.photo.photo import Photo
from mien.photo.reading import read_photo
from mien.traits.describe import describe
from mien.traits.traits import Traits


@dataclass(frozen=True)
class Dressed:
    """A labelled photo and its main figure."""

    row: dict[str, str]
    photo: Photo
    parse: Parse
    traits: Traits


def look(folder: Path, split: str | None = None) -> Iterator[Dressed]:
    """The labelled photos in which a figure is found, with their largest figure alone."""
    parser, finder = create_parser("lite"), FaceFinder()
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if split and row["split"] != split:
                continue
            photo = read_photo(folder / row["file"])
            parse = parser.parse(photo.pixels)
            if len(parse):
                largest = int(parse.areas[:, 1:].sum(axis=1).argmax())
                face, parse = finder.find(photo, parse)[largest], only(parse, largest)
                yield Dressed(row, photo, parse, describe(photo, parse, [face])[0])
