"""Engines by name."""

from mien.errors import MienError
from mien.parsing.lite.engine import LiteParser
from mien.parsing.m2fp.engine import load_parser
from mien.parsing.m2fp.runtime import PRECISIONS
from mien.parsing.parser import Parser
from mien.parsing.remote.address import is_address
from mien.parsing.remote.client import RemoteParser

ENGINES = ("lite", "m2fp")
"""Those of this machine; "m2fp" once the user has fetched its network, also as "m2fp:bf16" (see `PRECISIONS`)."""


def create_parser(name: str) -> Parser:
    """The engine of this name ("lite"), or of the service at this address.

    Raises `MienError` for one that does not exist, `ModelError` for one whose network is not there, and `EngineLost`
    for a service that cannot be used.
    """
    if name == "lite":
        return LiteParser()
    if is_address(name):
        return RemoteParser(name)
    engine, _, precision = name.partition(":")
    if engine == "m2fp" and (precision in PRECISIONS or name == engine):
        return load_parser(precision or PRECISIONS[0])
    raise MienError("engine-unknown", engine=name, engines=", ".join(ENGINES))


def first_of(engine: str) -> str | None:
    """A quicker engine that a library's photos are parsed with until the turn of the engine of this name comes."""
    return "lite" if engine.partition(":")[0] == "m2fp" else None


def name_of(parser: Parser, asked: str) -> str:
    """The name that the parses of a parser are kept under, which `create_parser` made for `asked`: an engine's own,
    wherever it runs."""
    return parser.name if isinstance(parser, RemoteParser) else asked
