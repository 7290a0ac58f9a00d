"""Connections: those that say nothing are given up, and what is refused below the application is told like all else."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from mien.web import connections
from mien.web.guard import HEADERS
from mien.web.hosting import Server, listen

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"


def patient(_request: Request) -> PlainTextResponse:
    time.sleep(2 * connections.PATIENCE)
    return PlainTextResponse("done")


async def deaf(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("no")


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where a server listens that waits half a second and has room for five."""
    monkeypatch.setattr(connections, "PATIENCE", 0.5)
    monkeypatch.setattr(connections, "CONNECTIONS", 5)
    app = Starlette(routes=[Route("/", patient), Route("/deaf", deaf, methods=["GET", "POST"])])
    with listen("127.0.0.1", 0) as listener:
        server = Server(app, lambda: None)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def ended(connection: socket.socket) -> bytes:
    """What still comes, until the other side closes."""
    came = b""
    with suppress(ConnectionError):  # it closes before it has read everything
        while piece := connection.recv(1 << 16):
            came += piece
    return came


def wait_for(connection: socket.socket, end: bytes) -> None:
    came = b""
    while not came.endswith(end):
        piece = connection.recv(1 << 16)
        assert piece, came
        came += piece


@pytest.mark.parametrize("said", [b"", b"GET / HT", HEAD, HEAD + b"X: "])
def test_a_head_that_does_not_come_to_its_end_is_given_up(said: bytes, port: int) -> None:
    with connect(port) as silent:
        silent.sendall(said)
        assert ended(silent) == b""


def test_a_head_that_trickles_in_is_given_up(port: int) -> None:
    with connect(port) as slow:
        slow.sendall(HEAD)
        give_up = time.monotonic() + 20
        with suppress(ConnectionError):
            while True:
                assert time.monotonic() < give_up
                slow.sendall(b"X: y\r\n")
                time.sleep(0.05)


def test_a_second_head_is_not_waited_for_either(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(HEAD.replace(b"/", b"/deaf", 1) + b"\r\n")
        wait_for(connection, b"no")
        connection.sendall(b"GET ")
        assert ended(connection) == b""


def test_a_body_that_nobody_needs_is_not_waited_for(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"POST /deaf HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n")
        wait_for(connection, b"no")
        connection.sendall(b"some")
        assert ended(connection) == b""


def test_an_answer_may_take_longer(port: int) -> None:
    assert httpx2.get(f"http://127.0.0.1:{port}/", timeout=20).text == "done"


def test_the_silent_lock_nobody_out_for_long(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(connect(port)).sendall(HEAD)
        refused = httpx2.get(f"http://127.0.0.1:{port}/deaf", headers={"Accept-Language": "zh"})
        assert refused.status_code == 503
        assert "连接过多" in refused.json()["error"]
        assert refused.headers.items() >= {name.lower(): value for name, value in HEADERS.items()}.items()
        give_up = time.monotonic() + 20
        while httpx2.get(f"http://127.0.0.1:{port}/deaf").status_code != 200:
            assert time.monotonic() < give_up


@pytest.mark.parametrize(
    "nonsense",
    [b"nonsense\r\n\r\n", HEAD + b"Content-Length: x\r\n\r\n", HEAD + b"Host: y\r\n\r\n", HEAD + b"X: " + b"x" * 99999],
)
def test_what_is_no_http_is_told_like_all_else(nonsense: bytes, port: int) -> None:
    with connect(port) as connection:
        connection.sendall(nonsense)
        answer = ended(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert body == b'{"error":"This request cannot be understood."}'
    for name, value in HEADERS.items():
        assert f"{name}: {value}".lower().encode() in head.lower()
