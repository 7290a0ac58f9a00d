"""Runs in the background: asked for, shared with visitors' photos, told about, stopped."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from mien.catalog import listing
from mien.catalog.library import Library
from mien.errors import LibraryError, MienError
from mien.indexing import local, roots
from mien.indexing.engine import choose
from mien.indexing.local import LocalExecutor
from mien.indexing.progress import Progress
from mien.indexing.summary import Summary
from mien.web.background import keeper as keeping
from mien.web.background import workers
from mien.web.background.keeper import Keeper, Status
from tests.indexing import fake
from tests.indexing.fake import make_fake
from tests.web.test_status import NOTHING

CROWD = 40


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    """Photos which take "fake-slow" two seconds."""
    people = list(fake.COLOURS)
    for number in range(CROWD):
        fake.photo_of(tmp_path / "crowd" / f"{number:02}.png", {people[number % 5]: 10}, shade=number * 6)
    return tmp_path / "crowd"


KeeperFor = Callable[..., Keeper]


@pytest.fixture
def keeper_for(library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeeperFor]:
    """Makes keepers, each with one worker, and closes them."""
    monkeypatch.setattr(keeping, "RETRY", 0.1)
    made: list[Keeper] = []

    def make(engine: str | None = "fake", *, of: Library = library) -> Keeper:
        made.append(Keeper(of, engine=engine, jobs=1, make_chain=make_fake))
        return made[-1]

    yield make
    for keeper in made:
        keeper.close()


def until(true: Callable[[], Any]) -> None:
    """Wait for it; a minute means that it never comes."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def ended(keeper: Keeper) -> Callable[[], bool]:
    """Whether the next run has ended, in success or failure."""
    before = keeper.status

    def has_ended() -> bool:
        now = keeper.status
        return now.state == "idle" and (now.last is not before.last or now.error is not before.error)

    return has_ended


def names(library: Library) -> list[str]:
    return [Path(row.photo).name for row in listing.photos(library.catalog)]


def who_is_where(library: Library) -> dict[str, set[str | None]]:
    """Photo → who is on it, as the photos in which that person is."""
    rows = listing.figures(library.catalog)
    photos = {row.person_id: {Path(r.photo).name for r in rows if r.person_id == row.person_id} for row in rows}
    return {Path(row.photo).name: photos[row.person_id] for row in rows}


def test_nothing_is_started_before_it_is_needed(keeper_for: KeeperFor) -> None:
    keeper = keeper_for()
    assert keeper.status == Status("idle")
    assert keeper._thread is None
    assert worker_processes() == []


def test_what_is_asked_for_is_indexed(keeper_for: KeeperFor, library: Library, crowd: Path) -> None:
    keeper = keeper_for()
    seen: list[Status] = []
    over = ended(keeper)
    keeper.ask([crowd])
    seen.append(keeper.status)
    while not over():
        seen.append(keeper.status)
        time.sleep(0.01)
    assert seen[0].state == "running", "it says so at once"
    assert {status.state for status in seen} == {"running"}
    assert any(status.progress and status.progress.path for status in seen)
    assert keeper.status.last is not None
    assert (keeper.status.last.photos, keeper.status.last.people) == (CROWD, 5)
    assert keeper.status.progress is None
    over = ended(keeper)
    keeper.ask()
    until(over)
    assert keeper.status.last.unchanged == CROWD


