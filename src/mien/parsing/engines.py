"""Engines by name."""

from mien.errors import MienError
from mien.parsing.lite.engine import LiteParser
from mien.parsing.m2fp.engine import PRECISIONS, load_parser
from mien.parsing.parser import Parser

ENGINES = ("lite", "m2fp")
"""Those of this machine; "m2fp" once the user has fetched its network, also as "m2fp:bf16" and "m2fp:int8"."""


def create_parser(name: str) -> Parser:
    """The engine of this name.

    Raises `MienError` for one that does not exist, and `ModelError` for one whose network is not there.
    """
    if name == "lite":
        return LiteParser()
    engine, _, precision = name.partition(":")
    if engine == "m2fp" and (precision in PRECISIONS or name == engine):
        return load_parser(precision or PRECISIONS[0])
    raise MienError("engine-unknown", engine=name, engines=", ".join(ENGINES))
