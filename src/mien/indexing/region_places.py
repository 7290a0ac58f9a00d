"""The photos whose face regions are read or written, and where sidecars that lie elsewhere mirror them."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mien.errors import MienError, UnknownName
from mien.indexing.presence import Places
from mien.photo.containers import Anatomy, dissect
from mien.photo.face_regions import FaceRegion, Shape
from mien.photo.key import photo_key
from mien.photo.picasa import Faces, folder_faces, picasa_regions
from mien.photo.reading import read_file
from mien.photo.sidecars import Siblings, shape_of


@dataclass(frozen=True)
class PhotoFile:
    """A file that is there, of a photo that was indexed; width and height are px of the upright photo."""

    path: Path
    photo_id: str
    width: int
    height: int
    look: str


def photo_files(connection: sqlite3.Connection, paths: Sequence[str] = ()) -> list[PhotoFile]:
    """The files at or under `paths` (everywhere, if there are none), those of one photo together.

    Raises `UnknownName` for a path with none.
    """
    rows = connection.execute(
        "SELECT path, photo_id, width, height, perceptual_hash FROM files JOIN photos USING (photo_id)"
        " WHERE state = 'present' ORDER BY min(path) OVER (PARTITION BY photo_id), photo_id, path"
    )
    files = [PhotoFile(Path(os.fsdecode(path)), *rest) for path, *rest in rows]
    if not paths:
        return files
    wanted = {os.path.abspath(Path(path).expanduser()): path for path in paths}  # noqa: PTH100 (keeps links)
    for place, path in wanted.items():
        there = Places([place])
        if not any(str(file.path) in there for file in files):
            raise UnknownName("no-photos-there", path=path)
    asked = Places(wanted)
    return [file for file in files if str(file.path) in asked]


def opened(file: PhotoFile) -> tuple[bytes, Anatomy, Shape]:
    """What is in the file, and how the photo lies in it. Raises `UnreadablePhoto`, and `MienError` if it is another."""
    data = read_file(file.path)
    anatomy = dissect(data)
    if photo_key(data, anatomy) != file.photo_id:
        raise MienError("photo-changed", file=file.path)
    return data, anatomy, shape_of(anatomy, file.width, file.height)


class Beside:
    """The sidecars of photos: those beside them, and those in a folder that mirrors the library's."""

    def __init__(self, roots: Iterable[str] = (), folder: Path | None = None) -> None:
        self._roots = sorted((Path(root) for root in roots), key=lambda root: -len(root.parts))
        self._folder = folder
        self._siblings: dict[Path, Siblings] = {}
        self._picasa: dict[Path, Faces] = {}

    def sidecars(self, photo: Path) -> list[Path]:
        """Those that are there, best first; in the mirror before those beside."""
        folders = [photo.parent] if self._folder is None else [self.mirror(photo), photo.parent]
        return [folder / name for folder in folders for name in self.siblings(folder).sidecars(photo.name)]

    def mirror(self, photo: Path) -> Path:
        """The folder, in the one that mirrors the library, for the sidecar of `photo`."""
        if self._folder is None:
            return photo.parent
        root = next((root for root in self._roots if photo.is_relative_to(root)), None)
        if root == photo:
            root = photo.parent
        alike = [other for other in self._roots if root is not None and other.name == root.name]
        if root is None or not root.name or len(alike) > 1:  # its name alone would not tell which folder it was
            drive = photo.drive.strip("\\/:").replace("\\", "_")
            return self._folder.joinpath(drive, photo.parent.relative_to(photo.anchor))
        return self._folder / root.name / photo.parent.relative_to(root)

    def picasa(self, photo: Path, shape: Shape) -> list[FaceRegion]:
        """What Picasa's own file in the photo's folder says of it."""
        if photo.parent not in self._picasa:
            self._picasa[photo.parent] = folder_faces(photo.parent)
        return picasa_regions(self._picasa[photo.parent], photo.name, shape)

    def siblings(self, folder: Path) -> Siblings:
        if folder not in self._siblings:
            self._siblings[folder] = Siblings.of(folder)
        return self._siblings[folder]
