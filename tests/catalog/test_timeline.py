"""The timeline: every photo once, in order, and every file that is not shown told of."""

import itertools
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.catalog import store, timeline
from mien.catalog.blobs import Blobs
from mien.catalog.cache import Catalog
from mien.catalog.store import FileStat
from mien.catalog.timeline import NEWEST, UNDATED, Neighbours, Place
from mien.errors import UnreadablePhoto
from tests.catalog.test_listing import add, at


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog.db", Blobs(tmp_path / "cache"))


def shown(catalog: Catalog, after: Place = NEWEST, limit: int = 60) -> list[str]:
    with catalog.read() as connection:
        return [tile.photo_id[0] for tile in timeline.older(connection, after, limit)]


def test_an_empty_library_shows_nothing(catalog: Catalog) -> None:
    with catalog.read() as connection:
        assert timeline.older(connection) == []
        assert timeline.place_of(connection, "a" * 64) is None
        assert timeline.neighbours(connection, "a" * 64) == Neighbours(None, None)
        assert timeline.problems(connection) == []
        assert timeline.count_problems(connection) == {"photo": 0, "video": 0}
    assert timeline.overview(catalog) == timeline.Overview(0, {})


def test_the_timeline_goes_from_the_newest_to_those_without_a_time(catalog: Catalog) -> None:
    add(catalog, "/none.jpg", "a" * 64, 0)
    add(catalog, "/late.jpg", "b" * 64, 1, at("2020-01-02T12:00:00.5"))
    add(catalog, "/zone.jpg", "c" * 64, 2, at("2020-01-01T13:00:00-09:00"))
    add(catalog, "/date.jpg", "d" * 64, 3, at("2020-01-01", "filename"))
    add(catalog, "/also.jpg", "e" * 64, 0)
    assert shown(catalog) == ["b", "c", "d", "e", "a"]
    with catalog.read() as connection:
        tile = timeline.older(connection)[2]
    assert (tile.width, tile.height, tile.taken_at, tile.figures, tile.offline) == (200, 100, "2020-01-01", 3, False)
    assert (tile.month, tile.place) == ("2020-01", Place("2020-01-01T00:00:00.000000", "d" * 64))


def test_a_photo_is_one_tile_wherever_its_files_are(catalog: Catalog) -> None:
    for path in ("/1.jpg", "/2.jpg"):
        add(catalog, path, "a" * 64, 1, at("2020-01-01T12:00:00"))
    add(catalog, "/name.jpg", "b" * 64, 1, at("2021-01-01T00:00:00", "filename"))
    add(catalog, "/camera.jpg", "b" * 64, 1, at("2019-01-01T00:00:00"))
    add(catalog, "/bare.jpg", "b" * 64, 1)
    assert shown(catalog) == ["a", "b"]
    with catalog.read() as connection:
        assert timeline.older(connection)[1].taken_at == "2019-01-01T00:00:00"
    assert timeline.overview(catalog) == timeline.Overview(2, {"2020-01": 1, "2019-01": 1})
    with catalog.write() as connection:
        store.put_states(connection, {"/1.jpg": "missing", "/2.jpg": "offline", "/camera.jpg": "missing"})
    with catalog.read() as connection:
        tiles = timeline.older(connection)
    assert [(tile.photo_id[0], tile.taken_at, tile.offline) for tile in tiles] == [
        ("b", "2021-01-01T00:00:00", False),
        ("a", "2020-01-01T12:00:00", True),
    ]
    with catalog.write() as connection:
        store.put_states(connection, dict.fromkeys(("/2.jpg", "/name.jpg", "/bare.jpg"), "missing"))
    assert shown(catalog) == []


def test_a_month_begins_with_its_newest_photo(catalog: Catalog) -> None:
    add(catalog, "/1.jpg", "a" * 64, 0, at("2020-02-01T00:00:00"))
    add(catalog, "/2.jpg", "b" * 64, 0, at("2020-01-31T23:59:59.999999"))
    add(catalog, "/3.jpg", "c" * 64, 0, at("2020-01-01"))
    add(catalog, "/4.jpg", "d" * 64, 0)
    assert shown(catalog, Place.before("2020-02")) == ["a", "b", "c", "d"]
    assert shown(catalog, Place.before("2020-01")) == ["b", "c", "d"]
    assert shown(catalog, Place.before("2019-12")) == ["d"]
    assert shown(catalog, Place.before(UNDATED)) == ["d"]


def test_the_overview_follows_the_library(catalog: Catalog) -> None:
    add(catalog, "/1.jpg", "a" * 64, 0, at("2020-02-01T00:00:00"))
    add(catalog, "/2.jpg", "b" * 64, 0)
    assert list(timeline.overview(catalog).months.items()) == [("2020-02", 1), (UNDATED, 1)]
    add(catalog, "/3.jpg", "c" * 64, 0, at("2021-12-01T00:00:00"))
    assert list(timeline.overview(catalog).months.items()) == [("2021-12", 1), ("2020-02", 1), (UNDATED, 1)]


