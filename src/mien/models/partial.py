"""The part of a download that is there: `NAME.part`, with `NAME.part.json` telling what it is part of.

A killed process leaves a beginning of the file, which the next one continues; the checksum of the whole decides.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mien import durably
from mien.errors import MienError
from mien.models.hub import RemoteFile

BLOCK = 1 << 20
MAX_RECORD = 1 << 16


class Part:
    """An open part of `file`, which becomes `target` when it is whole. `done`: how many bytes are there."""

    def __init__(self, target: Path, file: RemoteFile) -> None:
        """Open what there is of this very file; something else that lies there under its name is begun anew."""
        self._target, self._file = target, file
        self._path, self._record = part_of(target), record_of(target)
        known = read_record(self._record)
        self.etag: str | None = None
        with writing(self._path):
            self._stream = self._path.open("a+b")
            self._stream.seek(0)
        self.done, self._sum = 0, hashlib.sha256()
        if _belongs(known, file):
            self.etag = known.get("etag")
            while block := self._stream.read(BLOCK):
                self._sum.update(block)
                self.done += len(block)
        if self.done > (file.size or file.max_bytes) or not self.done:
            self.restart(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with writing(self._path):
            self._stream.close()

    @property
    def sha256(self) -> str:
        """Of what is there, in hexadecimal."""
        return self._sum.hexdigest()

    def restart(self, etag: str | None) -> None:
        """Begin anew, with a file that the server marks with `etag`."""
        with writing(self._path):
            self._stream.truncate(0)
            self._stream.seek(0)
        self.done, self._sum, self.etag = 0, hashlib.sha256(), etag
        file = self._file
        # The record is written before the first byte: a part never lies beside the record of something else.
        record = {"source": file.source, "bytes": file.size, "sha256": file.sha256, "etag": etag}
        write_record(self._record, record)

    def write(self, chunk: bytes) -> None:
        with writing(self._path):
            self._stream.write(chunk)
            self._stream.flush()  # what is killed now has it still
        self._sum.update(chunk)
        self.done += len(chunk)

    def keep(self) -> None:
        """Give the file its name: it is whole, and on the disk."""
        with writing(self._path):
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            self._path.replace(self._target)
            durably.remove(self._record)

    def discard(self) -> None:
        """Throw it away."""
        with writing(self._path):
            self._stream.close()
            self._path.unlink(missing_ok=True)
            durably.remove(self._record)


def part_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def record_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.part.json")


def read_record(file: Path) -> Mapping[str, Any]:
    """A small JSON record; empty if there is none, or none that can be read."""
    try:
        with file.open("rb") as stream:
            record = json.loads(stream.read(MAX_RECORD))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(file: Path, record: Mapping[str, Any]) -> None:
    """Write a small JSON record. Raises `MienError` if that cannot be done; what was there then stays."""
    with writing(file):
        durably.write(file, record)


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Say in words what keeps `file` from being written."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MienError("models-disk-full", folder=file.parent) from error
        raise MienError("file-unwritable", file=file, reason=error.strerror or error) from error


def _belongs(known: Mapping[str, Any], file: RemoteFile) -> bool:
    """Whether a part with this record is a beginning of `file`.

    By its checksum; else the server that is to send the rest compares its mark of it (`If-Range`: RFC 9110, 13.1.5).
    """
    if file.sha256 is not None:
        return known.get("sha256") == file.sha256
    same = known.get("source") == file.source and known.get("bytes") == file.size
    return same and known.get("sha256") is None and isinstance(known.get("etag"), str)
