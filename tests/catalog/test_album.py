"""What the library shows to the eye: every photo once, in order, and everybody in it."""

import itertools
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.catalog import album, store
from mien.catalog.album import NEWEST, UNDATED, Neighbours, Place
from mien.catalog.blobs import Blobs
from mien.catalog.cache import Catalog
from mien.catalog.store import FileStat
from mien.errors import UnreadablePhoto
from tests.catalog.test_listing import add, at, belong


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog.db", Blobs(tmp_path / "cache"))


def changed(catalog: Catalog) -> None:
    """As index runs and groupings say that something is new."""
    with catalog.write() as connection:
        store.bump(connection)
        connection.execute("INSERT INTO meta VALUES ('grouped', 1) ON CONFLICT DO UPDATE SET value = value + 1")


def shown(catalog: Catalog, after: Place = NEWEST, limit: int = 60) -> list[str]:
    with catalog.read() as connection:
        return [tile.photo_id[0] for tile in album.timeline(connection, after, limit)]


def test_an_empty_library_shows_nothing(catalog: Catalog) -> None:
    with catalog.read() as connection:
        assert album.timeline(connection) == []
        assert album.place_of(connection, "a" * 64) is None
        assert album.neighbours(connection, "a" * 64) == Neighbours(None, None)
        assert album.problems(connection) == []
        assert album.count_problems(connection) == {"photo": 0, "video": 0}
        assert album.person_of(connection, "a-1") is None
        assert album.appearances(connection, "x") == []
        assert album.side_by_side(connection, "x", "y") == 0
    assert album.overview(catalog) == album.Overview(0, {})
    assert album.people(catalog) == ()
    assert album.person(catalog, "x") is None


def test_the_timeline_goes_from_the_newest_to_those_without_a_time(catalog: Catalog) -> None:
    add(catalog, "/none.jpg", "a" * 64, 0)
    add(catalog, "/late.jpg", "b" * 64, 1, at("2020-01-02T12:00:00.5"))
    add(catalog, "/zone.jpg", "c" * 64, 2, at("2020-01-01T13:00:00-09:00"))
    add(catalog, "/date.jpg", "d" * 64, 3, at("2020-01-01", "filename"))
    add(catalog, "/also.jpg", "e" * 64, 0)
    assert shown(catalog) == ["b", "c", "d", "e", "a"]
    with catalog.read() as connection:
        tile = album.timeline(connection)[2]
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
        assert album.timeline(connection)[1].taken_at == "2019-01-01T00:00:00"
    assert album.overview(catalog) == album.Overview(2, {"2020-01": 1, "2019-01": 1})
    with catalog.write() as connection:
        store.put_states(connection, {"/1.jpg": "missing", "/2.jpg": "offline", "/camera.jpg": "missing"})
    with catalog.read() as connection:
        tiles = album.timeline(connection)
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
    assert list(album.overview(catalog).months.items()) == [("2020-02", 1), (UNDATED, 1)]
    add(catalog, "/3.jpg", "c" * 64, 0, at("2021-12-01T00:00:00"))
    assert list(album.overview(catalog).months.items()) == [("2021-12", 1), ("2020-02", 1), (UNDATED, 1)]


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
                tiles = album.timeline(connection, after, limit)
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
        everything = album.timeline(connection)
        assert album.newer(connection, everything[0].place, 10) == []
        assert album.newer(connection, everything[3].place, 2) == everything[1:3]
        assert album.newer(connection, everything[-1].place, 10) == everything[:-1]
        assert album.newer(connection, Place.before(UNDATED), 1) == [everything[3]]


def test_neighbours_are_those_of_the_timeline(catalog: Catalog) -> None:
    for number, photo in enumerate("abcd"):
        add(catalog, f"/{photo}.jpg", photo * 64, 0, at(f"2020-01-0{1 + number // 2}T00:00:00"))
    for photo in "ef":
        add(catalog, f"/{photo}.jpg", photo * 64, 0)
    order = shown(catalog)
    with catalog.read() as connection:
        found = {photo: album.neighbours(connection, photo * 64) for photo in order}
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
        problems = album.problems(connection)
        assert album.count_problems(connection) == {"photo": 2, "video": 1}
    assert [(problem.path, problem.kind) for problem in problems] == [
        ("/bad.jpg", "photo"),
        ("/half.jpg", "photo"),
        ("/film.mp4", "video"),
    ]
    assert problems[0].reason == bad.message("en")
    assert "/film.mp4" in problems[2].reason


