"""`mien serve` as a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


def mien(*arguments: object) -> None:
    """Run a command to its end."""
    command = [sys.executable, "-m", "mien", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, env=environment())


@contextmanager
def serving(library: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, which leads a group of its own, and its address; what is left of it at the end is killed."""
    command = [sys.executable, "-m", "mien", "serve", "--port", "0", "--json", "--jobs", "1", "--library", str(library)]
    group: dict[str, Any] = {"start_new_session": True} if os.name == "posix" else {}
    log = library.parent / "server.log"
    with log.open("a") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment(), **group
        )
    try:
        assert process.stdout is not None
        started = process.stdout.readline()
        assert started, log.read_text()
        yield process, json.loads(started)["address"]
    finally:
        if os.name == "posix":
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.communicate()


def environment() -> dict[str, str]:
    return {**os.environ, "MIEN_LANG": "en", "OMP_NUM_THREADS": "1"}
