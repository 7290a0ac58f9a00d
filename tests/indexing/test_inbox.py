"""Files that arrive while a run is under way; the library's own uploads; runs that are told to stop."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from mien.catalog import listing
from mien.catalog.library import Library
from mien.errors import LibraryError
from mien.indexing import dispatch, inbox, roots
from mien.indexing.inbox import Inbox
from mien.indexing.indexer import index
from mien.indexing.progress import Progress
from mien.indexing.summary import Summary
from tests.indexing import fake
from tests.indexing.conftest import Index
from tests.indexing.inline import Inline


@pytest.fixture(autouse=True)
def _no_lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "LINGER", 0.0)
    monkeypatch.setattr(dispatch, "REPORT_EVERY", -1.0)


def followed(library: Library, *paths: Path, box: Inbox | None = None, report: Callable[[Progress], None]) -> Summary:
    return index(
        library, paths, engine="fake", jobs=1, executor=Inline(), make_chain=fake.make_fake, inbox=box, report=report
    )


def names(library: Library) -> list[str]:
    return sorted(Path(row.photo).name for row in listing.photos(library.catalog))


def test_an_empty_inbox() -> None:
    box = Inbox()
    assert box.take() == []
    assert not box.waiting
    assert not box.expecting
    box.fail(LibraryError("index-running", folder="x"))


def test_what_is_brought_is_taken_once_and_answered() -> None:
    box = Inbox()
    first, second = box.bring("a"), box.bring("b")
    assert box.arrival.done()
    assert box.take() == ["a", "b"]
    assert not box.arrival.done()
    assert box.bring("a") is first, "who brings it again waits for the same"
    box.done(["a"])
    assert first.done()
    assert not second.done()
    box.fail(LibraryError("index-running", folder="x"))
    with pytest.raises(LibraryError):
        second.result(0)


def test_who_stops_waiting_disturbs_nothing() -> None:
    box = Inbox()
    future = box.bring("a")
    assert not future.cancel()
    box.done(box.take())


def test_a_file_that_arrives_is_read_before_the_others(library: Library, album: Path, tmp_path: Path) -> None:
    guest = fake.photo_of(tmp_path / "guests" / "guest.png", {"anna": 30}, shade=200)
    box, futures, told_at = Inbox(), list[Future[None]](), list[int]()

    def report(progress: Progress) -> None:
        if progress.phase == "read" and not futures:
            futures.append(box.bring(str(guest)))
            futures[0].add_done_callback(lambda _: told_at.append(len(names(library))))

    summary = followed(library, album, box=box, report=report)
    assert told_at[0] < 6, "its bringer is told while the run goes on"
    assert (summary.files, summary.new, summary.read, summary.photos) == (6, 6, 6, 6)
    (row,) = [row for row in listing.figures(library.catalog) if row.photo == str(guest)]
    assert row.person_id is not None
    assert roots.known(library.folder) == (str(album),), "one guest is no folder to look at again"


def test_who_brings_a_photo_is_told_who_is_on_it(library: Library, run: Index, album: Path, tmp_path: Path) -> None:
    run(album)
    _, bob, _ = listing.people(library.catalog)
    box = Inbox()
    future = box.bring(str(fake.photo_of(tmp_path / "guest.png", {"bob": 30}, shade=200)))
    people: list[str | None] = []
    future.add_done_callback(
        lambda _: people.extend(
            row.person_id for row in listing.figures(library.catalog) if row.photo.endswith("guest.png")
        )
    )
    summary = followed(library, box=box, report=lambda _: None)
    assert (summary.files, summary.read, summary.photos) == (1, 1, 6)
    assert people == [bob.person_id]


def test_in_a_large_library_nobody_waits_for_grouping(
    library: Library, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "QUICKLY_GROUPED", 0)
    box = Inbox()
    future = box.bring(str(fake.photo_of(tmp_path / "guest.png", {"bob": 30}, shade=200)))
    at_once: list[str | None] = []
    future.add_done_callback(
        lambda _: at_once.extend(row.person_id for row in listing.figures(library.catalog) if "guest" in row.photo)
    )
    followed(library, album, box=box, report=lambda _: None)
    assert at_once == [None]
    assert all(row.person_id for row in listing.figures(library.catalog))


@pytest.mark.parametrize("what", ["gone", "known", "waiting", "broken"])
def test_whatever_is_brought_is_answered(library: Library, run: Index, album: Path, tmp_path: Path, what: str) -> None:
    path = {"gone": tmp_path / "nowhere.png", "known": album / "0.png", "waiting": album / "4.png"}.get(what)
    if path is None:
        path = tmp_path / "broken.png"
        path.write_bytes(b"no photo")
    if what == "known":
        run(album)
    box = Inbox()
    future = box.bring(str(path))
    summary = followed(library, album, box=box, report=lambda _: None)
    assert future.result(0) is None
    assert summary.photos == 5
    assert len(listing.photos(library.catalog)) == (6 if what == "broken" else 5)


def test_the_file_last_done_is_told(library: Library, album: Path) -> None:
    seen: list[Progress] = []
    followed(library, album, report=seen.append)
    told = [progress.path for progress in seen if progress.path is not None]
    assert len(set(told)) > 1
    assert set(told) <= {str(path) for path in album.iterdir()}


@pytest.mark.parametrize(("phase", "call", "kept"), [("scan", 2, 2), ("read", 1, 4), ("group", 2, 5)])
def test_a_run_can_be_stopped_in_every_phase(
    library: Library, run: Index, album: Path, phase: str, call: int, kept: int
) -> None:
    followed(library, album / "0.png", album / "1.png", report=lambda _: None)
    calls = [0]

    def report(progress: Progress) -> None:
        if progress.phase == phase:
            calls[0] += 1
            if calls[0] == call:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        followed(library, album, report=report)
    assert len(names(library)) == kept
    with library.catalog.read() as connection:
        assert connection.execute("SELECT count(*) FROM inflight").fetchone() == (0,)
    assert run().photos == 5, "what was asked for is known from the start"
    assert [row.figures for row in listing.people(library.catalog)] == [4, 3, 1]


class TestUploads:
    """Photos in the library's own folder belong to every folder that holds it."""

    @pytest.fixture
    def uploaded(self, library: Library) -> Path:
        return fake.photo_of(library.uploads / "2024-05" / "a.png", {"anna": 10}, shade=99)

    def test_they_are_indexed_without_being_asked_for(self, library: Library, run: Index, uploaded: Path) -> None:
        assert run().photos == 1
        assert run().unchanged == 1
        uploaded.unlink()
        fake.photo_of(library.uploads / "b.png", {"anna": 10}, shade=98)
        assert run().missing == 1
        assert names(library) == ["b.png"]

    def test_they_are_kept_when_a_folder_around_the_library_is_indexed(
        self, library: Library, run: Index, album: Path, uploaded: Path
    ) -> None:
        assert run(library.folder.parent).photos == 6
        summary = run(library.folder.parent)
        assert (summary.unchanged, summary.missing, summary.photos) == (6, 0, 6)
        assert run(album).photos == 6
        assert run().unchanged == 6

    @pytest.mark.parametrize("name", [".", "cache", "cache/thumbnails/ab", "uploads/../cache", "decisions.db"])
    def test_nothing_else_of_the_library_is_indexed(self, library: Library, run: Index, name: str) -> None:
        library.blobs.write("thumbnails", "abcdef", b"x")
        with pytest.raises(LibraryError, match="library"):
            run(library.folder / name)
        assert roots.known(library.folder) == ()

    def test_unfinished_ones_are_not_seen(self, library: Library, run: Index, uploaded: Path) -> None:
        fake.photo_of(library.uploads / ".arriving" / "b.png", {"bob": 10})
        assert run(library.uploads).photos == 1
