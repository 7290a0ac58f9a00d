"""Index runs: what is new, changed, moved or gone is noticed, and nothing is done twice."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mien.catalog import listing
from mien.catalog.cache import Catalog
from mien.catalog.library import Library
from mien.errors import LibraryError, MienError, UnreadablePhoto
from mien.indexing import deciding
from mien.indexing.summary import Summary
from tests.indexing import fake
from tests.indexing.conftest import Index


def names(library: Library) -> list[str]:
    return [Path(row.photo).name for row in listing.photos(library.catalog)]


def rows(library: Library) -> tuple[list[listing.PhotoRow], list[listing.FigureRow], list[listing.PersonRow]]:
    return listing.photos(library.catalog), listing.figures(library.catalog), listing.people(library.catalog)


def test_an_empty_folder_is_an_empty_library(library: Library, run: Index, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    summary = run(tmp_path / "nothing")
    assert (summary.files, summary.photos, summary.people) == (0, 0, 0)
    assert rows(library) == ([], [], [])


def test_one_run_finds_photos_figures_and_people(library: Library, run: Index, album: Path) -> None:
    summary = run(album)
    assert (summary.files, summary.new, summary.photos, summary.figures, summary.faces) == (5, 5, 5, 8, 8)
    assert summary.people == 3
    assert summary.errors == ()
    photos, figures, people = rows(library)
    assert [Path(row.photo).name for row in photos] == ["0.png", "1.png", "2.png", "3.png", "4.png"]
    assert photos[0].taken_at == "2020-05-01T12:00:00"
    assert photos[0].taken_source == "exif"
    assert (photos[0].width, photos[0].height) == (fake.WIDTH, fake.HEIGHT)
    assert [row.figures for row in photos] == [2, 1, 0, 2, 3]
    assert figures[0].box == pytest.approx((10, 20, 40, 110), abs=0.1)
    assert figures[0].face is not None
    assert figures[0].face.box == pytest.approx((10, 20, 40, 42.5), abs=0.1)
    assert [(row.figures, row.photos, row.first, row.last) for row in people] == [
        (4, 4, "2020-05-01T12:00:00", "2020-05-01T16:00:00"),
        (3, 3, "2020-05-01T12:00:00", "2020-05-01T16:00:00"),
        (1, 1, "2020-05-01T16:00:00", "2020-05-01T16:00:00"),
    ]


def test_an_unchanged_photo_is_not_opened_again(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album)
    before = rows(library)
    monkeypatch.setattr("mien.indexing.work.sniff", lambda *_: pytest.fail("a file was opened"))
    summary = run(album)
    assert (summary.new, summary.unchanged, summary.read) == (0, 5, 0)
    assert rows(library) == before


def test_originals_are_only_read(run: Index, album: Path, changes: list[tuple[str, str]]) -> None:
    (album / "broken.jpg").write_bytes(b"no photo")
    assert changes == [("open", str(album / "broken.jpg"))], "whoever writes is seen"
    (album / "deep" / "er").mkdir(parents=True)
    shutil.copy2(album / "0.png", album / "deep" / "er" / "copy.png")

    def state() -> dict[str, tuple[int, int, bytes]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
            for path in [album, *album.rglob("*")]
        }

    for path in [*album.rglob("*"), album]:
        path.chmod(stat.S_IRUSR | (stat.S_IXUSR if path.is_dir() else 0))
    before = state()
    changes.clear()
    run(album)
    run(album, engine="fake-2")
    assert changes, "the library was written"
    assert [change for change in changes if Path(change[1]).is_relative_to(album)] == []
    assert state() == before
    for path in [album, *album.rglob("*")]:
        path.chmod(0o700)


def test_a_new_photo_is_read_alone(library: Library, run: Index, album: Path) -> None:
    run(album)
    fake.CALLS.clear()
    fake.photo_of(album / "new.png", {"anna": 70}, shade=99)
    summary = run(album)
    assert (summary.new, summary.unchanged, fake.CALLS["parse"]) == (1, 5, 1)
    assert listing.people(library.catalog)[0].figures == 5


@pytest.mark.parametrize("with_time", [True, False])
def test_a_renamed_photo_is_not_parsed_again(library: Library, run: Index, album: Path, with_time: bool) -> None:
    if not with_time:
        fake.photo_of(album / "0.png", {"anna": 10, "bob": 90})
    run(album)
    ids = {row.figure_id for row in listing.figures(library.catalog)}
    fake.CALLS.clear()
    (album / "0.png").rename(album / "renamed.png")
    summary = run(album)
    assert (summary.moved, summary.new, summary.missing, fake.CALLS.get("parse", 0)) == (1, 0, 0, 0)
    assert "renamed.png" in names(library)
    assert "0.png" not in names(library)
    assert {row.figure_id for row in listing.figures(library.catalog)} == ids


def test_a_new_name_may_tell_another_time(library: Library, run: Index, tmp_path: Path) -> None:
    photo = fake.photo_of(tmp_path / "album" / "IMG_20190101_101112.png", {"anna": 10})
    run(tmp_path / "album")
    assert listing.photos(library.catalog)[0].taken_at == "2019-01-01T10:11:12"
    photo.rename(photo.with_name("IMG_20180101_101112.png"))
    run(tmp_path / "album")
    row = listing.photos(library.catalog)[0]
    assert (row.taken_at, row.taken_source, fake.CALLS["parse"]) == ("2018-01-01T10:11:12", "filename", 1)


def test_a_folder_that_moved_is_found_at_its_new_place(library: Library, run: Index, album: Path) -> None:
    run(album)
    fake.CALLS.clear()
    album.rename(album.with_name("elsewhere"))
    summary = run(album.with_name("elsewhere"))
    assert (summary.moved, fake.CALLS) == (5, {})
    assert len(names(library)) == 5
    assert all("elsewhere" in row.photo for row in listing.photos(library.catalog))


def test_a_folder_copied_and_then_deleted_has_moved(library: Library, run: Index, album: Path) -> None:
    run(album)
    fake.CALLS.clear()
    shutil.copytree(album, album.with_name("elsewhere"))
    shutil.rmtree(album)
    run(album.with_name("elsewhere"))
    assert "parse" not in fake.CALLS
    assert len(names(library)) == 5


def test_copies_are_one_photo_with_several_paths(library: Library, run: Index, album: Path) -> None:
    run(album)
    shutil.copy2(album / "0.png", album / "copy.png")
    summary = run(album)
    assert (summary.photos, summary.figures, fake.CALLS["parse"]) == (5, 8, 5)
    photos, figures, people = rows(library)
    copies = [row for row in photos if Path(row.photo).name in ("0.png", "copy.png")]
    assert len({row.photo_id for row in copies}) == 1
    assert len(copies) == 2
    assert len(figures) == 8 + 2, "one row per figure and file path"
    assert people[0].figures == 4, "but one figure"


def test_metadata_edited_elsewhere_does_not_make_a_new_photo(library: Library, run: Index, album: Path) -> None:
    run(album)
    before = listing.figures(library.catalog)
    fake.CALLS.clear()
    fake.photo_of(
        album / "0.png", {"anna": 10, "bob": 90}, taken=datetime.fromisoformat("2021-01-01"), comment="five stars " * 50
    )
    summary = run(album)
    assert (summary.changed, fake.CALLS) == (1, {})
    assert {row.figure_id for row in listing.figures(library.catalog)} == {row.figure_id for row in before}
    assert listing.photos(library.catalog)[-1].taken_at == "2021-01-01T00:00:00"


def test_a_changed_photo_is_read_again(library: Library, run: Index, album: Path) -> None:
    run(album)
    fake.photo_of(album / "0.png", {"cem": 10}, shade=77)
    assert run(album).changed == 1
    assert listing.photos(library.catalog)[-1].figures == 1
    assert [person.figures for person in listing.people(library.catalog)] == [3, 2, 2]


def test_a_deleted_photo_vanishes_and_returns(library: Library, run: Index, album: Path) -> None:
    run(album)
    before = rows(library)
    (album / "0.png").rename(album.parent / "bin.png")
    assert run(album).missing == 1
    assert names(library) == ["1.png", "2.png", "3.png", "4.png"]
    people = listing.people(library.catalog)
    assert [person.figures for person in people] == [3, 2, 1]
    (album.parent / "bin.png").rename(album / "0.png")
    fake.CALLS.clear()
    run(album)
    assert fake.CALLS == {}
    now = rows(library)
    assert now[0] == before[0]
    assert [(row.figure_id, row.box) for row in now[1]] == [(row.figure_id, row.box) for row in before[1]]
    assert [replace(row, person_id="") for row in now[2]] == [replace(row, person_id="") for row in before[2]]
    assert {row.person_id for row in now[2]} == {row.person_id for row in people}, "ids do not jump"


def test_what_was_derived_of_a_deleted_photo_is_forgotten_in_the_end(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album)
    (album / "0.png").unlink()
    run(album)
    assert len(library.blobs.names("thumbnails")) == 5
    monkeypatch.setattr("mien.indexing.upkeep.FORGET_AFTER", timedelta(0))
    run(album)
    assert len(library.blobs.names("thumbnails")) == len(library.blobs.names("parses")) == 4


def test_names_wait_for_deleted_photos_to_return(library: Library, run: Index, album: Path, tmp_path: Path) -> None:
    assert run(album).waiting == 0
    anna, bob, _ = listing.people(library.catalog)
    deciding.name(library, anna.person_id, "Anna")
    deciding.name(library, bob.person_id, "Bob")
    assert run(album).waiting == 0
    shutil.copy2(album / "0.png", album / "copy.png")
    run(album)
    (album / "0.png").rename(tmp_path / "0.png")
    assert run(album).waiting == 0, "its copy is still there"
    (album / "copy.png").unlink()
    (album / "1.png").rename(tmp_path / "1.png")
    assert run(album).waiting == 3, "both of one photo, and Anna of another"
    assert run(album, engine="fake-blind").waiting == 3, "whom the engine does not see is drawn by hand"
    (tmp_path / "1.png").rename(album / "1.png")
    assert run(album).waiting == 2
    album.rename(tmp_path / "unplugged")
    assert run(album).waiting == 2, "what is offline is in the library"
    (tmp_path / "unplugged").rename(album)
    (tmp_path / "0.png").rename(album / "0.png")
    assert run(album).waiting == 0
    assert [row.figures for row in listing.people(library.catalog) if row.name == "Anna"] == [4]


def test_an_unplugged_drive_is_not_a_deletion(library: Library, run: Index, album: Path) -> None:
    run(album)
    before = rows(library)
    album.rename(album.with_name("unplugged"))
    summary = run(album)
    assert (summary.offline, summary.missing, summary.absent) == (5, 0, (str(album),))
    album.mkdir()  # the empty place where a drive would be
    summary = run(album)
    assert (summary.offline, summary.missing, summary.absent) == (5, 0, ())
    photos, figures, people = rows(library)
    assert all(row.offline for row in photos)
    assert (figures, people) == before[1:]
    album.rmdir()
    album.with_name("unplugged").rename(album)
    fake.CALLS.clear()
    assert run(album).offline == 0
    assert fake.CALLS == {}
    assert rows(library) == before


def test_an_unplugged_drive_beside_another_folder_is_not_a_deletion(
    library: Library, run: Index, album: Path, tmp_path: Path
) -> None:
    fake.photo_of(tmp_path / "second" / "a.png", {"anna": 10}, shade=200)
    run(album, tmp_path / "second")
    album.rename(album.with_name("unplugged"))
    summary = run(album, tmp_path / "second")
    assert (summary.offline, summary.missing, summary.absent) == (5, 0, (str(album),))
    assert len(names(library)) == 6


def test_indexing_one_folder_leaves_the_others_alone(library: Library, run: Index, album: Path, tmp_path: Path) -> None:
    run(album)
    fake.photo_of(tmp_path / "second" / "a.png", {"anna": 10}, shade=200)
    (album / "0.png").unlink()
    run(tmp_path / "second")
    assert len(names(library)) == 6


def test_a_path_that_never_was_is_refused_before_anything_is_done(library: Library, run: Index, album: Path) -> None:
    with pytest.raises(LibraryError, match="does not exist"):
        run(album, album / "nowhere")
    assert names(library) == []


def test_bad_files_are_listed_with_a_reason_and_not_opened_again(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (album / "empty.jpg").write_bytes(b"")
    (album / "text.png").write_text("not a picture")
    (album / "cut.png").write_bytes((album / "0.png").read_bytes()[:60])
    (album / "notes.txt").write_text("nothing for an album")
    (album / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
    summary = run(album)
    assert (summary.photos, summary.videos, len(summary.errors)) == (5, 1, 3)
    listed = {Path(row.photo).name: row for row in listing.photos(library.catalog)}
    assert "notes.txt" not in listed
    for name in ("empty.jpg", "text.png", "cut.png", "film.mp4"):
        assert listed[name].error
        assert listed[name].photo_id is None
        assert name in listed[name].error
    monkeypatch.setattr("mien.indexing.work.sniff", lambda *_: pytest.fail("a file was opened"))
    assert len(run(album).errors) == 3


def test_what_is_no_photo_is_not_read_as_one(library: Library, run: Index, tmp_path: Path) -> None:
    album = tmp_path / "album"
    fake.photo_of(album / "a.png", {"anna": 10})
    for name in (".nomedia", "notes.txt", "empty.jpg"):
        (album / name).touch()
    for name, header in {"disc.iso": b"", "film.mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"}.items():
        with (album / name).open("wb") as file:
            file.write(header)
            file.truncate(1100 << 20)  # a sparse file: large by name only
    summary = run(album)
    assert [(Path(path).name, error.code) for path, error in summary.errors] == [("empty.jpg", "photo-empty")]
    assert (summary.files, summary.photos, summary.videos) == (6, 1, 1)
    listed = {Path(row.photo).name: row.error for row in listing.photos(library.catalog)}
    assert sorted(listed) == ["a.png", "empty.jpg", "film.mp4"]
    assert "not supported" in (listed["film.mp4"] or "")
    assert run(album).read == 0


def test_a_bad_file_is_tried_again_when_it_or_the_decoder_changes(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (album / "bad.png").write_text("not a picture")
    assert len(run(album).errors) == 1
    monkeypatch.setattr("mien.photo.decoding.decoder_fingerprint", lambda: "another")
    assert run(album).read == 1
    fake.photo_of(album / "bad.png", {"eve": 40})
    summary = run(album)
    assert (summary.errors, summary.read, summary.people) == ((), 1, 4)


def test_a_file_that_is_locked_for_now_keeps_what_is_known_and_is_tried_again(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album)
    before = rows(library)
    (album / "0.png").touch()
    with monkeypatch.context() as locked:

        def refuse(path: Path) -> bytes:
            raise UnreadablePhoto("photo-forbidden", file=path)

        locked.setattr("mien.indexing.work.read_file", refuse)
        assert len(run(album).errors) == 1
        assert len(run(album).errors) == 1
    assert listing.figures(library.catalog) == before[1]
    assert run(album).errors == ()
    assert rows(library) == before


def test_a_long_run_shows_people_before_its_end(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mien.indexing import indexer

    seen: list[int] = []
    original = indexer.regroup

    def regroup(*arguments: Any, **options: Any) -> None:
        original(*arguments, **options)
        seen.append(len(listing.people(library.catalog)))

    monkeypatch.setattr("mien.indexing.dispatch.FIRST_GROUPING", 2)
    monkeypatch.setattr("mien.indexing.indexer.regroup", regroup)
    run(album)
    assert seen[0] == 2, "Anna and Bob"
    assert seen[-1] == 3
    assert len(seen) == 3


def test_a_network_that_fails_on_a_photo_stops_nothing(library: Library, run: Index, album: Path) -> None:
    fake.photo_of(album / "odd.png", {"anna": 10}, corner=fake.RAISE)
    summary = run(album)
    ((path, error),) = summary.errors
    assert path == str(album / "odd.png")
    assert "a corner nobody thought of" in error.message()
    row = next(row for row in listing.photos(library.catalog) if row.photo == path)
    assert (row.width, row.figures) == (fake.WIDTH, 0)
    assert row.error
    assert run(album).read == 0


def test_the_moving_half_of_a_live_photo_is_no_video(library: Library, run: Index, album: Path) -> None:
    fake.photo_of(album / "IMG_1.jpg", {"anna": 10}, shade=50)
    film = b"\0\0\0\x14ftypqt  \0\0\0\0qt  "
    (album / "IMG_1.MOV").write_bytes(film)
    (album / "IMG_2.mov").write_bytes(film)
    assert run(album).videos == 1
    assert "IMG_1.MOV" not in names(library)
    (album / "IMG_1.jpg").rename(album / "other name.jpg")
    assert run(album).videos == 2
    assert "IMG_1.MOV" in names(library)
    (album / "other name.jpg").rename(album / "IMG_1.jpg")
    assert run(album).videos == 1
    (album / "IMG_1.jpg").unlink()
    assert run(album).videos == 2
    assert "IMG_1.MOV" in names(library)


@pytest.mark.skipif(os.name != "posix", reason="other systems keep file names in Unicode")
def test_a_file_name_that_is_no_text_is_a_name(library: Library, run: Index, tmp_path: Path) -> None:
    (tmp_path / "album").mkdir()
    odd = os.fsdecode(os.fsencode(tmp_path / "album") + b"/caf\xe9.png")
    fake.photo_of(tmp_path / "a.png", {"anna": 10}).rename(odd)
    run(tmp_path / "album")
    assert [row.photo for row in listing.photos(library.catalog)] == [odd]
    assert run(tmp_path / "album").unchanged == 1


@pytest.mark.parametrize(
    ("variable", "expected"),
    [("FAKE_PARSER_VERSION", {"parse": 5, "find": 5}), ("FAKE_FINDER_VERSION", {"find": 5})],
)
def test_only_what_changed_is_done_again(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch, variable: str, expected: dict[str, int]
) -> None:
    run(album)
    before = rows(library)
    fake.CALLS.clear()
    monkeypatch.setenv(variable, "2")
    run(album)
    assert expected == fake.CALLS
    assert rows(library) == before


def test_new_traits_ask_no_network(library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(album)
    before = rows(library)
    fake.CALLS.clear()
    monkeypatch.setattr("mien.traits.describe.VERSION", "next")
    assert run(album).read == 5
    assert fake.CALLS == {}
    assert rows(library) == before


def test_lost_blobs_are_made_again(library: Library, run: Index, album: Path) -> None:
    run(album)
    before = rows(library)
    shutil.rmtree(library.blobs.folder)
    run(album)
    assert len(library.blobs.names("parses")) == len(library.blobs.names("thumbnails")) == 5
    assert rows(library) == before


def test_figures_keep_their_ids_when_another_engine_sees_them(library: Library, run: Index, album: Path) -> None:
    run(album)
    before = {(row.photo, row.figure_id): row.person_id for row in listing.figures(library.catalog)}
    run(album, engine="fake-2")
    after = {(row.photo, row.figure_id): row.person_id for row in listing.figures(library.catalog)}
    assert after == before
    fake.CALLS.clear()
    run(album, engine="fake")
    assert "parse" not in fake.CALLS, "the first engine's parses are still there"
    assert {(row.photo, row.figure_id): row.person_id for row in listing.figures(library.catalog)} == before


def test_a_figure_id_is_never_given_to_another_body(library: Library, run: Index, album: Path) -> None:
    run(album)
    before = {row.figure_id for row in listing.figures(library.catalog)}
    run(album, engine="fake-blind")
    seen = {row.figure_id for row in listing.figures(library.catalog)}
    assert seen < before
    run(album)
    again = {row.figure_id for row in listing.figures(library.catalog)}
    assert len(again) == 8
    assert not (again - seen) & before


def blob_counts(library: Library) -> dict[str, int]:
    return {kind: len(library.blobs.names(kind)) for kind in ("parses", "thumbnails")}


def test_no_blob_outlives_what_it_belongs_to(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album)
    monkeypatch.setenv("FAKE_PARSER_VERSION", "2")
    run(album)
    assert blob_counts(library) == {"parses": 5, "thumbnails": 5}, "a newer network's parses replace an older one's"
    library.blobs.write("parses", "abcdef", b"written when a run was killed")
    library.catalog.close()
    (library.folder / "catalog.db").unlink()
    (album / "0.png").unlink()
    run(album)
    assert blob_counts(library) == {"parses": 4, "thumbnails": 4}, "nor do those of photos that a lost cache knew"
    run(album, engine="fake-2")
    assert blob_counts(library) == {"parses": 8, "thumbnails": 4}, "every engine's parses are kept"


@pytest.mark.parametrize("event", ["moved", "offline", "forgotten"])
def test_what_happens_to_many_files_at_once_is_stored_bit_by_bit(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    monkeypatch.setattr("mien.indexing.upkeep.FORGET_AFTER", timedelta(0))
    monkeypatch.setattr("mien.indexing.upkeep.BATCH", 2)
    run(album)
    elsewhere = album.with_name("elsewhere")
    if event != "forgotten":
        album.rename(elsewhere)
    else:
        fake.photo_of(album / "new.png", {"eve": 10})
        for number in range(5):
            (album / f"{number}.png").unlink()
    asked = elsewhere if event == "moved" else album
    original, rows_at_once, patience = Catalog.write, [], [0]

    @contextmanager
    def write(catalog: Catalog) -> Iterator[sqlite3.Connection]:
        with original(catalog) as connection:
            before = dict(connection.execute("SELECT path, state FROM files"))
            yield connection
            after = dict(connection.execute("SELECT path, state FROM files"))
        rows_at_once.append(sum(before.get(path) != after.get(path) for path in before.keys() | after.keys()))
        if sum(rows_at_once) > patience[0]:
            raise KeyboardInterrupt

    monkeypatch.setattr(Catalog, "write", write)
    for patience[0] in (0, 2, 99):
        with suppress(KeyboardInterrupt):
            run(asked)
    assert max(rows_at_once) <= 4, "two files: a move changes two paths"
    monkeypatch.setattr(Catalog, "write", original)
    assert run(asked).read == 0
    photos = listing.photos(library.catalog)
    assert len(photos) == (1 if event == "forgotten" else 5)
    assert all(row.offline == (event == "offline") for row in photos)
    assert blob_counts(library) == {"parses": len(photos), "thumbnails": len(photos)}


def test_what_was_derived_of_an_edited_photo_is_dropped(library: Library, run: Index, album: Path) -> None:
    run(album)
    fake.photo_of(album / "0.png", {"cem": 10}, shade=77)
    run(album)
    assert len(library.blobs.names("parses")) == len(library.blobs.names("thumbnails")) == 5


def test_an_unknown_engine_is_an_error_before_anything_is_stored(library: Library, album: Path) -> None:
    from mien.indexing.indexer import index

    with pytest.raises(MienError, match="magic"):
        index(library, [album], engine="magic", jobs=1)
    assert names(library) == []


def test_a_second_run_beside_a_first_is_refused(library: Library, run: Index, album: Path) -> None:
    with library.indexing(), pytest.raises(LibraryError, match="Another index run"):
        run(album)
    assert isinstance(run(album), Summary)
