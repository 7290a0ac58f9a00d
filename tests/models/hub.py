"""A model hub on this computer: it speaks ModelScope's protocol, and fails as it is told."""

import hashlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mien.models.registry import known_models

M2FP = known_models()["m2fp"]
ID, REVISION = M2FP.ids[0], M2FP.revisions[0]
CHECKPOINT, CONFIGURATION = M2FP.checkpoint.name, M2FP.configuration.name

Fault = Callable[["Handler"], bool]
"""Spoils one answer to a request for the checkpoint; False if the answer is then still to be given."""


@dataclass
class Asked:
    """A request: its address, as it was sent, and its headers in lower case."""

    address: str
    headers: dict[str, str]

    @property
    def begins_at(self) -> int:
        return int(self.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))


@dataclass
class Hub:
    """What the hub has, how it behaves, and what it was asked."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    id: str = ID
    revision: str = REVISION
    faults: list[Fault] = field(default_factory=list)
    """For the next requests for the checkpoint, one each."""
    ranges: bool = True
    etag: str | None = "sum"
    """Of the storage: "sum" (changes with the file), or a text, or None."""
    sums: bool = True
    """Whether the listing has checksums."""
    sizes: bool = True
    linked: bool = False
    """Whether the storage tells the checksum, too."""
    listing: Any = None
    """Instead of the true one."""
    storage: str = "/storage/"
    """Where the hub redirects to for the checkpoint; "" for not at all."""
    asked: list[Asked] = field(default_factory=list)
    moment: threading.Event = field(default_factory=threading.Event)
    """Set by the fault `hold`."""

    @property
    def for_checkpoint(self) -> list[Asked]:
        """The requests that its storage was sent."""
        return [asked for asked in self.asked if "/storage/" in asked.address]

    def has(self, checkpoint: bytes, configuration: bytes = b'{"model": {"num_classes": 21}}') -> None:
        self.files = {CHECKPOINT: checkpoint, CONFIGURATION: configuration, "README.md": b"# M2FP"}

    def entries(self) -> list[dict[str, Any]]:
        return [
            {"Path": "assets", "Name": "assets", "Type": "tree", "Size": 0, "Sha256": "", "IsLFS": False},
            *(
                {
                    "Path": name, "Name": name, "Type": "blob", "IsLFS": name == CHECKPOINT, "Revision": "0" * 40,
                    "Size": len(content) if self.sizes else 0,
                    "Sha256": hashlib.sha256(content).hexdigest() if self.sums else "",
                }
                for name, content in self.files.items()
            ),
        ]  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        hub, parts = self.hub, urlsplit(self.path)  # a proxy is sent whole addresses
        hub.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.close_connection = True
        repository = f"/api/v1/models/{hub.id}/repo"
        if parts.path == f"{repository}/files" and query.get("Revision") == hub.revision:
            listing = {"Code": 200, "Data": {"Files": hub.entries()}, "Message": "success", "Success": True}
            listing = listing if hub.listing is None else hub.listing
            self.answer(listing if isinstance(listing, bytes) else json.dumps(listing).encode())
        elif parts.path == repository and query.get("Revision") == hub.revision and query.get("FilePath") in hub.files:
            if query["FilePath"] == CHECKPOINT and hub.storage:
                self.answer(b"", 302, Location=f"{hub.storage}{CHECKPOINT}?signature=1")
            else:
                self.answer(hub.files[query["FilePath"]])  # what is not in the storage knows no ranges
        elif parts.path == f"/storage/{CHECKPOINT}":
            if not (hub.faults and hub.faults.pop(0)(self)):
                self.store(hub.files[CHECKPOINT])
        elif parts.path == "/loop":
            self.answer(b"", 302, Location="/loop")
        else:
            body = {"Code": 10010205001, "Message": "获取模型目录树失败，信息：record not found", "Success": False}
            self.answer(json.dumps(body).encode(), 404)

    def store(self, content: bytes, sent: int | None = None, announced: int | None = None) -> None:
        """Answer as the storage does: the whole, or the range that was asked for; `sent` bytes of it at most."""
        hub = self.hub
        etag = f'"{hashlib.md5(content).hexdigest()}"' if hub.etag == "sum" else hub.etag
        headers = {"ETag": etag} if etag else {}
        if hub.linked:
            headers["X-Linked-ETag"] = f'"{hashlib.sha256(hub.files[CHECKPOINT]).hexdigest()}"'
        begin = Asked(self.path, {"range": self.headers["Range"]} if self.headers["Range"] else {}).begins_at
        whole = not hub.ranges or not begin or self.headers.get("If-Range", etag) != etag
        if not whole and begin >= len(content):
            self.answer(b"", 416, **{"Content-Range": f"bytes */{len(content)}"})
        elif whole:
            self.answer(content, 200, sent, announced, **headers)
        else:
            headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{announced or len(content)}"
            self.answer(content[begin:], 206, sent, **headers)

    def answer(
        self, body: bytes, status: int = 200, sent: int | None = None, announced: int | None = None, **headers: str
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body) if announced is None else announced), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:sent])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        pass

    def drop(self) -> None:
        """Break the connection, so that the other side is told by a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def cut(at: int) -> Fault:
    """So many bytes of the body, and no more."""
    return lambda handler: handler.store(handler.hub.files[CHECKPOINT], sent=at) is None


