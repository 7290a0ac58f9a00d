"""`mien models` does what it promises: with a licence, without a network, killed, stopped, and twice at once."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mien.cli import Commands
from mien.errors import MienError, ModelError
from mien.language import LANGUAGES, text
from mien.models.partial import part_of
from mien.models.store import Place, verify
from mien.models.transport import Patience
from tests.cli.conftest import Done
from tests.models import stand_in
from tests.models.hub import CHECKPOINT, CONFIGURATION, M2FP, REVISION, Hub, damaged, hold

PULL = ("models", "pull", "m2fp", "--accept-licence")


@pytest.fixture(autouse=True)
def _converter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mien.parsing.m2fp.conversion", stand_in.module())
    monkeypatch.setenv("COLUMNS", "200")


def mien(*arguments: str | Path) -> Done:
    """In this process."""
    result: Result = CliRunner().invoke(Commands("mien"), [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


@contextmanager
def started(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """In a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.models.stand_in", *arguments], cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, **environment},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def outcome(process: "subprocess.Popen[str]") -> Done:
    out, err = process.communicate(timeout=60)
    return Done(process.returncode, out, err)


def row() -> dict[str, Any]:
    (only,) = mien("models", "list", "--json").rows
    return only


def test_from_nothing_to_ready(hub: Hub, place: Place) -> None:
    assert (row()["state"], row()["bytes"], row()["licence_accepted"]) == ("absent", 0, None)
    done = mien(*PULL, "--json")
    assert done.code == 0
    (ready,) = done.rows
    assert ready == row()
    assert ready["state"] == "ready"
    assert ready["sha256"] == hashlib.sha256(hub.files[CHECKPOINT]).hexdigest()
    assert ready["source"] == f"{M2FP.ids[0]}@{REVISION}/{CHECKPOINT}"
    assert ready["checkpoint"] is None
    assert Path(ready["folder"], "model.onnx").read_bytes() == hub.files[CHECKPOINT][::-1]
    assert "classes = 21" in Path(ready["folder"], "model.toml").read_text(), "the hub's configuration is handed on"
    checked = mien("models", "verify", "--json")
    assert {line["state"] for line in checked.rows} == {"sound"}
    asked = len(hub.asked)
    again = mien(*PULL)
    assert (again.code, len(hub.asked)) == (0, asked), "what is ready is not fetched again"
    removed = mien("models", "remove", "m2fp", "--json")
    assert removed.rows[0]["freed_bytes"] > len(hub.files[CHECKPOINT])
    assert row()["state"] == "absent"
    assert mien("models", "remove", "m2fp").code == 1


def test_it_says_what_it_does_and_how_much_disk_that_takes(hub: Hub, place: Place) -> None:
    done = mien(*PULL, "--keep-checkpoint")
    assert text("models.known.m2fp.licence", page=M2FP.page) in done.err
    assert text("cli.models.unencrypted", host="127.0.0.1") in done.err
    assert "723 MB" in done.err
    assert "layer 1 of 1" in done.err
    assert str(place.checkpoint) in done.err
    assert str(place.converted) in done.out
    assert place.checkpoint.exists()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", ["pull", "import"])
def test_nothing_is_had_without_the_licence(hub: Hub, tmp_path: Path, place: Place, what: str, language: str) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"mine")
    arguments = {"pull": ("pull", "m2fp"), "import": ("import", str(tmp_path / CHECKPOINT))}[what]
    for more in ((), ("--json",)):
        with started("models", *arguments, *more, MIEN_LANG=language) as process:
            done = outcome(process)
        assert done.code == 1
        assert done.out == ""
        assert {"en": "NON-COMMERCIAL", "zh": "非商业"}[language] in done.err
        assert "--accept-licence" in done.err
        assert hub.asked == []
        assert not place.root.exists()


