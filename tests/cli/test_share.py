"""`mien share` with the real engine; what is stopped in the middle runs in a process of its own."""

import functools
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image

from mien.catalog.library import Library
from mien.cli import Commands
from mien.errors import UnknownName
from mien.indexing import deciding, sharing
from mien.indexing.indexer import index
from mien.indexing.stages import make_chain
from mien.photo.reading import read_photo
from tests.cli.conftest import Done, Indexed, write_album
from tests.indexing.inline import Inline

HALF = "IMG_20240501_101530.jpg"
OTHER = "mmexport1714629730123.png"

Share = Callable[..., Done]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, astronaut: NDArray[np.uint8]) -> Path:
    """A folder with an album and the library of it, in which the woman is called Eileen."""
    folder = tmp_path_factory.mktemp("share")
    write_album(folder / "album", astronaut)
    with Library.open(folder / "library") as library:
        index(library, [folder / "album"], engine="lite", jobs=1, executor=Inline(), make_chain=make_chain)
        with library.catalog.read() as connection:
            ((person,),) = connection.execute("SELECT person_id FROM people").fetchall()
        deciding.name(library, person, "Eileen")
    return folder


@pytest.fixture(scope="module", autouse=True)
def _asked_once() -> object:
    """What the engine makes now does not change between these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "_load", functools.cache(sharing._load))
        yield


@pytest.fixture
def album(made: Path, tmp_path: Path) -> Indexed:
    """A library of one's own; the photos lie where all tests have them."""
    shutil.copytree(made / "library", tmp_path / "library")
    return Indexed(made / "album", tmp_path / "library", Done(0, "", ""))


@pytest.fixture
def share(album: Indexed, monkeypatch: pytest.MonkeyPatch) -> Share:
    """Run `mien share` on that library."""

    def call(*arguments: str | Path, language: str = "en") -> Done:
        monkeypatch.setenv("MIEN_LIBRARY", str(album.library))
        monkeypatch.setenv("MIEN_LANG", language)
        done = CliRunner().invoke(Commands("mien"), ["share", *map(str, arguments)])
        return Done(done.exit_code, done.stdout, done.stderr)

    return call


def originals(album: Indexed) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in album.album.iterdir()}


def difference(one: Path, other: Path) -> float:
    before, after = (read_photo(file, long_side=None).pixels.astype(int) for file in (one, other))
    return float(np.abs(before[60:180, 180:270] - after[60:180, 180:270]).mean())  # the woman's face


def test_who_is_no_contact_is_hidden_and_who_is_one_is_not(album: Indexed, share: Share, tmp_path: Path) -> None:
    before, out, photo = originals(album), tmp_path / "out", album.album / HALF
    done = share(photo, "--to", out, "--json")
    assert done.code == 0, done.err
    (row,) = done.rows
    assert list(row) == ["photo", "photo_id", "file", "kept", "hidden", "others", "unsure", "lacks", "error"]
    assert (row["kept"], row["hidden"], row["error"], row["lacks"]) == ([], 1, None, [])
    assert Path(row["file"]) == out / "photo-001.jpg"
    assert difference(photo, out / "photo-001.jpg") > 25

    assert share(photo, "--to", out, "--keep", "eileen", "--json").rows[0]["kept"] == ["Eileen"]
    assert difference(photo, out / "photo-002.jpg") < 5
    with Library.open(album.library) as library:
        deciding.contact(library, "Eileen")
    assert share(photo, "--to", out, "--json").rows[0]["kept"] == ["Eileen"]
    assert share(photo, "--to", out, "--nobody", "--json").rows[0]["kept"] == []
    assert difference(photo, out / "photo-003.jpg") < 5 < 25 < difference(photo, out / "photo-004.jpg")
    with Library.open(album.library) as library:
        deciding.contact(library, "Eileen", is_contact=False)
    assert share(photo, "--to", out, "--json").rows[0]["kept"] == []
    assert originals(album) == before


