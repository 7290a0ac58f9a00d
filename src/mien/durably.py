"""Small files that cannot be made again, as what the user asked for or accepted: whole on the disk, or as before."""

import glob
import json
import os
import shutil
import uuid
from pathlib import Path


def write(file: Path, value: object) -> None:
    """Put `value` into `file` as JSON in UTF-8. Whoever reads it sees the old one or the new one. Raises `OSError`."""
    # Names that are no Unicode become escapes, which are JSON's, too.
    replace(file, f"{json.dumps(value, ensure_ascii=False, indent=1)}\n".encode("utf-8", "backslashreplace"))


def read(file: Path) -> object:
    """What `write` put into `file`; None if it is not there or cannot be understood. Raises `OSError`."""
    try:
        value: object = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return value


def replace(file: Path, content: bytes) -> None:
    """Put `content` into `file`, which keeps its permissions, as a whole or not at all. Raises `OSError`."""
    new = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        with new.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if file.exists():
            shutil.copymode(file, new)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def remove(file: Path) -> None:
    """Delete `file` if it is there, and what a process that was killed while it wrote it left. Raises `OSError`."""
    file.unlink(missing_ok=True)
    for unfinished in file.parent.glob(f".{glob.escape(file.name)}.{'[0-9a-f]' * 32}"):
        unfinished.unlink(missing_ok=True)
