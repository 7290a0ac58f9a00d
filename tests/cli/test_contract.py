"""The command line's contract: what other programs rely on."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import numpy as np
import psutil
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image

from mien.cli import COMMANDS, Commands
from mien.parsing.engines import ENGINES
from tests.cli.conftest import Indexed, Mien, run, run_each
from tests.indexing.fake import FakeParser


def test_index_tells_what_it_did_and_that_a_bad_file_is_no_failure(indexed: Indexed) -> None:
    done = indexed.done
    assert done.code == 0
    assert "broken.jpg" in done.err
    (row,) = done.rows
    assert row["event"] == "done"
    assert (row["files"], row["photos"], row["figures"], row["people"], row["videos"]) == (7, 3, 2, 1, 1)
    assert [Path(error["photo"]).name for error in row["errors"]] == ["broken.jpg"]


def test_photos(indexed: Indexed, mien: Mien) -> None:
    rows = {Path(row["photo"]).name: row for row in mien("photos", "--json").rows}
    assert set(rows) == {
        "IMG_20240501_101530.jpg", "mmexport1714629730123.png", "副本.jpg", "sky.webp", "broken.jpg", "film.mp4",
    }  # fmt: skip
    original, copy = rows["IMG_20240501_101530.jpg"], rows["副本.jpg"]
    assert original["photo"] == str(indexed.album / "IMG_20240501_101530.jpg")
    assert (original["width"], original["height"], original["figures"], original["error"]) == (512, 512, 1, None)
    assert (original["taken_at"], original["taken_source"]) == ("2024-05-01T10:15:30", "filename")
    assert copy["photo_id"] == original["photo_id"]
    assert (copy["taken_at"], copy["taken_source"]) == (None, None)
    assert rows["mmexport1714629730123.png"]["taken_at"].startswith("2024-05-0")
    assert rows["sky.webp"]["figures"] == 0
    for name in ("broken.jpg", "film.mp4"):
        assert rows[name]["photo_id"] is None
        assert rows[name]["error"]


def test_figures(indexed: Indexed, mien: Mien) -> None:
    rows = mien("figures", "--json").rows
    assert len(rows) == 3  # one per figure and file path
    for row in rows:
        assert {"photo", "photo_id", "figure_id", "box", "score", "person_id", "person_name", "face", "traits"} <= set(
            row
        )
        x0, y0, x1, y1 = row["box"]
        assert 0 <= x0 < x1 <= 512
        assert 0 <= y0 < y1 <= 512
        fx0, fy0, fx1, fy1 = row["face"]["box"]
        assert x0 - 5 <= fx0 < fx1 <= x1 + 5
        assert y0 - 5 <= fy0 < fy1 <= y1 + 5
        assert 0 < row["face"]["score"] <= 1
        check_traits(row["traits"])
    assert len({row["person_id"] for row in rows}) == 1


def check_traits(traits: dict[str, object]) -> None:
    places = {"upper", "inner", "lower", "dress"}
    things = {"hat", "scarf", "bag", "shoes", "gloves", "socks"}
    guesses = things | {"glasses", "hair", "hair_length", "legs", "arms", "style", "age_group"}
    assert set(traits) <= places | guesses | {"height_ratio", "aspect_ratio"}
    for name in places & set(traits):
        garment = traits[name]
        assert isinstance(garment, dict)
        assert {"garment", "colours", "confidence", "chances"} <= set(garment)
        assert set(garment) <= {"garment", "colours", "confidence", "chances", "pattern", "sleeves", "hem"}
        for colour in garment["colours"]:
            assert set(colour) == {"name", "lab", "share"}
            assert len(colour["lab"]) == 3
    for name in guesses & set(traits):
        guess = traits[name]
        assert isinstance(guess, dict)
        assert {"value", "confidence", "chances"} <= set(guess)
        assert set(guess) <= {"value", "confidence", "chances"} | ({"colours"} if name in things else set())


def test_people(mien: Mien) -> None:
    (row,) = mien("people", "--json").rows
    assert {"person_id", "name", "figures", "photos", "first", "last"} <= set(row)
    assert (row["name"], row["figures"], row["photos"]) == (None, 2, 2)
    assert row["first"] == "2024-05-01T10:15:30"


def test_a_name_holds_through_grouping_a_new_index_and_a_lost_cache_and_can_be_taken_back(
    indexed: Indexed, mien: Mien, quick: Mien
) -> None:
    (before,) = quick("people", "--json").rows
    (named,) = mien("name", before["person_id"][:8], " 艾琳  Collins ", "--json").rows
    assert named["name"] == "艾琳 Collins"
    for step in (
        ("group",),
        ("group", "--method", "article"),
        ("group", "--method", "default"),
        ("index", indexed.album),
    ):
        assert mien(*step).code == 0
        assert quick("people", "--json").rows[0]["name"] == "艾琳 Collins"
    for file in indexed.library.glob("catalog.db*"):
        file.unlink()
    assert mien("index", indexed.album, "--jobs", "1").code == 0
    (again,) = quick("people", "--json").rows
    assert (again["person_id"], again["name"], again["figures"]) == (named["person_id"], "艾琳 Collins", 2)
    assert {row["person_name"] for row in quick("figures", "--json").rows} == {"艾琳 Collins"}
    assert mien("undo").code == 0
    assert [row["name"] for row in quick("people", "--json").rows] == [None]
    assert quick("undo").code == 1


def test_a_folder_is_forgotten_and_its_photos_left_alone(indexed: Indexed, mien: Mien, quick: Mien) -> None:
    originals = {path: path.read_bytes() for path in indexed.album.rglob("*") if path.is_file()}
    unknown = quick("forget", indexed.album / "nowhere")
    assert unknown.code == 1
    assert str(indexed.album) in unknown.err, "what is known is named"
    (row,) = mien("forget", indexed.album, "--json").rows
    assert row == {"folders": [str(indexed.album)], "files": 7, "photos": 3}
    assert quick("photos", "--json").rows == []
    assert quick("index").code == 2, "nothing is known any more"
    assert {path: path.read_bytes() for path in originals} == originals


def test_nothing_is_done_twice(indexed: Indexed, mien: Mien) -> None:
    (row,) = mien("index", indexed.album, "--json").rows
    assert (row["unchanged"], row["read"], row["new"], row["changed"]) == (7, 0, 0, 0)


def test_parse_writes_label_maps_at_full_size(indexed: Indexed, mien: Mien, tmp_path: Path) -> None:
    image = indexed.album / "IMG_20240501_101530.jpg"
    (row,) = mien("parse", image, "--out", tmp_path / "out", "--json").rows
    assert row["error"] is None
    assert len(row["figures"]) == 1
    stem = tmp_path / "out" / image.stem
    labels, figures = (np.asarray(Image.open(f"{stem}.{name}.png")) for name in ("labels", "figures"))
    assert labels.shape == figures.shape == (512, 512)
    assert labels.dtype == figures.dtype == np.uint8
    assert labels.max() <= 19
    assert set(np.unique(figures)) == {0, 1}
    assert not labels[figures == 0].any()
    assert Image.open(f"{stem}.overlay.jpg").size == (512, 512)
    assert image.read_bytes() == (indexed.album / "副本.jpg").read_bytes()


def test_new_photos_are_there_though_the_chosen_engine_is_not(tmp_path: Path) -> None:
    (tmp_path / "album").mkdir()
    Image.new("RGB", (64, 48)).save(tmp_path / "album" / "IMG_20240501_101530.jpg")
    library = tmp_path / "library"
    assert run("photos", library=library).code == 0
    (library / "engine.json").write_text('{"engine": "m2fp"}')
    done = run("index", tmp_path / "album", "--json", library=library)
    assert done.code == 1
    assert "mien index --engine lite" in done.err
    assert (done.rows[0]["photos"], done.rows[0]["errors"]) == (1, [])


def test_parse_compares_engines(tmp_path: Path, astronaut: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.cli.parse.create_parser", FakeParser)
    Image.fromarray(astronaut).save(tmp_path / "photo.jpg")
    arguments = ["parse", str(tmp_path / "photo.jpg"), "--out", str(tmp_path / "out"), "--json"]
    engines = ["--engine", "lite", "--engine", "http://127.0.0.1:1", "--engine", "lite"]
    done = CliRunner().invoke(Commands("mien"), [*arguments, *engines])
    assert done.exit_code == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["engine"] for row in rows] == ["lite", "http://127.0.0.1:1"]
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        f"photo.{engine}.{kind}"
        for engine in ("lite", "http-127-0-0-1-1")
        for kind in ("labels.png", "figures.png", "overlay.jpg")
    }


def test_parse_goes_on_after_a_bad_image_and_never_writes_over_anything(
    indexed: Indexed, mien: Mien, tmp_path: Path
) -> None:
    album = indexed.album
    done = mien("parse", album / "broken.jpg", album / "sky.webp", tmp_path / "none.jpg", "--json")
    assert done.code == 1
    assert [row["error"] is None for row in done.rows] == [False, True, False]
    (tmp_path / "other").mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "other" / "sky.png")
    assert mien("parse", album / "sky.webp", tmp_path / "other" / "sky.png", "--out", tmp_path).code == 2
    trap = tmp_path / "sky.overlay.jpg"
    Image.new("RGB", (9, 9)).save(trap)
    before = trap.read_bytes()
    assert mien("parse", album / "sky.webp", trap, "--out", tmp_path).code == 2
    assert mien("parse", album / "sky.webp", "--out", tmp_path).code == 2  # though it is not asked to read that one
    assert trap.read_bytes() == before


EXITS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("--version",), 0),
    (("--help",), 0),
    ((), 2),
    (("nonsense",), 2),
    (("index", "--jobs", "0", "."), 2),
    (("index",), 2),
    (("index", "no such path"), 1),
    (("index", ".", "--engine", "nonsense"), 1),
    (("index", ".", "--engine", "m2fp"), 1),
    (("parse",), 2),
    (("parse", "no such file.jpg"), 1),
    (("name", "nobody", "Anna"), 1),
    (("undo",), 1),
    (("group", "--method", "nonsense"), 2),
    (("photos", "--json"), 0),
    (("people",), 0),
    (("figures",), 0),
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_exit_codes(language: str, tmp_path: Path) -> None:
    for (arguments, code), done in zip(
        EXITS, run_each([arguments for arguments, _ in EXITS], tmp_path, language), strict=True
    ):
        assert done.code == code, (arguments, done.err)
        assert "Traceback" not in done.err
        if code == 1:
            assert done.err, arguments


def test_a_process_ends_with_the_exit_code(tmp_path: Path) -> None:
    for arguments, code in ((("photos", "--json"), 0), (("undo",), 1), (("nonsense",), 2)):
        assert run(*arguments, library=tmp_path / "library").code == code


@pytest.mark.parametrize("name", ["index", "parse", "serve"])
def test_help_offers_the_engines_that_work(name: str) -> None:
    command = Commands("mien").get_command(click.Context(click.Command("mien")), name)
    assert command is not None
    (engine,) = (option for option in command.params if "--engine" in option.opts)
    assert engine.metavar == "|".join(ENGINES)
    assert isinstance(engine, click.Option)
    assert all(name in (engine.help or "") for name in ENGINES)


def test_help_speaks_both_languages(tmp_path: Path) -> None:
    asked = [(name, "--help") for name in COMMANDS]
    english, chinese = (run_each(asked, tmp_path, language) for language in ("en", "zh"))
    chinese_letters = re.compile("[\u4e00-\u9fff]")
    for name, one, other in zip(COMMANDS, english, chinese, strict=True):
        assert one.code == other.code == 0, name
        assert not chinese_letters.search(one.out), name
        assert "用法" in other.out, name


def test_a_library_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for language in ("en", "zh"):
        done = run("photos", library=tmp_path / "file", language=language)
        assert done.code == 1
        assert str(tmp_path / "file") in done.err


def test_doctor(mien: Mien) -> None:
    (report,) = mien("doctor", "--json").rows
    assert report["engines"]["lite"] is None
    assert report["engines"]["m2fp"]
    assert not any(report["models"].values())
    assert report["formats"]["HEIC"]
    assert all(value > 0 for value in report["speed"].values())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send to one process")
def test_ctrl_c_while_a_library_is_loaded_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: object) -> None:
        raise ImportError("initialization failed") from KeyboardInterrupt()

    monkeypatch.setattr(Commands, "get_command", load)
    done = CliRunner().invoke(Commands("mien"), ["people"])
    assert done.exit_code == 1
    assert done.stderr.startswith("Failed: Stopped.")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_stops_cleanly_and_the_next_one_goes_on(number: int, indexed: Indexed, tmp_path: Path) -> None:
    library = tmp_path / "new"
    command = [sys.executable, "-m", "mien", "index", str(indexed.album), "--library", str(library), "--jobs", "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    for _ in range(600):
        if (library / "catalog.db").exists() and psutil.Process(process.pid).children():
            break
        time.sleep(0.1)
    os.killpg(process.pid, number)  # a terminal, or who ends a service, sends it to the workers, too
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("Failed: Stopped.")
    assert len(err.splitlines()) == 1
    (row,) = run("index", indexed.album, "--json", library=library).rows
    assert (row["photos"], row["figures"], row["people"]) == (3, 2, 1)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_library_and_json(name: str) -> None:
    command = Commands("mien").get_command(click.Context(click.Command("mien")), name)
    assert command is not None
    for one in command.commands.values() if isinstance(command, click.Group) else [command]:
        assert {"--library", "--json"} <= {option for parameter in one.params for option in parameter.opts}


def test_parse_never_writes_through_a_link(indexed: Indexed, mien: Mien, tmp_path: Path) -> None:
    original = tmp_path / "original.jpg"
    original.write_bytes((indexed.album / "副本.jpg").read_bytes())
    out = tmp_path / "out"
    out.mkdir()
    (out / "sky.labels.png").symlink_to(original)
    os.link(original, out / "sky.overlay.jpg")
    assert mien("parse", indexed.album / "sky.webp", "--out", out).code == 2
    assert original.read_bytes() == (indexed.album / "副本.jpg").read_bytes()
    assert {p.name for p in out.iterdir()} == {"sky.labels.png", "sky.overlay.jpg"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_a_failure(mien: Mien, indexed: Indexed) -> None:
    command = [sys.executable, "-m", "mien", "photos", "--json", "--library", str(indexed.library)]
    for unbuffered in ("", "1"):
        environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, env=environment)
        assert done.returncode == 1
        assert done.stderr.startswith("Failed: ")
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no broken pipes")
def test_whoever_reads_may_stop_reading(indexed: Indexed) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "mien", "photos", "--json", "--library", str(indexed.library)]
    with os.fdopen(writing, "wb") as nowhere:
        done = subprocess.run(command, stdout=nowhere, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no such names")
def test_a_file_name_does_not_steer_the_terminal_or_break_a_line(tmp_path: Path) -> None:
    album = tmp_path / "album"
    album.mkdir()
    (album / "\x1b]0;evil\x07\u2028:smile:.jpg").write_text("no photo")
    done = run("index", album, library=tmp_path / "library")
    assert "\x1b" not in done.out + done.err
    Image.new("RGB", (9, 9)).save(album / "\x1b]0;evil\x07.png")
    done = run("parse", album / "\x1b]0;evil\x07.png", library=tmp_path / "library")
    assert done.code == 0
    assert "\x1b" not in done.out
    shown = run("photos", library=tmp_path / "library")
    assert "\x1b" not in shown.out
    assert ":smile:" in shown.out
    (row,) = run("photos", "--json", library=tmp_path / "library").rows
    assert row["photo"] == str(album / "\x1b]0;evil\x07\u2028:smile:.jpg")


EMPTY = (
    ("index", ""), ("forget", ""), ("parse", ""), ("parse", "a.jpg", "--out", ""), ("people", "--library", ""),
    ("share", "", "--to", "copies"), ("share", "a.jpg", "--to", ""), ("growth", "Anna", "--csv", ""),
    ("regions", "import", ""), ("regions", "export", "--to", ""), ("decisions", "export", ""),
    ("demo", "--photos", " "), ("models", "import", ""), ("serve", "--tls-cert", ""),
)  # fmt: skip
"""As a script's unset variable gives them: the working folder is not meant."""


