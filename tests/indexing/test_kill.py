"""Index runs in processes of their own: killed, interrupted, or working on photos that crash their reader."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mien.catalog import listing
from mien.catalog.library import Library
from mien.indexing import deciding
from mien.indexing.indexer import index
from mien.people.decisions import replay
from tests.indexing import fake
from tests.indexing.conftest import START
from tests.indexing.inline import Inline

REPOSITORY = Path(__file__).parent.parent.parent

# Workers load this file, too, but not what only the first process needs.
RUN = """
import sys

def report(progress):
    print(progress.phase, progress.done, flush=True)

if __name__ == "__main__":
    from mien.catalog.library import Library
    from mien.indexing.indexer import index
    from tests.indexing.fake import make_fake

    with Library.open(sys.argv[1]) as library:
        try:
            summary = index(library, [sys.argv[2]], engine=sys.argv[3], jobs=2, report=report, make_chain=make_fake)
        except KeyboardInterrupt:
            sys.exit("stopped")
    print("finished", summary.read, flush=True)
"""


@contextmanager
def index_process(
    tmp_path: Path, library: Path, album: Path, engine: str = "fake-slow"
) -> Iterator[subprocess.Popen[str]]:
    """A real index run, leading a process group of its own; whatever is left of it at the end is killed."""
    (tmp_path / "run.py").write_text(RUN)
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "run.py"), str(library), str(album), engine],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill_all(process)


def kill_all(process: subprocess.Popen[str]) -> None:
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def wait_for(process: subprocess.Popen[str], phase: str, done: int = 0) -> None:
    """Until the run reports at least this, or ends."""
    assert process.stdout is not None
    for line in process.stdout:
        now, count = line.split()
        if now == phase and int(count) >= done:
            return


def normalised(library: Path) -> dict[str, Any]:
    """Everything there is, people by the figures they have."""
    with Library.open(library) as opened:
        photos = [asdict(row) for row in listing.photos(opened.catalog)]
        figures = [asdict(row) for row in listing.figures(opened.catalog)]
        people = [asdict(row) for row in listing.people(opened.catalog)]
    members: dict[str, list[str]] = {}
    for row in figures:
        members.setdefault(row["person_id"], []).append(row["figure_id"])
    for row in (*figures, *people):
        row["person_id"] = sorted(members[row["person_id"]])
    return {"photos": photos, "figures": figures, "people": sorted(people, key=lambda row: row["person_id"])}


def made(library: Library) -> dict[str, Any]:
    """By what everything there was made, and all blobs but the columns of questions, which depend on what came when."""
    with library.catalog.read() as connection:
        files = connection.execute("SELECT path, state, photo_id, fingerprint FROM files ORDER BY path").fetchall()
        photos = connection.execute(
            "SELECT photo_id, engine, parse_fingerprint, faces_fingerprint, traits_fingerprint FROM photos ORDER BY 1"
        ).fetchall()
        parses = connection.execute("SELECT * FROM observations ORDER BY photo_id").fetchall()
    blobs = {
        path.relative_to(library.folder).as_posix(): path.read_bytes()
        for path in library.blobs.folder.rglob("*")
        if path.is_file() and not path.name.startswith("columns-")
    }
    return {"files": files, "photos": photos, "parses": parses, "blobs": blobs}


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    """Forty photos, some of them copies or broken, some without a time."""
    folder = tmp_path / "crowd"
    chance = random.Random(4)
    for number in range(40):
        people = dict(zip(chance.sample(list(fake.COLOURS), chance.randint(0, 3)), (5, 60, 115), strict=False))
        taken = START + timedelta(minutes=number) if number % 7 else None
        fake.photo_of(folder / str(number % 3) / f"{number:02}.png", people, taken=taken, shade=number * 5)
    (folder / "copy.png").write_bytes((folder / "1" / "01.png").read_bytes())
    (folder / "broken.png").write_bytes(b"no photo")
    (folder / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
    return folder


def finish(tmp_path: Path, library: Path, album: Path) -> int:
    """Index undisturbed; returns how many files were read."""
    with index_process(tmp_path, library, album) as process:
        return finished(process)


def finished(process: subprocess.Popen[str]) -> int:
    """How many files were read."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    *_, (last, read) = map(str.split, output.splitlines())
    assert last == "finished"
    return int(read)


