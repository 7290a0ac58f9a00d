"""Records that are whole on the disk, whatever happens while they are written."""

import json
import os
from pathlib import Path

import pytest

from mien import durably


@pytest.mark.parametrize(
    "value", [{}, [], {"text": "仅限非商业用途"}, [os.fsdecode(b"/photos/caf\xe9")], {"a": [None, 1.5]}]
)
def test_what_is_written_is_read(tmp_path: Path, value: object) -> None:
    file = tmp_path / "record.json"
    durably.write(file, value)
    assert json.loads(file.read_text(encoding="utf-8")) == value
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_people_can_read_it_too(tmp_path: Path) -> None:
    durably.write(tmp_path / "record.json", {"text": "仅限非商业用途"})
    assert "仅限非商业用途" in (tmp_path / "record.json").read_text(encoding="utf-8")


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, done = tmp_path / "record.json", []
    original = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (done.append(file.exists()), original(number)))
    durably.write(file, 1)
    assert done == [False]


@pytest.mark.parametrize("when", ["fsync", "replace", "json"])
def test_what_was_there_stays_if_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    file = tmp_path / "record.json"
    durably.write(file, "before")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if when == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    if when == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(TypeError if when == "json" else OSError):
        durably.write(file, object() if when == "json" else "after")
    assert json.loads(file.read_text()) == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_what_a_killed_writer_left_goes_with_the_file(tmp_path: Path) -> None:
    file, other = tmp_path / "re[c]ord.json", tmp_path / ".re[c]ord.json.bak"
    durably.write(file, {})
    other.touch()
    (tmp_path / f".{file.name}.{'0a' * 16}").touch()
    durably.remove(file)
    durably.remove(file)
    assert list(tmp_path.iterdir()) == [other]
