import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import UnknownName
from mien.people.decisions import Decisions, replay, same_name
from mien.people.history import last_decision
from tests.people.album import Entry, figure, journals, name, place, undo

A, B, C = place("a"), place("b"), place("c")
ALBUM = [figure(photo, 0, slot) for photo in "abc" for slot in range(3)]
journal = journals(ALBUM)


def said(*entries: Entry, **more) -> dict[str, tuple[str, set]]:
    return {p.person_id: (p.name, set(p.anchors)) for p in replay(entries, **more).people.values()}


def test_nothing_said() -> None:
    assert replay([]) == Decisions()
    assert Decisions().owners() == {}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([name(1, "x", "Anna", A, B)], {"x": ("Anna", {A, B})}),
        ([name(1, "x", "Anna", A), name(2, "x", "Anne", B)], {"x": ("Anne", {A, B})}),
        ([name(1, "x", "Anna", A), name(2, "x", "Anne")], {"x": ("Anne", {A})}),
        ([name(1, "x", "Anna", A), name(2, "y", "Ben", B)], {"x": ("Anna", {A}), "y": ("Ben", {B})}),
        # The last word on a figure holds, and a person of whom nothing is left is gone.
        ([name(1, "x", "Anna", A, B), name(2, "y", "Ben", B)], {"x": ("Anna", {A}), "y": ("Ben", {B})}),
        ([name(1, "x", "Anna", A), name(2, "y", "Ben", A)], {"y": ("Ben", {A})}),
        # Also after a re-parse, when the same figure stands a little to the side.
        (
            [name(1, "x", "Anna", A), name(2, "y", "Ben", place("a", nudge=0.01))],
            {"y": ("Ben", {place("a", nudge=0.01)})},
        ),
        ([name(1, "x", "Anna", A), undo(2, 1)], {}),
        ([name(1, "x", "Anna", A), name(2, "x", "Anne", B), undo(3, 2)], {"x": ("Anna", {A})}),
        ([name(1, "x", "Anna", A), undo(2, 1), undo(3, 2)], {"x": ("Anna", {A})}),
        ([name(1, "x", "Anna", A), undo(2, 1), undo(3, 1), undo(4, 3)], {}),
        # Undoing what is not there yet, or oneself, or nothing.
        ([undo(1, 2), name(2, "x", "Anna", A)], {"x": ("Anna", {A})}),
        ([name(1, "x", "Anna", A), undo(2, 2), undo(3, 9), Entry(4, "undo")], {"x": ("Anna", {A})}),
    ],
)
def test_replay(entries, expected) -> None:
    assert said(*entries) == expected
    assert said(*reversed(entries)) == expected


def tall(seq: int, person: str, day: int, height: float | None) -> Entry:
    return Entry(seq, "height", {"person_id": person, "anchors": [], "day": f"2024-05-0{day}", "height": height})


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], {}),
        ([tall(3, "x", 2, 110)], {2: 110}),
        ([tall(3, "x", 2, 110), tall(4, "x", 1, 109.5)], {1: 109.5, 2: 110}),
        ([tall(3, "x", 2, 110), tall(4, "x", 2, 111)], {2: 111}),
        ([tall(3, "x", 2, 110), tall(4, "x", 2, None)], {}),
        ([tall(3, "x", 2, 110), tall(4, "x", 2, 111), undo(5, 4)], {2: 110}),
        ([tall(3, "x", 2, 110), tall(4, "x", 2, None), undo(5, 4)], {2: 110}),
        # Of two people who are one, what was said of the one whose name stays goes first.
        (
            [
                tall(3, "x", 2, 110),
                tall(4, "y", 2, 120),
                tall(5, "y", 3, 121),
                Entry(6, "merge", {"person_id": "x", "anchors": [], "merged": ["y"]}),
            ],
            {2: 110, 3: 121},
        ),
    ],
)
def test_heights(entries, expected) -> None:
    entries = [name(1, "x", "Anna", A), name(2, "y", "Ben", B), *entries]
    heights = {day.day: height for day, height in replay(entries).people["x"].heights}
    assert heights == expected
    assert replay(reversed(entries)) == replay(entries)


