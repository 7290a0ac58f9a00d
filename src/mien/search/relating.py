"""How people stand to each other in a question: next to, left of, between; 旁边, 左边, 挨着."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mien.search.query import Relation, Span
from mien.search.words import Word

if TYPE_CHECKING:
    from mien.search.grammar import Grammar

Kind = Literal["beside", "left of", "right of"]


@dataclass
class _Waiting:
    """A relation that waits for whom it is to.

    Attributes:
        one: who stands so; None: comes after the other.
        other: by whom; None: comes next.
        needs: how many others it has: two of "between".
    """

    kind: Kind
    spans: tuple[Span, ...]
    word: Word
    one: int | None = None
    other: int | None = None
    needs: int = 1


class Relating:
    """The relations read so far."""

    def __init__(self) -> None:
        self.relations: list[Relation] = []
        self.waiting: list[_Waiting] = []
        self.sides: list[tuple[str, int, Word]] = []
        self.next_side: tuple[str, Word] | None = None
        self.at: tuple[Word, int, int | None] | None = None  # 在: how many figures there were, and who is there
        self.anchor: int | None = None

    @property
    def waits(self) -> bool:
        return bool(self.waiting)

    def completes(self, grammar: Grammar) -> bool:
        return self.waits

    def relate(self, kind: Kind, one: int, other: int, spans: tuple[Span, ...]) -> None:
        if one == other:
            return
        if kind == "right of":
            kind, one, other = "left of", other, one
        self.relations.append(Relation(kind, one, other, spans))

    def arrived(self, grammar: Grammar, index: int) -> None:
        """Somebody new: what waits for them is complete, or waits for the other one."""
        if self.next_side is not None:
            self.sides.append((self.next_side[0], index, self.next_side[1]))
            self.next_side = None
        for waiting in list(self.waiting):
            if waiting.one is not None:
                self.relate(waiting.kind, waiting.one, index, waiting.spans)
                waiting.needs -= 1
                if waiting.needs == 0:
                    self.waiting.remove(waiting)
            elif waiting.other is not None:
                self.relate(waiting.kind, index, waiting.other, waiting.spans)
                if waiting.needs == 2:
                    self.relate(waiting.kind, index, waiting.other - 1, waiting.spans)
                self.waiting.remove(waiting)
            elif waiting.needs == 2 and not hasattr(waiting, "first"):
                waiting.first = index  # type: ignore[attr-defined]
            else:
                waiting.other = index

    def read(self, grammar: Grammar, word: Word, at: int) -> int:
        """Reads a word of relation; the place behind it."""
        words, current = grammar.words, grammar.current
        if word.kind == "at":
            joined = grammar.joint is not None and grammar.joint.kind in ("and", "with")
            self.at = (word, len(grammar.figures), None if joined else current)
            return at + 1
        kind: Kind = word["is"] or "beside"
        place = word["place"] or ("behind" if word.is_chinese else "infix")
        spans = (word.span,)
        people = [i for i, figure in enumerate(grammar.figures) if not figure.is_none]
        if place == "mutual":
            if len(people) > 1:
                self.relate(kind, people[-2], people[-1], spans)
            else:
                grammar.missed.append(word)
            return at + 1
        if place == "infix":
            return self._infix(grammar, word, at, kind, people)
        needs = 2 if word.kind == "between" else 1
        possessive = not word.is_chinese and at > 0 and words[at - 1].text == "s"
        if self.at is not None and len(grammar.figures) > self.at[1] and current is not None:
            where, _, one = self.at
            self.at = None
            spans = (where.span, word.span)
            if one is not None:
                self.relate(kind, one, current, spans)
                if needs == 2:
                    self.relate(kind, one, current - 1, spans)
                grammar.current = one
                self.anchor = None
            else:
                self._wait(grammar, _Waiting(kind, spans, word, other=current, needs=needs))
        elif self.at is not None and current is not None:
            self.sides.append((kind, current, word))
            self.at = None
        elif not word.is_chinese and not possessive:
            if current is None:
                self.next_side = (kind, word)
            else:
                self.sides.append((kind, current, word))
        elif (
            possessive
            and current is not None
            and len(people) > 1
            and words[at - 3 : at - 2]
            and (words[at - 3].kind in ("to", "in"))
        ):
            self.relate(kind, people[-2], current, spans)
            grammar.current = people[-2]
        elif current is None:
            self.next_side = (kind, word)
        else:
            again = self.anchor is not None and grammar.joint is not None and grammar.joint.kind == "comma"
            other = self.anchor if again else current
            self.anchor = other
            self._wait(grammar, _Waiting(kind, spans, word, other=other, needs=needs))
        return at + 1

    def _wait(self, grammar: Grammar, waiting: _Waiting) -> None:
        self.waiting.append(waiting)
        grammar.fresh = True

    def _infix(self, grammar: Grammar, word: Word, at: int, kind: Kind, people: list[int]) -> int:
        words, current = grammar.words, grammar.current
        spans = (word.span,)
        needs = 2 if word.kind == "between" else 1
        ahead = words[at + 1] if at + 1 < len(words) else None
        if ahead is not None and ahead.kind == "pronoun" and current is not None:
            described = at + 2 < len(words) and words[at + 2].kind in ("worn", "kin", "colour")
            if not described:
                if len(people) > 1:
                    self.relate(kind, current, people[people.index(current) - 1], (word.span, ahead.span))
                else:
                    self._wait(grammar, _Waiting(kind, (word.span, ahead.span), word, other=current))
                return at + 2
        self._wait(grammar, _Waiting(kind, spans, word, one=current, needs=needs))
        return at + 1

    def close(self, grammar: Grammar) -> None:
        """At the end: who was said to be somewhere by themselves, and relations to nobody."""
        people = [i for i, figure in enumerate(grammar.figures) if not figure.is_none]
        sides = {side: (index, word) for side, index, word in self.sides}
        if len(sides) == 1 and len(people) == 2:
            ((side, (index, word)),) = sides.items()
            other = next(i for i in people if i != index)
            self.relate(side, index, other, (word.span,))  # type: ignore[arg-type]
        elif "left of" in sides and "right of" in sides and sides["left of"][0] != sides["right of"][0]:
            (left, one), (right, two) = sides["left of"], sides["right of"]
            self.relate("left of", left, right, (one.span, two.span))
        else:
            grammar.missed += [word for _, _, word in self.sides]
        if self.next_side is not None:
            grammar.missed.append(self.next_side[1])
        for waiting in self.waiting:
            if waiting.one is None and waiting.other is not None:
                grammar._append(_anybody())
                return
            grammar.missed.append(waiting.word)
        self.waiting.clear()


def _anybody() -> object:
    from mien.search.grammar import Figure

    return Figure(said=True, generic=True)
