"""Running `mien` as its users do, on an album that is indexed once."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image

from mien.cli import Commands
from mien.language import speaking


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its standard output, all of which must be JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Mien = Callable[..., Done]


def run(*arguments: str | Path, library: Path, language: str = "en") -> Done:
    environment = {**os.environ, "MIEN_LIBRARY": str(library), "MIEN_LANG": language, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "mien", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", env=environment, timeout=240,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def call(*arguments: str | Path, library: Path, language: str = "en") -> Done:
    """The same in this process, which is quicker."""
    with speaking("zh" if language == "zh" else "en"):
        done = CliRunner().invoke(Commands("mien"), [*map(str, arguments), "--library", str(library)])
    return Done(done.exit_code, done.stdout, done.stderr)


SEVERAL = """
import contextlib, io, json, os, sys
from mien.cli import main

folder, answers = os.environ["MIEN_LIBRARY"], []
for number, arguments in enumerate(json.loads(sys.argv[1])):
    os.environ["MIEN_LIBRARY"], sys.argv = f"{folder}/{number}", ["mien", *arguments]
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2)]
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code
    for stream in streams:
        stream.flush()
    answers.append([code, *(stream.buffer.getvalue().decode() for stream in streams)])
print(json.dumps(answers))
"""


def run_each(commands: Sequence[Sequence[str]], folder: Path, language: str) -> list[Done]:
    """Run commands one after the other in one process, each as if alone and with a fresh library."""
    environment = {**os.environ, "MIEN_LIBRARY": str(folder), "MIEN_LANG": language, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL, json.dumps(commands)],
        stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment, timeout=240, check=True,
    )  # fmt: skip
    return [Done(*answer) for answer in json.loads(done.stdout)]


def write_album(folder: Path, woman: NDArray[np.uint8]) -> None:
    """Two photos of one woman, a copy of the first, nobody, a broken file, a film and a text."""
    folder.mkdir(parents=True)
    photo = Image.fromarray(woman)
    photo.save(folder / "IMG_20240501_101530.jpg", quality=95)
    photo.crop((0, 0, 420, 420)).save(folder / "mmexport1714629730123.png")
    shutil.copy(folder / "IMG_20240501_101530.jpg", folder / "副本.jpg")
    Image.new("RGB", (640, 480), (90, 140, 200)).save(folder / "sky.webp")
    (folder / "broken.jpg").write_bytes((folder / "IMG_20240501_101530.jpg").read_bytes()[:300])
    (folder / "film.mp4").write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(400))
    (folder / "notes.txt").write_text("no photo", encoding="utf-8")


@dataclass(frozen=True)
class Indexed:
    """An album and the library made of it."""

    album: Path
    library: Path
    done: Done


@pytest.fixture(scope="session")
def _indexed(tmp_path_factory: pytest.TempPathFactory, astronaut: NDArray[np.uint8]) -> Indexed:
    folder = tmp_path_factory.mktemp("cli")
    write_album(folder / "album", astronaut)
    done = run("index", folder / "album", "--jobs", "1", "--json", library=folder / "library")
    return Indexed(folder / "album", folder / "library", done)


@pytest.fixture
def indexed(_indexed: Indexed, tmp_path: Path) -> Indexed:
    """A library of one's own that was just indexed."""
    shutil.copytree(_indexed.library, tmp_path / "library")
    return Indexed(_indexed.album, tmp_path / "library", _indexed.done)


@pytest.fixture
def mien(indexed: Indexed) -> Mien:
    """Run `mien` on that library."""

    def call(*arguments: str | Path, language: str = "en") -> Done:
        return run(*arguments, library=indexed.library, language=language)

    return call


@pytest.fixture
def quick(indexed: Indexed) -> Mien:
    """Call `mien` on that library in this process."""
    return lambda *arguments, **more: call(*arguments, library=indexed.library, **more)
