"""One unit of work: a file → everything that is to be known of it. Runs in any process, writes nothing."""

import functools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.catalog.derived import DerivedPhoto, Embedded, Fingerprints
from mien.catalog.store import Kind
from mien.errors import EngineLost, MienError, ModelError, UnreadablePhoto
from mien.faces.embedder import Embedder, describe
from mien.faces.face import Face
from mien.indexing.stages import Chain, MakeChain, Stage
from mien.parsing.parse import Parse
from mien.photo.containers import dissect
from mien.photo.formats import FileKind, sniff
from mien.photo.key import photo_key
from mien.photo.live import live_pairs
from mien.photo.metadata import metadata
from mien.photo.photo import Photo
from mien.photo.reading import read_file, read_photo
from mien.photo.thumbnail import thumbnail

cv2.setNumThreads(1)  # work spreads over photos, not within one


@dataclass(frozen=True)
class Known:
    """A photo that lacks nothing but may have a new file: what its picture alone tells."""

    format: str
    width: int
    height: int
    perceptual_hash: str


@dataclass(frozen=True, eq=False)
class Task:
    """What to do with one file.

    Attributes:
        path: absolute.
        make_chain, engine: how to load the networks, once per process.
        stage: the first one to do.
        photo_id: the photo that was in the file when the rest of this task was put together.
        parse, faces: its stored parse, and its stored faces, where the stage needs them.
        known: photos by key; if the file turns out to hold one of them, only its metadata are read.
        wanted: the fingerprint that a new parse must have, as an engine on another machine may change at any time.
        embedder: the user's own, by which faces are described beside the built-in one.
    """

    path: str
    make_chain: MakeChain
    engine: str
    stage: Stage = "read"
    photo_id: str | None = None
    parse: bytes | None = None
    faces: tuple[Face | None, ...] | None = None
    known: Mapping[str, Known] = field(default_factory=dict)
    wanted: str | None = None
    embedder: Embedder | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a file holds; `photo` and `error` are both there if the picture was read but not understood."""

    kind: Kind
    photo: DerivedPhoto | None = None
    error: MienError | None = None


def work(task: Task) -> Outcome:
    """Do it. Errors that belong to this file are part of the outcome; raised is only what stops every file."""
    path = Path(task.path)
    kind = sniff(path)  # before reading all of it: what is no photo may be empty, or larger than the memory
    if kind is not FileKind.PHOTO:
        return Outcome("video" if kind is FileKind.VIDEO else "other")
    try:
        data = read_file(path)
        if (recognised := _recognise(data, path.name, task.known)) is not None:
            return Outcome("photo", recognised)
        photo = read_photo(data, name=path.name)
    except UnreadablePhoto as error:
        return Outcome("photo", error=UnreadablePhoto(error.code, **{**error.values, "file": task.path}))
    chain = loaded(task.make_chain, task.engine)
    try:
        if task.stage == "vectors" and task.photo_id == photo.key and task.faces is not None:
            read = DerivedPhoto(photo.key, photo.metadata, photo.perceptual_hash)
            return Outcome("photo", replace(read, embedded=_embed(task.embedder, photo, task.faces)))
        return Outcome("photo", _derive(task, chain, photo))
    except (MemoryError, ModelError, EngineLost):
        raise
    except Exception as error:
        read = DerivedPhoto(photo.key, photo.metadata, photo.perceptual_hash, thumbnail(photo))
        if isinstance(error, MienError):
            return Outcome("photo", read, MienError(error.code, **{**error.values, "file": task.path}))
        reason = f"{type(error).__name__}: {error}"
        return Outcome("photo", read, MienError("photo-not-understood", file=task.path, reason=reason))


def _recognise(data: bytes, name: str, known: Mapping[str, Known]) -> DerivedPhoto | None:
    """The photo in a file's bytes, if it is one of `known`; without decoding it."""
    if not known:
        return None
    anatomy = dissect(data)
    key = photo_key(data, anatomy)
    if (photo := known.get(key)) is None:
        return None
    said = metadata(anatomy, file_format=photo.format, width=photo.width, height=photo.height, name=name)
    return DerivedPhoto(key, said, photo.perceptual_hash)


def _derive(task: Task, chain: Chain, photo: Photo) -> DerivedPhoto:
    """All stages from the task's first on; the file may have changed since, then from the very first."""
    stored = task.photo_id == photo.key and task.stage in ("faces", "traits")
    parse = _stored_parse(task.parse) if stored else None
    faces = task.faces if parse is not None and task.stage == "traits" else None
    made = None
    if parse is None:
        parse = chain.parser.parse(photo.pixels)
        if task.wanted not in (None, chain.parse_fingerprint()):
            raise EngineLost("remote-changed")
        made = parse.to_bytes()
    if faces is None or len(faces) != len(parse):
        faces = tuple(chain.finder.find(photo, parse))
    return DerivedPhoto(
        photo_id=photo.key,
        metadata=photo.metadata,
        perceptual_hash=photo.perceptual_hash,
        thumbnail=thumbnail(photo),
        parse=made,
        figures=chain.figures(photo, parse, faces),
        embedded=_embed(task.embedder, photo, faces),
    )


def _embed(embedder: Embedder | None, photo: Photo, faces: Sequence[Face | None]) -> Embedded | None:
    """The faces as the user's own embedder describes them, if there is one."""
    if embedder is None:
        return None
    there = [i for i, face in enumerate(faces) if face is not None]
    vectors: list[NDArray[np.float32] | None] = [None] * len(faces)
    meshes = [face.landmarks for face in faces if face is not None]
    for i, vector in zip(there, describe(embedder, photo.pixels, meshes) if there else (), strict=True):
        vectors[i] = vector
    return Embedded(embedder.key, tuple(vectors))


def _stored_parse(data: bytes | None) -> Parse | None:
    try:
        return None if data is None else Parse.from_bytes(data)
    except (ValueError, zlib.error):  # cut short by a power failure, say
        return None


def fingerprints(make: MakeChain, engine: str) -> Fingerprints:
    """Those of the chain in this process, which loads it for the work to come."""
    return loaded(make, engine).fingerprints()


def pair(paths: Sequence[str]) -> dict[str, str]:
    """Which of these files are the moving halves (keys) of which photos (values)."""
    return {str(film): str(still) for still, film in live_pairs(map(Path, paths)).items()}


@functools.cache
def loaded(make: MakeChain, engine: str) -> Chain:
    """The chain of this process; its networks are loaded once."""
    return make(engine)