@pytest.mark.parametrize("text", ["", "2020", "no place"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Place.parse(text)


TIMES = st.sampled_from(
    [None, "2020-01-01", "2020-01-01T12:00:00", "2020-01-01T12:00:00.5", "2019-12-31T23:00:00+08:00"]
)
LETTERS = "abcdefghij"


@settings(deadline=None, max_examples=40)  # a library of its own each time
@given(
    there=st.dictionaries(st.sampled_from(LETTERS), st.lists(TIMES, min_size=1, max_size=3)),
    arriving=st.lists(
        st.tuples(st.sampled_from("klmnopqrst"), TIMES), max_size=5, unique_by=lambda arrival: arrival[0]
    ),
    limit=st.integers(1, 4),
)
def test_walking_on_gives_every_photo_once_and_in_order(
    there: dict[str, list[str | None]], arriving: list[tuple[str, str | None]], limit: int
) -> None:
    """Also if photos arrive meanwhile, wherever they belong; those may be met or not."""
    with TemporaryDirectory() as folder:
        catalog = Catalog(Path(folder, "catalog.db"), Blobs(Path(folder, "cache")))
        for photo, times in there.items():
            for copy, taken in enumerate(times):
                add(catalog, f"/{photo}{copy}.jpg", photo * 64, 0, None if taken is None else at(taken))
        whole, met, after, waiting = shown(catalog), [], NEWEST, list(arriving)
        while True:
            with catalog.read() as connection:
                tiles = timeline.older(connection, after, limit)
            if not tiles:
                break
            met += tiles
            after = Place.parse(str(tiles[-1].place))
            if waiting:
                photo, taken = waiting.pop()
                add(catalog, f"/{photo}.jpg", photo * 64, 0, None if taken is None else at(taken))
        catalog.close()
    assert sorted(whole) == sorted(there)
    assert [tile.photo_id[0] for tile in met if tile.photo_id[0] in there] == whole
    assert [tile.place for tile in met] == sorted((tile.place for tile in met), reverse=True)
    assert len({tile.photo_id for tile in met}) == len(met)


def test_walking_back_meets_the_same_photos(catalog: Catalog) -> None:
    for number, photo in enumerate("abcd"):
        add(catalog, f"/{photo}.jpg", photo * 64, 0, at(f"2020-01-0{1 + number // 2}T00:00:00"))
    for photo in "ef":
        add(catalog, f"/{photo}.jpg", photo * 64, 0)
    with catalog.read() as connection:
        everything = timeline.older(connection)
        assert timeline.newer(connection, everything[0].place, 10) == []
        assert timeline.newer(connection, everything[3].place, 2) == everything[1:3]
        assert timeline.newer(connection, everything[-1].place, 10) == everything[:-1]
        assert timeline.newer(connection, Place.before(UNDATED), 1) == [everything[3]]


def test_neighbours_are_those_of_the_timeline(catalog: Catalog) -> None:
    for number, photo in enumerate("abcd"):
        add(catalog, f"/{photo}.jpg", photo * 64, 0, at(f"2020-01-0{1 + number // 2}T00:00:00"))
    for photo in "ef":
        add(catalog, f"/{photo}.jpg", photo * 64, 0)
    order = shown(catalog)
    with catalog.read() as connection:
        found = {photo: timeline.neighbours(connection, photo * 64) for photo in order}
    for newer, older in itertools.pairwise(order):
        assert found[newer].older == older * 64
        assert found[older].newer == newer * 64
    assert found[order[0]].newer is None
    assert found[order[-1]].older is None


def test_no_bad_file_vanishes(catalog: Catalog) -> None:
    add(catalog, "/good.jpg", "a" * 64, 1)
    add(catalog, "/half.jpg", "b" * 64, 0)
    bad = UnreadablePhoto("photo-empty", file="/bad.jpg")
    with catalog.write() as connection:
        store.put_error(connection, "/half.jpg", UnreadablePhoto("photo-empty", file="/half.jpg"), "d")
        for path, kind, error in (
            ("/film.mp4", "video", None),
            ("/text.txt", "other", None),
            ("/bad.jpg", "photo", bad),
            ("/gone.jpg", "photo", bad),
        ):
            store.put_file(connection, FileStat(path, 1, 1, "v", path), kind, "d", error=error)  # type: ignore[arg-type]
        store.put_file(connection, FileStat("/good.mov", 1, 1, "v", "m"), "video", "d", live_photo="/good.jpg")
        store.put_states(connection, {"/gone.jpg": "missing"})
    with catalog.read() as connection:
        problems = timeline.problems(connection)
        assert timeline.count_problems(connection) == {"photo": 2, "video": 1}
    assert [(problem.path, problem.kind) for problem in problems] == [
        ("/bad.jpg", "photo"),
        ("/half.jpg", "photo"),
        ("/film.mp4", "video"),
    ]
    assert problems[0].reason == bad.message("en")
    assert "/film.mp4" in problems[2].reason


def test_pages_are_read_from_an_index(catalog: Catalog) -> None:
    """However deep the page and large the library, no walk over all files."""
    with catalog.read() as connection:
        connection.set_trace_callback((statements := []).append)
        timeline.older(connection, Place.before("2020-01"))
        timeline.neighbours(connection, "a")
        connection.set_trace_callback(None)
        for statement in statements:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
            assert not [step for *_, step in plan if step.startswith("SCAN")], plan


def test_indexes_are_added_to_a_cache_of_an_earlier_time(catalog: Catalog) -> None:
    def indexes() -> set[str]:
        with catalog.read() as connection:
            return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}

    add(catalog, "/a.jpg", "a" * 64, 1, at("2020-01-01T01:00:00"))
    whole = indexes()
    with catalog.write() as connection:
        for name in ("files_by_time", "files_not_understood", "photos_of_figures"):
            connection.execute(f"DROP INDEX {name}")
    assert indexes() < whole
    assert shown(catalog) == ["a"], "it works without, too"
    assert timeline.overview(catalog).photos == 1
    catalog.close()
    assert shown(catalog) == ["a"]
    assert indexes() == whole


def test_a_cache_that_is_being_written_opens_at_once(catalog: Catalog) -> None:
    add(catalog, "/a.jpg", "a" * 64, 1)
    other = sqlite3.connect(catalog.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert Catalog(catalog.file, catalog.blobs).read().__enter__().execute("SELECT 1").fetchone() == (1,)
    finally:
        other.execute("ROLLBACK")
        other.close()