def test_folders_previews_names_and_what_is_lacking(album: Indexed, share: Share, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = share(album.album, "--to", out, "--json")
    assert done.code == 1  # one file is broken
    files = [Path(row["file"]).name for row in done.rows if row["file"]]
    assert sorted(files) == ["photo-001.jpg", "photo-001.png", "photo-002.jpg"]
    (broken,) = [row for row in done.rows if row["error"]]
    assert broken["photo"].endswith("broken.jpg")
    assert [lack["code"] for lack in broken["lacks"]] == ["share-unindexed"]

    copy = album.album / "副本.jpg"  # the same photo by another name
    named = share(copy, "--to", out, "--names", "--preview", "--style", "pixelate", "--json")
    assert Path(named.rows[0]["file"]).name == copy.name
    again = share(copy, "--to", out, "--names", "--preview")
    assert again.code == 1
    assert f"{copy}: " in again.err  # which was left out
    assert "is there already" in again.err

    other = tmp_path / "new.png"
    Image.open(album.album / HALF).crop((0, 0, 400, 500)).save(other)
    assert share(other, "--to", out).code == 1
    done = share(other, "--to", out, "--anyway", language="zh")
    assert done.code == 0, done.err
    assert "不在图库中" in done.out
    assert difference(other, out / "photo-002.png") > 25


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE photos SET parse_fingerprint = 'old'", "share-unparsed"),
        ("UPDATE photos SET faces_fingerprint = 'old'", "share-stale"),
        ("DELETE FROM observations", "share-unparsed"),
    ],
)
def test_what_is_stale_or_missing_is_not_shared_without_a_word(
    album: Indexed, share: Share, tmp_path: Path, change: str, code: str
) -> None:
    with sqlite3.connect(album.library / "catalog.db") as connection:
        connection.execute(change)
    connection.close()
    refused = share(album.album / HALF, "--to", tmp_path / "out", "--json")
    assert refused.code == 1
    assert [lack["code"] for lack in refused.rows[0]["lacks"]] == [code]
    assert not (tmp_path / "out").exists()
    done = share(album.album / HALF, "--to", tmp_path / "out", "--anyway", "--json")
    assert done.code == 0
    assert difference(album.album / HALF, tmp_path / "out" / "photo-001.jpg") > 25


def test_a_photo_that_is_not_what_it_was_shows_nobody(album: Indexed, share: Share, tmp_path: Path) -> None:
    photo = tmp_path / "was.jpg"
    Image.open(album.album / HALF).crop((20, 0, 512, 512)).save(photo)
    with sqlite3.connect(album.library / "catalog.db") as connection:
        before, copy = (os.fsencode(album.album / name) for name in (HALF, "副本.jpg"))
        connection.execute("DELETE FROM files WHERE path = ?", (copy,))
        connection.execute("UPDATE files SET path = ? WHERE path = ?", (os.fsencode(photo), before))
    connection.close()
    out = tmp_path / "out"
    refused = share(photo, "--to", out, "--keep", "Eileen", "--json")
    assert (refused.code, refused.rows[0]["file"]) == (1, None)
    done = share(photo, "--to", out, "--keep", "Eileen", "--anyway", "--json")
    assert done.code == 0
    assert (done.rows[0]["kept"], done.rows[0]["hidden"]) == ([], 0)
    assert difference(photo, out / "photo-001.jpg") > 25


