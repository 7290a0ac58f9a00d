"""`make demo` hands on what it is given, and says what to do where pip fails."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.skipif(os.name != "posix" or not shutil.which("make"), reason="needs make and a shell")


def script(file: Path, *lines: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    file.chmod(0o755)


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "--silent", *arguments], cwd=REPOSITORY, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "folder",
    ["/photos", "/my photos", '/a "b" c', "/$HOME/$$x$(y)", "/a`id`b", "/it's", "/a\\b;c&d", "-x", "/#1", "照片", ""],
)
def test_any_name_of_a_folder_arrives_as_it_is(folder: str, tmp_path: Path) -> None:
    script(tmp_path / "bin" / "mien", 'printf "%s\\n" "$@"')
    (tmp_path / ".installed").touch()
    done = make("demo", f"VENV={tmp_path}", f"PHOTOS={folder}", "SERVE=0")
    assert done.stdout.splitlines() == ["demo", "--home", ".demo", f"--photos={folder}", "--no-serve"], done.stderr


def test_without_a_folder_there_is_none(tmp_path: Path) -> None:
    script(tmp_path / "bin" / "mien", 'printf "%s\\n" "$@"')
    (tmp_path / ".installed").touch()
    assert make("demo", f"VENV={tmp_path}").stdout.splitlines() == ["demo", "--home", ".demo"]


def test_where_pip_fails_it_is_said_what_to_do(tmp_path: Path) -> None:
    script(tmp_path / "pip", "exit 3")
    script(tmp_path / "python", f"mkdir -p {tmp_path}/venv/bin && cp {tmp_path}/pip {tmp_path}/venv/bin/python")
    done = make("install", f"VENV={tmp_path}/venv", f"PYTHON={tmp_path}/python")
    assert done.returncode == 2
    assert "Error 3" in done.stderr
    assert "PIP_INDEX_URL" in done.stderr
    assert "请检查网络" in done.stderr
