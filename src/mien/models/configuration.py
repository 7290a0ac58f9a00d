"""A model's `configuration.json`: data by strangers, read with limits."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from mien.errors import ModelError

MAX_DEPTH = 32


def read(file: Path, max_bytes: int) -> Mapping[str, Any]:
    """The object in `file`. Raises `ModelError` if it is none, has more than `max_bytes`, or is nested too deeply."""
    try:
        with file.open("rb") as stream:
            content = stream.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise ValueError(f"> {max_bytes} bytes")
        found = json.loads(content, parse_constant=_refuse)
        if not isinstance(found, dict) or _depth(found) > MAX_DEPTH:
            raise ValueError("?")
    except (ValueError, RecursionError) as error:
        raise ModelError("configuration-unreadable", file=file) from error
    except OSError as error:
        raise ModelError("file-unreadable", file=file, reason=error.strerror or error) from error
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and the infinities, which JSON has not


def _depth(value: object) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, children), default=0)