def test_named_people_come_first_then_those_seen_most(catalog: Catalog) -> None:
    for number, photo in enumerate("abc"):
        add(catalog, f"/{photo}.jpg", photo * 64, 3, at(f"202{number}-01-01T00:00:00"))
    add(catalog, "/undated.jpg", "d" * 64, 1)
    belong(catalog, "small", None, "a" * 16 + "-1")
    belong(catalog, "large", None, "b" * 16 + "-1", "c" * 16 + "-1", "d" * 16 + "-1")
    belong(catalog, "anna", "Anna", "b" * 16 + "-2", "b" * 16 + "-3")
    belong(catalog, "away", "Zoe")
    belong(catalog, "nobody", None)
    with catalog.write() as connection:
        connection.execute("UPDATE membership SET key_rank = 0 WHERE figure_id = ?", ("c" * 16 + "-1",))
        connection.execute("UPDATE membership SET key_rank = 1 WHERE figure_id = ?", ("b" * 16 + "-1",))
    assert [(card.person_id, card.figures, card.photos) for card in album.people(catalog)] == [
        ("anna", 2, 1),
        ("away", 0, 0),
        ("large", 3, 3),
        ("small", 1, 1),
    ]
    large, away = album.person(catalog, "large"), album.person(catalog, "away")
    assert large is not None
    assert away is not None
    assert (large.first, large.last) == ("2021-01-01T00:00:00.000000", "2022-01-01T00:00:00.000000")
    assert (large.key_figure, away.key_figure, away.first) == ("c" * 16 + "-1", None, None)


def test_people_of_photos_that_are_gone_are_not_counted(catalog: Catalog) -> None:
    for photo in "ab":
        add(catalog, f"/{photo}.jpg", photo * 64, 1)
    belong(catalog, "x", None, "a" * 16 + "-1", "b" * 16 + "-1")
    with catalog.write() as connection:
        store.put_states(connection, {"/a.jpg": "missing"})
    assert [(card.photos, card.key_figure) for card in album.people(catalog)] == [(1, "b" * 16 + "-1")]
    with catalog.write() as connection:
        store.put_states(connection, {"/b.jpg": "missing"})
    changed(catalog)
    assert album.people(catalog) == ()


def test_cards_are_made_anew_when_people_are(catalog: Catalog) -> None:
    add(catalog, "/a.jpg", "a" * 64, 2)
    belong(catalog, "x", None, "a" * 16 + "-1")
    assert len(album.people(catalog)) == 1
    belong(catalog, "y", "Anna", "a" * 16 + "-2")
    changed(catalog)
    assert [card.person_id for card in album.people(catalog)] == ["y", "x"]


def test_a_person_appears_photo_by_photo(catalog: Catalog) -> None:
    for number, photo in enumerate("abc"):
        add(catalog, f"/{photo}.jpg", photo * 64, 3, at(f"202{number}-01-01T00:00:00"))
    belong(catalog, "x", "Anna", "a" * 16 + "-1", "b" * 16 + "-2", "b" * 16 + "-1", "c" * 16 + "-3")
    belong(catalog, "y", None, "b" * 16 + "-3", "a" * 16 + "-2")
    with catalog.write() as connection:
        store.put_states(connection, {"/c.jpg": "missing"})
    with catalog.read() as connection:
        everything = album.appearances(connection, "x")
        assert [[seen.figure_id[-1] for seen in shown.seen] for shown in everything] == [["1", "2"], ["1"]]
        assert (everything[0].tile.photo_id, everything[0].tile.figures) == ("b" * 64, 3)
        assert everything[0].seen[1].box == (0.25, 0, 0.45, 0.5)
        assert [seen.face for seen in everything[0].seen] == [None, (0.25, 0, 0.35, 0.1)]
        assert (everything[0].seen[0].source, everything[0].seen[0].confidence) == ("inferred", 0.7654321)
        first = album.appearances(connection, "x", limit=1)
        assert first + album.appearances(connection, "x", first[-1].tile.place, limit=1) == everything
        assert album.appearances(connection, "x", everything[-1].tile.place) == []
        assert album.side_by_side(connection, "x", "y") == 2
        assert album.person_of(connection, "b" * 16 + "-3") == "y"


def test_pages_are_read_from_an_index(catalog: Catalog) -> None:
    """However deep the page and large the library, no walk over all files."""
    with catalog.read() as connection:
        connection.set_trace_callback((statements := []).append)
        album.timeline(connection, Place.before("2020-01"))
        album.neighbours(connection, "a")
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
    assert album.overview(catalog).photos == 1
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
