"""The people of the library: everybody once, and photo by photo."""

from pathlib import Path

import pytest

from mien.catalog import people, store
from mien.catalog.blobs import Blobs
from mien.catalog.cache import Catalog
from tests.catalog.test_listing import add, at, belong


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog.db", Blobs(tmp_path / "cache"))


def changed(catalog: Catalog) -> None:
    """As index runs and groupings say that something is new."""
    with catalog.write() as connection:
        store.bump(connection)
        connection.execute("INSERT INTO meta VALUES ('grouped', 1) ON CONFLICT DO UPDATE SET value = value + 1")


def test_an_empty_library_shows_nobody(catalog: Catalog) -> None:
    with catalog.read() as connection:
        assert people.names(connection) == []
        assert people.person_of(connection, "a-1") is None
        assert people.appearances(connection, "x") == []
        assert people.side_by_side(connection, "x", "y") == 0
    assert people.everybody(catalog) == ()
    assert people.person(catalog, "x") is None


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
    assert [(card.person_id, card.figures, card.photos) for card in people.everybody(catalog)] == [
        ("anna", 2, 1),
        ("away", 0, 0),
        ("large", 3, 3),
        ("small", 1, 1),
    ]
    large, away = people.person(catalog, "large"), people.person(catalog, "away")
    assert large is not None
    assert away is not None
    assert (large.first, large.last) == ("2021-01-01T00:00:00.000000", "2022-01-01T00:00:00.000000")
    assert (large.key_figure, away.key_figure, away.first) == ("c" * 16 + "-1", None, None)


def test_names_stand_in_the_order_of_their_letters(catalog: Catalog) -> None:
    for person, name in (("1", "bob"), ("2", "Anna"), ("3", None), ("4", "Cem"), ("5", "Anna")):
        belong(catalog, person, name)
    with catalog.read() as connection:
        assert people.names(connection) == ["Anna", "bob", "Cem"]


def test_people_of_photos_that_are_gone_are_not_counted(catalog: Catalog) -> None:
    for photo in "ab":
        add(catalog, f"/{photo}.jpg", photo * 64, 1)
    belong(catalog, "x", None, "a" * 16 + "-1", "b" * 16 + "-1")
    with catalog.write() as connection:
        store.put_states(connection, {"/a.jpg": "missing"})
    assert [(card.photos, card.key_figure) for card in people.everybody(catalog)] == [(1, "b" * 16 + "-1")]
    with catalog.write() as connection:
        store.put_states(connection, {"/b.jpg": "missing"})
    changed(catalog)
    assert people.everybody(catalog) == ()


def test_cards_are_made_anew_when_people_are(catalog: Catalog) -> None:
    add(catalog, "/a.jpg", "a" * 64, 2)
    belong(catalog, "x", None, "a" * 16 + "-1")
    assert len(people.everybody(catalog)) == 1
    belong(catalog, "y", "Anna", "a" * 16 + "-2")
    changed(catalog)
    assert [card.person_id for card in people.everybody(catalog)] == ["y", "x"]


def test_a_person_appears_photo_by_photo(catalog: Catalog) -> None:
    for number, photo in enumerate("abc"):
        add(catalog, f"/{photo}.jpg", photo * 64, 3, at(f"202{number}-01-01T00:00:00"))
    belong(catalog, "x", "Anna", "a" * 16 + "-1", "b" * 16 + "-2", "b" * 16 + "-1", "c" * 16 + "-3")
    belong(catalog, "y", None, "b" * 16 + "-3", "a" * 16 + "-2")
    with catalog.write() as connection:
        store.put_states(connection, {"/c.jpg": "missing"})
    with catalog.read() as connection:
        everything = people.appearances(connection, "x")
        assert [[seen.figure_id[-1] for seen in shown.seen] for shown in everything] == [["1", "2"], ["1"]]
        assert (everything[0].tile.photo_id, everything[0].tile.figures) == ("b" * 64, 3)
        assert everything[0].seen[1].box == (0.25, 0, 0.45, 0.5)
        assert [seen.face for seen in everything[0].seen] == [None, (0.25, 0, 0.35, 0.1)]
        assert (everything[0].seen[0].source, everything[0].seen[0].confidence) == ("inferred", 0.7654321)
        first = people.appearances(connection, "x", limit=1)
        assert first + people.appearances(connection, "x", first[-1].tile.place, limit=1) == everything
        assert people.appearances(connection, "x", everything[-1].tile.place) == []
        assert people.side_by_side(connection, "x", "y") == 2
        assert people.person_of(connection, "b" * 16 + "-3") == "y"
