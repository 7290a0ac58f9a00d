"""What the service's worker processes do: the engine is loaded once in each. Nothing is written anywhere."""

import functools
from collections.abc import Callable

import cv2

from mien.errors import MienError
from mien.parsing.parser import Parser
from mien.parsing.remote.pictures import unpack
from mien.web.services.prediction import prediction

cv2.setNumThreads(1)  # work spreads over photos, not within one

MakeParser = Callable[[str], Parser]
"""Loads an engine by name; a function of a module."""


@functools.cache
def loaded(make_parser: MakeParser, engine: str) -> Parser:
    """The engine of this process."""
    return make_parser(engine)


def identify(make_parser: MakeParser, engine: str) -> str:
    """The engine's fingerprint. Raises `MienError` if it cannot be loaded."""
    return loaded(make_parser, engine).fingerprint


def parse(picture: bytes, make_parser: MakeParser, engine: str) -> tuple[str, bytes]:
    """The fingerprint of the engine, and `Parse.to_bytes` for what `pack` made. Raises `MienError`."""
    parser = loaded(make_parser, engine)
    pixels = unpack(picture)
    try:
        return parser.fingerprint, parser.parse(pixels).to_bytes()
    except (MienError, MemoryError):
        raise
    except Exception as error:
        raise MienError("photo-not-understood", file="?", reason=f"{type(error).__name__}: {error}") from error


def predict(data: bytes, name: str, make_parser: MakeParser, engine: str) -> bytes:
    """See `prediction`."""
    return prediction(data, name, loaded(make_parser, engine))
