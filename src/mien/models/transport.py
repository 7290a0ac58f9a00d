"""HTTP as downloads need it: the system's proxies, few and safe redirects, and faults sorted by whether to try again.

A redirect may lead from http to https and to another host, but never from https to http and to no other scheme.
"""

import functools
import json
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

import mien
from mien.errors import MienError

CHUNK = 1 << 18
"""Bytes read at once, at most."""

PROGRESS = 1 << 20
"""Bytes that must have come since the last interruption for the attempts to be counted anew."""

MAX_REDIRECTS = 5

TRY_AGAIN = frozenset({408, 425, 429})
"""Status codes that say "later", besides those from 500."""

T = TypeVar("T")
Retrying = Callable[[MienError, float], None]
"""Told what interrupted a request, and after how many seconds it is tried again."""


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, and how often to try again where nothing moves.

    `timeout`: for a connection, and for the next bytes of an answer. `slowest`: bytes per second on average over each
    `window`. `first_wait`: before the second attempt; it doubles with every further one, up to `longest_wait`.
    """

    timeout: float = 30
    attempts: int = 6
    first_wait: float = 1
    longest_wait: float = 60
    window: float = 60
    slowest: int = 1024


class Interrupted(MienError):
    """What was asked for did not come, or not to its end; another attempt may succeed, `after` so many seconds."""

    after: float | None = None


class RangeRefused(Interrupted):
    """The server has nothing where the download was to go on (416)."""


class NotThere(MienError):
    """The server does not know what was asked for (404)."""


@contextmanager
def request(url: str, headers: Mapping[str, str], timeout: float) -> Iterator[HTTPResponse]:
    """The answer to a GET with a status of 200 to 299, redirects followed.

    Raises `Interrupted`, `NotThere` for 404, and `MienError` for whatever another attempt would not change.
    """
    _check_proxy(url)
    own = {"User-Agent": f"mien/{mien.__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
    host = urlsplit(url).hostname or ""
    try:
        # Only http and https have handlers in this opener.
        answer = _opener().open(urllib.request.Request(url, headers={**own, **headers}), timeout=timeout)  # noqa: S310
    except HTTPError as error:
        with error:
            raise _refusal(error, host) from error
    except URLError as error:
        raise _fault(error.reason, host) from error
    except (OSError, HTTPException) as error:
        raise _fault(error, host) from error
    with answer:
        if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            raise MienError("hub-answer", host=host)  # a length or a checksum would be of something else
        yield answer


def chunks(answer: HTTPResponse, patience: Patience) -> Iterator[bytes]:
    """The body as it comes, at most `CHUNK` bytes at once; it may end before its announced length.

    Raises `Interrupted` where the connection breaks, stalls, or only drips.
    """
    host = urlsplit(answer.url).hostname or ""
    begun, received = time.monotonic(), 0
    while True:
        try:
            chunk = answer.read1(CHUNK)
        except (OSError, HTTPException, ValueError) as error:  # ValueError: a chunked body's length is no number
            raise _fault(error, host) from error
        if not chunk:
            return
        received += len(chunk)
        yield chunk
        if (passed := time.monotonic() - begun) >= patience.window:
            if received < patience.slowest * passed:
                raise Interrupted("hub-slow", host=host)
            begun, received = time.monotonic(), 0


def whole(answer: HTTPResponse, limit: int, patience: Patience) -> bytes:
    """All of a short body. Raises `MienError` if it has more than `limit` bytes, and `Interrupted` if it is cut off."""
    body = bytearray()
    host = urlsplit(answer.url).hostname or ""
    for chunk in chunks(answer, patience):
        body += chunk
        if len(body) > limit:
            raise MienError("hub-answer", host=host)
    if (announced := content_length(answer)) is not None and len(body) < announced:
        raise Interrupted("hub-connection", host=host, reason=f"{len(body)}/{announced}")
    return bytes(body)


def content_length(answer: HTTPResponse) -> int | None:
    """The announced length of the body in bytes, if there is one."""
    announced = answer.headers.get("Content-Length", "").strip()
    return int(announced) if announced.isascii() and announced.isdigit() and len(announced) < 20 else None


def persist(
    step: Callable[[], T], patience: Patience, retrying: Retrying, progress: Callable[[], int] = lambda: 0
) -> T:
    """The result of `step`, tried again while it is `Interrupted`; raises what interrupts the last attempt.

    Attempts are counted anew whenever `progress` (bytes) is well beyond the best so far: a bad connection that moves on
    is not given up.
    """
    failures, best = 0, progress()
    while True:
        try:
            return step()
        except Interrupted as error:
            if progress() >= best + PROGRESS:
                failures, best = 0, progress()
            failures += 1
            if failures >= patience.attempts:
                raise
            wait = error.after if error.after is not None else patience.first_wait * 2 ** (failures - 1)
            wait = min(wait, patience.longest_wait)
            retrying(error, wait)
            time.sleep(wait)


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        allowed = {"http": ("http", "https"), "https": ("https",)}.get(req.type, ())
        target = urlsplit(newurl)
        if target.scheme not in allowed or not target.hostname:
            raise MienError("hub-redirect", host=req.host)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@functools.cache
def _certificates() -> ssl.SSLContext:
    """What the system trusts, or the file that `SSL_CERT_FILE` names. Reading it takes a twentieth of a second."""
    return ssl.create_default_context()


def _opener() -> urllib.request.OpenerDirector:
    """With handlers for http and https alone. Made anew each time, as the system's proxies may change."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=_certificates()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


def _check_proxy(url: str) -> None:
    """Say so, rather than fail in a strange way, where the proxy is one that the standard library cannot speak to."""
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme, "")
    kind = proxy.partition("://")[0].lower() if "://" in proxy else "http"
    if proxy and kind not in ("http", "https") and not urllib.request.proxy_bypass(parts.netloc):
        raise MienError("hub-proxy", kind=kind)


def _refusal(error: HTTPError, host: str) -> MienError:
    status = error.code
    if status == 404:
        return NotThere("hub-not-found", host=host, said=_said(error))
    if status == 416:
        return RangeRefused("hub-status", host=host, status=status)
    if status in TRY_AGAIN or status >= 500:
        interrupted = Interrupted("hub-status", host=host, status=status)
        interrupted.after = _retry_after(error)
        return interrupted
    if 300 <= status < 400:
        return MienError("hub-redirect", host=host)
    return MienError("hub-refused", host=host, status=status, said=_said(error))


def _said(error: HTTPError) -> str:
    """The hub's own words on what went wrong, if it has any: the `Message` of its JSON answers."""
    try:
        said = json.loads(error.read(1 << 16))["Message"]
    except (OSError, HTTPException, ValueError, KeyError, TypeError, RecursionError):
        return error.reason or "?"
    return str(said)[:300]


def _retry_after(error: HTTPError) -> float | None:
    """Seconds, from a header that gives them or a date (RFC 9110, 10.2.3)."""
    value = error.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _fault(reason: object, host: str) -> MienError:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return MienError("hub-certificate", host=host, reason=reason.verify_message)
    words = (reason.strerror if isinstance(reason, OSError) else None) or str(reason) or type(reason).__name__
    return Interrupted("hub-connection", host=host, reason=words)
