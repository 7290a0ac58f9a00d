"""Engines by name."""

from mien.errors import MienError
from mien.parsing.lite.engine import LiteParser
from mien.parsing.parser import Parser

ENGINES = ("lite",)
"""What works now."""

PLANNED = ("m2fp",)


def create_parser(name: str) -> Parser:
    """The engine of this name ("lite"). Raises `MienError` for one that does not exist, or not yet."""
    if name == "lite":
        return LiteParser()
    if name in PLANNED or name.startswith(("http://", "https://")):
        raise MienError("engine-not-yet", engine=name, engines=", ".join(ENGINES))
    raise MienError("engine-unknown", engine=name, engines=", ".join(ENGINES))
