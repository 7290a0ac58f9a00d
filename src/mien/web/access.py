"""By which names this server is called, and what a visitor from another computer must show."""

import ipaddress
import re
import secrets
import socket
from dataclasses import dataclass, replace

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

HOST = re.compile(r"(?:\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
"""A Host header in lower case (RFC 9110, 7.2)."""


@dataclass(frozen=True)
class Access:
    """Who may come in.

    A page of somebody else's may have its own name resolve to this computer (DNS rebinding); it then comes with that
    name in the Host header, and is refused.

    Attributes:
        names: host names and addresses without port, in lower case, that mean this server.
        port: where it listens; a Host header may leave the port out.
        any_address: every IP address in numbers is a name too, for servers that listen at all of them.
        token: what visitors must show; None: the server is reached from this computer only, and asks for nothing.
        programs_only: the token is shown in a header only, never in an address or a cookie; and who knows it may call
            this server by any name.
    """

    names: frozenset[str] = LOOPBACK
    port: int | None = None
    any_address: bool = False
    token: str | None = None
    programs_only: bool = False

    @classmethod
    def at(cls, host: str, address: str, port: int) -> "Access":
        """For a server told to listen at `host`, which is `address` (IP) and `port`."""
        ip = ipaddress.ip_address(address.partition("%")[0])
        names = {host.lower(), str(ip)}
        if ip.is_loopback:
            return cls(LOOPBACK | names, port)
        if ip.is_unspecified:
            names |= LOOPBACK | {socket.gethostname().lower()}
        return cls(frozenset(names), port, ip.is_unspecified, secrets.token_urlsafe(24))

    @classmethod
    def for_programs(cls, host: str, address: str, port: int, token: str | None) -> "Access":
        """As `at`, for a server without pages; with this token if there is one, else a new one where it takes one."""
        usual = cls.at(host, address, port)
        return replace(usual, token=token or usual.token, programs_only=True)

    def means_us(self, host: str) -> bool:
        """Whether this Host header names this server."""
        if (match := HOST.fullmatch(host.lower())) is None:
            return False
        if self.programs_only and self.token is not None:
            return True
        if match["port"] is not None and int(match["port"]) != self.port:
            return False
        name = match["name"] or match["ipv6"]
        return name in self.names or (self.any_address and _is_address(name))

    def admits(self, shown: str | None) -> bool:
        """Whether `shown` is what a visitor must show."""
        return self.token is None or is_same(shown, self.token)


def is_same(shown: object, secret: str) -> bool:
    """Whether `shown` is the secret; takes equally long whatever it is."""
    return isinstance(shown, str) and secrets.compare_digest(shown.encode(), secret.encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
