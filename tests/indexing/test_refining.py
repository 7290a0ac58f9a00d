"""A library that goes by a better engine: everything is there early, gets better after that, and nothing is lost."""

import os
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mien.catalog import interest, listing
from mien.catalog.library import Library
from mien.errors import ModelError, WorkerLost
from mien.indexing import deciding, engine
from mien.indexing.inbox import Inbox
from mien.indexing.indexer import index
from mien.indexing.progress import Progress
from mien.indexing.regroup import is_current
from mien.indexing.summary import Summary
from tests.indexing import fake
from tests.indexing.conftest import Index
from tests.indexing.inline import Inline
from tests.indexing.test_kill import crowd, index_process, kill_all, made, normalised, wait_for

__all__ = ["crowd"]


def active(library: Library) -> dict[str, str]:
    """File name → whose parse of it is shown."""
    with library.catalog.read() as connection:
        rows = connection.execute("SELECT path, engine FROM files JOIN photos USING (photo_id)").fetchall()
    return {Path(os.fsdecode(path)).name: engine for path, engine in rows}


def observed(library: Library) -> list[tuple[str, int]]:
    """Engine → how many photos it has parsed."""
    with library.catalog.read() as connection:
        return connection.execute("SELECT engine, count(*) FROM observations GROUP BY engine ORDER BY 1").fetchall()


def watched(library: Library, album: Path, wanted: str | None, report: Callable[[Progress], None]) -> Summary:
    return index(library, [album], engine=wanted, jobs=1, executor=Inline(), make_chain=fake.make_fake, report=report)


def people(library: Library) -> dict[str, set[str]]:
    """Name → the figures."""
    rows = listing.figures(library.catalog)
    names = {row.person_name for row in rows} - {None}
    return {name: {row.figure_id for row in rows if row.person_name == name} for name in names if name}


