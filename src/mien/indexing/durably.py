"""What the user asked for, written beside the journal: it cannot be derived again, and the cache may be deleted."""

import json
import os
import uuid
from pathlib import Path


def write(file: Path, value: object) -> None:
    """Put `value` into `file` as JSON, whole or not at all. Raises `OSError`."""
    new = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        with new.open("w", encoding="utf-8") as stream:
            json.dump(value, stream, indent=1)  # in ASCII, which also holds names that are no Unicode
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
