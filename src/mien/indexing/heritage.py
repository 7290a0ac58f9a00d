"""Edited photos: what was said of a photo holds of the version that took its place, wherever that goes later.

What edits were seen is kept beside the decisions, for it cannot be derived again once files have moved on.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence, Set
from weakref import WeakKeyDictionary

from mien.catalog import store
from mien.catalog.journal import Entry
from mien.catalog.library import Library
from mien.people.anchors import NEAR_COPY, heirs
from mien.people.decisions import Decisions, recount, replay
from mien.people.ledger import Ledger
from mien.people.retelling import Retelling, Told
from mien.photo.perceptual import hash_distance


def decided(library: Library) -> Decisions:
    """What holds now, of the photos as they are now."""
    return told(library).decisions


def told(library: Library, entries: Sequence[Entry] | None = None) -> Told:
    """The same, kept so that more can be said; or as if `entries` were all there are.

    While the library is open, only what is new is worked out.
    """
    entries = library.journal.entries() if entries is None else entries
    edits, known = library.journal.heirs(), _kept.setdefault(library, _Known())
    with library.catalog.read() as connection:
        here = known.here(connection, {photo_id for edit in edits for photo_id in edit})
        inherited = follow(edits, here)
        said = known.retelling.after(entries, inherited)
        new = _inherit(connection, said.ledger, known.here(connection, said.ledger.photos()))
    return known.retelling.after(entries, {**inherited, **new}) if new else said


def edited(library: Library, edits: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Photo that is gone → the version of it that is in the library now, by all edits known here and `edits`."""
    known = [*library.journal.heirs(), *edits]
    return follow(known, present(library, {photo_id for edit in known for photo_id in edit}))


def present(library: Library, photos: Iterable[str]) -> set[str]:
    """Those of these photos that are in the library now."""
    with library.catalog.read() as connection:
        return _here(connection, photos)


def record(library: Library) -> None:
    """Keep the edits that only the decisions' own paths tell: the cache that saw the photo before may be gone."""
    with library.catalog.read() as connection:
        edits = library.journal.heirs()
        known = follow(edits, _here(connection, {photo_id for edit in edits for photo_id in edit}))
        said = recount(library.journal.entries(), known)
        new = _inherit(connection, said, _here(connection, said.photos()))
    if new:
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


class _Known:
    """What is kept of an open library.

    Attributes:
        retelling: of its journal.
    """

    def __init__(self) -> None:
        self.retelling = Retelling()
        self._here: tuple[object, Set[str]] = (None, frozenset())  # and of which state of the cache

    def here(self, connection: sqlite3.Connection, photos: Set[str]) -> Set[str]:
        """Those of `photos` that are in the library, and others. Each is looked up once, until files change."""
        marks, (since, known) = store.marks(connection, "generation"), self._here
        known = known if marks == since else frozenset[str]()
        if new := photos - known:
            known = known | _here(connection, new)
            self._here = marks, known
        return known


_kept: WeakKeyDictionary[Library, _Known] = WeakKeyDictionary()


def _here(connection: sqlite3.Connection, photos: Iterable[str]) -> set[str]:
    rows = connection.execute(
        "SELECT value FROM json_each(?)"
        " WHERE EXISTS (SELECT 1 FROM files WHERE photo_id = value AND state != 'missing')",
        (json.dumps(list(photos)),),
    )
    return {photo_id for (photo_id,) in rows}


def _inherit(connection: sqlite3.Connection, said: Ledger, here: Set[str]) -> dict[str, str]:
    """Edits that only the paths of `said` tell: photo → the version in its place. `here`: photos in the library."""
    if said.photos() <= here:
        return {}
    places = [place for place in said.places() if place.photo_id not in here and place.path is not None]
    rows = (
        connection.execute(
            "SELECT path, photo_id, perceptual_hash FROM files JOIN photos USING (photo_id)"
            " WHERE path = ? AND state != 'missing'",
            (os.fsencode(path),),
        ).fetchone()
        for path in {str(place.path) for place in places}
    )
    return heirs(places, {os.fsdecode(path): (photo_id, look) for path, photo_id, look in filter(None, rows)})