@pytest.mark.parametrize(
    "entry",
    [
        Entry(2, "height", {"person_id": "x", "anchors": [], "height": 100}),
        Entry(2, "height", {"person_id": "x", "anchors": [], "height": -1, "day": "2024-05-01"}),
        Entry(2, "height", {"person_id": "x", "anchors": [], "height": "tall", "day": "2024-05-01"}),
        Entry(2, "height", {"person_id": "x", "anchors": [], "height": 100, "day": "some day"}),
        Entry(2, "from the future", {"of": "something"}),
        Entry(2, "name", {"person_id": "y", "name": "Ben"}),
        Entry(2, "name", {"person_id": "y", "name": "Ben", "anchors": [{"photo_id": "b"}]}),
        Entry(2, "name", {"person_id": "y", "name": "Ben", "anchors": 5}),
    ],
)
def test_what_is_not_understood_is_reported_and_harms_nothing(entry) -> None:
    decisions = replay([name(1, "x", "Anna", A), entry, name(3, "x", "Anne", B)])
    assert decisions.not_understood == (entry.id,)
    assert decisions.people == replay([name(1, "x", "Anna", A), name(3, "x", "Anne", B)]).people


def test_an_edited_photo_inherits_what_was_said_of_it_and_a_later_word_wins() -> None:
    edited = place("edited")
    assert said(name(1, "x", "Anna", A), heirs={"a": "edited"}) == {"x": ("Anna", {edited})}
    assert said(name(1, "x", "Anna", A), name(2, "y", "Ben", edited), heirs={"a": "edited"}) == {"y": ("Ben", {edited})}


@given(journal, st.data())
def test_undo_restores_and_redo_returns(entries, data) -> None:
    before = replay(entries)
    n = len(entries)
    if not any(entry.kind != "undo" for entry in entries):
        return
    last = data.draw(st.sampled_from([e.seq for e in entries]))
    undone = [*entries, undo(n + 1, last)]
    assert replay([*undone, undo(n + 2, n + 1)]) == before
    new = name(n + 1, "anna", "Someone", data.draw(st.sampled_from(ALBUM)).place)
    assert replay([*entries, new, undo(n + 2, n + 1)]) == before


@given(journal)
def test_undoing_again_and_again_ends_with_nothing_said(entries) -> None:
    while any(replay(entries).people):
        entries = [*entries, Entry(len(entries) + 1, "undo", {"of": last_decision(entries).id})]
        assert len(entries) < 30
    assert len({e.seq for e in entries}) == len(entries)


def test_undo_takes_back_the_last_decision_that_holds() -> None:
    entries = [name(1, "x", "Anna", A), name(2, "x", "Anne", B), undo(3, 2)]
    assert last_decision(entries) == entries[0]
    with pytest.raises(UnknownName) as caught:
        last_decision([])
    assert caught.value.code == "nothing-to-undo"


@given(journal)
def test_a_figure_is_one_person(entries) -> None:
    people = replay(entries).people.values()
    assert sum(len(p.anchors) for p in people) == len({a for p in people for a in p.anchors})
    assert all(p.anchors for p in people)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("Anna", "ANNA", True),
        ("Anna", " Anna\t", True),
        ("Ａｎｎａ", "anna", True),
        ("王 小明", "王小明", True),
        ("Zoe\u0301", "Zoé", True),
        ("Straße", "STRASSE", True),
        ("Jo  Anna", "jo anna", True),
        ("Joanna", "Jo Anna", False),
        ("Anna", "Anne", False),
        ("王小明", "王小红", False),
    ],
)
def test_names_are_the_same_but_for_case_width_and_spaces(one, two, same) -> None:
    assert (same_name(one) == same_name(two)) is same
    assert bool(replay([name(1, "x", one, A)]).named(two)) is same
