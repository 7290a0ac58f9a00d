"""The server: it listens on this computer, says where, and stops soon when it is told to."""

import asyncio
import errno
import functools
import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import psutil
import uvicorn

from mien.catalog.library import Library
from mien.errors import MienError
from mien.web.access import Access
from mien.web.album import Album
from mien.web.app import create_app
from mien.web.background.keeper import Keeper
from mien.web.connections import Connection
from mien.web.pictures.studio import Studio

PORT = 8420
"""Where the album is looked for; if that is taken, one of the next is."""

PORTS_TRIED = 20

GRACE = 2
"""Seconds that requests in work may take to end."""

STOPPED_WITHIN = 8.0
"""Seconds after a signal in which the process is gone, whatever hangs. Nothing is lost: runs resume."""


def serve(
    library: Library,
    *,
    announce: Callable[[str], None],
    port: int | None = None,
    host: str = "127.0.0.1",
    engine: str = "lite",
    jobs: int | None = None,
    index_known: bool = True,
) -> None:
    """Serve `library` in the browser until Ctrl-C or SIGTERM. What is in work then goes on with the next start.

    Args:
        announce: told the address once it answers.
        port: default: `PORT`, or the next that is free; 0: any.
        index_known: have what the library knows looked at again at once.

    Raises `MienError` if it cannot listen there.
    """
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # visitors are told what is wrong with their forms
    with _listen(host, port) as listener:
        keeper, studio = Keeper(library, engine=engine, jobs=jobs), Studio(library)
        album = Album(library, keeper, studio)

        @functools.cache  # once: what hangs takes seconds, and `STOPPED_WITHIN` is for all
        def close() -> None:
            keeper.close()
            album.following.close()
            studio.close()

        address, number = listener.getsockname()[:2]
        access = Access.at(host, address, number)
        server = _Server(create_app(album, access), close)
        with _signals(server):
            try:
                if index_known:
                    keeper.ask()
                announce(_address(address, number, access.token))
                server.run(sockets=[listener])
            finally:
                close()


class _Server(uvicorn.Server):
    """uvicorn, quiet; closes what requests wait for as soon as it stops, so that they end too."""

    def __init__(self, app: object, close: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,  # type: ignore[arg-type]
            http=Connection,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(config)
        self._close = close

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # `_signals` does, for longer than uvicorn would

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        closing = asyncio.get_running_loop().run_in_executor(None, self._close)
        await super().shutdown(sockets)
        await closing


@contextmanager
def _signals(server: _Server) -> Iterator[None]:
    """Ctrl-C and SIGTERM stop `server`; if something hangs then, they end the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if not server.should_exit:
            server.should_exit = True
            last_resort = threading.Timer(STOPPED_WITHIN, _leave)
            last_resort.daemon = True
            last_resort.start()

    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    before = {number: signal.signal(number, stop) for name in names if (number := getattr(signal, name, None))}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens at `port` of `host`."""
    wanted = [port] if port is not None else [*range(PORT, PORT + PORTS_TRIED), 0]
    for number in wanted:
        try:
            return _bind(host, number)
        except OSError as error:
            if port is None and error.errno in (errno.EADDRINUSE, errno.EACCES):
                continue
            code = "port-taken" if error.errno == errno.EADDRINUSE else "cannot-listen"
            raise MienError(code, host=host, port=number, reason=error.strerror or error) from error
        except UnicodeError as error:  # no name that could be looked up
            raise MienError("cannot-listen", host=host, port=number, reason=error) from error
    raise AssertionError("port 0 is never taken")


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it means that two may listen at one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _address(ip: str, port: int, token: str | None) -> str:
    if ipaddress.ip_address(ip).is_unspecified:  # any of this computer's addresses will do
        ip = next((address for address in _own_addresses() if not ipaddress.ip_address(address).is_loopback), ip)
    name = f"[{ip}]" if ":" in ip else ip
    return f"http://{name}:{port}/" + (f"?token={token}" if token else "")


def _own_addresses() -> list[str]:
    """This computer's IPv4 addresses."""
    interfaces = psutil.net_if_addrs().values()
    return [own.address for interface in interfaces for own in interface if own.family == socket.AF_INET]
