"""What holds is the same whether it is told from the first entry on or from where it stood before."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mien.people.anchors import GRID, Anchor
from mien.people.decisions import replay
from mien.people.retelling import BEFORE, Retelling
from mien.people.statements import Statement

PLACES = [Anchor(f"photo-{i}", (0.1, 0.1, 0.5, 0.9), bytes([255]) * (GRID * GRID // 8)) for i in range(5)]
PEOPLE = ("anna", "bob", "cyd")
START = datetime(2026, 1, 1, tzinfo=UTC)


def entry(number: int, kind: str, body: dict[str, Any]) -> Any:
    return SimpleNamespace(seq=number, id=f"entry-{number}", at=START + timedelta(seconds=number), kind=kind, body=body)


def said(kind: str, one: int, other: int, person: str) -> Statement:
    match kind:
        case "name":
            return Statement("name", (PLACES[one],), person, person)
        case "merge":
            return Statement("merge", (PLACES[one],), person, merged=tuple({*PEOPLE} - {person})[:1])
        case "reject":
            return Statement("reject", (PLACES[one],), source=person)
        case "not-a-person":
            return Statement("not-a-person", (PLACES[one],), value=one != other)
    return Statement(kind, (PLACES[one], PLACES[other]))


KINDS = st.sampled_from(["name", "merge", "reject", "different", "unsure", "not-a-person", "undo", "edit"])
PLACE = st.integers(0, len(PLACES) - 1)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(KINDS, PLACE, PLACE, st.sampled_from(PEOPLE)), max_size=40))
def test_what_is_gone_on_from_is_what_it_would_be_from_the_beginning(steps: list[tuple[str, int, int, str]]) -> None:
    retelling, entries, heirs = Retelling(), list[Any](), dict[str, str]()
    for kind, one, other, person in steps:
        if kind == "edit":
            heirs = {**heirs, f"photo-{one}": f"edit-of-{one}"}
        elif kind == "undo":
            entries.append(entry(len(entries), "undo", {"of": f"entry-{max(0, len(entries) - 1 - other)}"}))
        elif kind not in ("different", "unsure") or one != other:
            entries.append(entry(len(entries), kind, said(kind, one, other, person).body()))
        before = retelling.after(entries, heirs)
        assert before.decisions == replay(entries, heirs)
    again = retelling.after(entries, heirs)
    assert again.decisions == replay(entries, heirs), "what was given out was not added to"


def test_a_long_journal_is_not_told_from_the_beginning_when_its_last_entries_are_taken_back(monkeypatch: Any) -> None:
    from mien.people import retelling as module

    heard: list[int] = []
    hear = module.hear
    monkeypatch.setattr(module, "hear", lambda ledger, entries: (heard.append(len(entries)), hear(ledger, entries)))
    entries = [entry(i, "name", said("name", i % 5, 0, "anna").body()) for i in range(200)]
    retelling = Retelling()
    retelling.after(entries, {})
    assert heard == [200 - BEFORE, BEFORE]
    for n in range(1, 10):
        entries.append(entry(199 + n, "undo", {"of": f"entry-{200 - n}"}))
        assert retelling.after(entries, {}).decisions == replay(entries)
    assert sum(heard[2:]) <= 9 * BEFORE