def test_an_empty_path_is_wrong_use(tmp_path: Path) -> None:
    for arguments, done in zip(EMPTY, run_each(EMPTY, tmp_path, "en"), strict=True):
        assert (done.code, "A path is empty." in done.err) == (2, True), (arguments, done.err)
    assert not list(tmp_path.iterdir())


def test_what_is_asked_for_and_is_no_photo_is_said(indexed: Indexed, tmp_path: Path) -> None:
    file = indexed.album / "notes.txt"
    sidecar = tmp_path / "a.jpg.xmp"
    sidecar.write_text("<x:xmpmeta/>", encoding="utf-8")
    done = run("index", file, sidecar, "--json", library=tmp_path / "library")
    assert (done.code, done.rows[0]["no_pictures"]) == (0, [str(file)])
    assert f"{file} is no photo" in done.err
    assert not run("index", indexed.album, "--json", library=tmp_path / "library").rows[0]["no_pictures"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send to one process")
@pytest.mark.parametrize("wait", [0.03, 0.06, 0.1, 0.15, 0.2])
def test_ctrl_c_at_once_is_no_crash(wait: float, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mien", "share", "x.jpg", "--to", "y", "--library", str(tmp_path / "library")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    time.sleep(wait)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (1, -signal.SIGINT)
    assert "cli" not in err  # no traceback through it; Python itself may still be starting


def test_a_person_is_still_known_by_the_id_from_before_the_name(quick: Mien) -> None:
    (before,) = quick("people", "--json").rows
    assert quick("name", before["person_id"], "Ana").code == 0
    (renamed,) = quick("name", before["person_id"], "Anna", "--json").rows
    assert renamed["name"] == "Anna"
    assert len(quick("people", "--json").rows) == 1