def test_the_acceptance_is_remembered(hub: Hub, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.cli.models.PATIENCE", Patience(attempts=1))
    assert mien(*PULL, "--endpoint", "http://127.0.0.1:9").code == 1
    acceptance = place.acceptance
    assert acceptance["licence"] == "CC-BY-NC-4.0"
    assert "NON-COMMERCIAL" in acceptance["text"]
    assert acceptance["how"] == "--accept-licence"
    assert acceptance["at"].startswith("20")
    done = mien("models", "pull", "m2fp")
    assert done.code == 0
    assert acceptance["at"] in done.err
    mien("models", "remove", "m2fp")
    assert mien("models", "pull", "m2fp").code == 1, "removed is removed"


def test_new_terms_must_be_accepted_anew(hub: Hub, place: Place) -> None:
    place.accept(text="older", terms="0", how="yes")
    assert mien("models", "pull", "m2fp").code == 1
    assert hub.asked == []


@pytest.mark.parametrize("before", [0, 100, 9000, 10239])
def test_a_killed_pull_is_continued(hub: Hub, place: Place, before: int) -> None:
    hub.faults = [hold(before)]
    with started(*PULL) as process:
        assert hub.moment.wait(60)
        wait_for(lambda: part_of(place.checkpoint).is_file() and part_of(place.checkpoint).stat().st_size == before)
        process.kill()
    assert row()["state"] == "partial"
    with started(*PULL, "--json") as process:
        done = outcome(process)
    assert done.code == 0
    assert done.rows[0]["state"] == "ready"
    assert (place.converted / "model.onnx").read_bytes() == hub.files[CHECKPOINT][::-1]
    assert [asked.begins_at for asked in hub.for_checkpoint] == [0, before]
    assert not [file for file in place.source.iterdir() if ".part" in file.name]


def wait_for(state: Any) -> None:
    for _ in range(600):
        if state():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send to one process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stopped_pull_says_that_it_goes_on(hub: Hub, place: Place, number: int, language: str) -> None:
    hub.has(bytes(3_000_000))
    hub.faults = [hold(2_000_000)]
    with started(*PULL, MIEN_LANG=language) as process:
        assert hub.moment.wait(60)
        wait_for(lambda: part_of(place.checkpoint).is_file() and part_of(place.checkpoint).stat().st_size >= 1_000_000)
        process.send_signal(number)
        done = outcome(process)
    assert done.code == 1
    assert done.out == ""
    assert "Traceback" not in done.err
    assert {"en": "goes on from here", "zh": "即可继续"}[language] in done.err
    there = part_of(place.checkpoint).stat().st_size
    assert there >= 1_000_000
    assert f"{there / 1e6:.1f} MB" in done.err
    assert mien(*PULL).code == 0
    assert hub.for_checkpoint[-1].begins_at == there


def test_two_at_once_do_no_harm(hub: Hub, place: Place) -> None:
    hub.faults = [hold(5000)]
    with started(*PULL) as first:
        assert hub.moment.wait(60)
        for arguments in (PULL, ("models", "convert", "m2fp"), ("models", "remove", "m2fp")):
            done = mien(*arguments)
            assert done.code == 1
            assert MienError("model-busy", model="m2fp").message() in done.err
        assert mien("models", "list").code == 0, "looking is free"
        first.kill()
    assert mien(*PULL).code == 0


def test_without_pytorch_the_download_is_kept_and_the_command_told(
    hub: Hub, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setitem(sys.modules, "mien.parsing.m2fp.conversion", stand_in.module(lacking))
    for arguments in (PULL, PULL, ("models", "convert", "m2fp")):
        done = mien(*arguments)
        assert done.code == 1
        assert f'"{sys.executable}" -m pip install "mien[m2fp]"' in done.err
        assert "mien models convert m2fp" in done.err
        assert row()["state"] == "fetched"
    assert len(hub.for_checkpoint) == 1, "it is not fetched again"
    monkeypatch.setitem(sys.modules, "mien.parsing.m2fp.conversion", stand_in.module())
    assert mien("models", "convert", "m2fp").code == 0
    assert row()["state"] == "ready"
    assert mien("models", "convert", "m2fp").code == 0, "once is enough"


def test_a_file_of_the_users_is_taken_without_a_network(tmp_path: Path, place: Place) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "weights.pt").write_bytes(b"weights")
    (theirs / CONFIGURATION).write_text('{"model": {"num_classes": 7}}')
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in theirs.iterdir()}
    done = mien("models", "import", theirs / "weights.pt", "--accept-licence", "--json")
    assert done.code == 0
    assert done.rows[0]["source"] == "weights.pt"
    assert (place.converted / "model.onnx").read_bytes() == b"sthgiew"
    assert "classes = 7" in (place.converted / "model.toml").read_text()
    assert {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in theirs.iterdir()} == before
    other = tmp_path / "other.json"
    other.write_text('{"model": {"num_classes": 8}}')
    arguments = ("models", "import", theirs / "weights.pt", "--configuration", other, "--accept-licence")
    assert mien(*arguments, "--keep-checkpoint", "--model", "m2fp").code == 0
    assert "classes = 8" in (place.converted / "model.toml").read_text()
    assert set(verify(place).values()) == {"sound"}


@pytest.mark.parametrize("content", [None, b"", b"bad"])
def test_a_file_that_is_no_checkpoint_leaves_nothing(tmp_path: Path, place: Place, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "weights.pt").write_bytes(content)
    done = mien("models", "import", tmp_path / "weights.pt", "--accept-licence")
    assert done.code == 1
    assert row()["state"] == "absent"


