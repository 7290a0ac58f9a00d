"""Words → figures: each condition goes to the one of whom it is said.

In English what is said of somebody stands behind the word for them ("a man in a hat"), in Chinese before it, with 的
between (戴帽子的男人), or behind it without (男人戴帽子). Conditions are therefore kept open until it shows whose they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from mien.search import wearing
from mien.search.lexicon import worn
from mien.search.phrases import ARTICLES, Phrase, phrase
from mien.search.query import Condition, Looks, Named, Span, Wears
from mien.search.relating import Relating
from mien.search.words import Word

Crowd = tuple[int | None, int | None]


@dataclass
class Figure:
    """Somebody who is asked for, as far as the question has been read.

    Attributes:
        noun: the conditions which the word for them says.
        said: whether there was a word for them.
        count: how many: least, most and whether an exact number was given without a bound.
        is_none: nobody like this is in the photo.
    """

    conditions: list[Condition] = field(default_factory=list)
    noun: list[Condition] = field(default_factory=list)
    said: bool = False
    generic: bool = False
    counted: bool = False
    least: int = 1
    most: int | None = None
    exactly: int | None = None
    is_none: bool = False
    spans: list[Span] = field(default_factory=list)


class Grammar:
    """Reads the words of one question from the first to the last."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.figures: list[Figure] = []
        self.relating = Relating()
        self.missed: list[Word] = []
        self.crowd: Crowd | None = None
        self.crowd_spans: list[Span] = []
        self.nobody_else = False
        self.current: int | None = None
        self.open: list[Condition] = []
        self.open_is_fresh = False  # they began behind a relation: they are of somebody new
        self.open_is_clause = False  # with a verb of wearing
        self.fresh = False
        self.joint: Word | None = None  # "and", "or", "with" or a comma since the last phrase
        self.of: bool = False  # 的 directly before
        self.verb: bool = False
        self.negation: Word | None = None
        self.negation_used = False
        self.leading: list[Span] = []  # words that belong to the next condition
        self.spread: list[int] = []  # "both", 都: to all of these
        self.chain: list[int] = []
        self.counting: Phrase | None = None  # 一个 … before a clause
        self.bare_hair: Word | None = None
        self.only: Word | None = None

    def read(self) -> None:
        """Reads all."""
        at = 0
        while at < len(self.words):
            at = self._step(at)
        self._flush(is_noun=self.of)
        self._end_negation()
        self.relating.close(self)

    # ---- word by word ----

    def _step(self, at: int) -> int:
        word = self.words[at]
        if word.kind == "filler" and word.text not in ARTICLES:
            self._filler(word)
            return at + 1
        said = phrase(self.words, at)
        if said is not None and not (said.bound is not None and said.head is None and not said.counts):
            self._phrase(said)
            return said.end
        match word.kind:
            case "wear" | "in":
                self._verb(word)
            case "with" | "and" | "or" | "comma" | "but":
                self._joint(word)
            case "of":
                self._of(word, at)
            case "not":
                self._not(word)
            case "relation" | "between" | "at":
                return self._relation(word, at)
            case "lacking" | "having":
                things = worn()[word["is"]].things
                self._add([Wears(things, is_so=word.kind == "having", spans=(word.span,))])
            case "each":
                pairs = [i for i, figure in enumerate(self.figures) if not figure.is_none]
                self.spread = pairs[-2:] if word.text == "both" else self.chain or pairs[-1:]
            case "bound":
                self.only = word if word["is"] == "exactly" else None
                if self.only is None:
                    self.missed.append(word)
            case "alone" | "crowd" | "nobody_else" | "nobody":
                self._company(word)
            case "kin" | "unknown" | "beyond":
                self._unanswered(word)
            case "are" | "together" | "filler" | "each" | "pronoun" | "whole" | "from" | "to":
                pass
            case _:
                if not (word.kind == "measure" or word["after"]):
                    self.missed.append(word)
        return at + 1

    def _filler(self, word: Word) -> None:
        if self.of and self.open:  # 穿红裙子的照片: the photo's, not somebody's
            self._flush()
        self.of = False

    def _verb(self, word: Word) -> None:
        if self.negation is not None and self.negation_used:
            self.negation = None
        self._elliptic_count()
        self.leading.append(word.span)
        self.verb = True
        self.of = False

    def _joint(self, word: Word) -> None:
        if word.kind == "but" or (word.kind == "comma" and word.text != "、" and not self._list_goes_on(word)):
            self._end_negation()
        elif word.kind == "with" and not word.is_chinese and self.negation is not None and self.negation_used:
            self._end_negation()
        if self.open and (self.of or (self.current is not None and not self.open_is_fresh)):
            self._flush(is_noun=self.of)
        if word.kind == "with" and not word.is_chinese:
            self.leading.append(word.span)
            self.verb = True
        if self.joint is None or word.kind != "comma":
            self.joint = word
        self.of = False

    def _list_goes_on(self, comma: Word) -> bool:
        """Whether "or" follows later in a list of things: without a hat, gloves or a scarf."""
        for word in self.words[self.words.index(comma) + 1 :]:
            if word.kind == "or" or word.text == "nor":
                return True
            if word.kind in ("in", "wear", "with", "person", "name", "not", "but", "and"):
                return False
        return False

    def _of(self, word: Word, at: int) -> None:
        if word.is_chinese:
            self._end_negation()
            self.of = True
            ahead = self.words[at + 1].kind if at + 1 < len(self.words) else ""
            if self.open and ahead in ("", "comma", "and", "with", "or", "relation"):
                self._flush(is_noun=True)
                self.of = False

    def _not(self, word: Word) -> None:
        self._end_negation()
        self._elliptic_count()
        self.negation, self.negation_used = word, False
        self.leading.append(word.span)

    def _end_negation(self) -> None:
        """A negation ends; one of nothing is of what was said of somebody before: one with a hat and one without."""
        if self.negation is not None and not self.negation_used:
            before = [c for f in self.figures for c in (*f.noun, *f.conditions) if isinstance(c, Wears) and c.is_so]
            if before and self.current is not None and not self.open:
                negated = Wears(before[-1].things, is_so=False, spans=(self.negation.span,))
                self.figures[self.current].conditions.append(negated)
            else:
                self.missed.append(self.negation)
            self.leading.clear()
        self.negation = None

    def _company(self, word: Word) -> None:
        self._flush()
        match word.kind:
            case "alone":
                self.crowd = (1, 1)
                self.crowd_spans.append(word.span)
            case "crowd":
                self.crowd = (2, None)
                self.crowd_spans.append(word.span)
            case "nobody_else":
                self.nobody_else = True
                self.crowd_spans.append(word.span)
            case _:
                self._append(Figure(said=True, generic=True, is_none=True, spans=[word.span]))
        self.joint = None

    def _unanswered(self, word: Word) -> None:
        self.missed.append(word)
        if word.kind == "kin":
            self._flush()
            if self.negation is not None:
                self.negation_used = True
            elif word.is_chinese and not word["group"]:
                if not self.relating.completes(self) and self._last_is_implicit():
                    return
                self._append(Figure(said=True, generic=True, spans=[word.span]))
            elif not word["group"]:
                self.fresh = True
            return
        if self.of and self.open:
            self._flush()
        if self.negation is not None and word["thing"]:
            self.negation_used = True
        if word["thing"] or word.kind == "unknown":
            self.leading.clear()
        self.of = False

    # ---- phrases ----

    def _phrase(self, said: Phrase) -> None:
        self.missed += said.missed
        if said.head is not None and said.head.kind in ("person", "name"):
            self._person(said)
        elif said.head is not None and said.head.kind == "kin":
            self._unanswered(said.head)
        elif said.head is not None and said.head.kind in ("beyond", "unknown"):
            if self.negation is not None:
                self.negation_used = True
            self.leading.clear()
        elif said.head is not None and said.head.kind == "hair":
            self._hair(said)
        elif said.head is not None:
            self._worn(said)
        elif said.describes:
            self._described(said)
        else:
            self._counted(said)
        if said.head is None or said.head.kind != "hair":
            self.bare_hair = None
        self.joint = None

    def _spans(self, said: Phrase) -> tuple[Span, ...]:
        span = said.span(self.words)
        spans = (*dict.fromkeys(self.leading), span)
        self.leading.clear()
        return spans

    def _is_so(self) -> bool:
        """Whether what comes now is so; a negation goes on over "or", "and" and 、"""
        if self.negation is None:
            return True
        if self.negation_used:
            goes_on = self.joint is not None and self.joint.kind in ("or", "and", "with", "comma")
            if not goes_on:
                self.negation = None
                return True
            if self.negation.span not in self.leading:
                self.leading.insert(0, self.negation.span)
        self.negation_used = True
        return False

    def _worn(self, said: Phrase) -> None:
        before = self._last_worn() if self.joint is not None and self.joint.kind == "or" else None
        is_so = self._is_so()
        condition = wearing.wears(said, self._spans(said), self.missed, is_so=is_so)
        if (
            before is not None
            and is_so
            and before.is_so
            and replace(before, things=frozenset())
            == replace(condition, things=frozenset(), colours=condition.colours or before.colours)
        ):  # jeans or shorts
            self._replace_last(
                replace(before, things=before.things | condition.things, spans=before.spans + condition.spans)
            )
            return
        self._add([condition], singular=said.singular)

    def _hair(self, said: Phrase) -> None:
        is_so = self._is_so()
        conditions = wearing.hair(said, self._spans(said), self.missed, is_so=is_so)
        self.bare_hair = None if conditions else said.head
        if said.head is not None and not conditions:
            self.missed.append(said.head)
        self._add(conditions)

    def _described(self, said: Phrase) -> None:
        """Colours, patterns or looks without what they are of: of the garment before, or of clothes in general."""
        is_so = self._is_so()
        bare = [w for w in said.looks if w["aspect"] == "bare" or w.kind == "style"]
        if len(bare) < len(said.looks) or self.bare_hair is not None:
            if self.bare_hair is not None:
                self.missed = [w for w in self.missed if w is not self.bare_hair]
            span = () if self.bare_hair is None else (self.bare_hair.span,)
            self._add(wearing.hair(said, span + self._spans(said), self.missed, is_so=is_so))
            return
        spans = self._spans(said)
        self._add(wearing.looks(bare, spans, is_so=is_so))
        if not (said.colours or said.pattern or said.sleeves):
            last = self._last_worn()
            if said.length is not None and last is not None and last.hem is None and is_so and self.joint is None:
                self._replace_last(replace(last, hem=said.length["is"], spans=last.spans + spans))
            else:
                self.missed += [*said.shades, *([said.length] if said.length else [])]
            return
        condition = wearing.wears(said, spans, self.missed, is_so=is_so)
        last = self._last_worn()
        if (
            last is None
            or (self.joint is not None and self.joint.kind != "comma")
            or (self.joint is not None and is_so)
        ):
            self._add([condition])
        elif not is_so:
            self._add([replace(condition, things=last.things)])
        elif (condition.colours and last.colours) or (condition.pattern and last.pattern) or not last.is_so:
            self._add([condition])
        else:
            self._replace_last(
                replace(
                    last,
                    colours=condition.colours or last.colours,
                    pattern=condition.pattern or last.pattern,
                    sleeves=condition.sleeves or last.sleeves,
                    hem=condition.hem or last.hem,
                    spans=last.spans + condition.spans,
                )
            )

    def _counted(self, said: Phrase) -> None:
        """A number of nobody in particular: "two in red", "another in blue", 一个戴草帽的."""
        if said.another or (said.count is not None and (said.several or said.measured or self._is_elliptic(said))):
            if said.measured and not said.another:
                self._flush()
                self.counting = said
                return
            self._flush()
            like = next((f.noun for f in reversed(self.figures) if f.noun and not f.is_none), [])
            span = said.span(self.words)
            copied = [replace(c, spans=(span,)) for c in like if not isinstance(c, Named)]
            self._append(self._count(Figure(noun=copied, said=True, generic=not copied, spans=[span]), said))
        else:
            self.missed += [w for w in self.words[said.first : said.end] if w.kind in ("number", "bound", "several")]

    def _is_elliptic(self, said: Phrase) -> bool:
        ahead = self.words[said.end].kind if said.end < len(self.words) else ""
        english = not self.words[said.end - 1].is_chinese
        is_one = said.count == 1 and self.words[said.end - 1].text == "one"
        return english and (is_one or ahead in ("in", "wear", "with", "not", "relation", "of", "are"))

    def _elliptic_count(self) -> None:
        """一个戴草帽的 begins somebody new; whether a word for them follows behind 的 shows later."""
        if self.counting is not None:
            self.fresh = True

    def _count(self, figure: Figure, said: Phrase) -> Figure:
        if not said.counts:
            return figure
        number = said.count or 0
        kind = said.bound["is"] if said.bound else said.bound_after["is"] if said.bound_after else None
        least, most = {
            "least": (number, None), "or more": (number, None), "more": (number + 1, None), "most": (0, number),
            "or fewer": (0, number), "fewer": (0, max(number - 1, 0)), "exactly": (number, number),
        }.get(kind or "", (number, said.count_to))  # fmt: skip
        figure.least, figure.most, figure.counted = least, most, number != 1 or kind is not None or said.measured
        figure.exactly = number if kind is None and said.count_to is None and not said.several else None
        return figure

    # ---- people ----

    def _person(self, said: Phrase) -> None:
        head = said.head
        assert head is not None
        span = said.span(self.words)
        if self._is_one_alone(said):
            self.crowd = (1, 1)
            self.crowd_spans += [span, *([self.only.span] if self.only else [])]
            self.only = None
            self.nobody_else = False
            return
        conditions: list[Condition] = []
        if head.kind == "name":
            conditions.append(Named(head.value, spans=(head.span,)))
        for person in said.persons:
            if person is head:
                conditions += wearing.said_of_person(person, person.span)
        described = (
            wearing.hair(said, (span,), self.missed) if said.hair or any(p["hair"] for p in said.persons) else []
        )
        if not described or not said.hair:
            if said.colours or said.pattern or said.sleeves:
                described.append(wearing.wears(said, (span,), self.missed))
            elif said.length and not said.hair:
                self.missed.append(said.length)
            if said.shades and not (said.colours or said.hair):
                self.missed += said.shades
        described += wearing.looks([w for w in said.looks], (span,))
        for person in said.persons:
            if person is not head:
                conditions += [
                    c for c in wearing.said_of_person(person, person.span)
                    if isinstance(c, Looks) and c.aspect != "hair" and all(c.aspect != getattr(o, "aspect", "") for o in conditions)
                ]  # fmt: skip
        if self.negation is not None and self._negated(said, conditions, span):
            return
        figure = Figure(
            noun=conditions,
            said=True,
            generic=head.kind == "person" and not conditions,
            conditions=described,
            spans=[span],
        )
        counting = self.counting if not said.counts else None
        self.counting = None
        self._count(figure, counting or said)
        if counting is not None:
            figure.spans.append(counting.span(self.words))
        if said.bound is not None and not said.counts:
            self._only(said.bound)
        self._enter(figure, said)

    def _is_one_alone(self, said: Phrase) -> bool:
        """李娜一个人: Li Na by herself."""
        before = self.words[said.first - 1] if said.first else None
        return (
            said.count == 1 and said.head is not None and said.head.text == "人" and before is not None
            and before.kind == "name" and self.joint is None and said.end - said.first <= 3
        )  # fmt: skip

    def _only(self, word: Word) -> None:
        if word["is"] == "exactly":
            self.nobody_else = True
            self.crowd_spans.append(word.span)
        else:
            self.missed.append(word)

    def _negated(self, said: Phrase, conditions: list[Condition], span: Span) -> bool:
        """Nobody like this, or this is not so of somebody; False where the negation was of something before."""
        negation = self.negation
        assert negation is not None
        if self.negation_used and (self.joint is None or self.open):
            self.negation = None
            return False
        spans = (negation.span, span)
        self.leading.clear()
        if negation["who"] and not self.negation_used:
            self.negation_used = True
            denied: list[Condition] = [replace(c, is_so=False, spans=spans) for c in conditions]
            if self.current is not None and not self.fresh and not negation.is_chinese:
                self.figures[self.current].conditions += denied
            else:
                self._add(denied)
            return True
        self._flush()
        self.negation_used = True
        figure = Figure(noun=conditions, said=True, generic=not conditions, is_none=True, spans=list(spans))
        current = self.current
        self._append(figure)
        if isinstance(next(iter(conditions), None), Named):
            self.current = current
        return True

    def _enter(self, figure: Figure, said: Phrase) -> None:
        """Somebody new, with what was said of them before; or the word for whom was spoken of already."""
        self._end_negation()
        adjacent = self.joint is None and (self.current is None or self.open_is_fresh or self.fresh)
        if self.open and (self.of or adjacent):
            figure.conditions = self.open + figure.conditions
            self.open, self.fresh = [], False
        else:
            self._flush()
        self.of = False
        if self.only is not None:
            self._only(self.only)
            self.only = None
        last = self.figures[-1] if self.figures else None
        joint = self.joint.kind if self.joint else ""
        names = self._names(figure)
        if last is not None and joint == "or" and names and self._names(last) and not last.is_none:
            both = last.noun[0], figure.noun[0]
            assert isinstance(both[0], Named) and isinstance(both[1], Named)
            last.noun = [Named(both[0].names | both[1].names, spans=(*both[0].spans, *both[1].spans))]
            last.conditions += figure.conditions
            return
        if last is not None and joint == "or" and not last.conditions and _same_aspects(last.noun, figure.noun):
            last.noun = [
                replace(a, values=a.values | b.values, spans=a.spans + b.spans)
                for a, b in zip(last.noun, figure.noun, strict=True) if isinstance(a, Looks) and isinstance(b, Looks)
            ]  # fmt: skip
            return
        if self._last_is_implicit() and joint in ("", "comma") and not figure.counted and not self.relating.waits:
            assert last is not None
            last.noun, last.said, last.generic = figure.noun, True, figure.generic
            last.conditions += figure.conditions
            last.spans += figure.spans
            return
        self._append(figure, joined=joint in ("and", "with", "comma"))

    def _last_is_implicit(self) -> bool:
        return (
            bool(self.figures)
            and not self.figures[-1].said
            and self.current == len(self.figures) - 1
            and not self.fresh
        )

    @staticmethod
    def _names(figure: Figure) -> bool:
        return bool(figure.noun) and isinstance(figure.noun[0], Named)

    def _append(self, figure: Figure, *, joined: bool = False) -> None:
        self.figures.append(figure)
        index = len(self.figures) - 1
        if not figure.is_none:
            self.chain = [*self.chain, index] if joined and self.chain else [index]
            self.relating.arrived(self, index)
        self.spread = []
        self.current = index
        self.fresh = False
        self.verb = False

    # ---- conditions ----

    def _add(self, conditions: list[Condition], *, singular: bool = False) -> None:
        if not conditions:
            return
        if not self.open:
            self.open_is_fresh = self.fresh
            self.open_is_clause = self.verb
        names = all(self._names(self.figures[i]) and not self.figures[i].conditions for i in self.chain)
        if not self.spread and len(self.chain) > 1 and names and self.verb and not singular and not self.open_is_fresh:
            self.spread = list(self.chain)  # Anna and Tom wearing hats
        self.open += conditions
        self.verb = False

    def _flush(self, *, is_noun: bool = False) -> None:
        """What is open is said of the one before, or of somebody without a word of their own."""
        if not self.open:
            return
        conditions, self.open = self.open, []
        begins_new = self.open_is_fresh or self.counting is not None or (is_noun and self.joint is not None and False)
        if self.current is None or begins_new:
            figure = Figure(said=self.counting is not None)
            if self.counting is not None:
                self._count(figure, self.counting)
                figure.spans.append(self.counting.span(self.words))
                self.counting = None
            figure.conditions = conditions
            self._append(figure)
            return
        targets = self.spread or [self.current]
        for index in targets:
            self.figures[index].conditions += conditions
        self.spread = []

    def _last_worn(self) -> Wears | None:
        """The garment spoken of last, of the same person."""
        conditions = self.open or ([] if self.current is None else self.figures[self.current].conditions)
        last = conditions[-1] if conditions else None
        return last if isinstance(last, Wears) else None

    def _replace_last(self, condition: Wears) -> None:
        conditions = self.open
        if not conditions:
            assert self.current is not None
            conditions = self.figures[self.current].conditions
        conditions[-1] = condition

    # ---- relations ----

    def _relation(self, word: Word, at: int) -> int:
        self.negation = None
        self.leading.clear()
        self._flush(is_noun=self.of)
        self._elliptic_count()
        end = self.relating.read(self, word, at)
        self.joint, self.of = None, False
        return end


def _same_aspects(one: list[Condition], other: list[Condition]) -> bool:
    """Whether two words for people differ in one guess alone: man or woman."""
    pairs = list(zip(one, other, strict=False))
    return len(one) == len(other) == 1 and all(
        isinstance(a, Looks) and isinstance(b, Looks) and a.aspect == b.aspect for a, b in pairs
    )


Side = Literal["left", "right"]
