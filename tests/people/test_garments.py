"""What is said of garments holds, contradicts nothing, is undone, and does not depend on the order of arrival."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mien.people import exchange
from mien.people.decisions import Decisions, decisions_of, in_order, recount, replay, undone
from mien.people.exchange import Imported
from mien.people.garments import DecidedGarment
from mien.people.history import sentence, tell, words
from mien.people.statements import GARMENTS, TAKEN_BACK, Statement, read
from tests.people.album import place

PLACES = [place(photo, slot) for photo in "abc" for slot in range(2)]
SPOTS = [(anchor, worn) for anchor in PLACES for worn in ("upper", "lower")]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

spot = st.sampled_from(SPOTS)


def says(kind: str, *spots: tuple, **more) -> Statement:
    return Statement(kind, tuple(anchor for anchor, _ in spots), worn=tuple(worn for _, worn in spots), **more)


def entries(*statements: Statement) -> list[Imported]:
    return [
        Imported(f"e{i}", BEGIN + timedelta(seconds=i), statement.kind, statement.body(), i)
        for i, statement in enumerate(statements, 1)
    ]


def holds(*statements: Statement) -> Decisions:
    return replay(entries(*statements))


A, B, C, D = SPOTS[0], SPOTS[4], SPOTS[8], SPOTS[1]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], []),
        ([says("garment-same", A, B)], [({A, B}, None, False, True)]),
        ([says("garment-same", A, B), says("garment-same", B, C)], [({A, B, C}, None, False, True)]),
        ([says("garment-name", A, name="coat"), says("garment-retire", A)], [({A}, "coat", True, True)]),
        (
            [says("garment-name", A, name="coat"), says("garment-name", A, name="red coat")],
            [({A}, "red coat", False, True)],
        ),
        # Of two that are one, what was said of the first one goes first.
        (
            [says("garment-name", A, name="coat"), says("garment-name", B, name="jacket"), says("garment-same", A, B)],
            [({A, B}, "coat", False, True)],
        ),
        ([says("garment-retire", B), says("garment-same", A, B)], [({A, B}, None, True, True)]),
        ([says("garment-not-theirs", A), says("garment-not-theirs", A, value=False)], [({A}, None, False, True)]),
        ([says("garment-not-theirs", A)], [({A}, None, False, False)]),
        # Two garments of one figure.
        ([says("garment-name", A, name="shirt"), says("garment-name", D, name="jeans")],
         [({A}, "shirt", False, True), ({D}, "jeans", False, True)]),
        # What contradicts an earlier word has no effect.
        ([says("garment-different", A, B), says("garment-same", A, B)], []),
        (
            [says("garment-same", A, B), says("garment-different", B, C), says("garment-same", A, C)],
            [({A, B}, None, False, True)],
        ),
    ],
)  # fmt: skip
def test_what_holds(statements, expected) -> None:
    found = holds(*statements)
    wanted = {DecidedGarment(frozenset(spots), *more) for spots, *more in expected}
    assert set(found.garments) == wanted


def test_the_same_figure_outlined_otherwise_wears_the_same() -> None:
    nudged = (place("a", 0, nudge=0.01), "upper")
    found = holds(says("garment-name", A, name="coat"), says("garment-retire", nudged))
    assert found.garments == (DecidedGarment(frozenset({nudged}), "coat", True),)


def test_an_edited_photo_inherits_garments() -> None:
    found = replay(entries(says("garment-name", A, name="coat")), heirs={"a": "b"})
    (garment,) = found.garments
    assert {anchor.photo_id for anchor, _ in garment.spots} == {"b"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "garment-same"},
        {"kind": "garment-same", "anchors": (A[0],)},
        {"kind": "garment-same", "anchors": (A[0],), "worn": ("head",)},
        {"kind": "garment-name", "anchors": (A[0],), "worn": ("upper",)},
        {"kind": "garment-different", "anchors": (A[0],), "worn": ("upper",)},
        {"kind": "garment-different", "anchors": (A[0], A[0]), "worn": ("upper", "upper")},
        {"kind": "different", "anchors": (A[0], B[0]), "worn": ("upper", "upper")},
    ],
)
def test_what_is_no_statement(wrong) -> None:
    with pytest.raises(ValueError, match="no statement"):
        Statement(**wrong)


@pytest.mark.parametrize("kind", sorted(GARMENTS))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_has_its_words(kind, language) -> None:
    spots = (A, B) if kind in ("garment-same", "garment-different") else (A,)
    name = "grandma's red coat" if kind == "garment-name" else None
    for value in {True, kind not in TAKEN_BACK}:
        said = entries(says(kind, *spots, name=name, value=value))
        assert read(said[0]) == read(replace(said[0], body=read(said[0]).body()))
        told = words(said[0], {}, replay(said))
        assert sentence(kind, told, language)
        assert name is None or name in sentence(kind, told, language)


class Wearing(RuleBasedStateMachine):
    """Two journals that are merged now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.journals: list[list[Imported]] = [[], []]
        self.at, self.clock = 0, 0

    @property
    def here(self) -> list[Imported]:
        return self.journals[self.at]

    @rule()
    def go_to_the_other(self) -> None:
        self.at = 1 - self.at

    def append(self, kind: str, body: dict) -> None:
        self.clock += 1
        at = BEGIN + timedelta(seconds=self.clock)
        self.here.append(Imported(str(UUID(int=self.clock)), at, kind, body, len(self.here) + 1))

    def say(self, statement: Statement) -> Decisions | None:
        ledger, before = recount(self.here), replay(self.here)
        if (against := ledger.against(statement)) is not None:
            assert decisions_of(ledger) == before
            assert any(said.decision == against.id and said.holds for said in tell(self.here, before))
            return None
        self.append(statement.kind, statement.body())
        after = replay(self.here)
        assert self.here[-1].id not in after.without_effect
        self.append("undo", {"of": self.here[-1].id})
        assert replay(self.here) == before
        self.append("undo", {"of": self.here[-1].id})
        assert replay(self.here) == after
        del self.here[-2:]
        return after

    @rule(spots=st.lists(spot, min_size=1, max_size=3, unique=True), name=st.sampled_from(["coat", "shirt"]))
    def name(self, spots, name) -> None:
        if after := self.say(says("garment-name", *spots, name=name)):
            (garment,) = (g for g in after.garments if spots[0] in g.spots)
            assert garment.name == name
            assert set(spots) <= garment.spots

    @rule(one=spot, other=spot, kind=st.sampled_from(["garment-same", "garment-different"]))
    def compare(self, one, other, kind) -> None:
        if one != other and (after := self.say(says(kind, one, other))):
            of = {s: g for g in after.garments for s in g.spots}
            assert (one in of and of[one] == of.get(other)) == (kind == "garment-same")

    @rule(one=spot, value=st.booleans(), kind=st.sampled_from(["garment-retire", "garment-not-theirs"]))
    def tell_of(self, one, value, kind) -> None:
        if after := self.say(says(kind, one, value=value)):
            (garment,) = (g for g in after.garments if one in g.spots)
            assert (garment.is_retired if kind == "garment-retire" else not garment.is_theirs) == value

    @rule(number=st.integers(0, 99))
    def undo_one(self, number) -> None:
        gone = undone(in_order(self.here))
        known = [entry.id for entry in self.here if entry.kind != "undo" and entry.id not in gone]
        if known:
            before = replay(self.here)
            self.append("undo", {"of": known[number % len(known)]})
            if not replay(self.here).without_effect.keys() <= before.without_effect.keys():
                del self.here[-1]

    @rule()
    def bring_over(self) -> None:
        incoming = exchange.parse(exchange.write(self.journals[1 - self.at], [])).entries
        kept = set(replay(self.here).without_effect)
        merged = exchange.merge(self.here, incoming)
        self.here.extend(merged.new)
        assert set(replay(self.here).without_effect) <= kept

    @invariant()
    def nothing_contradicts_anything(self) -> None:
        found = replay(self.here)
        of = {s: g for g in found.garments for s in g.spots}
        assert sum(len(g.spots) for g in found.garments) == len(of), "one spot, one garment"
        for one, other in found.garments_apart:
            assert one not in of or of[one] != of.get(other)
        assert replay(reversed(self.here)) == found, "whatever the order of arrival"
        assert not found.people
        assert recount(self.here).copy().garments.decided(recount(self.here).place) == found.garments


Wearing.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestWearing = Wearing.TestCase
