"""Edited photos: what was said of a photo holds of the version that took its place, wherever that goes later.

What edits were seen is kept beside the decisions, for it cannot be derived again once files have moved on.
"""

import os
from collections.abc import Iterable, Mapping, Set

from mien.catalog.journal import Entry
from mien.catalog.library import Library
from mien.people.anchors import NEAR_COPY, heirs
from mien.people.decisions import Decisions, decisions_of, recount, replay
from mien.people.ledger import Ledger
from mien.photo.perceptual import hash_distance


def decided(library: Library) -> Decisions:
    """What holds now, of the photos as they are now."""
    return decisions_of(ledger(library))


def ledger(library: Library) -> Ledger:
    """The same, kept so that more can be said."""
    entries = library.journal.entries()
    present = _present(library)
    known = follow(library.journal.heirs(), _photos(present))
    said = recount(entries, known)
    new = heirs(said.places(), present)
    return recount(entries, known | new) if new else said


def edited(library: Library, edits: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Photo that is gone → the version of it that is in the library now, by all edits known here and `edits`."""
    return follow([*library.journal.heirs(), *edits], photos(library))


def photos(library: Library) -> set[str]:
    """The photos that are in the library now."""
    return _photos(_present(library))


def record(library: Library) -> None:
    """Keep the edits that only the decisions' own paths tell: the cache that saw the photo before may be gone."""
    present = _present(library)
    known = follow(library.journal.heirs(), _photos(present))
    if new := heirs(replay(library.journal.entries(), known).places(), present):
        library.journal.inherit(new)


def follow(edits: Iterable[tuple[str, str]], present: Set[str]) -> dict[str, str]:
    """Photo that is gone → the version of it that is here, by all `edits` (before, after), the latest first."""
    after: dict[str, list[str]] = {}
    for old, new in edits:
        after.setdefault(old, []).insert(0, new)
    found: dict[str, str] = {}
    for photo_id in after.keys() - present:
        waiting, met = list(after[photo_id]), {photo_id}
        while waiting:
            version = waiting.pop(0)
            if version in present:
                found[photo_id] = version
                break
            if version not in met:
                met.add(version)
                waiting += after.get(version, [])
    return found


def is_edit(before: str, after: str) -> bool:
    """Whether two photos with these perceptual hashes, one in the other's place, look much the same."""
    return hash_distance(before, after) <= NEAR_COPY


def spoken_of(entries: Iterable[Entry], edits: Iterable[tuple[str, str]]) -> set[str]:
    """The photos of which anything holds, in all their versions."""
    photos = {anchor.photo_id for anchor in replay(entries).places()}
    return photos | {new for _, new in edits}


def _photos(present: Mapping[str, tuple[str, str]]) -> set[str]:
    return {photo_id for photo_id, _ in present.values()}


def _present(library: Library) -> Mapping[str, tuple[str, str]]:
    """Path → (photo, perceptual hash)."""
    with library.catalog.read() as connection:
        return {
            os.fsdecode(path): (photo_id, look)
            for path, photo_id, look in connection.execute(
                "SELECT path, photo_id, perceptual_hash FROM files JOIN photos USING (photo_id)"
                " WHERE state != 'missing'"
            )
        }
