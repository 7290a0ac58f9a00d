"""The service's server. Beyond this computer it takes a token and TLS, as photos are what comes."""

import functools
import ipaddress
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from mien.errors import MienError
from mien.parsing.engines import create_parser
from mien.parsing.remote.address import is_address
from mien.parsing.remote.credentials import known_token
from mien.parsing.remote.protocol import Description
from mien.web.access import Access
from mien.web.hosting import Server, address_of, listen, stoppable
from mien.web.parsing_service.app import create_service_app
from mien.web.parsing_service.engine import MakeParser
from mien.web.parsing_service.service import Service

KEEP_ALIVE = 75
"""Seconds: those who ask work on a photo by themselves between two requests."""


@dataclass(frozen=True)
class Opened:
    """A service that answers.

    Attributes:
        address: where.
        description: what works there.
        new_token: what must be shown, if that was thought up now.
        is_secret: whether nobody on the way can read what is sent: it is encrypted, or stays on this computer.
    """

    address: str
    description: Description
    new_token: str | None
    is_secret: bool


def serve_parser(
    engine: str,
    *,
    announce: Callable[[Opened], None],
    port: int | None = None,
    host: str = "127.0.0.1",
    jobs: int | None = None,
    tls: ssl.SSLContext | None = None,
    insecure: bool = False,
    make_parser: MakeParser = create_parser,
) -> None:
    """Parse what other programs send until Ctrl-C or SIGTERM.

    Args:
        engine: by name; one that works here.
        announce: told where, once it answers.
        port: default: `hosting.PORT`, or the next that is free; 0: any.
        tls: what to answer with; needed for a `host` that other computers can reach, unless `insecure`.

    The token is `credentials.known_token`; if there is none, and other computers can reach it, a new one.
    Raises `MienError` if it cannot listen there, or may not, or the engine does not work.
    """
    if is_address(engine):
        raise MienError("remote-no-relay")
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # programs are told what is wrong with their forms
    token = known_token()
    with listen(host, port) as listener:
        ip, number = listener.getsockname()[:2]
        is_secret = tls is not None or ipaddress.ip_address(ip.partition("%")[0]).is_loopback
        if not is_secret and not insecure:
            raise MienError("remote-needs-tls", host=host)
        access = Access.for_programs(host, ip, number, token)
        service = Service(engine, jobs=jobs, make_parser=make_parser)
        close = functools.cache(service.close)  # once
        try:
            service.open()
            server = Server(create_service_app(service, access), close, tls=tls, keep_alive=KEEP_ALIVE)
            address = address_of(ip, number, scheme="http" if tls is None else "https").rstrip("/")
            with stoppable(server):
                new_token = None if token else access.token
                announce(Opened(address, service.description, new_token, is_secret))
                server.run(sockets=[listener])
        finally:
            close()
