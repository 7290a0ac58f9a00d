"""Decisions as a file: everything is in it, it reads back as it was, and two journals become one in any order."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from mien.people.anchors import Anchor
from mien.people.decisions import replay
from mien.people.exchange import ExchangeError, Imported, merge, parse, write
from mien.people.statements import Entry, Statement
from tests.people.album import figure, journals, name, place, undo

A, B, C, D = (place(photo) for photo in "abcd")
ALBUM = [figure(photo, 0, slot) for photo in "abc" for slot in range(3)]


def entry(seq: int, kind: str, *anchors: Anchor, tag: str = "", **more: Any) -> Imported:
    body = Statement(kind, anchors, **more).body()
    return Imported(f"{tag}{seq}", name(seq, "x", "Anna").at, kind, body, seq)


def taken(entries: list[Entry]) -> list[Imported]:
    return list(parse(write(entries, [])).entries)


def test_nothing_was_decided() -> None:
    assert parse(write([], [])).entries == ()
    assert merge([], []).new == ()


@settings(deadline=None)
@given(journals(ALBUM))
def test_everything_reads_back_as_it_was(entries) -> None:
    back = taken(entries)
    assert [(e.id, e.at, e.kind, e.body) for e in back] == [(e.id, e.at, e.kind, e.body) for e in entries]
    assert replay(back) == replay(entries)
    assert list(merge([], back).new) == back
    assert merge(back, back).new == (), "importing twice adds nothing"


def test_the_file_is_readable_and_in_order() -> None:
    called = 'Anna "[\n 1,\n 2\n]" 王'
    entries = [undo(2, 1), name(1, "x", called, A)]
    text = write(entries, [("b", "c"), ("a", "b")])
    record = json.loads(text)
    assert [e["kind"] for e in record["entries"]] == ["name", "undo"]
    assert record["entries"][0]["body"]["name"] == called
    assert "王" in text
    assert '"box": [0.0, 0.2, 0.09, 0.9]' in text, "a box takes one line"
    assert parse(text).heirs == (("a", "b"), ("b", "c"))


def test_what_a_newer_version_said_is_brought_along() -> None:
    strange = Imported("s", name(1, "x", "Anna").at, "from the future", {"any": ["thing"]}, 1)
    assert taken([strange]) == [strange]


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": 5},
        {"at": "yesterday"},
        {"at": "2024-05-01T10:00:00"},
        # Times after which, or in which, a journal could not go on.
        {"at": "9999-12-31T23:59:59.999999+00:00"},
        {"at": "0001-01-01T00:00:00+05:00"},
        {"kind": None},
        {"kind": "lone \ud800"},
        {"kind": "undo", "body": {}},
        {"kind": "undo", "body": {"of": ["x"]}},
        {"body": []},
        {"body": {}},
        {"body": {"person_id": "x", "name": "Anna", "anchors": [{"photo_id": "a", "box": [0, 0, 1], "mask": ""}]}},
    ],
)
def test_a_damaged_entry_is_refused(change: dict[str, Any]) -> None:
    record = json.loads(write([name(1, "x", "Anna", A)], []))
    record["entries"][0] |= change
    with pytest.raises(ExchangeError) as refused:
        parse(json.dumps(record))
    assert refused.value.code == "exchange-damaged"


def test_the_later_word_holds_wherever_it_was_said() -> None:
    here = [entry(5, "name", A, tag="here", person_id="x", name="Anna")]
    there = [entry(3, "name", A, tag="there", person_id="y", name="Ben"), entry(7, "name", B, person_id="y", name="Bo")]
    merged = replay([*here, *merge(here, there).new])
    assert {p.name: set(p.anchors) for p in merged.people.values()} == {"Anna": {A}, "Bo": {B}}
    assert merged == replay([*there, *merge(there, here).new])


@pytest.mark.parametrize("later", [1, 9])
def test_a_contradiction_is_found_whoever_spoke_first(later: int) -> None:
    here = [entry(5, "different", A, B, tag="here")]
    there = [entry(later, "same", A, B, tag="there", person_id="x"), entry(6, "name", C, person_id="y", name="Chen")]
    merged = merge(here, there)
    assert merged.conflicts == {f"there{later}": "here5"}
    assert [e.kind for e in merged.new] == ["name"]
    assert not replay([*here, *merged.new]).without_effect


def test_what_leads_to_a_contradiction_between_two_others_is_left_out() -> None:
    here = [
        entry(1, "name", A, tag="here", person_id="x", name="Anna"),
        entry(2, "name", B, tag="here", person_id="y", name="Ben"),
        entry(8, "different", A, B, tag="here"),
    ]
    there = [entry(5, "merge", person_id="x", merged=("y",), tag="there"), entry(6, "hide", person_id="y", tag="there")]
    merged = merge(here, there)
    assert set(merged.conflicts) == {"there5"}
    assert replay([*here, *merged.new]).people["y"].is_hidden


def test_of_two_that_contradict_each_other_in_the_file_the_earlier_stays() -> None:
    there = [
        entry(1, "different", A, B, tag="t"),
        entry(2, "same", A, B, tag="t", person_id="x"),
        entry(3, "unsure", C, D),
    ]
    merged = merge([], there)
    assert merged.conflicts == {"t2": "t1"}
    assert len(merged.new) == 2
    again = merge(merged.new, [replace(e, seq=9) for e in there])
    assert (again.new, again.conflicts) == ((), {"t2": "t1"})
