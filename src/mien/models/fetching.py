"""Have a model's checkpoint in its place: from the hub, or from a file that the user already has.

What the hub lists is checked. No checksum of the true file may be known beforehand: then the first one that came is
remembered, and another one under the same revision is refused.
"""

import hashlib
import os
import zipfile
from pathlib import Path

from mien.errors import MienError, ModelError
from mien.models import configuration, hub
from mien.models.download import Watch, fetch
from mien.models.partial import BLOCK, part_of, writing
from mien.models.store import Place, checksum, size_of
from mien.models.transport import Patience

MARGIN = 64_000_000
"""Bytes that a download leaves free on the disk, besides those that it and the conversion will take."""


def pull(place: Place, endpoint: str, patience: Patience, watch: Watch) -> None:
    """Have the model's checkpoint and configuration in `place`, which the caller holds; what is sound there is kept.

    Raises `MienError` if the hub cannot be reached or has it not, if it does not fit on the disk, and `ModelError` if
    what comes is not what was promised.
    """
    present = _present(place, watch)
    if present is not None and present == place.origin.get("sha256"):
        return
    found = hub.look_up(place.model, endpoint, patience, watch.retrying)
    known = _trusted(place, found)
    if present != found.checkpoint.sha256:  # damaged since it came; else it came, and was not recorded any more
        place.checkpoint.unlink(missing_ok=True)
        present = None
    size = found.checkpoint.size or place.model.checkpoint.about_bytes
    there = size_of(part_of(place.checkpoint)) if present is None else size
    place.check_space(max(0, size - there) + place.model.converted_bytes + MARGIN)
    described = fetch(found.configuration, place.configuration, patience, Watch())
    configuration.read(place.configuration, place.model.configuration.max_bytes)
    if present is None:
        present = fetch(found.checkpoint, place.checkpoint, patience, watch)
    if known is not None and present != known:
        place.checkpoint.unlink()
        raise _other(place, present, known)
    place.remember(
        sha256=present,
        bytes=place.checkpoint.stat().st_size,
        configuration=described,
        source=found.checkpoint.source,
        endpoint=found.endpoint,
        **{"from": "hub"},
    )


def take(place: Place, file: Path, described: Path | None, watch: Watch) -> None:
    """Have a copy of the user's `file` as the model's checkpoint in `place`, which the caller holds; and one of its
    configuration, `described` or else the file of that name beside it. Theirs are only read.

    Raises `MienError` if they cannot be read or do not fit on the disk, and `ModelError` if they cannot be the model's.
    """
    model = place.model
    if described is None and (beside := file.with_name(model.configuration.name)).is_file():
        described = beside
    try:
        size = file.stat().st_size
        if not file.is_file() or not 0 < size <= model.checkpoint.max_bytes:
            raise ModelError("import-no-checkpoint", file=file, model=model.name)
        if described is not None:
            configuration.read(described, model.configuration.max_bytes)
        place.check_space(size + model.converted_bytes + MARGIN)
        if _is_damaged(file):
            raise ModelError("import-damaged", file=file)
        sha256 = _copy(file, place.checkpoint, size, watch)
        about = _copy(described, place.configuration, 0, Watch()) if described is not None else None
    except OSError as error:
        raise MienError("file-unreadable", file=file, reason=error.strerror or error) from error
    if model.checkpoint.sha256 not in (None, sha256):
        place.checkpoint.unlink()
        raise _other(place, sha256, str(model.checkpoint.sha256))
    if about is None:
        place.configuration.unlink(missing_ok=True)  # of another checkpoint
    place.remember(sha256=sha256, bytes=size, configuration=about, source=file.name, **{"from": "file"})


def _present(place: Place, watch: Watch) -> str | None:
    """The checksum of the checkpoint that is there; None if there is none."""
    if not place.checkpoint.is_file():
        return None
    total = place.checkpoint.stat().st_size
    return checksum(place.checkpoint, lambda done: watch.progress(done, total))


def _trusted(place: Place, found: hub.Found) -> str | None:
    """The checksum that the checkpoint must have, where it is known: pinned, or of what once came from the same place.

    Raises `ModelError` if the hub already says that it has another file.
    """
    origin = place.origin
    remembered = origin.get("sha256") if origin.get("source") == found.checkpoint.source else None
    known = place.model.checkpoint.sha256 or remembered
    if known is not None and found.checkpoint.sha256 not in (None, known):
        raise _other(place, str(found.checkpoint.sha256), known)
    return known


def _other(place: Place, got: str, known: str) -> ModelError:
    return ModelError("model-other-file", model=place.model.name, got=got[:16], known=known[:16])


def _is_damaged(file: Path) -> bool:
    """Whether it is an archive, as PyTorch writes them (whose loader compares no checksums), with a wrong checksum."""
    if not zipfile.is_zipfile(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            is_plain = all(member.compress_type == zipfile.ZIP_STORED for member in members)
            if not is_plain or sum(member.file_size for member in members) > file.stat().st_size:
                return False  # no checkpoint; this may unpack to anything
            return archive.testzip() is not None
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError):
        return True


def _copy(file: Path, target: Path, total: int, watch: Watch) -> str:
    """Copy, to the disk, and say the sha256. A copy that was not finished is written over by the next one."""
    if target.exists() and target.samefile(file):
        return checksum(file)
    new, digest, done = target.with_name(f"{target.name}.copy"), hashlib.sha256(), 0
    try:
        with file.open("rb") as source, writing(new):
            with new.open("wb") as stream:
                while block := source.read(BLOCK):
                    digest.update(block)
                    stream.write(block)
                    done += len(block)
                    watch.progress(done, total or None)
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    return digest.hexdigest()
