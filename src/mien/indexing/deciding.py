"""Deciding: a human's word is kept in the journal, and the people shown follow it.

A person is meant by id, name, or the first characters of an id; a figure by its id or first characters of it.
Every function writes its entry only if that contradicts nothing said before: else it raises `DecisionConflict`, which
tells the earlier decision, and nothing has changed. For what is not known, or not to be said, it raises `UnknownName`.

With `follow` the people are grouped anew before a function returns, which takes a minute in a large library; if it is
cut short, the decision holds nevertheless. Without, what is plain is shown at once, and whoever calls has
`up_to_date` called later.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from mien.catalog.journal import Entry
from mien.catalog.library import Library
from mien.errors import DecisionConflict, LibraryError, UnknownName
from mien.indexing import anticipating, heritage
from mien.indexing.looking import Look
from mien.indexing.meaning import find_person
from mien.indexing.regroup import follows_decisions, keep_following, regroup
from mien.people import history as looking_back
from mien.people import saying
from mien.people.anchors import Box
from mien.people.decisions import DecidedPerson
from mien.people.history import Contradicted, Said
from mien.people.naming import tidy
from mien.people.retelling import Told
from mien.people.statements import GARMENTS, Statement, read
from mien.people.statements import Entry as Against

HEIGHTS = (20, 280)
"""cm: nobody was ever smaller or taller."""


@dataclass(frozen=True)
class Decided:
    """A decision that was written.

    Attributes:
        entry: its entry in the journal.
        person_ids: the people it was about, as they are shown now.
        of: what an undo took back, or a redo brought back.
    """

    entry: Entry
    person_ids: tuple[str, ...]
    of: Entry | None = None


def up_to_date(library: Library) -> None:
    """Before people are shown: have them follow all decisions, if a process was killed between the two.

    Figures that an index run is just adding are left to its own grouping.
    """
    if not follows_decisions(library):
        regroup(library)


def name(library: Library, person: str, said: str, *, follow: bool = True) -> Decided:
    """This person, or figure that was held to be nobody, is called `said`; who has that name already is them too."""
    return _decide(library, lambda look: saying.say_name(look.decisions, look.somebody(person), said), follow)


def same(library: Library, figure: str, other: str, *, follow: bool = True) -> Decided:
    """Two figures are one person."""

    def say(look: Look) -> Statement:
        said = saying.say_same(look.decisions, *look.pair(figure, other))
        if isinstance(said, Statement):
            return said
        raise DecisionConflict("two-people", names=", ".join(person.name or "" for person in said))

    return _decide(library, say, follow)


def different(library: Library, figure: str, other: str, *, follow: bool = True) -> Decided:
    """Two figures are different people."""
    return _decide(library, lambda look: Statement("different", look.anchors(figure, other)), follow)


def unsure(library: Library, figure: str, other: str, *, follow: bool = True) -> Decided:
    """Whether two figures are one person was asked, and nobody knows."""
    return _decide(library, lambda look: Statement("unsure", look.anchors(figure, other)), follow)


def confirm(library: Library, figures: Sequence[str], person: str, *, follow: bool = True) -> Decided:
    """These figures are this person."""
    return _decide(
        library, lambda look: saying.say_confirmed(look.decisions, look.figures(figures), look.somebody(person)), follow
    )


def reject(library: Library, figure: str, *, follow: bool = True) -> Decided:
    """This figure is not the person it is shown as; that is never forgotten."""
    return _decide(library, lambda look: saying.say_rejected(look.decisions, *look.shown(figure)), follow)


def merge(library: Library, person: str, other: str, *, follow: bool = True) -> Decided:
    """Two people are one: the first, unless only the other has a name."""
    return _decide(
        library, lambda look: saying.say_merged(look.decisions, look.somebody(person), look.somebody(other)), follow
    )


def split(library: Library, person: str, figures: Sequence[str], *, follow: bool = True) -> Decided:
    """These figures are one person, but not this one."""
    return _decide(
        library, lambda look: saying.say_split(look.decisions, look.figures(figures), look.somebody(person)), follow
    )


def hide(library: Library, person: str, hidden: bool = True, *, follow: bool = True) -> Decided:
    """Whether a person is kept from lists."""
    return _decide(library, lambda look: saying.say_of("hide", look.decisions, look.somebody(person), hidden), follow)


def contact(library: Library, person: str, is_contact: bool = True, *, follow: bool = True) -> Decided:
    """Whether a person may be seen in what is shared."""
    return _decide(
        library, lambda look: saying.say_of("contact", look.decisions, look.somebody(person), is_contact), follow
    )


def born(library: Library, person: str, day: date | None, *, follow: bool = True) -> Decided:
    """When a person was born; None: not known after all. Raises `UnknownName` also for a day to come, and for one
    after they were measured."""
    if day is not None and day > date.today():  # noqa: DTZ011 - the user's calendar is this computer's
        raise UnknownName("not-born-yet", day=day.isoformat())
    return _decide(library, lambda look: saying.say_of("born", look.decisions, look.somebody(person), born=day), follow)


def height(library: Library, person: str, day: date, cm: float | None, *, follow: bool = True) -> Decided:
    """How tall a person was on a day; None: nobody measured them then after all.

    Raises `UnknownName` also for a height that nobody has, for a day to come, and for one before their birth.
    """
    least, most = HEIGHTS
    if cm is not None and not least <= cm <= most:
        raise UnknownName("no-height", height=f"{cm:g}", least=least, most=most)
    if day > date.today():  # noqa: DTZ011
        raise UnknownName("height-to-come", day=day.isoformat())
    return _decide(library, lambda look: saying.say_height(look.decisions, look.somebody(person), day, cm), follow)


def not_a_person(library: Library, figure: str, nobody: bool = True, *, follow: bool = True) -> Decided:
    """Nobody stands there: a statue, a poster, a shadow."""
    return _decide(library, lambda look: Statement("not-a-person", (look.figure(figure).anchor,), value=nobody), follow)


def draw(library: Library, photo_id: str, box: Box, person: str | None = None, *, follow: bool = True) -> Decided:
    """Somebody stands in `box` (x0, y0, x1, y1; 0–1 of the upright photo), whom no engine saw."""
    return _decide(library, lambda look: look.drawing(photo_id, box, person), follow)


def of_garments(library: Library, say: Callable[[], Statement]) -> Decided:
    """What `say` makes of the garments as they are shown (see `dressing`); the people stay who they are."""
    return _decide(library, lambda _: say(), follow=False)


def undo(
    library: Library, count: int = 1, *, expected: str | None = None, only: str | None = None, follow: bool = True
) -> tuple[Decided, ...]:
    """Take back the last decisions that still hold, at most `count`, the last one first.

    Args:
        expected: the id of the last one; if that is another by now, nothing is taken back.
        only: the id (or its first characters) of the one to take back instead, whatever was decided since. Raises
            `DecisionConflict` if something that was decided since would contradict what then holds.
    """

    def find(entries: Sequence[Entry], written: int) -> Entry:
        if only is None:
            return _entry(entries, looking_back.last_decision(entries, None if written else expected).id)
        gone = _entry(entries, looking_back.decision_of(entries, only).id)
        others = [entry for entry in entries if entry not in looking_back.together(entries, gone)]
        before, after = (heritage.told(library, some).ledger.without_effect for some in (entries, others))
        if lost := [entry for entry in after if entry not in before]:
            raise Contradicted.by(*told(library, [lost[0]]))
        return gone

    return _take_back(library, find, count if only is None else 1, follow)


def redo(library: Library, count: int = 1, *, follow: bool = True) -> tuple[Decided, ...]:
    """Bring back what was undone last, at most `count` decisions, unless something new was decided since."""
    return _take_back(library, lambda entries, _: _entry(entries, looking_back.last_undo(entries).id), count, follow)


def history(library: Library, limit: int | None = None) -> list[Said]:
    """All decisions, newest first, at most `limit`."""
    return looking_back.tell(library.journal.entries(), heritage.decided(library), limit)


def told(library: Library, decisions: Sequence[str]) -> list[Said]:
    """These decisions (ids), each in the order given, in words."""
    said = looking_back.tell(library.journal.entries(), heritage.decided(library), only=frozenset(decisions))
    known = {one.decision: one for one in said}
    return [known[decision] for decision in decisions]


def last(library: Library, decision: str) -> Said | None:
    """The decision with this id, in words, if it is the last that still holds."""
    with contextlib.suppress(UnknownName):
        if looking_back.last_decision(library.journal.entries()).id == decision:
            return told(library, [decision])[0]
    return None


def meant(library: Library, person: str) -> str:
    """The id of the person who is meant. Raises `UnknownName`."""
    with library.catalog.read() as connection:
        return find_person(connection, person, heritage.told(library).ledger.who)


def namesake(library: Library, person_id: str, said: str) -> DecidedPerson | None:
    """The other person whom naming this one `said` would make them. Raises `UnknownName` for what is no name."""
    others = heritage.decided(library).named(tidy(said))
    return next((other for other in others if other.person_id != person_id), None)


def _decide(library: Library, say: Callable[[Look], Statement], follow: bool) -> Decided:
    """Write what `say` makes of the people as they are shown."""
    if follow:
        up_to_date(library)
    while True:
        head, known = library.journal.head, heritage.told(library)
        with library.catalog.read() as connection:  # one state throughout, whatever an index run is doing
            look = Look(connection, known)
            statement = say(look)
        if (against := known.ledger.against(statement)) is not None:
            raise _conflict(library, against)
        entry = library.journal.append_to(head, statement.kind, statement.body())
        if entry is not None:  # else somebody else decided something meanwhile
            break
    known = heritage.told(library)
    if statement.kind in GARMENTS:
        keep_following(library, head, entry.id)
    elif follow:
        _follow(library)
    else:
        with contextlib.suppress(LibraryError):  # it holds, however it is shown
            anticipating.show(library, statement, entry, known.ledger, look.groups)
    return Decided(entry, _people(library, statement, known))


def _take_back(
    library: Library, find: Callable[[Sequence[Entry], int], Entry], count: int, follow: bool
) -> tuple[Decided, ...]:
    """Undo, one after the other, what `find` finds; a redo is the undo of an undo."""
    written: list[tuple[Entry, Entry]] = []
    about: list[Entry] = []
    while len(written) < count:
        head, entries = library.journal.head, library.journal.entries()
        try:
            gone = find(entries, len(written))
        except UnknownName:
            if written:
                break
            raise
        step = looking_back.together(entries, gone)
        mark = {"step": gone.id + head} if len(step) > 1 else {}
        added = library.journal.append_all(head, [("undo", {"of": one.id, **mark}) for one in step])
        if added is not None:
            decisions = [_decision(entries, one.id) for one in step]
            written.append((added[-1], _decision(entries, gone.id)))
            about += decisions
            if {one.kind for one in decisions} <= GARMENTS:
                keep_following(library, head, added[-1].id)
    known = heritage.told(library)
    statements = {one.id: statement for one in about if (statement := _statement(one)) is not None}
    is_about_people = not {one.kind for one in about} <= GARMENTS
    if is_about_people and follow:
        _follow(library)
    elif is_about_people:
        with contextlib.suppress(LibraryError):
            anticipating.show_again(library, statements.values(), written[-1][0], known)
    return tuple(
        Decided(entry, _people(library, statements[of.id], known) if of.id in statements else (), of)
        for entry, of in written
    )


def _follow(library: Library) -> None:
    """Have the people follow a decision that was just written. Raises `LibraryError` that says that it holds."""
    try:
        regroup(library)
    except LibraryError as error:
        raise LibraryError("decision-kept", reason=error.message()) from error


def _people(library: Library, statement: Statement, known: Told) -> tuple[str, ...]:
    """Whom a statement is about, as they are shown now: its person, else whoever its figures are shown as."""
    about = [known.ledger.who(i) for i in (statement.person_id, statement.source) if i is not None]
    with library.catalog.read() as connection:
        shown = Look(connection, known).people_at(statement)
    return tuple(dict.fromkeys((*(i for i in about if known.ledger.places_of(i)), *shown)))


def _conflict(library: Library, against: Against) -> DecisionConflict:
    """Says which earlier decision stands against what was just said."""
    return Contradicted.by(*told(library, [against.id]))


def _statement(entry: Entry) -> Statement | None:
    try:
        return read(entry)
    except ValueError:
        return None


def _decision(entries: Sequence[Entry], entry_id: str) -> Entry:
    """An entry; of an undo or a redo what it is about in the end, as far as that is here: an import leaves out what
    contradicts, but not that it was taken back and brought back."""
    known = {entry.id: entry for entry in entries}
    entry = known[entry_id]
    while entry.kind == "undo" and (of := known.get(str(entry.body.get("of")))) is not None:
        entry = of
    return entry


def _entry(entries: Sequence[Entry], entry_id: str) -> Entry:
    return next(entry for entry in entries if entry.id == entry_id)
