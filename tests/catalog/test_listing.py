"""What the library tells of itself, row by row."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from mien.catalog import listing, store
from mien.catalog.blobs import Blobs
from mien.catalog.cache import Catalog
from mien.catalog.derived import DerivedFigure, DerivedPhoto, Fingerprints, face_from_bytes, face_to_bytes
from mien.catalog.store import FileStat
from mien.errors import UnreadablePhoto
from mien.faces.face import Face, FaceQuality
from mien.people.anchors import GRID, Anchor
from mien.photo.photo import CaptureTime, Metadata, Place

PRINTS = Fingerprints("d", "r", "p", "f", "t", "fake")
MASK = bytes(GRID * GRID // 8)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog.db", Blobs(tmp_path / "cache"))


def face(vector: float = 0.0) -> Face:
    return Face(
        box=np.array([0.1, 0.1, 0.2, 0.2], np.float32),
        score=0.123456789,
        landmarks=np.random.default_rng(0).random((468, 2), np.float32),
        eyes=np.ones((2, 4), np.float32),
        ears=np.full((2, 4), np.nan, np.float32),
        quality=FaceQuality(1.1, 0.2, 3.3, 4.4, 5.5, 0.6),
        vector=np.full(128, vector, np.float32),
    )


def add(catalog: Catalog, path: str, photo_id: str, figures: int, taken: CaptureTime | None = None) -> None:
    """A file with a photo of some figures, 200×100 px."""
    metadata = Metadata("JPEG", 200, 100, taken=taken, place=Place(1, 2))
    derived = tuple(
        DerivedFigure(
            Anchor(photo_id, (i / 4, 0, i / 4 + 0.2, 0.5), MASK, (i / 4, 0, i / 4 + 0.1, 0.1) if i else None),
            0.9,
            face() if i else None,
            {"height_ratio": 0.5, "aspect_ratio": 0.4},
            None,
            None,
        )
        for i in range(figures)
    )
    with catalog.write() as connection:
        store.put_photo(connection, DerivedPhoto(photo_id, metadata, "0" * 16, figures=derived), "e", PRINTS)
        store.put_file(connection, FileStat(path, 1, 1, "v", path), "photo", "r", photo_id=photo_id, metadata=metadata)


def belong(catalog: Catalog, person_id: str, name: str | None, *figures: str) -> None:
    with catalog.write() as connection:
        connection.execute("INSERT INTO people VALUES (?, ?)", (person_id, name))
        connection.executemany(
            "INSERT INTO membership VALUES (?, ?, 'inferred', 0.7654321, NULL)",
            [(figure, person_id) for figure in figures],
        )


def at(text: str, source: str = "exif") -> CaptureTime:
    return CaptureTime(datetime.fromisoformat(text), source, date_only=len(text) == 10)  # type: ignore[arg-type]


def test_an_empty_library_has_no_rows(catalog: Catalog) -> None:
    assert listing.photos(catalog) == []
    assert listing.figures(catalog) == []
    assert listing.people(catalog) == []
    with catalog.read() as connection:
        assert set(listing.count(connection).values()) == {0}


def test_a_row_says_what_the_contract_says(catalog: Catalog) -> None:
    add(catalog, "/a.jpg", "p" * 64, 2, at("2020-01-01T12:00:00+08:00"))
    belong(catalog, "x", "安娜", "p" * 16 + "-2")
    (photo,) = listing.photos(catalog)
    assert asdict(photo) == {
        "photo": "/a.jpg", "photo_id": "p" * 64, "width": 200, "height": 100,
        "taken_at": "2020-01-01T12:00:00+08:00", "taken_source": "exif", "figures": 2, "error": None, "offline": False,
    }  # fmt: skip
    first, second = listing.figures(catalog)
    assert first.face is None
    assert (first.person_id, first.person_source, first.person_confidence) == (None, None, None)
    assert asdict(second) == {
        "photo": "/a.jpg", "photo_id": "p" * 64, "figure_id": "p" * 16 + "-2", "box": (50.0, 0.0, 90.0, 50.0),
        "score": 0.9, "person_id": "x", "person_name": "安娜",
        "person_source": "inferred", "person_confidence": 0.7654,
        "face": {"box": (50.0, 0.0, 70.0, 10.0), "score": 0.1235},
        "traits": {"height_ratio": 0.5, "aspect_ratio": 0.4},
    }  # fmt: skip
    (person,) = listing.people(catalog)
    assert asdict(person) == {
        "person_id": "x", "name": "安娜", "figures": 1, "photos": 1,
        "first": "2020-01-01T12:00:00+08:00", "last": "2020-01-01T12:00:00+08:00",
        "hidden": False, "contact": False, "born": None,
    }  # fmt: skip
    json.dumps([asdict(photo), asdict(second), asdict(person)])


def test_rows_come_by_the_clock_on_the_wall_and_the_timeless_last(catalog: Catalog) -> None:
    add(catalog, "/none.jpg", "a" * 64, 0)
    add(catalog, "/late.jpg", "b" * 64, 1, at("2020-01-01T12:00:00.5"))
    add(catalog, "/zone.jpg", "c" * 64, 1, at("2020-01-01T11:00:00-09:00"))
    add(catalog, "/date.jpg", "d" * 64, 1, at("2020-01-01", "filename"))
    add(catalog, "/also.jpg", "e" * 64, 1)
    expected = ["/date.jpg", "/zone.jpg", "/late.jpg", "/also.jpg", "/none.jpg"]
    assert [row.photo for row in listing.photos(catalog)] == expected
    assert [row.photo for row in listing.figures(catalog)] == expected[:-1]
    assert listing.photos(catalog)[0].taken_at == "2020-01-01"


def test_figures_of_one_person_or_photo(catalog: Catalog) -> None:
    add(catalog, "/a.jpg", "a" * 64, 2)
    add(catalog, "/b.jpg", "b" * 64, 1)
    belong(catalog, "x", None, "a" * 16 + "-1", "b" * 16 + "-1")
    assert len(listing.figures(catalog, person_id="x")) == 2
    assert len(listing.figures(catalog, photo_id="a" * 64)) == 2
    assert len(listing.figures(catalog, person_id="x", photo_id="a" * 64)) == 1
    assert listing.figures(catalog, person_id="nobody") == []


def test_a_photo_with_several_files_has_the_time_that_a_camera_wrote(catalog: Catalog) -> None:
    add(catalog, "/1.jpg", "a" * 64, 1, at("2019-01-01T00:00:00", "filename"))
    add(catalog, "/2.jpg", "a" * 64, 1, at("2020-01-01T00:00:00"))
    add(catalog, "/3.jpg", "a" * 64, 1)
    belong(catalog, "x", None, "a" * 16 + "-1")
    (person,) = listing.people(catalog)
    assert (person.figures, person.photos, person.first) == (1, 1, "2020-01-01T00:00:00")


def test_people_with_most_figures_come_first(catalog: Catalog) -> None:
    for number, photo in enumerate("abc"):
        add(catalog, f"/{photo}.jpg", photo * 64, 2, at(f"202{number}-01-01T00:00:00"))
    belong(catalog, "small", None, "a" * 16 + "-1")
    belong(catalog, "large", None, "b" * 16 + "-1", "c" * 16 + "-1")
    belong(catalog, "named", "Anna")
    belong(catalog, "nobody", None)
    rows = listing.people(catalog)
    assert [(row.person_id, row.figures) for row in rows] == [("large", 2), ("small", 1), ("named", 0)]
    assert [(row.first, row.last) for row in rows] == [
        ("2021-01-01T00:00:00", "2022-01-01T00:00:00"),
        ("2020-01-01T00:00:00", "2020-01-01T00:00:00"),
        (None, None),
    ]


def test_states_and_errors(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    add(catalog, "/away.jpg", "a" * 64, 1)
    add(catalog, "/gone.jpg", "b" * 64, 1)
    with catalog.write() as connection:
        store.put_states(connection, {"/away.jpg": "offline", "/gone.jpg": "missing"})
        store.put_file(connection, FileStat("/text.txt", 1, 1, "v", "1"), "other", "r")
        store.put_file(connection, FileStat("/film.mp4", 1, 1, "v", "1"), "video", "r")
        store.put_file(connection, FileStat("/half.mov", 1, 1, "v", "1"), "video", "r", live_photo="/away.jpg")
        bad = UnreadablePhoto("photo-empty", file="/bad.jpg")
        store.put_file(connection, FileStat("/bad.jpg", 1, 1, "v", "1"), "photo", "d", error=bad)
    listed = {row.photo: row for row in listing.photos(catalog)}
    assert list(listed) == ["/away.jpg", "/bad.jpg", "/film.mp4"]
    assert listed["/away.jpg"].offline
    assert listed["/bad.jpg"].error == bad.message("en")
    assert "/film.mp4" in (listed["/film.mp4"].error or "")
    assert [row.photo for row in listing.figures(catalog)] == ["/away.jpg"]
    monkeypatch.setenv("MIEN_LANG", "zh")
    assert {row.photo: row for row in listing.photos(catalog)}["/bad.jpg"].error == bad.message("zh")


def test_a_face_comes_back_as_it_was() -> None:
    before = face(0.5)
    after = face_from_bytes(face_to_bytes(before))
    assert (after.score, after.quality) == (before.score, before.quality)
    for name in ("box", "landmarks", "eyes", "ears", "vector"):
        array = getattr(after, name)
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, getattr(before, name))
