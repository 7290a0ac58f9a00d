"""A folder that was indexed can be forgotten: its photos go from the library, and nothing else does."""

import shutil
from pathlib import Path

import pytest

from mien.catalog import listing
from mien.catalog.library import Library
from mien.errors import LibraryError
from mien.indexing import deciding, roots
from mien.indexing.forgetting import folders, forget
from tests.indexing import fake
from tests.indexing.conftest import Index


@pytest.fixture
def other(tmp_path: Path, album: Path) -> Path:
    """A second folder: Dana, and a copy of a photo of the album."""
    fake.photo_of(tmp_path / "other" / "dana.png", {"dana": 70}, shade=240)
    shutil.copy(album / "1.png", tmp_path / "other" / "copy.png")
    return tmp_path / "other"


def names(library: Library) -> list[str]:
    return sorted(Path(row.photo).name for row in listing.photos(library.catalog))


def called(library: Library) -> dict[str, int]:
    return {person.name: person.figures for person in listing.people(library.catalog) if person.name}


def test_its_photos_leave_and_what_was_said_holds_again(
    library: Library, run: Index, album: Path, other: Path, changes: list[tuple[str, str]]
) -> None:
    run(album, other)
    anna = listing.people(library.catalog)[0].person_id
    deciding.name(library, anna, "Anna")
    before = {path: path.read_bytes() for folder in (album, other) for path in folder.iterdir()}
    changes.clear()
    forgotten = forget(library, album)
    assert not [path for _, path in changes if Path(path).is_relative_to(album)], "originals are left alone"
    assert (forgotten.folders, forgotten.files, forgotten.photos) == ((str(album),), 5, 4)
    assert names(library) == ["copy.png", "dana.png"]
    assert folders(library) == (str(other),)
    assert called(library) == {"Anna": 1}, "in the copy"
    assert len(library.blobs.names("thumbnails")) == 2
    assert run().photos == 2, "a bare run does not bring it back"
    assert run(album).photos == 6
    assert called(library) == {"Anna": 4}
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("way", ["deleted", "roots lost", "above", "relative"])
def test_which_folders_can_be_forgotten(
    library: Library, run: Index, album: Path, other: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album, other)
    path: Path | str = album
    if way == "deleted":
        shutil.rmtree(album)
    if way == "roots lost":
        (library.folder / roots.FILE).unlink()
    if way == "above":
        path = album.parent
    if way == "relative":
        monkeypatch.chdir(album)
        path = "."
    forget(library, path)
    assert names(library) == ([] if way == "above" else ["copy.png", "dana.png"])
    with pytest.raises(LibraryError):
        forget(library, path)


@pytest.mark.parametrize("path", ["nowhere", "album/1.png", "album/sub", "library/uploads"])
def test_what_is_not_known_is_told_with_what_is(library: Library, run: Index, album: Path, path: str) -> None:
    with pytest.raises(LibraryError) as refused:
        forget(library, album.parent / path)
    assert refused.value.code == "no-folders"
    run(album)
    with pytest.raises(LibraryError) as refused:
        forget(library, album.parent / path)
    assert refused.value.code == "folder-unknown"
    assert str(album) in str(refused.value)
    assert len(names(library)) == 5


def test_uploads_and_other_folders_inside_stay(library: Library, run: Index, album: Path) -> None:
    fake.photo_of(library.uploads / "mine.png", {"eve": 10}, shade=200)
    fake.photo_of(album / ".hidden" / "asked.png", {"dana": 10}, shade=210)
    run(album.parent, album / ".hidden")
    assert len(names(library)) == 7
    forget(library, album.parent)
    assert names(library) == ["asked.png", "mine.png"]
    assert folders(library) == (str(album / ".hidden"),)


def test_not_while_an_index_run_is_under_way(library: Library, run: Index, album: Path) -> None:
    run(album)
    with Library.open(library.folder) as other, other.indexing(), pytest.raises(LibraryError) as refused:
        forget(library, album)
    assert refused.value.code == "index-running"
    assert folders(library) == (str(album),)
    assert len(names(library)) == 5
