"""What is kept of a model: whole or not at all, private, and found again."""

import hashlib
import multiprocessing
import os
import shutil
import stat
from pathlib import Path

import pytest

from mien.errors import MienError, ModelError
from mien.models import configuration, converting, folder
from mien.models.store import Place, verify
from tests.models.stand_in import convert


def put(place: Place, content: bytes = b"checkpoint", origin: str = "hub") -> None:
    place.prepare()
    place.checkpoint.write_bytes(content)
    place.remember(sha256=hashlib.sha256(content).hexdigest(), **{"from": origin})


def made(place: Place, keep: bool = False) -> None:
    put(place)
    converting.convert(place, convert, keep, lambda _: None)


def test_models_lie_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder() == tmp_path / "models"
    monkeypatch.setenv("MIEN_MODELS", "~/networks")
    assert folder() == Path.home() / "networks"
    monkeypatch.delenv("MIEN_MODELS")
    assert folder().parts[-2:] == ("mien", "models")


def test_a_model_goes_from_absent_to_ready_and_back(place: Place) -> None:
    assert place.state == "absent"
    place.prepare()
    assert place.state == "absent"
    place.checkpoint.with_name(f"{place.checkpoint.name}.part").write_bytes(b"check")
    assert place.state == "partial"
    put(place)
    assert place.state == "fetched"
    converting.convert(place, convert, False, lambda _: None)
    assert place.state == "ready"
    assert not place.checkpoint.exists()
    assert place.origin["sha256"] == hashlib.sha256(b"checkpoint").hexdigest(), "it is remembered where it came from"
    assert place.remove() > 0
    assert place.state == "absent"
    assert dict(place.origin) == {}


def test_the_checkpoint_may_be_kept(place: Place) -> None:
    made(place, keep=True)
    assert place.checkpoint.read_bytes() == b"checkpoint"


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("failure", [ModelError("model-damaged", file="a"), KeyboardInterrupt(), OSError("full"), None])
def test_a_conversion_that_fails_changes_nothing(place: Place, before: bool, failure: BaseException | None) -> None:
    if before:
        made(place)
    put(place)

    def fail(_checkpoint: Path, new: Path, *_: object) -> None:
        (new / "model.onnx").write_bytes(b"half")
        if failure is not None:
            raise failure

    told = {OSError: MienError, type(None): ModelError}.get(type(failure), type(failure))
    with pytest.raises(told):
        converting.convert(place, fail, False, lambda _: None)
    assert place.checkpoint.exists(), "it can be tried again"
    assert place.converted.exists() == before
    if before:
        assert set(verify(place).values()) == {"sound"}
    assert not [left for left in place.root.iterdir() if left.name.startswith(".")]


def test_a_users_file_that_cannot_be_converted_is_dropped(place: Place) -> None:
    put(place, b"bad", origin="file")
    with pytest.raises(ModelError):
        converting.convert(place, convert, True, lambda _: None)
    assert place.state == "absent"


def test_what_a_killed_conversion_left_is_swept(place: Place) -> None:
    place.prepare()
    left = place.root / f".{place.model.folder}.new"
    left.mkdir()
    (left / "model.onnx").write_bytes(b"half")
    (place.root / "unrelated").mkdir()
    with place.held():
        assert not left.exists()
    assert (place.root / "unrelated").exists()


@pytest.mark.parametrize("how", ["killed", "refused"])
def test_the_network_before_survives_what_ends_the_exchange(
    place: Place, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(place, keep=True)
    if how == "killed":
        place.converted.rename(place.root / f".{place.model.folder}.old")
        with place.held():
            pass
    else:
        rename = Path.rename

        def refuse(self: Path, target: Path) -> Path:
            if self.suffix == ".new":
                raise PermissionError(13, "in use")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", refuse)
        with pytest.raises(MienError) as caught:
            converting.convert(place, convert, True, lambda _: None)
        assert caught.value.code == "file-unwritable"
    assert place.state == "ready"
    assert set(verify(place).values()) == {"sound"}
    assert not [left for left in place.root.iterdir() if left.name.startswith(".")]


def test_damage_is_found(place: Place) -> None:
    assert verify(place) == {}
    made(place, keep=True)
    network = place.converted / "model.onnx"
    assert verify(place)[network] == "sound"
    network.write_bytes(b"x" + network.read_bytes()[1:])
    place.checkpoint.write_bytes(b"checkpoinT")
    assert verify(place) == {place.checkpoint: "damaged", place.converted / "model.toml": "sound", network: "damaged"}
    network.unlink()
    assert verify(place)[network] == "missing"


@pytest.mark.parametrize(
    "description",
    ["", "files = 1", "[files]", "[files]\na = 1", '[files]\n"../../secret" = "0"', "[" * 9999, "\0",
     '[files]\n"" = "0"', '[files]\n"../secret" = "' + "0" * 64 + '"'],
)  # fmt: skip
def test_a_description_that_is_none_is_damage(place: Place, description: str) -> None:
    made(place)
    (place.converted / "model.toml").write_text(description)
    assert verify(place) == {place.converted / "model.toml": "damaged"}


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_models_are_private_to_their_owner(place: Place) -> None:
    made(place, keep=True)
    for made_here in (place.root, place.converted, place.source):
        assert stat.S_IMODE(made_here.stat().st_mode) == 0o700


def hold(place: Place, held: object, release: object) -> None:
    with place.held():
        held.set()  # type: ignore[attr-defined]
        release.wait(60)  # type: ignore[attr-defined]


def test_one_process_at_a_time_changes_a_model_and_a_killed_one_holds_nothing(place: Place) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    process = context.Process(target=hold, args=(place, held, release))
    process.start()
    try:
        assert held.wait(60)
        with pytest.raises(MienError) as caught, place.held():
            pass
        assert caught.value.code == "model-busy"
    finally:
        process.kill()
        process.join()
    with place.held():
        pass


def test_a_full_disk_is_told_before(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(place)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**6))  # type: ignore[attr-defined]
    with pytest.raises(MienError) as caught:
        converting.convert(place, convert, False, lambda _: None)
    assert caught.value.code == "models-no-space"
    assert caught.value.values["free"] == "1"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    from mien.models.registry import known_models

    with pytest.raises(MienError) as caught, Place(known_models()["m2fp"], tmp_path / "file").held():
        pass
    assert caught.value.code == "folder-unusable"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"1", b"{", b'{"a": NaN}', b"\xff", b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", b'{"a": ' * 5000,
     b" " * 2000, b'{"a": 1' + b"0" * 1500 + b"}" + b" " * 900],
)  # fmt: skip
def test_a_configuration_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "configuration.json"
    file.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        configuration.read(file, 2000)
    assert caught.value.code == "configuration-unreadable"


def test_a_configuration_is_read(tmp_path: Path) -> None:
    file = tmp_path / "configuration.json"
    file.write_text('{"model": {"num_classes": 21, "names": ["背景"]}}', encoding="utf-8")
    assert configuration.read(file, 2000)["model"] == {"num_classes": 21, "names": ["背景"]}
    with pytest.raises(ModelError):
        configuration.read(tmp_path / "none", 2000)
