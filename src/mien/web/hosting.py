"""A server as such: it listens, answers, and stops soon when it is told to."""

import asyncio
import errno
import ipaddress
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import psutil
import uvicorn

from mien.errors import MienError
from mien.web.connections import Connection

PORT = 8420
"""Where Mien is looked for; if that is taken, one of the next is."""

PORTS_TRIED = 20

KEEP_ALIVE = 5
"""Seconds for which a connection without a request is kept."""

GRACE = 2
"""Seconds that requests in work may take to end."""

STOPPED_WITHIN = 8.0
"""Seconds after a signal in which the process is gone, whatever hangs. Nothing is lost: runs resume."""


class Server(uvicorn.Server):
    """uvicorn, quiet; closes what requests wait for as soon as it stops, so that they end too."""

    def __init__(
        self, app: object, close: Callable[[], None], *, tls: ssl.SSLContext | None = None, keep_alive: int = KEEP_ALIVE
    ) -> None:
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
            timeout_keep_alive=keep_alive,
            timeout_graceful_shutdown=GRACE,
        )
        config.load()
        config.ssl = tls
        super().__init__(config)
        self._close = close

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # `stoppable` does, for longer than uvicorn would

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        closing = asyncio.get_running_loop().run_in_executor(None, self._close)
        await super().shutdown(sockets)
        await closing


@contextmanager
def stoppable(server: Server) -> Iterator[None]:
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


def listen(host: str, port: int | None) -> socket.socket:
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


def address_of(ip: str, port: int, token: str | None = None, *, scheme: str = "http") -> str:
    """Where a server that listens there is to be found."""
    if ipaddress.ip_address(ip).is_unspecified:  # any of this computer's addresses will do
        ip = next((address for address in _own_addresses() if not ipaddress.ip_address(address).is_loopback), ip)
    name = f"[{ip}]" if ":" in ip else ip
    return f"{scheme}://{name}:{port}/" + (f"?token={token}" if token else "")


def _own_addresses() -> list[str]:
    """This computer's IPv4 addresses."""
    interfaces = psutil.net_if_addrs().values()
    return [own.address for interface in interfaces for own in interface if own.family == socket.AF_INET]
