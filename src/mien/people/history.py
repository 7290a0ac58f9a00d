"""The decisions as a human looks back on them: what was said, in words, what holds of it, what undo and redo act on."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import PureWindowsPath
from typing import Self

from mien.errors import DecisionConflict, UnknownName
from mien.language import Language, text
from mien.people.decisions import Decisions, in_order, undone
from mien.people.statements import GARMENTS, TAKEN_BACK, Entry, Statement, read

_NAMED_PHOTOS = 3


@dataclass(frozen=True)
class Said:
    """One decision.

    Attributes:
        decision: its id.
        holds: False once it was taken back.
        against: the id of the earlier decision that it contradicts, and which keeps it from having any effect.
        words: what `sentence` is made of, neutral to language.
    """

    decision: str
    at: datetime
    kind: str
    holds: bool
    against: str | None
    words: Mapping[str, str]

    def sentence(self, language: Language | None = None) -> str:
        """What was said, in the user's language."""
        return sentence(self.kind, self.words, language)


class Contradicted(DecisionConflict):
    """By what was said before, which its message tells."""

    @classmethod
    def by(cls, said: Said) -> Self:
        """By this earlier decision."""
        day = said.at.astimezone().date().isoformat()
        return cls("decision-conflict", decision=said.decision, day=day, kind=said.kind, **said.words)

    def message(self, language: Language | None = None) -> str:
        return text("error.decision-conflict", language=language, **self.values, said=self.said(language))

    def said(self, language: Language | None = None) -> str:
        """The sentence of that earlier decision."""
        return sentence(self.values["kind"], self.values, language)


def tell(
    entries: Iterable[Entry], decisions: Decisions, limit: int | None = None, only: Container[str] | None = None
) -> list[Said]:
    """The decisions, newest first: all, or at most `limit`, or those with ids in `only`.

    `decisions` is what holds after the entries.
    """
    ordered = in_order(entries)
    gone, names = undone(ordered), _names(ordered)
    decided = (entry for entry in reversed(ordered) if entry.kind != "undo" and (only is None or entry.id in only))
    return [
        Said(
            entry.id,
            entry.at,
            entry.kind,
            entry.id not in gone,
            decisions.without_effect.get(entry.id),
            words(entry, names, decisions),
        )
        for entry in islice(decided, limit)
    ]


def words(entry: Entry, names: Mapping[str, str], decisions: Decisions) -> dict[str, str]:
    """What `sentence` needs to tell of one entry. `names`: what people are or were called."""
    if entry.kind == "import":
        return {"n": str(len(entry.body.get("entries", ()))), "source": str(entry.body.get("source"))}
    try:
        statement = read(entry)
    except ValueError:
        return {}
    person_id = statement.source or statement.person_id or ""
    known = decisions.people.get(decisions.merged.get(person_id, person_id))
    who = (known.name if known else None) or names.get(person_id, "")
    if statement.kind in GARMENTS:
        who = _garment(statement, decisions)
    return {
        "name": statement.name or who,
        "others": ", ".join(names[other] for other in statement.merged if other in names),
        "born": "" if statement.born is None else statement.born.isoformat(),
        "height": "" if statement.height is None else f"{statement.height:g}",
        "on": "" if statement.day is None else statement.day.isoformat(),
        "value": "yes" if statement.value else "no",
        "photos": _photos(statement),
    }


def sentence(kind: str, words: Mapping[str, str], language: Language | None = None) -> str:
    """What a decision of this kind says."""
    if not words:
        return text("said.not-understood", language=language, kind=kind)
    if kind == "import":
        return text(
            "said.import-regions" if words["source"] == "regions" else "said.import", language=language, **words
        )
    somebody = text("said.some-garment" if kind in GARMENTS else "said.somebody", language=language)
    key = kind
    if kind in TAKEN_BACK and words["value"] == "no":
        key = f"{kind}-no"
    elif kind == "born" and not words["born"]:
        key = "born-no"
    elif kind == "height" and not words["height"]:
        key = "height-no"
    elif (kind == "merge" and words["others"]) or (kind == "draw" and words["name"]):
        key = f"{kind}-known"
    elif kind in ("same", "reject", "split", "garment-same") and not words["name"]:
        key = f"{kind}-nobody"
    said = text(f"said.{key}", language=language, **{**words, "name": words["name"] or somebody})
    return said + (text("said.where", language=language, photos=words["photos"]) if words["photos"] else "")


