"""`mien share`, with the real engine, in processes of its own."""

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.photo.reading import read_photo
from tests.cli.conftest import Indexed, Mien

HALF = "IMG_20240501_101530.jpg"


def originals(indexed: Indexed) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in indexed.album.iterdir()}


def difference(one: Path, other: Path) -> float:
    before, after = (read_photo(file, long_side=None).pixels.astype(int) for file in (one, other))
    return float(np.abs(before[60:180, 180:270] - after[60:180, 180:270]).mean())  # the woman's face


def test_who_is_no_contact_is_hidden_and_who_is_one_is_not(indexed: Indexed, mien: Mien, tmp_path: Path) -> None:
    before, out, photo = originals(indexed), tmp_path / "out", indexed.album / HALF
    (person,) = mien("people", "--json").rows
    done = mien("share", photo, "--to", out, "--json")
    assert done.code == 0, done.err
    (row,) = done.rows
    assert (row["kept"], row["hidden"], row["error"], row["lacks"]) == ([], 1, None, [])
    assert Path(row["file"]) == out / "photo-001.jpg"
    assert difference(photo, out / "photo-001.jpg") > 25

    mien("name", person["person_id"], "Eileen")
    assert mien("share", photo, "--to", out, "--keep", "eileen", "--json").rows[0]["kept"] == ["Eileen"]
    assert difference(photo, out / "photo-002.jpg") < 5
    mien("contact", "Eileen")
    assert mien("share", photo, "--to", out, "--json").rows[0]["kept"] == ["Eileen"]
    assert mien("share", photo, "--to", out, "--nobody", "--json").rows[0]["kept"] == []
    assert difference(photo, out / "photo-003.jpg") < 5 < 25 < difference(photo, out / "photo-004.jpg")
    mien("contact", "Eileen", "--no")
    assert mien("share", photo, "--to", out, "--json").rows[0]["kept"] == []
    assert originals(indexed) == before


def test_folders_previews_names_and_what_is_lacking(indexed: Indexed, mien: Mien, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = mien("share", indexed.album, "--to", out, "--json")
    assert done.code == 1  # one file is broken
    files = [Path(row["file"]).name for row in done.rows if row["file"]]
    assert sorted(files) == ["photo-001.jpg", "photo-001.png", "photo-002.jpg"]
    (broken,) = [row for row in done.rows if row["error"]]
    assert broken["photo"].endswith("broken.jpg")
    assert [lack["code"] for lack in broken["lacks"]] == ["share-unindexed"]

    named = mien("share", indexed.album / HALF, "--to", out, "--names", "--preview", "--style", "pixelate", "--json")
    assert Path(named.rows[0]["file"]).name == HALF
    again = mien("share", indexed.album / HALF, "--to", out, "--names", "--preview")
    assert again.code == 1
    assert "is there already" in again.err

    other = tmp_path / "new.png"
    Image.open(indexed.album / HALF).crop((0, 0, 400, 500)).save(other)
    assert mien("share", other, "--to", out).code == 1
    done = mien("share", other, "--to", out, "--anyway", language="zh")
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
    indexed: Indexed, mien: Mien, tmp_path: Path, change: str, code: str
) -> None:
    with sqlite3.connect(indexed.library / "catalog.db") as connection:
        connection.execute(change)
    connection.close()
    refused = mien("share", indexed.album / HALF, "--to", tmp_path / "out", "--json")
    assert refused.code == 1
    assert [lack["code"] for lack in refused.rows[0]["lacks"]] == [code]
    assert not (tmp_path / "out").exists()
    done = mien("share", indexed.album / HALF, "--to", tmp_path / "out", "--anyway", "--json")
    assert done.code == 0
    assert difference(indexed.album / HALF, tmp_path / "out" / "photo-001.jpg") > 25


def test_wrong_use(indexed: Indexed, mien: Mien, tmp_path: Path) -> None:
    into = mien("share", indexed.album / HALF, "--to", indexed.album / "shared")
    assert into.code == 1
    assert not (indexed.album / "shared").exists()
    assert mien("share", indexed.album / HALF, "--to", tmp_path, "--keep", "x", "--nobody").code == 2
    assert mien("share", indexed.album / HALF, "--to", tmp_path / "out", "--keep", "Nobody").code == 1
    assert mien("share", tmp_path / "nothing.jpg", "--to", tmp_path / "out").code == 1
    assert mien("share", indexed.album / HALF).code == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("ending", ["SIGINT", "SIGKILL"])
def test_stopped_in_the_middle_it_leaves_whole_files_only(indexed: Indexed, tmp_path: Path, ending: str) -> None:
    if not hasattr(signal, ending) or os.name == "nt":
        pytest.skip("signals of POSIX")
    out = tmp_path / "out"
    photos = [str(tmp_path / f"{number}.png") for number in range(40)]
    for number, photo in enumerate(photos):
        Image.fromarray(np.full((200, 300, 3), number, np.uint8)).save(photo)
    environment = {**os.environ, "MIEN_LIBRARY": str(indexed.library), "OMP_NUM_THREADS": "1"}
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
