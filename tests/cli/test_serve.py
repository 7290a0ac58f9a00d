"""`mien serve` as its users run it: the address it prints answers, and Ctrl-C is its normal end."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import Indexed, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")


@contextmanager
def serve(*arguments: str, library: Path, language: str = "en") -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "MIEN_LIBRARY": str(library), "MIEN_LANG": language, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "mien", "serve", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return line.strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_printed_address_answers_until_ctrl_c(number: int, indexed: Indexed) -> None:
    with serve("--port", "0", library=indexed.library) as process:
        address = first_line(process)
        for page in ("", "people", "docs"):
            assert httpx2.get(address + page).status_code == 200
        os.killpg(process.pid, number)  # as a terminal does
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert err == "Open this address in a browser. Ctrl-C stops.\n"


def test_json_says_where_and_nothing_else(indexed: Indexed) -> None:
    with serve("--port", "0", "--json", library=indexed.library, language="zh") as process:
        event = json.loads(first_line(process))
        assert event["event"] == "listening"
        rows = httpx2.get(event["address"] + "api/photos").json()["photos"]
        assert rows == run("photos", "--json", library=indexed.library, language="zh").rows
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert "Ctrl-C" in err


def test_a_library_with_nothing_in_it_is_served(tmp_path: Path) -> None:
    with serve("--port", "0", library=tmp_path / "new") as process:
        address = first_line(process)
        page = httpx2.get(address)
        assert page.status_code == 200
        assert "<html" in page.text
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0] == ""
    assert process.returncode == 0


def test_other_computers_need_the_token_that_is_printed(tmp_path: Path) -> None:
    with serve("--port", "0", "--host", "0.0.0.0", library=tmp_path / "new") as process:
        address, _, token = first_line(process).partition("?token=")
        assert httpx2.get(address).status_code == 401
        assert httpx2.get(address + "api/photos", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_port_that_is_taken_is_a_failure_in_words(language: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run("serve", "--port", port, library=tmp_path / "new", language=language)
    assert done.code == 1
    assert port in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--port", "65536"), 2), (("--port", "x"), 2), (("--host", "no such host"), 1), (("--engine", "none"), 1)],
)
def test_what_cannot_be_served(arguments: tuple[str, ...], code: int, tmp_path: Path) -> None:
    done = run("serve", *arguments, library=tmp_path / "new")
    assert done.code == code
    assert "Traceback" not in done.err


def test_what_is_no_number_is_told_in_chinese(tmp_path: Path) -> None:
    done = run("serve", "--port", "x", library=tmp_path / "new", language="zh")
    assert done.code == 2
    assert "'x' 不是整数。" in done.err
    assert "integer" not in done.err
