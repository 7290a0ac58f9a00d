"""What the demo album consists of, and whom its photos are owed to."""

import functools
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from mien.language import text


@dataclass(frozen=True)
class DemoPhoto:
    """One photo.

    Attributes:
        file: its name in the album.
        member: its path in the package's wheel.
        author, licence: None where the package names none; then all that is known is the package's own licence.
    """

    file: str
    member: str
    author: str | None = None
    licence: str | None = None


@dataclass(frozen=True)
class Package:
    """One published version of a Python package that ships photos; `sha256` and `bytes` are those of its wheel."""

    name: str
    version: str
    sha256: str
    bytes: int
    licence: str
    photos: tuple[DemoPhoto, ...]

    def missing(self, folder: Path) -> list[DemoPhoto]:
        """Those of its photos that are not in `folder` yet."""
        return [photo for photo in self.photos if not (folder / photo.file).exists()]


@functools.cache
def packages() -> tuple[Package, ...]:
    """Where the demo album comes from: `album.toml`."""
    table = tomllib.loads(resources.files("mien.demo").joinpath("album.toml").read_text(encoding="utf-8"))
    return tuple(
        Package(photos=tuple(DemoPhoto(**photo) for photo in entry.pop("photo")), **entry) for entry in table["package"]
    )


def credit_lines(album: Iterable[Package]) -> Iterator[str]:
    """One line per photo: by whom, under which licence, from which package."""
    for package in album:
        origin = f"{package.name} {package.version}"
        for photo in package.photos:
            if photo.author is None:
                yield text("demo.unnamed", file=photo.file, package=origin, licence=package.licence)
            else:
                yield text("demo.named", file=photo.file, author=photo.author, licence=photo.licence, package=origin)
