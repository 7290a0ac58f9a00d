"""The engine behind `--engine http://host:port`: another machine's, asked photo by photo."""

import json
import time

import numpy as np
from numpy.typing import NDArray

import mien
from mien.errors import EngineLost, MienError
from mien.language import current_language
from mien.parsing.parse import Parse
from mien.parsing.remote import protocol
from mien.parsing.remote.address import Address
from mien.parsing.remote.connection import Answer, Connection, Garbled, Lost, Overdue, Unencrypted, Untrusted
from mien.parsing.remote.credentials import client_context, known_token
from mien.parsing.remote.patience import Again, Patience
from mien.parsing.remote.pictures import pack
from mien.parsing.remote.protocol import Description, Identity

ANSWERED = 100.0
"""Seconds for one photo, tries and pauses included: less than a worker is given, so that no photo is blamed for a
service that hangs; more than a service takes for the hardest photo."""

RETURNED = 30.0
"""Seconds for a service that was there to come back: it may be started anew, perhaps with a new release."""

INTRODUCED, TRIES = 5.0, 3
"""Seconds for it to say what it is, and how often that is tried."""

FRESH = 2.0
"""Seconds for which what a service said of itself is not asked again."""

PATIENT = frozenset({429, 502, 503, 504})
"""Statuses that pass by themselves."""

OF_THE_PHOTO = frozenset({400, 413, 415, 422})
"""Statuses that say something of this photo alone."""

_LONGEST_WORDS = 400
_DESCRIPTION = 64 << 10  # bytes


class RemoteParser:
    """Satisfies `Parser`. On the same pixels it answers what the service's own engine does, bit for bit.

    It has that engine's name and fingerprint, too, for it is no matter where an engine runs. Raises `EngineLost` when
    the service cannot be used, which says nothing of any photo, and `MienError` ("remote-photo-refused") for a photo
    that it refuses.
    """

    def __init__(self, address: str) -> None:
        """Ask the service at `address` what it is. Raises `MienError` for an address, token or setting that is none."""
        self._address = Address.of(address)
        self._token = known_token()
        self._connection = Connection(self._address, client_context() if self._address.is_encrypted else None)
        self._service = self._introduced()
        self._identity, self._heard = self._service.identity, time.monotonic()

    @property
    def name(self) -> str:
        """Of the service's engine."""
        return self._identity.engine

    @property
    def fingerprint(self) -> str:
        """Of the engine that made the last parse; if that was a while ago, of the one that is there now."""
        if time.monotonic() - self._heard > FRESH:
            self._service = self._introduced()
            self._identity, self._heard = self._service.identity, time.monotonic()
        return self._identity.fingerprint

    def parse(self, pixels: NDArray[np.uint8]) -> Parse:
        """See `Parser.parse`. Waits for a service that is busy, or away for a moment."""
        picture = pack(pixels)
        height, width = pixels.shape[:2]
        if len(picture) > self._service.max_bytes or height * width > self._service.max_pixels:
            raise self._refused(f"{width}×{height} px, {len(picture)} bytes")
        patience = Patience(ANSWERED)
        self._heard = float("-inf")  # there may be another one by now, or none
        while True:
            try:
                return self._parse(picture, patience.left)
            except Again as again:
                patience.wait(again)

    def _parse(self, picture: bytes, seconds: float) -> Parse:
        """One try. Raises `Again` if another one may fare better."""
        answer = self._ask("POST", "/parse", picture, seconds=seconds, limit=protocol.MAX_ANSWER)
        if answer.status == 200:
            try:
                parse = protocol.parse_from_bytes(answer.body)
                self._identity = Identity.from_header(answer.headers.get(protocol.ENGINE_HEADER.lower()))
            except ValueError as error:
                raise self._garbled(error) from error
            self._heard = time.monotonic()
            return parse
        if answer.status in OF_THE_PHOTO:
            raise self._refused(_words(answer))
        if answer.status == 500:  # its process died perhaps, which may not have been this photo's fault
            raise Again(self._refused(_words(answer)), tries=2)
        raise self._unusable(answer)

    def _introduced(self) -> Description:
        """What the service says of itself, if it can be used."""
        patience = Patience(TRIES * INTRODUCED)
        while True:
            try:
                answer = self._ask("GET", "/engine", seconds=min(INTRODUCED, patience.left), limit=_DESCRIPTION)
                break
            except Again as again:
                absent = again.verdict.code == "remote-gone"
                verdict = EngineLost("remote-unreachable", **again.verdict.values) if absent else again.verdict
                patience.wait(Again(verdict, after=again.after, tries=TRIES))
        if answer.status != 200:
            raise self._unusable(answer)
        try:
            service = Description.from_json(json.loads(answer.body))
        except ValueError as error:  # no JSON, or another program's
            raise EngineLost("remote-foreign", address=self._address) from error
        if service.protocol != protocol.VERSION:
            raise EngineLost(
                "remote-version", address=self._address, theirs=service.protocol, their_mien=service.mien,
                ours=protocol.VERSION, our_mien=mien.__version__,
            )  # fmt: skip
        return service

    def _ask(self, method: str, path: str, body: bytes | None = None, *, seconds: float, limit: int) -> Answer:
        """The answer, unless it is that the service is busy. Raises `Again` or `EngineLost`."""
        headers = {"Accept-Language": current_language(), protocol.PROTOCOL_HEADER: str(protocol.VERSION)}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        if body is not None:
            headers["Content-Type"] = "application/octet-stream"
        try:
            answer = self._connection.request(method, path, headers, body, seconds=seconds, limit=limit)
        except Lost as error:
            lost = EngineLost("remote-gone", address=self._address, reason=error)
            raise Again(lost, within=RETURNED) from error
        except Overdue as error:
            raise EngineLost("remote-slow", address=self._address, seconds=round(seconds)) from error
        except Unencrypted as error:
            raise EngineLost("remote-not-tls", address=self._address) from error
        except Untrusted as error:
            raise EngineLost("remote-tls", address=self._address, reason=error) from error
        except Garbled as error:
            raise self._garbled(error) from error
        if answer.status in PATIENT:
            busy = EngineLost("remote-busy", address=self._address, reason=_words(answer))
            raise Again(busy, after=_retry_after(answer))
        return answer

    def _garbled(self, reason: Exception) -> Again:
        return Again(EngineLost("remote-garbled", address=self._address, reason=_plain(str(reason))), tries=2)

    def _refused(self, reason: str) -> MienError:
        return MienError("remote-photo-refused", file="?", address=self._address, reason=reason)

    def _unusable(self, answer: Answer) -> EngineLost:
        """Why nothing can be had from there at all."""
        if answer.status == 401:
            return EngineLost("remote-token-wrong" if self._token else "remote-token-missing", address=self._address)
        if answer.status == 404 or answer.status < 400:
            return EngineLost("remote-foreign", address=self._address)
        return EngineLost("remote-refused", address=self._address, status=answer.status, reason=_words(answer))


def _words(answer: Answer) -> str:
    """What the service said went wrong."""
    try:
        said = json.loads(answer.body)["error"]
    except (ValueError, LookupError, TypeError):
        said = None
    return _plain(said) if isinstance(said, str) else f"HTTP {answer.status}"


def _plain(said: str) -> str:
    """Words of somebody else's in a message of ours."""
    return "".join(c if c.isprintable() else " " for c in said[:_LONGEST_WORDS])


def _retry_after(answer: Answer) -> float:
    """Seconds; the other form of this header, a date, is for longer times than are waited for here."""
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 0.0
