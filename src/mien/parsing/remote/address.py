"""Where a service is, and whether photos may go there."""

import hashlib
import ipaddress
import os
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from mien.errors import MienError

SCHEMES = ("http://", "https://")
PORTS = {"http": 80, "https": 443}


def is_address(engine: str) -> bool:
    """Whether an engine's name is the address of a service."""
    return engine.lower().startswith(SCHEMES)


@dataclass(frozen=True)
class Address:
    """`https://host:port`; `host` is a name, or an IP address without brackets."""

    host: str
    port: int
    is_encrypted: bool

    @classmethod
    def of(cls, engine: str) -> Self:
        """Raises `MienError` if it is none, has more in it than it should, or is not safe to send photos to."""
        try:
            parts = urlsplit(engine)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        else:
            if "@" in parts.netloc:
                raise MienError("remote-credentials", address=_presentable(engine))
        if not host or not is_address(engine) or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise MienError("remote-address", address=_presentable(engine))
        address = cls(host, port or PORTS[parts.scheme], parts.scheme == "https")
        if not (address.is_encrypted or address.is_here or os.environ.get("MIEN_ENGINE_INSECURE") == "1"):
            raise MienError("remote-plain", address=address)
        return address

    @property
    def mark(self) -> str:
        """What stands for it where only letters and digits may stand."""
        return hashlib.sha256(str(self).encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def is_here(self) -> bool:
        """Whether this is this very machine, or a tunnel that begins on it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.is_encrypted else 'http'}://{host}:{self.port}"


def other_machine(engine: str) -> Address | None:
    """Where photos are sent that an engine parses, if they leave this machine; None also if they may not go there."""
    try:
        address = Address.of(engine) if is_address(engine) else None
    except MienError:
        return None
    return None if address is None or address.is_here else address


def _presentable(engine: str) -> str:
    """What may be shown of something that should have been an address: no password, no token."""
    return re.sub("//.*@", "//", engine).partition("?")[0]
