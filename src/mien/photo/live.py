"""Live Photos: a still and a short film that one press of the shutter made."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from mien.photo.containers import boxes, dissect
from mien.photo.containers.tiff import Structure
from mien.photo.exif import MAKER_NOTE, Exif

_STILLS = (".heic", ".heif", ".jpg", ".jpeg")  # the better one first
_FILMS = frozenset({".mov", ".mp4"})
_LONGEST_FILM = 5.0  # seconds; Apple's run for 3
_LARGEST_MOOV = 16 << 20
_APPLE_NOTE = b"Apple iOS\0\0\1"
_CONTENT_IDENTIFIER = 0x0011  # in Apple's maker note
_FILM_IDENTIFIER = b"com.apple.quicktime.content.identifier"


def live_pairs(paths: Iterable[Path]) -> dict[Path, Path]:
    """Still → film for every Live Photo among these files: one photo, not a photo and a video.

    Partners lie in one folder under one name up to its ending (`IMG_1234.HEIC`, `IMG_1234.MOV`; case does not matter).
    A film that is longer than 5 s, or that names another still as its own, is a video. Only films
    beside a still of their name are opened, and their still if they name one.
    """
    same_name: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for path in sorted(paths):
        same_name[path.parent, path.stem.lower()].append(path)
    pairs: dict[Path, Path] = {}
    for group in same_name.values():
        stills = sorted(
            (path for path in group if path.suffix.lower() in _STILLS),
            key=lambda path: _STILLS.index(path.suffix.lower()),
        )
        for film in (path for path in group if path.suffix.lower() in _FILMS):
            if (still := _partner(film, stills)) is not None and still not in pairs:
                pairs[still] = film
    return pairs


def _partner(film: Path, stills: list[Path]) -> Path | None:
    if not stills:
        return None
    moov = _moov(film)
    seconds = boxes.film_seconds(moov)
    if seconds is not None and seconds > _LONGEST_FILM:
        return None
    identifier = (boxes.quicktime_key(moov, _FILM_IDENTIFIER) or b"").decode("ascii", "replace")
    if not identifier:
        return stills[0]
    identifiers = [content_identifier(still) for still in stills]
    if identifier in identifiers:
        return stills[identifiers.index(identifier)]
    return next((still for still, other in zip(stills, identifiers, strict=True) if other is None), None)


def content_identifier(still: Path) -> str | None:
    """What Apple's camera calls still and film of one Live Photo alike; None if the file does not tell."""
    try:
        anatomy = dissect(still.read_bytes())
    except OSError:
        return None
    note = Exif.read(anatomy).photo.get(MAKER_NOTE, b"")
    if not isinstance(note, bytes) or not note.startswith(_APPLE_NOTE):
        return None
    structure = Structure(note, "<" if note[12:14] == b"II" else ">", big=False, first=14)
    value = structure.directory(structure.first).get(_CONTENT_IDENTIFIER, b"")
    return value.split(b"\0")[0].decode("ascii", "replace") or None if isinstance(value, bytes) else None


def _moov(film: Path) -> bytes:
    """The content of a film's `moov` box, without reading the film itself; empty if there is none."""
    try:
        with film.open("rb") as file:
            while len(head := file.read(16)) >= 8:
                size, kind, read = int.from_bytes(head[:4], "big"), head[4:8], 8
                if size == 1:
                    size, read = int.from_bytes(head[8:16], "big"), 16
                file.seek(read - len(head), 1)
                if kind == b"moov":
                    return file.read(min(size - read, _LARGEST_MOOV)) if size else file.read(_LARGEST_MOOV)
                if size < read:
                    break
                file.seek(size - read, 1)
    except OSError:
        pass
    return b""
