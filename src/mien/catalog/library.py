"""The library: a folder, private to its owner, that holds the journal, the cache and the backups.

library.toml     what this folder is, and the version of its layout
decisions.db     the journal: what a human said (see `journal`)
backups/         dated copies of the journal
catalog.db       the cache's tables; may be deleted (see `cache`)
cache/           the cache's files: parses, thumbnails and portraits; may be deleted (see `blobs`)
uploads/         photos that were given to the library itself (see `mien.web.services.upload`)
roots.json       the folders and files that were asked for (see `mien.indexing.roots`)
engine.json      the engine that was chosen, if one was (see `mien.indexing.engine`)
embedder.json    the embedders that the user gave, and which was chosen (see `mien.indexing.embedding`)
index.lock       held while an index run is under way
roots.lock       held while roots.json is written
"""

import errno
import os
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Self

from mien.catalog.blobs import Blobs
from mien.catalog.cache import Catalog
from mien.catalog.journal import Journal
from mien.errors import LibraryError

VERSION = 1
"""Of the folder's layout. The journal and the cache carry versions of their own."""

MARKER = "library.toml"
JOURNAL = "decisions.db"

NETWORK_FILE_SYSTEMS = frozenset(
    {"9p", "afpfs", "afs", "ceph", "cifs", "davfs", "fuse.sshfs", "nfs", "nfs4", "smb2", "smb3", "smbfs", "webdav"}
)


def default_location() -> Path:
    """`MIEN_LIBRARY`, else the platform's folder for the user's data."""
    if chosen := os.environ.get("MIEN_LIBRARY"):
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path("mien", appauthor=False) / "library"


class Library:
    """An open library. Use `Library.open`, and close it (or use it in a `with` statement)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def open(cls, folder: Path | str | None = None) -> Self:
        """Open the library in `folder` (default: `default_location()`), making it if there is nothing there.

        Raises `LibraryError` if the folder is a file, cannot be written to, holds something else, or was made by a
        newer version; and for a journal that is damaged (see `Journal`).
        """
        folder = Path(folder) if folder is not None else default_location()
        folder = Path(os.path.abspath(folder.expanduser()))  # noqa: PTH100 (keeps links, unlike resolve)
        _claim(folder)
        library = cls(folder)
        _ = library.journal  # a damaged journal is told at once, not at the first decision
        return library

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.folder / JOURNAL, self.folder / "backups")

    @cached_property
    def catalog(self) -> Catalog:
        return Catalog(self.folder / "catalog.db", self.blobs)

    @cached_property
    def blobs(self) -> Blobs:
        return Blobs(self.folder / "cache")

    @property
    def uploads(self) -> Path:
        """The folder of photos that lie in the library itself: originals like all others. It may not be there."""
        return self.folder / "uploads"

    @contextmanager
    def indexing(self) -> Iterator[None]:
        """Hold the right to index. Raises `LibraryError` if another run holds it; a killed run holds nothing."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / "index.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise LibraryError("index-running", folder=self.folder) from error
        try:
            yield
        finally:
            lock.release()

    @property
    def on_network_drive(self) -> bool:
        """Whether the folder lies on a network drive, where SQLite's locks cannot be relied on."""
        import psutil

        mounts = [
            (Path(mount.mountpoint), mount.fstype.lower())
            for mount in psutil.disk_partitions(all=True)
            if self.folder.is_relative_to(mount.mountpoint)
        ]
        _, kind = max(mounts, key=lambda mount: len(mount[0].parts), default=(Path(), ""))
        return kind in NETWORK_FILE_SYSTEMS or str(self.folder).startswith("\\\\")

    def close(self) -> None:
        for part in ("journal", "catalog"):
            if part in self.__dict__:
                self.__dict__.pop(part).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def unusable(folder: Path, error: OSError) -> LibraryError:
    """What to tell of `error` where the library in `folder` is written to or read."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LibraryError("library-disk-full", folder=folder)
    return LibraryError("library-unusable", folder=folder, reason=error.strerror or error)


def _claim(folder: Path) -> None:
    """See that `folder` is a library of this version, making it one if it is new or empty."""
    try:
        if folder.exists() and not folder.is_dir():
            raise LibraryError("library-is-file", folder=folder)
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True)
        marker = folder / MARKER
        if marker.exists():
            _check(marker)
        elif (folder / JOURNAL).exists() or not any(not name.name.startswith(".") for name in folder.iterdir()):
            new = folder / f".{MARKER}.{uuid.uuid4().hex}"
            new.write_text(
                f"# A library of Mien. catalog.db and cache/ can be rebuilt; {JOURNAL} cannot: keep it.\n"
                f'version = {VERSION}\nid = "{uuid.uuid4()}"\n',
                encoding="utf-8",
            )
            new.replace(marker)
            if os.name == "posix":
                folder.chmod(0o700)
        else:
            raise LibraryError("library-is-other", folder=folder)
    except OSError as error:
        raise unusable(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise LibraryError("library-unusable", folder=folder, reason=os.strerror(13))


def _check(marker: Path) -> None:
    try:
        version = tomllib.loads(marker.read_text(encoding="utf-8"))["version"]
    except (ValueError, KeyError) as error:
        raise LibraryError("library-marker", file=marker, version=VERSION) from error
    if not isinstance(version, int) or version > VERSION:
        raise LibraryError("library-newer", folder=marker.parent)