def test_everybody_is_there_before_the_better_engine_begins(
    library: Library, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.indexing.dispatch.REPORT_EVERY", 0)
    seen: list[tuple[str, int, int, bool]] = []

    def report(progress: Progress) -> None:
        if progress.phase in ("read", "refine"):
            figures = len(listing.figures(library.catalog))
            seen.append((progress.phase, progress.found, figures, is_current(library)))

    summary = watched(library, album, "better", report)
    refining = [row for row in seen if row[0] == "refine"]
    assert seen[: -len(refining)] == [row for row in seen if row[0] == "read"], "one pass after the other"
    assert refining[0] == ("refine", 5, 8, True), "all photos, with people, grouped"
    assert (summary.read, summary.refined, summary.figures, summary.people) == (10, 5, 8, 3)
    assert observed(library) == [("better", 5), ("fake", 5)]
    assert set(active(library).values()) == {"better"}


def test_an_engine_that_is_chosen_stays_chosen(library: Library, run: Index, album: Path) -> None:
    index(library, [album], engine="better", jobs=1, executor=Inline(), make_chain=fake.make_fake)

    def bare() -> Summary:
        return index(library, jobs=1, executor=Inline(), make_chain=fake.make_fake)

    fake.CALLS.clear()
    assert (bare().read, fake.CALLS) == (0, {})
    fake.photo_of(album / "new.png", {"anna": 70}, shade=99)
    summary = bare()
    assert (summary.new, summary.refined, fake.CALLS["parse"]) == (1, 1, 2), "first by the quick one"
    assert set(active(library).values()) == {"better"}
    fake.CALLS.clear()
    assert run(engine="fake").refined == 0
    assert set(active(library).values()) == {"fake"}
    assert fake.CALLS.get("parse", 0) == 0, "its parses were kept"
    assert bare().read == 0
    assert engine.chosen(library.folder) == "fake"


def test_figures_and_names_are_the_same_ones(library: Library, run: Index, album: Path) -> None:
    run(album)
    ids = {row.figure_id for row in listing.figures(library.catalog)}
    for person, name in zip(listing.people(library.catalog), ["Anna", "Bob", "Cem"], strict=True):
        deciding.name(library, person.person_id, name)
    before = people(library)
    run(album, engine="better")
    assert {row.figure_id for row in listing.figures(library.catalog)} == ids
    assert people(library) == before


def test_photos_of_named_people_come_first_then_the_newest(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.photo_of(album / "undated.png", {"dana": 60}, shade=77)
    run(album)
    cem = next(row.person_id for row in listing.people(library.catalog) if row.figures == 1 and row.first)
    deciding.name(library, cem, "Cem")
    deciding.name(library, listing.figures(library.catalog)[0].person_id or "", "Anna")
    names = {row.photo_id: Path(row.photo).name for row in listing.photos(library.catalog)}
    with library.catalog.read() as connection:
        order = [names[photo_id] for photo_id in interest.by_interest(connection)]
    assert order == ["4.png", "3.png", "1.png", "0.png", "2.png", "undated.png"]
    done: list[str] = []

    monkeypatch.setattr("mien.indexing.dispatch.REPORT_EVERY", 0)

    def report(_: Progress) -> None:
        done.extend(name for name, whose in active(library).items() if whose == "better" and name not in done)

    watched(library, album, "better", report)
    assert done == order


def test_favourites_come_first_too_wherever_their_files_go(library: Library, run: Index, album: Path) -> None:
    def order() -> list[str]:
        names = {row.photo_id: Path(row.photo).name for row in listing.photos(library.catalog)}
        with library.catalog.read() as connection:
            return [names[photo_id] for photo_id in interest.by_interest(connection)]

    run(album)
    assert order() == ["4.png", "3.png", "2.png", "1.png", "0.png"], "the newest first"
    rate(album / "0.png", 5)
    rate(album / "2.png", 4)
    rate(album / "4.png", 3)
    fake.CALLS.clear()
    run(album)
    assert fake.CALLS == {}, "stars make no photo new"
    assert order() == ["2.png", "0.png", "4.png", "3.png", "1.png"]
    (album / "0.png").rename(album / "moved.png")
    run(album)
    assert order() == ["2.png", "moved.png", "4.png", "3.png", "1.png"]
    rate(album / "2.png", 0)
    run(album)
    assert order() == ["moved.png", "4.png", "3.png", "2.png", "1.png"]


def rate(photo: Path, stars: int) -> None:
    """As another program does: the picture stays as it is."""
    with Image.open(photo) as image:
        exif = image.getexif()
        exif[0x4746] = stars
        image.save(photo, exif=exif)
    os.utime(photo, ns=(stars + 1, photo.stat().st_mtime_ns + 10**9))


@pytest.mark.parametrize("inside", [False, True], ids=["in the network", "in its process"])
def test_a_photo_that_the_better_engine_fails_at_keeps_what_it_has(
    library: Library, album: Path, monkeypatch: pytest.MonkeyPatch, inside: bool
) -> None:
    bad = fake.photo_of(album / "bad.png", {"dana": 60}, corner=fake.STUMBLE)
    if inside:
        monkeypatch.setattr(fake, "_misbehave", _lose)
    summary = index(library, [album], engine="better", jobs=1, executor=Inline(), make_chain=fake.make_fake)
    ((path, error),) = summary.errors
    assert (path, error.code) == (str(bad), "worker-died" if inside else "photo-not-understood")
    assert active(library)["bad.png"] == "fake"
    assert summary.figures == 9
    assert observed(library) == [("better", 5), ("fake", 6)]
    again = index(library, jobs=1, executor=Inline(), make_chain=fake.make_fake)
    assert (again.read, len(again.errors), again.figures) == (0, 1, 9), "not before something changes"


def _lose(corner: tuple[int, ...], *, is_better: bool) -> None:
    if is_better and corner == fake.STUMBLE:
        raise WorkerLost("worker-died", file="?")


def test_an_engine_that_is_away_keeps_no_photo_from_sight(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album, engine="better")
    fake.photo_of(album / "new.png", {"dana": 70}, shade=99)
    monkeypatch.setenv("FAKE_AWAY", "better")
    from mien.indexing import work

    work.loaded.cache_clear()
    summary = index(library, jobs=1, executor=Inline(), make_chain=fake.make_fake)
    assert summary.lost is not None
    assert summary.lost.code == "engine-away"
    assert "better" in summary.lost.message("en")
    assert "missing" in summary.lost.message("en")
    assert "missing" not in summary.lost.message("zh"), "the reason, too, is in one's language"
    assert (summary.new, summary.read, summary.figures, summary.people) == (1, 1, 9, 4)
    assert active(library) == {**dict.fromkeys([f"{n}.png" for n in range(5)], "better"), "new.png": "lite"}
    with pytest.raises(ModelError):
        run(album, engine="better")
    monkeypatch.delenv("FAKE_AWAY")
    work.loaded.cache_clear()
    back = index(library, jobs=1, executor=Inline(), make_chain=fake.make_fake)
    assert (back.lost, back.refined) == (None, 1)
    assert set(active(library).values()) == {"better"}


def test_an_engine_that_never_was_there_is_not_remembered(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_AWAY", "better")
    with pytest.raises(ModelError):
        run(album, engine="better")
    assert engine.chosen(library.folder) == engine.BUILT_IN
    assert listing.photos(library.catalog) == []


def test_a_large_engine_gets_fewer_workers() -> None:
    assert engine.worker_memory("m2fp:bf16") == engine.worker_memory("m2fp") > engine.worker_memory("lite")
    assert engine.worker_memory("https://desktop:8420") == engine.worker_memory("lite"), "it is large elsewhere"


@pytest.mark.parametrize("said", ["", "{", "[]", "{}", '{"engine": 3}', '{"engine": ""}'])
def test_an_engine_that_cannot_be_understood_is_none(library: Library, said: str) -> None:
    (library.folder / engine.FILE).write_text(said)
    assert engine.chosen(library.folder) == engine.BUILT_IN


def test_who_arrives_while_photos_are_parsed_again_is_seen_at_once(
    library: Library, run: Index, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.indexing.dispatch.REPORT_EVERY", 0)
    run(album)
    box, brought, told = Inbox(), fake.photo_of(tmp_path / "brought.png", {"dana": 70}), []

    def report(progress: Progress) -> None:
        if progress.phase == "refine" and not told:
            told.append(box.bring(str(brought)))
            told[0].add_done_callback(lambda _: told.append(active(library)))

    index(
        library, [album], engine="better", jobs=1, executor=Inline(), make_chain=fake.make_fake, inbox=box,
        report=report,
    )  # fmt: skip
    future, then = told
    assert future.exception() is None
    assert then["brought.png"] == "fake"
    assert "fake" in [then[f"{n}.png"] for n in range(5)], "before the others' turn"
    assert set(active(library).values()) == {"better"}, "and then it has its own"


def test_nobody_who_was_named_is_lost_from_sight_meanwhile(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.indexing.dispatch.REPORT_EVERY", 0)
    run(album)
    bob = listing.people(library.catalog)[1].person_id
    deciding.name(library, bob, "Bob")
    seen: set[int] = set()
    watched(library, album, "better-blind", lambda _: seen.add(len(people(library)["Bob"])))
    assert seen == {3}, "an engine that does not see him contradicts nobody"


def test_runs_killed_while_photos_are_parsed_again_end_where_an_undisturbed_one_does(
    tmp_path: Path, crowd: Path
) -> None:
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    with index_process(tmp_path, undisturbed, crowd, "better") as process:
        process.communicate(timeout=120)
        assert process.returncode == 0
    for done in (0, 8):
        with index_process(tmp_path, disturbed, crowd, "better") as process:
            wait_for(process, "refine", done)
            kill_all(process)
    if os.name == "posix":
        with index_process(tmp_path, disturbed, crowd, "better") as process:
            wait_for(process, "refine")
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=30)
    with index_process(tmp_path, disturbed, crowd, "better") as process:
        process.communicate(timeout=120)
        assert process.returncode == 0
    assert normalised(disturbed) == normalised(undisturbed)
    with Library.open(undisturbed) as one, Library.open(disturbed) as other:
        assert made(other) == made(one)


class Stopped(KeyboardInterrupt):
    pass


steps = st.one_of(
    st.tuples(st.just("run"), st.sampled_from(["fake", "better", "better-blind"]), st.integers(0, 12)),
    st.tuples(st.just("name"), st.integers(0, 7), st.sampled_from(["Ada", "Ben"])),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(steps, max_size=8))
def test_whatever_is_stopped_and_decided_in_any_order_names_hold(steps: list[tuple[str, object, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library") as library:
        album = Path(folder) / "album"
        fake.photo_of(album / "0.png", {"anna": 10, "bob": 90})
        fake.photo_of(album / "1.png", {"bob": 40}, shade=50)
        fake.photo_of(album / "2.png", {"cem": 40}, shade=90)
        said: dict[str, str] = {}
        for kind, one, other in [("run", "fake", 99), *steps]:
            if kind == "run":
                _run_until(library, album, str(one), int(str(other)))
            else:
                rows = listing.figures(library.catalog)
                row = rows[int(str(one)) % len(rows)]
                shown = (
                    {r.figure_id for r in rows if r.person_id == row.person_id} if row.person_id else {row.figure_id}
                )
                deciding.name(library, row.person_id or row.figure_id, str(other))
                said |= dict.fromkeys(shown, str(other))
            shown_now = {row.figure_id: row.person_name for row in listing.figures(library.catalog)}
            assert said.items() <= shown_now.items(), "at every moment"
        _run_until(library, album, "better", 10_000)
        names = {row.figure_id: row.person_name for row in listing.figures(library.catalog)}
        assert said.items() <= names.items()


def _run_until(library: Library, album: Path, wanted: str, reports: int) -> None:
    """A run that Ctrl-C ends after so many reports."""
    left = reports

    def report(_: Progress) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Stopped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mien.indexing.dispatch.REPORT_EVERY", 0)
        with suppress(Stopped):
            watched(library, album, wanted, report)