def test_a_run_killed_at_random_moments_ends_where_an_undisturbed_one_does(tmp_path: Path, crowd: Path) -> None:
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    assert finish(tmp_path, undisturbed, crowd) == 43
    expected = normalised(undisturbed)
    assert len(expected["photos"]) == 43
    chance = random.Random()
    moments = [("scan", 0, 1.5), ("read", 0, 0.1), ("read", 4, 0.3), ("read", 8, 0.1), ("group", 0, 0.2)]
    killed = 0
    for phase, done, spread in moments:
        with index_process(tmp_path, disturbed, crowd) as process:
            wait_for(process, phase, done)
            time.sleep(chance.uniform(0, spread))
            killed += process.poll() is None
            kill_all(process)
    assert killed >= 3, "but for the last ones, which may have been quicker, the runs were killed before their end"
    finish(tmp_path, disturbed, crowd)
    assert normalised(disturbed) == expected
    with Library.open(undisturbed) as one, Library.open(disturbed) as other:
        assert made(other) == made(one), "nothing else stays behind, such as half-written files"
    assert finish(tmp_path, disturbed, crowd) == 0
    assert normalised(disturbed) == expected


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for one process")
def test_ctrl_c_keeps_what_is_finished(tmp_path: Path, crowd: Path) -> None:
    with index_process(tmp_path, tmp_path / "library", crowd) as process:
        wait_for(process, "read", 5)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.strip() == "stopped"
    with Library.open(tmp_path / "library") as library:
        assert len(listing.photos(library.catalog)) >= 5
        with library.catalog.read() as connection:
            assert connection.execute("SELECT count(*) FROM inflight").fetchone() == (0,)


def test_photos_that_ruin_their_reader_are_left_out_with_a_reason(tmp_path: Path) -> None:
    from mien.indexing.local import LocalExecutor

    album = tmp_path / "album"
    for name, corner in {"crash": fake.CRASH, "hang": fake.HANG, "hungry": fake.HUNGRY}.items():
        fake.photo_of(album / f"{name}.png", {"anna": 10}, corner=corner)
    for number in range(6):
        fake.photo_of(album / f"{number}.png", {"bob": 10}, shade=number * 20)
    with Library.open(tmp_path / "library") as library, LocalExecutor(2, seconds=6, memory=1 << 30) as executor:
        summary = index(library, [album], engine="fake", jobs=2, executor=executor, make_chain=fake.make_fake)
        assert {Path(path).name: error.code for path, error in summary.errors} == {
            "crash.png": "worker-died",
            "hang.png": "worker-slow",
            "hungry.png": "worker-memory",
        }
        assert all(Path(path).name in error.message() for path, error in summary.errors)
        assert (summary.photos, summary.figures) == (6, 6)
        again = index(library, [album], engine="fake", jobs=2, executor=executor, make_chain=fake.make_fake)
        assert (again.read, len(again.errors)) == (0, 3)
        fake.photo_of(album / "crash.png", {"anna": 10}, shade=3)
        mended = index(library, [album], engine="fake", jobs=2, executor=executor, make_chain=fake.make_fake)
        assert (mended.read, len(mended.errors), mended.people) == (1, 2, 2)


NAME = """
import sys
from mien.catalog import listing
from mien.catalog.library import Library
from mien.indexing import deciding

with Library.open(sys.argv[1]) as library:
    (person, *_) = listing.people(library.catalog)
    for number in range(10**6):
        named = deciding.name(library, person.person_id if number == 0 else named.person_ids[0], f"Anna {number}")
        print(named.person.name, flush=True)
"""


def test_a_name_that_was_told_survives_a_kill_and_people_follow_it(tmp_path: Path, album: Path) -> None:
    chance = random.Random()
    with Library.open(tmp_path / "library") as library:
        index(library, [album], engine="fake", jobs=1, make_chain=fake.make_fake, executor=Inline())
        figures = {row.figure_id for row in listing.figures(library.catalog)}
        for _ in range(3):
            command = [sys.executable, "-c", NAME, str(tmp_path / "library")]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                told = [process.stdout.readline()]
                time.sleep(chance.uniform(0, 0.1))
                process.kill()
                told += process.stdout.readlines()
            deciding.up_to_date(library)
            (decided,) = replay(library.journal.entries()).people.values()
            names = [entry.body["name"] for entry in library.journal.entries()]
            assert {name.strip() for name in told if name.endswith("\n")} <= set(names)
            assert decided.name == names[-1]
            assert [row.name for row in listing.people(library.catalog)] == [names[-1], None, None]
            assert {row.figure_id for row in listing.figures(library.catalog)} == figures
            again = index(library, [album], engine="fake", jobs=1, make_chain=fake.make_fake, executor=Inline())
            assert again.read == 0


def test_people_can_be_named_while_a_run_goes_on(tmp_path: Path, crowd: Path) -> None:
    few = tmp_path / "few"
    fake.photo_of(few / "a.png", {"anna": 10}, shade=250)
    with Library.open(tmp_path / "library") as library:
        index(library, [few], engine="fake-slow", jobs=1, make_chain=fake.make_fake)
        with index_process(tmp_path, tmp_path / "library", crowd) as process:
            wait_for(process, "read", 3)
            (person,) = listing.people(library.catalog)
            deciding.name(library, person.person_id, "Anna")
            assert [row.name for row in listing.people(library.catalog) if row.name] == ["Anna"]
            assert process.poll() is None
            process.communicate(timeout=120)
            assert process.returncode == 0
        assert [person.name for person in replay(library.journal.entries()).people.values()] == ["Anna"]
        (anna,) = [row for row in listing.people(library.catalog) if row.name == "Anna"]
        everywhere = {row.photo for row in listing.figures(library.catalog, person_id=anna.person_id)}
        assert len(everywhere) > 5
