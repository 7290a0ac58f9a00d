"""A package index on this computer, and small packages that ship photos."""

import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mien.demo.album import DemoPhoto, Package


def wheel(name: str, members: dict[str, bytes]) -> bytes:
    """A wheel that ships `members`."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for member, content in members.items():
            file.writestr(member, content)
        info = f"{name}-1.0.dist-info"
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")
    return archive.getvalue()


def package(name: str, archive: bytes, **photos: str) -> Package:
    """The package as a manifest would list it: the photos' names (without .jpg) and members."""
    listed = tuple(DemoPhoto(f"{file}.jpg", member) for file, member in photos.items())
    return Package(name, "1.0", hashlib.sha256(archive).hexdigest(), len(archive), "MIT", listed)


@dataclass
class Index:
    """What the index serves, by package name; and what was asked for."""

    address: str = ""
    wheels: dict[str, bytes] = field(default_factory=dict)
    cut_off: int = 0
    """So many downloads end in the middle."""
    downloads: list[str] = field(default_factory=list)
    hold: threading.Event | None = None
    """Every answer waits for it."""
    asked: threading.Event = field(default_factory=threading.Event)
    """Set as soon as there was a request."""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """A running index, the only one that pip knows of."""
    state = Index()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.set()
            if state.hold is not None:
                state.hold.wait(60)
            kind, _, name = self.path.strip("/").partition("/")
            if kind == "simple" and name in state.wheels:
                file = f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
                self._answer(f'<a href="/files/{name}/{file}">{file}</a>'.encode(), "text/html")
            elif kind == "files" and (name := name.partition("/")[0]) in state.wheels:
                self._download(name)
            else:
                self.send_error(404)

        def _download(self, name: str) -> None:
            state.downloads.append(name)
            content = state.wheels[name]
            state.cut_off -= 1
            self._answer(content, "application/octet-stream", len(content) // 2 if state.cut_off >= 0 else None)

        def _answer(self, content: bytes, kind: str, sent: int | None = None) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:sent])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_address[1]}/simple"
    settings = {
        "PIP_INDEX_URL": state.address, "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "", "PIP_NO_CACHE_DIR": "1",
        "PIP_CONFIG_FILE": os.devnull, "PIP_TIMEOUT": "5", "PIP_RETRIES": "0", "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    yield state
    if state.hold is not None:
        state.hold.set()
    server.shutdown()
    server.server_close()
    thread.join()