def test_what_is_decided_meanwhile_holds_for_the_next_photo(
    album: Indexed, share: Share, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sharing.copy_of

    def decide_then_copy(*arguments: object, **options: object) -> sharing.Made:
        with Library.open(album.library) as library, library.catalog.read() as connection:
            figures = [row[0] for row in connection.execute("SELECT figure_id FROM membership")]
            deciding.reject(library, figures[0], follow=False)
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(sharing, "copy_of", decide_then_copy)
    photos = [album.album / name for name in (HALF, OTHER)]
    done = share(*photos, "--to", tmp_path / "out", "--keep", "Eileen", "--json")
    assert [[lack["code"] for lack in row["lacks"]] for row in done.rows] == [[], ["share-unfollowed"]]
    assert [row["file"] is None for row in done.rows] == [False, True]


@pytest.mark.parametrize(
    ("born", "confidence", "grown_up"),
    [(1980, 1.0, True), (2015, 1.0, False), (2015, 0.5, False), (1980, 0.5, False)],
)
def test_who_may_be_somebody_else_is_not_of_age_by_that_ones_birthday(
    album: Indexed, born: int, confidence: float, grown_up: bool
) -> None:
    with Library.open(album.library) as library:
        deciding.born(library, "Eileen", date(born, 5, 1))
        with library.catalog.write() as connection:
            connection.execute("UPDATE membership SET source = 'inferred', confidence = ?", (confidence,))
            connection.execute("UPDATE figures SET traits = '{}'")
        (asked,) = sharing.find(library, [str(album.album / HALF)])
        (subject,) = sharing.Sharing(library).order(asked).subjects
    assert subject.grown_up == grown_up


def test_wrong_use(album: Indexed, share: Share, tmp_path: Path) -> None:
    photo = album.album / HALF
    assert share(photo, "--to", tmp_path, "--keep", "x", "--nobody").code == 2
    assert share(photo).code == 2
    for wrong in (["--keep", "Nobody"], ["--keep", ""]):
        assert share(photo, "--to", tmp_path / "out", *wrong).code == 1
    assert share(tmp_path / "nothing.jpg", "--to", tmp_path / "out").code == 1
    assert not (tmp_path / "out").exists()
    no_text = "\udcff" * 4  # as a name that is no UTF-8 is given to a program
    with Library.open(album.library) as library:
        with pytest.raises(UnknownName):
            sharing.find(library, [no_text])
        with pytest.raises(UnknownName):
            sharing.Sharing(library, [no_text])


def test_nothing_is_written_where_originals_or_the_library_are(album: Indexed, share: Share, tmp_path: Path) -> None:
    photo, before = album.album / HALF, originals(album)
    alone = tmp_path / "alone" / "new.png"
    alone.parent.mkdir()
    Image.new("RGB", (40, 30)).save(alone)
    (tmp_path / "link").symlink_to(album.album)
    for shared, folder in (
        (photo, album.album),
        (photo, album.album / "shared"),
        (photo, tmp_path / "link"),
        (photo, tmp_path / "link" / "new" / ".."),
        (photo, album.library / "cache" / "copies"),
        (alone, alone.parent),
        (alone.parent, alone.parent / "copies"),
    ):
        refused = share(shared, "--to", folder, "--anyway")
        assert refused.code == 1
        assert "holds originals" in refused.err
    assert originals(album) == before
    assert [file.name for file in alone.parent.iterdir()] == ["new.png"]
    assert not (album.library / "cache" / "copies").exists()


@pytest.mark.parametrize("ending", ["SIGINT", "SIGKILL"])
def test_stopped_in_the_middle_it_leaves_whole_files_only(album: Indexed, tmp_path: Path, ending: str) -> None:
    if not hasattr(signal, ending) or os.name == "nt":
        pytest.skip("signals of POSIX")
    out = tmp_path / "out"
    photos = [str(tmp_path / f"{number}.png") for number in range(40)]
    for number, photo in enumerate(photos):
        Image.fromarray(np.full((200, 300, 3), number, np.uint8)).save(photo)
    environment = {**os.environ, "MIEN_LIBRARY": str(album.library), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "mien", "share", *photos, "--to", str(out), "--anyway", "--json"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (out.is_dir() and len(list(out.glob("photo*"))) >= 2):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(getattr(signal, ending))
    said, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    files = sorted(out.iterdir())
    if ending == "SIGINT":
        assert not [file for file in files if file.name.startswith(".")]
    whole = [file for file in files if not file.name.startswith(".")]
    assert 2 <= len(whole) < 40
    for file in whole:
        assert np.asarray(Image.open(io.BytesIO(file.read_bytes()))).shape == (200, 300, 3)
    assert {json.loads(line)["file"] for line in said.splitlines() if line.endswith("}")} <= set(map(str, whole))
