"""What commands that decide something print."""

from mien.catalog.library import Library
from mien.cli.output import print_json, tell
from mien.indexing import deciding
from mien.indexing.deciding import Decided
from mien.language import text


def tell_decided(library: Library, decided: Decided, as_json: bool) -> None:
    """A decision that was just written, in words or as a row."""
    said = deciding.told(library, [decided.entry.id])[0].sentence()
    if as_json:
        row = {"decision": decided.entry.id, "kind": decided.entry.kind, "person_ids": decided.person_ids, "said": said}
        print_json(row)
    else:
        tell(text("cli.decided", said=said))


def tell_undone(library: Library, undone: tuple[Decided, ...], as_json: bool, key: str) -> None:
    """Decisions that were taken back (`key`: "undone") or brought back ("redone"), the first one first."""
    entries = [one.of or one.entry for one in undone]
    words = deciding.told(library, [entry.id for entry in entries])
    for one, entry, said in zip(undone, entries, (said.sentence() for said in words), strict=True):
        if as_json:
            name = entry.body.get("name")
            print_json({key: entry.id, "kind": entry.kind, "name": name, "person_ids": one.person_ids, "said": said})
        else:
            tell(text(f"cli.{key}", said=said))
