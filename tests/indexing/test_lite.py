"""The true chain, from a folder of photos to people, in worker processes."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from mien.catalog import listing
from mien.catalog.library import Library
from mien.indexing.indexer import index
from mien.indexing.progress import Progress


@pytest.fixture
def astronauts(tmp_path: Path, astronaut: NDArray[np.uint8]) -> Path:
    """One woman, four ways, and a picture of nobody."""
    folder = tmp_path / "astronauts"
    folder.mkdir()
    photo = Image.fromarray(astronaut)
    photo.save(folder / "IMG_20200501_120000.jpg", quality=92)
    photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "mirrored.png")
    photo.crop((20, 0, 480, 420)).save(folder / "cropped.webp")
    ImageEnhance.Brightness(photo).enhance(0.8).resize((400, 400)).save(folder / "darker.jpg", quality=70)
    Image.fromarray(np.tile(np.linspace(60, 200, 400, dtype=np.uint8)[None, :, None], (300, 1, 3))).save(
        folder / "nobody.png"
    )
    return folder


def test_one_woman_in_four_photos_is_one_person(tmp_path: Path, astronauts: Path) -> None:
    reports: list[Progress] = []
    with Library.open(tmp_path / "library") as library:
        summary = index(library, [astronauts], jobs=1, report=reports.append)
        assert (summary.files, summary.photos, summary.errors) == (5, 5, ())
        figures = listing.figures(library.catalog)
        assert {Path(row.photo).stem for row in figures if row.face} == {
            "IMG_20200501_120000", "mirrored", "cropped", "darker",
        }  # fmt: skip
        person = listing.people(library.catalog)[0]
        assert (person.photos, person.first) == (4, "2020-05-01T12:00:00")
        full = next(row for row in figures if Path(row.photo).stem == "mirrored")
        assert full.face is not None
        x0, y0, x1, y1 = full.face.box
        assert x0 < 512 - 225 < x1, "her face, mirrored"
        assert y0 < 120 < y1
        assert full.traits["height_ratio"] > 0.7
        assert library.blobs.read("thumbnails", full.photo_id)
        assert index(library, [astronauts], jobs=1).read == 0
    assert [report.phase for report in (reports[0], reports[-1])] == ["scan", "done"]
    assert reports[-1].done == 5
