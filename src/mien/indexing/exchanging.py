"""A library's decisions as a file, and back."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mien.catalog.journal import Entry
from mien.catalog.library import Library
from mien.indexing import heritage
from mien.indexing.regroup import regroup
from mien.people import exchange
from mien.people.decisions import decisions_of, recount
from mien.people.exchange import ExchangeError
from mien.people.history import Said, tell
from mien.people.statements import Entry as AnyEntry
from mien.people.statements import read


@dataclass(frozen=True)
class Conflict:
    """A decision that was not taken in, as it contradicts another one."""

    said: Said
    against: Said


@dataclass(frozen=True)
class Arrived:
    """What an import did.

    Attributes:
        new: how many entries were added; `known`: how many were here before.
        waiting: how many of the new ones speak of photos that are not here; they hold as soon as those are.
        conflicts: what was passed over.
    """

    new: int
    known: int
    waiting: int
    conflicts: tuple[Conflict, ...]


class ImportConflicts(ExchangeError):
    """An import that was refused as a whole. `conflicts`: what contradicts what."""

    conflicts: tuple[Conflict, ...] = ()


def export_decisions(library: Library) -> str:
    """All that was ever decided here, as text for a file."""
    return exchange.write(library.journal.entries(), library.journal.heirs())


def import_decisions(library: Library, text: str, *, skip_conflicts: bool = False) -> Arrived:
    """Take in what `export_decisions` gave, here or elsewhere; what is here already is not added again.

    Raises `ExchangeError` for a file that is none, and `ImportConflicts` if anything in it contradicts what was
    decided here, unless those decisions are to be skipped. Then nothing was written.
    """
    incoming = exchange.parse(text)
    while True:
        head, here = library.journal.head, library.journal.entries()
        known = heritage.edited(library, incoming.heirs)
        merged = exchange.merge(here, incoming.entries, known)
        if merged.conflicts:
            conflicts = _conflicts(here, incoming.entries, merged)
            if not skip_conflicts:
                raise _refused(conflicts)
        else:
            conflicts = ()
        entries = [Entry(0, e.id, e.at, e.kind, e.body) for e in merged.new]
        added = library.journal.adopt(head, entries, incoming.heirs)
        if added is not None:  # else somebody decided something meanwhile
            break
    keep_together(library, added, "decisions")
    regroup(library)
    ids = {entry.id for entry in here}
    already = sum(entry.id in ids for entry in incoming.entries)
    return Arrived(len(added), already, _waiting(library, added), conflicts)


def keep_together(library: Library, entries: Sequence[Entry], source: Literal["decisions", "regions"]) -> None:
    """Have entries that came from elsewhere be undone in one step."""
    if entries:
        library.journal.append("import", {"entries": [entry.id for entry in entries], "source": source})


def _waiting(library: Library, entries: list[Entry]) -> int:
    known, spoken_of = heritage.edited(library), []
    for entry in entries:
        with contextlib.suppress(ValueError):
            spoken_of.append({anchor.photo_id for anchor in read(entry).follow(known).anchors})
    here = heritage.present(library, set().union(*spoken_of))
    return sum(not photos <= here for photos in spoken_of)


def _conflicts(
    here: tuple[Entry, ...], incoming: tuple[exchange.Imported, ...], merged: exchange.Merged
) -> tuple[Conflict, ...]:
    """In words."""
    own = {entry.id for entry in here}
    everything: tuple[AnyEntry, ...] = (*here, *(entry for entry in incoming if entry.id not in own))
    said = {one.decision: one for one in tell(everything, decisions_of(recount(here)))}
    return tuple(Conflict(said[entry], said[against]) for entry, against in merged.conflicts.items())


def _refused(conflicts: tuple[Conflict, ...]) -> ImportConflicts:
    error = ImportConflicts("exchange-conflicts", n=len(conflicts))
    error.conflicts = conflicts
    return error