def test_a_file_that_is_no_checkpoint_is_named_as_the_user_knows_it(
    tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(checkpoint: Path, *_: object) -> None:
        warnings.warn("protocol 4", stacklevel=1)
        raise ModelError("m2fp-checkpoint", file=checkpoint)

    monkeypatch.setitem(sys.modules, "mien.parsing.m2fp.conversion", stand_in.module(refuse))
    (tmp_path / "my page.pt").write_text("<html>")
    done = mien("models", "import", tmp_path / "my page.pt", "--accept-licence")
    assert "my page.pt" in done.err
    assert place.checkpoint.name not in done.err
    assert "protocol 4" not in done.err
    assert row()["state"] == "absent"


def test_a_damaged_archive_is_not_taken(tmp_path: Path, place: Place) -> None:
    """PyTorch's loader would take it, and give other weights."""
    file = tmp_path / "weights.pt"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", b"weights" * 100)
    whole = file.read_bytes()
    assert mien("models", "import", file, "--accept-licence", "--keep-checkpoint").code == 0
    file.write_bytes(whole.replace(b"weights", b"heights", 1))
    done = mien("models", "import", file, "--accept-licence")
    assert (done.code, "checksum" in done.err) == (1, True)
    assert place.checkpoint.read_bytes() == whole, "what was there before is there still"
    assert (place.converted / "model.onnx").read_bytes() == whole[::-1]


def test_an_archive_that_may_unpack_to_anything_is_not_unpacked(
    tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(3 << 20))
    monkeypatch.setattr(zipfile.ZipFile, "testzip", pytest.fail)
    assert mien("models", "import", tmp_path / "bomb.pt", "--accept-licence").code == 0, "the converter judges it"


def test_a_disk_that_fills_up_while_it_is_converted_is_told(
    hub: Hub, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenVINO's word for it is "basic_ios::clear: iostream error"."""

    def fill_up(*_: object) -> None:
        raise OSError("basic_ios::clear: iostream error")

    monkeypatch.setitem(sys.modules, "mien.parsing.m2fp.conversion", stand_in.module(fill_up))
    done = mien(*PULL)
    assert done.code == 1
    assert str(place.converted) in done.err
    assert "space" in done.err
    assert row()["state"] == "fetched", "it need not be fetched again"


def test_a_folder_or_a_broken_configuration_is_not_taken(tmp_path: Path, place: Place) -> None:
    assert mien("models", "import", tmp_path, "--accept-licence").code == 1
    (tmp_path / "weights.pt").write_bytes(b"weights")
    (tmp_path / CONFIGURATION).write_text("[]")
    assert mien("models", "import", tmp_path / "weights.pt", "--accept-licence").code == 1
    assert row()["state"] == "absent"


def test_another_file_under_the_same_revision_is_refused(hub: Hub, place: Place) -> None:
    assert mien(*PULL).code == 0
    shutil.rmtree(place.converted)
    hub.has(b"another")
    for hub.sums in (True, False):
        done = mien(*PULL)
        assert done.code == 1
        assert "mien models remove m2fp" in done.err
        assert row()["state"] == "absent"
    assert mien("models", "remove", "m2fp").code == 0
    assert mien(*PULL).code == 0, "the user trusts the new one"


def test_a_pinned_checksum_must_be_met(hub: Hub, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = replace(M2FP, checkpoint=replace(M2FP.checkpoint, sha256="0" * 64))
    monkeypatch.setattr("mien.cli.models.known_models", lambda: {"m2fp": pinned})
    for hub.sums in (True, False):
        assert mien(*PULL).code == 1
    (tmp_path / "weights.pt").write_bytes(b"weights")
    assert mien("models", "import", tmp_path / "weights.pt", "--accept-licence").code == 1
    assert row()["state"] == "absent"


def test_a_checkpoint_that_was_damaged_since_is_fetched_again(
    hub: Hub, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(*_: object) -> None:
        raise ModuleNotFoundError("torch")

    monkeypatch.setitem(sys.modules, "mien.parsing.m2fp.conversion", stand_in.module(later))
    mien(*PULL)
    place.checkpoint.write_bytes(b"rotten")
    assert mien("models", "verify", "m2fp").code == 1
    monkeypatch.setitem(sys.modules, "mien.parsing.m2fp.conversion", stand_in.module())
    assert mien(*PULL).code == 0
    assert (place.converted / "model.onnx").read_bytes() == hub.files[CHECKPOINT][::-1]


def test_what_came_but_was_not_recorded_is_not_fetched_again(
    hub: Hub, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.prepare()
    place.checkpoint.write_bytes(hub.files[CHECKPOINT])
    assert mien(*PULL).code == 0
    assert hub.for_checkpoint == []
    assert place.origin["sha256"] == hashlib.sha256(hub.files[CHECKPOINT]).hexdigest()


def test_damage_is_told(hub: Hub, place: Place) -> None:
    assert mien("models", "verify").code == 0
    assert mien("models", "verify", "m2fp").code == 1, "it is not there"
    mien(*PULL)
    (place.converted / "model.onnx").write_bytes(b"rotten")
    done = mien("models", "verify", "--json")
    assert done.code == 1
    assert {Path(line["file"]).name: line["state"] for line in done.rows}["model.onnx"] == "damaged"
    assert "damaged" in mien("models", "verify", "m2fp").out


def test_a_damaged_download_is_told_with_what_to_do(hub: Hub, place: Place) -> None:
    hub.faults = [damaged] * 2
    done = mien(*PULL, "--json")
    assert done.code == 1
    assert done.out == ""
    assert "twice" in done.err
    assert "--endpoint" in done.err
    assert row()["state"] == "absent"


def test_a_full_disk_is_told_before_anything_is_fetched(
    hub: Hub, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**8))  # type: ignore[attr-defined]
    done = mien(*PULL)
    assert done.code == 1
    assert "MIEN_MODELS" in done.err
    assert hub.for_checkpoint == []


def test_a_configuration_of_the_hubs_that_is_none_is_told(hub: Hub, place: Place) -> None:
    hub.files[CONFIGURATION] = b"{" * 100
    assert mien(*PULL).code == 1
    assert hub.for_checkpoint == [], "the large file is not fetched in vain"


def test_the_hub_may_be_another_one(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")
    assert mien(*PULL, "--endpoint", hub.address).code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("models",), 2),
        (("models", "--help"), 0),
        (("models", "nonsense"), 2),
        (("models", "pull"), 2),
        (("models", "pull", "../m2fp"), 2),
        (("models", "pull", "somebody/else", "--accept-licence"), 2),
        (("models", "import"), 2),
        (("models", "import", "x", "--model", "y"), 2),
        (("models", "remove", "."), 2),
        (("models", "remove", "m2fp"), 1),
        (("models", "convert", "m2fp"), 1),
        (("models", "verify", "m2fp"), 1),
        (("models", "verify"), 0),
        (("models", "list"), 0),
        (("models", "list", "--library", "anywhere"), 0),
        (("models", "pull", "m2fp", "--endpoint", "ftp://x", "--accept-licence"), 1),
    ],
)
def test_exit_codes(arguments: tuple[str, ...], code: int, tmp_path: Path) -> None:
    for language in LANGUAGES if code == 1 else ("en",):
        with started(*arguments, MIEN_LANG=language) as process:
            done = outcome(process)
        assert done.code == code, done.err
        assert "Traceback" not in done.err
        assert not any(tmp_path.glob("models/*.source/*"))


def test_a_terminal_is_asked(hub: Hub, place: Place) -> None:
    pty = pytest.importorskip("pty")
    for typed, code in (("n\n", 1), ("\n", 1), ("y\n", 0)):
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.models.stand_in", "models", "pull", "m2fp"], cwd=Path(__file__).parents[2],
            stdin=slave, stdout=subprocess.DEVNULL, stderr=slave, env={**os.environ, "TERM": "xterm"}, close_fds=True,
        )  # fmt: skip
        os.close(slave)
        try:
            seen = b""
            while b"?" not in seen.rpartition(b"licence")[2]:
                seen += os.read(master, 4096)
            assert b"NON-COMMERCIAL" in seen
            os.write(master, typed.encode())
            while process.poll() is None:
                try:
                    os.read(master, 4096)
                except OSError:  # Linux says so when the other side is closed
                    process.wait(60)
            assert process.returncode == code
        finally:
            process.kill()
            process.wait()
            os.close(master)
        assert bool(place.acceptance) == (code == 0)
    assert place.acceptance["how"] == "yes"


def test_a_row_says_all_that_programs_need(hub: Hub) -> None:
    for line in mien("models", "list", "--json").out.splitlines():
        assert set(json.loads(line)) == {
            "name", "what", "state", "bytes", "folder", "checkpoint", "source", "sha256", "licence",
            "licence_accepted", "page",
        }  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_copy_that_does_not_fit_is_not_left(tmp_path: Path, place: Place) -> None:
    (tmp_path / "weights.pt").write_bytes(b"weights")
    place.prepare()
    place.checkpoint.with_name(f"{CHECKPOINT}.copy").symlink_to("/dev/full")
    done = mien("models", "import", tmp_path / "weights.pt", "--accept-licence")
    assert done.code == 1
    assert MienError("models-disk-full", folder=place.source).message() in done.err
    assert [file.name for file in place.source.iterdir()] == ["licence.json"]
