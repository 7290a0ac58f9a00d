"""How people stand to each other in a question: next to, left of, between; 旁边, 左边, 挨着."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from mien.search.figures import Figure
from mien.search.query import Relation, Span
from mien.search.words import Word

if TYPE_CHECKING:
    from mien.search.reading import Reading

Kind = Literal["beside", "left of", "right of"]
_OUTERMOST: dict[str, Literal["leftmost", "rightmost"]] = {"left of": "leftmost", "right of": "rightmost"}


@dataclass
class _Waiting:
    """A relation that waits for whom it is to.

    Attributes:
        one: who stands so; None: comes after the other.
        other: by whom; None: comes next.
        needs: how many others it has: two of "between"; `has_first` when one of them is known.
    """

    kind: Kind
    spans: tuple[Span, ...]
    word: Word
    one: int | None = None
    other: int | None = None
    needs: int = 1
    has_first: bool = False


class Relating:
    """The relations read so far."""

    def __init__(self) -> None:
        self.relations: list[Relation] = []
        self.waiting: list[_Waiting] = []
        self.sides: list[tuple[str, int, Word]] = []
        self.next_abreast: Word | None = None
        self.row: tuple[Kind, Word] | None = None  # all are named in this order
        self.next_side: tuple[str, Word] | None = None
        self.at: tuple[Word, int, int | None] | None = None  # 在: how many figures there were, and who is there
        self.anchor: int | None = None

    @property
    def waits(self) -> bool:
        return bool(self.waiting)

    def relate(self, kind: Kind, one: int, other: int, spans: tuple[Span, ...]) -> None:
        if one == other:
            return
        if kind == "right of":
            kind, one, other = "left of", other, one
        relation = Relation(kind, one, other, spans)
        if relation not in self.relations:
            self.relations.append(relation)

    def arrived(self, reading: Reading, index: int) -> None:
        """Somebody new: what waits for them is complete, or waits for the other one."""
        if self.next_side is not None:
            self.sides.append((self.next_side[0], index, self.next_side[1]))
            self.next_side = None
        if self.next_abreast is not None:
            span = self.next_abreast.span
            if index and not reading.figures[index - 1].is_none and index - 1 in reading.chain:
                self.relate("beside", index - 1, index, (span,))
                self.next_abreast = None
            elif reading.figures[index].least > 1:
                self.relations.append(Relation("beside", index, index, (span,)))
                self.next_abreast = None
        for waiting in list(self.waiting):
            many = waiting.needs > 1 and reading.figures[index].least >= waiting.needs
            if waiting.one is not None and many:  # between two adults: each of them is beside
                self.relate(waiting.kind, index, waiting.one, waiting.spans)
                self.waiting.remove(waiting)
            elif waiting.one is not None:
                self.relate(waiting.kind, waiting.one, index, waiting.spans)
                waiting.needs -= 1
                if waiting.needs == 0:
                    self.waiting.remove(waiting)
            elif waiting.other is not None and waiting.needs > 1 and reading.figures[waiting.other].least > 1:
                self.relate(waiting.kind, waiting.other, index, waiting.spans)
                self.waiting.remove(waiting)
            elif waiting.other is not None:
                for other in range(waiting.other, max(waiting.other - waiting.needs, -1), -1):
                    self.relate(waiting.kind, index, other, waiting.spans)
                self.waiting.remove(waiting)
            elif waiting.needs == 2 and not waiting.has_first:
                waiting.has_first = True
            else:
                waiting.other = index

    def read(self, reading: Reading, word: Word, at: int) -> int:
        """Reads a word of relation; the place behind it."""
        if word.kind == "at":
            joined = reading.joint is not None and reading.joint.kind in ("and", "with")
            self.at = (word, len(reading.figures), None if joined else reading.current)
            return at + 1
        kind: Kind = word["is"] or "beside"
        place = word["place"] or ("behind" if word.is_chinese else "infix")
        people = [i for i, figure in enumerate(reading.figures) if not figure.is_none]
        if place == "row":
            self.row = (kind, word)
            return at + 1
        if place == "self":
            ahead = [w.kind for w in reading.words[at + 1 : at + 3]]
            is_of = ahead[:1] == ["of"] and ahead[1:] in (["person"], ["name"], ["kin"])
            if reading.current is None or reading.fresh or is_of:
                self.next_side = (kind, word)
            else:
                self.sides.append((kind, reading.current, word))
            self.at = None
            return at + 1
        if place == "infix":
            return self._infix(reading, word, at, kind, people)
        if place == "behind":
            self._behind(reading, word, at, kind, people)
        elif people and reading.abreast(people[-1]):
            self.relations.append(Relation("beside", people[-1], people[-1], (word.span,)))
        elif len(people) > 1:
            self.relate(kind, people[-2], people[-1], (word.span,))
        elif word.is_chinese:
            self.next_abreast = word  # 手牵手的两个女孩
        else:
            reading.missed.append(word)
        return at + 1

    def _behind(self, reading: Reading, word: Word, at: int, kind: Kind, people: list[int]) -> None:
        """李娜旁边, 在李娜左边, on the left, to Anna's left."""
        words, current, span = reading.words, reading.current, word.span
        needs = 2 if word.kind == "between" else 1
        possessive = not word.is_chinese and at > 0 and words[at - 1].text == "s"
        if current is None:
            self.next_side = (kind, word)
        elif self.at is not None and len(reading.figures) > self.at[1]:
            where, _, one = self.at
            if one is None:
                self._wait(reading, _Waiting(kind, (where.span, span), word, other=current, needs=needs))
            else:
                for other in range(current, max(current - needs, -1), -1):
                    self.relate(kind, one, other, (where.span, span))
                reading.current, self.anchor = one, None
            self.at = None
        elif self.at is not None or (not word.is_chinese and not possessive):
            self.sides.append((kind, current, word))
            self.at = None
        elif possessive and len(people) > 1 and at > 2 and words[at - 3].kind in ("to", "in"):
            self.relate(kind, people[-2], current, (span,))
            reading.current = people[-2]
        else:
            again = self.anchor is not None and reading.joint is not None and reading.joint.kind == "comma"
            self.anchor = self.anchor if again else current
            self._wait(reading, _Waiting(kind, (span,), word, other=self.anchor, needs=needs))

    def _wait(self, reading: Reading, waiting: _Waiting) -> None:
        self.waiting.append(waiting)
        reading.fresh = True

    def _infix(self, reading: Reading, word: Word, at: int, kind: Kind, people: list[int]) -> int:
        words, current = reading.words, reading.current
        spans = (word.span,)
        needs = 2 if word.kind == "between" else 1
        ahead = words[at + 1] if at + 1 < len(words) else None
        if ahead is not None and ahead.kind == "pronoun" and current is not None:
            described = at + 2 < len(words) and words[at + 2].kind in ("worn", "kin", "colour")
            if not described:
                before = [i for i in people if i < current]
                if before:
                    self.relate(kind, current, before[-1], (word.span, ahead.span))
                else:
                    self._wait(reading, _Waiting(kind, (word.span, ahead.span), word, other=current))
                return at + 2
        self._wait(reading, _Waiting(kind, spans, word, one=current, needs=needs))
        return at + 1

    def close(self, reading: Reading) -> None:
        """At the end: who was said to be somewhere by themselves, and relations to nobody."""
        people = [i for i, figure in enumerate(reading.figures) if not figure.is_none]
        if self.row is not None:
            order, row = self.row
            standing = [i for i in people if not (reading.figures[i].generic and reading.figures[i].counted)]
            for first, second in pairwise(standing):  # four people, from left to right: Anna, …
                self.relate(order, first, second, (row.span,))
            reading.missed += [row] if len(standing) < 2 else []
        sides = {side: (index, word) for side, index, word in self.sides}
        if len(sides) == 1 and len(people) == 2:
            ((side, (index, word)),) = sides.items()
            other = next(i for i in people if i != index)
            self.relate(side, index, other, (word.span,))  # type: ignore[arg-type]
        elif "left of" in sides and "right of" in sides and sides["left of"][0] != sides["right of"][0]:
            (left, one), (right, two) = sides["left of"], sides["right of"]
            self.relate("left of", left, right, (one.span, two.span))
        else:
            for side, index, word in self.sides:
                if side in _OUTERMOST and reading.figures[index].least == 1:
                    self.relations.append(Relation(_OUTERMOST[side], index, index, (word.span,)))
                else:
                    reading.missed.append(word)
        if self.next_side is not None:
            reading.missed.append(self.next_side[1])
        if self.next_abreast is not None and people and reading.abreast(people[-1]):
            self.relations.append(Relation("beside", people[-1], people[-1], (self.next_abreast.span,)))
        elif self.next_abreast is not None:
            reading.missed.append(self.next_abreast)
        for waiting in self.waiting:
            if waiting.one is None and waiting.other is not None:
                reading.append(Figure(said=True, generic=True))
                return
            reading.missed.append(waiting.word)
        self.waiting.clear()
