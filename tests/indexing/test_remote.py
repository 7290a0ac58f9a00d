"""Index runs with an engine on another machine: it may go, come back and change, and no photo is the worse for it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mien.catalog import listing
from mien.catalog.library import Library
from mien.indexing.indexer import index
from mien.parsing.remote import client, patience
from tests.indexing import fake
from tests.indexing.fake import make_remote
from tests.indexing.inline import Inline
from tests.indexing.test_kill import crowd, finish, finished, kill_all, made, normalised, wait_for
from tests.parsing.remote.impostor import Impostor, answer, introduced, parsed
from tests.parsing.remote.processes import fake_service

__all__ = ["crowd"]

REPOSITORY = Path(__file__).parent.parent.parent

RUN = """
import sys
from mien.parsing.remote import client

client.RETURNED = float(sys.argv[4])  # in the workers, too

def report(progress):
    print(progress.phase, progress.done, flush=True)

if __name__ == "__main__":
    from mien.catalog.library import Library
    from mien.errors import EngineLost
    from mien.indexing.indexer import index
    from tests.indexing.fake import make_remote

    with Library.open(sys.argv[1]) as library:
        try:
            summary = index(library, [sys.argv[2]], engine=sys.argv[3], jobs=2, report=report, make_chain=make_remote)
        except EngineLost as error:
            sys.exit(error.code)
    print("finished", summary.read, flush=True)
"""


@contextmanager
def remote_run(
    folder: Path, library: Path, album: Path, engine: str, patient: float
) -> Iterator[subprocess.Popen[str]]:
    script = folder / "remote_run.py"
    script.write_text(RUN)
    process = subprocess.Popen(
        [sys.executable, str(script), str(library), str(album), engine, str(patient)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        yield process
    finally:
        kill_all(process)


def test_a_service_killed_half_way_stops_the_run_which_resumes_to_the_same_catalog(tmp_path: Path, crowd: Path) -> None:
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    assert finish(tmp_path, undisturbed, crowd) == 43
    with (
        fake_service(tmp_path, engine="fake-slow", jobs=2) as service,
        remote_run(tmp_path, disturbed, crowd, service.address, 0.5) as run,
    ):
        wait_for(run, "read", 10)
        service.kill()
        _, errors = run.communicate(timeout=60)
        assert (run.returncode, errors.strip()) == (1, "remote-gone")
    with Library.open(disturbed) as library, library.catalog.read() as connection:
        rows = listing.photos(library.catalog)
        assert len(rows) >= 10
        blamed = {Path(row.photo).name for row in rows if row.error}
        assert blamed <= {"broken.png", "film.mp4"}
        assert connection.execute("SELECT count(*) FROM inflight").fetchone() == (0,)
    with (
        fake_service(tmp_path, engine="fake-slow", jobs=2) as service,
        remote_run(tmp_path, disturbed, crowd, service.address, 0.5) as run,
    ):
        assert finished(run) < 35
        assert normalised(disturbed) == normalised(undisturbed)
        with Library.open(undisturbed) as one, Library.open(disturbed) as other:
            assert made(other) == made(one), "where an engine runs is no matter"
    assert finish(tmp_path, disturbed, crowd) == 0, "nothing is done again by the same engine at home"


@pytest.mark.skipif(os.name != "posix", reason="a port is free again at once on POSIX only")
def test_a_service_that_comes_back_with_another_release(
    tmp_path: Path, crowd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "library"
    with (
        fake_service(tmp_path, engine="fake-slow", jobs=2) as old,
        remote_run(tmp_path, library, crowd, old.address, 60) as run,
    ):
        wait_for(run, "read", 3)
        old.kill()
        with fake_service(tmp_path, {"FAKE_PARSER_VERSION": "2"}, engine="fake-slow", jobs=2, port=old.port) as new:
            _, errors = run.communicate(timeout=60)
            assert (run.returncode, errors.strip()) == (1, "remote-changed")
            with remote_run(tmp_path, library, crowd, new.address, 60) as again:
                assert finished(again) >= 40, "also those that the old one had parsed"
    monkeypatch.setenv("FAKE_PARSER_VERSION", "2")
    undisturbed = tmp_path / "undisturbed"
    finish(tmp_path, undisturbed, crowd)
    assert normalised(library) == normalised(undisturbed)
    with Library.open(undisturbed) as one, Library.open(library) as other:
        assert made(other) == made(one)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signals for one process")
def test_ctrl_c_ends_the_wait_for_a_hung_service(tmp_path: Path, crowd: Path) -> None:
    with (
        fake_service(tmp_path, engine="fake-slow", jobs=2) as service,
        remote_run(tmp_path, tmp_path / "library", crowd, service.address, 60) as run,
    ):
        wait_for(run, "read", 3)
        os.killpg(service.process.pid, signal.SIGSTOP)
        with suppress(subprocess.TimeoutExpired):
            run.wait(1)
        assert run.poll() is None
        os.killpg(run.pid, signal.SIGINT)
        run.communicate(timeout=30)
        assert run.returncode != 0


def test_a_photo_that_is_refused_is_listed_and_the_others_are_parsed(
    library: Library, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSE", 0.01)
    nobody = fake.Parse.empty(fake.WIDTH, fake.HEIGHT)
    with Impostor(parsed(nobody), answer(422, {"error": "not this one"}), parsed(nobody)) as service:
        summary = index(library, [album], engine=service.address, jobs=1, executor=Inline(), make_chain=make_remote)
        ((path, error),) = summary.errors
        assert (error.code, error.values["file"], error.values["reason"]) == (
            "remote-photo-refused", path, "not this one",
        )  # fmt: skip
        assert (summary.photos, len(service.asked)) == (5, 5)
        again = index(library, engine=service.address, jobs=1, executor=Inline(), make_chain=make_remote)
        assert (again.read, len(again.errors)) == (0, 1), "not before something changes"
    with library.catalog.read() as connection:
        assert connection.execute("SELECT DISTINCT engine FROM observations").fetchall() == [("fake",)]


def test_a_service_that_comes_back_with_another_engine_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that work for an album outlive runs, and so does what they have loaded."""
    monkeypatch.setattr(client, "FRESH", 0.0)
    with Impostor() as service:
        chain = make_remote(service.address)
        before = chain.fingerprints()
        assert (before.engine, before.first) == ("fake", None)
        service.introduction = introduced(engine="m2fp", fingerprint="m1")
        after = chain.fingerprints()
    assert (after.engine, after.first) == ("m2fp", "lite")
    assert after.parse != before.parse


def test_what_was_finished_before_is_kept(library: Library, album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE", 0.01)
    monkeypatch.setattr(client, "RETURNED", 0.2)
    nobody = fake.Parse.empty(fake.WIDTH, fake.HEIGHT)
    with Impostor(*[parsed(nobody)] * 3, answer(401, {"error": "no"})) as service:
        with pytest.raises(client.EngineLost) as error:
            index(library, [album], engine=service.address, jobs=1, executor=Inline(), make_chain=make_remote)
        assert error.value.code == "remote-token-missing"
    assert len(listing.photos(library.catalog)) == 3
