"""What there is of a model on this computer.

<folder>/m2fp-multi/            the converted network: model.toml and the files that it lists; appears when it is whole
<folder>/m2fp-multi.source/     what it is made from: the checkpoint (until it is converted), configuration.json,
                                source.json (what they are, and since when), licence.json (what was accepted, and when)
<folder>/m2fp-multi.lock        held by whoever changes something of these

All are private to their owner.
"""

import hashlib
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from mien.errors import MienError, ModelError
from mien.models.partial import BLOCK, part_of, read_record, write_record, writing
from mien.models.registry import SHA256, KnownModel

DESCRIPTION = "model.toml"
"""What a converted network says of itself; `[files]` gives the sha256 of each of its files."""

MAX_DESCRIPTION = 1 << 20

State = Literal["absent", "partial", "fetched", "ready"]
Check = Literal["sound", "damaged", "missing"]


@dataclass(frozen=True)
class Place:
    """Where `model` is kept, in the folder `root` (see `mien.models.folder`)."""

    model: KnownModel
    root: Path

    @property
    def converted(self) -> Path:
        return self.root / self.model.folder

    @property
    def source(self) -> Path:
        return self.root / f"{self.model.folder}.source"

    @property
    def checkpoint(self) -> Path:
        return self.source / self.model.checkpoint.name

    @property
    def configuration(self) -> Path:
        return self.source / self.model.configuration.name

    @property
    def state(self) -> State:
        """ "ready": converted. "fetched": waits to be converted. "partial": a download was interrupted."""
        if (self.converted / DESCRIPTION).is_file():
            return "ready"
        if self.checkpoint.is_file():
            return "fetched"
        return "partial" if part_of(self.checkpoint).is_file() else "absent"

    @property
    def origin(self) -> Mapping[str, Any]:
        """What is known of the checkpoint, also when it has been converted and dropped: `sha256`, `bytes`, `from`
        ("hub" or "file"), `source`, `at`; and `configuration`: its sha256. Empty if there was none yet."""
        return read_record(self.source / "source.json")

    def remember(self, **origin: object) -> None:
        write_record(self.source / "source.json", {**origin, "at": _now()})

    @property
    def acceptance(self) -> Mapping[str, Any]:
        """Of the licence: `licence`, the `text` shown, `terms` (which stand for it in any language), `how`, `at`.

        Empty if it was not accepted.
        """
        return read_record(self.source / "licence.json")

    def accept(self, text: str, terms: str, how: str) -> None:
        self.prepare()
        record = {"licence": self.model.licence, "terms": terms, "text": text, "how": how, "at": _now()}
        write_record(self.source / "licence.json", record)

    def prepare(self) -> None:
        """Have the folders, private to their owner. Raises `MienError` if they cannot be made."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.source.mkdir(mode=0o700, exist_ok=True)
            if os.name == "posix":
                self.source.chmod(0o700)
        except OSError as error:
            raise MienError("folder-unusable", folder=self.root, reason=error.strerror or error) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the right to change what is here; a killed process holds nothing.

        Raises `MienError` if another process holds it.
        """
        from filelock import FileLock, Timeout

        self.prepare()
        lock = FileLock(self.root / f"{self.model.folder}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise MienError("model-busy", model=self.model.name) from error
        except OSError as error:
            raise MienError("folder-unusable", folder=self.root, reason=error.strerror or error) from error
        try:
            self._tidy()
            yield
        finally:
            lock.release()

    def check_space(self, needed: int) -> None:
        """Raises `MienError` if the disk has fewer than so many free bytes."""
        free = shutil.disk_usage(self.root).free
        if free < needed:
            needs, has = (f"{n / 1e6:.0f}" for n in (needed, free))
            raise MienError("models-no-space", folder=self.root, needed=needs, free=has)

    def replace_converted(self, make: Callable[[Path], None]) -> None:
        """Have `make` fill a new folder, which then takes the place of the converted network.

        Whatever ends this, the network that was there before is there, or the new one. Raises what `make` raises, and
        `ModelError` if it leaves no description.
        """
        try:
            self._new.mkdir(mode=0o700)
            make(self._new)
            if not (self._new / DESCRIPTION).is_file():
                raise ModelError("model-not-converted", model=self.model.name)
            with writing(self.converted):
                if self.converted.exists():
                    self.converted.rename(self._old)
                self._new.rename(self.converted)
        finally:
            self._tidy()

    def _tidy(self) -> None:
        """Clear away what a conversion left that was ended in whatever way."""
        if self._old.exists() and not self.converted.exists():
            self._old.rename(self.converted)
        for left in (self._new, self._old):
            shutil.rmtree(left, ignore_errors=True)

    @property
    def _new(self) -> Path:
        return self.root / f".{self.model.folder}.new"

    @property
    def _old(self) -> Path:
        return self.root / f".{self.model.folder}.old"

    def remove(self) -> int:
        """Remove all of the model, also what is remembered of it and that its licence was accepted; the bytes freed."""
        freed = size_of(self.converted) + size_of(self.source)
        for folder in (self.converted, self.source):
            with writing(folder):
                if folder.exists():
                    shutil.rmtree(folder)
        return freed


def size_of(path: Path) -> int:
    """Bytes of a file, or of the files in a folder; 0 if there is none."""
    if path.is_dir():
        return sum(size_of(child) for child in path.iterdir())
    return path.stat().st_size if path.is_file() else 0


def checksum(file: Path, progress: Callable[[int], None] = lambda _: None) -> str:
    """The sha256 of a file, in hexadecimal; `progress` is told the bytes read. Raises `OSError`."""
    digest, done = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
            progress(done := done + len(block))
    return digest.hexdigest()


def verify(place: Place) -> dict[Path, Check]:
    """All files that belong to the model, compared with what was recorded of them. Empty if there are none."""
    expected: dict[Path, str] = {}
    origin = place.origin
    if place.checkpoint.exists():
        expected[place.checkpoint] = str(origin.get("sha256"))
    if place.configuration.exists():
        expected[place.configuration] = str(origin.get("configuration"))
    checks = {file: _check(file, sha256) for file, sha256 in expected.items()}
    description = place.converted / DESCRIPTION
    if description.exists():
        listed = _listed(description)
        checks[description] = "sound" if listed else "damaged"
        checks |= {file: _check(file, sha256) for file, sha256 in listed.items()}
    return checks


def _check(file: Path, sha256: str) -> Check:
    try:
        return "sound" if checksum(file) == sha256 else "damaged"
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "damaged"


def _listed(description: Path) -> dict[Path, str]:
    """The files of a converted network and their checksums; empty if the description cannot be read."""
    try:
        with description.open("rb") as stream:
            files = tomllib.loads(stream.read(MAX_DESCRIPTION).decode("utf-8"))["files"]
        listed = {description.with_name(name): str(sha256) for name, sha256 in files.items()}
    except (OSError, ValueError, KeyError, AttributeError, RecursionError):
        return {}
    return listed if all(SHA256.fullmatch(sha256) for sha256 in listed.values()) else {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
