"""Parsing services as processes of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent.parent

SERVE = """
if __name__ == "__main__":  # workers load this file, too, but need nothing of it
    import json, sys
    from mien.parsing.remote.credentials import server_context
    from mien.web.parsing_service.server import serve_parser
    from tests.indexing.fake import FakeParser

    options = json.loads(sys.argv[1])
    if "tls" in options:
        options["tls"] = server_context(*options["tls"])
    def announce(opened):
        print(json.dumps({"address": opened.address, "token": opened.new_token}), flush=True)
    serve_parser(announce=announce, make_parser=FakeParser, **{"engine": "fake", "port": 0, "jobs": 1, **options})
"""


@dataclass(frozen=True)
class Running:
    """A service."""

    process: subprocess.Popen[str]
    address: str
    token: str | None

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def kill(self) -> None:
        """It and its workers, at once."""
        with suppress(ProcessLookupError):
            if os.name == "posix":
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()


@contextmanager
def fake_service(folder: Path, environment: dict[str, str] | None = None, **options: object) -> Iterator[Running]:
    """One with the fake engine; `options` are those of `serve_parser`."""
    script = folder / "service.py"
    script.write_text(SERVE)
    with _running([str(script), json.dumps(options)], environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        service = Running(process, **json.loads(line))
        try:
            yield service
        finally:
            service.kill()


@contextmanager
def mien_service(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[Running]:
    """`mien serve --parser-only`."""
    command = ["-m", "mien", "serve", "--parser-only", "--port", "0", "--jobs", "1", "--json", *arguments]
    with _running(command, environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        event = json.loads(line)
        service = Running(process, event["address"], event["token"])
        try:
            yield service
        finally:
            service.kill()


@contextmanager
def _running(arguments: list[str], environment: dict[str, str] | None) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1", **(environment or {})},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            if os.name == "posix":
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()
        process.communicate()
