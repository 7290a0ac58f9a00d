"""Exchange: decisions as a readable file, which brings them to another library of the same photos, or back to this one.

The file is JSON: every entry of the journal with its id and time, in order, and what edits of photos it knows of.
Photos are known by their keys, hashes of what they show: wherever a photo lies, its decisions find it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any, TypeVar

from mien.errors import MienError
from mien.people.decisions import in_order, recount
from mien.people.statements import KINDS, Entry, read

FORMAT = "mien-decisions"
VERSION = 1

AnyEntry = TypeVar("AnyEntry", bound=Entry)

_NUMBERS = re.compile(r"\[\n\s+([\d.e+-]+(?:,\n\s+[\d.e+-]+)*)\n\s*\]")


class ExchangeError(MienError):
    """The file holds no decisions that can be taken in. Nothing was written."""


@dataclass(frozen=True)
class Imported:
    """One entry of such a file."""

    id: str
    at: datetime
    kind: str
    body: dict[str, Any]
    seq: int = 0


@dataclass(frozen=True)
class Exchanged:
    """What such a file holds; `heirs`: edits (photo key before, after)."""

    entries: tuple[Imported, ...]
    heirs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Merged:
    """What an import comes to.

    Attributes:
        new: entries that are not here yet, in order, without those in conflict.
        conflicts: entries that contradict what was said here or in the same file → the entry that stands against each.
    """

    new: tuple[Imported, ...]
    conflicts: Mapping[str, str]


def write(entries: Iterable[Entry], heirs: Iterable[tuple[str, str]]) -> str:
    """All decisions and edits, as text that `parse` reads."""
    record = {
        "format": FORMAT,
        "version": VERSION,
        "entries": [
            {"id": entry.id, "at": entry.at.isoformat(), "kind": entry.kind, "body": entry.body}
            for entry in _said(in_order(entries))
        ],
        "heirs": sorted([before, after] for before, after in heirs),
    }
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True)
    # A box takes one line. No string matches: in those a line's end is written as \n.
    return _NUMBERS.sub(lambda found: "[" + " ".join(found[1].split()) + "]", text) + "\n"


def parse(text: str) -> Exchanged:
    """What `write` wrote. Raises `ExchangeError` for anything else, and for a file of a newer version."""
    try:
        record = json.loads(text)
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            raise ExchangeError("exchange-other")
        if record["version"] != VERSION:
            raise ExchangeError("exchange-newer")
        heirs = tuple((str(before), str(after)) for before, after in record["heirs"])
        return Exchanged(tuple(_said([_entry(number, one) for number, one in enumerate(record["entries"], 1)])), heirs)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ExchangeError("exchange-damaged", reason=f"{type(error).__name__}: {error}") from error


def merge(here: Sequence[Entry], incoming: Sequence[Imported], heirs: Mapping[str, str] | None = None) -> Merged:
    """Which of `incoming` can be added to the entries that are here, so that all have the effect they had.

    Where several orders would do, what was decided here stays, and of what comes in the earlier.
    """
    known = {entry.id for entry in here}
    before = recount(here, heirs).without_effect
    new = {entry.id: entry for entry in in_order(incoming) if entry.id not in known}
    conflicts: dict[str, str] = {}
    while True:
        ledger = recount((*here, *new.values()), heirs)
        wrong = {entry: against for entry, against in ledger.without_effect.items() if entry not in before}
        if not wrong:
            return Merged(tuple(e for e in new.values() if isinstance(e, Imported)), conflicts)
        gone = _culprits(wrong, here, new)
        conflicts |= gone
        new = {entry: value for entry, value in new.items() if entry not in gone}


def _said(entries: Sequence[AnyEntry]) -> list[AnyEntry]:
    """The entries without what is of use only where it was written: what came in together, and that it was undone."""
    local: set[str] = set()
    for entry in in_order(entries):
        if entry.kind == "import" or (entry.kind == "undo" and str(entry.body.get("of")) in local):
            local.add(entry.id)
    return [entry for entry in entries if entry.id not in local]


def _culprits(wrong: Mapping[str, str], here: Sequence[Entry], new: Mapping[str, Entry]) -> dict[str, str]:
    """Entries to leave out, and what each stands against, so that fewer are `wrong`."""
    gone: dict[str, str] = {}
    for entry, against in wrong.items():
        if entry in new and against not in gone:
            gone[entry] = against
        elif entry not in new and against in new:
            gone[against] = entry
    if gone:
        return gone
    # What came in does not contradict the entry itself, but led to where it and another one here do.
    (late,) = (e for e in here if e.id == next(iter(wrong)))
    last = [e for e in in_order(new.values()) if (e.at, e.id) < (late.at, late.id)][-1]
    return {last.id: late.id}


def _entry(number: int, record: Mapping[str, Any]) -> Imported:
    at, body = datetime.fromisoformat(record["at"]), record["body"]
    entry = Imported(record["id"], at, record["kind"], body, number)
    if (
        at.tzinfo is None
        or not MINYEAR < at.year < MAXYEAR
        or not isinstance(body, dict)
        or not all(isinstance(i, str) and i for i in (entry.id, entry.kind))
        or (entry.kind == "undo" and not isinstance(body.get("of"), str))
    ):
        raise ValueError(f"entry {number}")
    json.dumps(record, ensure_ascii=False).encode()  # raises ValueError for lone surrogates
    if entry.kind in KINDS:
        try:
            read(entry)
        except ValueError as error:
            raise ValueError(f"entry {number}: {error}") from error
    return entry