def drop(words: bytes = b"") -> Fault:
    """The connection breaks after these words, which may be no whole head."""

    def spoil(handler: Handler) -> bool:
        handler.wfile.write(words)
        handler.drop()
        return True

    return spoil


def status(code: int, **headers: str) -> Fault:
    return lambda handler: handler.answer(b"", code, **{k.replace("_", "-"): v for k, v in headers.items()}) is None


def damaged(handler: Handler) -> bool:
    """Right length, wrong bytes."""
    content = handler.hub.files[CHECKPOINT]
    handler.store(content[:-1] + bytes([content[-1] ^ 1]))
    return True


def empty(handler: Handler) -> bool:
    """What this hub's storage is known to send now and then: nothing, as if it were the file."""
    handler.answer(b"")
    return True


def lying(announced: int) -> Fault:
    """The length is another than the listing's, and what is sent."""
    return lambda handler: handler.store(handler.hub.files[CHECKPOINT], announced=announced) is None


def dripping(handler: Handler) -> bool:
    """A byte now and then."""
    content = handler.hub.files[CHECKPOINT]
    handler.store(content, sent=0)
    for value in content:
        try:
            handler.wfile.write(bytes([value]))
        except OSError:
            break
        time.sleep(0.02)
    return True


def hold(after: int) -> Fault:
    """So many bytes, and then nothing until the other side has gone."""

    def spoil(handler: Handler) -> bool:
        handler.store(handler.hub.files[CHECKPOINT], sent=after)
        handler.wfile.flush()
        handler.hub.moment.set()
        handler.connection.settimeout(60)
        handler.connection.recv(1)
        return True

    return spoil


def page(handler: Handler) -> bool:
    """A network that wants one to log in first."""
    handler.answer(b"<html>Welcome to the hotel</html>", **{"Content-Type": "text/html"})
    return True


def zipped(handler: Handler) -> bool:
    handler.answer(handler.hub.files[CHECKPOINT], **{"Content-Encoding": "gzip"})
    return True


def elsewhere(handler: Handler) -> bool:
    """A range, but not the one that was asked for."""
    content = handler.hub.files[CHECKPOINT]
    handler.answer(content[1:], 206, **{"Content-Range": f"bytes 1-{len(content) - 1}/{len(content)}"})
    return True


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Hub]:
    """A running hub that has nothing yet."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OfThisHub", (Handler,), {"hub": hub}))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] (faults are meant)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    hub.address = f"{'http' if context is None else 'https'}://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