def last_decision(entries: Iterable[Entry], expected: str | None = None) -> Entry:
    """The last decision that still holds, which is what undo takes back.

    Raises `UnknownName` if there is none, or if it is not the one with the id `expected`.
    """
    ordered = in_order(entries)
    gone = undone(ordered)
    decisions = [entry for entry in ordered if entry.kind != "undo"]
    if expected is not None:
        _ = _holding(expected, decisions, gone)
    last = next((entry for entry in reversed(decisions) if entry.id not in gone), None)
    if last is None:
        raise UnknownName("nothing-to-undo")
    if expected not in (None, last.id):
        raise UnknownName("not-last-decision")
    return last


def decision_of(entries: Iterable[Entry], reference: str) -> Entry:
    """The decision with this id, or this beginning of one, if it still holds. Raises `UnknownName`."""
    ordered = in_order(entries)
    return _holding(reference, [entry for entry in ordered if entry.kind != "undo"], undone(ordered))


def last_undo(entries: Iterable[Entry]) -> Entry:
    """The undo that redo takes back: the last one since anything new was decided. Raises `UnknownName` if there is
    none."""
    taken_back: list[Entry] = []
    for entry in in_order(entries):
        of = str(entry.body.get("of")) if entry.kind == "undo" else None
        if of is None:
            taken_back.clear()
        elif any(undo.id == of for undo in taken_back):
            taken_back = [undo for undo in taken_back if undo.id != of]
        else:
            taken_back.append(entry)
    if not taken_back:
        raise UnknownName("nothing-to-redo")
    return taken_back[-1]


def together(entries: Iterable[Entry], entry: Entry) -> list[Entry]:
    """What is taken back when `entry` is, in that order, itself last: of an import all that came in and still holds; of
    an undo, all that were written with it."""
    ordered = in_order(entries)
    gone, step = undone(ordered), entry.body.get("step")
    mates = set(entry.body.get("entries", ())) if entry.kind == "import" else set[str]()
    if step is not None:
        mates |= {other.id for other in ordered if other.body.get("step") == step}
    return [other for other in reversed(ordered) if other.id in mates - gone - {entry.id}] + [entry]


def _holding(reference: str, decisions: Sequence[Entry], gone: set[str]) -> Entry:
    meant = [entry for entry in decisions if reference and entry.id.startswith(reference)]
    if len(meant) != 1:
        raise UnknownName("no-such-decision")
    if meant[0].id in gone:
        raise UnknownName("already-undone")
    return meant[0]


def _names(ordered: Iterable[Entry]) -> dict[str, str]:
    return {
        str(entry.body["person_id"]): str(entry.body["name"])
        for entry in ordered
        if entry.kind == "name" and "person_id" in entry.body and "name" in entry.body
    }


def _garment(statement: Statement, decisions: Decisions) -> str:
    """What the garment is called now; "" for one without a name."""
    spots = {*zip(statement.anchors, statement.worn, strict=True)}
    return next((one.name for one in decisions.garments if one.name is not None and spots & one.spots), "")


def _photos(statement: Statement) -> str:
    """The names of the files that the figures stand in."""
    paths = dict.fromkeys(anchor.path or anchor.photo_id[:16] for anchor in statement.anchors)
    names = [PureWindowsPath(path).name for path in paths]  # which takes either slash
    return ", ".join(sorted(names)[:_NAMED_PHOTOS]) + (", …" if len(names) > _NAMED_PHOTOS else "")
