"""Columns in a file that is read as it is needed: a line of JSON, then the numbers as they lie in memory.

A file is never changed: what is newer gets another name, so that whoever reads an old one (on Windows, too) can go on.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien import durably
from mien.search.columns import Columns, fingerprint

_ALIGNED = 64


def write(file: Path, columns: Columns, mark: Mapping[str, Any]) -> None:
    """Put the columns into `file` with what is to be known of them. Raises `OSError`."""
    parts, layout, at = [], {}, 0
    for field in fields(columns):
        array = np.ascontiguousarray(getattr(columns, field.name))
        layout[field.name] = {"dtype": array.dtype.str, "shape": array.shape, "at": at}
        parts += [array.tobytes(), b"\0" * (-array.nbytes % _ALIGNED)]
        at += array.nbytes + -array.nbytes % _ALIGNED
    head = json.dumps({"fingerprint": fingerprint(), "mark": mark, "layout": layout, "size": at}).encode()
    head += b" " * (-(len(head) + 1) % _ALIGNED) + b"\n"
    durably.replace(file, b"".join([head, *parts]))


def read(file: Path) -> tuple[Columns, Mapping[str, Any]] | None:
    """The columns and what is known of them; None for a file that is not there, not whole, or of other columns."""
    try:
        with file.open("rb") as stream:
            line = stream.readline()
        head = json.loads(line)
        if head["fingerprint"] != fingerprint() or file.stat().st_size != len(line) + head["size"]:
            return None
        content = np.memmap(file, np.uint8, "r", offset=0)
        return Columns(**{name: _column(content, len(line), c) for name, c in head["layout"].items()}), head["mark"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _column(content: NDArray[np.uint8], head: int, column: Mapping[str, Any]) -> NDArray[Any]:
    dtype, shape = np.dtype(column["dtype"]), tuple(column["shape"])
    start, length = head + column["at"], int(np.prod(shape)) * dtype.itemsize
    numbers: NDArray[Any] = np.asarray(content[start : start + length]).view(dtype)
    return numbers.reshape(shape)
