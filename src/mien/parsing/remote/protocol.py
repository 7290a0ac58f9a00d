"""What the two sides say to each other.

`GET /engine` answers a `Description`. `POST /parse` takes a picture (see `pictures`) and answers `Parse.to_bytes`, with
the engine that made it in the header `Mien-Engine`. Whatever cannot be done is answered `{"error": words}`.
"""

import io
import re
import zipfile
from dataclasses import asdict, dataclass
from typing import Any, Self

from mien.parsing.parse import Parse

VERSION = 1
"""Raised when older programs could not understand, or would misunderstand, what is said now."""

SERVICE = "mien-parser"

PROTOCOL_HEADER, ENGINE_HEADER = "Mien-Protocol", "Mien-Engine"
PARSE_TYPE = "application/vnd.mien.parse"

MAX_BYTES = 64 << 20
"""Of a picture as it is sent."""

MAX_PIXELS = 1 << 24
"""Of a picture; photos are read at a quarter of that at most (see `photo.reading.LONG_SIDE`)."""

MAX_ANSWER = 16 << 20
"""Bytes of an answer; a parse usually has some 50 KB."""

_MAX_PARSE = 64 << 20
"""Bytes of a parse's arrays. Its maps have 3 MB at most, and every figure some 600 bytes."""

_NAME = re.compile(r"[A-Za-z0-9._:+-]{1,100}", re.ASCII)
_FINGERPRINT = re.compile(r"[!-~]([ -~]{0,200}[!-~])?", re.ASCII)


@dataclass(frozen=True)
class Identity:
    """Which engine answers: its name, which its parses are kept under, and its fingerprint (see `Parser`)."""

    engine: str
    fingerprint: str

    def to_header(self) -> str:
        return f"{self.engine} {self.fingerprint}"

    @classmethod
    def from_header(cls, header: str | None) -> Self:
        """Raises `ValueError` for what is no identity."""
        name, _, fingerprint = (header or "").partition(" ")
        return cls(_word(name), _word(fingerprint, _FINGERPRINT))


@dataclass(frozen=True)
class Description:
    """What a service says of itself.

    Attributes:
        mien: its release.
        protocol: the version of the protocol that it speaks.
        engine, fingerprint: see `Identity`.
        jobs: how many photos it works on at a time.
        max_bytes, max_pixels: the largest picture that it takes.
    """

    mien: str
    protocol: int
    engine: str
    fingerprint: str
    jobs: int
    max_bytes: int = MAX_BYTES
    max_pixels: int = MAX_PIXELS

    @property
    def identity(self) -> Identity:
        return Identity(self.engine, self.fingerprint)

    def to_json(self) -> dict[str, Any]:
        return {"service": SERVICE, **asdict(self)}

    @classmethod
    def from_json(cls, said: Any) -> Self:
        """What `to_json` wrote; a later release may say more. Raises `ValueError` for anything else.

        Of a service that speaks another version only `mien` and `protocol` are believed; the rest is empty.
        """
        if not isinstance(said, dict) or said.get("service") != SERVICE:
            raise ValueError(f"not a {SERVICE}")
        release, protocol = _word(said.get("mien")), _number(said.get("protocol"))
        if protocol != VERSION:
            return cls(release, protocol, "", "", 0, 0, 0)
        numbers = {name: _number(said.get(name)) for name in ("jobs", "max_bytes", "max_pixels")}
        fingerprint = _word(said.get("fingerprint"), _FINGERPRINT)
        return cls(release, protocol, _word(said.get("engine")), fingerprint, **numbers)


def parse_from_bytes(data: bytes) -> Parse:
    """The parse that `Parse.to_bytes` wrote, from somebody who may be anybody. Raises `ValueError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())  # no more than that is ever unpacked
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ValueError(f"not a parse: {error}") from error
    if size > _MAX_PARSE:
        raise ValueError(f"not a parse: {size} bytes")
    return Parse.from_bytes(data)


def _word(said: object, pattern: re.Pattern[str] = _NAME) -> str:
    """A name or a number of a release: nothing that could be more than it seems in a message or a path."""
    if not isinstance(said, str) or pattern.fullmatch(said) is None:
        raise ValueError(f"not a name: {said!r}")
    return said


def _number(said: object) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not 0 < said < 1 << 40:
        raise ValueError(f"not a number: {said!r}")
    return said
