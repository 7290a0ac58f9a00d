"""One connection to a service, kept open for the next request, and never waited on for longer than allowed."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from mien.parsing.remote.address import Address

CONNECT = 5.0
"""Seconds; a machine that is on answers in a fraction of one."""

_CLOSED = (
    http.client.RemoteDisconnected,
    BrokenPipeError,
    ConnectionResetError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)
_NO_TLS = ("WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST")
"""What OpenSSL takes an answer in plain words for."""
_FOREIGN = (http.client.BadStatusLine, http.client.LineTooLong, http.client.UnknownProtocol)


class Lost(Exception):
    """The other side could not be reached, or went away in the middle of its answer."""


class Overdue(Exception):
    """The other side did not come to an end in time."""


class Untrusted(Exception):
    """TLS does not work with the other side."""


class Unencrypted(Untrusted):
    """The other side seems to speak no TLS at all."""


class Garbled(Exception):
    """The answer is not HTTP, or longer than it can be."""


@dataclass(frozen=True)
class Answer:
    """Of a request; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """Not shared between threads."""

    def __init__(self, address: Address, context: ssl.SSLContext | None) -> None:
        self._address, self._context = address, context
        self._http: http.client.HTTPConnection | None = None

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        seconds: float,
        limit: int,
    ) -> Answer:
        """The whole answer, within so many `seconds` and of at most `limit` bytes.

        Raises `Lost`, `Overdue`, `Untrusted` or `Garbled`; the connection is then made anew with the next request.
        """
        clock = _Clock(seconds)
        was_open = self._http is not None
        try:
            with clock:
                try:
                    return self._exchange(clock, method, path, headers, body, limit)
                except _CLOSED:
                    if not was_open or clock.is_over:
                        raise
                    self.close()  # it had been closed while nobody used it
                    return self._exchange(clock, method, path, headers, body, limit)
        except BaseException as error:
            self.close()
            if clock.is_over and isinstance(error, OSError | http.client.HTTPException | ValueError):
                raise Overdue from error
            if isinstance(error, ssl.SSLError) and not isinstance(error, _CLOSED):
                kind = Unencrypted if error.reason in _NO_TLS else Untrusted
                raise kind(str(getattr(error, "verify_message", None) or error.reason or error).rstrip(".")) from error
            if isinstance(error, _FOREIGN) and not isinstance(error, _CLOSED):
                raise Garbled(type(error).__name__) from error
            if isinstance(error, OSError | UnicodeError | http.client.HTTPException):
                words = getattr(error, "strerror", None) or str(error) or type(error).__name__
                raise Lost(words) from error
            raise

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    def _exchange(
        self, clock: "_Clock", method: str, path: str, headers: Mapping[str, str], body: bytes | None, limit: int
    ) -> Answer:
        if self._http is None:
            self._http = self._connect(clock)
        clock.watch(self._http.sock)
        with _heard_out():
            self._http.request(method, path, body, dict(headers))
        response = self._http.getresponse()
        length = response.length
        if length is not None and length > limit:
            raise Garbled("too long")
        data = response.read(limit + 1)
        if len(data) > limit:
            raise Garbled("too long")
        if clock.is_over or (length is not None and len(data) < length):
            raise http.client.IncompleteRead(data)
        answer = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, data)
        if response.will_close:
            self.close()
        return answer

    def _connect(self, clock: "_Clock") -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self._address.host, self._address.port)
        connection.auto_open = 0
        plain = socket.create_connection((self._address.host, self._address.port), min(CONNECT, clock.seconds))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock = plain
        if self._context is not None:
            try:
                secured = self._context.wrap_socket(
                    plain, server_hostname=self._address.host, do_handshake_on_connect=False
                )
            except BaseException:
                plain.close()
                raise
            connection.sock = secured
            clock.watch(secured)
            try:
                secured.do_handshake()
            except BaseException:
                secured.close()
                raise
        connection.sock.settimeout(None)  # the clock's is for all together
        return connection


@contextmanager
def _heard_out() -> Iterator[None]:
    """Who refuses may close before it has read all that it refuses; its answer is there all the same."""
    with suppress(*_CLOSED):
        yield


class _Clock:
    """Shuts a socket when the time is over, whatever is waited for on it: timeouts of sockets begin anew with every
    byte."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(0.0, seconds)
        self.is_over = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(self.seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, watched: socket.socket) -> None:
        self._socket = watched
        if self.is_over:
            self._end()

    def _end(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with suppress(OSError):  # not the method of a TLS socket, which would go on without TLS
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
