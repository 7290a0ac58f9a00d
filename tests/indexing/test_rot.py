"""What happens to the cache's files behind a library's back is mended by the next run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mien.catalog import listing
from mien.catalog.library import Library
from mien.parsing.parse import Parse
from tests.indexing import fake
from tests.indexing.conftest import Index


def _flip(file: Path) -> None:
    """A bit of the first member's header, which says how it is compressed."""
    data = bytearray(file.read_bytes())
    data[data.index(b"PK\x01\x02") + 10] ^= 64
    file.write_bytes(data)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


@pytest.mark.parametrize("damage", [_flip, _empty, _cut])
def test_a_damaged_parse_is_made_again_when_it_is_needed(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None]
) -> None:
    run(album)
    before = listing.figures(library.catalog)
    damaged = sorted((library.blobs.folder / "parses").glob("*/*.npz"))[:2]
    for file in damaged:
        damage(file)
    fake.CALLS.clear()
    monkeypatch.setenv("FAKE_FINDER_VERSION", "2")
    from mien.indexing import work

    work.loaded.cache_clear()
    assert run(album).errors == ()
    assert fake.CALLS["parse"] == 2
    for file in damaged:
        Parse.from_bytes(file.read_bytes())
    assert listing.figures(library.catalog) == before


def test_an_emptied_thumbnail_is_made_again(library: Library, run: Index, album: Path) -> None:
    run(album)
    thumbnail = next((library.blobs.folder / "thumbnails").glob("*/*.jpg"))
    content = thumbnail.read_bytes()
    _empty(thumbnail)
    run(album)
    assert thumbnail.read_bytes() == content


def test_a_file_of_the_finder_among_the_blobs_stops_no_run(library: Library, run: Index, album: Path) -> None:
    run(album)
    for kind in ("parses", "thumbnails"):
        (library.blobs.folder / kind / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (library.blobs.folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    summary = run(album)
    assert (summary.errors, summary.read, summary.unchanged) == ((), 0, 5)
