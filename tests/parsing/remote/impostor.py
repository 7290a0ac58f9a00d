"""A server that answers as it is told to, in ways that no service does."""

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import mien
from mien.parsing.parse import Parse
from mien.parsing.remote import protocol
from mien.parsing.remote.protocol import Description

Reply = Callable[[socket.socket], None]
"""What is done with a connection once a request has come."""

DESCRIPTION = Description(mien.__version__, protocol.VERSION, "fake", "f1", 1)


def answer(status: int, body: bytes | Mapping[str, Any] = b"", *, length: int | None = None, **headers: str) -> Reply:
    """An answer as it should be, but for its `length` perhaps."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def reply(connection: socket.socket) -> None:
        said = {"Content-Length": str(len(data) if length is None else length), **headers}
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in said.items())
        connection.sendall(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + data)
        if length is not None:
            raise ConnectionError("told to end here")

    return reply


def parsed(parse: Parse, by: str = "fake f1") -> Reply:
    return answer(200, parse.to_bytes(), **{protocol.ENGINE_HEADER: by})


def introduced(**other: Any) -> Reply:
    return answer(200, {**DESCRIPTION.to_json(), **other})


def raw(data: bytes) -> Reply:
    """These bytes, and no more."""

    def reply(connection: socket.socket) -> None:
        connection.sendall(data)
        raise ConnectionError("told to end here")

    return reply


def hang(_: socket.socket) -> None:
    time.sleep(30)


def drip(connection: socket.socket) -> None:
    """An answer that never ends, byte by byte."""
    connection.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 50000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def drip_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 X\r\nX-A: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


class Impostor:
    """Does what `replies` say, one request after the other and the last one again and again; `GET /engine` is answered
    by `introduction`."""

    def __init__(self, *replies: Reply, introduction: Reply | None = None, port: int = 0) -> None:
        self.replies, self.introduction = list(replies), introduction or introduced()
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[str]:
        """The paths of all requests but introductions."""
        return [path for path, _, _ in self.requests if path != "/engine"]

    def __enter__(self) -> "Impostor":
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while not self._ended:
                method_and_path = stream.readline().decode().split()
                if not method_and_path:
                    return
                headers = {}
                while line := stream.readline().strip():
                    name, _, value = line.decode().partition(": ")
                    headers[name.lower()] = value
                body = stream.read(int(headers.get("content-length", 0)))
                path = method_and_path[1]
                self.requests.append((path, headers, body))
                reply = self.introduction if path == "/engine" else self.replies[0]
                if path != "/engine" and len(self.replies) > 1:
                    self.replies.pop(0)
                reply(connection)
