"""What `name` and `undo` share: the current people, and what follows a decision."""

from typing import Any

from mien.catalog.journal import Entry
from mien.catalog.library import Library
from mien.indexing.regroup import grouping_of, is_current, method_of, regroup
from mien.people.membership import Grouping


def current_people(library: Library) -> Grouping:
    """The people as the user was last shown them, brought up to date if figures or decisions were added since."""
    if not is_current(library):
        _regroup(library)
    return grouping_of(library.catalog)


def decide(library: Library, kind: str, body: dict[str, Any]) -> Entry:
    """Write a decision into the journal, then let the people follow it. It holds even if the second is cut short."""
    entry = library.journal.append(kind, body)
    _regroup(library)
    return entry


def _regroup(library: Library) -> None:
    with library.catalog.read() as connection:
        method = method_of(connection)
    regroup(library, method)
