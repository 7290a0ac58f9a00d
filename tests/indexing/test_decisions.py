"""No decision is ever lost: not to a deleted cache, another engine, an edit, a move or an unplugged drive."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mien.catalog import listing
from mien.catalog.library import Library
from mien.indexing.deciding import name, undo
from mien.indexing.regroup import METHODS, Method, is_current, regroup
from mien.people.history import last_decision
from tests.indexing import fake
from tests.indexing.conftest import Index


def people(library: Library) -> dict[str | None, int]:
    """Name → figures."""
    return {row.name: row.figures for row in listing.people(library.catalog)}


@pytest.fixture
def named(library: Library, run: Index, album: Path) -> Library:
    """A library in which Anna (four figures) and Bob (three) have their names and Cem (one) has none."""
    run(album)
    anna, bob, _ = listing.people(library.catalog)
    name(library, anna.person_id, "Anna")
    name(library, bob.person_id, "小波")
    assert people(library) == {"Anna": 4, "小波": 3, None: 1}
    return library


def everything(library: Library) -> list[tuple[Any, ...]]:
    return [
        (row.photo, row.figure_id, row.person_id, row.person_name, row.box) for row in listing.figures(library.catalog)
    ]


def test_a_deleted_cache_is_rebuilt_with_its_names(named: Library, run: Index, album: Path) -> None:
    before = everything(named)
    named.catalog.close()
    for leftover in named.folder.glob("catalog.db*"):
        leftover.unlink()
    shutil.rmtree(named.blobs.folder)
    assert everything(named) == []
    run(album)
    assert everything(named) == before


def test_a_damaged_cache_is_rebuilt_with_its_names(named: Library, run: Index, album: Path) -> None:
    before = everything(named)
    named.catalog.close()
    file = named.folder / "catalog.db"
    file.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 100)
    run(album)
    assert everything(named) == before


def test_another_engine_changes_no_name(named: Library, run: Index, album: Path) -> None:
    before = {(row[1], row[3]) for row in everything(named)}
    run(album, engine="fake-2")
    assert {(row[1], row[3]) for row in everything(named)} == before


def test_whom_an_engine_does_not_see_stays_where_a_human_saw_them(named: Library, run: Index, album: Path) -> None:
    before = [row for row in everything(named) if row[3] == "小波"]
    run(album, engine="fake-blind")
    drawn = [row for row in everything(named) if row[3] == "小波"]
    assert [(row[0], row[2]) for row in drawn] == [(row[0], row[2]) for row in before]
    assert np.allclose([row[4] for row in drawn], [row[4] for row in before], atol=0.1)
    regroup(named)
    assert [row for row in everything(named) if row[3] == "小波"] == drawn, "grouping again draws nothing anew"
    run(album)
    again = [row for row in everything(named) if row[3] == "小波"]
    assert [row[:2] for row in again] == [row[:2] for row in drawn], "the figure that is seen again is the drawn one"


def test_a_drawn_figure_goes_with_its_decision(named: Library, run: Index, album: Path) -> None:
    run(album, engine="fake-blind")
    undo(named)
    assert people(named) == {"Anna": 4, None: 1}


def test_undo_and_redo(named: Library) -> None:
    before = everything(named)
    undo(named)
    assert people(named) == {"Anna": 4, None: 1}
    assert len(listing.people(named.catalog)) == 3
    named.journal.append("undo", {"of": named.journal.entries()[-1].id})
    regroup(named)
    assert everything(named) == before


def test_an_edited_photo_inherits_what_was_said_of_it(library: Library, run: Index, tmp_path: Path) -> None:
    photo = fake.photo_of(tmp_path / "album" / "only.png", {"anna": 10, "bob": 90})
    run(tmp_path / "album")
    name(library, listing.figures(library.catalog)[0].person_id or "", "Anna")
    before = listing.photos(library.catalog)[0].photo_id
    brighten(photo, 6)
    run(tmp_path / "album")
    assert listing.photos(library.catalog)[0].photo_id != before
    assert people(library) == {"Anna": 1, None: 1}


def brighten(photo: Path, by: int) -> None:
    """Edit a photo so that it still looks much the same."""
    pixels = np.asarray(Image.open(photo)).astype(int)
    Image.fromarray(np.clip(pixels + by, 0, 255).astype(np.uint8)).save(photo)


@pytest.mark.parametrize(
    "steps", ["move edit", "edit move", "edit edit move", "edit forget move", "forget edit move edit"]
)
def test_what_was_said_follows_a_photo_through_edits_and_moves(
    library: Library, run: Index, tmp_path: Path, steps: str
) -> None:
    """Every step is seen by a run of its own; "forget" deletes the cache in between."""
    photo = fake.photo_of(tmp_path / "album" / "only.png", {"anna": 10, "bob": 90})
    run(tmp_path / "album")
    name(library, listing.figures(library.catalog)[0].person_id or "", "Anna")
    for number, step in enumerate(steps.split()):
        if step == "move":
            photo = photo.rename(photo.with_name(f"moved {number}.png"))
        elif step == "edit":
            brighten(photo, 6)
        else:
            library.catalog.close()
            (library.folder / "catalog.db").unlink()
            continue
        run(tmp_path / "album")
        assert people(library) == {"Anna": 1, None: 1}, f"after step {number}"


def test_an_edit_taken_back_is_the_photo_that_it_was(library: Library, run: Index, tmp_path: Path) -> None:
    photo = fake.photo_of(tmp_path / "album" / "only.png", {"anna": 10, "bob": 90})
    original = photo.read_bytes()
    run(tmp_path / "album")
    name(library, listing.figures(library.catalog)[0].person_id or "", "Anna")
    before = everything(library)
    brighten(photo, 6)
    run(tmp_path / "album")
    photo.write_bytes(original)
    run(tmp_path / "album")
    assert everything(library) == before


def test_another_picture_under_an_old_name_inherits_nothing(library: Library, run: Index, tmp_path: Path) -> None:
    fake.photo_of(tmp_path / "album" / "only.png", {"anna": 10, "bob": 90})
    run(tmp_path / "album")
    name(library, listing.figures(library.catalog)[0].person_id or "", "Anna")
    fake.photo_of(tmp_path / "album" / "only.png", {"cem": 40, "dana": 115}, shade=200)
    assert run(tmp_path / "album").waiting == 1
    assert people(library) == {"Anna": 0, None: 1}


def test_a_named_person_outlives_the_photos(named: Library, run: Index, album: Path) -> None:
    for photo in album.glob("[0134].png"):
        photo.unlink()
    run(album)
    assert people(named) == {"Anna": 0, "小波": 0}
    assert run(album).waiting == 7
    first = listing.people(named.catalog)[0]
    assert (first.photos, first.first, first.last) == (0, None, None)


def test_names_move_with_their_photos(named: Library, run: Index, album: Path) -> None:
    album.rename(album.with_name("moved"))
    run(album.with_name("moved"))
    assert people(named) == {"Anna": 4, "小波": 3, None: 1}


def test_names_stay_while_a_drive_is_away(named: Library, run: Index, album: Path) -> None:
    album.rename(album.with_name("away"))
    run(album)
    assert people(named) == {"Anna": 4, "小波": 3, None: 1}


@pytest.mark.parametrize("method", list(METHODS))
def test_every_method_keeps_to_decisions(named: Library, method: Method) -> None:
    regroup(named, method)
    assert is_current(named)
    names = {row.person_name for row in listing.figures(named.catalog)}
    assert {"Anna", "小波"} <= names


def test_a_run_groups_by_the_method_chosen_last(named: Library, run: Index, album: Path) -> None:
    regroup(named, "article")
    fake.photo_of(album / "new.png", {"eve": 10}, shade=90)
    run(album)
    with named.catalog.read() as connection:
        assert connection.execute("SELECT value FROM meta WHERE key = 'method'").fetchone() == ("article",)


def test_a_decision_made_while_grouping_is_not_lost(
    named: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process appends an undo just before this one writes what it grouped."""
    original, undone = METHODS["default"], []

    def grouping(*arguments: Any) -> Any:
        if not undone:
            undone.append(named.journal.append("undo", {"of": last_decision(named.journal.entries()).id}))
        return original(*arguments)

    monkeypatch.setitem(METHODS, "default", grouping)
    regroup(named)
    assert undone
    assert people(named) == {"Anna": 4, None: 1}
    assert is_current(named)
