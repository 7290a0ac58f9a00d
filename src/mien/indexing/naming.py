"""Naming: a human's word is kept in the journal, and the people shown follow it."""

from dataclasses import dataclass

from mien.catalog.journal import Entry
from mien.catalog.library import Library
from mien.errors import LibraryError, UnknownName
from mien.indexing.heritage import decided
from mien.indexing.regroup import follows_decisions, grouping_of, regroup, sightings
from mien.people.decisions import undo_decision
from mien.people.membership import Person
from mien.people.naming import find_person, name_decision


@dataclass(frozen=True)
class Named:
    """The decision, and the person as it now is."""

    decision: Entry
    person: Person


def up_to_date(library: Library) -> None:
    """Before people are shown: have them follow all decisions, if a process was killed between the two.

    Figures that an index run is just adding are left to its own grouping.
    """
    if not follows_decisions(library):
        regroup(library)


def name(library: Library, reference: str, said: str) -> Named:
    """Call the person that `reference` means (see `find_person`) `said`. Raises `UnknownName` and `LibraryError`.

    The decision holds even if what follows it is cut short.
    """
    up_to_date(library)
    with library.catalog.read() as connection:  # one state throughout, whatever an index run is doing
        person = find_person(grouping_of(library.catalog), reference)
        places = {sighting.figure_id: sighting.place for sighting in sightings(connection, person.figures)}
        # Key figures first; a photo may have gone missing since people were grouped.
        seen = [i for i in person.key_figures if i in places] or sorted(places)
        if not seen and person.name is None:
            raise UnknownName("no-such-person", reference=reference)
        body = name_decision(person, decided(library), said, places, seen=seen)
    decision = library.journal.append("name", body)
    _follow(library)
    return Named(decision, find_person(grouping_of(library.catalog), body["person_id"]))


def undo(library: Library) -> Entry:
    """Take back the last decision that still holds, which is returned. Raises `UnknownName` if there is none."""
    entries = library.journal.entries()
    body = undo_decision(entries)
    library.journal.append("undo", body)
    _follow(library)
    return next(entry for entry in entries if entry.id == body["of"])


def _follow(library: Library) -> None:
    """Have the people follow a decision that was just written. Raises `LibraryError` that says that it holds."""
    try:
        regroup(library)
    except LibraryError as error:
        raise LibraryError("decision-kept", reason=error.message()) from error
