import pytest

from mien.errors import UnknownName
from mien.people.decisions import Decisions, replay
from mien.people.grouping import group
from mien.people.history import last_decision
from mien.people.membership import KEY_FIGURES, Grouping
from mien.people.naming import LONGEST_NAME, tidy
from mien.people.saying import Somebody, say_name
from tests.people.album import Entry, figure, place

ALBUM = [figure(f"{p}{n}", i, view=n) for i, p in enumerate("abc") for n in range(3)]
PLACES = {s.figure_id: s.place for s in ALBUM}


class Session:
    """What the command line does: look at the grouping, name, look again."""

    def __init__(self, album=ALBUM) -> None:
        self.album = album
        self.entries: list[Entry] = []
        self.minted = 0

    @property
    def decisions(self) -> Decisions:
        return replay(self.entries)

    @property
    def grouping(self) -> Grouping:
        return group(self.album, self.decisions)

    @property
    def people(self) -> dict[str, tuple[str | None, str]]:
        """Person id → name, and the people of the album (a, b, c) who are this person."""
        return {p.person_id: (p.name, "".join(sorted({f[0] for f in p.figures}))) for p in self.grouping.people}

    def name(self, reference: str, name: str, seen=None) -> None:
        places = {s.figure_id: s.place for s in self.album}
        (person,) = (p for p in self.grouping.people if reference in (p.person_id, p.name))
        anchors = tuple(places[figure] for figure in seen or person.key_figures)
        said = say_name(self.decisions, Somebody(person.person_id, anchors), name, self.mint)
        self.entries.append(Entry(len(self.entries) + 1, "name", said.body()))

    def undo(self) -> None:
        self.entries.append(Entry(len(self.entries) + 1, "undo", {"of": last_decision(self.entries).id}))

    def mint(self) -> str:
        self.minted += 1
        return f"uuid-{self.minted}"


def test_naming_mints_a_person() -> None:
    session = Session()
    assert session.people == {"a0-0": (None, "a"), "b0-0": (None, "b"), "c0-0": (None, "c")}
    session.name("a0-0", "Anna")
    session.name("b0-0", "王小明")
    assert session.people == {"uuid-1": ("Anna", "a"), "uuid-2": ("王小明", "b"), "c0-0": (None, "c")}


def test_a_minted_id_is_a_uuid() -> None:
    somebody = Somebody("a0-0", (PLACES["a0-0"],))
    one, two = (say_name(Decisions(), somebody, "Anna").person_id for _ in range(2))
    assert one != two
    assert len(one or "") == 36


def test_naming_a_named_person_renames() -> None:
    session = Session()
    session.name("a0-0", "Anna")
    session.name("Anna", "Anne")
    session.name("uuid-1", "ANNE")
    assert session.people["uuid-1"] == ("ANNE", "a")


def test_a_known_name_says_this_is_that_person_too() -> None:
    session = Session()
    session.name("a0-0", "Anna Müller")
    session.name("b0-0", "ＡＮＮＡ  müller")
    assert session.people == {"uuid-1": ("Anna Müller", "ab"), "c0-0": (None, "c")}


def test_a_named_person_can_turn_out_to_be_another_and_undo_brings_both_back() -> None:
    session = Session()
    session.name("a0-0", "Anna")
    session.name("b0-0", "Berta")
    before = session.grouping
    session.name("Berta", "Anna", seen=["b1-0"])
    assert session.people == {"uuid-1": ("Anna", "ab"), "c0-0": (None, "c")}
    assert not session.grouping.unplaced
    session.undo()
    assert session.grouping == before


def test_undo_goes_back_step_by_step() -> None:
    session = Session()
    states = [session.grouping]
    for reference, called in [("a0-0", "Anna"), ("b0-0", "Ben"), ("Ben", "Benno"), ("c0-0", "Anna")]:
        session.name(reference, called)
        states.append(session.grouping)
    while len(states) > 1:
        assert session.grouping == states.pop()
        session.undo()
    assert session.grouping == states.pop()
    with pytest.raises(UnknownName):
        session.undo()


def test_the_journal_records_the_figures_that_were_seen() -> None:
    album = [figure(f"a{n:02}", 0, view=n, usable=1 - n / 100) for n in range(30)]
    session = Session(album)
    session.name("a00-0", "Anna")
    assert {a.photo_id for a in session.decisions.people["uuid-1"].anchors} == {f"a{n:02}" for n in range(KEY_FIGURES)}
    (person,) = session.grouping.people
    assert len(person.figures) == 30
    session = Session(album)
    session.name("a00-0", "Anna", seen=["a20-0"])
    assert {a.photo_id for a in session.decisions.people["uuid-1"].anchors} == {"a20"}


def test_a_person_in_no_photo_any_more_can_still_be_renamed() -> None:
    session = Session()
    session.name("a0-0", "Anna")
    session.album = ALBUM[3:]
    session.name("Anna", "Anne")
    assert session.people["uuid-1"] == ("Anne", "")
    assert len(session.grouping.unplaced) == 3
    session.album = ALBUM
    assert session.people["uuid-1"] == ("Anne", "a")


def test_namesakes_must_be_told_apart_by_id() -> None:
    anchors = [place("a0").to_json()], [place("b0").to_json()]
    entries = [
        Entry(n, "name", {"person_id": f"uuid-{n}", "name": "Anna", "anchors": a}) for n, a in enumerate(anchors, 1)
    ]
    with pytest.raises(UnknownName) as caught:
        say_name(replay(entries), Somebody("c0-0", (PLACES["c0-0"],)), "anna")
    assert caught.value.code == "ambiguous-person"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Anna", "Anna"),
        ("  Anna \t Maria\n", "Anna Maria"),
        ("王 小明", "王 小明"),
        ("a\x00b\x1b", "a b"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("\u200dAnna\u200c \u200d Maria\u200d\u200d", "Anna Maria"),
        ("می\u200cنا", "می\u200cنا"),
        ("രാജന്\u200d\u200d", "രാജന്\u200d"),
        ("❤\ufe0f", "❤\ufe0f"),
    ],
)
def test_names_are_tidied(given, kept) -> None:
    assert tidy(given) == kept


@pytest.mark.parametrize(
    "nothing",
    [
        "\u200c", "\u200d \u200c", "\u115f\u1160", "\u3164", "\uffa0 \u3164", "\u2800", "\ufe0f", "\U000e0100",
        "\u3164\u200d\u3164",
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_seen_is_none(nothing) -> None:
    with pytest.raises(UnknownName) as caught:
        tidy(nothing)
    assert caught.value.code == "name-empty"


@pytest.mark.parametrize(
    ("given", "code"), [("", "name-empty"), (" \n", "name-empty"), ("x" * (LONGEST_NAME + 1), "name-too-long")]
)
def test_what_is_no_name_is_refused(given, code) -> None:
    with pytest.raises(UnknownName) as caught:
        tidy(given)
    assert caught.value.code == code
    assert str(caught.value)