def test_equal_requests_that_wait_are_one(keeper_for: KeeperFor, crowd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[object] = []

    def run(_: Library, asked: object, **options: Any) -> Summary:
        runs.append(asked)
        time.sleep(0.3)
        return NOTHING

    monkeypatch.setattr(keeping, "index", run)
    keeper = keeper_for()
    keeper.ask([crowd])
    until(lambda: runs)
    for _ in range(5):
        keeper.ask([crowd])
        keeper.ask()
    until(lambda: len(runs) == 3 and not keeper._asked)
    assert runs == [(crowd,), (crowd,), None], "one asked for during a run is not that run"


def test_a_new_library_has_nothing_to_index_and_that_is_no_error(keeper_for: KeeperFor) -> None:
    keeper = keeper_for()
    keeper.ask()
    until(lambda: keeper.status.state == "idle")
    assert keeper.status == Status("idle")


@pytest.mark.parametrize("fault", ["path", "engine", "unforeseen"])
def test_a_run_that_fails_says_why_and_the_next_one_is_done(
    keeper_for: KeeperFor, crowd: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    keeper = keeper_for()
    over = ended(keeper)
    with monkeypatch.context() as broken:
        if fault == "engine":
            keeper.make_chain = _fail
        if fault == "unforeseen":
            broken.setattr(keeping, "index", _fail)
        keeper.ask([crowd / "nowhere" if fault == "path" else crowd])
        until(over)
    assert keeper.status.error is not None
    expected = {"path": "path-not-found", "engine": "engine-unknown", "unforeseen": "index-failed"}
    assert keeper.status.error.code == expected[fault]
    assert keeper.status.error.message()
    keeper.make_chain = make_fake
    over = ended(keeper)
    keeper.ask([crowd])
    until(over)
    assert keeper.status.error is None
    assert keeper.status.last is not None
    assert keeper.status.last.photos == CROWD


def hang(begun: str) -> None:
    """A task that ends only with its process."""
    Path(begun).touch()
    time.sleep(600)


def _fail(*_: object, **__: object) -> Any:
    if __:
        raise ZeroDivisionError("nobody thought of that")
    raise MienError("engine-unknown", engine="x", engines="y")


def test_photos_brought_during_a_long_run_come_first_and_change_nothing_else(
    keeper_for: KeeperFor, library: Library, crowd: Path, tmp_path: Path
) -> None:
    guests = [fake.photo_of(tmp_path / "guests" / f"guest {n}.png", {"anna": 20, "bob": 80}, shade=n) for n in range(3)]
    originals = {path: (path.read_bytes(), path.stat()) for path in [*crowd.iterdir(), *guests]}
    keeper = keeper_for("fake-slow")
    over = ended(keeper)
    keeper.ask([crowd])
    until(lambda: keeper.status.progress is not None and keeper.status.progress.done > 2)
    for guest in guests:
        keeper.bring(guest).result(30)
        assert guest.name in names(library)
        assert all(row.person_id for row in listing.figures(library.catalog) if row.photo == str(guest))
    assert len(names(library)) < CROWD, "they did not wait for the long run"
    together = [keeper.bring(guest) for guest in guests]
    until(over)
    assert all(future.done() for future in together)
    assert keeper.status.last is not None
    assert keeper.status.last.read == CROWD + 3, "nothing was read twice"
    assert {path: (path.read_bytes(), path.stat()) for path in originals} == originals
    with Library.open(tmp_path / "undisturbed") as undisturbed:
        other = keeper_for("fake-slow", of=undisturbed)
        over = ended(other)
        other.ask([crowd, *guests])
        until(over)
        assert who_is_where(library) == who_is_where(undisturbed)


def test_photos_brought_one_after_the_other_share_a_run(keeper_for: KeeperFor, library: Library, crowd: Path) -> None:
    keeper = keeper_for()
    photos = sorted(crowd.iterdir())[:8]
    for photo in photos:
        keeper.bring(photo).result(30)
        assert keeper.status.last is None, "the run goes on"
    until(lambda: keeper.status.last)
    assert keeper.status.last is not None
    assert (keeper.status.last.new, keeper.status.last.read) == (8, 8)


def test_a_run_is_stopped_and_what_it_did_stays(
    keeper_for: KeeperFor, library: Library, crowd: Path, tmp_path: Path
) -> None:
    keeper = keeper_for("fake-slow")
    keeper.stop()
    assert keeper.status == Status("idle"), "there was none"
    keeper.ask([crowd])
    keeper.ask()
    until(lambda: keeper.status.progress is not None and keeper.status.progress.done > 5)
    keeper.stop()
    until(lambda: keeper.status.state == "idle")
    assert keeper.status == Status("idle"), "that is no failure"
    assert 5 < len(names(library)) < CROWD
    assert all(row.person_id for row in listing.figures(library.catalog)), "people are grouped"
    assert roots.known(library.folder) == (str(crowd),)
    over = ended(keeper)
    keeper.ask()
    until(over)
    assert keeper.status.last is not None
    assert keeper.status.last.photos == CROWD
    assert keeper.status.last.read < CROWD, "it went on"


def test_whoever_brought_a_photo_is_told_that_the_run_was_stopped(
    keeper_for: KeeperFor, library: Library, crowd: Path
) -> None:
    keeper = keeper_for("fake-slow")
    keeper.ask([crowd])
    until(lambda: keeper.status.progress is not None and keeper.status.progress.phase == "read")
    brought = [keeper.bring(photo) for photo in crowd.iterdir()]
    keeper.stop()
    errors = [future.exception(30) for future in brought]
    assert {error.code for error in errors if isinstance(error, MienError)} == {"worker-dropped"}
    until(lambda: keeper.status.state == "idle")


def test_what_waits_for_another_program_is_dropped(keeper_for: KeeperFor, library: Library, crowd: Path) -> None:
    keeper = keeper_for()
    with Library.open(library.folder) as other, other.indexing():
        keeper.ask([crowd])
        until(lambda: keeper.status.state == "elsewhere")
        keeper.stop()
        until(lambda: keeper.status == Status("idle"))
    time.sleep(3 * keeping.RETRY)
    assert keeper.status == Status("idle")
    assert names(library) == []


def test_while_another_program_indexes_it_is_waited_for(keeper_for: KeeperFor, library: Library, crowd: Path) -> None:
    keeper = keeper_for()
    guest, *_ = sorted(crowd.iterdir())
    with Library.open(library.folder) as other, other.indexing():
        with pytest.raises(LibraryError, match="Another"):
            keeper.bring(guest).result(30)
        until(lambda: keeper.status.state == "elsewhere")
        keeper.ask([crowd])
        with pytest.raises(LibraryError, match="Another"):
            keeper.bring(guest).result(30)
        assert names(library) == []
    until(lambda: len(names(library)) == CROWD)
    until(lambda: keeper.status.state == "idle")
    assert keeper.status.error is None


def test_a_photo_brought_while_another_program_indexes_is_not_forgotten(
    keeper_for: KeeperFor, library: Library, crowd: Path
) -> None:
    keeper = keeper_for()
    guest, *_ = sorted(crowd.iterdir())
    with Library.open(library.folder) as other, other.indexing(), pytest.raises(LibraryError):
        keeper.bring(guest).result(30)
    until(lambda: names(library) == [guest.name])


def test_visitors_tasks_share_the_run_s_workers(keeper_for: KeeperFor, library: Library, crowd: Path) -> None:
    keeper = keeper_for("fake-slow")
    over = ended(keeper)
    keeper.ask([crowd])
    until(lambda: keeper.status.progress is not None and keeper.status.progress.done > 0)
    assert keeper.submit(divmod, 7, 3).result(30) == (2, 1)
    assert keeper.status.state == "running"
    assert len(worker_processes()) == 1
    until(over)
    assert keeper.submit(divmod, 7, 3).result(30) == (2, 1)


def test_what_is_asked_for_comes_before_what_is_only_parsed_again(
    keeper_for: KeeperFor, library: Library, crowd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.indexing.dispatch.REPORT_EVERY", 0)
    new = fake.photo_of(tmp_path / "new" / "new.png", {"anna": 70}, shade=99)
    keeper = keeper_for("better")
    original, seen = keeper._follow, []

    def follow(progress: Progress) -> None:
        if progress.phase == "refine" and progress.done == 3 and not seen:
            keeper.ask([new.parent])
            seen.append("asked")
        if progress.phase == "refine" and progress.done and "new.png" in names(library):
            seen.append("read" if refined(library) < CROWD else "too late")
        original(progress)

    monkeypatch.setattr(keeper, "_follow", follow)
    keeper.ask([crowd])
    until(lambda: keeper.status.state == "idle" and refined(library) == CROWD + 1)
    assert seen[:2] == ["asked", "read"]


def refined(library: Library) -> int:
    with library.catalog.read() as connection:
        (photos,) = connection.execute("SELECT count(*) FROM photos WHERE engine = 'better'").fetchone()
    return int(photos)


def test_why_the_better_engine_cannot_be_used_is_told(
    keeper_for: KeeperFor, library: Library, crowd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_AWAY", "better")
    choose(library.folder, "better")
    keeper = keeper_for(None)
    is_over = ended(keeper)
    keeper.ask([crowd])
    until(is_over)
    assert (keeper.status.error and keeper.status.error.code, len(names(library))) == ("engine-away", CROWD)


def test_too_many_visitors_are_told_to_come_again(keeper_for: KeeperFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "QUEUE", 2)
    keeper = keeper_for()
    waiting = [keeper.submit(time.sleep, 0.2) for _ in range(3)]
    with pytest.raises(MienError) as refusal:
        keeper.submit(divmod, 7, 3)
    assert refusal.value.code == "too-busy"
    waiting[-1].result(30)
    assert keeper.submit(divmod, 7, 3).result(30) == (2, 1)


def test_idle_workers_are_ended_and_started_again(keeper_for: KeeperFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "IDLE", 0.2)
    keeper = keeper_for()
    keeper.submit(divmod, 7, 3).result(30)
    (process,) = worker_processes()
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
    assert keeper.submit(divmod, 7, 3).result(30) == (2, 1)
    busy = keeper.submit(time.sleep, 0.8)
    time.sleep(0.5)
    assert not busy.done(), "who is at work is not idle"
    assert busy.result(30) is None


def worker_processes() -> list[psutil.Process]:
    workers = []
    for process in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # it ended just now
            if any("spawn_main" in part for part in process.cmdline()):
                workers.append(process)
    return workers


@pytest.mark.parametrize("phase", ["scan", "read", "group"])
def test_it_ends_soon_whatever_it_does(
    keeper_for: KeeperFor, library: Library, crowd: Path, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    if phase == "scan":
        from mien.indexing import indexer

        def endless(paths: object, watch: Callable[[], None]) -> Any:
            while True:
                watch()
                time.sleep(0.01)

        monkeypatch.setattr(indexer, "scan", endless)
    if phase == "group":
        from mien.indexing.regroup import METHODS

        def endless_grouping(sightings: object, decisions: object, watch: Callable[[], None]) -> Any:
            while True:
                watch()
                time.sleep(0.01)

        monkeypatch.setitem(METHODS, "default", endless_grouping)
    keeper = keeper_for("fake-slow" if phase == "read" else "fake")
    keeper.ask([crowd])
    until(lambda: keeper.status.progress is not None and keeper.status.progress.phase == phase)
    done = keeper.status.progress.done if keeper.status.progress else 0
    keeper.close()
    assert keeper._thread is not None
    assert not keeper._thread.is_alive()
    assert worker_processes() == []
    assert len(names(library)) >= done
    monkeypatch.undo()
    again = keeper_for()
    over = ended(again)
    again.ask([crowd])
    until(over)
    assert again.status.last is not None
    assert (again.status.last.photos, again.status.last.people) == (CROWD, 5)


def test_what_was_asked_for_is_not_forgotten_by_the_next_start(
    keeper_for: KeeperFor, library: Library, crowd: Path, tmp_path: Path
) -> None:
    other = fake.photo_of(tmp_path / "other" / "a.png", {"anna": 10}, shade=250).parent
    keeper = keeper_for("fake-slow")
    keeper.ask([crowd])
    until(lambda: keeper.status.progress is not None and keeper.status.progress.done > 0)
    keeper.ask([other])
    keeper.close()
    assert "a.png" not in names(library)
    again = keeper_for()
    over = ended(again)
    again.ask()
    until(over)
    assert again.status.last is not None
    assert again.status.last.photos == CROWD + 1


def test_what_is_asked_for_while_another_program_indexes_is_not_forgotten_either(
    keeper_for: KeeperFor, library: Library, crowd: Path
) -> None:
    keeper = keeper_for()
    with Library.open(library.folder) as other, other.indexing():
        keeper.ask([crowd, crowd / "no such photo.png"])
        until(lambda: keeper.status.state == "elsewhere")
        keeper.close()
        roots.remember(other.folder, [str(other.uploads)])  # as the other program's run does
    assert roots.known(library.folder) == tuple(sorted([str(crowd), str(library.uploads)]))
    again = keeper_for()
    again.ask()
    until(lambda: len(names(library)) == CROWD)


def test_it_ends_soon_while_a_worker_hangs(
    keeper_for: KeeperFor, library: Library, crowd: Path, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    keeper = keeper_for()
    hanging = keeper.submit(hang, str(begun))
    brought = keeper.bring(fake.photo_of(crowd / "hang.png", {"anna": 10}, corner=fake.HANG))
    until(begun.exists)
    keeper.close()
    assert keeper._thread is not None
    assert not keeper._thread.is_alive()
    assert worker_processes() == []
    for waiting in (hanging, brought):
        with pytest.raises(MienError) as told:
            waiting.result(0)
        assert told.value.code == "closing"
    for late in (keeper.ask, lambda: keeper.bring(crowd / "00.png"), lambda: keeper.submit(divmod, 7, 3)):
        with pytest.raises(MienError, match="closed"):
            late()
    keeper.close()


def test_a_photo_that_ruins_its_worker_is_answered_too(
    keeper_for: KeeperFor, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LocalExecutor", lambda jobs, **_: LocalExecutor(jobs, seconds=5, memory=local.MEMORY))
    keeper = keeper_for()
    keeper.bring(fake.photo_of(tmp_path / "crash.png", {"anna": 10}, corner=fake.CRASH)).result(60)
    (row,) = listing.photos(library.catalog)
    assert "crashed" in (row.error or "")
